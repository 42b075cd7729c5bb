"""Matrix products. A batch value's columns lie over the rows, so each column of z = x W is a sum of columns of x."""

from __future__ import annotations

from engine.compiled.jit import Words, helper, kernel
from engine.compiled.kernels_lines import copy, dot, fill, total
from engine.compiled.kernels_tiles import combine, write_dots
from engine.compiled.tape import (
    ADJOINT,
    AT,
    BATCH,
    COLUMNS,
    FIRST,
    LENGTH,
    NOWHERE,
    OUTPUT,
    ROWS,
    SECOND,
    STRIDE,
    TANGENT,
)
from engine.compiled.tricks import part
from engine.ops.call import Array


@helper
def combine_plain(
    arena: Array, x: int, w: int, y: int, ins: int, outs: int, in_step: int, out_step: int, length: int, is_more: bool
) -> None:
    """Write or add Σₖ wₖⱼ xₖ to each of `outs` lines yⱼ, as `combine` does, for lines of any length."""
    for j in range(outs):
        z = part(arena, y + j * length, length)
        if not is_more:
            fill(arena, y + j * length, length, 0.0)
        for k in range(ins):
            line, weight = part(arena, x + k * length, length), arena[w + k * in_step + j * out_step]
            for i in range(length):
                z[i] += line[i] * weight


@helper
def _matmul(arena: Array, words: Words, p: int, x: int, w: int, y: int, is_more: bool) -> None:
    ins, outs, x_rows = words[p + FIRST + COLUMNS], words[p + SECOND + COLUMNS], words[p + FIRST + ROWS]
    if x_rows == BATCH:
        combine(arena, x, w, y, ins, outs, outs, 1, words[p + STRIDE], is_more)
    else:
        # Plain: each row of x W is a sum of rows of W.
        combine_plain(arena, w, x, y, ins, x_rows, 1, ins, outs, is_more)


@kernel
def matmul_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute x W."""
    _matmul(arena, words, p, words[p + FIRST + AT], words[p + SECOND + AT], words[p + OUTPUT + AT], False)


@kernel
def matmul_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute δ Wᵀ and xᵀ δ."""
    x, w, delta = words[p + FIRST + AT], words[p + SECOND + AT], words[p + OUTPUT + ADJOINT]
    gx, gw = words[p + FIRST + ADJOINT], words[p + SECOND + ADJOINT]
    ins, outs, x_rows = words[p + FIRST + COLUMNS], words[p + SECOND + COLUMNS], words[p + FIRST + ROWS]
    length = words[p + STRIDE]
    if x_rows == BATCH:
        if gx != NOWHERE:
            combine(arena, delta, w, gx, outs, ins, 1, outs, length, False)
        if gw != NOWHERE:
            write_dots(arena, x, delta, gw, ins, outs, length)
        return
    if gx != NOWHERE:
        for row in range(x_rows):
            for k in range(ins):
                arena[gx + row * ins + k] = dot(arena, delta + row * outs, w + k * outs, outs)
    if gw != NOWHERE:
        combine_plain(arena, delta, x, gw, x_rows, ins, ins, 1, outs, False)


@kernel
def matmul_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute ẋ W + x Ẇ."""
    is_more = False
    for moving in (FIRST, SECOND):
        if words[p + moving + TANGENT] != NOWHERE:
            x = words[p + FIRST + (TANGENT if moving == FIRST else AT)]
            w = words[p + SECOND + (TANGENT if moving == SECOND else AT)]
            _matmul(arena, words, p, x, w, into, is_more)
            is_more = True


@kernel
def add_bias_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute x + b."""
    x, b, y = words[p + FIRST + AT], words[p + SECOND + AT], words[p + OUTPUT + AT]
    columns, x_rows, stride = words[p + OUTPUT + COLUMNS], words[p + FIRST + ROWS], words[p + STRIDE]
    if x_rows == BATCH:
        for j in range(columns):
            from_, to, bias = part(arena, x + j * stride, stride), part(arena, y + j * stride, stride), arena[b + j]
            for i in range(stride):
                to[i] = from_[i] + bias
        return
    biases = part(arena, b, columns)
    for row in range(x_rows):
        from_, to = part(arena, x + row * columns, columns), part(arena, y + row * columns, columns)
        for i in range(columns):
            to[i] = from_[i] + biases[i]


@kernel
def add_bias_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Pass δ on; sum it over rows for b."""
    delta, gx, gb = words[p + OUTPUT + ADJOINT], words[p + FIRST + ADJOINT], words[p + SECOND + ADJOINT]
    columns, x_rows, stride = words[p + OUTPUT + COLUMNS], words[p + FIRST + ROWS], words[p + STRIDE]
    if gx != NOWHERE:
        copy(arena, delta, gx, words[p + OUTPUT + LENGTH])
    if gb == NOWHERE:
        return
    if x_rows == BATCH:
        for j in range(columns):
            arena[gb + j] = total(arena, delta + j * stride, stride)
        return
    fill(arena, gb, columns, 0.0)
    sums = part(arena, gb, columns)
    for row in range(x_rows):
        from_ = part(arena, delta + row * columns, columns)
        for i in range(columns):
            sums[i] += from_[i]
