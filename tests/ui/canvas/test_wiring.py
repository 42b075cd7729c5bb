"""Drawing wires by hand."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from engine.graph import Edge
from tests.ui.canvas.lab import FEATURES, LOSS, SPARE, TARGET, A, B, Lab


def test_dragging_from_an_output_to_an_input_connects_them_in_one_step_of_undo(lab: Lab) -> None:
    lab.drag(lab.output(A), lab.input(SPARE))
    assert Edge(A, SPARE, "in") in lab.graph.edges
    assert lab.undo_labels == ["Connect A to ReLU"]
    assert Edge(A, SPARE, "in") in lab.view._scene.edges


def test_dragging_from_an_input_back_to_an_output_connects_them(lab: Lab) -> None:
    lab.drag(lab.input(SPARE), lab.output(FEATURES))
    assert Edge(FEATURES, SPARE, "in") in lab.graph.edges


def test_any_unit_port_and_the_space_between_starts_the_wire_of_the_node(lab: Lab) -> None:
    lab.drag(lab.output(A, 3), lab.input(SPARE))
    assert Edge(A, SPARE, "in") in lab.graph.edges
    lab.document.undo_stack.undo()
    between = (lab.output(A, 1) + lab.output(A, 2)) / 2
    lab.drag(between, lab.input(SPARE))
    assert Edge(A, SPARE, "in") in lab.graph.edges


def test_two_clicks_connect_as_well(lab: Lab) -> None:
    lab.click(lab.output(A))
    assert lab.view.gesture.is_active
    lab.move(QPoint(300, 400), Qt.MouseButton.NoButton)
    lab.click(lab.input(SPARE))
    assert Edge(A, SPARE, "in") in lab.graph.edges
    assert not lab.view.gesture.is_active


def test_a_wire_snaps_to_a_port_nearby_but_not_to_one_farther_away(lab: Lab) -> None:
    lab.drag(lab.output(A), lab.input(SPARE) + QPoint(-9, 9))
    assert Edge(A, SPARE, "in") in lab.graph.edges
    lab.document.undo_stack.undo()
    lab.drag(lab.output(A), lab.input(SPARE) + QPoint(-16, 16))
    assert Edge(A, SPARE, "in") not in lab.graph.edges


def test_the_verdict_says_what_shape_goes_where(lab: Lab) -> None:
    lab.press(lab.output(A))
    lab.move(lab.input(SPARE))
    assert lab.view._scene.wire.isVisible()
    assert lab.view._scene.wire.words == "[32×4] → ReLU"
    lab.key(Qt.Key.Key_Escape)


def test_the_verdict_on_one_input_of_a_loss_counts_what_is_at_the_other(lab: Lab) -> None:
    lab.press(lab.output(A))
    lab.move(lab.input(LOSS, "target"))
    assert "1 and 4 values a row" in lab.view._scene.wire.words
    lab.key(Qt.Key.Key_Escape)


def test_the_verdict_says_whose_place_a_wire_takes(lab: Lab) -> None:
    lab.press(lab.output(TARGET))
    lab.move(lab.input(LOSS, "prediction"))
    assert lab.view._scene.wire.words == "[32×1] → Binary cross-entropy, in place of B"
    lab.key(Qt.Key.Key_Escape)


def test_a_circle_is_refused_with_words_and_changes_nothing(lab: Lab) -> None:
    before = lab.graph
    lab.press(lab.output(B))
    lab.move(lab.input(A))
    assert lab.view._scene.wire.words == "This would close a circle: B already depends on A"
    lab.release(lab.input(A))
    assert lab.graph is before
    assert lab.undo_labels == []
    assert not lab.view._scene.wire.isVisible()


def test_a_wire_that_does_not_fit_is_allowed_with_a_warning(lab: Lab) -> None:
    lab.press(lab.output(A))
    lab.move(lab.input(LOSS, "prediction"))
    words = lab.view._scene.wire.words
    assert "4 and 1 values a row" in words
    lab.release(lab.input(LOSS, "prediction"))
    assert lab.graph.inputs(LOSS, "prediction") == (A,)
    assert lab.view._scene.nodes[LOSS].look.reason == f"▲ {words[0].upper()}{words[1:]}"


def test_dropping_on_a_taken_single_input_replaces_its_wire(lab: Lab) -> None:
    lab.drag(lab.output(A), lab.input(LOSS, "target"))
    assert lab.graph.inputs(LOSS, "target") == (A,)
    assert lab.document.undo_stack.count() == 1
    lab.document.undo_stack.undo()
    assert lab.graph.inputs(LOSS, "target") == (TARGET,)


def test_pulling_a_wire_off_a_single_input_reconnects_it_in_one_step(lab: Lab) -> None:
    lab.drag(lab.input(LOSS, "target"), lab.input(SPARE))
    assert lab.graph.inputs(LOSS, "target") == ()
    assert lab.graph.inputs(SPARE, "in") == (TARGET,)
    assert lab.undo_labels == ["Reconnect Target to ReLU"]


def test_a_wire_pulled_off_and_put_back_is_no_edit(lab: Lab) -> None:
    before = lab.graph
    port = lab.input(LOSS, "target")
    lab.press(port)
    lab.move(port + QPoint(-60, 40))
    lab.move(port)
    lab.release(port + QPoint(-8, 0))
    assert lab.graph is before
    assert lab.undo_labels == []


def test_escape_and_a_card_let_the_wire_go(lab: Lab) -> None:
    before = lab.graph
    lab.press(lab.output(A))
    lab.move(lab.input(SPARE))
    lab.key(Qt.Key.Key_Escape)
    lab.release(lab.input(SPARE))
    assert lab.graph is before
    lab.drag(lab.output(A), lab.title(SPARE))
    assert lab.graph is before
    assert not lab.view.gesture.is_active


def test_a_wire_let_go_outside_the_canvas_is_gone(lab: Lab) -> None:
    before = lab.graph
    lab.drag(lab.output(A), QPoint(lab.view.viewport().width() + 90, 200))
    assert lab.graph is before
    assert lab.view.adding.popup is None
    assert not lab.view.gesture.is_active


def test_while_a_wire_is_drawn_only_ports_that_fit_glow(lab: Lab) -> None:
    nodes = lab.view._scene.nodes
    lab.press(lab.output(A))
    fits = {id_: item.look.fits for id_, item in nodes.items()}
    assert fits[SPARE] == frozenset({"in"})
    assert fits[LOSS] == frozenset({"prediction", "target"})
    assert fits[A] == fits[FEATURES] == frozenset()
    assert fits[B] == frozenset(), "it is connected already"
    lab.key(Qt.Key.Key_Escape)
    assert all(item.look.fits is None for item in nodes.values())


def test_an_edit_from_elsewhere_ends_the_gesture(lab: Lab) -> None:
    lab.drag(lab.output(A), lab.input(SPARE))
    lab.press(lab.output(B))
    lab.document.undo_stack.undo()
    assert not lab.view.gesture.is_active
