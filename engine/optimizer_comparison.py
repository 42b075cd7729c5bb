"""One g, every optimizer: the Δw that each would make of it, and the loss of the same batch after that Δw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.executor import Executor
from engine.executors import EXECUTORS
from engine.experiment import Choice, Pipeline
from engine.explanation_marks import is_between_steps, is_step_before
from engine.norms import gradient_norm
from engine.ops.call import Array
from engine.optimizers import OPTIMIZERS, NoOptimizer, make_optimizer
from engine.present_batch import CALL_SECONDS, NUMBER_SECONDS, batch_of, copy_of, forward_seconds, has_gradient
from engine.program import Parameter, Phase, Program
from engine.setting import complete
from engine.snapshot import Snapshot
from engine.step_order import Part
from engine.update_phase import UpdatePhase

CALLS = 40
"""So many calls make an update."""
PASSES = 25
"""So many times an update goes over its numbers, copies included."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """What an optimizer makes of g. Those that are not in the slot have their default settings and begin at t = 1."""

    choice: Choice
    label: str
    formulas: tuple[str, ...]
    delta: Array
    """Δw of all parameters, in their layout; the padding is 0."""
    norm: float
    """‖Δw‖."""
    is_in_slot: bool
    is_own: bool
    """Whether it is the Δw of the run: the one that was made, or will be made next."""

    def at(self, parameter: Parameter, row: int, column: int) -> float:
        """Give the Δw of one weight."""
        return float(self.delta[parameter.offset + row * parameter.shape[1] + column])

    def part(self, parameter: Parameter) -> Array:
        """Give the Δw of a parameter as [rows, columns]."""
        return self.delta[parameter.offset : parameter.offset + parameter.size].reshape(parameter.shape)


def can_compare(snapshot: Snapshot) -> bool:
    """Tell whether the run stands just before or right after an update, with the g of it."""
    if not has_gradient(snapshot):
        return False
    if snapshot.micro:
        return snapshot.order.place(snapshot.micro)[0] is Part.UPDATE
    return is_between_steps(snapshot) and snapshot.phase is Phase.UPDATE


def propose(snapshot: Snapshot, earlier: Snapshot | None) -> Iterator[Proposal]:
    """Give, one by one, the Δw of every optimizer that uses g, at the weights that g was computed at.

    Pins hold, and a clipping in the slot clips. To be asked where `can_compare` says so; `earlier` is as in `explain`.
    The run's own Δw is of the optimizer in the slot with what it keeps; once the update is made, it is the one made.
    """
    is_made = not snapshot.micro
    known = earlier if is_step_before(earlier, snapshot) else None
    # What stood in the slot when the update was made: it may have been exchanged since.
    then, now = (known or snapshot).pipeline, snapshot.pipeline.optimizer
    workshop = _Workshop(snapshot, earlier, then)
    for kind, made in OPTIMIZERS.items():
        is_own, is_in_slot = kind == then.optimizer.kind, kind == now.kind
        if not made.needs_gradient or (made is NoOptimizer and not is_own and not is_in_slot):
            continue
        choice = Choice(kind, complete(made.settings, {}))
        choice = then.optimizer if is_own else now if is_in_slot else choice
        if is_own and is_made:
            delta = workshop.last_update()
        else:
            delta = workshop.delta(choice, snapshot.updates + 1 if is_own else 1, keeps_memory=is_own)
        formulas = tuple(make_optimizer(kind, choice.settings).formulas.split("\n"))
        yield Proposal(choice, made.label, formulas, delta, gradient_norm(delta), is_in_slot, is_own)


def losses_after(snapshot: Snapshot, earlier: Snapshot | None, proposals: Sequence[Proposal]) -> Iterator[float]:
    """Compute the loss of the same batch, rows and random draws, after each Δw, one forward pass at a time."""
    executor: Executor = copy_of(snapshot, earlier)
    weights = snapshot.program.region(executor.arena, 0)
    before, rows = weights.copy(), snapshot.rows
    for proposal in proposals:
        np.add(before, proposal.delta, out=weights)
        with np.errstate(all="ignore"):
            loss = executor.forward(rows)
        yield loss


def propose_seconds(program: Program) -> float:
    """Estimate how long `propose` takes."""
    return len(OPTIMIZERS) * (CALLS * CALL_SECONDS + PASSES * program.parameter_span * NUMBER_SECONDS)


def losses_seconds(program: Program, rows: int) -> float:
    """Estimate how long `losses_after` takes."""
    return len(OPTIMIZERS) * (forward_seconds(program, rows) + program.parameter_span * NUMBER_SECONDS)


class _Workshop:
    """A copy of the run, in which updates are made and taken back."""

    def __init__(self, snapshot: Snapshot, earlier: Snapshot | None, pipeline: Pipeline) -> None:
        self._snapshot, self._pinned = snapshot, pipeline.pinned
        self._executor = copy_of(snapshot, earlier)
        self._weights = snapshot.program.region(self._executor.arena, 0).copy()

    def last_update(self) -> Array:
        """Give the Δw of the update just made: 0 where nothing could change a weight."""
        snapshot = self._snapshot
        delta = snapshot.program.region(snapshot.arena, 2)
        return delta.copy() if snapshot.update_step == snapshot.step - 1 else np.zeros_like(delta)

    def delta(self, choice: Choice, t: int, *, keeps_memory: bool) -> Array:
        """Make one update, the t-th, and give its Δw."""
        snapshot, program, arena = self._snapshot, self._snapshot.program, self._executor.arena
        optimizer = make_optimizer(choice.kind, choice.settings)
        rule = EXECUTORS[snapshot.executor].rule(self._executor, optimizer, self._pinned)
        phase = UpdatePhase(self._executor, optimizer, self._pinned, rule)
        if not phase.can_change_weights:
            return np.zeros(program.parameter_span)
        np.copyto(program.region(arena, 0), self._weights)
        for number, slot in enumerate(program.slots(arena, len(optimizer.slots))):
            slot[...] = program.region(snapshot.arena, 3 + number) if keeps_memory else 0.0
        with np.errstate(all="ignore"):
            phase.apply(batch_of(snapshot), snapshot.loss or 0.0, t)
        return program.region(arena, 2).copy()
