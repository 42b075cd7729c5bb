"""Rows on their way from a table into the lanes of the data inputs, for a step or for a part of a whole set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.compiled.jit import Words, helper
from engine.compiled.vectors import pack, store
from engine.ops.call import Array
from engine.program import Program

COLUMN, COLUMNS, PLACE, INPUT = 0, 1, 2, 3
"""Of a data input: its first column in the table, how many there are, and where they lie; how many words that takes."""
TOGETHER = 8
"""So many rows are loaded together, as their numbers of one column lie side by side in the arena."""


def input_places(program: Program) -> NDArray[np.int64]:
    """Say where the columns of a table of all data inputs side by side go: `INPUT` words for each of them."""
    widths = [entry.value.shape.columns for entry in program.data]
    places = [program.offsets[entry.value.index] for entry in program.data]
    inputs = [(sum(widths[:k]), widths[k], places[k]) for k in range(len(widths))]
    return np.array(inputs, np.int64).reshape(-1, INPUT)


@helper
def find_rows(starts: Words, order: Words, first: int, rows: int, stride: int, width: int) -> None:
    """Find where rows begin in a table: so many of an order from `first` on, and in each spare lane the first again."""
    for i in range(rows):
        starts[i] = order[first + i] * width
    for i in range(rows, stride):
        starts[i] = starts[0]


@helper
def load_input(arena: Array, table: Array, inputs: Words, p: int, starts: Words, stride: int) -> None:
    """Copy the rows that were found into the lanes of the data input described at `p`."""
    column = inputs[p + COLUMN]
    for i in range(0, stride, TOGETHER):
        a, b, c, d = column + starts[i], column + starts[i + 1], column + starts[i + 2], column + starts[i + 3]
        e, f, g, h = column + starts[i + 4], column + starts[i + 5], column + starts[i + 6], column + starts[i + 7]
        for j in range(inputs[p + COLUMNS]):
            at = inputs[p + PLACE] + j * stride + i
            store(arena, at, pack(table[a + j], table[b + j], table[c + j], table[d + j]))
            store(arena, at + 4, pack(table[e + j], table[f + j], table[g + j], table[h + j]))
