"""The losses for classes: cross-entropies in nats, as engine.ops.cross_entropies; spare lanes as in kernels_losses."""

from __future__ import annotations

import math

from engine.compiled.jit import Words, helper, kernel
from engine.compiled.kernels_functions import exp_down, log_1_plus
from engine.compiled.kernels_lines import add, dot, fill, zero_spare
from engine.compiled.kernels_losses import write_mean
from engine.compiled.kernels_softmax import write_tops
from engine.compiled.opcodes import LOGIT_CROSS_ENTROPY
from engine.compiled.tape import (
    ADJOINT,
    AT,
    COLUMNS,
    FIRST,
    NOWHERE,
    OUTPUT,
    SCRATCH,
    SECOND,
    STRIDE,
    TANGENT,
    WORK,
)
from engine.compiled.tricks import part
from engine.ops.call import Array
from engine.ops.cross_entropies import TINY


@helper
def binary_slope(code: int, number: int, x: float, y: float, kept: float) -> float:
    """Give the derivative of one element's cost by the prediction (number 0) or the target."""
    if code == LOGIT_CROSS_ENTROPY:
        return kept - y if number == 0 else -x
    if number == 0:
        return (kept - y) / (kept * (1.0 - kept)) * (1.0 if kept == x else 0.0)
    return math.log1p(-kept) - math.log(kept)


@helper
def _prepare_softmax_slopes(arena: Array, words: Words, p: int, number: int) -> None:
    """Write each row's Σ y, or log Σ eᶻ where the slopes are the target's, into the first line of work space."""
    columns, length, work = words[p + FIRST + COLUMNS], words[p + STRIDE], words[p + WORK]
    z, y = words[p + FIRST + AT], words[p + SECOND + AT]
    if number == 0:
        fill(arena, work, length, 0.0)
        for j in range(columns):
            add(arena, y + j * length, work, length)
        return
    write_tops(arena, z, columns, length, work)
    fill(arena, work + length, length, 0.0)
    top, sums = part(arena, work, length), part(arena, work + length, length)
    for j in range(columns):
        logit = part(arena, z + j * length, length)
        for i in range(length):
            sums[i] += exp_down(logit[i] - top[i])
    for i in range(length):
        top[i] += math.log(sums[i])


@helper
def _write_softmax_slopes(arena: Array, words: Words, p: int, number: int, j: int, into: int) -> None:
    """Write the slopes of one column, before they are divided by the count of rows."""
    length = words[p + STRIDE]
    prepared, out = part(arena, words[p + WORK], length), part(arena, into, length)
    z = part(arena, words[p + FIRST + AT] + j * length, length)
    y = part(arena, words[p + SECOND + AT] + j * length, length)
    power = part(arena, words[p + SCRATCH + 1] + j * length, length)
    if number == 0:
        for i in range(length):
            out[i] = power[i] * prepared[i] - y[i]
    else:
        for i in range(length):
            out[i] = prepared[i] - z[i]


@kernel
def binary_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute the mean; keep σ(z), or the probability away from 0 and 1."""
    code, columns, length = words[p], words[p + FIRST + COLUMNS], words[p + STRIDE]
    fill(arena, words[p + SCRATCH], length, 0.0)
    share = part(arena, words[p + SCRATCH], length)
    for j in range(columns):
        x = part(arena, words[p + FIRST + AT] + j * length, length)
        y = part(arena, words[p + SECOND + AT] + j * length, length)
        kept = part(arena, words[p + SCRATCH + 1] + j * length, length)
        if code == LOGIT_CROSS_ENTROPY:
            for i in range(length):
                # This difference first: it is exactly 0 for a confident right answer, whose loss keeps its digits so.
                power = exp_down(-abs(x[i]))
                share[i] += log_1_plus(power) + ((0.0 if x[i] < 0.0 else x[i]) - x[i] * y[i])
                kept[i] = (power if x[i] < 0.0 else 1.0) / (1.0 + power)
        else:
            for i in range(rows):
                k = TINY if x[i] < TINY else 1.0 - TINY if x[i] > 1.0 - TINY else x[i]
                kept[i] = k
                share[i] -= y[i] * math.log(k) + (1.0 - y[i]) * math.log1p(-k)
    write_mean(arena, words, p, words[p + SCRATCH], length, rows, 1.0 / columns)


@kernel
def binary_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Write the slopes / count."""
    code, columns, length = words[p], words[p + FIRST + COLUMNS], words[p + STRIDE]
    factor = arena[words[p + OUTPUT + ADJOINT]] / (rows * columns)
    for number in range(2):
        into = words[p + (SECOND if number else FIRST) + ADJOINT]
        if into == NOWHERE:
            continue
        for j in range(columns):
            x = part(arena, words[p + FIRST + AT] + j * length, rows)
            y = part(arena, words[p + SECOND + AT] + j * length, rows)
            kept = part(arena, words[p + SCRATCH + 1] + j * length, rows)
            out = part(arena, into + j * length, rows)
            for i in range(rows):
                out[i] = binary_slope(code, number, x[i], y[i], kept[i]) * factor
        zero_spare(arena, into, columns, length, rows)


