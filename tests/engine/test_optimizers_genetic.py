"""The parts of the genetic algorithm: tournaments between members, and crossovers of parents."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.executor import Batch
from engine.optimizers.genetic import CROSSOVERS, WIDENING, select
from engine.rng import Stream

each_crossover = pytest.mark.parametrize("kind", CROSSOVERS)
seeds = st.integers(0, 2**32 - 1)


@given(
    seed=seeds, losses=st.lists(st.floats(0.0, 10.0) | st.just(math.inf), min_size=4, max_size=30), k=st.integers(1, 9)
)
def test_tournaments_choose_members_the_better_the_more_take_part(seed: int, losses: list[float], k: int) -> None:
    draws = Batch(1, seed, 0).stream(Stream.EXPLORATION, 1)
    chosen = select(np.array(losses), 500, k, draws)
    assert chosen.shape == (500,)
    assert 0 <= chosen.min() <= chosen.max() < len(losses)
    alone = select(np.array(losses), 500 * k, 1, draws).reshape(500, k)
    np.testing.assert_array_equal(np.array(losses)[chosen], np.array(losses)[alone].min(axis=1))


@pytest.mark.parametrize("k", [1, 3, 8])
def test_each_rank_wins_as_often_as_the_theory_of_tournaments_says(k: int) -> None:
    losses = np.array([0.3, 0.1, 0.4, 0.2, 0.5])
    chosen = select(losses, 40_000, k, Batch(1, 1, 0).stream(Stream.EXPLORATION, 1))
    shares = np.bincount(chosen, minlength=5)[np.argsort(losses)] / len(chosen)
    # The winner is of rank r or worse where none of the k drawn is of a better rank: (1 − r/N)ᵏ.
    expected = -np.diff([(1.0 - rank / 5) ** k for rank in range(6)])
    np.testing.assert_allclose(shares, expected, atol=0.01)


@each_crossover
@given(seed=seeds, count=st.integers(1, 6), size=st.integers(1, 20))
def test_children_take_after_their_parents(kind: str, seed: int, count: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, count, size))
    child = CROSSOVERS[kind]().cross(a, b, Batch(1, seed, 0).stream(Stream.EXPLORATION, 1))
    assert child.shape == (count, size)
    if kind == "blend":
        room = WIDENING * np.abs(a - b) * (1.0 + 1e-12) + 1e-15
        assert (child >= np.minimum(a, b) - room).all()
        assert (child <= np.maximum(a, b) + room).all()
    else:
        assert ((child == a) | (child == b)).all()
    if kind == "one-point":
        assert (child[:, 0] == a[:, 0]).all()
        assert (np.count_nonzero(np.diff((child == a).astype(int), axis=1), axis=1) <= 1).all()


@each_crossover
def test_both_parents_have_the_same_part_in_many_children(kind: str) -> None:
    a, b = np.zeros((4000, 30)), np.ones((4000, 30))
    child = CROSSOVERS[kind]().cross(a, b, Batch(1, 1, 0).stream(Stream.EXPLORATION, 1))
    assert child.mean() == pytest.approx(0.5, abs=0.02)
    if kind == "one-point":
        # Each of the 29 places between two numbers is as likely as another.
        np.testing.assert_allclose(child.mean(axis=0), np.arange(30) / 29, atol=0.04)
    if kind == "blend":
        assert child.std() == pytest.approx((1.0 + 2.0 * WIDENING) / math.sqrt(12.0), rel=0.02)
