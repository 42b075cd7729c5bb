"""The schedules: the learning rate over time, in whatever optimizer has one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.optimizers import OPTIMIZERS, make_optimizer
from engine.schedules import SCHEDULE_SETTINGS, SCHEDULES, make_schedule
from engine.setting import SettingError
from tests.engine.updates import new_slots, update

each_schedule = pytest.mark.parametrize("kind", SCHEDULES)
each_decay = pytest.mark.parametrize("kind", [kind for kind in SCHEDULES if kind != "constant"])
WITH_RATE = [kind for kind, optimizer in OPTIMIZERS.items() if any(s.name == "schedule" for s in optimizer.settings)]

steps = st.integers(1, 10**6)
factors = st.floats(1e-6, 1.0)


@each_decay
@given(n=steps, factor=factors, base=st.floats(0.0, 1e6), warm_up=st.integers(0, 1000))
def test_n_steps_after_the_warm_up_the_rate_is_down_to_the_factor(
    kind: str, n: int, factor: float, base: float, warm_up: int
) -> None:
    schedule = make_schedule(
        {"schedule": kind, "schedule_steps": n, "schedule_factor": factor, "warm_up": warm_up},
    )
    assert schedule.rate(base, warm_up + 1) == pytest.approx(base, rel=1e-15)
    assert schedule.rate(base, warm_up + 1 + n) == pytest.approx(base * factor, rel=1e-9)


@each_decay
@given(n=steps, factor=factors, t=st.integers(1, 10**9))
def test_a_rate_never_grows_and_never_becomes_negative(kind: str, n: int, factor: float, t: int) -> None:
    schedule = make_schedule({"schedule": kind, "schedule_steps": n, "schedule_factor": factor})
    assert 0.0 <= schedule.rate(1.0, t + 1) <= schedule.rate(1.0, t) <= 1.0


@each_schedule
@given(w=st.integers(1, 1000), base=st.floats(1e-6, 1e6))
def test_a_warm_up_grows_evenly_to_the_base_rate(kind: str, w: int, base: float) -> None:
    schedule = make_schedule({"schedule": kind, "warm_up": w})
    grown = [schedule.rate(base, t) for t in range(1, w + 1)]
    np.testing.assert_allclose(grown, base * np.arange(1, w + 1) / w, rtol=1e-15)
    assert grown[-1] == base


def test_each_schedule_is_the_curve_that_its_name_says() -> None:
    def rates(kind: str, *times: int) -> list[float]:
        schedule = make_schedule({"schedule": kind, "schedule_steps": 10, "schedule_factor": 0.25})
        return [schedule.rate(8.0, t) for t in times]

    assert rates("constant", 1, 11, 10**9) == [8.0, 8.0, 8.0]
    assert rates("step", 1, 10, 11, 20, 21, 10**9) == [8.0, 8.0, 2.0, 2.0, 0.5, 0.0]
    assert rates("exponential", 1, 6, 11, 21) == pytest.approx([8.0, 4.0, 2.0, 0.5])
    assert rates("inverse-time", 1, 11, 21, 31) == pytest.approx([8.0, 8 / 4, 8 / 7, 8 / 10])
    assert rates("cosine", 1, 6, 11, 21) == pytest.approx([8.0, 5.0, 2.0, 2.0])
    sixth = 8.0 * (0.25 + 0.75 * (1.0 + math.cos(math.pi * 0.6)) / 2.0)
    assert rates("cosine", 7) == pytest.approx([sixth])


@pytest.mark.parametrize("kind", WITH_RATE)
def test_every_rule_takes_the_rate_of_its_schedule_at_each_update(kind: str) -> None:
    plan = {"schedule": "exponential", "schedule_steps": 2, "schedule_factor": 0.25, "warm_up": 2}
    planned, plain = make_optimizer(kind, {"learning_rate": 0.5, **plan}), make_optimizer(kind, {"learning_rate": 0.5})
    slots, others = new_slots(planned, 3), new_slots(plain, 3)
    g, w = np.array([1.0, -2.0, 0.5]), np.array([1.0, 2.0, 3.0])
    for t, share in enumerate((0.5, 1.0, 1.0, 0.5, 0.25, 0.125), 1):
        # Δw is proportional to η in every rule, and no slot depends on it.
        expected = share * update(plain, g, others, t, w)
        np.testing.assert_allclose(update(planned, g, slots, t, w), expected, rtol=1e-14)


def test_all_optimizers_with_a_learning_rate_have_schedules_and_by_default_none_changes_it() -> None:
    others = [kind for kind, rule in OPTIMIZERS.items() if rule.needs_gradient and kind not in WITH_RATE]
    assert others == ["none", "rprop"]
    for kind in WITH_RATE:
        optimizer = make_optimizer(kind, {"learning_rate": 0.3})
        assert {optimizer.rate(t) for t in (1, 2, 1000, 10**9)} == {0.3}


def test_formulas_of_schedule_and_warm_up_stand_before_that_of_the_rule() -> None:
    def lines(**settings: object) -> list[str]:
        return make_optimizer("sgd", settings).formulas.splitlines()

    assert lines() == ["Δw = −η g"]
    assert lines(schedule="exponential") == ["x = (t − 1) / N", "ηₜ = η γˣ", "Δw = −ηₜ g"]
    assert lines(warm_up=5) == ["ηₜ = η min(1, t / W)", "Δw = −ηₜ g"]
    assert lines(schedule="step", warm_up=5) == [
        "x = (t − 1 − W) / N",
        "ηₜ = η t / W where t ≤ W, later",
        "ηₜ = η γ^⌊x⌋",
        "Δw = −ηₜ g",
    ]


def test_every_schedule_explains_itself_and_its_settings_are_shown_where_they_matter() -> None:
    for schedule in SCHEDULES.values():
        assert schedule.label
        assert schedule.summary.endswith(".")
    choice, *others = SCHEDULE_SETTINGS
    assert [choice.label_of(kind) for kind in choice.choices] == [s.label for s in SCHEDULES.values()]
    assert {s.name: s.depends_on for s in others} == {
        "schedule_steps": "schedule",
        "schedule_factor": "schedule",
        "warm_up": "",
    }


def test_unknown_schedules_are_refused_in_words() -> None:
    with pytest.raises(SettingError, match="Schedule: 'linear' is not one of constant, step"):
        make_optimizer("sgd", {"schedule": "linear"})
    with pytest.raises(SettingError, match="Steps N must be at least 1"):
        make_optimizer("sgd", {"schedule_steps": 0})
