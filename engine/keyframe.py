"""A Keyframe: all that decides how a run goes on, at the beginning of a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.experiment import Pipeline
from engine.ops.call import Array
from engine.stepper import Stepper

OVERHEAD_BYTES = 1000
"""What something that is kept of a run takes beside its arrays, roughly."""


@dataclass(frozen=True)
class Keyframe:
    """The state after `step` updates."""

    step: int
    updates: int
    epoch: int
    row: int
    gradient_calls: int
    state: Array
    """Buffers, parameters and what the optimizer keeps, flat."""

    @property
    def size(self) -> int:
        """How many bytes it takes, roughly."""
        return OVERHEAD_BYTES + self.state.nbytes


def take_keyframe(stepper: Stepper) -> Keyframe:
    """Copy the state; within a step, that of its beginning, as buffers and weights are still the old ones."""
    state = np.concatenate([stepper.state, *stepper.update_phase.memory.values()])
    state.flags.writeable = False
    return Keyframe(stepper.step, stepper.updates, stepper.epoch, stepper.row, stepper.gradient_calls, state)


def restore_keyframe(stepper: Stepper, frame: Keyframe, pipeline: Pipeline) -> None:
    """Go to a kept state, with the gradient method, optimizer and executor of then, and nothing computed yet."""
    stepper.arena.fill(0.0)
    stepper.set_pipeline(pipeline)
    start = 0
    for array in (stepper.state, *stepper.update_phase.memory.values()):
        np.copyto(array, frame.state[start : start + len(array)])
        start += len(array)
    stepper.step, stepper.updates, stepper.epoch, stepper.row = frame.step, frame.updates, frame.epoch, frame.row
    stepper.gradient_calls = frame.gradient_calls
    stepper.forget_results()
