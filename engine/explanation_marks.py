"""Which numbers of a snapshot hold: computed in the present step, left from the one before, or not there yet.

Stale numbers are those that belong to weights which have moved on. Once new rows are drawn, what is not computed for
them yet is not there, since what lies in its place belongs to other rows.
"""

from __future__ import annotations

import numpy as np

from engine.explanation_parts import Mark, State
from engine.gradients import GradientMethod
from engine.ops.call import Array
from engine.program import Parameter, Phase
from engine.snapshot import Snapshot

PENDING = Mark(State.PENDING)
ABSENT = Mark(State.ABSENT)


def is_between_steps(snapshot: Snapshot) -> bool:
    """Tell whether a step is complete, with its numbers still there, and the next one has not begun."""
    return snapshot.micro == 0 and snapshot.last is not None and snapshot.loss_step == snapshot.step - 1


def sample_mark(snapshot: Snapshot) -> Mark:
    """Tell whether the drawn rows are there. They do not go stale, as weights have no say in them."""
    if snapshot.micro:
        return Mark(State.FRESH, snapshot.step)
    return Mark(State.FRESH, snapshot.step - 1) if is_between_steps(snapshot) else PENDING


def forward_mark(snapshot: Snapshot, number: int) -> Mark:
    """Tell whether the value of the instruction of this number is there."""
    if snapshot.micro:
        return Mark(State.FRESH, snapshot.step) if number < snapshot.micro - 1 else PENDING
    return Mark(State.STALE, snapshot.step - 1) if is_between_steps(snapshot) else PENDING


def backward_mark(snapshot: Snapshot, number: int | None, method: GradientMethod) -> Mark:
    """Tell whether the adjoints that a backward step writes are there; `number` None: there is no such step."""
    if number is None or not method.is_reverse or not snapshot.is_method_called:
        return ABSENT
    if snapshot.micro:
        done = min(snapshot.passes_done, snapshot.order.gradient_passes)
        return Mark(State.FRESH, snapshot.step) if number < done else PENDING
    has_gradient = is_between_steps(snapshot) and snapshot.gradient_step == snapshot.step - 1
    return Mark(State.STALE, snapshot.step - 1) if has_gradient else PENDING


def parameter_mark(snapshot: Snapshot, parameter: Parameter, method: GradientMethod) -> Mark:
    """Tell whether a parameter's part of g is there: in phase 4 it may be before that of its whole layer."""
    if snapshot.phase is Phase.BACKWARD:
        done = snapshot.micro - 1 - len(snapshot.program.instructions)
        if parameter in method.complete(snapshot.program, done):
            return Mark(State.FRESH, snapshot.step)
    return gradient_mark(snapshot, parameter.node, method)


def gradient_mark(snapshot: Snapshot, node: int, method: GradientMethod) -> Mark:
    """Tell whether a layer's part of g is there, as its chip does."""
    phase, program = snapshot.phase, snapshot.program
    if phase is Phase.BACKWARD:
        done = snapshot.micro - 1 - len(program.instructions)
        pending = {method.node(program, number) for number in range(done, method.count(program))}
        if None not in pending and node not in pending:
            return Mark(State.FRESH, snapshot.step)
    if snapshot.gradient_step is None:
        return PENDING
    is_used = phase is Phase.UPDATE and snapshot.reuse is None
    return Mark(State.FRESH if is_used else State.STALE, snapshot.gradient_step)


def update_mark(snapshot: Snapshot) -> Mark:
    """Tell whether Δw is there, as the chips do."""
    if snapshot.update_step is None:
        return PENDING
    is_new = snapshot.phase is Phase.UPDATE and snapshot.micro == 0 and snapshot.update_step == snapshot.step - 1
    return Mark(State.FRESH if is_new else State.STALE, snapshot.update_step)


def is_step_before(earlier: Snapshot | None, snapshot: Snapshot) -> bool:
    """Tell whether `earlier` stands at the weights that the update which `snapshot` shows has changed."""
    if earlier is None or earlier.program is not snapshot.program or not is_between_steps(snapshot):
        return False
    if snapshot.reuse is None:
        is_right = earlier.step == snapshot.step - 1
    else:
        is_right = (earlier.step, earlier.micro, earlier.updates) == (snapshot.step, 0, snapshot.updates - 1)
    if not is_right:
        return False
    program = snapshot.program
    return bool(np.array_equal(program.region(earlier.arena, 0) + _moved(snapshot), program.region(snapshot.arena, 0)))


def arena_of_values(snapshot: Snapshot, earlier: Snapshot | None) -> Array:
    """Give the arena with the weights that its values were computed with."""
    if not is_between_steps(snapshot):
        return snapshot.arena
    arena = snapshot.arena.copy()
    np.copyto(snapshot.program.region(arena, 0), weights_of_values(snapshot, earlier))
    arena.flags.writeable = False
    return arena


def weights_of_values(snapshot: Snapshot, earlier: Snapshot | None) -> Array:
    """Give the flat weights that a snapshot's values were computed with.

    Between two steps these are the weights before the update: those of the earlier snapshot, where it is there, else
    w − Δw, which is the same but for its last bit. Where g was applied again since, Δw is the last one only, so the
    run has kept them.
    """
    weights = snapshot.program.region(snapshot.arena, 0)
    if not is_between_steps(snapshot):
        return weights
    if snapshot.reuse is not None:
        return snapshot.reuse.weights
    if earlier is not None and is_step_before(earlier, snapshot):
        return snapshot.program.region(earlier.arena, 0)
    return weights - _moved(snapshot)


def _moved(snapshot: Snapshot) -> Array:
    """Give the Δw of the step that was completed last: 0 where it had none."""
    region = snapshot.program.region(snapshot.arena, 2)
    return region if snapshot.update_step == snapshot.step - 1 else np.zeros_like(region)
