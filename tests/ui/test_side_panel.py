"""The tabs at the right: which one is in front."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.gestures import LEFT, NO_KEYS
from ui.main_window import MainWindow


def test_the_first_micro_step_brings_maths_to_the_front_unless_a_tab_was_chosen(window: MainWindow) -> None:
    window.files.open_example("xor")
    side = window.side
    QTest.keyClick(window.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert side.currentWidget() is side.inspector
    QTest.keyClick(window.canvas, Qt.Key.Key_F6)
    assert side.currentWidget() is side.maths
    bar = side.tabBar()
    QTest.mouseClick(bar, LEFT, NO_KEYS, bar.tabRect(side.indexOf(side.outline)).center())
    QTest.keyClick(window.canvas, Qt.Key.Key_F6)
    assert side.currentWidget() is side.outline


def test_a_tab_that_was_chosen_stays(window: MainWindow) -> None:
    window.files.open_example("xor")
    window.actions_["experiment"].trigger()
    QTest.keyClick(window.canvas, Qt.Key.Key_F6)
    assert window.side.currentWidget() is window.side.inspector
