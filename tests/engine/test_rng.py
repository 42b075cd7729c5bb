"""Random numbers: the same for ever, spread as they should be, and independent of each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.rng import GENERATOR_VERSION, Stream, normal, permutation, raw, uniform

WORD = (1 << 64) - 1

Draw = Callable[[int, Stream, int, int], NDArray[Any]]

seeds = st.integers(0, WORD)
streams = st.sampled_from(Stream)
indices = st.integers(0, (1 << 56) - 1)


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox 4×64-10 in plain Python, after Salmon et al. 2011."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        left, right = c0 * 0xD2E7470EE14C6C93, c2 * 0xCA5A826395121157
        c0, c1, c2, c3 = right >> 64 ^ c1 ^ k0, right & WORD, left >> 64 ^ c3 ^ k1, left & WORD
        k0, k1 = k0 + 0x9E3779B97F4A7C15 & WORD, k1 + 0xBB67AE8584CAA73B & WORD
    return [c0, c1, c2, c3]


def test_plain_philox_gives_the_published_answer() -> None:
    assert philox([0, 0, 0, 0], [0, 0]) == [
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    ]


@settings(max_examples=30, deadline=None)
@given(seeds, streams, indices)
def test_raw_words_are_philox_with_the_counter_from_one(seed: int, stream: Stream, index: int) -> None:
    key = [seed, (int(stream) << 56) + index]
    expected = philox([1, 0, 0, 0], key) + philox([2, 0, 0, 0], key) + philox([3, 0, 0, 0], key)[:1]
    assert raw(seed, stream, index, 9).tolist() == expected


def test_files_can_rely_on_the_version_and_the_stream_numbers() -> None:
    assert GENERATOR_VERSION == "philox-1"
    assert {stream.name: stream.value for stream in Stream} == {
        "DATA": 1,
        "SPLIT": 2,
        "INITIAL": 3,
        "BATCH_ORDER": 4,
        "DROPOUT": 5,
        "PERTURBATION": 6,
        "EXPLORATION": 7,
    }


def test_stored_values_come_out_again() -> None:
    assert raw(0, Stream.DATA, 0, 4).tolist() == [
        0x64F4394A789242BB,
        0xFBE92B7CB59BAC9F,
        0x40D714A382446853,
        0xC8DC1AB7871C7626,
    ]
    assert uniform(1, Stream.INITIAL, 0, 4).tolist() == [
        0.5307412922825651,
        0.603813930770545,
        0.5453831815961191,
        0.40610325804682035,
    ]
    assert permutation(1, Stream.BATCH_ORDER, 3, 12).tolist() == [5, 1, 11, 9, 7, 3, 0, 10, 4, 8, 6, 2]
    stored = [-0.9775793141111768, -0.7466865330626667, -1.0433725926052897, 0.6985516282982625, -1.167057699480929]
    np.testing.assert_allclose(normal(1, Stream.INITIAL, 0, 5), stored, rtol=1e-14)


def test_a_uniform_is_the_upper_53_bits_of_its_word() -> None:
    words = raw(5, Stream.DROPOUT, 6, 50).tolist()
    assert uniform(5, Stream.DROPOUT, 6, 50).tolist() == [math.ldexp(word >> 11, -53) for word in words]


def test_uniforms_are_spread_evenly() -> None:
    drawn = uniform(3, Stream.DATA, 0, 100_000)
    counts = np.histogram(drawn, bins=20, range=(0.0, 1.0))[0]
    assert 0.0 <= drawn.min() <= drawn.max() < 1.0
    assert ((counts - 5000.0) ** 2 / 5000.0).sum() < 43.8  # chi-squared, 19 degrees of freedom, p = 0.001


def test_normals_have_the_moments_and_tails_of_the_normal_distribution() -> None:
    drawn = normal(3, Stream.DATA, 0, 100_000)
    assert abs(drawn.mean()) < 0.01
    assert abs(drawn.std() - 1.0) < 0.01
    assert abs((drawn**3).mean()) < 0.04
    assert abs((drawn**4).mean() - 3.0) < 0.12
    for limit in (0.5, 1.0, 2.0, 3.0):
        assert (np.abs(drawn) < limit).mean() == pytest.approx(math.erf(limit / math.sqrt(2.0)), abs=0.006)
    assert abs(np.corrcoef(drawn[0::2], drawn[1::2])[0, 1]) < 0.015


@settings(max_examples=50, deadline=None)
@given(seeds, streams, indices, st.integers(0, 300))
def test_a_permutation_holds_every_row_once(seed: int, stream: Stream, index: int, n: int) -> None:
    order = permutation(seed, stream, index, n)
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(n))


def test_all_orders_of_three_rows_are_equally_likely() -> None:
    orders = [tuple(permutation(0, Stream.BATCH_ORDER, epoch, 3).tolist()) for epoch in range(3000)]
    counts = [orders.count(order) for order in sorted(set(orders))]
    assert len(counts) == 6
    assert sum((count - 500.0) ** 2 / 500.0 for count in counts) < 20.5  # 5 degrees of freedom, p = 0.001


@settings(max_examples=50, deadline=None)
@given(st.tuples(seeds, streams, indices), st.tuples(seeds, streams, indices))
def test_draws_are_equal_for_equal_arguments_only(one: tuple[int, Stream, int], other: tuple[int, Stream, int]) -> None:
    assert (raw(*one, 4).tolist() == raw(*other, 4).tolist()) == (one == other)


@pytest.mark.parametrize(
    "other", [(8, Stream.DATA, 0), (7, Stream.SPLIT, 0), (7, Stream.DATA, 1)], ids=["seed", "stream", "index"]
)
def test_neighbors_are_not_correlated(other: tuple[int, Stream, int]) -> None:
    correlation = np.corrcoef(uniform(7, Stream.DATA, 0, 40_000), uniform(*other, 40_000))[0, 1]
    assert abs(correlation) < 0.02


@pytest.mark.parametrize("draw", [raw, uniform, normal])
@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_a_longer_draw_begins_with_the_shorter_one(draw: Draw, count: int) -> None:
    shorter, longer = draw(1, Stream.DATA, 2, count), draw(1, Stream.DATA, 2, 12)
    assert shorter.shape == (count,)
    np.testing.assert_allclose(shorter, longer[:count], rtol=1e-14)


@pytest.mark.parametrize(("seed", "index"), [(-1, 0), (1 << 64, 0), (0, -1), (0, 1 << 56)])
def test_seeds_and_indices_that_would_collide_with_others_are_refused(seed: int, index: int) -> None:
    with pytest.raises(ValueError, match=r"is between 0 and 2\*\*"):
        raw(seed, Stream.DATA, index, 1)
