"""Σ at an output that is used several times: from when a second gradient has arrived, in phase 4 alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.project import Project
from engine.program import Phase
from engine.snapshot import Snapshot
from tests.ui.canvas.lab import FEATURES, POSITIONS, A, B, Lab, experiment, make_lab, moons_graph
from ui.canvas.phase_marks import sum_place
from ui.theme import current

C = 7
MakeLab = Callable[..., Lab]


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication) -> MakeLab:
    """Make a canvas in which A feeds B, and C, which feeds B too: A is used twice."""

    def make(method: str = "backpropagation") -> Lab:
        graph, _ = moons_graph().add("dense", {"units": 2, "activation": "tanh"})
        graph = graph.connect(A, C, "in").connect(C, B, "in")
        lab = make_lab(qapp, Project(experiment(graph, method=method), {**POSITIONS, C: (300.0, 240.0)}))
        qtbot.addWidget(lab.view, before_close_func=lambda _: lab.put_away())
        return lab

    return make


def now(lab: Lab) -> Snapshot:
    assert lab.runner.snapshot is not None
    return lab.runner.snapshot


def uses_swept(snapshot: Snapshot, node: int) -> int:
    """Count by the arena: how many of the places that hold parts of a node's δ have been written in this step."""
    done = snapshot.micro - 1 - len(snapshot.program.instructions)
    value = snapshot.program.outputs[node]
    steps = snapshot.program.backward[: max(done, 0)]
    return sum(given.index == value.index for step in steps for given in step.instruction.inputs)


def sum_pixels(lab: Lab, node: int) -> int:
    """Count the pixels of the gradient's color where Σ would be, beside the card."""
    item = lab.view._scene.nodes[node]
    place = sum_place(item.card).translated(item.pos())
    image: QImage = lab.view.viewport().grab(lab.view.mapFromScene(place).boundingRect()).toImage()
    color = QColor(current().colors.backward)
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return sum(abs(p.red() - color.red()) + abs(p.blue() - color.blue()) < 12 for p in pixels)


def test_it_appears_with_the_second_gradient_and_goes_with_the_phase(make: MakeLab) -> None:
    lab = make()
    lab.view.set_zoom(1.0)
    seen = []
    for _ in range(now(lab).micro_count + 2):
        lab.runner.micro_step()
        count, found = uses_swept(now(lab), A), lab.view._scene.nodes[A].look.fan_out
        is_there = now(lab).phase is Phase.BACKWARD and count > 1
        assert found == ((count, 2) if is_there else None)
        assert (sum_pixels(lab, A) > 30) == is_there
        seen.append(is_there)
        others = [item.look.fan_out for id_, item in lab.view._scene.nodes.items() if id_ != A]
        assert others == [None] * len(others), "Features is used twice, but nobody asks for its δ"
    assert True in seen
    assert seen[-1] is False


def test_its_tooltip_says_what_adds_up(make: MakeLab) -> None:
    lab = make()
    item = lab.view._scene.nodes[A]
    place = sum_place(item.card).translated(item.pos()).center()
    before = lab.view._scene.details_at(place)
    while item.look.fan_out is None:
        lab.runner.micro_step()
    assert lab.view._scene.details_at(place) == "δ of A is the sum over its 2 uses"
    assert before != "δ of A is the sum over its 2 uses"


def test_the_sum_is_really_that_of_the_uses(make: MakeLab) -> None:
    lab = make()
    while lab.view._scene.nodes[A].look.fan_out is None:
        lab.runner.micro_step()
    snapshot = now(lab)
    program, value = snapshot.program, snapshot.program.outputs[A]
    weights = {p.title: snapshot.weights(p) for p in program.parameters}
    parts = []
    for title, node, rows in (("W_B", B, slice(0, 4)), ("W_C", C, slice(0, 4))):
        first = next(i for i in program.instructions if i.node == node and i.op.name == "matmul")
        upstream = program.adjoint(snapshot.arena, first.output, snapshot.rows)
        assert upstream is not None
        parts.append(upstream @ weights[title][rows].T)
    delta = program.adjoint(snapshot.arena, value, snapshot.rows)
    assert delta is not None
    assert np.allclose(delta, sum(parts), rtol=1e-12)


def test_without_a_backward_sweep_and_far_away_there_is_none(make: MakeLab) -> None:
    lab = make("forward-mode")
    while now(lab).phase is not Phase.UPDATE:
        lab.runner.micro_step()
        assert lab.view._scene.nodes[A].look.fan_out is None
    lab = make()
    while lab.view._scene.nodes[A].look.fan_out is None:
        lab.runner.micro_step()
    lab.view.set_zoom(0.5)
    assert sum_pixels(lab, A) == 0
    assert lab.view._scene.nodes[FEATURES].look.fan_out is None
