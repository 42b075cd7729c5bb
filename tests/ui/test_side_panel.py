"""The tabs at the right: which one is in front."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.gestures import LEFT, choose_tab
from ui.experiment_page import ExperimentPage
from ui.main_window import MainWindow
from ui.node_page import NodePage


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


def test_the_node_tab_shows_what_was_selected_while_another_one_was_in_front(window: MainWindow) -> None:
    window.files.open_example("xor")
    side = window.side
    choose_tab(window, side.outline)
    first = side.inspector.page
    window.canvas.select([2])
    window.canvas.select([3])
    assert side.inspector.page is first, "nobody sees it, so none is made"
    choose_tab(window, side.inspector)
    assert isinstance(side.inspector.page, NodePage)
    assert side.inspector.page.name.text() == "B"
    choose_tab(window, side.outline)
    window.actions_["delete"].trigger()
    assert 3 not in window.document.project.experiment.graph.nodes
    choose_tab(window, side.inspector)
    assert isinstance(side.inspector.page, ExperimentPage)
    window.document.undo_stack.undo()


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
