"""The canvas by keyboard alone: along the wires, a wire drawn without the mouse, and Tab to the rest of the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.project import Project
from engine.graph import Edge
from tests.ui.canvas.lab import FEATURES, LOSS, POSITIONS, SPARE, TARGET, A, B, Lab, experiment, moons_graph
from tests.ui.conftest import WindowMaker
from tests.ui.gestures import output_place
from ui.experiment_page import ExperimentPage
from ui.main_window import MainWindow
from ui.theme import current

ALT, NO_KEYS, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, RIGHT, UP, DOWN = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down


@pytest.fixture
def window(make_window: WindowMaker, qtbot: QtBot) -> MainWindow:
    """Give a window with the small network, and the keyboard on the canvas."""
    window = make_window()
    window.document.load(Project(experiment(moons_graph()), POSITIONS), None)
    window.canvas.setFocus()
    qtbot.waitUntil(window.canvas.hasFocus)
    return window


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEYS) -> None:
    QTest.keyClick(window.canvas, key, modifiers)


def edges(window: MainWindow) -> tuple[Edge, ...]:
    return window.document.project.experiment.graph.edges


def words_at_wire(window: MainWindow) -> str:
    wire = window.canvas._scene.wire
    return wire.words.partition("\n")[0] if wire.isVisible() else ""


# ---- along the wires -------------------------------------------------------------------------------------------------


def test_alt_and_arrows_follow_the_wires(lab: Lab) -> None:
    walked = []
    for key in (RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT, LEFT, LEFT, LEFT):
        lab.key(key, ALT)
        walked.append(lab.view.selected_nodes())
    assert walked == [(FEATURES,), (A,), (B,), (LOSS,), (LOSS,), (B,), (A,), (FEATURES,), (FEATURES,)]
    assert lab.undo_labels == []


def test_alt_up_and_down_go_to_the_other_ends_of_the_wire_just_followed(lab: Lab) -> None:
    lab.view.select([LOSS])
    lab.key(LEFT, ALT)
    assert lab.view.selected_nodes() == (B,), "the source that lies most level"
    for key, expected in ((DOWN, TARGET), (DOWN, TARGET), (UP, B), (UP, B)):
        lab.key(key, ALT)
        assert lab.view.selected_nodes() == (expected,)
    lab.key(DOWN, ALT)
    lab.key(RIGHT, ALT)
    lab.key(LEFT, ALT)
    assert lab.view.selected_nodes() == (TARGET,), "back where one came from"


def test_alt_down_on_a_node_that_was_clicked_goes_to_one_beside_it(lab: Lab) -> None:
    lab.click(lab.title(B))
    lab.key(DOWN, ALT)
    assert lab.view.selected_nodes() == (B,), "what feeds it feeds nothing else"
    lab.click(lab.title(TARGET))
    lab.key(UP, ALT)
    assert lab.view.selected_nodes() == (B,)


def test_the_walk_goes_on_when_the_node_it_came_from_is_gone(lab: Lab) -> None:
    lab.view.select([LOSS])
    lab.key(LEFT, ALT)
    lab.view.select([TARGET])
    lab.view.delete_selection()
    lab.view.select([B])
    lab.key(DOWN, ALT)
    assert lab.view.selected_nodes() == (B,)


def test_the_view_and_the_outline_follow_the_walk(window: MainWindow) -> None:
    window.canvas.set_view(3.0, QPointF(0, 120))
    for key in (RIGHT, RIGHT, RIGHT, RIGHT):
        press(window, key, ALT)
        (node,) = window.canvas.selected_nodes()
        shown = window.canvas.mapToScene(window.canvas.viewport().rect()).boundingRect()
        assert shown.intersects(window.canvas._scene.nodes_rect([node]))
        assert window.side.outline.tree.marked_node() == node
    assert window.canvas.selected_nodes() == (LOSS,)


# ---- a wire by keyboard ----------------------------------------------------------------------------------------------


def test_c_connects_two_selected_nodes_from_left_to_right_as_one_step(window: MainWindow) -> None:
    window.document.edit("Move", Project(experiment(moons_graph()), {**POSITIONS, SPARE: (300.0, 320.0)}))
    window.canvas.select([A, SPARE])
    press(window, Qt.Key.Key_C)
    assert Edge(A, SPARE, "in") in edges(window)
    stack = window.document.undo_stack
    assert [stack.text(k) for k in range(stack.count())] == ["Move", "Connect A to ReLU"]
    assert not window.canvas.gesture.is_active


def test_c_with_two_nodes_that_do_not_fit_shows_why_and_escape_lets_go(window: MainWindow) -> None:
    before = edges(window)
    window.canvas.select([A, LOSS])
    press(window, Qt.Key.Key_C)
    assert "4 and 1 values a row" in words_at_wire(window)
    press(window, Qt.Key.Key_Escape)
    assert not window.canvas.gesture.is_active
    assert edges(window) == before
    assert window.canvas.selected_nodes() == (A, LOSS)


def test_from_a_wire_that_is_refused_arrows_lead_to_those_that_are_not(window: MainWindow) -> None:
    window.canvas.select([FEATURES, A])
    press(window, Qt.Key.Key_C)
    assert words_at_wire(window) == "Features is connected there already"
    press(window, Qt.Key.Key_Return)
    assert window.document.undo_stack.count() == 0
    press(window, RIGHT)
    assert words_at_wire(window) == "[32×2] → ReLU", "the leftmost input that is left"


def test_c_says_that_a_loss_has_no_output(window: MainWindow) -> None:
    window.canvas.select([LOSS])
    press(window, Qt.Key.Key_C)
    assert window.status.words == "Binary cross-entropy has no output"
    assert not window.canvas.gesture.is_active


@pytest.mark.parametrize("selected", [(), (A, B, LOSS)])
def test_c_says_what_to_select(window: MainWindow, selected: tuple[int, ...]) -> None:
    window.canvas.select(selected)
    press(window, Qt.Key.Key_C)
    assert window.status.words == "Select the node that a wire is to leave from, or two nodes to connect"


def test_c_aims_at_the_nearest_free_input_and_enter_connects_as_one_step(window: MainWindow) -> None:
    window.canvas.select([FEATURES])
    press(window, Qt.Key.Key_C)
    assert words_at_wire(window) == "[32×2] → ReLU"
    assert window.canvas._scene.nodes[SPARE].look.fits == frozenset({"in"})
    press(window, Qt.Key.Key_Return)
    assert Edge(FEATURES, SPARE, "in") in edges(window)
    assert window.document.undo_stack.count() == 1
    assert window.canvas._scene.nodes[SPARE].look.fits is None


@pytest.mark.parametrize(("forward", "back"), [(RIGHT, LEFT), (DOWN, UP), (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)])
def test_arrows_and_tab_go_through_the_inputs_that_a_wire_may_end_at(
    window: MainWindow, forward: Qt.Key, back: Qt.Key
) -> None:
    window.canvas.select([FEATURES])
    press(window, Qt.Key.Key_C)
    said = []
    for key in (forward, forward, forward, forward, back):
        press(window, key, SHIFT if key == Qt.Key.Key_Backtab else NO_KEYS)
        said.append(words_at_wire(window))
    assert [words.rpartition("→ ")[2] for words in said[:1]] == ["B"]
    assert len(set(said[:4])) == 4, "B, prediction, target, and ReLU again"
    assert said[3] == "[32×2] → ReLU"
    assert said[4] == said[2]
    assert window.canvas.hasFocus()
    assert window.runner.snapshot is None or window.runner.snapshot.micro == 0, "no arrow made a step"
    assert window.canvas.selected_nodes() == (FEATURES,)
    assert window.document.undo_stack.count() == 0


def test_a_wire_that_is_aimed_by_keys_does_not_follow_the_mouse_and_goes_with_the_keyboard(window: MainWindow) -> None:
    window.canvas.select([FEATURES])
    press(window, Qt.Key.Key_C)
    QTest.mouseMove(window.canvas.viewport(), QPoint(300, 200))
    assert words_at_wire(window) == "[32×2] → ReLU"
    window.palette_.search.setFocus()
    assert words_at_wire(window) == ""
    assert not window.canvas.gesture.is_active


def test_a_wire_that_the_mouse_draws_later_is_not_aimed_by_keys(window: MainWindow) -> None:
    canvas, empty = window.canvas, QPoint(20, window.canvas.viewport().height() - 20)
    canvas.select([FEATURES])
    press(window, Qt.Key.Key_C)
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, empty)
    assert not canvas.gesture.is_active
    canvas.select([])
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, output_place(window, B))
    QTest.mouseMove(canvas.viewport(), empty)
    press(window, RIGHT)
    assert words_at_wire(window) == "", "Right does not lead it to where the wire before could end"
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, empty)
    assert canvas.adding.popup is not None
    assert canvas._scene.wire.isVisible(), "it stays while a node is chosen for its end"


# ---- Tab and the frame -----------------------------------------------------------------------------------------------


def test_tab_goes_round_the_window_and_comes_back_to_the_canvas_with_a_frame(window: MainWindow) -> None:
    place = window.canvas.rect().topLeft() + QPoint(0, 40)
    accent = current().colors.accent.lower()
    assert window.canvas.grab().toImage().pixelColor(place).name() != accent
    visited: list[QWidget] = []
    while (widget := QApplication.focusWidget()) is not window.canvas or not visited:
        assert widget is not None
        assert widget not in visited, "Tab is trapped"
        visited.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    for part in (window.palette_, window.side, window.timeline, window.pipeline, window.transport):
        assert any(part.isAncestorOf(widget) for widget in visited), part
    assert window.canvas.grab().toImage().pixelColor(place).name() == accent
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    assert window.canvas.grab().toImage().pixelColor(place).name() != accent


def test_tab_goes_through_the_settings_as_they_stand(window: MainWindow) -> None:
    window.actions_["experiment"].trigger()
    QApplication.sendPostedEvents()
    page = window.side.inspector.page
    assert isinstance(page, ExperimentPage)
    widget: QWidget | None = page.optimizer.box
    page.optimizer.box.setFocus()
    tops: list[int] = []
    while widget is not None and page.isAncestorOf(widget):
        tops.append(widget.mapTo(page, QPoint(0, 0)).y())
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
    assert len(tops) > 5
    assert tops == sorted(tops)
