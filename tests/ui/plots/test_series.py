"""Recorded series made ready: thinned without losing peaks, smoothed without rewriting the past."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.plots.series import count_hidden, joined, shown_values, smoothed, thin, value_at


@given(st.integers(0, 5000), st.integers(10, 500), st.integers(0, 2**32 - 1))
def test_thinning_keeps_few_points_in_order_with_both_extremes(count: int, limit: int, seed: int) -> None:
    y = np.random.default_rng(seed).normal(size=count)
    x = np.arange(count, dtype=np.float64)
    kept_x, kept_y = thin(x, y, limit)
    assert len(kept_x) <= limit
    assert (np.diff(kept_x) >= 0).all()
    assert (y[kept_x.astype(int)] == kept_y).all()
    if count:
        assert (kept_y.min(), kept_y.max()) == (y.min(), y.max())


def test_a_short_series_is_not_thinned() -> None:
    x, y = np.arange(5.0), np.array([3.0, 1.0, math.nan, 2.0, 0.0])
    kept_x, kept_y = thin(x, y, 5)
    assert kept_x is x
    assert kept_y is y


def test_thinning_keeps_the_gap_of_a_value_that_is_not_a_number() -> None:
    y = np.ones(1000)
    y[700] = math.nan
    assert np.isnan(thin(np.arange(1000.0), y, 50)[1]).any()


@given(st.lists(st.floats(-1e6, 1e6), max_size=700), st.floats(2.0, 50.0))
def test_the_running_mean_is_the_weighted_mean_of_what_came_before(values: list[float], span: float) -> None:
    beta, total, weight = 1.0 - 1.0 / span, 0.0, 0.0
    expected = []
    for value in values:
        total, weight = beta * total + value, beta * weight + 1.0
        expected.append(total / weight)
    assert smoothed(np.array(values), span) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_the_running_mean_passes_over_what_is_not_finite() -> None:
    mean = smoothed(np.array([2.0, math.nan, 2.0, math.inf, 2.0]))
    assert mean[[0, 2, 4]] == pytest.approx(2.0)
    assert np.isnan(mean[[1, 3]]).all()


def test_the_running_mean_never_rewrites_the_past() -> None:
    y = np.random.default_rng(1).normal(size=600)
    assert (smoothed(y)[:300] == smoothed(y[:300])).all()


def test_a_log_axis_shows_what_is_above_0_and_hides_the_rest() -> None:
    y = np.array([100.0, 0.0, -1.0, math.nan, math.inf, 0.01])
    shown = shown_values(y, is_log=True)
    assert shown[[0, 5]] == pytest.approx([2.0, -2.0])
    assert np.isnan(shown[1:5]).all()
    assert count_hidden(y) == 2


def test_a_linear_axis_shows_all_finite_values() -> None:
    shown = shown_values(np.array([-1.5, 0.0, math.inf, 1e300]), is_log=False)
    assert shown[:2] == pytest.approx([-1.5, 0.0])
    assert np.isnan(shown[2])
    assert np.isfinite(shown[3])


def test_the_value_at_a_step_is_the_last_one_recorded_until_then() -> None:
    steps, values = np.array([0.0, 10.0, 20.0]), np.array([5.0, 6.0, 7.0])
    assert [value_at(steps, values, step) for step in (-1, 0, 9.9, 10, 25)] == [None, 5.0, 5.0, 6.0, 7.0]


def test_joined_curves_keep_apart() -> None:
    x, y = joined(np.array([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]]))
    assert x == pytest.approx([1, 2, math.nan, 1, 2, math.nan], nan_ok=True)
    assert y == pytest.approx([3, 4, math.nan, 5, 6, math.nan], nan_ok=True)
