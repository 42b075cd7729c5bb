"""The scene follows the document, whoever edits it, and shows runs and problems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.project import Project
from app.translate import format_number
from engine.experiment import Choice
from engine.graph import Edge, Graph
from engine.program import Phase
from tests.ui.canvas.lab import FEATURES, LOSS, POSITIONS, SPARE, TARGET, A, B, Lab, experiment, make_lab, moons_graph
from ui.canvas.card import number_place
from ui.canvas.operations import with_graph
from ui.canvas.stage import Chip
from ui.theme import Mode, current, install_theme, ui_font

MakeLab = Callable[[Project], Lab]


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication) -> MakeLab:
    def make(project: Project) -> Lab:
        lab = make_lab(qapp, project)
        qtbot.addWidget(lab.view, before_close_func=lambda _: lab.put_away())
        return lab

    return make


def change_graph(lab: Lab, graph: Graph) -> None:
    lab.document.edit("change", with_graph(lab.document.project, graph))


def step_until(lab: Lab, phase: Phase, node: int | None = None) -> None:
    """Go on by micro-steps to the last one of a phase, and of a node."""
    for _ in range(200):
        lab.runner.micro_step()
        snapshot = lab.runner.snapshot
        assert snapshot is not None
        here = snapshot.last is not None and snapshot.phase is phase and node in (None, snapshot.last.node)
        if here and (snapshot.next.phase is not phase or (node is not None and snapshot.next.node != node)):
            return
    raise AssertionError(f"no {phase} of {node}")


def test_an_edit_elsewhere_changes_only_what_differs(lab: Lab) -> None:
    items, wires = dict(lab.view._scene.nodes), dict(lab.view._scene.edges)
    size = items[A].card.size
    change_graph(lab, lab.graph.set(A, {"units": 6}))
    assert lab.view._scene.nodes == items
    assert lab.view._scene.edges == wires
    assert items[A].card.size.height() > size.height()
    assert wires[Edge(FEATURES, A, "in")].line_count == 2 * 6
    assert wires[Edge(A, B, "in")].line_count == 6
    lab.document.undo_stack.undo()
    assert items[A].card.size == size
    assert wires[Edge(FEATURES, A, "in")].line_count == 2 * 4


def test_a_whole_other_project_replaces_everything(lab: Lab) -> None:
    graph, only = Graph().add("features")
    lab.document.load(Project(experiment(graph), {only: (16.0, 24.0)}), None)
    assert list(lab.view._scene.nodes) == [only]
    assert lab.view._scene.edges == {}
    assert lab.position(only) == (16.0, 24.0)


def test_nodes_without_positions_are_laid_out_and_keep_their_place_when_one_is_moved(make: MakeLab) -> None:
    lab = make(Project(experiment(moons_graph())))
    places = lab.view._scene.positions()
    assert len(set(places.values())) == 6
    lab.view.select([SPARE])
    lab.key(Qt.Key.Key_Down)
    x, y = places[SPARE]
    assert lab.view._scene.positions() == {**places, SPARE: (x, y + 8)}
    assert lab.document.project.positions == {**places, SPARE: (x, y + 8)}


def test_a_new_node_without_a_position_does_not_cover_another(lab: Lab) -> None:
    graph, id_ = lab.graph.add("tanh")
    change_graph(lab, graph)
    new = lab.view._scene.nodes_rect([id_])
    assert not any(new.intersects(lab.view._scene.nodes_rect([other])) for other in lab.graph.nodes if other != id_)


def test_problems_stand_on_their_nodes_and_go_when_solved(lab: Lab) -> None:
    nodes = lab.view._scene.nodes
    assert "Not connected" in nodes[SPARE].look.reason
    assert nodes[A].look.reason == ""
    change_graph(lab, lab.graph.disconnect([Edge(A, B, "in")]))
    assert "Not connected" in nodes[B].look.reason
    assert "▲" in lab.view.headline.words.text()
    lab.document.undo_stack.undo()
    assert nodes[B].look.reason == ""


def test_forward_lights_up_the_node_and_the_wires_into_it(lab: Lab) -> None:
    step_until(lab, Phase.FORWARD, A)
    assert {id_ for id_, item in lab.view._scene.nodes.items() if item.look.frame == "forward"} == {A}
    assert [edge for edge, wire in lab.view._scene.edges.items() if wire.is_forward] == [Edge(FEATURES, A, "in")]


def test_backward_shows_delta_up_to_the_node_and_fills_g_without_touching_update(lab: Lab) -> None:
    step_until(lab, Phase.BACKWARD, B)
    nodes, edges = lab.view._scene.nodes, lab.view._scene.edges
    assert nodes[B].look.frame == "backward"
    assert {edge for edge, wire in edges.items() if wire.is_backward} == {Edge(B, LOSS, "prediction"), Edge(A, B, "in")}
    assert (nodes[B].look.gradient, nodes[A].look.gradient) == (Chip.FRESH, Chip.EMPTY)
    assert nodes[B].look.update is Chip.EMPTY
    assert not nodes[B].look.is_open


def test_update_opens_every_lock_and_moves_no_wire(lab: Lab) -> None:
    lab.runner.step()
    nodes, edges = lab.view._scene.nodes, lab.view._scene.edges
    for id_ in (A, B):
        assert (nodes[id_].look.gradient, nodes[id_].look.update) == (Chip.FRESH, Chip.FRESH)
        assert nodes[id_].look.is_open
    assert {id_ for id_, item in nodes.items() if item.look.frame == "update"} == {A, B}
    assert not any(wire.is_forward or wire.is_backward for wire in edges.values())
    assert nodes[LOSS].look.is_stale, "the loss was of the weights before"
    lab.runner.micro_step()
    assert nodes[A].look.gradient is nodes[A].look.update is Chip.STALE
    assert not nodes[A].look.is_open


def test_a_layer_that_takes_no_part_has_no_weights_gradient_or_update(lab: Lab) -> None:
    graph, id_ = lab.graph.add("dense")
    change_graph(lab, graph.connect(FEATURES, id_, "in"))
    lab.runner.step()
    look = lab.view._scene.nodes[id_].look
    assert (look.has_weights, look.gradient, look.update, look.is_open) == (False, Chip.EMPTY, Chip.EMPTY, False)


def test_finite_differences_send_no_delta_and_fill_g_weight_by_weight(make: MakeLab) -> None:
    lab = make(Project(experiment(moons_graph(), method="finite-differences"), POSITIONS))
    nodes = lab.view._scene.nodes
    step_until(lab, Phase.BACKWARD, A)
    assert (nodes[A].look.gradient, nodes[B].look.gradient) == (Chip.FRESH, Chip.EMPTY)
    assert nodes[A].look.frame == "gradient"
    assert not any(wire.is_backward for wire in lab.view._scene.edges.values())


def test_the_headline_says_what_was_done_and_what_comes_next(lab: Lab) -> None:
    step_until(lab, Phase.FORWARD, A)
    assert "Forward through" in lab.view.headline.words.text()
    assert ">A · 4 tanh</b>" in lab.view.headline.words.text()
    assert lab.view.headline.next.text() == "Next: forward B · 1 identity →"


def test_the_loss_card_shows_the_loss_of_the_drawn_rows(lab: Lab) -> None:
    look = lab.view._scene.nodes[LOSS].look
    assert look.number == "—"
    step_until(lab, Phase.LOSS)
    snapshot = lab.runner.snapshot
    assert snapshot is not None
    assert snapshot.loss is not None
    assert float(look.number) == pytest.approx(snapshot.loss, abs=5e-5)
    assert look.number_note == "mean of 32 rows"
    assert not look.is_stale


def test_the_loss_card_names_the_penalty_and_has_room_for_the_words(make: MakeLab) -> None:
    lab = make(Project(experiment(moons_graph().set(LOSS, {"l2": 0.1})), POSITIONS))
    step_until(lab, Phase.LOSS)
    snapshot = lab.runner.snapshot
    assert snapshot is not None
    assert snapshot.penalty is not None
    item = lab.view._scene.nodes[LOSS]
    note = item.look.number_note
    assert note == f"with penalty {format_number(snapshot.penalty)}"
    for words in (note, "with penalty 1.2e-05"):
        assert QFontMetricsF(ui_font(-2)).horizontalAdvance(words) <= number_place(item.card).width()


def test_tiles_show_what_units_answer_over_the_plane(lab: Lab) -> None:
    snapshot = lab.runner.snapshot
    assert snapshot is not None
    dataset = lab.runner.dataset
    (left, right), (bottom, top) = dataset.domain
    corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
    answers = snapshot.evaluator.responses(snapshot.state, corners, [A])[A]
    colors = current().colors
    for unit, image in enumerate(lab.view._scene.nodes[A].look.tiles):
        last = image.width() - 1
        places = [(0, 0), (last, 0), (0, last), (last, last)]
        strongest = int(np.abs(answers[:, unit]).argmax())
        pixel = image.pixelColor(*places[strongest])
        role = colors.positive if answers[strongest, unit] > 0 else colors.negative
        other = colors.negative if answers[strongest, unit] > 0 else colors.positive
        assert distance(pixel.name(), role) < distance(pixel.name(), other)


def test_weight_lines_show_the_rows_of_w_that_belong_to_their_wire(make: MakeLab) -> None:
    graph = moons_graph().connect(FEATURES, B, "in")
    lab = make(Project(experiment(graph), POSITIONS))
    snapshot = lab.runner.snapshot
    assert snapshot is not None
    matrix = next(p for p in snapshot.program.parameters if p.title == "W_B")
    weights = snapshot.weights(matrix)
    assert weights.shape == (6, 1)
    for edge, rows in ((Edge(A, B, "in"), slice(0, 4)), (Edge(FEATURES, B, "in"), slice(4, 6))):
        part = weights[rows].ravel()
        styles = np.array(lab.view._scene.edges[edge]._styles)
        assert np.array_equal(np.sign(styles), np.sign(np.rint(8 * part / np.abs(part).max())))
        assert np.abs(styles).argmax() == np.abs(part).argmax()


def test_wide_layers_have_one_wire_that_says_how_many_meet_how_many(make: MakeLab) -> None:
    graph = moons_graph().set(A, {"units": 64}).set(B, {"units": 32})
    lab = make(Project(experiment(graph), POSITIONS))
    wire = lab.view._scene.edges[Edge(A, B, "in")]
    assert wire.line_count == 0
    assert wire._label == "64 → 32"
    assert lab.view._scene.nodes[A].card.body == "+ 56 more"


@pytest.mark.parametrize("data", ["line", "iris", "digits"])
def test_every_kind_of_data_fills_the_tiles(make: MakeLab, data: str) -> None:
    graph = moons_graph().remove([LOSS]).set(B, {"units": {"line": 1, "iris": 3, "digits": 10}[data]})
    graph, loss = graph.add("mean_squared_error" if data == "line" else "softmax_cross_entropy")
    graph = graph.connect(B, loss, "prediction").connect(TARGET, loss, "target")
    lab = make(Project(experiment(graph, data)))
    lab.runner.step()
    nodes = lab.view._scene.nodes
    assert lab.runner.compilation.program is not None
    for id_ in (FEATURES, A, B):
        assert len(nodes[id_].look.tiles) == len(nodes[id_].card.tiles) > 0


def test_a_run_at_full_speed_lights_nothing_up_and_a_pause_does(lab: Lab, qtbot: QtBot) -> None:
    lab.runner.step()
    lab.runner.set_speed(None)
    lab.runner.run()
    qtbot.waitUntil(lambda: "Training" in lab.view.headline.words.text())
    assert not any(item.look.frame for item in lab.view._scene.nodes.values())
    lab.runner.pause()
    assert "Training" not in lab.view.headline.words.text()


def test_another_data_set_gives_features_other_columns(lab: Lab) -> None:
    new = replace(lab.document.project.experiment, data=Choice("iris", experiment(Graph(), "iris").data.settings))
    lab.document.edit("data", replace(lab.document.project, experiment=new))
    features = lab.view._scene.nodes[FEATURES]
    assert features.card.labels[0] == "sepal length"
    assert lab.view._scene.edges[Edge(FEATURES, A, "in")].line_count == 4 * 4


def test_tooltips_tell_formula_shapes_parameters_and_problems(lab: Lab) -> None:
    scene = lab.view._scene

    def at(place: QPoint) -> str:
        return scene.details_at(lab.view.mapToScene(place))

    words = at(lab.title(A))
    assert "A · 4 tanh" in words
    assert "a = f(x W + b)" in words
    assert "12 parameters: W_A [2×4], b_A [1×4]" in words
    assert "[32×4]" in words
    assert "▲ Not connected" in at(lab.title(SPARE))
    assert at(lab.input(LOSS, "target")) == "target: takes one wire"
    lab.runner.step()
    middle = (lab.output(TARGET) + lab.input(LOSS, "target")) / 2
    assert "Target → Binary cross-entropy" in at(middle)


def test_every_card_and_wire_can_be_drawn_in_both_themes_and_at_any_zoom(
    lab: Lab, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda *error: failures.append(error))
    theme = install_theme(qapp)
    pictures = []
    modes: tuple[Mode, ...] = ("light", "dark")
    for mode in modes:
        theme.set_mode(mode)
        for phase in (Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE):
            step_until(lab, phase)
            for zoom in (0.25, 1.0, 3.0):
                lab.view.set_zoom(zoom)
                pictures.append(lab.view.grab().toImage())
    theme.set_mode("system")
    assert failures == []
    assert pictures[1] != pictures[10]


def distance(one: str, other: str) -> int:
    return sum(abs(int(one[k : k + 2], 16) - int(other[k : k + 2], 16)) for k in (1, 3, 5))
