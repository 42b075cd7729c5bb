"""The way back: keyframes of a run under a fixed budget. Between them the run is computed again, equal to the bit."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from engine.experiment import Pipeline
from engine.ops.call import Array

BUDGET_BYTES = 64 * 2**20
MAX_KEYFRAMES = 2000


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


class History:
    """Keyframes by step. Over budget, every second one of the older half is dropped: dense lately, sparse long ago.

    Changes of the pipeline are kept apart from them and never dropped, so that what lies between two keyframes can be
    computed again as it was. A pinned keyframe is one that cannot be computed from those before it, since another
    optimizer began there with empty slots; only the very first keyframes may go before it.
    """

    def __init__(self) -> None:
        self._frames: list[Keyframe] = []
        self._pipelines: list[tuple[int, Pipeline]] = []
        self._pinned: set[int] = set()

    @property
    def first(self) -> int | None:
        """The earliest step that can be returned to."""
        return self._frames[0].step if self._frames else None

    def add(self, frame: Keyframe, pipeline: Pipeline, *, is_pinned: bool = False) -> None:
        """Keep a keyframe and how the run goes on from it; one of the same step is replaced, later ones are dropped.

        What is pinned once stays so until the run goes back to before it.
        """
        is_pinned = is_pinned or frame.step in self._pinned
        self.cut(frame.step)
        if is_pinned:
            self._pinned.add(frame.step)
        self._frames.append(frame)
        if not self._pipelines or self._pipelines[-1][1] != pipeline:
            self._pipelines.append((frame.step, pipeline))
        while len(self._frames) > 1 and self._is_over_budget():
            half, count = len(self._frames) // 2, len(self._frames)
            older = [f for k, f in enumerate(self._frames[:half]) if k % 2 == 0 or f.step in self._pinned]
            self._frames = older + self._frames[half:]
            if len(self._frames) == count:
                del self._frames[0]

    def before(self, step: int) -> Keyframe | None:
        """Give the latest keyframe at or before a step."""
        place = bisect_right(self._frames, step, key=lambda frame: frame.step)
        return self._frames[place - 1] if place else None

    def pipeline(self, step: int) -> Pipeline:
        """Give the pipeline with which the run went on after `step` updates."""
        return self._pipelines[bisect_right(self._pipelines, step, key=lambda entry: entry[0]) - 1][1]

    def next_change(self, step: int, end: int) -> int:
        """Give the next step after which the run went on with another pipeline, or `end` where there is none before."""
        place = bisect_right(self._pipelines, step, key=lambda entry: entry[0])
        return min(end, self._pipelines[place][0]) if place < len(self._pipelines) else end

    def cut(self, step: int) -> None:
        """Drop what was kept at and after a step."""
        del self._frames[bisect_right(self._frames, step - 1, key=lambda frame: frame.step) :]
        del self._pipelines[bisect_right(self._pipelines, step - 1, key=lambda entry: entry[0]) :]
        self._pinned = {pinned for pinned in self._pinned if pinned < step}

    def _is_over_budget(self) -> bool:
        return len(self._frames) > MAX_KEYFRAMES or sum(frame.state.nbytes for frame in self._frames) > BUDGET_BYTES
