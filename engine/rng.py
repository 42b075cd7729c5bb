"""Random numbers that stay the same: a function of (seed, stream, index), on every version of numpy.

numpy promises stable streams for the raw output of its bit generators only, so uniforms, normals and permutations are
made here. Nothing has a hidden state: epoch 7's order or step 123's dropout mask can be drawn again at any time.
Raw words, uniforms and permutations are equal to the bit everywhere; normals depend on the machine's `log`, `sin` and
`cos`, which may differ in the last bit between processors.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

GENERATOR_VERSION = "philox-1"
"""Stored in files. It changes when any function here would give other numbers for the same arguments."""

_INDEX_BITS = 56


class Stream(IntEnum):
    """What numbers are drawn for. Streams are independent of each other; the numbers are part of the file format."""

    DATA = 1
    SPLIT = 2
    INITIAL = 3
    BATCH_ORDER = 4
    DROPOUT = 5
    PERTURBATION = 6
    EXPLORATION = 7


def raw(seed: int, stream: Stream, index: int, count: int) -> NDArray[np.uint64]:
    """Draw `count` 64-bit words; a longer draw begins with the words of a shorter one.

    Shape [count]. `seed` is in [0, 2⁶⁴), `index` in [0, 2⁵⁶): an epoch, a step, or several numbers packed into one.
    Raises ValueError outside these. The generator is Philox 4×64-10 with the key (seed, stream·2⁵⁶ + index)
    (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
    """
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"a seed is between 0 and 2**64 - 1, not {seed}")
    if not 0 <= index < 1 << _INDEX_BITS:
        raise ValueError(f"an index is between 0 and 2**{_INDEX_BITS} - 1, not {index}")
    key = np.array([seed, stream << _INDEX_BITS | index], dtype=np.uint64)
    return np.random.Philox(key=key).random_raw(count)


def uniform(seed: int, stream: Stream, index: int, count: int) -> NDArray[np.float64]:
    """Draw `count` uniform numbers in [0, 1), multiples of 2⁻⁵³. Shape [count]; arguments as for `raw`."""
    return (raw(seed, stream, index, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(seed: int, stream: Stream, index: int, count: int) -> NDArray[np.float64]:
    """Draw `count` normal numbers of mean 0 and standard deviation 1. Shape [count]; arguments as for `raw`.

    Each pair of uniforms (u, v) gives r·cos 2πv and r·sin 2πv with r = √(−2 ln(1 − u)); 1 − u is never 0
    (Box and Muller, "A note on the generation of random normal deviates", 1958).
    """
    pairs = uniform(seed, stream, index, count + count % 2).reshape(-1, 2)
    radius = np.sqrt(-2.0 * np.log1p(-pairs[:, 0]))
    angle = 2.0 * np.pi * pairs[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)[:count]


def permutation(seed: int, stream: Stream, index: int, n: int) -> NDArray[np.int64]:
    """Draw an order of 0 … n − 1: the order that sorts n raw words. Shape [n]; arguments as for `raw`."""
    return np.argsort(raw(seed, stream, index, n), kind="stable").astype(np.int64, copy=False)
