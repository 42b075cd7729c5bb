from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.experiment import Choice
from engine.message import EngineError
from engine.setting import SettingError
from engine.stopping import STOP_CONDITIONS, Progress, StopCondition, StopWatch, make_stop_condition

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def refuse() -> float:
    raise AssertionError("the gradient of the whole set was computed though nothing asks for it here")


def progress(
    step: int = 0,
    epoch: int = 0,
    *,
    batch: float | None = None,
    train: float | None = None,
    test: float | None = None,
    norm: float | None = None,
) -> Progress:
    return Progress(step, epoch, batch, train, test, refuse if norm is None else lambda: norm)


def condition(kind: str, **values: object) -> StopCondition:
    return make_stop_condition(kind, values)


def reasons(watch: StopWatch, course: Iterable[Progress]) -> dict[int, str]:
    """Let a run go its course and give its stops, by step."""
    found = {p.step: watch.check(p) for p in course}
    return {step: str(words) for step, words in found.items() if words is not None}


def losses(values: Sequence[float | None], first: int = 1) -> list[Progress]:
    return [progress(step, train=value) for step, value in enumerate(values, first)]


# ---- the kinds -------------------------------------------------------------------------------------------------------


def test_the_kinds_and_their_defaults() -> None:
    assert {name: dict(make_stop_condition(name, {}).values) for name in STOP_CONDITIONS} == {
        "steps": {"count": 1000},
        "epochs": {"count": 100},
        "loss-below": {"of": "train", "bound": 0.01},
        "gradient-norm": {"bound": 1e-3},
        "gradient-above": {"bound": 100.0},
        "plateau": {"share": 1e-3, "steps": 500},
    }
    assert list(STOP_CONDITIONS) == ["steps", "epochs", "loss-below", "gradient-norm", "gradient-above", "plateau"]
    assert all(kind.label and kind.summary for kind in STOP_CONDITIONS.values())


def test_what_is_unknown_or_out_of_bounds_is_refused() -> None:
    with pytest.raises(EngineError, match="no stop condition called 'lunch'"):
        condition("lunch")
    for kind, values in (
        ("steps", {"count": 0}),
        ("epochs", {"count": 2.5}),
        ("loss-below", {"of": "validation"}),
        ("gradient-norm", {"bound": 0}),
        ("gradient-above", {"bound": 0}),
        ("plateau", {"share": -0.1}),
        ("plateau", {"patience": 3}),
    ):
        with pytest.raises(SettingError):
            condition(kind, **values)


@given(st.integers(1, 10**12), st.integers(0, 10**13))
def test_steps_and_epochs_hold_from_their_number_on(count: int, done: int) -> None:
    assert condition("steps", count=count).holds(progress(done)) is (done >= count)
    assert condition("epochs", count=count).holds(progress(0, done)) is (done >= count)


@given(FINITE, FINITE, st.sampled_from(["train", "test", "batch"]))
def test_a_loss_is_compared_with_its_bound_and_no_other_loss_is(bound: float, loss: float, of: str) -> None:
    stop = condition("loss-below", of=of, bound=bound)
    others = {name: -math.inf for name in ("batch", "train", "test") if name != of}
    for known, expected in (({**others, of: loss}, loss < bound), (others, None)):
        now = Progress(1, 0, known.get("batch"), known.get("train"), known.get("test"), refuse)
        assert stop.holds(now) is expected


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False), st.floats(min_value=0))
def test_the_gradient_is_computed_only_where_the_training_loss_is_known(bound: float, norm: float) -> None:
    stop = condition("gradient-norm", bound=bound)
    assert stop.holds(progress(3, batch=0.1, test=0.1)) is None
    assert stop.holds(progress(3, train=0.1, norm=norm)) is (norm < bound)
    above = condition("gradient-above", bound=bound)
    assert above.holds(progress(3, batch=0.1, test=0.1)) is None
    assert above.holds(progress(3, train=0.1, norm=norm)) is (bound < norm < math.inf)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_loss_that_is_not_finite_fulfills_a_condition(value: float) -> None:
    for of in ("train", "test", "batch"):
        bad = progress(1, batch=value, train=value, test=value)
        assert condition("loss-below", of=of, bound=1e300).holds(bad) is False
    plateau = condition("plateau", steps=1)
    assert [plateau.holds(p) for p in losses([value] * 3)] == [False] * 3
    # Nor is it taken for the loss that others are compared with.
    assert [plateau.holds(p) for p in losses([5.0, 4.0, 4.0], first=4)] == [False, False, True]


def test_a_gradient_that_is_nan_is_not_below_a_bound() -> None:
    assert condition("gradient-norm", bound=1e300).holds(progress(1, train=0.1, norm=math.nan)) is False


# ---- the watch -------------------------------------------------------------------------------------------------------


def test_without_conditions_a_run_goes_on() -> None:
    assert StopWatch((), progress(0)).check(progress(10**9, train=0.0)) is None


@pytest.mark.parametrize(
    ("stop", "now", "words"),
    [
        (Choice("steps", {"count": 12345}), progress(12345), "step 12\u202f345 is reached"),
        (Choice("epochs", {"count": 3}), progress(9, 3), "epoch 3 is reached"),
        (Choice("loss-below"), progress(5, train=0.0098), "the training loss 0.0098 is below 0.01"),
        (Choice("loss-below"), progress(5, train=0.009999996), "the training loss 0.009999996 is below 0.01"),
        (
            Choice("loss-below", {"of": "test", "bound": -1.5}),
            progress(5, test=-2.3456789),
            "the test loss -2.346 is below -1.5",
        ),
        (
            Choice("loss-below", {"of": "batch", "bound": 0.5}),
            progress(5, batch=0.0),
            "the loss of the batch 0 is below 0.5",
        ),
        (
            Choice("gradient-norm"),
            progress(5, train=1.0, norm=0.0005),
            "‖g‖ over the training set, 0.0005, is below 0.001",
        ),
    ],
)
def test_a_stop_says_why(stop: Choice, now: Progress, words: str) -> None:
    assert str(StopWatch([stop], progress(0, train=9.0, norm=9.0)).check(now)) == f"Stopped: {words}"


