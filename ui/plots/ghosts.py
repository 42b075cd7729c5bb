"""The curves of the lines that a run has left: all of a kind as one curve."""

from __future__ import annotations

from operator import is_

import numpy as np

from engine.dataset_kind import Array
from engine.recording import Curves
from ui.plots.drawn import EMPTY
from ui.plots.history import Line
from ui.plots.series import thin


class Ghosts:
    """The train and the test curves, thinned and chained with gaps between them; made anew only for other lines."""

    def __init__(self) -> None:
        self._curves: tuple[Curves, ...] = ()
        self._look: tuple[int, bool] | None = None
        self.lines = (Line("train", EMPTY, EMPTY), Line("test", EMPTY, EMPTY))

    def __len__(self) -> int:
        """Count the lines that have something to draw."""
        return sum(len(curves.test_step) > 1 for curves in self._curves)

    def take(self, curves: tuple[Curves, ...], limit: int, is_log: bool) -> bool:
        """Take the curves of these lines, each with at most so many points; False where they are drawn already."""
        same = len(curves) == len(self._curves) and all(map(is_, curves, self._curves))
        if same and self._look == (limit, is_log):
            return False
        self._curves, self._look = curves, (limit, is_log)
        self.lines = (
            _chain("train", [(ghost.test_step, ghost.train) for ghost in curves], limit),
            _chain("test", [(ghost.test_step, ghost.test) for ghost in curves], limit),
        )
        return True


def _chain(name: str, series: list[tuple[Array, Array]], limit: int) -> Line:
    parts = [thin(steps, values, limit) for steps, values in series]
    gap = np.array([np.nan])
    steps = [piece for x, _ in parts for piece in (x, gap)]
    values = [piece for _, y in parts for piece in (y, gap)]
    return Line(name, np.concatenate(steps) if steps else EMPTY, np.concatenate(values) if values else EMPTY)
