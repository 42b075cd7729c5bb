"""The executors by name: the numpy one, and any other that has been loaded. They compute the same programs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.executor import Executor
from engine.experiment import REFERENCE
from engine.interrupt import Interrupt
from engine.ops.call import Array
from engine.optimizers import Optimizer
from engine.program import Program
from engine.reference import Reference

PinnedNames = frozenset[tuple[int, str]]
"""Parameters by (node, name)."""


class Rule(Protocol):
    """An optimizer bound to an executor's arena."""

    def apply(self, t: int) -> None:
        """Turn g into Δw, pins and clipping considered, and add it: the t-th update, counted from 1."""


@dataclass(frozen=True)
class Steps:
    """What a stretch of whole steps leaves for the curves: each step's loss, and ‖g‖ by step and layer.

    `losses` is [steps] and `norms` [steps, layers], with the layers in the order of `program.layers`.
    """

    losses: Array
    norms: Array
    is_finite: bool
    """Whether all numbers still are; else the last of the steps is where one is not."""
    noted: NDArray[np.int64]
    """Those of the steps asked for that were completed."""
    states: Array
    """Buffers and parameters after each of them, [noted steps, numbers]."""


@dataclass(frozen=True)
class LossLimit:
    """Ends a stretch after the first step whose loss comes below a bound: one that is below after one that was not."""

    bound: float = -math.inf
    is_below: bool = False
    """Whether the loss before the stretch is."""


NO_LIMIT = LossLimit()


class StepLoop(Protocol):
    """Does many whole steps of a stepper in one call, equal to the bit to as many calls of `Stepper.whole_step`."""

    def run(
        self, count: int, limit: LossLimit = NO_LIMIT, notes: Sequence[int] = (), interrupt: Interrupt | None = None
    ) -> Steps:
        """Do `count` whole steps from the beginning of one, or fewer: at least one.

        The last of fewer reaches the limit, is not finite, or is the one in which the interrupt was set. `notes` are
        numbers of completed steps, ascending, at which the state is copied.
        """


@dataclass(frozen=True)
class ExecutorKind:
    """An executor with what it can do beyond running a program: None where it cannot."""

    make: Callable[[Program], Executor]
    missing: Callable[[Program], Sequence[str]]
    """Names the primitives of a program that it cannot compute."""
    rule: Callable[[Executor, Optimizer, PinnedNames], Rule | None]
    loop: Callable[..., StepLoop | None]
    """Takes the Stepper."""
    set_rows: int | None
    """In parts of so many rows it computes the loss of a whole set fastest; None where the larger are the faster."""


EXECUTORS: dict[str, ExecutorKind] = {
    REFERENCE: ExecutorKind(Reference, lambda program: (), lambda *bound: None, lambda stepper: None, None)
}
"""The executors that are there, by the names that files and events know them by."""


def executor_for(program: Program, name: str) -> str:
    """Give the name of what computes a program: the executor asked for, or the reference where that cannot."""
    kind = EXECUTORS.get(name)
    return REFERENCE if kind is None or kind.missing(program) else name
