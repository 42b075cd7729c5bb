"""Functions of each number alone that are no activations; `elementwise_slope` is as in kernels_activations."""

from __future__ import annotations

import math

from engine.compiled.jit import Words, helper, kernel
from engine.compiled.kernels_functions import exp, sign
from engine.compiled.opcodes import ABSOLUTE, COS, DROPOUT, EXP, LOG, NEGATE, POWER, SQRT, SQUARE, TAN
from engine.compiled.tape import AT, BATCH, FIRST, LENGTH, NUMBERS, OUTPUT, ROWS, SCRATCH, STRIDE
from engine.compiled.tricks import part
from engine.ops.call import Array


@helper
def _repeat_first_row(arena: Array, words: Words, p: int, rows: int) -> None:
    """Give the mask's spare lanes that of row 0, as all else in them is row 0."""
    stride = words[p + STRIDE]
    if words[p + FIRST + ROWS] == BATCH:
        for at in range(words[p + SCRATCH], words[p + SCRATCH] + words[p + FIRST + LENGTH], stride):
            for lane in range(at + rows, at + stride):
                arena[lane] = arena[at]


@kernel
def elementwise_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Write the output of one of the functions."""
    code, n = words[p], words[p + OUTPUT + LENGTH]
    x, y = part(arena, words[p + FIRST + AT], n), part(arena, words[p + OUTPUT + AT], n)
    if code == SQUARE:
        for i in range(n):
            y[i] = x[i] * x[i]
    elif code == NEGATE:
        for i in range(n):
            y[i] = -x[i]
    elif code == ABSOLUTE:
        for i in range(n):
            y[i] = abs(x[i])
    elif code == EXP:
        for i in range(n):
            y[i] = exp(x[i])
    elif code == LOG:
        for i in range(n):
            y[i] = math.log(x[i])
    elif code == SQRT:
        for i in range(n):
            y[i] = math.sqrt(x[i])
    elif code == COS:
        for i in range(n):
            y[i] = math.cos(x[i])
    elif code == TAN:
        for i in range(n):
            y[i] = math.tan(x[i])
    elif code == POWER:
        exponent = numbers[words[p + NUMBERS]]
        for i in range(n):
            y[i] = x[i] ** exponent
    elif code == DROPOUT:
        _repeat_first_row(arena, words, p, rows)
        mask = part(arena, words[p + SCRATCH], n)
        for i in range(n):
            y[i] = x[i] * mask[i]


@kernel
def elementwise_slope(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Multiply the source with the derivative of one of the functions."""
    code, n = words[p], words[p + OUTPUT + LENGTH]
    x, y = part(arena, words[p + FIRST + AT], n), part(arena, words[p + OUTPUT + AT], n)
    d, out = part(arena, source, n), part(arena, into, n)
    if code == SQUARE:
        for i in range(n):
            out[i] = 2.0 * x[i] * d[i]
    elif code == NEGATE:
        for i in range(n):
            out[i] = -d[i]
    elif code == ABSOLUTE:
        for i in range(n):
            out[i] = sign(x[i]) * d[i]
    elif code == EXP:
        for i in range(n):
            out[i] = y[i] * d[i]
    elif code == LOG:
        for i in range(n):
            out[i] = 1.0 / x[i] * d[i]
    elif code == SQRT:
        for i in range(n):
            out[i] = 0.5 / y[i] * d[i]
    elif code == COS:
        for i in range(n):
            out[i] = -math.sin(x[i]) * d[i]
    elif code == TAN:
        for i in range(n):
            out[i] = (1.0 + y[i] * y[i]) * d[i]
    elif code == POWER:
        exponent = numbers[words[p + NUMBERS]]
        for i in range(n):
            # 0 for the power 0, where x = 0 would make 0 · ∞ of it.
            slope = 0.0 if exponent == 0.0 else exponent * x[i] ** (exponent - 1.0)
            out[i] = slope * d[i]
    elif code == DROPOUT:
        mask = part(arena, words[p + SCRATCH], n)
        for i in range(n):
            out[i] = mask[i] * d[i]
