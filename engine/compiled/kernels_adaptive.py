"""The rules that give each weight a step of its own, as in engine.optimizers.adaptive."""

from __future__ import annotations

import math

from engine.compiled.jit import Words, helper, kernel
from engine.compiled.kernels_functions import sign
from engine.compiled.kernels_update import RATE, SETTINGS, change, slot, used
from engine.ops.call import Array


@kernel
def adagrad(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Scale by the root of the sum of squares."""
    g, delta = used(arena, words, p, start, count), change(arena, words, p, start, count)
    s = slot(arena, words, p, 0, start, count)
    rate, epsilon = numbers[RATE], numbers[SETTINGS]
    for i in range(count):
        s[i] += g[i] * g[i]
        delta[i] = g[i] / (math.sqrt(s[i]) + epsilon) * -rate


@kernel
def rmsprop(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Scale by the running root mean square."""
    g, delta = used(arena, words, p, start, count), change(arena, words, p, start, count)
    s = slot(arena, words, p, 0, start, count)
    rate, rho, epsilon = numbers[RATE], numbers[SETTINGS], numbers[SETTINGS + 1]
    for i in range(count):
        s[i] = rho * s[i] + (1.0 - rho) * (g[i] * g[i])
        delta[i] = g[i] / (math.sqrt(s[i]) + epsilon) * -rate


@kernel
def adadelta(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Scale by the ratio of both running roots."""
    g, delta = used(arena, words, p, start, count), change(arena, words, p, start, count)
    s, r = slot(arena, words, p, 0, start, count), slot(arena, words, p, 1, start, count)
    rate, rho, epsilon = numbers[RATE], numbers[SETTINGS], numbers[SETTINGS + 1]
    for i in range(count):
        s[i] = rho * s[i] + (1.0 - rho) * (g[i] * g[i])
        d = g[i] / math.sqrt(s[i] + epsilon) * math.sqrt(r[i] + epsilon)
        r[i] = rho * r[i] + (1.0 - rho) * (d * d)
        delta[i] = d * -rate


@helper
def _within(x: float, smallest: float, largest: float) -> float:
    """Cut off as numpy's clip does: where the ends contradict each other, the upper one counts."""
    x = smallest if x < smallest else x
    return largest if x > largest else x


@kernel
def rprop(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Compare signs with those of the step before, change the steps, go."""
    g, delta = used(arena, words, p, start, count), change(arena, words, p, start, count)
    last, steps = slot(arena, words, p, 0, start, count), slot(arena, words, p, 1, start, count)
    first, growth, shrinkage = numbers[SETTINGS], numbers[SETTINGS + 1], numbers[SETTINGS + 2]
    smallest, largest = numbers[SETTINGS + 3], numbers[SETTINGS + 4]
    for i in range(count):
        a = first if steps[i] == 0.0 else steps[i]
        product = sign(last[i]) * sign(g[i])
        a *= growth if product > 0.0 else shrinkage if product < 0.0 else 1.0
        a = _within(a, smallest, largest)
        d = 0.0 if product < 0.0 else g[i]
        steps[i] = a
        last[i] = d
        delta[i] = -sign(d) * a
