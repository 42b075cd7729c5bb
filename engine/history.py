"""What is kept of one line of a run: keyframes and every change, so that any step of it can be computed again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Protocol

from engine.experiment import Pipeline
from engine.keyframe import OVERHEAD_BYTES, Keyframe
from engine.ops.call import Array
from engine.stepper import Stepper

KEYFRAME_SECONDS = 0.02
"""A keyframe is kept after so much computing, at first: going to a step has no more than this to compute again."""
_step = attrgetter("step")


class Change(Protocol):
    """What was changed by hand at the beginning of a step."""

    @property
    def step(self) -> int:
        """So many updates were done before."""

    @property
    def size(self) -> int:
        """How many bytes it takes."""

    def apply(self, stepper: Stepper) -> None:
        """Change the run in the same way again."""


@dataclass(frozen=True)
class PipelineChange:
    """Another gradient method, optimizer, hyperparameter, pin or executor."""

    step: int
    pipeline: Pipeline
    size: int = OVERHEAD_BYTES

    def apply(self, stepper: Stepper) -> None:
        """Put it into the slots."""
        stepper.set_pipeline(self.pipeline)


@dataclass(frozen=True, eq=False)
class WeightChange:
    """A parameter that got other values."""

    step: int
    node: int
    name: str
    values: Array

    @property
    def size(self) -> int:
        """The bytes of its values."""
        return OVERHEAD_BYTES + self.values.nbytes

    def apply(self, stepper: Stepper) -> None:
        """Write the values."""
        stepper.set_weights(self.node, self.name, self.values)


@dataclass(frozen=True)
class RepeatedUpdate:
    """Another update with the g of the step before."""

    step: int
    size: int = OVERHEAD_BYTES

    def apply(self, stepper: Stepper) -> None:
        """Use the same g again."""
        stepper.repeat_update()


@dataclass(frozen=True)
class PassedBatch:
    """A batch that was drawn and left out; `gradients` were computed of it."""

    step: int
    gradients: int
    size: int = OVERHEAD_BYTES

    def apply(self, stepper: Stepper) -> None:
        """Leave it out."""
        stepper.pass_over()
        stepper.gradient_calls += self.gradients


class History:
    """Keyframes and changes by step. `interval` is how many seconds of computing lie between two keyframes."""

    def __init__(self, first: Keyframe, pipeline: Pipeline) -> None:
        self._frames = [first]
        self._changes: list[Change] = [PipelineChange(first.step, pipeline)]
        self.interval = KEYFRAME_SECONDS
        self.size = 0
        """How many bytes all this takes, roughly."""
        self._measure()

    @property
    def first(self) -> int:
        """The earliest step that can be gone to."""
        return self._frames[0].step

    @property
    def keyframes(self) -> Sequence[Keyframe]:
        """What is kept, in order; at least one."""
        return self._frames

    def add(self, frame: Keyframe) -> None:
        """Keep a keyframe at or after the last one; one of the same step is replaced."""
        self.size += frame.size
        if self._frames[-1].step == frame.step:
            self.size -= self._frames[-1].size
            self._frames[-1] = frame
        else:
            self._frames.append(frame)

    def add_change(self, change: Change, frame: Keyframe) -> None:
        """Keep a change with the state that it leads to; its step is that of the last change, or a later one."""
        self._changes.append(change)
        self.size += change.size
        self.add(frame)

    @property
    def changes_by_hand(self) -> int:
        """How many changes there were beside those of what is in the slots."""
        return sum(not isinstance(change, PipelineChange) for change in self._changes)

    def before(self, step: int) -> Keyframe | None:
        """Give the latest keyframe at or before a step."""
        place = bisect_right(self._frames, step, key=_step)
        return self._frames[place - 1] if place else None

    def pipeline(self, step: int) -> Pipeline:
        """Give the pipeline with which the run goes on after `step` updates."""
        known = self._changes[: bisect_right(self._changes, step, key=_step)]
        return next(change.pipeline for change in reversed(known) if isinstance(change, PipelineChange))

    def changes_at(self, step: int) -> list[Change]:
        """Give what was changed after `step` updates, in order."""
        places = (bisect(self._changes, step, key=_step) for bisect in (bisect_left, bisect_right))
        return self._changes[slice(*places)]

    def is_changed_by_hand(self, step: int) -> bool:
        """Tell whether more than what is in the slots was changed after `step` updates."""
        return not all(isinstance(change, PipelineChange) for change in self.changes_at(step))

    def has_set_weights(self, step: int) -> bool:
        """Tell whether weights were set by hand after `step` updates."""
        return any(isinstance(change, WeightChange) for change in self.changes_at(step))

    def next_change(self, step: int, end: int) -> int:
        """Give the next step after this one at which something was changed, or `end` where none is before it."""
        place = bisect_right(self._changes, step, key=_step)
        return min(end, self._changes[place].step) if place < len(self._changes) else end

    def fork(self, step: int) -> History:
        """Give a history that is this one up to a step."""
        other = History(self._frames[0], self.pipeline(self.first))
        other._frames = self._frames[: bisect_right(self._frames, step, key=_step)]
        other._changes = self._changes[: bisect_right(self._changes, step, key=_step)]
        other.interval = self.interval
        other._measure()
        return other

    def thin_out(self) -> bool:
        """Drop every second keyframe and keep half as many from now on; give False where nothing can be dropped.

        Where only the first and the last are left, the first goes, and what lies before the last is out of reach.
        """
        if len(self._frames) > 2:
            self._frames = [*self._frames[:-1:2], self._frames[-1]]
            self.interval *= 2
            self._measure()
            return True
        if len(self._frames) < 2:
            return False
        begun = self._frames[-1]
        start = PipelineChange(begun.step, self.pipeline(begun.step))
        self._frames = [begun]
        self._changes = [start, *self._changes[bisect_right(self._changes, begun.step, key=_step) :]]
        self._measure()
        return True

    def _measure(self) -> None:
        self.size = sum(frame.size for frame in self._frames) + sum(change.size for change in self._changes)
