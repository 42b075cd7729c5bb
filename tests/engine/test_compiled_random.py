"""The kernels draw the numbers that engine.rng draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")

import numba

from engine import rng
from engine.compiled.jit import Words
from engine.compiled.kernels_random import Bits, draw_order, draw_raw
from engine.rng import Stream

DROPOUT, BATCH_ORDER = int(Stream.DROPOUT), int(Stream.BATCH_ORDER)


def _draw(seed: np.uint64, index: int, bits: Bits, keys: Bits, ends: Words, order: Words, raw: Bits) -> None:
    draw_order(seed, BATCH_ORDER, index, bits, keys, ends, order)
    draw_raw(seed, DROPOUT, index, len(order), raw)


draw = cast(Callable[..., None], numba.njit(_draw))


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**56 - 1), st.integers(1, 300))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_random_numbers_are_equal_to_the_bit(seed: int, index: int, count: int) -> None:
    bits, keys, raw = np.zeros((3, count + 3), np.uint64)
    order, ends = np.zeros(count, np.int64), np.zeros(2 * count + 2, np.int64)
    draw(np.uint64(seed), index, bits, keys, ends, order, raw)
    np.testing.assert_array_equal(raw[:count], rng.raw(seed, Stream.DROPOUT, index, count))
    np.testing.assert_array_equal(order, rng.permutation(seed, Stream.BATCH_ORDER, index, count))
