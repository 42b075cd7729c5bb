"""Thousands of whole steps in one call: each of them the phases of engine.stepper, recorded in arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.compiled.interpreter import update_buffers, walk_backward, walk_forward
from engine.compiled.jit import Words, entry, helper
from engine.compiled.kernels_lines import total
from engine.compiled.kernels_random import Bits, draw_mask, draw_order, draw_raw
from engine.compiled.kernels_update import CHECK, RATE, is_finite, norm
from engine.compiled.loading import INPUT, find_rows, load_input
from engine.compiled.tricks import address_of, call
from engine.ops.call import Array
from engine.rng import Stream

MASK, MASK_ROWS, MASK_COLUMNS, ROW_STEP, COLUMN_STEP, KEY, MASK_WORDS = 0, 1, 2, 3, 4, 5, 6
"""Of a mask: where it lies, its rows (0: those of the batch) and columns, how far apart these are, its key."""
LAYER = 2
"""Of a layer: where its gradient begins, and how long it is."""
EPOCH, ROW, ORDER_EPOCH, BATCH_ROW, IS_FINITE = 0, 1, 2, 3, 4
"""Of the state: the epoch and how many of its rows are used, the epoch whose order is drawn, where the last batch began
in it, and whether all numbers are finite."""

BATCH_ORDER, DROPOUT = int(Stream.BATCH_ORDER), int(Stream.DROPOUT)


class Plan(NamedTuple):
    """What stays the same from step to step; the first four are a tape's."""

    words: Words
    forward: Words
    backward: Words
    numbers: Array
    loss: int
    stride: int
    batch_rows: int
    seed: int
    table: Array
    """All data inputs side by side, [all rows, columns]."""
    inputs: NDArray[np.int64]
    train: Words
    masks: NDArray[np.int64]
    mask_rates: Array
    layers: NDArray[np.int64]
    buffers: int
    """How many numbers the buffers are."""
    lasting: int
    """How many numbers at the beginning of the arena have to be finite."""
    update: int
    """The address of the update, 0 where nothing is to be changed."""


class Work(NamedTuple):
    """What changes."""

    state: Words
    order: Words
    """The rows in the order of the epoch."""
    starts: Words
    """Where the rows of the batch begin in the table, in each spare lane the first of them."""
    bits: Bits
    keys: Bits
    ends: Words


@entry
def run_steps(
    memory: Array,
    plan: Plan,
    work: Work,
    rule: Words,
    settings: Array,
    step: int,
    t: int,
    rates: Array,
    bound: float,
    is_below: bool,
    interrupt: Words,
    losses: Array,
    norms: Array,
    noted: Words,
    states: Array,
) -> int:
    """Do a step for each of `rates`, until one is not finite or its loss comes below a bound; give how many are done.

    At the end of a step in which another thread has set `interrupt` it ends too.

    `step` is the number of the first step and `t` that of its update, `is_below` whether the loss before is below the
    bound; `norms` are ‖g‖, [steps, layers]. After so many steps as each of `noted` says, a row of `states` gets what
    the arena begins with.
    """
    # Addresses, as counting the uses of arrays would take longer than a small network's step.
    a, r, n = address_of(memory), address_of(rule), address_of(settings)
    table, inputs, layers = address_of(plan.table), address_of(plan.inputs), address_of(plan.layers)
    state, order, starts = address_of(work.state), address_of(work.order), address_of(work.starts)
    count, width = len(plan.train), plan.table.shape[1]
    words, numbers = address_of(plan.words), address_of(plan.numbers)
    end, noted_next, next_note = address_of(interrupt), 0, noted[0] if len(noted) else 0
    ahead, back, stride = address_of(plan.forward), address_of(plan.backward), plan.stride
    state[IS_FINITE] = 1
    for k in range(len(rates)):
        if state[ORDER_EPOCH] != state[EPOCH]:
            _draw_order(plan, work)
        rows = min(plan.batch_rows, count - state[ROW])
        first = state[BATCH_ROW] = state[ROW]
        find_rows(starts, order, first, rows, stride, width)
        for number in range(len(plan.inputs)):
            load_input(a, table, inputs, INPUT * number, starts, stride)
        for number in range(len(plan.masks)):
            _draw_mask(memory, plan, work, number, rows, step + k)
        walk_forward(a, words, ahead, numbers, rows, 0, len(plan.forward))
        losses[k] = check = memory[plan.loss]
        walk_backward(a, words, back, numbers, rows, 0, len(plan.backward))
        for layer in range(len(plan.layers)):
            norms[k, layer] = norm(a, layers[LAYER * layer], layers[LAYER * layer + 1])
            check += norms[k, layer]
        if plan.update:
            settings[RATE] = rates[k]
            call(plan.update, a, r, 0, n, t + k, 0, 0)
            check += settings[CHECK]
        if plan.buffers:
            update_buffers(memory, plan.words, plan.forward, plan.numbers, rows)
            check += total(a, 0, plan.buffers)
        state[ROW] += rows
        if state[ROW] >= count:
            state[EPOCH] += 1
            state[ROW] = 0
        if step + k + 1 == next_note:
            for place in range(states.shape[1]):
                states[noted_next, place] = memory[place]
            noted_next += 1
            next_note = noted[noted_next] if noted_next < len(noted) else 0
        # A sum is finite only where all its terms are; that of very large ones may not be, so look again then. In the
        # first step also at what no update changes.
        if not (k > 0 and is_finite(check)) and not _are_finite(memory, plan.lasting, losses[k]):
            state[IS_FINITE] = 0
            return k + 1
        was_below, is_below = is_below, losses[k] < bound
        if (is_below and not was_below) or end[0]:
            return k + 1
    return len(rates)


@helper
def _draw_order(plan: Plan, work: Work) -> None:
    """Put the rows into the order of the epoch."""
    order, epoch = work.order, work.state[EPOCH]
    draw_order(plan.seed, BATCH_ORDER, epoch, work.bits, work.keys, work.ends, order)
    for i in range(len(order)):
        order[i] = plan.train[order[i]]
    work.state[ORDER_EPOCH] = epoch


@helper
def _draw_mask(memory: Array, plan: Plan, work: Work, number: int, rows: int, step: int) -> None:
    mask, rate = plan.masks[number], plan.mask_rates[number]
    mask_rows, columns = mask[MASK_ROWS] or rows, mask[MASK_COLUMNS]
    draw_raw(mask[KEY], DROPOUT, step, mask_rows * columns, work.bits)
    draw_mask(memory, mask[MASK], mask_rows, columns, mask[ROW_STEP], mask[COLUMN_STEP], rate, work.bits)


@helper
def _are_finite(memory: Array, count: int, loss: float) -> bool:
    for i in range(count):
        if not is_finite(memory[i]):
            return False
    return is_finite(loss)
