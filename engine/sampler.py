"""Phase 1: which rows a step draws. A function of the seed, the epoch and the row, so any batch can be drawn again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine import rng
from engine.data_tables import tables_of
from engine.datasets import Dataset
from engine.program import Program

Rows = NDArray[np.int64]


class Sampler:
    """The training rows in the order of each epoch: each row comes once an epoch, so the last batch may be short."""

    def __init__(self, program: Program, dataset: Dataset, batch_size: int | None, seed: int) -> None:
        self.has_data = bool(program.data)
        """Whether there is anything to draw."""
        self.train: Rows = dataset.train if program.data else dataset.train[:1]
        """The rows that an epoch goes through. Where no data enter there is nothing to draw: each step is an epoch."""
        self.batch_rows = min(batch_size or len(self.train), len(self.train))
        self.tables = tables_of(dataset, program)
        """The data inputs for all rows."""
        self._seed = seed
        self._order: tuple[int, Rows] = (-1, self.train)

    def rows(self, epoch: int, row: int) -> Rows:
        """Give the numbers of the batch's rows, of an epoch of which `row` rows are used."""
        if self._order[0] != epoch:
            order = self.train[rng.permutation(self._seed, rng.Stream.BATCH_ORDER, epoch, len(self.train))]
            order.flags.writeable = False
            self._order = (epoch, order)
        return self._order[1][row : row + self.batch_rows]

    @property
    def draws_all(self) -> bool:
        """Whether each batch holds all rows."""
        return self.batch_rows == len(self.train)

    @property
    def batches(self) -> int:
        """How many batches an epoch has."""
        return -(-len(self.train) // self.batch_rows)

    def count(self, row: int) -> int:
        """Give how many rows the batch has that is drawn when `row` rows of the epoch are used."""
        return min(self.batch_rows, len(self.train) - row)

    def batch_number(self, row: int) -> int:
        """Give which batch of its epoch that is, counted from 1."""
        return row // self.batch_rows + 1
