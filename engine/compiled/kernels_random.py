"""Random numbers equal to the bit to those of engine.rng: raw words, an epoch's order, Dropout's masks.

The generator is Philox 4×64-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.compiled.jit import Words, helper
from engine.compiled.tricks import address_of, product
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
            low_c, high_c = product(FACTOR_1, c)
            low_a, high_a = product(FACTOR_0, a)
            a, b, c, d = high_c ^ b ^ key, low_c, high_a ^ d ^ other_key, low_a
            key, other_key = key + WEYL_0, other_key + WEYL_1
        at = 4 * block
        out[at], out[at + 1], out[at + 2], out[at + 3] = a, b, c, d


@helper
def draw_order(
    seed: int | np.uint64, purpose: int, index: int, words: Bits, keys: Bits, ends: Words, order: Words
) -> None:
    """Draw an order of 0 … n − 1 as engine.rng.permutation: the one that sorts n words.

    Their leading bits are evenly spread, so each goes near its place at once, and to it by insertion. There is room in
    `words` and `keys` for n numbers and up to three more, in `ends` for twice as many.
    """
    n = len(order)
    draw_raw(seed, purpose, index, n, words)
    bits = 1
    while 1 << bits < n:
        bits += 1
    shift = np.uint64(64 - bits)
    # Addresses, as an index of an array is first asked whether it is negative.
    word, kept, end, place = address_of(words), address_of(keys), address_of(ends), address_of(order)
    for bucket in range(1 << bits):
        end[bucket] = 0
    for i in range(n):
        end[word[i] >> shift] += 1
    before = 0
    for bucket in range(1 << bits):
        count = end[bucket]
        end[bucket] = before
        before += count
    for i in range(n):
        home = word[i] >> shift
        at = end[home]
        end[home] = at + 1
        kept[at], place[at] = word[i], i
    for i in range(1, n):
        key, row, at = kept[i], place[i], i
        while at > 0 and kept[at - 1] > key:
            kept[at], place[at] = kept[at - 1], place[at - 1]
            at -= 1
        kept[at], place[at] = key, row


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
