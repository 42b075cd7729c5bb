"""Softmax over the features of each row: across the lines of a batch value, along those of a plain one."""

from __future__ import annotations

from engine.compiled.jit import Words, helper, kernel
from engine.compiled.kernels_functions import exp_down
from engine.compiled.kernels_lines import copy, dot, fill, lines_of, total
from engine.compiled.tape import AT, BATCH, FIRST, OUTPUT, ROWS, WORK
from engine.compiled.tricks import part
from engine.ops.call import Array


@helper
def write_tops(arena: Array, x: int, lines: int, length: int, into: int) -> None:
    """Write the largest number across lines; a NaN may be passed over, but makes NaN of what is computed with it."""
    copy(arena, x, into, length)
    top = part(arena, into, length)
    for line in range(1, lines):
        other = part(arena, x + line * length, length)
        for i in range(length):
            top[i] = other[i] if other[i] > top[i] else top[i]


@helper
def _softmax_along(arena: Array, x: int, y: int, length: int) -> None:
    from_, to = part(arena, x, length), part(arena, y, length)
    top = from_[0]
    for i in range(1, length):
        top = from_[i] if from_[i] > top else top
    for i in range(length):
        to[i] = exp_down(from_[i] - top)
    whole = total(arena, y, length)
    for i in range(length):
        to[i] /= whole


@kernel
def softmax_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute the softmax of each row, shifted by the row's largest number so that nothing overflows."""
    x, y, work = words[p + FIRST + AT], words[p + OUTPUT + AT], words[p + WORK]
    lines, length, _ = lines_of(words, p, p + FIRST, rows)
    if words[p + FIRST + ROWS] != BATCH:
        for line in range(lines):
            _softmax_along(arena, x + line * length, y + line * length, length)
        return
    write_tops(arena, x, lines, length, work)
    fill(arena, work + length, length, 0.0)
    top, sums = part(arena, work, length), part(arena, work + length, length)
    for line in range(lines):
        from_, to = part(arena, x + line * length, length), part(arena, y + line * length, length)
        for i in range(length):
            to[i] = exp_down(from_[i] - top[i])
            sums[i] += to[i]
    for line in range(lines):
        to = part(arena, y + line * length, length)
        for i in range(length):
            to[i] /= sums[i]


@kernel
def softmax_slope(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Multiply the Jacobian diag(a) − a aᵀ of each row with a source."""
    a, work = words[p + OUTPUT + AT], words[p + WORK]
    lines, length, _ = lines_of(words, p, p + FIRST, rows)
    is_batch = words[p + FIRST + ROWS] == BATCH
    sums = part(arena, work, length)
    if is_batch:
        fill(arena, work, length, 0.0)
        for line in range(lines):
            share, d = part(arena, a + line * length, length), part(arena, source + line * length, length)
            for i in range(length):
                sums[i] += share[i] * d[i]
    for line in range(lines):
        at = line * length
        if not is_batch:
            fill(arena, work, length, dot(arena, a + at, source + at, length))
        share, d, out = part(arena, a + at, length), part(arena, source + at, length), part(arena, into + at, length)
        for i in range(length):
            out[i] = share[i] * (d[i] - sums[i])
