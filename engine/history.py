"""The way back: keyframes of a run under a fixed budget. Between them the run is computed again, equal to the bit."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from engine.experiment import Choice
from engine.ops.base import Array

BUDGET_BYTES = 64 * 2**20
MAX_KEYFRAMES = 2000

Pipeline = tuple[Choice, Choice]
"""What is in the two slots of the pipeline: the gradient method and the optimizer."""


@dataclass(frozen=True)
class Keyframe:
    """The state after `step` updates."""

    step: int
    updates: int
    epoch: int
    row: int
    state: Array
    """Parameters and the optimizer's slots, flat."""


class History:
    """Keyframes by step. Over budget, every second one of the older half is dropped: dense lately, sparse long ago.

    Changes of the pipeline are kept apart from them and never dropped, so that what lies between two keyframes can be
    computed again as it was.
    """

    def __init__(self) -> None:
        self._frames: list[Keyframe] = []
        self._pipelines: list[tuple[int, Pipeline]] = []

    @property
    def first(self) -> int | None:
        """The earliest step that can be returned to."""
        return self._frames[0].step if self._frames else None

    def add(self, frame: Keyframe, pipeline: Pipeline) -> None:
        """Keep a keyframe and how the run goes on from it; one of the same step is replaced, later ones are dropped."""
        self.cut(frame.step)
        self._frames.append(frame)
        if not self._pipelines or self._pipelines[-1][1] != pipeline:
            self._pipelines.append((frame.step, pipeline))
        while len(self._frames) > 1 and self._is_over_budget():
            half = len(self._frames) // 2
            self._frames = self._frames[:half:2] + self._frames[half:] if half > 1 else self._frames[1:]

    def before(self, step: int) -> Keyframe | None:
        """Give the latest keyframe at or before a step."""
        place = bisect_right(self._frames, step, key=lambda frame: frame.step)
        return self._frames[place - 1] if place else None

    def pipeline(self, step: int) -> Pipeline:
        """Give the pipeline with which the run went on after `step` updates."""
        return self._pipelines[bisect_right(self._pipelines, step, key=lambda entry: entry[0]) - 1][1]

    def cut(self, step: int) -> None:
        """Drop what was kept at and after a step."""
        del self._frames[bisect_right(self._frames, step - 1, key=lambda frame: frame.step) :]
        del self._pipelines[bisect_right(self._pipelines, step - 1, key=lambda entry: entry[0]) :]

    def _is_over_budget(self) -> bool:
        return len(self._frames) > MAX_KEYFRAMES or sum(frame.state.nbytes for frame in self._frames) > BUDGET_BYTES
