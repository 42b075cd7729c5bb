"""Every number that the Maths tab can show has a place on the canvas, in every example."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.examples import EXAMPLES, load_example
from engine.explanation import explain
from engine.explanation_operands import Address, operands_of, places_of
from engine.explanation_parts import Column, Focus, Line, Number, Sum
from engine.program import Phase
from tests.engine.explanations import lines_of
from tests.ui.canvas.lab import Lab, make_lab
from ui.canvas.flash_shapes import shapes_of

MOST = 3
"""So many terms of a sum are tried."""


def addresses(line: Line) -> Iterator[Address]:
    for part, piece in enumerate(line.parts):
        if isinstance(piece, Number):
            yield Address(part)
        elif isinstance(piece, Sum):
            yield from (Address(part, k, f) for k in range(min(len(piece), MOST)) for f in range(len(piece.factors)))
        elif isinstance(piece, Column):
            yield from (Address(part, k) for k in range(min(len(piece), MOST)))


def step_to_update(lab: Lab) -> None:
    """Do micro-steps until only the update is left, or where there are many passes, some of them."""
    for _ in range(200):
        lab.runner.micro_step()
        assert lab.runner.snapshot is not None
        if lab.runner.snapshot.next.phase is Phase.UPDATE:
            return


@pytest.mark.parametrize("key", [example.key for example in EXAMPLES])
def test_every_number_with_a_place_has_an_outline_on_its_own_node_or_wire(
    qtbot: QtBot, qapp: QApplication, key: str
) -> None:
    lab = make_lab(qapp, load_example(key).project)
    qtbot.addWidget(lab.view, before_close_func=lambda _: lab.put_away())
    step_to_update(lab)
    snapshot, scene = lab.runner.snapshot, lab.view._scene
    assert snapshot is not None
    count = 0
    for node in snapshot.program.graph.nodes:
        found = explain(snapshot, lab.runner.dataset, node, Focus(row=0, unit=1, source=1))
        for line in lines_of(found):
            for address in addresses(line):
                if not places_of(line, address):
                    continue
                shapes = shapes_of(operands_of(snapshot.program, line, address), scene.nodes, scene.display)
                assert shapes
                for shape in shapes:
                    assert not shape.path.isEmpty()
                    near = shape.path.boundingRect().adjusted(-5.0, -5.0, 5.0, 5.0)
                    owners = [item for item in scene.nodes.values() if item.sceneBoundingRect().intersects(near)]
                    assert owners
                count += 1
    assert count > 10
