"""Batch norm and layer norm: x̂ = (x − mean) / √(variance + ε) along lines, across lines, or by running statistics.

The Jacobian of x̂ is symmetric, so one function serves backward steps and tangents; see engine.ops.normalization.
"""

from __future__ import annotations

import math

from engine.compiled.jit import Words, helper, kernel, strict
from engine.compiled.kernels_lines import add, dot, fill, lines_of, total, zero_spare
from engine.compiled.opcodes import STANDARDIZE_COLUMNS
from engine.compiled.tape import AT, BATCH, BUFFERS, COLUMNS, FIRST, NUMBERS, OUTPUT, ROWS, SCRATCH, STRIDE, WORK
from engine.compiled.tricks import part
from engine.ops.call import Array


@helper
def _is_across(words: Words, p: int) -> bool:
    """Tell whether statistics are over the lines' places: those of rows of a batch value."""
    return bool(words[p] != STANDARDIZE_COLUMNS and words[p + FIRST + ROWS] == BATCH)


@helper
def _standardize_across(
    arena: Array, x: int, y: int, means: int, variances: int, factors: int, lines: int, length: int, epsilon: float
) -> None:
    fill(arena, means, length, 0.0)
    fill(arena, variances, length, 0.0)
    for line in range(lines):
        add(arena, x + line * length, means, length)
    mean, variance, factor = part(arena, means, length), part(arena, variances, length), part(arena, factors, length)
    for i in range(length):
        mean[i] /= lines
    for line in range(lines):
        from_, to = part(arena, x + line * length, length), part(arena, y + line * length, length)
        for i in range(length):
            to[i] = from_[i] - mean[i]
            variance[i] += to[i] * to[i]
    for i in range(length):
        variance[i] /= lines
        factor[i] = 1.0 / math.sqrt(variance[i] + epsilon)
    for line in range(lines):
        to = part(arena, y + line * length, length)
        for i in range(length):
            to[i] *= factor[i]


@helper
def _running_factor(arena: Array, words: Words, p: int, numbers: Array, j: int) -> float:
    return 1.0 / math.sqrt(arena[words[p + BUFFERS + 1] + j] + numbers[words[p + NUMBERS]])


@strict
def move_running(arena: Array, words: Words, p: int, numbers: Array, rows: int) -> None:
    """Move running mean and variance toward those of the batch; one row says nothing about the variance."""
    momentum = numbers[words[p + NUMBERS] + 1]
    running_mean, running_variance = words[p + BUFFERS], words[p + BUFFERS + 1]
    for j in range(words[p + FIRST + COLUMNS]):
        arena[running_mean + j] = (1.0 - momentum) * arena[running_mean + j] + momentum * arena[words[p + SCRATCH] + j]
        if rows > 1:
            unbiased = rows / (rows - 1) * arena[words[p + SCRATCH + 1] + j]
            arena[running_variance + j] = (1.0 - momentum) * arena[running_variance + j] + momentum * unbiased


@kernel
def standardize_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute x̂ of columns or rows; the scratch keeps mean, variance and factor."""
    epsilon = numbers[words[p + NUMBERS]]
    x, y = words[p + FIRST + AT], words[p + OUTPUT + AT]
    means, variances, factors = words[p + SCRATCH], words[p + SCRATCH + 1], words[p + SCRATCH + 2]
    lines, length, valid = lines_of(words, p, p + FIRST, rows)
    if _is_across(words, p):
        _standardize_across(arena, x, y, means, variances, factors, lines, length, epsilon)
        return
    for line in range(lines):
        from_, to = part(arena, x + line * length, length), part(arena, y + line * length, length)
        mean = total(arena, x + line * length, valid) / valid
        for i in range(length):
            to[i] = from_[i] - mean
        variance = dot(arena, y + line * length, y + line * length, valid) / valid
        factor = 1.0 / math.sqrt(variance + epsilon)
        for i in range(length):
            to[i] *= factor
        arena[means + line], arena[variances + line], arena[factors + line] = mean, variance, factor


@kernel
def standardize_slope(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Write (v − mean v − x̂ mean(v x̂)) times the factor for a source v."""
    y, factors, work = words[p + OUTPUT + AT], words[p + SCRATCH + 2], words[p + WORK]
    lines, length, valid = lines_of(words, p, p + FIRST, rows)
    is_across = _is_across(words, p)
    mean, product, factor = part(arena, work, length), part(arena, work + length, length), part(arena, factors, length)
    if is_across:
        fill(arena, work, 2 * length, 0.0)
        for line in range(lines):
            v, unit = part(arena, source + line * length, length), part(arena, y + line * length, length)
            for i in range(length):
                mean[i] += v[i] / lines
                product[i] += v[i] * unit[i] / lines
    for line in range(lines):
        at = line * length
        v, unit, out = part(arena, source + at, length), part(arena, y + at, length), part(arena, into + at, length)
        if is_across:
            for i in range(length):
                out[i] = ((v[i] - unit[i] * product[i]) - mean[i]) * factor[i]
        else:
            middle = total(arena, source + at, valid) / valid
            share = dot(arena, source + at, y + at, valid) / valid
            scale = arena[factors + line]
            for i in range(length):
                out[i] = ((v[i] - unit[i] * share) - middle) * scale
    zero_spare(arena, into, lines, length, valid)


@kernel
def running_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Subtract the running mean and scale by the running variance."""
    length = words[p + STRIDE]
    for j in range(words[p + FIRST + COLUMNS]):
        mean, factor = arena[words[p + BUFFERS] + j], _running_factor(arena, words, p, numbers, j)
        x = part(arena, words[p + FIRST + AT] + j * length, length)
        y = part(arena, words[p + OUTPUT + AT] + j * length, length)
        for i in range(length):
            y[i] = (x[i] - mean) * factor


@kernel
def running_slope(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Scale a source."""
    length = words[p + STRIDE]
    for j in range(words[p + FIRST + COLUMNS]):
        factor = _running_factor(arena, words, p, numbers, j)
        d, out = part(arena, source + j * length, length), part(arena, into + j * length, length)
        for i in range(length):
            out[i] = d[i] * factor
