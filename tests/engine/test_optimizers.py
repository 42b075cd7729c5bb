"""The optimizers against PyTorch's, and what they promise at any size of the gradient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.message import EngineError
from engine.ops.base import Array
from engine.optimizers import MAX_SLOTS, OPTIMIZERS, Optimizer, make_optimizer
from engine.setting import SettingError

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "torch_reference.json").read_text("ascii"))
RUNS: list[dict[str, Any]] = REFERENCE["optimizers"]

each_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS)


def title(run: dict[str, Any]) -> str:
    return f"{run['kind']}-{run['function']}"


each_run = pytest.mark.parametrize("run", RUNS, ids=title)
# The paths of the others amplify the last bit: a division by a small root turns it into percents.
each_smooth_run = pytest.mark.parametrize("run", [r for r in RUNS if r["kind"] in {"sgd", "momentum"}], ids=title)


def new_slots(optimizer: Optimizer, size: int) -> tuple[Array, ...]:
    return tuple(np.zeros(size) for _ in optimizer.slots)


def update(optimizer: Optimizer, g: Array, slots: tuple[Array, ...], t: int) -> Array:
    delta = np.full_like(g, np.nan)
    optimizer.update(g, slots, t, delta)
    return delta


def assert_agree(ours: Array, theirs: Any) -> None:
    theirs = np.array(theirs)
    assert (np.abs(ours - theirs) <= 1e-12 * np.maximum(1.0, np.abs(theirs))).all(), (ours, theirs)


def slope(function: str, w: Array) -> Array:
    """Differentiate, by hand, the functions that PyTorch minimized."""
    a, b = w
    if function == "quadratic":
        steep, flat = 20.0 * (a + b), 0.2 * (a - b - 1.0)
        return np.array([steep + flat, steep - flat])
    valley = b - a * a
    return np.array([-2.0 * (1.0 - a) - 400.0 * a * valley, 200.0 * valley])


def test_the_reference_covers_every_optimizer_that_updates() -> None:
    assert {run["kind"] for run in RUNS} == set(OPTIMIZERS) - {"none"}


@each_run
def test_one_step_from_the_state_of_pytorch_agrees(run: dict[str, Any]) -> None:
    optimizer = make_optimizer(run["kind"], run["settings"])
    assert len(run["steps"]) >= 20
    for step in run["steps"]:
        slots = tuple(np.array(slot) for slot in step["slots"])
        delta = update(optimizer, np.array(step["g"]), slots, step["t"])
        assert_agree(np.array(step["w"]) + delta, step["new_w"])
        for ours, theirs in zip(slots, step["new_slots"], strict=True):
            assert_agree(ours, theirs)


@each_smooth_run
def test_whole_path_agrees_with_pytorch(run: dict[str, Any]) -> None:
    optimizer = make_optimizer(run["kind"], run["settings"])
    w = np.array(run["start"])
    slots = new_slots(optimizer, w.size)
    expected = {step["t"]: step["new_w"] for step in run["steps"]}
    for t in range(1, max(expected) + 1):
        w += update(optimizer, slope(run["function"], w), slots, t)
        if t in expected:
            assert_agree(w, expected[t])


@each_optimizer
def test_the_gradient_stays_as_it_is_and_every_number_of_the_update_is_written(kind: str) -> None:
    optimizer = make_optimizer(kind, {})
    slots = new_slots(optimizer, 5)
    g = np.array([1.0, -2.0, 0.0, 1e-30, 1e30])
    for t in (1, 2, 3):
        kept = g.copy()
        assert np.isfinite(update(optimizer, g, slots, t)).all()
        np.testing.assert_array_equal(g, kept)


@each_optimizer
def test_a_zero_gradient_moves_nothing_from_the_start(kind: str) -> None:
    optimizer = make_optimizer(kind, {})
    slots = new_slots(optimizer, 4)
    for t in (1, 2, 3):
        assert not update(optimizer, np.zeros(4), slots, t).any()
    assert not np.any(slots)


@each_optimizer
@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(1, 15))
def test_parts_of_the_region_are_updated_as_the_whole(kind: str, seed: int, cut: int) -> None:
    rng = np.random.default_rng(seed)
    optimizer = make_optimizer(kind, {})
    whole, parts = new_slots(optimizer, 16), new_slots(optimizer, 16)
    for t in (1, 2, 3):
        g = rng.normal(size=16)
        delta, in_parts = np.empty(16), np.empty(16)
        optimizer.update(g, whole, t, delta)
        for part in (slice(cut, None), slice(None, cut)):
            optimizer.update(g[part], tuple(slot[part] for slot in parts), t, in_parts[part])
        assert delta.tobytes() == in_parts.tobytes()
        assert [s.tobytes() for s in whole] == [s.tobytes() for s in parts]


numbers = st.floats(-1e6, 1e6).filter(lambda g: abs(g) > 1e-6)
rates = st.floats(1e-6, 10.0)


@given(g=numbers, rate=rates, epsilon=st.floats(1e-12, 0.1), beta1=st.floats(0.0, 0.999), beta2=st.floats(0.0, 0.9999))
def test_adam_goes_its_learning_rate_under_a_constant_gradient(
    g: float, rate: float, epsilon: float, beta1: float, beta2: float
) -> None:
    adam = make_optimizer("adam", {"learning_rate": rate, "epsilon": epsilon, "beta1": beta1, "beta2": beta2})
    slots = new_slots(adam, 1)
    expected = -rate * g / (abs(g) + epsilon)
    for t in range(1, 6):
        # 1 − β₂ᵗ loses digits where β₂ is near 1, and both corrections with it.
        assert update(adam, np.array([g]), slots, t)[0] == pytest.approx(expected, rel=1e-10)


@given(g=numbers, rate=rates, mu=st.floats(0.0, 0.99))
def test_momentum_approaches_the_sum_of_its_series(g: float, rate: float, mu: float) -> None:
    momentum = make_optimizer("momentum", {"learning_rate": rate, "momentum": mu})
    slots = new_slots(momentum, 1)
    for t in range(1, 9):
        delta = update(momentum, np.array([g]), slots, t)[0]
        assert delta == pytest.approx(-rate * g * (1.0 - mu**t) / (1.0 - mu), rel=1e-12)


@given(g=numbers, rate=rates)
def test_momentum_without_momentum_is_sgd(g: float, rate: float) -> None:
    momentum = make_optimizer("momentum", {"learning_rate": rate, "momentum": 0.0})
    sgd = make_optimizer("sgd", {"learning_rate": rate})
    slots = new_slots(momentum, 1)
    for t in (1, 2, 3):
        assert update(momentum, np.array([g * t]), slots, t) == update(sgd, np.array([g * t]), (), t)


@given(g=numbers, rate=rates, rho=st.floats(0.0, 0.999))
def test_rmsprop_first_step_is_larger_by_the_share_that_it_remembers(g: float, rate: float, rho: float) -> None:
    assume(abs(g) > 1e-3)
    rmsprop = make_optimizer("rmsprop", {"learning_rate": rate, "decay": rho, "epsilon": 1e-12})
    delta = update(rmsprop, np.array([g]), new_slots(rmsprop, 1), 1)[0]
    assert delta == pytest.approx(-rate * np.sign(g) / np.sqrt(1.0 - rho), rel=1e-7)


@each_optimizer
def test_every_optimizer_explains_itself_and_fits_the_arena(kind: str) -> None:
    optimizer = OPTIMIZERS[kind]
    assert optimizer.label
    assert optimizer.summary
    assert "Δw = " in optimizer.formula
    assert len(optimizer.slots) <= MAX_SLOTS


def test_unknown_names_and_values_out_of_bounds_are_refused_in_words() -> None:
    with pytest.raises(EngineError, match="there is no optimizer called 'rprop'"):
        make_optimizer("rprop", {})
    with pytest.raises(SettingError, match="β₁ must be at most"):
        make_optimizer("adam", {"beta1": 1.0})
    with pytest.raises(SettingError, match="no setting 'momentum'"):
        make_optimizer("sgd", {"momentum": 0.9})
