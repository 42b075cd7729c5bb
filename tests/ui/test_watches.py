"""Watches in the Maths tab, with real events: what they show, how they come and go, and that files keep them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.project import MAX_WATCHES, Watch
from engine.program import Parameter, Phase
from tests.ui.gestures import LEFT, NO_KEYS, choose_tab
from tests.ui.travels import shown
from ui.edits import change_graph
from ui.main_window import MainWindow
from ui.maths.typesetting import cell_text
from ui.maths.watches import Watches

A, B, C = 2, 3, 4
W_A, NORM_A = Watch(A, "W", 1, 0), Watch(A)


@pytest.fixture
def moons(window: MainWindow) -> MainWindow:
    """A window with the two moons, the Maths tab in front, and layer A selected."""
    window.files.open_example("two-moons")
    choose_tab(window, window.side.maths)
    window.canvas.select([A])
    return window


def watches(window: MainWindow) -> Watches:
    return window.side.maths.watches


def texts(window: MainWindow, watch: Watch) -> list[str]:
    return [label.text() for label in watches(window).rows[watch].numbers]


def are_grey(window: MainWindow, watch: Watch) -> list[bool]:
    return [label.property("role") == "dim" for label in watches(window).rows[watch].numbers]


def parameter(window: MainWindow, title: str) -> Parameter:
    return next(p for p in shown(window).program.parameters if p.title == title)


def watch_with_key(window: MainWindow, row: int, column: int) -> None:
    """Click a cell of the first matrix and press W."""
    view = window.side.maths.matrices[0]
    QTest.mouseClick(view, LEFT, NO_KEYS, view.cell_rect(0, row, column).center())
    QTest.keyClick(view, Qt.Key.Key_W)


def open_menu(window: MainWindow, row: int, column: int) -> dict[str, QMenu]:
    """Open the context menu of a cell; give its entries by their words."""
    view = window.side.maths.matrices[0]
    place = view.cell_rect(0, row, column).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place))
    QApplication.sendEvent(view, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return {action.text(): menu for action in menu.actions()}


def choose(window: MainWindow, row: int, column: int, words: str) -> None:
    menu = open_menu(window, row, column)[words]
    action = next(a for a in menu.actions() if a.text() == words)
    QTest.mouseClick(menu, LEFT, NO_KEYS, menu.actionGeometry(action).center())


def test_w_on_a_cell_watches_it_and_every_number_is_the_arenas(moons: MainWindow) -> None:
    watch_with_key(moons, 1, 0)
    assert list(watches(moons).rows) == [W_A]
    row = watches(moons).rows[W_A]
    assert row.name.text() == "<i>W</i><sub>A</sub>[2,1]"
    matrix = parameter(moons, "W_A")
    for _ in range(2 * shown(moons).micro_count):
        QTest.keyClick(moons.canvas, Qt.Key.Key_F6)
        now = shown(moons)
        w, g, delta = (f(matrix)[1, 0] for f in (now.weights, now.gradient, now.update))
        first, second, third = texts(moons, W_A)
        assert first == cell_text(w)
        assert second in (cell_text(g), "—")
        assert third in (cell_text(delta), "—")
        assert are_grey(moons, W_A)[0] is False
        if now.phase is Phase.UPDATE:
            assert (second, third) == (cell_text(g), cell_text(delta))
            assert are_grey(moons, W_A) == [False, False, False]
        if now.phase is Phase.FORWARD and now.step:
            assert (second, third) == (cell_text(g), cell_text(delta))
            assert are_grey(moons, W_A) == [False, True, True], "they belong to the step before"
    QTest.keyClick(moons.side.maths.matrices[0], Qt.Key.Key_W)
    assert watches(moons).rows == {}
    assert not watches(moons).isVisible()


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
def test_the_menu_offers_the_weight_and_the_norm_of_its_layer(moons: MainWindow) -> None:
    choose(moons, 0, 2, "Watch ‖g‖_A")
    moons.runner.step()
    now = shown(moons)
    own = [now.gradient(p).ravel() for p in now.program.parameters if p.node == A]
    assert texts(moons, NORM_A) == ["", cell_text(float(np.linalg.norm(np.concatenate(own)))), ""]
    choose(moons, 0, 2, "Watch W_A[1,3]")
    assert list(watches(moons).rows) == [NORM_A, Watch(A, "W", 0, 2)]
    assert "Stop watching W_A[1,3]" in open_menu(moons, 0, 2)


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
def test_the_status_line_tells_what_has_come_and_gone(moons: MainWindow) -> None:
    watch_with_key(moons, 1, 0)
    assert moons.status.shown_words == "Watching W_A[2,1]: its numbers stand at the top of the Maths tab"
    QTest.keyClick(moons.side.maths.matrices[0], Qt.Key.Key_W)
    assert moons.status.shown_words == "No longer watching W_A[2,1]"
    choose(moons, 0, 2, "Watch ‖g‖_A")
    assert moons.status.shown_words.startswith("Watching ‖g‖_A:")
    QTest.mouseClick(watches(moons).rows[NORM_A].close_button, LEFT)
    assert moons.status.shown_words == "No longer watching ‖g‖_A"


def test_a_click_on_a_row_makes_the_tab_follow_that_weight(moons: MainWindow) -> None:
    maths = moons.side.maths
    watch_with_key(moons, 1, 3)
    moons.canvas.select([C])
    assert maths.heading.title.text() == "C · 1 identity"
    row = watches(moons).rows[Watch(A, "W", 1, 3)]
    QTest.mouseClick(row, LEFT, NO_KEYS, row.rect().center())
    assert moons.canvas.selected_nodes() == (A,)
    assert maths.heading.title.text() == "A · 4 tanh"
    assert "<i>W</i><sub>A</sub>[2,4]" in maths.update_.text()
    moons.canvas.select([B])
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert moons.canvas.selected_nodes() == (A,)


def test_the_cross_and_delete_remove_a_row(moons: MainWindow) -> None:
    for column in (0, 1, 2):
        watch_with_key(moons, 0, column)
    first, second, third = watches(moons).rows
    QTest.mouseClick(watches(moons).rows[second].close_button, LEFT)
    assert list(watches(moons).rows) == [first, third]
    QTest.keyClick(watches(moons).rows[first], Qt.Key.Key_Delete)
    assert list(watches(moons).rows) == [third]


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
def test_there_are_at_most_twelve(moons: MainWindow) -> None:
    change_graph(moons.document, "wider", moons.document.project.experiment.graph.set(A, {"units": 8}))
    watch_with_key(moons, 0, 0)
    view = moons.side.maths.matrices[0]
    for key in (*[Qt.Key.Key_Right] * 7, Qt.Key.Key_Down, *[Qt.Key.Key_Left] * 6):
        QTest.keyClick(view, key)
        QTest.keyClick(view, Qt.Key.Key_W)
    assert len(watches(moons).rows) == MAX_WATCHES == 12
    assert Watch(A, "W", 1, 1) not in watches(moons).rows
    assert moons.status.shown_words == "12 watches are the most"
    entries = open_menu(moons, 1, 1)
    assert "12 watches are the most" in entries
    menu = next(iter(entries.values()))
    assert not next(a for a in menu.actions() if a.text() == "Watch W_A[2,2]").isEnabled()


def test_what_a_deleted_node_had_goes_and_comes_back_with_undo(moons: MainWindow) -> None:
    watch_with_key(moons, 1, 0)
    moons.canvas.select([B])
    watch_with_key(moons, 0, 0)
    moons.canvas.select([A])
    moons.actions_["delete"].trigger()
    assert list(watches(moons).rows) == [Watch(B, "W", 0, 0)]
    assert texts(moons, Watch(B, "W", 0, 0)) == ["—", "—", "—"]
    assert are_grey(moons, Watch(B, "W", 0, 0)) == [True, True, True]
    moons.actions_["undo"].trigger()
    assert list(watches(moons).rows) == [W_A, Watch(B, "W", 0, 0)]
    assert texts(moons, W_A)[0] == cell_text(shown(moons).weights(parameter(moons, "W_A"))[1, 0])


def test_a_layer_that_shrinks_loses_the_watches_of_its_lost_units_until_it_grows(moons: MainWindow) -> None:
    watch_with_key(moons, 0, 0)
    watch_with_key(moons, 0, 3)
    change_graph(moons.document, "less", moons.document.project.experiment.graph.set(A, {"units": 2}))
    assert list(watches(moons).rows) == [Watch(A, "W", 0, 0)]
    moons.actions_["undo"].trigger()
    assert list(watches(moons).rows) == [Watch(A, "W", 0, 0), Watch(A, "W", 0, 3)]


def test_files_keep_them_and_other_documents_have_their_own(moons: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    watch_with_key(moons, 1, 0)
    path = str(tmp_path / "own.bplab")
    moons.document.mark_saved(path)
    moons.files.save()
    moons.files.open_example("xor")
    assert watches(moons).rows == {}
    assert moons.files.open_path(path)
    assert list(watches(moons).rows) == [W_A]
