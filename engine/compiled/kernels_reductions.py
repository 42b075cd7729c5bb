"""Sums and means: across the lines of a value, along each, or of all its numbers."""

from __future__ import annotations

from engine.compiled.jit import Words, helper, kernel
from engine.compiled.kernels_lines import add, fill, lines_of, total, zero_spare
from engine.compiled.opcodes import MEAN
from engine.compiled.tape import BATCH, FIRST, NUMBERS, ROWS
from engine.compiled.tricks import part
from engine.ops.call import Array
from engine.ops.reductions import AXES

FEATURES, ALL = float(tuple(AXES).index("features")), float(tuple(AXES).index("all"))


@helper
def _is_across(words: Words, p: int, over: float) -> bool:
    return bool((over == FEATURES) == (words[p + FIRST + ROWS] == BATCH))


@helper
def _weight(words: Words, p: int, over: float, lines: int, valid: int) -> float:
    """Give 1 for a sum, and for a mean 1 / count, with the true count of rows."""
    if words[p] != MEAN:
        return 1.0
    if over == ALL:
        return 1.0 / (lines * valid)
    return 1.0 / (lines if _is_across(words, p, over) else valid)


@kernel
def reduce(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Sum up the input's numbers, or their tangents, and weight the sums."""
    over = numbers[words[p + NUMBERS]]
    lines, length, valid = lines_of(words, p, p + FIRST, rows)
    weight = _weight(words, p, over, lines, valid)
    if over == ALL:
        found = 0.0
        for line in range(lines):
            found += total(arena, source + line * length, valid)
        arena[into] = found * weight
    elif _is_across(words, p, over):
        fill(arena, into, length, 0.0)
        for line in range(lines):
            add(arena, source + line * length, into, length)
        y = part(arena, into, length)
        for i in range(length):
            y[i] *= weight
    else:
        for line in range(lines):
            arena[into + line] = total(arena, source + line * length, valid) * weight


@kernel
def spread(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Give each number its weight times the adjoint of the sum that it is in."""
    over = numbers[words[p + NUMBERS]]
    lines, length, valid = lines_of(words, p, p + FIRST, rows)
    weight = _weight(words, p, over, lines, valid)
    for line in range(lines):
        at = into + line * length
        if over == ALL:
            fill(arena, at, valid, arena[source] * weight)
        elif _is_across(words, p, over):
            d, out = part(arena, source, valid), part(arena, at, valid)
            for i in range(valid):
                out[i] = d[i] * weight
        else:
            fill(arena, at, valid, arena[source + line] * weight)
    zero_spare(arena, into, lines, length, valid)
