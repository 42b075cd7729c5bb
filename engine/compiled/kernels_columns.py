"""Columns taken together and apart, numbers that stand everywhere, and the penalty for large weights."""

from __future__ import annotations

from engine.compiled.jit import Words, helper, kernel
from engine.compiled.kernels_functions import sign
from engine.compiled.kernels_lines import add, copy, dot, fill, total
from engine.compiled.tape import (
    ADJOINT,
    AT,
    BATCH,
    COLUMNS,
    COUNT,
    FIRST,
    LENGTH,
    NOWHERE,
    NUMBERS,
    OUTPUT,
    ROWS,
    STRIDE,
    TANGENT,
    VALUE,
)
from engine.compiled.tricks import part
from engine.ops.call import Array


@helper
def join(arena: Array, words: Words, p: int, field: int) -> None:
    """Copy each input, or its tangent, to its columns of the output, or of its tangent: `field` is AT or TANGENT."""
    into, columns, out_rows = words[p + OUTPUT + field], words[p + OUTPUT + COLUMNS], words[p + OUTPUT + ROWS]
    stride = words[p + STRIDE]
    for number in range(words[p + COUNT]):
        value = p + FIRST + number * VALUE
        x, width = words[value + field], words[value + COLUMNS]
        if out_rows == BATCH:
            if x == NOWHERE:
                fill(arena, into, width * stride, 0.0)
            elif words[value + ROWS] == BATCH:
                copy(arena, x, into, width * stride)
            else:
                for j in range(width):
                    fill(arena, into + j * stride, stride, arena[x + j])
            into += width * stride
            continue
        for row in range(out_rows):
            if x == NOWHERE:
                fill(arena, into + row * columns, width, 0.0)
            else:
                copy(arena, x + (row * width if words[value + ROWS] > 1 else 0), into + row * columns, width)
        into += width


@helper
def keep(arena: Array, words: Words, p: int, numbers: Array, whole: int, kept: int, is_back: bool) -> None:
    """Copy the kept columns out of a whole value, or back into one."""
    start = int(numbers[words[p + NUMBERS]])
    width, columns, out_rows = words[p + OUTPUT + COLUMNS], words[p + FIRST + COLUMNS], words[p + OUTPUT + ROWS]
    lines, length, step, at = 1, width * words[p + STRIDE], 0, whole + start * words[p + STRIDE]
    if out_rows != BATCH:
        lines, length, step, at = out_rows, width, columns, whole + start
    for line in range(lines):
        if is_back:
            copy(arena, kept + line * length, at + line * step, length)
        else:
            copy(arena, at + line * step, kept + line * length, length)


@kernel
def concat_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Put the inputs side by side."""
    join(arena, words, p, AT)


@kernel
def concat_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Put the tangents side by side."""
    join(arena, words, p, TANGENT)


@kernel
def concat_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Give each input its columns of δ, summed over the rows where it is one row for all."""
    delta, columns, out_rows = words[p + OUTPUT + ADJOINT], words[p + OUTPUT + COLUMNS], words[p + OUTPUT + ROWS]
    stride = words[p + STRIDE]
    for number in range(words[p + COUNT]):
        value = p + FIRST + number * VALUE
        into, width = words[value + ADJOINT], words[value + COLUMNS]
        if into != NOWHERE:
            if out_rows != BATCH:
                for row in range(out_rows):
                    if words[value + ROWS] > 1:
                        copy(arena, delta + row * columns, into + row * width, width)
                    elif row == 0:
                        copy(arena, delta, into, width)
                    else:
                        add(arena, delta + row * columns, into, width)
            elif words[value + ROWS] == BATCH:
                copy(arena, delta, into, width * stride)
            else:
                for j in range(width):
                    arena[into + j] = total(arena, delta + j * stride, rows)
        delta += width if out_rows != BATCH else width * stride


@kernel
def slice_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Copy the kept columns."""
    keep(arena, words, p, numbers, words[p + FIRST + AT], words[p + OUTPUT + AT], False)


@kernel
def slice_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Copy δ to the kept columns; the others have none."""
    fill(arena, words[p + FIRST + ADJOINT], words[p + FIRST + LENGTH], 0.0)
    keep(arena, words, p, numbers, words[p + FIRST + ADJOINT], words[p + OUTPUT + ADJOINT], True)


@kernel
def slice_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Copy the kept columns of the tangent."""
    keep(arena, words, p, numbers, words[p + FIRST + TANGENT], words[p + OUTPUT + TANGENT], False)


@kernel
def constant_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Write the number everywhere."""
    fill(arena, words[p + OUTPUT + AT], words[p + OUTPUT + LENGTH], numbers[words[p + NUMBERS] + 2])


@kernel
def penalty_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Add up the sizes and the squares of the weights."""
    l1, l2 = numbers[words[p + NUMBERS]], numbers[words[p + NUMBERS] + 1]
    found = 0.0
    for number in range(words[p + COUNT]):
        value = p + FIRST + number * VALUE
        if l1 != 0.0:
            size = 0.0
            w = part(arena, words[value + AT], words[value + LENGTH])
            for i in range(len(w)):
                size += abs(w[i])
            found += l1 * size
        if l2 != 0.0:
            found += 0.5 * l2 * dot(arena, words[value + AT], words[value + AT], words[value + LENGTH])
    arena[words[p + OUTPUT + AT]] = found


@kernel
def penalty_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Scale signs and weights."""
    l1, l2 = numbers[words[p + NUMBERS]], numbers[words[p + NUMBERS] + 1]
    delta = arena[words[p + OUTPUT + ADJOINT]]
    for number in range(words[p + COUNT]):
        value = p + FIRST + number * VALUE
        if words[value + ADJOINT] != NOWHERE:
            w = part(arena, words[value + AT], words[value + LENGTH])
            out = part(arena, words[value + ADJOINT], words[value + LENGTH])
            for i in range(len(w)):
                out[i] = (l1 * sign(w[i]) + l2 * w[i]) * delta


@kernel
def penalty_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Add up what each weight's movement makes."""
    l1, l2 = numbers[words[p + NUMBERS]], numbers[words[p + NUMBERS] + 1]
    found = 0.0
    for number in range(words[p + COUNT]):
        value = p + FIRST + number * VALUE
        if words[value + TANGENT] != NOWHERE:
            w = part(arena, words[value + AT], words[value + LENGTH])
            t = part(arena, words[value + TANGENT], words[value + LENGTH])
            for i in range(len(w)):
                found += (l1 * sign(w[i]) + l2 * w[i]) * t[i]
    arena[words[p + OUTPUT + TANGENT]] = found
