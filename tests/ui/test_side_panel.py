"""The tabs at the right: which one is in front."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.gestures import LEFT, choose_tab
from ui.main_window import MainWindow


def test_the_first_micro_step_brings_maths_to_the_front_unless_a_tab_was_chosen(window: MainWindow) -> None:
    window.files.open_example("xor")
    side = window.side
    QTest.keyClick(window.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert side.currentWidget() is side.inspector
    QTest.keyClick(window.canvas, Qt.Key.Key_F6)
    assert side.currentWidget() is side.maths
    choose_tab(window, side.outline)
    QTest.keyClick(window.canvas, Qt.Key.Key_F6)
    assert side.currentWidget() is side.outline


def test_a_tab_that_was_chosen_stays(window: MainWindow) -> None:
    window.files.open_example("xor")
    window.actions_["experiment"].trigger()
    QTest.keyClick(window.canvas, Qt.Key.Key_F6)
    assert window.side.currentWidget() is window.side.inspector


@pytest.mark.parametrize("by_key", [False, True])
def test_keys_go_on_stepping_after_a_question_was_asked(window: MainWindow, qtbot: QtBot, by_key: bool) -> None:
    window.files.open_example("xor")
    window.canvas.setFocus()
    for _ in range(13):
        QTest.keyClick(window.canvas, Qt.Key.Key_F6)
    check = window.side.maths.comparisons.check
    if by_key:
        check.work.start.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(check.work.start, Qt.Key.Key_Space)
    else:
        QTest.mouseClick(check.work.start, LEFT)
    qtbot.waitUntil(lambda: not check.work.isVisible())
    focused = QApplication.focusWidget()
    assert focused is (window.side.maths if by_key else window.canvas), "Qt would give it to the timeline"
    assert window.runner.snapshot is not None
    assert window.runner.snapshot.micro == 13