@kernel
def binary_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Sum up the products of slopes and tangents."""
    code, columns, length = words[p], words[p + FIRST + COLUMNS], words[p + STRIDE]
    found = 0.0
    for number in range(2):
        moving = words[p + (SECOND if number else FIRST) + TANGENT]
        if moving == NOWHERE:
            continue
        for j in range(columns):
            x = part(arena, words[p + FIRST + AT] + j * length, rows)
            y = part(arena, words[p + SECOND + AT] + j * length, rows)
            kept = part(arena, words[p + SCRATCH + 1] + j * length, rows)
            t = part(arena, moving + j * length, rows)
            for i in range(rows):
                found += binary_slope(code, number, x[i], y[i], kept[i]) * t[i]
    arena[words[p + OUTPUT + TANGENT]] = found / (rows * columns)


@kernel
def softmax_loss_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute the mean of logsumexp(z) Σ y − Σ y z; keep softmax(z)."""
    columns, length = words[p + FIRST + COLUMNS], words[p + STRIDE]
    z, y, probability = words[p + FIRST + AT], words[p + SECOND + AT], words[p + SCRATCH + 1]
    top, sums = part(arena, words[p + WORK], length), part(arena, words[p + WORK] + length, length)
    write_tops(arena, z, columns, length, words[p + WORK])
    fill(arena, words[p + SCRATCH], length, 0.0)
    fill(arena, words[p + WORK] + length, length, 0.0)
    share = part(arena, words[p + SCRATCH], length)
    for j in range(columns):
        logit, target = part(arena, z + j * length, length), part(arena, y + j * length, length)
        power = part(arena, probability + j * length, length)
        for i in range(length):
            low = logit[i] - top[i]
            share[i] -= low * target[i]
            power[i] = exp_down(low)
            sums[i] += power[i]
    for i in range(length):
        top[i] = 0.0
    for j in range(columns):
        target, power = part(arena, y + j * length, length), part(arena, probability + j * length, length)
        for i in range(length):
            top[i] += target[i]
            power[i] /= sums[i]
    for i in range(rows):
        share[i] += math.log(sums[i]) * top[i]
    write_mean(arena, words, p, words[p + SCRATCH], length, rows, 1.0)


@kernel
def softmax_loss_backward(
    arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int
) -> None:
    """Write (softmax(z) Σ y − y) / rows, or −log softmax(z) / rows for the target."""
    columns, length = words[p + FIRST + COLUMNS], words[p + STRIDE]
    factor = arena[words[p + OUTPUT + ADJOINT]] / rows
    for number in range(2):
        into = words[p + (SECOND if number else FIRST) + ADJOINT]
        if into == NOWHERE:
            continue
        _prepare_softmax_slopes(arena, words, p, number)
        for j in range(columns):
            _write_softmax_slopes(arena, words, p, number, j, words[p + WORK] + length)
            slopes, out = part(arena, words[p + WORK] + length, rows), part(arena, into + j * length, rows)
            for i in range(rows):
                out[i] = slopes[i] * factor
        zero_spare(arena, into, columns, length, rows)


@kernel
def softmax_loss_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Sum up the products of slopes and tangents."""
    columns, length = words[p + FIRST + COLUMNS], words[p + STRIDE]
    found = 0.0
    for number in range(2):
        moving = words[p + (SECOND if number else FIRST) + TANGENT]
        if moving == NOWHERE:
            continue
        _prepare_softmax_slopes(arena, words, p, number)
        for j in range(columns):
            _write_softmax_slopes(arena, words, p, number, j, words[p + WORK] + length)
            found += dot(arena, words[p + WORK] + length, moving + j * length, rows)
    arena[words[p + OUTPUT + TANGENT]] = found / rows
