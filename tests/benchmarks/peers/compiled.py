"""Our compiled executor: whole steps inside one call, and a run with curves, stop conditions and the way back."""

from __future__ import annotations

from dataclasses import replace

from engine.compiled import COMPILED, LoadError, load
from engine.executors import EXECUTORS, StepLoop
from engine.experiment import Choice
from engine.trainer import Trainer
from tests.benchmarks.peers.reference import Recorded
from tests.benchmarks.problem import Problem, UnavailableError
from tests.benchmarks.workloads import NETWORKS, dataset_of, experiment_of, program_of, stepper_of

STOPS = (Choice("loss-below", {"of": "batch", "bound": 0.0}), Choice("steps", {"count": 10**12}))
"""Conditions that have to be looked at and never hold."""


class CompiledSteps:
    """A stepper's steps in stretches."""

    def __init__(self, loop: StepLoop) -> None:
        self._loop = loop

    def run(self, steps: int) -> float:
        """Do some steps in one call. Raises UnavailableError where a number is not finite."""
        done = self._loop.run(steps)
        if not done.is_finite:
            raise UnavailableError("a number is not finite")
        return float(done.losses[-1])


def begin(problem: Problem) -> CompiledSteps:
    """Begin without a run around it. Raises UnavailableError for a network that it has no kernels for."""
    _load()
    stepper = stepper_of(NETWORKS[problem.network.key])
    stepper.set_pipeline(replace(stepper.pipeline, executor=COMPILED))
    loop = EXECUTORS[stepper.pipeline.executor].loop(stepper)
    if loop is None:
        raise UnavailableError("this network or its optimizer has no kernels")
    return CompiledSteps(loop)


def begin_recorded(problem: Problem) -> Recorded:
    """Begin a whole run."""
    _load()
    network = NETWORKS[problem.network.key]
    dataset = dataset_of(network)
    trainer = Trainer(replace(experiment_of(network), stops=STOPS), dataset, program_of(network, dataset))
    trainer.change_executor(COMPILED)
    return Recorded(trainer)


def _load() -> None:
    try:
        load()
    except LoadError as error:
        raise UnavailableError(str(error)) from error
