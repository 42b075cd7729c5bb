"""Every gradient method and every optimizer on kernels: the same bits in any way, and the numbers of the reference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

pytest.importorskip("numba", reason="without numba everything runs on the reference executor")

from engine.compiled import COMPILED, interpreter, kernels_update, load, step_loop
from engine.executors import EXECUTORS
from engine.experiment import Choice, Experiment
from engine.gradients import GRADIENT_METHODS
from engine.optimizers import OPTIMIZERS
from engine.stepper import Stepper
from tests.engine.networks import chain, close
from tests.engine.samples import dense_graph, experiment_of, optimizer, stepper_of

load()

STEPS = 3
NUDGED = {"finite-differences": 1e-9, "spsa": 1e-9}
"""What the difference of two losses, divided by a small nudge, leaves of their agreement."""


def compiled(experiment: Experiment) -> Stepper:
    stepper = stepper_of(experiment)
    stepper.set_pipeline(replace(stepper.pipeline, executor=COMPILED))
    assert stepper.pipeline.executor == COMPILED
    return stepper


def experiment_with(way: str, rule: str = "adam") -> Experiment:
    return experiment_of(rule=optimizer(rule), way=way)


def lasting(stepper: Stepper) -> bytes:
    return stepper.program.state(stepper.arena).tobytes() + b"".join(
        array.tobytes() for array in (stepper.program.region(stepper.arena, 1), *stepper.update_phase.memory.values())
    )


@pytest.mark.parametrize("way", GRADIENT_METHODS)
def test_a_gradient_method_gives_the_references_gradient(way: str) -> None:
    run, walked, reference = (make(experiment_with(way)) for make in (compiled, compiled, stepper_of))
    for _ in range(STEPS):
        run.whole_step()
        reference.whole_step()
        for _ in range(walked.micro_count):
            walked.micro_step()
        assert lasting(run) == lasting(walked)
        found, expected = (s.program.region(s.arena, 1) for s in (run, reference))
        atol = NUDGED.get(way, 1e-12) * max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(found, expected, rtol=0.0, atol=atol)
        np.copyto(reference.arena, run.arena)
    assert run.gradient_calls == reference.gradient_calls


@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_an_optimizer_makes_the_references_step(rule: str) -> None:
    experiment = experiment_with("backpropagation", rule)
    run, walked, reference = (make(experiment) for make in (compiled, compiled, stepper_of))
    for _ in range(STEPS):
        run.whole_step()
        reference.whole_step()
        for _ in range(walked.micro_count):
            walked.micro_step()
        assert lasting(run) == lasting(walked)
        for found, expected in ((run.state, reference.state), *zip(memory(run), memory(reference), strict=True)):
            atol = 1e-12 * max(1.0, float(np.abs(expected).max()))
            np.testing.assert_allclose(found, expected, rtol=0.0, atol=atol)
            np.copyto(expected, found)


def memory(stepper: Stepper) -> list[np.ndarray[Any, np.dtype[np.float64]]]:
    return list(stepper.update_phase.memory.values())


def test_a_run_of_any_kind_compiles_nothing_anew() -> None:
    graph, x = experiment_of().graph.remove([2, 3, 4, 5]), 1
    graph, end = chain(
        graph, x, [("dense", {"units": 2}), ("batch_norm", {}), ("dropout", {}), ("dense", {"units": 1})]
    )
    normalized = experiment_of(close(graph, end, "mean_squared_error"), Choice("line", {"rows": 50}))
    objective, node = dense_graph().remove(range(1, 6)).add("expression", {"formula": "(x-3)**2", "start": ""})
    objective, goal = objective.add("objective")
    objective = objective.connect(node, goal, "value")
    iris = experiment_of(dense_graph((4,), "softmax_cross_entropy", 3), Choice("iris"), batch_size=None)
    pinned = replace(experiment_of(), pinned=frozenset({(2, "W")}))
    for experiment in (normalized, experiment_of(objective), iris, pinned, experiment_with("forward-mode")):
        stepper = compiled(experiment)
        loop = EXECUTORS[COMPILED].loop(stepper)
        if loop is not None:
            loop.run(3)
        stepper.whole_step()
        for _ in range(stepper.micro_count):
            stepper.micro_step()
    entries = (
        *(interpreter.forward, interpreter.backward, interpreter.tangents, interpreter.update_buffers),
        *(kernels_update.run_update, step_loop.run_steps),
    )
    assert [len(cast(Any, entry).signatures) for entry in entries] == [1] * len(entries)
