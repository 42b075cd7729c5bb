"""Pins: set on the Node tab, by an action or the key P, each one step of undo, and kept by the run."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.canvas.lab import FEATURES, LOSS, SPARE, A, B
from tests.ui.desk import Desk, click, make_desk
from ui.action_table import SPECS
from ui.edits import change_graph, choose_optimizer
from ui.main_window import MainWindow


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> Desk:
    return make_desk(qtbot, qapp)


# ---- the Node tab ----------------------------------------------------------------------------------------------------


def test_a_pin_on_the_node_tab_keeps_a_parameter_until_it_is_undone(desk: Desk) -> None:
    pin = desk.parameters(A).pins["W"]
    assert pin.accessibleName() == "Pin W_A"
    assert "g is still computed" in pin.toolTip()
    click(pin)
    assert desk.experiment.pinned == {(A, "W")}
    assert (pin.isChecked(), desk.undo_labels) == (True, ["Pin W_A"])
    assert desk.changed_by(3) == {"b_A", "W_B", "b_B"}
    desk.document.undo_stack.undo()
    assert not pin.isChecked()
    assert desk.changed_by(3) == {"W_A", "b_A", "W_B", "b_B"}


def test_a_pin_can_be_set_and_let_go_with_the_keyboard_which_stays_on_it(desk: Desk) -> None:
    pin = desk.parameters(A).pins["b"]
    desk.inspector.activateWindow()
    pin.setFocus()
    for pinned in ({(A, "b")}, set()):
        QTest.keyClick(pin, Qt.Key.Key_Space)
        assert desk.experiment.pinned == pinned
        assert pin.isChecked() is bool(pinned)
        assert desk.inspector.page.focusWidget() is pin
    assert desk.undo_labels == ["Pin b_A", "Unpin b_A"]


def test_the_node_tab_lists_each_parameter_with_its_shape_and_size(desk: Desk) -> None:
    assert list(desk.parameters(A).pins) == ["W", "b"]
    for words in ("Parameters", "W_A [2 × 4]", "8 numbers", "b_A [1 × 4]", "4 numbers"):
        assert words in desk.words().split("\n")
    assert "Buffers" not in desk.words()
    assert list(desk.parameters(B).pins) == ["W", "b"]
    assert "b_B [1 × 1]\n1 number" in desk.words()
    for node in (FEATURES, LOSS, SPARE):
        assert desk.parameters(node).pins == {}
        assert "Parameters" not in desk.words()


def test_pins_of_several_nodes_are_set_together_in_one_step(desk: Desk) -> None:
    click(desk.parameters(B).pins["W"])
    pin = desk.parameters(A, B).pins["W"]
    assert "W of 2 nodes, 1 pinned" in desk.words()
    assert not pin.isChecked()
    click(pin)
    assert desk.experiment.pinned == {(A, "W"), (B, "W")}
    assert (pin.isChecked(), pin.accessibleName()) == (True, "Pin W")
    assert "W of 2 nodes\n" in desk.words()
    click(pin)
    assert desk.experiment.pinned == frozenset()
    assert desk.undo_labels == ["Pin W_B", "Pin W_A, W_B", "Unpin W_A, W_B"]
    desk.document.undo_stack.undo()
    desk.document.undo_stack.undo()
    assert desk.experiment.pinned == {(B, "W")}


def test_buffers_are_shown_as_what_the_optimizer_does_not_change(desk: Desk) -> None:
    graph, norm = desk.graph.add("batch_norm")
    graph = graph.disconnect([e for e in graph.edges if e.target == B]).connect(A, norm, "in").connect(norm, B, "in")
    change_graph(desk.document, "norm", graph)
    assert list(desk.parameters(norm).pins) == ["gain", "shift"]
    for words in ("running mean [1 × 4]", "running variance [1 × 4]", "the optimizer does not change them"):
        assert words in desk.words()


def test_a_broken_network_has_no_parameters_to_pin_but_keeps_its_pins(desk: Desk) -> None:
    click(desk.parameters(A).pins["W"])
    change_graph(desk.document, "cut", desk.graph.disconnect(desk.graph.edges))
    assert desk.parameters(A).pins == {}
    assert not desk.view.pin.isEnabled()
    assert desk.experiment.pinned == {(A, "W")}
    assert desk.card(A).look.is_pinned
    desk.document.undo_stack.undo()
    assert desk.parameters(A).pins["W"].isChecked()


# ---- the action ------------------------------------------------------------------------------------------------------


def test_the_action_says_what_it_will_do_and_does_it_in_one_step(desk: Desk) -> None:
    pin = desk.view.pin
    assert (pin.text(), pin.isEnabled()) == ("Pin Parameters", False)
    desk.view.select([A])
    assert (pin.text(), pin.isEnabled()) == ("Pin W_A, b_A", True)
    pin.trigger()
    assert desk.experiment.pinned == {(A, "W"), (A, "b")}
    assert desk.undo_labels == ["Pin W_A, b_A"]
    assert pin.text() == "Unpin W_A, b_A"
    desk.view.select([A, B, LOSS])
    assert pin.text() == "Pin W_B, b_B"
    pin.trigger()
    assert desk.changed_by(2) == set()
    pin.trigger()
    assert desk.experiment.pinned == frozenset()
    desk.view.select([FEATURES, LOSS])
    assert not pin.isEnabled()


def test_many_parameters_are_counted_rather_than_named(desk: Desk) -> None:
    graph, third = desk.graph.add("dense", {"units": 2})
    change_graph(desk.document, "third", graph.connect(FEATURES, third, "in").connect(third, B, "in"))
    desk.view.select([A, B, third])
    assert desk.view.pin.text() == f"Pin {2 * 4 + 4 + 6 + 1 + 2 * 2 + 2} parameters"


def test_the_context_menu_has_the_same_action(desk: Desk) -> None:
    desk.view.select([B])
    entry = next(action for action in desk.view.make_menu().actions() if action.text().startswith("Pin"))
    entry.trigger()
    assert desk.experiment.pinned == {(B, "W"), (B, "b")}


def test_the_window_pins_with_a_key_of_the_canvas_that_nothing_else_has(window: MainWindow) -> None:
    window.files.open_example("xor")
    action = window.actions_["pin"]
    assert not action.isEnabled()
    window.canvas.select([2])
    assert (action.text(), action.isEnabled()) == ("Pin W_A, b_A", True)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_P)
    assert window.document.project.experiment.pinned == {(2, "W"), (2, "b")}
    assert action.text() == "Unpin W_A, b_A"
    assert window.actions_["undo"].text() == "Undo Pin W_A, b_A"
    keys = [key for spec in SPECS for key in (*spec.keys, *spec.canvas_keys)]
    assert keys.count("P") == 1


# ---- the run ---------------------------------------------------------------------------------------------------------


def test_a_pin_changes_a_run_without_compiling_and_is_marked_on_it(desk: Desk) -> None:
    for _ in range(3):
        desk.runner.step()
    compilation, before = desk.runner.compilation, desk.weights()
    desk.view.select([A])
    desk.view.pin.trigger()
    assert desk.runner.compilation is compilation
    snapshot = desk.runner.snapshot
    assert snapshot is not None
    assert snapshot.step == 3
    assert [(step, str(words)) for step, words in snapshot.curves.events] == [(3, "pinned: W_A, b_A")]
    assert all(np.array_equal(values, before[title]) for title, values in desk.weights().items())


def test_pins_hold_in_a_run_at_full_speed(desk: Desk, qtbot: QtBot) -> None:
    desk.view.select([A])
    desk.view.pin.trigger()
    before = desk.weights()
    choose_optimizer(desk.document, "adam")
    desk.runner.set_speed(None)
    desk.runner.run()
    qtbot.waitUntil(lambda: desk.runner.place[0] > 5)
    desk.runner.pause()
    after = desk.weights()
    assert {title for title in before if np.array_equal(before[title], after[title])} == {"W_A", "b_A"}


def test_a_pin_of_a_deleted_node_waits_and_comes_back_with_it(desk: Desk) -> None:
    desk.view.select([A])
    desk.view.pin.trigger()
    before = desk.weights()["W_A"]
    desk.view.delete_selection()
    assert not desk.view.pin.isEnabled()
    graph = desk.graph
    change_graph(desk.document, "short", graph.connect(FEATURES, B, "in"))
    assert desk.changed_by(2) == {"W_B", "b_B"}
    assert not any(item.look.is_pinned for item in desk.view._scene.nodes.values())
    desk.view.select_all()
    desk.view.pin.trigger()
    desk.document.undo_stack.undo()
    desk.document.undo_stack.undo()
    desk.document.undo_stack.undo()
    assert desk.card(A).look.is_pinned
    assert np.array_equal(desk.weights()["W_A"], before)
    assert desk.changed_by(2) == {"W_B", "b_B"}