def test_a_stop_at_a_plateau_says_why() -> None:
    watch = StopWatch([Choice("plateau", {"steps": 2000})], progress(0, train=1.0))
    assert reasons(watch, [progress(1000, train=1.0), progress(2000, train=1.0)]) == {
        2000: "Stopped: in 2\u202f000 steps the training loss has not fallen by more than a share of 0.001"
    }


@given(FINITE, FINITE)
def test_the_loss_in_a_stop_is_visibly_below_its_bound(loss: float, bound: float) -> None:
    watch = StopWatch([Choice("loss-below", {"of": "batch", "bound": bound})], progress())
    words = watch.check(progress(1, batch=loss))
    assert (words is not None) is (loss < bound)
    if words is not None:
        assert float(str(words.arguments["reasons"]).split()[5]) < bound


def test_all_that_begin_to_hold_at_a_step_are_named() -> None:
    stops = [Choice("steps", {"count": 10}), Choice("epochs", {"count": 2}), Choice("loss-below")]
    watch = StopWatch(stops, progress(0, train=1.0))
    assert reasons(watch, [progress(9, 1), progress(10, 2, train=0.001), progress(11, 2)]) == {
        10: "Stopped: step 10 is reached, epoch 2 is reached, the training loss 0.001 is below 0.01"
    }


def test_a_run_started_again_after_a_stop_goes_on() -> None:
    watch = StopWatch([Choice("steps", {"count": 3})], progress(0))
    assert list(reasons(watch, map(progress, range(1, 100)))) == [3]


def test_a_condition_stops_again_after_it_ceased_to_hold() -> None:
    watch = StopWatch([Choice("loss-below", {"bound": 0.5})], progress(0, train=1.0))
    course = losses([0.4, 0.3, None, 0.2, 0.7, None, 0.1, 0.1])
    assert list(reasons(watch, course)) == [1, 7]


def test_a_condition_that_holds_already_does_not_stop_at_once() -> None:
    watch = StopWatch([Choice("steps", {"count": 100})], progress(500))
    assert reasons(watch, map(progress, range(501, 600))) == {}
    watch = StopWatch([Choice("loss-below", {"bound": 0.5})], progress(500, train=0.4))
    assert list(reasons(watch, losses([0.3, 0.6, 0.4], first=501))) == [503]


def test_what_cannot_be_told_at_the_beginning_stops_when_it_can() -> None:
    watch = StopWatch([Choice("loss-below", {"of": "batch", "bound": 0.5})], progress(0))
    assert list(reasons(watch, [progress(1, batch=0.4), progress(2, batch=0.4)])) == [1]


def test_a_change_of_one_condition_leaves_the_others_as_they_are() -> None:
    steps, below = Choice("steps", {"count": 2}), Choice("loss-below", {"bound": 0.5})
    plateau = Choice("plateau", {"steps": 4})
    watch = StopWatch([steps, below, plateau], progress(0, train=1.0))
    assert list(reasons(watch, losses([0.4, 0.4]))) == [1, 2]
    # The loss holds with the new bound too, and the steps are to come once more.
    watch.change(
        [Choice("loss-below", {"bound": 0.45}), plateau, Choice("steps", {"count": 4})], progress(2, train=0.4)
    )
    assert reasons(watch, losses([0.4, 0.4, 0.4], first=3)) == {
        4: "Stopped: step 4 is reached",
        5: "Stopped: in 4 steps the training loss has not fallen by more than a share of 0.001",
    }


def test_a_condition_with_a_bound_that_does_not_hold_yet_stops_again() -> None:
    watch = StopWatch([Choice("loss-below", {"bound": 0.5})], progress(0, train=1.0))
    assert list(reasons(watch, losses([0.4]))) == [1]
    watch.change([Choice("loss-below", {"bound": 0.1})], progress(1, train=0.4))
    assert list(reasons(watch, losses([0.3, 0.09], first=2))) == [3]


def test_a_condition_taken_away_and_given_back_begins_anew() -> None:
    stop = Choice("loss-below", {"bound": 0.5})
    watch = StopWatch([stop], progress(0, train=0.4))
    watch.change([], progress(1, train=0.7))
    watch.change([stop], progress(2, train=0.7))
    assert list(reasons(watch, losses([0.4], first=3))) == [3]


def test_a_run_that_went_back_stops_where_it_stopped_before() -> None:
    stops = [Choice("steps", {"count": 6}), Choice("plateau", {"steps": 4})]
    watch = StopWatch(stops, progress(0, train=1.0))
    assert list(reasons(watch, losses([1.0] * 8))) == [4, 6]
    watch.restart(progress(3, train=1.0))
    assert list(reasons(watch, losses([1.0] * 8, first=4))) == [6, 7]


@settings(deadline=None)
@given(st.lists(st.none() | st.floats(-1, 1), max_size=30), st.none() | st.floats(-1, 1))
def test_stops_are_the_moments_at_which_a_condition_begins_to_hold(
    values: list[float | None], first: float | None
) -> None:
    watch = StopWatch([Choice("loss-below", {"bound": 0.0})], progress(0, train=first))
    begins, is_below = [], first is not None and first < 0
    for step, value in enumerate(values, 1):
        if value is not None:
            if value < 0 and not is_below:
                begins.append(step)
            is_below = value < 0
    assert list(reasons(watch, losses(values))) == begins
