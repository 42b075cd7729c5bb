"""The rules with one rate for all weights, as in engine.optimizers.plain, and Lion, which goes by signs alone."""

from __future__ import annotations

from engine.compiled.jit import Words, kernel
from engine.compiled.kernels_functions import sign
from engine.compiled.kernels_update import RATE, SETTINGS, change, slot, take_off, used
from engine.ops.call import Array


@kernel
def none(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Write zeros."""
    delta = change(arena, words, p, start, count)
    for i in range(count):
        delta[i] = 0.0


@kernel
def sgd(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Write −η g."""
    g, delta = used(arena, words, p, start, count), change(arena, words, p, start, count)
    rate = numbers[RATE]
    for i in range(count):
        delta[i] = g[i] * -rate


@kernel
def momentum(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Roll on."""
    g, delta = used(arena, words, p, start, count), change(arena, words, p, start, count)
    v = slot(arena, words, p, 0, start, count)
    rate, mu = numbers[RATE], numbers[SETTINGS]
    for i in range(count):
        v[i] = mu * v[i] + g[i]
        delta[i] = v[i] * -rate


@kernel
def nesterov(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Roll on, and a part of the next step further."""
    g, delta = used(arena, words, p, start, count), change(arena, words, p, start, count)
    v = slot(arena, words, p, 0, start, count)
    rate, mu = numbers[RATE], numbers[SETTINGS]
    for i in range(count):
        v[i] = mu * v[i] + g[i]
        delta[i] = (mu * v[i] + g[i]) * -rate


@kernel
def lion(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Take the sign of one mean, keep another."""
    g, delta = used(arena, words, p, start, count), change(arena, words, p, start, count)
    m = slot(arena, words, p, 0, start, count)
    beta1, beta2, share = numbers[SETTINGS], numbers[SETTINGS + 1], numbers[SETTINGS + 2]
    for i in range(count):
        delta[i] = sign(beta1 * m[i] + (1.0 - beta1) * g[i])
        m[i] = beta2 * m[i] + (1.0 - beta2) * g[i]
    take_off(arena, words, p, share, numbers[RATE], start, count)
