"""Editing on the canvas: adding, moving, deleting, selecting; and moving about in it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from engine.graph import Edge
from tests.ui.canvas.lab import FEATURES, LOSS, POSITIONS, SPARE, TARGET, A, B, Lab
from ui.canvas.card import HEADER


def test_an_op_dropped_from_the_palette_becomes_a_selected_node_under_the_cursor(lab: Lab) -> None:
    at = QPoint(700, 430)
    assert lab.drop("dense", at)
    (new,) = set(lab.graph.nodes) - {FEATURES, A, B, LOSS, TARGET, SPARE}
    assert lab.graph.nodes[new].op == "dense"
    assert lab.view.selected_nodes() == (new,)
    assert lab.undo_labels == ["Add Dense"]
    item = lab.view._scene.nodes[new]
    title = QPointF(item.card.rect.center().x(), HEADER / 2)
    off = item.pos() + title - lab.view.mapToScene(at)
    assert abs(off.x()) <= 5
    assert abs(off.y()) <= 5
    assert (item.x() % 8, item.y() % 8) == (0, 0)
    lab.document.undo_stack.undo()
    assert new not in lab.view._scene.nodes


@pytest.mark.parametrize(("op", "mime"), [("no such op", "application/x-backprop-lab-op"), ("dense", "text/plain")])
def test_other_things_are_not_welcome(lab: Lab, op: str, mime: str) -> None:
    assert not lab.drop(op, QPoint(500, 300), mime)
    assert lab.undo_labels == []


def test_dragging_a_card_moves_it_onto_the_grid_in_one_step_and_its_wires_follow(lab: Lab) -> None:
    experiment = lab.document.project.experiment
    wire = lab.view._scene.edges[Edge(TARGET, LOSS, "target")]
    before = wire.boundingRect()
    start = lab.title(TARGET)
    lab.drag(start, start + QPoint(-61, 43))
    x, y = lab.position(TARGET)
    assert (x % 8, y % 8) == (0, 0)
    assert abs(x - (POSITIONS[TARGET][0] - 61 / lab.view.zoom)) <= 5
    assert lab.document.project.positions[TARGET] == (x, y)
    assert lab.undo_labels == ["Move Target"]
    assert wire.boundingRect().left() < before.left()
    assert lab.document.project.experiment is experiment, "a move does not touch training"
    lab.document.undo_stack.undo()
    assert lab.position(TARGET) == POSITIONS[TARGET]
    assert wire.boundingRect() == before


def test_dragging_one_of_several_selected_cards_moves_them_all_in_one_step(lab: Lab) -> None:
    lab.view.select([A, B])
    start = lab.title(A)
    lab.drag(start, start + QPoint(0, 80))
    assert lab.undo_labels == ["Move 2 nodes"]
    assert lab.position(A)[1] > POSITIONS[A][1]
    assert lab.position(B)[1] - POSITIONS[B][1] == lab.position(A)[1] - POSITIONS[A][1]


def test_what_an_undo_moves_during_a_drag_is_no_part_of_the_drag(lab: Lab) -> None:
    lab.view.select([B])
    lab.key(Qt.Key.Key_Down)
    start = lab.title(TARGET)
    lab.press(start)
    lab.move(start + QPoint(-40, 40))
    lab.document.undo_stack.undo()
    lab.release(start + QPoint(-40, 40))
    assert lab.undo_labels == ["Move Target"]
    assert lab.position(B) == POSITIONS[B]


def test_a_drag_of_less_than_half_a_grid_step_is_no_edit(lab: Lab) -> None:
    start = lab.title(TARGET)
    lab.press(start)
    lab.move(start + QPoint(20, 0))
    lab.move(start + QPoint(2, 0))
    lab.release(start + QPoint(2, 0))
    assert lab.undo_labels == []
    assert lab.position(TARGET) == POSITIONS[TARGET]


def test_arrows_nudge_the_selection_by_8_and_with_shift_by_1_as_one_step(lab: Lab) -> None:
    lab.view.select([SPARE])
    lab.key(Qt.Key.Key_Right)
    lab.key(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    x, y = POSITIONS[SPARE]
    assert lab.position(SPARE) == (x + 8, y + 1)
    assert lab.undo_labels == ["Move ReLU"]
    lab.document.undo_stack.undo()
    assert lab.position(SPARE) == (x, y)


def test_arrows_without_a_selection_move_nothing(lab: Lab) -> None:
    center = lab.view.center
    lab.key(Qt.Key.Key_Right)
    assert lab.undo_labels == []
    assert lab.view.center == center


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_takes_nodes_with_their_wires_and_undo_brings_all_back(lab: Lab, key: Qt.Key) -> None:
    before = lab.graph
    lab.view.select([A, SPARE])
    lab.key(key)
    assert lab.graph.edges == (Edge(B, LOSS, "prediction"), Edge(TARGET, LOSS, "target"))
    assert set(lab.view._scene.edges) == set(lab.graph.edges)
    assert A not in lab.view._scene.nodes
    assert lab.undo_labels == ["Delete 2 nodes"]
    lab.document.undo_stack.undo()
    assert lab.graph == before
    assert set(lab.view._scene.edges) == set(before.edges)
    assert lab.position(A) == POSITIONS[A]


def test_a_clicked_wire_is_selected_and_can_be_deleted(lab: Lab) -> None:
    middle = (lab.output(TARGET) + lab.input(LOSS, "target")) / 2
    lab.click(middle + QPoint(0, 3))
    assert lab.view._scene.selected_edges() == (Edge(TARGET, LOSS, "target"),)
    assert lab.view.selected_nodes() == ()
    lab.key(Qt.Key.Key_Delete)
    assert lab.graph.inputs(LOSS, "target") == ()
    assert lab.undo_labels == ["Delete wire"]


def test_duplicates_have_the_settings_and_wires_of_the_originals(lab: Lab) -> None:
    lab.view.select([A, B])
    lab.view.duplicate_selection()
    first, second = lab.view.selected_nodes()
    assert lab.graph.nodes[first].settings == lab.graph.nodes[A].settings
    assert Edge(first, second, "in") in lab.graph.edges
    assert lab.undo_labels == ["Duplicate 2 nodes"]


def test_selection_is_told_once_for_each_change(lab: Lab, qtbot: QtBot) -> None:
    told: list[tuple[int, ...]] = []
    lab.view.selection_changed.connect(told.append)
    lab.click(lab.title(A))
    lab.view.select([B, A])
    lab.view.select([A, B])
    lab.view.select_all()
    lab.key(Qt.Key.Key_Escape)
    assert told == [(A,), (A, B), (FEATURES, A, B, LOSS, TARGET, SPARE), ()]


def test_deleting_a_selected_node_tells_that_it_is_no_longer_selected(lab: Lab) -> None:
    lab.view.select([A])
    told: list[tuple[int, ...]] = []
    lab.view.selection_changed.connect(told.append)
    lab.view.delete_selection()
    assert told == [()]


def test_deleting_several_selected_nodes_tells_nobody_of_those_that_go_next(lab: Lab) -> None:
    lab.view.select([A, B, SPARE])
    told: list[tuple[int, ...]] = []
    lab.view.selection_changed.connect(told.append)
    lab.view.delete_selection()
    assert told == [()]
    lab.document.undo_stack.undo()
    lab.view.select([A, B])
    lab.document.undo_stack.redo()
    assert told == [(), (A, B), ()]


def test_a_rubber_band_selects_what_it_touches(lab: Lab) -> None:
    start = lab.title(SPARE) + QPoint(-90, -40)
    lab.drag(start, start + QPoint(150, 120))
    assert lab.view.selected_nodes() == (SPARE,)


def test_the_wheel_zooms_at_the_cursor_within_bounds(lab: Lab) -> None:
    at = QPoint(321, 123)
    before = lab.view.mapToScene(at)
    zoom = lab.view.zoom
    lab.wheel(at, 240)
    assert lab.view.zoom > zoom
    after = lab.view.mapToScene(at)
    assert (after - before).manhattanLength() < 2 / lab.view.zoom
    lab.wheel(at, 12000)
    assert lab.view.zoom == pytest.approx(3.0)
    lab.wheel(at, -24000)
    assert lab.view.zoom == pytest.approx(0.25)


@pytest.mark.parametrize("by_space", [False, True])
def test_middle_drag_and_space_with_drag_pan(lab: Lab, by_space: bool) -> None:
    point = lab.view.mapToScene(QPoint(100, 100))
    button = Qt.MouseButton.LeftButton if by_space else Qt.MouseButton.MiddleButton
    if by_space:
        lab.press_space()
    lab.drag(lab.title(A), lab.title(A) + QPoint(40, 30), button)
    assert (lab.view.mapToScene(QPoint(140, 130)) - point).manhattanLength() < 2
    assert lab.undo_labels == []
    assert lab.view.selected_nodes() == ()


def test_fit_shows_every_card(lab: Lab) -> None:
    lab.view.set_view(3.0, QPointF(5000, 5000))
    lab.view.fit()
    shown = lab.view.mapToScene(lab.view.viewport().rect()).boundingRect()
    assert shown.contains(lab.view._scene.nodes_rect())


def test_center_on_node_brings_it_into_the_middle(lab: Lab) -> None:
    lab.view.set_zoom(1.5)
    lab.view.center_on_node(LOSS)
    middle = lab.view._scene.nodes_rect([LOSS]).center()
    assert (lab.view.center - middle).manhattanLength() < 2


def test_a_node_that_is_seen_is_revealed_without_scrolling(lab: Lab) -> None:
    lab.view.fit()
    center = lab.view.center
    for id_ in lab.graph.nodes:
        lab.view.reveal(id_)
    assert lab.view.center == center


def test_arrange_leaves_no_cards_on_top_of_each_other_and_is_one_step(lab: Lab) -> None:
    lab.view.arrange()
    assert lab.undo_labels == ["Arrange"]
    rects = [lab.view._scene.nodes_rect([id_]) for id_ in lab.graph.nodes]
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[i + 1 :])
    assert lab.position(FEATURES)[0] < lab.position(A)[0] < lab.position(B)[0] < lab.position(LOSS)[0]


def test_the_context_menu_offers_what_fits_the_selection(lab: Lab) -> None:
    enabled = {action.text(): action.isEnabled() for action in lab.view.make_menu().actions() if action.text()}
    assert not enabled["Delete"]
    assert not enabled["Duplicate"]
    assert enabled["Arrange"]
    lab.view.select([A])
    menu = lab.view.make_menu()
    next(action for action in menu.actions() if action.text() == "Delete").trigger()
    assert A not in lab.graph.nodes


def test_a_wire_let_go_with_escape_leaves_no_move_behind(lab: Lab) -> None:
    """Nodes that were nudged between two gestures do not lie where they were before the first."""
    lab.click(lab.title(SPARE))
    lab.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    place, labels = lab.position(SPARE), lab.undo_labels
    start = lab.output(A)
    lab.press(start)
    lab.move(start + QPoint(60, 60))
    lab.key(Qt.Key.Key_Escape)
    lab.release(start + QPoint(60, 60))
    assert lab.position(SPARE) == place
    assert lab.undo_labels == labels


def test_another_button_during_a_drag_does_not_lose_the_move(lab: Lab) -> None:
    start = lab.title(TARGET)
    lab.press(start)
    lab.move(start + QPoint(30, 20))
    lab.move(start + QPoint(60, 40))
    lab.press(start + QPoint(60, 40), Qt.MouseButton.RightButton)
    lab.release(start + QPoint(60, 40), Qt.MouseButton.RightButton)
    lab.release(start + QPoint(60, 40))
    assert lab.undo_labels == ["Move Target"]
    assert lab.document.project.positions[TARGET] == lab.position(TARGET) != POSITIONS[TARGET]


def test_selecting_from_outside_tells_the_scene_s_listeners_too(lab: Lab) -> None:
    told: list[tuple[int, ...]] = []

    def note() -> None:
        told.append(lab.view.selected_nodes())

    lab.view._scene.selectionChanged.connect(note)
    lab.view.select([A])
    lab.view._scene.selectionChanged.disconnect(note)
    assert told[-1] == (A,)
