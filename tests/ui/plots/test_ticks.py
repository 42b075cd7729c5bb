"""Bounds and ticks: round, few, and around the data, whatever the data."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.plots.ticks import log_bounds, log_ticks, padded, step_bound, step_ticks, value_bounds, value_ticks

FINITE = st.floats(-1e12, 1e12).filter(lambda value: value == 0 or abs(value) > 1e-12)
POSITIVE = st.floats(1e-200, 1e90)


@given(st.integers(0, 10**9))
def test_a_step_axis_shows_the_step_and_wastes_at_most_a_third(step: int) -> None:
    bound = step_bound(step)
    assert bound >= step
    assert bound <= max(10.0, step * 4 / 3 * (1 + 1e-12))


def test_a_step_axis_moves_seldom() -> None:
    assert len({step_bound(step) for step in range(10, 10_000)}) < 40


@given(st.lists(FINITE, min_size=1, max_size=20))
def test_value_bounds_hold_all_finite_values_and_are_never_empty(values: list[float]) -> None:
    bounds = value_bounds(np.array([*values, math.nan, math.inf]))
    assert bounds is not None
    low, high = bounds
    slack = 1e-6 * (high - low)
    assert low < high
    assert low - slack <= min(values)
    assert max(values) <= high + slack


@given(st.lists(POSITIVE, min_size=1, max_size=20))
def test_log_bounds_hold_all_positive_values_and_are_never_empty(values: list[float]) -> None:
    bounds = log_bounds(np.array([*values, 0.0, -1.0, math.nan, math.inf]))
    assert bounds is not None
    low, high = bounds
    assert low < high
    assert low - 1e-6 <= math.log10(min(values))
    assert math.log10(max(values)) <= high + 1e-6


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf]])
def test_there_are_no_bounds_without_finite_values(values: list[float]) -> None:
    assert value_bounds(np.array(values)) is None
    assert log_bounds(np.array(values)) is None


def test_no_value_above_0_has_no_log_bounds() -> None:
    assert log_bounds(np.array([0.0, -3.0])) is None


def test_bounds_are_round() -> None:
    assert value_bounds(np.array([0.13, 0.87])) == pytest.approx((0.0, 1.0))
    assert value_bounds(np.array([-4.2, 4.7])) == pytest.approx((-5.0, 5.0))
    assert log_bounds(np.array([0.0013, 0.64])) == pytest.approx((-3.0, 0.0))
    assert log_bounds(np.array([0.03, 0.3])) == pytest.approx((math.log10(0.02), math.log10(0.5)))


def test_equal_values_lie_inside_their_bounds() -> None:
    for value in (0.0, 3.0, -1e-9, 1e9):
        bounds = value_bounds(np.full(3, value))
        assert bounds is not None
        assert bounds[0] < value < bounds[1]


def test_values_too_far_out_to_be_drawn_do_not_stretch_the_axis() -> None:
    values = np.array([1.0, 10.0, 1e101, np.inf, np.nan])
    assert log_bounds(values) == log_bounds(values[:2])
    assert value_bounds(np.append(values, -1e200)) == value_bounds(values[:2])
    assert value_bounds(values[2:]) is None
    assert log_bounds(values[2:]) is None


@given(FINITE, st.floats(1e-6, 1e12), st.integers(1, 8))
def test_value_ticks_are_inside_few_and_read_as_what_they_are(low: float, span: float, count: int) -> None:
    high = low + span
    if high - low < 1e-6 * max(abs(low), abs(high)):
        return
    ticks = value_ticks(low, high, count)
    assert len(ticks) <= count + 1
    for value, text in ticks:
        assert low - 1e-6 * span <= value <= high + 1e-6 * span
        assert float(text) == pytest.approx(value, rel=5e-3, abs=1e-4)


def test_tick_words() -> None:
    assert [text for _, text in value_ticks(-0.5, 0.5, 4)] == ["-0.50", "-0.25", "0.00", "0.25", "0.50"]
    assert [text for _, text in value_ticks(-6.0, 6.0, 4)] == ["-5", "0", "5"]
    assert [text for _, text in step_ticks(0.0, 1500.0, 3)] == [
        "0",
        "500",
        "1\N{NARROW NO-BREAK SPACE}000",
        "1\N{NARROW NO-BREAK SPACE}500",
    ]
    assert [text for _, text in log_ticks(-3.0, 0.0, 4)] == ["0.001", "0.01", "0.1", "1"]
    assert [text for _, text in log_ticks(-1.0, 0.0, 4)] == ["0.1", "0.2", "0.5", "1"]
    assert [text for _, text in log_ticks(-40.0, 40.0, 4)] == ["1e-40", "1e-20", "1", "1e20", "1e40"]


def test_step_ticks_are_whole_steps_even_when_zoomed_in() -> None:
    assert [value for value, _ in step_ticks(3.2, 5.1, 8)] == [4.0, 5.0]


@given(st.floats(-100.0, 100.0), st.floats(0.5, 90.0), st.integers(1, 8))
def test_log_ticks_are_inside_and_few(low: float, span: float, count: int) -> None:
    ticks = log_ticks(low, low + span, count)
    assert len(ticks) <= 2 * count + 2
    assert all(low - 1e-6 <= at <= low + span + 1e-6 for at, _ in ticks)


def test_padding_widens_both_ends() -> None:
    assert padded((0.0, 10.0), 0.1) == (-1.0, 11.0)


@given(st.floats(-6.0, 4.0), st.floats(0.01, 8.0), st.integers(1, 8))
def test_a_log_axis_has_two_ticks_at_least_and_few_more_than_asked_for(low: float, span: float, count: int) -> None:
    ticks = log_ticks(low, low + span, count)
    assert 2 <= len(ticks) <= 2 * count + 3
    assert len({words for _, words in ticks}) == len(ticks)
    assert all(low - 1e-6 <= at <= low + span + 1e-6 for at, _ in ticks)
    assert all(float(words) == pytest.approx(10.0**at, rel=1e-3) for at, words in ticks)
