"""The way back: keyframes of a run under a fixed budget. Between them the run is computed again, equal to the bit."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from engine.experiment import Choice
from engine.ops.base import Array

BUDGET_BYTES = 64 * 2**20
MAX_KEYFRAMES = 2000


@dataclass(frozen=True)
class Keyframe:
    """The state after `step` updates, and the two slots of the pipeline with which the run went on."""

    step: int
    updates: int
    epoch: int
    row: int
    state: Array
    """Parameters and the optimizer's slots, flat."""
    method: Choice
    optimizer: Choice


class History:
    """Keyframes by step. Over budget, every second one of the older half is dropped: dense lately, sparse long ago."""

    def __init__(self) -> None:
        self._frames: list[Keyframe] = []

    @property
    def first(self) -> int | None:
        """The earliest step that can be returned to."""
        return self._frames[0].step if self._frames else None

    def add(self, frame: Keyframe) -> None:
        """Keep a keyframe; one of the same step is replaced, later ones are dropped."""
        self.cut(frame.step)
        self._frames.append(frame)
        if len(self._frames) > MAX_KEYFRAMES or len(self._frames) * frame.state.nbytes > BUDGET_BYTES:
            half = max(len(self._frames) // 2, 2)
            self._frames = self._frames[:half:2] + self._frames[half:]

    def before(self, step: int) -> Keyframe | None:
        """Give the latest keyframe at or before a step."""
        place = bisect_right(self._frames, step, key=lambda frame: frame.step)
        return self._frames[place - 1] if place else None

    def cut(self, step: int) -> None:
        """Drop the keyframes at and after a step."""
        del self._frames[bisect_right(self._frames, step - 1, key=lambda frame: frame.step) :]
