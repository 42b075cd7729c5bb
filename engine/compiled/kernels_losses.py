"""The losses for numbers and margins: the mean of each element's cost, and its slopes.

Only the true rows count. What lies behind them in an adjoint becomes 0, which is what lets all other kernels run over
whole columns.
"""

from __future__ import annotations

from engine.compiled.jit import Words, exact, helper, kernel
from engine.compiled.kernels_functions import sign
from engine.compiled.kernels_lines import add, fill, lines_of, total, zero_spare
from engine.compiled.opcodes import ABSOLUTE_ERROR, HINGE_ERROR, HUBER_ERROR, SQUARED_ERROR
from engine.compiled.tape import (
    ADJOINT,
    AT,
    BATCH,
    COLUMNS,
    FIRST,
    NOWHERE,
    NUMBERS,
    OUTPUT,
    ROWS,
    SCRATCH,
    SECOND,
    STRIDE,
    TANGENT,
)
from engine.compiled.tricks import part
from engine.ops.call import Array


@helper
def write_mean(arena: Array, words: Words, p: int, share: int, length: int, rows: int, scale: float) -> None:
    """Scale each row's share, and write the mean over rows as the loss."""
    lanes = part(arena, share, length)
    found = 0.0
    for i in range(length):
        lanes[i] *= scale
        found += lanes[i] if i < rows else 0.0
    arena[words[p + OUTPUT + AT]] = found / rows


@exact
def cost(code: int, delta: float, d: float) -> float:
    """Give what a difference d costs, or for the hinge what is missing to the margin."""
    if code == SQUARED_ERROR:
        return d * d
    if code == ABSOLUTE_ERROR:
        return abs(d)
    if code == HUBER_ERROR:
        kept = delta if d > delta else -delta if d < -delta else d
        return kept * (d - 0.5 * kept)
    return 0.0 if d <= 0.0 else d


@exact
def slope(code: int, delta: float, d: float, target: float) -> float:
    """Give the derivative of the cost by the prediction."""
    if code == SQUARED_ERROR:
        return 2.0 * d
    if code == ABSOLUTE_ERROR:
        return sign(d)
    if code == HUBER_ERROR:
        return delta if d > delta else -delta if d < -delta else d
    return -sign(target - 0.5) * (1.0 if d > 0.0 else 0.0)


@helper
def _factor(code: int, number: int) -> float:
    """Give the sign of a slope by the prediction (number 0) or the target; a class does not change smoothly."""
    if number == 0:
        return 1.0
    return 0.0 if code == HINGE_ERROR else -1.0


@kernel
def difference_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute the mean of what the differences cost; the second scratch keeps them."""
    code, columns, length = words[p], words[p + FIRST + COLUMNS], words[p + STRIDE]
    delta = numbers[words[p + NUMBERS]] if code == HUBER_ERROR else 0.0
    fill(arena, words[p + SCRATCH], length, 0.0)
    share = part(arena, words[p + SCRATCH], length)
    for j in range(columns):
        x = part(arena, words[p + FIRST + AT] + j * length, length)
        y = part(arena, words[p + SECOND + AT] + j * length, length)
        d = part(arena, words[p + SCRATCH + 1] + j * length, length)
        if code == HINGE_ERROR:
            for i in range(length):
                d[i] = 1.0 - sign(y[i] - 0.5) * x[i]
        else:
            for i in range(length):
                d[i] = x[i] - y[i]
        for i in range(length):
            share[i] += cost(code, delta, d[i])
    write_mean(arena, words, p, words[p + SCRATCH], length, rows, 1.0 / columns)


@kernel
def difference_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Write the slopes / count, for the target with the other sign, or 0 where it is a class."""
    code, columns, length = words[p], words[p + FIRST + COLUMNS], words[p + STRIDE]
    delta = numbers[words[p + NUMBERS]] if code == HUBER_ERROR else 0.0
    for number in range(2):
        into = words[p + (SECOND if number else FIRST) + ADJOINT]
        if into == NOWHERE:
            continue
        factor = _factor(code, number) * arena[words[p + OUTPUT + ADJOINT]] / (rows * columns)
        for j in range(columns):
            d = part(arena, words[p + SCRATCH + 1] + j * length, length)
            y = part(arena, words[p + SECOND + AT] + j * length, length)
            out = part(arena, into + j * length, length)
            for i in range(length):
                out[i] = slope(code, delta, d[i], y[i]) * factor if i < rows else 0.0


@kernel
def difference_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Sum up the products of slopes and tangents."""
    code, columns, length = words[p], words[p + FIRST + COLUMNS], words[p + STRIDE]
    delta = numbers[words[p + NUMBERS]] if code == HUBER_ERROR else 0.0
    found = 0.0
    for number in range(2):
        moving = words[p + (SECOND if number else FIRST) + TANGENT]
        if moving == NOWHERE:
            continue
        factor = _factor(code, number) / (rows * columns)
        for j in range(columns):
            d = part(arena, words[p + SCRATCH + 1] + j * length, rows)
            y = part(arena, words[p + SECOND + AT] + j * length, rows)
            t = part(arena, moving + j * length, rows)
            for i in range(rows):
                found += slope(code, delta, d[i], y[i]) * factor * t[i]
    arena[words[p + OUTPUT + TANGENT]] = found


@kernel
def mean_value_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute the mean of all elements; the scratch keeps each row's."""
    x, share = words[p + FIRST + AT], words[p + SCRATCH]
    lines, length, valid = lines_of(words, p, p + FIRST, rows)
    if words[p + FIRST + ROWS] == BATCH:
        fill(arena, share, length, 0.0)
        for line in range(lines):
            add(arena, x + line * length, share, length)
        write_mean(arena, words, p, share, length, rows, 1.0 / lines)
    else:
        for line in range(lines):
            arena[share + line] = total(arena, x + line * length, valid)
        write_mean(arena, words, p, share, lines, lines, 1.0 / length)


@kernel
def mean_value_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Write 1 / count."""
    into = words[p + FIRST + ADJOINT]
    lines, length, valid = lines_of(words, p, p + FIRST, rows)
    for line in range(lines):
        fill(arena, into + line * length, valid, arena[words[p + OUTPUT + ADJOINT]] / (lines * valid))
    zero_spare(arena, into, lines, length, valid)


@kernel
def mean_value_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute the mean of the tangents."""
    lines, length, valid = lines_of(words, p, p + FIRST, rows)
    found = 0.0
    for line in range(lines):
        found += total(arena, words[p + FIRST + TANGENT] + line * length, valid)
    arena[words[p + OUTPUT + TANGENT]] = found / (lines * valid)
