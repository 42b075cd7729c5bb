"""The loss landscape: L over a plane through the present weights, computed in slices, as a grid takes many losses."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from engine.evaluation import Evaluator
from engine.gradients.base import weight_at
from engine.ops.call import Array
from engine.program import Program


def weight_direction(program: Program, number: int) -> Array:
    """Give the direction in which only one weight grows: flat, in the parameters' layout. Raises IndexError."""
    parameter, place = weight_at(program, number)
    direction = np.zeros(program.parameter_span)
    direction[parameter.offset + place] = 1.0
    return direction


class Landscape:
    """L(w + a u + b v) over all training or test rows, for each a of `across` and each b of `up`.

    `state` are buffers and parameters, which stay as they are; `u` and `v` are flat, in the parameters' layout.
    `losses` is [len(up), len(across)], NaN where nothing is computed yet.
    """

    def __init__(
        self, evaluator: Evaluator, state: Array, u: Array, v: Array, across: Array, up: Array, split: str = "train"
    ) -> None:
        self.losses: Array = np.full((len(up), len(across)), np.nan)
        self._evaluator = evaluator
        self._state = state.copy()
        self._u, self._v, self._across, self._up, self._split = u, v, across, up, split
        self._done = 0

    @property
    def is_done(self) -> bool:
        """Whether all losses are computed."""
        return self._done == self.losses.size

    def advance(self, seconds: float) -> None:
        """Compute for about this long, and at least one loss, row by row from the first."""
        deadline = perf_counter() + seconds
        moved = self._state.copy()
        weights = moved[len(moved) - len(self._u) :]
        while not self.is_done:
            row, column = divmod(self._done, len(self._across))
            np.copyto(moved, self._state)
            weights += self._across[column] * self._u
            weights += self._up[row] * self._v
            self.losses[row, column] = self._evaluator.loss(moved, self._split)
            self._done += 1
            if perf_counter() >= deadline:
                return
