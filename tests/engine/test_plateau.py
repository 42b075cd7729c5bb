"""The stop condition that a loss has come to a plateau."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.test_stopping import condition, losses, progress


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 1.0, 1.0, 1.0, 1.0], [0, 0, 0, 1, 1]),
        ([1.0, 0.85, 0.7, 0.6, 0.5], [0, 0, 0, 0, 0]),
        # Small falls add up; a fall by just the share is none, since it must be by more.
        ([1.0, 0.96, 0.92, 0.88, 0.88, 0.88, 0.88], [0, 0, 0, 0, 0, 0, 1]),
        ([1.0, 0.95, 0.95, 0.9, 0.9], [0, 0, 0, 1, 1]),
        # What rises falls anew only where it comes below what it was.
        ([1.0, 4.0, 2.0, 1.5, 0.8], [0, 0, 0, 1, 0]),
        # An objective may be negative; it falls away from 0 then.
        ([-1.0, -1.05, -1.08, -1.09, -1.2], [0, 0, 0, 1, 0]),
        ([0.0, 0.0, 0.0, 0.0, -1e-9], [0, 0, 0, 1, 0]),
    ],
)
def test_a_plateau_is_three_steps_without_a_fall_by_a_tenth(values: list[float], expected: list[int]) -> None:
    stop = condition("plateau", share=0.1, steps=3)
    assert [stop.holds(p) for p in losses(values)] == [bool(each) for each in expected]


def test_a_plateau_counts_steps_and_not_evaluations() -> None:
    stop = condition("plateau", share=0.1, steps=100)
    assert [stop.holds(progress(step, train=1.0)) for step in (10, 60, 109, 110)] == [False, False, False, True]
    assert stop.holds(progress(111)) is None


def test_a_fall_between_evaluations_that_lie_far_apart_counts_for_every_n_steps_between_them() -> None:
    # 0.1 % in each 500 steps is 12.3 % in 65 500, so a fall by 10 % in as many is a plateau, and one by 15 % is none.
    for loss, holds in ((0.90, True), (0.85, False)):
        stop = condition("plateau", share=1e-3, steps=500)
        assert stop.holds(progress(0, train=1.0)) is False
        assert stop.holds(progress(65_500, train=loss)) is holds


def test_a_plateau_forgets_when_it_is_reset() -> None:
    stop = condition("plateau", share=0.1, steps=3)
    assert [stop.holds(p) for p in losses([1.0] * 4)] == [False, False, False, True]
    stop.reset()
    assert [stop.holds(p) for p in losses([2.0] * 4, first=2)] == [False, False, False, True]


@settings(deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.integers(1, 8))
def test_without_a_share_a_plateau_is_a_minimum_that_is_old_enough(values: list[float], steps: int) -> None:
    stop = condition("plateau", share=0.0, steps=steps)
    for now, p in enumerate(losses(values)):
        oldest = values.index(min(values[: now + 1]))
        assert stop.holds(p) is (now - oldest >= steps)
