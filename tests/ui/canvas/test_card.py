"""The cards of all kinds of nodes, and what they light up while a search tries its candidates."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from engine.datasets import make_dataset
from engine.gradients import make_gradient_method
from engine.graph import Graph
from engine.ops import OPS
from engine.program import Phase
from tests.engine.samples import dense_graph, experiment_of, optimizer, trainer_of
from ui.canvas.card import MAX_BODY_WIDTH, body_place, make_card
from ui.canvas.stage import Chip, Wire, make_stage
from ui.theme import install_theme

KINDS = sorted(name for name, op in OPS.items() if op.category)


@pytest.mark.parametrize("name", KINDS)
def test_a_card_is_of_moderate_width_and_holds_its_parts(name: str, qapp: QApplication) -> None:
    install_theme(qapp)
    graph, id_ = Graph().add(name)
    card = make_card(graph.node(id_), make_dataset("xor", {}))
    assert card.size.width() <= MAX_BODY_WIDTH + 8.0
    places = [*card.outputs, *(place for ports in card.inputs.values() for place in ports)]
    assert all(card.rect.contains(place) for place in places)
    assert all(card.rect.contains(chip) for chip in card.chips)
    assert card.rect.contains(body_place(card))
    assert len(card.chips) == (3 if OPS[name].lettered else 0)
    assert not any(chip.intersects(body_place(card)) for chip in card.chips) or card.tiles


def test_an_expression_shows_its_formula(qapp: QApplication) -> None:
    install_theme(qapp)
    graph, id_ = Graph().add("expression", {"formula": "a * x + b"})
    assert make_card(graph.node(id_), make_dataset("xor", {})).body == "f = a * x + b"


def test_while_candidates_are_tried_no_lock_is_open_and_no_update_is_fresh() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("genetic-algorithm", population=5)))
    method = make_gradient_method("backpropagation", {})
    trainer.finish_step()
    trainer.finish_step()
    seen = []
    for _ in range(trainer.stepper.micro_count):
        trainer.micro_step()
        stage = make_stage(trainer.snapshot(), method)
        seen.append((stage.phase, stage.is_updated, stage.update_chip))
    assert [entry[0] for entry in seen[-6:]] == [Phase.UPDATE] * 6
    assert all(entry[1:] == (False, Chip.STALE) for entry in seen[:-1])
    assert seen[-1][1:] == (True, Chip.FRESH)


def test_a_method_whose_passes_are_about_all_weights_has_no_part_of_g_before_the_last() -> None:
    experiment = experiment_of(way="spsa")
    experiment = replace(experiment, method=replace(experiment.method, settings={"c": 1e-3, "samples": 3}))
    trainer = trainer_of(experiment)
    method = make_gradient_method("spsa", experiment.method.settings)
    while trainer.stepper.describe(trainer.stepper.micro).phase is not Phase.BACKWARD:
        trainer.micro_step()
    fresh = []
    for _ in range(3):
        trainer.micro_step()
        fresh.append(make_stage(trainer.snapshot(), method).fresh_gradients)
    assert fresh == [frozenset(), frozenset(), frozenset(trainer.program.layers)]


def test_a_penalty_hands_no_delta_over_a_wire() -> None:
    graph = dense_graph()
    method = make_gradient_method("backpropagation", {})
    wires = []
    for l2 in (0.0, 0.1):
        trainer = trainer_of(experiment_of(graph.set(max(graph.nodes), {"l2": l2})))
        seen: set[Wire] = set()
        while trainer.stepper.step == 0:
            trainer.micro_step()
            seen |= make_stage(trainer.snapshot(), method).backward
        wires.append(seen)
    assert wires[0] == wires[1] != set()
