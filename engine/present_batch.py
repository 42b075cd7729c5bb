"""The batch that a snapshot shows, for questions to it: on a copy with the same weights, rows and random draws."""

from __future__ import annotations

import numpy as np

from engine.executor import Batch, Executor
from engine.executors import EXECUTORS
from engine.explanation_marks import sample_mark, weights_of_values
from engine.program import Program
from engine.snapshot import Snapshot

CALL_SECONDS = 4e-6
"""About what numpy takes for a call on a small array,"""
NUMBER_SECONDS = 1.5e-9
"""for each number of a large one, and"""
MAC_SECONDS = 1.5e-10
"""for each multiply-add of a product of matrices."""
CALLS = 3
"""So many calls make an instruction, and so many times it goes over its numbers."""


def has_batch(snapshot: Snapshot) -> bool:
    """Tell whether rows are drawn, and still there."""
    return sample_mark(snapshot).is_known


def has_gradient(snapshot: Snapshot) -> bool:
    """Tell whether g is complete, and of this batch at the weights that its values were computed with."""
    return has_batch(snapshot) and snapshot.gradient_step == batch_step(snapshot)


def batch_step(snapshot: Snapshot) -> int:
    """Give the step that drew the batch, counted from 0."""
    return snapshot.step if snapshot.micro else snapshot.step - 1


def batch_of(snapshot: Snapshot) -> Batch:
    """Give what the random numbers of the step are made of."""
    return Batch(snapshot.rows, snapshot.seed, batch_step(snapshot))


def copy_of(snapshot: Snapshot, earlier: Snapshot | None, executor: str | None = None) -> Executor:
    """Make an executor of its own, of the run's kind or the named one, in which the batch stands as in the run.

    Right after an update its weights are those before it; `earlier` is as in `explain`. Nothing is computed yet.
    """
    copy = EXECUTORS[executor or snapshot.executor].make(snapshot.program)
    np.copyto(copy.arena, snapshot.arena)
    np.copyto(snapshot.program.region(copy.arena, 0), weights_of_values(snapshot, earlier))
    return copy


def is_same_batch(one: Snapshot, other: Snapshot) -> bool:
    """Tell whether two snapshots show the same batch with equal weights and g: what was found for one, still holds."""
    if one.program is not other.program or one.seed != other.seed or has_batch(one) != has_batch(other):
        return False
    if (batch_step(one), one.step, one.gradient_step) != (batch_step(other), other.step, other.gradient_step):
        return False
    numbers = [
        (snapshot.batch, snapshot.state, snapshot.program.region(snapshot.arena, 1)) for snapshot in (one, other)
    ]
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(*numbers, strict=True))


def forward_seconds(program: Program, rows: int) -> float:
    """Estimate how long a forward pass takes."""
    instructions = program.instructions
    numbers = sum(i.output.shape.columns * (i.output.shape.rows or rows) for i in instructions)
    calls = CALLS * (len(instructions) * CALL_SECONDS + numbers * NUMBER_SECONDS)
    return calls + program.macs(rows) * MAC_SECONDS
