"""What an executor can do: run a Program's sections over an arena. Gradient methods and optimizers speak to this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine import rng
from engine.data_tables import DataTables
from engine.ops.call import Array
from engine.program import Parameter, Program
from engine.rng import Stream


@dataclass(frozen=True)
class Batch:
    """What a step works with: its count of rows, and the seed and step that all its random numbers are made of."""

    rows: int
    seed: int
    step: int

    def stream(self, stream: Stream, part: int) -> PartStream:
        """Give the random numbers of one part of the step: of a node, or of a pass."""
        return PartStream(self.seed | part << 32, stream, self.step)


@dataclass(frozen=True)
class PartStream:
    """Random numbers that are a function of seed, purpose, part and step; each call draws the same ones again."""

    seed: int
    purpose: Stream
    step: int

    def raw(self, count: int) -> NDArray[np.uint64]:
        """Draw `count` 64-bit words."""
        return rng.raw(self.seed, self.purpose, self.step, count)

    def uniform(self, count: int) -> Array:
        """Draw `count` uniform numbers in [0, 1)."""
        return rng.uniform(self.seed, self.purpose, self.step, count)

    def normal(self, count: int) -> Array:
        """Draw `count` normal numbers of mean 0 and standard deviation 1."""
        return rng.normal(self.seed, self.purpose, self.step, count)


class Executor(Protocol):
    """A Program with an arena of its own."""

    program: Program
    arena: Array

    def probe(self, refresh: bool) -> Executor:
        """Give a second executor on a copy of the arena, where a pass may change weights and values at will."""

    def load(self, tables: tuple[Array, ...], rows: NDArray[np.int64]) -> None:
        """Copy rows into the data inputs. `tables` are [columns, all rows], one for each entry of `program.data`."""

    def draw(self, batch: Batch) -> None:
        """Draw what is random for the rows of a step, such as Dropout's masks."""

    def forward(self, rows: int) -> float:
        """Compute every value and give the loss."""

    def forward_step(self, rows: int, number: int) -> None:
        """Run one instruction."""

    def mean_losses(self, tables: DataTables, sets: Sequence[NDArray[np.int64]]) -> list[float]:
        """Give the loss over the rows of each set, NaN for one without rows. Values are left as by a forward pass."""

    def backward(self, rows: int) -> None:
        """Compute every adjoint, and with them the gradient, from the values of the last forward pass."""

    def backward_step(self, rows: int, number: int) -> None:
        """Run the backward of one instruction, the first of them from ∂L/∂L = 1."""

    def tangent(self, rows: int, parameter: Parameter, number: int) -> float:
        """Give ∂L/∂w for one number of a parameter, by one sweep of tangents along the last forward pass."""

    def update_buffers(self, rows: int) -> None:
        """Write the new buffers from the values of the last forward pass."""
