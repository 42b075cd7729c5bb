"""Recorded series made ready: thinned without losing peaks, smoothed without rewriting the past."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recording import Series
from ui.plots.series import (
    count_hidden,
    has_step,
    joined,
    lone_points,
    reach_of,
    shown_values,
    smoothed,
    thin,
    value_at,
    with_gaps,
)


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


@pytest.mark.parametrize("is_log", [False, True])
def test_what_is_too_far_out_to_be_drawn_is_a_gap_and_not_a_line_at_the_edge(is_log: bool) -> None:
    y = np.array([1.5, 1e99, 1e101, 1e300, math.inf, 2.0])
    shown = shown_values(y, is_log)
    assert np.isnan(shown).tolist() == [False, False, True, True, True, False]
    assert shown[:2] == pytest.approx(np.log10(y[:2]) if is_log else y[:2])
    assert np.isnan(shown_values(-y, is_log=False)[2:5]).all()
    assert smoothed(y)[-1] < 1e100


def test_the_value_at_a_step_is_the_last_one_recorded_until_then() -> None:
    steps, values = np.array([0.0, 10.0, 20.0]), np.array([5.0, 6.0, 7.0])
    assert [value_at(steps, values, step) for step in (-1, 0, 9.9, 10, 25)] == [None, 5.0, 5.0, 6.0, 7.0]


def test_beyond_its_reach_a_value_says_nothing_of_a_step() -> None:
    steps, values = np.array([0.0, 10.0]), np.array([5.0, 6.0])
    assert [value_at(steps, values, step, reach=4.0) for step in (4, 5, 13, 15)] == [5.0, None, 6.0, None]


def test_a_series_has_a_step_where_it_recorded_that_one_alone() -> None:
    steps = np.array([0.0, 10.0, 20.0])
    assert [has_step(steps, step) for step in (-1, 0, 9, 10, 20, 21)] == [False, True, False, True, True, False]
    averaged = Series(points=4)
    for step in range(15):
        averaged.append(step, 1.0)
    # Its last point has the mean of 12, 13 and 14, which is no number of step 13.
    assert averaged.curve()[0].tolist() == [1.5, 5.5, 9.5, 13.0]
    assert not has_step(averaged.curve()[0], 13)


def test_a_series_without_the_numbers_of_some_steps_has_a_gap_there() -> None:
    every, steps = np.arange(100.0), np.array([3.0, 4.0, 5.0, 60.0, 61.0, 99.0])
    x, y = with_gaps(steps, np.ones(6), reach_of(every))
    assert np.isnan(y).tolist() == [False, False, False, True, False, False, True, False]
    assert np.isfinite(x).all()
    assert (np.diff(x) >= 0).all()
    assert [part.tolist() for part in lone_points(x, y)] == [[99.0], [1.0]]


@given(st.integers(1, 3000), st.integers(8, 64), st.integers(0, 3000))
def test_an_averaged_series_that_was_cut_and_went_on_has_no_gap(count: int, half: int, cut: int) -> None:
    series = Series(2 * half)
    for step in range(count):
        series.append(step, 1.0)
    series.cut(cut)
    for step in range(min(cut, count), count + 5):
        series.append(step, 1.0)
    steps, values = series.curve()
    assert len(with_gaps(steps, values, reach_of(steps))[0]) == len(steps)


def test_joined_curves_keep_apart() -> None:
    x, y = joined(np.array([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]]))
    assert x == pytest.approx([1, 2, math.nan, 1, 2, math.nan], nan_ok=True)
    assert y == pytest.approx([3, 4, math.nan, 5, 6, math.nan], nan_ok=True)
