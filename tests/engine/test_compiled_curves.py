"""The curves of a run on kernels are those of single steps, in whatever stretches it went."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba", reason="only the compiled executor does steps in stretches")

from engine import observer
from engine.compiled import COMPILED, load
from engine.graph import Graph
from engine.recording import Curves
from engine.trainer import Trainer
from tests.engine.networks import chain, close
from tests.engine.samples import dense_graph, experiment_of, optimizer, trainer_of

load()

STEPS = 2500


def make(*, has_buffers: bool = False) -> Trainer:
    """Make a run on kernels: of 13 weights, or of 145 with running statistics."""
    graph = dense_graph()
    if has_buffers:
        graph, x = Graph().add("features")
        layers: list[tuple[str, dict[str, object]]] = [
            ("dense", {"units": 24}),
            ("batch_norm", {}),
            ("dense", {"units": 1, "activation": "identity"}),
        ]
        graph, end = chain(graph, x, layers)
        graph = close(graph, end, "binary_cross_entropy")
    trainer = trainer_of(experiment_of(graph, rule=optimizer("adam")))
    trainer.change_executor(COMPILED)
    return trainer


def flat(curves: Curves) -> dict[str, list[list[float]]]:
    """Give every series by its name."""
    found: dict[str, list[list[float]]] = {}
    for field in fields(curves):
        value = getattr(curves, field.name)
        if isinstance(value, np.ndarray):
            found[field.name] = [value.tolist()]
        elif field.name != "events":
            found |= {f"{field.name} {key}": [part.tolist() for part in parts] for key, parts in value.items()}
    return found


def step_by_step(has_buffers: bool, steps: int = STEPS) -> dict[str, list[list[float]]]:
    trainer = make(has_buffers=has_buffers)
    while trainer.stepper.step < steps:
        trainer.advance(0.0, trainer.stepper.step + 1)
    return flat(trainer.recorder.curves())


@pytest.mark.parametrize("has_buffers", [False, True])
def test_in_stretches_they_are_those_of_single_steps(has_buffers: bool) -> None:
    trainer = make(has_buffers=has_buffers)
    trainer.advance(math.inf, STEPS)
    assert trainer.stepper.step == STEPS
    curves = flat(trainer.recorder.curves())
    assert len(curves["test_step"][0]) > 100
    assert curves == step_by_step(has_buffers)


@given(st.lists(st.integers(1, 80), min_size=1, max_size=5), st.sampled_from([1, 10**3, 10**9]))
def test_wherever_a_stretch_ends_and_however_much_is_recorded_after_it(ends: list[int], size: int) -> None:
    trainer = make()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(observer, "NOTED_BYTES", size)
        for end in ends:
            trainer.advance(math.inf, trainer.stepper.step + end)
    assert flat(trainer.recorder.curves()) == step_by_step(False, sum(ends))


def test_losses_and_weights_recorded_within_a_stretch_are_those_of_their_step() -> None:
    trainer = make(has_buffers=True)
    trainer.advance(math.inf, STEPS)
    program, curves = trainer.program, trainer.recorder.curves()
    quantiles = curves.weight_quantiles[2]
    for k in range(0, len(curves.test_step), 11):
        trainer.go_to(int(curves.test_step[k]))
        assert trainer.observer.losses == pytest.approx((curves.train[k], curves.test[k]), rel=1e-12)
    for k in range(0, len(quantiles[0]), 17):
        trainer.go_to(int(quantiles[0][k]))
        weights = np.concatenate(
            [program.weights(trainer.stepper.arena, p).ravel() for p in program.parameters if p.node == 2]
        )
        assert quantiles[1][k] == pytest.approx(np.quantile(weights, [0.0, 0.25, 0.5, 0.75, 1.0]), rel=1e-12)
