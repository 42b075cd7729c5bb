"""Losses of whole sets: one call that loads rows and runs forward, part by part, without Python between the parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.compiled.interpreter import walk_forward
from engine.compiled.jit import Words, entry
from engine.compiled.loading import INPUT, find_rows, input_places, load_input
from engine.compiled.tape import Tape
from engine.compiled.tricks import address_of
from engine.ops.call import Array
from engine.program import Program


class Pass(NamedTuple):
    """What stays the same from call to call; the first four are a tape's."""

    words: Words
    forward: Words
    numbers: Array
    loss: int
    stride: int
    room: int
    """So many rows are a part of a set at most."""
    inputs: NDArray[np.int64]
    starts: Words
    """Where the rows of a part begin in the table: work space."""


def pass_of(program: Program, tape: Tape) -> Pass:
    """Write down what `mean_losses` reads of a program."""
    starts = np.zeros(tape.stride, np.int64)
    places = input_places(program)
    return Pass(tape.words, tape.forward, tape.numbers, tape.loss, tape.stride, program.rows, places, starts)


def mean_losses(memory: Array, each: Pass, table: Array, sets: Sequence[NDArray[np.int64]]) -> list[float]:
    """Give the loss over the rows of each set; NaN for one without rows. `table` is [all rows, columns]."""
    losses = np.full(len(sets), np.nan)
    ends = np.cumsum([len(rows) for rows in sets])
    sum_losses(memory, each, table, np.concatenate(sets), ends, losses)
    return losses.tolist()


@entry
def sum_losses(memory: Array, each: Pass, table: Array, rows: Words, ends: Words, losses: Array) -> None:
    """Write the loss of each set of rows: the sets lie one after another, each up to one of `ends`."""
    a, t, starts, inputs = address_of(memory), address_of(table), address_of(each.starts), address_of(each.inputs)
    words, ahead, numbers = address_of(each.words), address_of(each.forward), address_of(each.numbers)
    order, width, begin = address_of(rows), table.shape[1], 0
    for number in range(len(ends)):
        end = ends[number]
        found = 0.0
        for first in range(begin, end, each.room):
            count = min(each.room, end - first)
            find_rows(starts, order, first, count, each.stride, width)
            for k in range(len(each.inputs)):
                load_input(a, t, inputs, INPUT * k, starts, each.stride)
            walk_forward(a, words, ahead, numbers, count, 0, len(each.forward))
            found += memory[each.loss] * count
        if end > begin:
            losses[number] = found / (end - begin)
        begin = end
