"""Gradient clipping: ĝ is smaller, g stays as computed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clipping import CLIPPINGS
from engine.norms import gradient_norm
from engine.ops.call import Array
from engine.optimizers import OPTIMIZERS, make_optimizer
from engine.setting import SettingError, SettingValue
from tests.engine.samples import experiment_of, optimizer, run_steps, state_of, stepper_of, trainer_of

gradients = st.lists(st.floats(-1e200, 1e200), min_size=1, max_size=6).map(np.array)
limits = st.floats(1e-6, 1e6)


def clipped(kind: str, limit: float, g: Array) -> Array:
    result = g.copy()
    make_optimizer("sgd", {"clipping": kind, "clip_limit": limit}).clip(result)
    return result


@given(g=gradients, limit=limits)
def test_by_norm_the_direction_stays_and_the_length_is_at_most_the_limit(g: Array, limit: float) -> None:
    result = clipped("norm", limit, g)
    norm = gradient_norm(g)
    assert gradient_norm(result) == pytest.approx(min(norm, limit), rel=1e-12)
    if norm <= limit:
        np.testing.assert_array_equal(result, g)
    else:
        np.testing.assert_allclose(result / limit, g / norm, rtol=1e-12, atol=1e-300)


@given(g=gradients, limit=limits)
def test_by_value_each_number_is_cut_off(g: Array, limit: float) -> None:
    result = clipped("value", limit, g)
    assert result.tolist() == [max(-limit, min(limit, number)) for number in g.tolist()]


@given(g=gradients)
def test_without_clipping_the_optimizer_uses_g_itself(g: Array) -> None:
    assert clipped("none", 1e-6, g).tobytes() == g.tobytes()


@pytest.mark.parametrize("kind", CLIPPINGS)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_stays_to_be_seen_or_is_cut_off(kind: str, bad: float) -> None:
    with np.errstate(invalid="ignore"):
        result = clipped(kind, 1.0, np.array([1.0, bad]))
    assert np.isfinite(result).all() == (kind == "value" and bad == np.inf)


def test_in_a_run_the_whole_gradient_is_clipped_and_g_stays_as_computed() -> None:
    plain, short = (
        stepper_of(experiment_of(rule=optimizer("sgd", learning_rate=2.0, clipping=kind, clip_limit=1e-3)))
        for kind in ("none", "norm")
    )
    for stepper in (plain, short):
        stepper.whole_step()
    g, same = (stepper.program.region(stepper.arena, 1) for stepper in (plain, short))
    assert g.tobytes() == same.tobytes()
    assert gradient_norm(g) > 1e-3
    delta = short.program.region(short.arena, 2)
    np.testing.assert_allclose(delta, -2.0 * 1e-3 * g / gradient_norm(g), rtol=1e-12)


@pytest.mark.parametrize("kind", ["adamw", "nadam", "rprop"])
def test_a_rule_that_uses_up_its_copy_of_g_leaves_g_as_computed(kind: str) -> None:
    stepper = stepper_of(experiment_of(rule=optimizer(kind)))
    while stepper.micro < stepper.micro_count - 1:
        stepper.micro_step()
    before = stepper.program.region(stepper.arena, 1).copy()
    stepper.micro_step()
    assert stepper.step == 1
    assert stepper.program.region(stepper.arena, 1).tobytes() == before.tobytes()


def test_a_run_with_schedule_and_clipping_is_replayed_to_the_bit() -> None:
    plan: dict[str, SettingValue] = {
        "schedule": "cosine",
        "schedule_steps": 8,
        "warm_up": 3,
        "clipping": "value",
        "clip_limit": 0.01,
    }
    trainer = trainer_of(experiment_of(rule=optimizer("nadam", **plan)))
    states = [state_of(trainer.stepper)]
    for _ in range(12):
        run_steps(trainer, 1)
        states.append(state_of(trainer.stepper))
    for step in (11, 5, 4, 1, 0):
        trainer.go_to(step)
        assert state_of(trainer.stepper) == states[step]
        run_steps(trainer, 1)
        assert state_of(trainer.stepper) == states[step + 1]


def test_all_that_goes_by_the_size_of_g_can_be_clipped_and_says_how() -> None:
    with_gradient = {kind: rule for kind, rule in OPTIMIZERS.items() if rule.needs_gradient}
    assert [
        kind for kind, rule in with_gradient.items() if "clipping" not in {setting.name for setting in rule.settings}
    ] == ["none", "rprop"]
    by_norm = make_optimizer("sgd", {"clipping": "norm"})
    assert by_norm.formulas == "ĝ = g · min(1, τ / ‖g‖)\nΔw = −η ĝ"
    by_value = make_optimizer("lion", {"clipping": "value"})
    assert by_value.formulas.splitlines()[-1] == "Δw = −η (sign(c) + λ w)"
    assert by_value.formulas.count("ĝ") == 3
    for clipping in CLIPPINGS.values():
        assert clipping.label
        assert clipping.summary.endswith(".")
    with pytest.raises(SettingError, match="Clip g: 'both' is not one of none, norm, value"):
        make_optimizer("sgd", {"clipping": "both"})
    with pytest.raises(SettingError, match="Limit τ must be above 0"):
        make_optimizer("sgd", {"clip_limit": 0.0})
