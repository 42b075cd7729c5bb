"""Random numbers equal to the bit to those of engine.rng: raw words, an epoch's order, Dropout's masks.

The generator is Philox 4×64-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.compiled.jit import Words, helper
from engine.compiled.tricks import high_word
from engine.ops.call import Array

Bits = NDArray[np.uint64]

FACTOR_0, FACTOR_1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
WEYL_0, WEYL_1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
UNUSED_BITS = np.uint64(11)
"""A uniform number is made of the other 53."""
ROUNDS = 10
INDEX_BITS = 56


@helper
def draw_raw(seed: int | np.uint64, purpose: int, index: int, count: int, out: Bits) -> None:
    """Draw `count` words as engine.rng.raw; `out` has room for a whole number of four."""
    first_key, second_key = np.uint64(seed), np.uint64(purpose << INDEX_BITS | index)
    for block in range((count + 3) // 4):
        a, b, c, d = np.uint64(block + 1), np.uint64(0), np.uint64(0), np.uint64(0)
        key, other_key = first_key, second_key
        for _ in range(ROUNDS):
            a, b, c, d = (
                high_word(FACTOR_1, c) ^ b ^ key,
                FACTOR_1 * c,
                high_word(FACTOR_0, a) ^ d ^ other_key,
                FACTOR_0 * a,
            )
            key, other_key = key + WEYL_0, other_key + WEYL_1
        at = 4 * block
        out[at], out[at + 1], out[at + 2], out[at + 3] = a, b, c, d


@helper
def draw_order(
    seed: int | np.uint64, purpose: int, index: int, words: Bits, keys: Bits, ends: Words, order: Words
) -> None:
    """Draw an order of 0 … n − 1 as engine.rng.permutation: the one that sorts n words.

    Their leading bits are evenly spread, so each goes near its place at once, and to it by insertion. There is room in
    `words` and `keys` for n numbers and up to three more, in `ends` for twice as many and one.
    """
    n = len(order)
    draw_raw(seed, purpose, index, n, words)
    bits = 1
    while 1 << bits < n:
        bits += 1
    shift = np.uint64(64 - bits)
    for bucket in range((1 << bits) + 1):
        ends[bucket] = 0
    for i in range(n):
        ends[np.int64(words[i] >> shift) + 1] += 1
    for bucket in range(1 << bits):
        ends[bucket + 1] += ends[bucket]
    for i in range(n):
        home = np.int64(words[i] >> shift)
        at = ends[home]
        ends[home] = at + 1
        keys[at], order[at] = words[i], i
    for i in range(1, n):
        key, place, at = keys[i], order[i], i
        while at > 0 and keys[at - 1] > key:
            keys[at], order[at] = keys[at - 1], order[at - 1]
            at -= 1
        keys[at], order[at] = key, place


@helper
def draw_mask(
    arena: Array, at: int, rows: int, columns: int, row_step: int, column_step: int, rate: float, words: Bits
) -> None:
    """Make a mask of raw words as engine.ops.dropout does: 0 with chance p, else 1 / (1 − p), row by row."""
    kept = 1.0 / (1.0 - rate)
    for i in range(rows):
        for j in range(columns):
            uniform = np.float64(words[i * columns + j] >> UNUSED_BITS) * 2.0**-53
            arena[at + i * row_step + j * column_step] = kept if uniform >= rate else 0.0
