"""Adam and what came of it, as in engine.optimizers.adam."""

from __future__ import annotations

import math

from engine.compiled.jit import Words, exact, helper, kernel
from engine.compiled.kernels_update import RATE, SETTINGS, change, slot, take_off, used
from engine.ops.call import Array


@exact
def correction(beta: float, t: int) -> float:
    """Give 1 − βᵗ, what a running mean from 0 has seen of its numbers so far."""
    return 1.0 - math.pow(beta, float(t))


@helper
def larger(a: float, b: float) -> float:
    """Give the larger of two numbers, NaN where one is."""
    return a if a >= b or math.isnan(a) else b


@helper
def mix(arena: Array, words: Words, p: int, numbers: Array, start: int, count: int) -> None:
    """Mix g into the first slot and g² into the second."""
    g = used(arena, words, p, start, count)
    m, v = slot(arena, words, p, 0, start, count), slot(arena, words, p, 1, start, count)
    beta1, beta2 = numbers[SETTINGS], numbers[SETTINGS + 1]
    for i in range(count):
        m[i] = beta1 * m[i] + (1.0 - beta1) * g[i]
        v[i] = beta2 * v[i] + (1.0 - beta2) * (g[i] * g[i])


@helper
def divide(
    arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int, number: int, scale: float
) -> None:
    """Write m / (√v̂ + ε) times the scale, with the slot of this number as v."""
    m, v = slot(arena, words, p, 0, start, count), slot(arena, words, p, number, start, count)
    delta, epsilon = change(arena, words, p, start, count), numbers[SETTINGS + 2]
    root = 1.0 / math.sqrt(correction(numbers[SETTINGS + 1], t))
    for i in range(count):
        delta[i] = m[i] / (math.sqrt(v[i]) * root + epsilon) * scale


@kernel
def adam(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Update both means, correct them, divide."""
    mix(arena, words, p, numbers, start, count)
    scale = -numbers[RATE] / correction(numbers[SETTINGS], t)
    divide(arena, words, p, numbers, t, start, count, 1, scale)


@kernel
def adamw(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Step as Adam, and decay."""
    mix(arena, words, p, numbers, start, count)
    divide(arena, words, p, numbers, t, start, count, 1, 1.0 / correction(numbers[SETTINGS], t))
    take_off(arena, words, p, numbers[SETTINGS + 3], numbers[RATE], start, count)


@kernel
def amsgrad(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Step as Adam, with the largest v."""
    mix(arena, words, p, numbers, start, count)
    v, n = slot(arena, words, p, 1, start, count), slot(arena, words, p, 2, start, count)
    for i in range(count):
        n[i] = larger(n[i], v[i])
    scale = -numbers[RATE] / correction(numbers[SETTINGS], t)
    divide(arena, words, p, numbers, t, start, count, 2, scale)


@kernel
def adamax(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Update the mean and the largest size, divide."""
    g, delta = used(arena, words, p, start, count), change(arena, words, p, start, count)
    m, n = slot(arena, words, p, 0, start, count), slot(arena, words, p, 1, start, count)
    beta1, beta2, epsilon = numbers[SETTINGS], numbers[SETTINGS + 1], numbers[SETTINGS + 2]
    scale = -numbers[RATE] / correction(beta1, t)
    for i in range(count):
        m[i] = beta1 * m[i] + (1.0 - beta1) * g[i]
        n[i] = larger(beta2 * n[i], abs(g[i]) + epsilon)
        delta[i] = m[i] / n[i] * scale


@exact
def _momentum(beta1: float, growth: float, t: int) -> float:
    return beta1 * (1.0 - 0.5 * math.pow(0.96, float(t) * growth))


@kernel
def nadam(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Update both means, correct m for now and the next step, divide."""
    mix(arena, words, p, numbers, start, count)
    g, delta = used(arena, words, p, start, count), change(arena, words, p, start, count)
    m, v = slot(arena, words, p, 0, start, count), slot(arena, words, p, 1, start, count)
    c = slot(arena, words, p, 2, start, count)
    beta1, epsilon, growth = numbers[SETTINGS], numbers[SETTINGS + 2], numbers[SETTINGS + 3]
    now, then = _momentum(beta1, growth, t), _momentum(beta1, growth, t + 1)
    for i in range(count):
        product = now * (1.0 - c[i])
        c[i] = 1.0 - product
        delta[i] = (1.0 - now) * g[i] / c[i] + then * (m[i] / (1.0 - then * product))
    root, rate = 1.0 / math.sqrt(correction(numbers[SETTINGS + 1], t)), numbers[RATE]
    for i in range(count):
        delta[i] = delta[i] / (math.sqrt(v[i]) * root + epsilon) * -rate


@exact
def _trust(beta2: float, t: int) -> float:
    """Give r √(1 − β₂ᵗ), or 0 where v is not known well enough. Its differences are small, so nothing is reordered."""
    last = 2.0 / (1.0 - beta2) - 1.0
    seen = last - 2.0 * float(t) * math.pow(beta2, float(t)) / correction(beta2, t)
    if not seen > 5.0:
        return 0.0
    share = (seen - 4.0) * (seen - 2.0) * last / ((last - 4.0) * (last - 2.0) * seen)
    return math.sqrt(share) * math.sqrt(correction(beta2, t))


@kernel
def radam(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Update both means, and divide once that is sound."""
    mix(arena, words, p, numbers, start, count)
    scale = -numbers[RATE] / correction(numbers[SETTINGS], t)
    trust = _trust(numbers[SETTINGS + 1], t)
    m, delta = slot(arena, words, p, 0, start, count), change(arena, words, p, start, count)
    if trust == 0.0:
        for i in range(count):
            delta[i] = m[i] * scale
        return
    v, epsilon = slot(arena, words, p, 1, start, count), numbers[SETTINGS + 2]
    scale *= trust
    for i in range(count):
        delta[i] = m[i] / (math.sqrt(v[i]) + epsilon) * scale
