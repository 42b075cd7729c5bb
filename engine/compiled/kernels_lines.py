"""Parts of the arena, and values as lines: a batch value's columns over the rows, or a plain value's rows.

Kernels loop over such parts, one index in each, as only those loops vectorize well. A batch of at most ROW_LANES rows
has lines of just this length: a loop of known length becomes a few vectors, another takes longer to begin than to run.
"""

from __future__ import annotations

from engine.compiled.jit import Words, helper
from engine.compiled.tape import BATCH, COLUMNS, LENGTH, OUTPUT, ROWS, STRIDE
from engine.compiled.tricks import part
from engine.ops.call import Array
from engine.program import ROW_LANES


@helper
def lines_of(words: Words, p: int, value: int, rows: int) -> tuple[int, int, int]:
    """Give how many lines the value described at `value` has, how long they are, and how much of each counts."""
    if words[value + ROWS] == BATCH:
        return words[value + COLUMNS], words[p + STRIDE], rows
    return words[value + ROWS], words[value + COLUMNS], words[value + COLUMNS]


@helper
def copy(arena: Array, source: int, into: int, count: int) -> None:
    """Copy `count` numbers."""
    x, y = part(arena, source, count), part(arena, into, count)
    for i in range(count):
        y[i] = x[i]


@helper
def fill(arena: Array, at: int, count: int, number: float) -> None:
    """Write the same number `count` times."""
    y = part(arena, at, count)
    for i in range(count):
        y[i] = number


@helper
def add(arena: Array, source: int, into: int, count: int) -> None:
    """Add `count` numbers to others."""
    x, y = part(arena, source, count), part(arena, into, count)
    for i in range(count):
        y[i] += x[i]


@helper
def total(arena: Array, at: int, count: int) -> float:
    """Sum up `count` numbers."""
    x = part(arena, at, count)
    found = 0.0
    if count == ROW_LANES:
        for i in range(ROW_LANES):
            found += x[i]
        return found
    for i in range(count):
        found += x[i]
    return found


@helper
def dot(arena: Array, a: int, b: int, count: int) -> float:
    """Sum up `count` products."""
    x, y = part(arena, a, count), part(arena, b, count)
    found = 0.0
    if count == ROW_LANES:
        for i in range(ROW_LANES):
            found += x[i] * y[i]
        return found
    for i in range(count):
        found += x[i] * y[i]
    return found


@helper
def zero_spare(arena: Array, at: int, lines: int, length: int, valid: int) -> None:
    """Write 0 into what lies behind the part of each line that counts."""
    if valid < length:
        for line in range(lines):
            fill(arena, at + line * length + valid, length - valid, 0.0)


@helper
def is_like_output(words: Words, p: int, value: int) -> bool:
    """Tell whether an input is of the output's shape."""
    has_rows = words[value + ROWS] == words[p + OUTPUT + ROWS]
    return bool(has_rows and words[value + LENGTH] == words[p + OUTPUT + LENGTH])
