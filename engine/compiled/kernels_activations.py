"""Activations number by number.

`*_slope` writes f′ ⊙ a direction somewhere: the direction is the output's adjoint in a backward step, and the input's
tangent in a sweep of tangents. All loops run over whole columns, spare lanes included.
"""

from __future__ import annotations

import math

from engine.compiled.jit import Words, kernel
from engine.compiled.kernels_functions import exp, exp_minus_1, normal_share, sigmoid, softplus, tanh
from engine.compiled.kernels_lines import copy
from engine.compiled.opcodes import ELU, GELU, IDENTITY, LEAKY_RELU, RELU, SIGMOID, SILU, SIN, SOFTPLUS, TANH
from engine.compiled.tape import AT, FIRST, LENGTH, NUMBERS, OUTPUT, SCRATCH
from engine.compiled.tricks import part
from engine.ops.activations_smooth import CUBIC
from engine.ops.call import Array

ROOT_8_BY_PI = math.sqrt(8.0 / math.pi)
PEAK = 1.0 / math.sqrt(2.0 * math.pi)
"""The density of the normal distribution at 0."""


@kernel
def activation_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Write the output of one of the squashing or rectifying functions."""
    code, n = words[p], words[p + OUTPUT + LENGTH]
    x, y = part(arena, words[p + FIRST + AT], n), part(arena, words[p + OUTPUT + AT], n)
    if code == TANH:
        for i in range(n):
            y[i] = tanh(x[i])
    elif code == RELU:
        for i in range(n):
            y[i] = 0.0 if x[i] <= 0.0 else x[i]
    elif code == SIGMOID:
        for i in range(n):
            y[i] = sigmoid(x[i])
    elif code == IDENTITY:
        copy(arena, words[p + FIRST + AT], words[p + OUTPUT + AT], n)
    elif code == LEAKY_RELU:
        slope = numbers[words[p + NUMBERS]]
        for i in range(n):
            y[i] = x[i] if x[i] > 0.0 else slope * x[i]
    elif code == ELU:
        alpha = numbers[words[p + NUMBERS]]
        for i in range(n):
            y[i] = x[i] if x[i] > 0.0 else alpha * exp_minus_1(x[i])


@kernel
def activation_slope(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Multiply the source with the derivative of one of the squashing or rectifying functions."""
    code, n = words[p], words[p + OUTPUT + LENGTH]
    x, y = part(arena, words[p + FIRST + AT], n), part(arena, words[p + OUTPUT + AT], n)
    d, out = part(arena, source, n), part(arena, into, n)
    if code == TANH:
        for i in range(n):
            out[i] = (1.0 - y[i] * y[i]) * d[i]
    elif code == RELU:
        for i in range(n):
            out[i] = (1.0 if x[i] > 0.0 else 0.0) * d[i]
    elif code == SIGMOID:
        for i in range(n):
            out[i] = (1.0 - y[i]) * y[i] * d[i]
    elif code == IDENTITY:
        copy(arena, source, into, n)
    elif code == LEAKY_RELU:
        slope = numbers[words[p + NUMBERS]]
        for i in range(n):
            out[i] = (1.0 if x[i] > 0.0 else slope) * d[i]
    elif code == ELU:
        alpha = numbers[words[p + NUMBERS]]
        for i in range(n):
            out[i] = (1.0 if x[i] > 0.0 else alpha * exp(x[i])) * d[i]


@kernel
def smooth_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Write the output of one of the smooth functions, and where it is z times a share, the share."""
    code, n = words[p], words[p + OUTPUT + LENGTH]
    x, y = part(arena, words[p + FIRST + AT], n), part(arena, words[p + OUTPUT + AT], n)
    if code == SOFTPLUS:
        for i in range(n):
            y[i] = softplus(x[i])
        return
    if code == SIN:
        for i in range(n):
            y[i] = math.sin(x[i])
        return
    share = part(arena, words[p + SCRATCH], n)
    if code == SILU:
        for i in range(n):
            share[i] = sigmoid(x[i])
    elif code == GELU:
        is_exact = numbers[words[p + NUMBERS]] == 0.0
        if is_exact:
            for i in range(n):
                share[i] = normal_share(x[i])
        else:
            for i in range(n):
                share[i] = sigmoid(ROOT_8_BY_PI * (x[i] + CUBIC * x[i] * x[i] * x[i]))
    for i in range(n):
        y[i] = x[i] * share[i]


@kernel
def smooth_slope(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Multiply the source with the derivative of one of the smooth functions."""
    code, n = words[p], words[p + OUTPUT + LENGTH]
    x, d, out = part(arena, words[p + FIRST + AT], n), part(arena, source, n), part(arena, into, n)
    if code == SOFTPLUS:
        for i in range(n):
            out[i] = sigmoid(x[i]) * d[i]
        return
    if code == SIN:
        for i in range(n):
            out[i] = math.cos(x[i]) * d[i]
        return
    share = part(arena, words[p + SCRATCH], n)
    if code == SILU:
        for i in range(n):
            out[i] = (1.0 + x[i] * (1.0 - share[i])) * share[i] * d[i]
    elif code == GELU:
        is_exact = numbers[words[p + NUMBERS]] == 0.0
        if is_exact:
            for i in range(n):
                out[i] = (share[i] + x[i] * (PEAK * exp(-0.5 * x[i] * x[i]))) * d[i]
        else:
            for i in range(n):
                # Beyond, the factor σ (1 − σ) is 0, and u′ must not become ∞.
                z = 1e3 if x[i] > 1e3 else -1e3 if x[i] < -1e3 else x[i]
                u = ROOT_8_BY_PI * (1.0 + 3.0 * CUBIC * z * z)
                out[i] = (share[i] + x[i] * (u * (share[i] * (1.0 - share[i])))) * d[i]
