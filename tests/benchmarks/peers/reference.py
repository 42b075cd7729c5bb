"""Our numpy executor: whole steps without anything else, and as a run does them, with curves and the way back."""

from __future__ import annotations

import math

import numpy as np

from engine.stepper import Stepper
from engine.trainer import Trainer
from tests.benchmarks.problem import Problem
from tests.benchmarks.workloads import NETWORKS, dataset_of, experiment_of, program_of, stepper_of


class Reference:
    """A Stepper's whole steps."""

    def __init__(self, stepper: Stepper) -> None:
        self._stepper = stepper

    def run(self, steps: int) -> float:
        """Do some steps."""
        with np.errstate(all="ignore"):
            for _ in range(steps):
                self._stepper.whole_step()
        assert self._stepper.loss is not None
        return self._stepper.loss


class Recorded:
    """A Trainer's steps."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer

    def run(self, steps: int) -> float:
        """Do some steps."""
        stepper = self._trainer.stepper
        self._trainer.advance(math.inf, stepper.step + steps)
        assert stepper.loss is not None
        return stepper.loss


def begin(problem: Problem) -> Reference:
    """Begin without recording."""
    return Reference(stepper_of(NETWORKS[problem.network.key]))


def begin_recorded(problem: Problem) -> Recorded:
    """Begin with recording."""
    network = NETWORKS[problem.network.key]
    dataset = dataset_of(network)
    return Recorded(Trainer(experiment_of(network), dataset, program_of(network, dataset)))
