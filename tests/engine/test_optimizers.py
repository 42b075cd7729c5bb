"""The optimizers: what they promise at any size of the gradient, and what sets them apart from each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.message import EngineError
from engine.optimizers import OPTIMIZERS, Update, make_optimizer
from engine.program import MAX_SLOTS
from engine.setting import SettingError
from tests.engine.updates import new_slots, update

each_optimizer = pytest.mark.parametrize("kind", [kind for kind, rule in OPTIMIZERS.items() if rule.needs_gradient])
ADAMS = ("adam", "adamw", "amsgrad", "adamax", "nadam", "radam")

numbers = st.floats(-1e6, 1e6).filter(lambda g: abs(g) > 1e-6)
rates = st.floats(1e-6, 10.0)


@each_optimizer
def test_every_number_of_the_update_is_written_and_the_weights_stay_as_they_are(kind: str) -> None:
    optimizer = make_optimizer(kind, {})
    slots = new_slots(optimizer, 5)
    g, w = np.array([1.0, -2.0, 0.0, 1e-30, 1e30]), np.arange(5.0)
    for t in (1, 2, 3):
        kept = g.copy()
        assert np.isfinite(update(optimizer, g, slots, t, w)).all()
        assert np.isfinite(slots).all()
        np.testing.assert_array_equal(g, kept)
        np.testing.assert_array_equal(w, np.arange(5.0))


@each_optimizer
def test_a_zero_gradient_moves_no_weight_that_is_0(kind: str) -> None:
    optimizer = make_optimizer(kind, {})
    slots = new_slots(optimizer, 4)
    for t in (1, 2, 3):
        assert not update(optimizer, np.zeros(4), slots, t).any()


@each_optimizer
def test_an_update_goes_against_a_steady_gradient(kind: str) -> None:
    optimizer = make_optimizer(kind, {})
    g = np.array([2.0, -0.5, 1e-3])
    slots = new_slots(optimizer, 3)
    for t in range(1, 20):
        delta = update(optimizer, g, slots, t)
        assert (np.sign(delta) == (0.0 if kind == "none" else -np.sign(g))).all()


@each_optimizer
@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(1, 15))
def test_parts_of_the_region_are_updated_as_the_whole(kind: str, seed: int, cut: int) -> None:
    rng = np.random.default_rng(seed)
    optimizer = make_optimizer(kind, {})
    whole, parts = new_slots(optimizer, 16), new_slots(optimizer, 16)
    w = rng.normal(size=16)
    for t in (1, 2, 3):
        g = rng.normal(size=16)
        delta, in_parts = np.empty(16), np.empty(16)
        optimizer.update(Update(w, g.copy(), whole, delta), t)
        for part in (slice(cut, None), slice(None, cut)):
            optimizer.update(Update(w[part], g[part], tuple(slot[part] for slot in parts), in_parts[part]), t)
        assert delta.tobytes() == in_parts.tobytes()
        assert [s.tobytes() for s in whole] == [s.tobytes() for s in parts]


@each_optimizer
def test_weights_that_join_a_run_later_are_updated_from_empty_slots(kind: str) -> None:
    optimizer = make_optimizer(kind, {})
    slots = new_slots(optimizer, 2)
    for t in (500, 501):
        delta = update(optimizer, np.array([1.0, -1.0]), slots, t)
        assert np.isfinite(delta).all()
        assert kind == "none" or delta.all()


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
def test_momentum_approaches_the_sum_of_its_series_and_nesterov_is_one_step_ahead(
    g: float, rate: float, mu: float
) -> None:
    settings = {"learning_rate": rate, "momentum": mu}
    momentum, nesterov = make_optimizer("momentum", settings), make_optimizer("nesterov", settings)
    slots, ahead = new_slots(momentum, 1), new_slots(nesterov, 1)
    for t in range(1, 9):
        expected = [-rate * g * (1.0 - mu**n) / (1.0 - mu) for n in (t, t + 1)]
        assert update(momentum, np.array([g]), slots, t)[0] == pytest.approx(expected[0], rel=1e-12)
        assert update(nesterov, np.array([g]), ahead, t)[0] == pytest.approx(expected[1], rel=1e-12)


@pytest.mark.parametrize("kind", ["momentum", "nesterov"])
@given(g=numbers, rate=rates)
def test_without_momentum_it_is_sgd(kind: str, g: float, rate: float) -> None:
    momentum = make_optimizer(kind, {"learning_rate": rate, "momentum": 0.0})
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


@given(g=numbers, rate=rates)
def test_adagrad_steps_shrink_with_the_root_of_time(g: float, rate: float) -> None:
    adagrad = make_optimizer("adagrad", {"learning_rate": rate, "epsilon": 1e-30})
    slots = new_slots(adagrad, 1)
    for t in range(1, 9):
        expected = -rate * np.sign(g) / math.sqrt(t)
        assert update(adagrad, np.array([g]), slots, t)[0] == pytest.approx(expected, rel=1e-12)


@given(g=st.floats(1e-3, 1e3), scale=st.floats(1e-2, 1e2))
def test_adadelta_steps_hardly_depend_on_the_scale_of_the_gradient(g: float, scale: float) -> None:
    adadelta = make_optimizer("adadelta", {"epsilon": 1e-15})
    slots, scaled = new_slots(adadelta, 1), new_slots(adadelta, 1)
    for t in range(1, 6):
        step = update(adadelta, np.array([g]), slots, t)[0]
        assert update(adadelta, np.array([g * scale]), scaled, t)[0] == pytest.approx(step, rel=1e-4)


def test_rprop_grows_its_steps_and_halves_them_after_a_change_of_sign() -> None:
    rprop = make_optimizer("rprop", {"first_step": 1.0, "largest_step": 1.5, "smallest_step": 0.4})
    slots = new_slots(rprop, 1)
    # Where the sign has changed the weight waits once; the size of g says nothing.
    path = [(5.0, -1.0), (1e-300, -1.2), (3.0, -1.44), (9.0, -1.5), (-1.0, 0.0), (-1.0, 0.75), (2.0, 0.0), (2.0, -0.4)]
    for t, (g, expected) in enumerate(path, 1):
        assert update(rprop, np.array([g]), slots, t)[0] == pytest.approx(expected, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("kind", ["adamw", "lion"])
@given(w=numbers, rate=rates, decay=st.floats(0.0, 1.0))
def test_decoupled_decay_takes_off_a_part_of_each_weight_whatever_g_is(
    kind: str, w: float, rate: float, decay: float
) -> None:
    with_decay, without = (
        make_optimizer(kind, {"learning_rate": rate, "weight_decay": value}) for value in (decay, 0.0)
    )
    g, weights = np.array([0.0, 0.7]), np.array([w, w])
    delta = update(with_decay, g, new_slots(with_decay, 2), 1, weights)
    plain = update(without, g, new_slots(without, 2), 1, weights)
    np.testing.assert_allclose(delta, plain - rate * decay * w, rtol=1e-12, atol=1e-12 * rate)


@given(st.lists(numbers, min_size=2, max_size=8))
def test_amsgrad_is_adam_while_gradients_grow_and_slower_after(gradients: list[float]) -> None:
    adam, amsgrad = make_optimizer("adam", {}), make_optimizer("amsgrad", {})
    slots, largest = new_slots(adam, 1), new_slots(amsgrad, 1)
    growing = sorted(gradients, key=abs)
    for t, g in enumerate(growing, 1):
        assert update(adam, np.array([g]), slots, t) == update(amsgrad, np.array([g]), largest, t)
    for t in range(len(growing) + 1, len(growing) + 30):
        usual, slower = update(adam, np.zeros(1), slots, t)[0], update(amsgrad, np.zeros(1), largest, t)[0]
        assert abs(slower) < abs(usual)


def test_radam_begins_as_momentum_corrected_for_its_start() -> None:
    radam = make_optimizer("radam", {"learning_rate": 0.5})
    slots = new_slots(radam, 1)
    steps = [update(radam, np.array([3.0]), slots, t)[0] for t in range(1, 8)]
    # With β₂ = 0.999 the mean square is known well enough from the sixth step on.
    assert steps[:5] == pytest.approx([-1.5] * 5)
    assert abs(steps[5]) < 0.5


@given(
    gradients=st.lists(numbers, min_size=1, max_size=12),
    w=numbers,
    beta1=st.floats(0.0, 0.99),
    beta2=st.floats(0.0, 0.99),
    decay=st.floats(0.0, 1.0),
)
def test_lion_agrees_with_its_formula_over_all_past_gradients(
    gradients: list[float], w: float, beta1: float, beta2: float, decay: float
) -> None:
    lion = make_optimizer("lion", {"learning_rate": 0.25, "beta1": beta1, "beta2": beta2, "weight_decay": decay})
    slots = new_slots(lion, 1)
    for t, g in enumerate(gradients, 1):
        past = sum((1.0 - beta2) * beta2**age * old for age, old in enumerate(reversed(gradients[: t - 1])))
        mixed = beta1 * past + (1.0 - beta1) * g
        assume(abs(mixed) > 1e-9 * max(map(abs, gradients)))
        expected = -0.25 * (math.copysign(1.0, mixed) + decay * w)
        delta = update(lion, np.array([g]), slots, t, np.array([w]))[0]
        assert delta == pytest.approx(expected, rel=1e-12, abs=1e-12)
    total = sum((1.0 - beta2) * beta2**age * old for age, old in enumerate(reversed(gradients)))
    assert slots[0][0] == pytest.approx(total, rel=1e-12, abs=1e-12 * max(map(abs, gradients)))


@pytest.mark.parametrize("kind", [*ADAMS, "lion", "adagrad", "rmsprop"])
def test_the_size_of_a_first_step_does_not_depend_on_the_size_of_g(kind: str) -> None:
    optimizer = make_optimizer(kind, {})
    steps = update(optimizer, np.array([1e-3, 1.0, 1e3]), new_slots(optimizer, 3), 1)
    if kind == "radam":
        np.testing.assert_allclose(steps / steps[1], [1e-3, 1.0, 1e3])
    else:
        np.testing.assert_allclose(steps, steps[1], rtol=1e-4)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_optimizer_explains_itself_and_fits_the_arena(kind: str) -> None:
    optimizer = OPTIMIZERS[kind]
    assert optimizer.label
    assert optimizer.summary.endswith(".")
    assert "Δw = " in optimizer.formula
    # The panel in which it stands is so many characters wide.
    assert max(map(len, optimizer.formula.splitlines())) <= 45
    assert len(optimizer.slots) <= MAX_SLOTS
    assert len(set(optimizer.slots)) == len(optimizer.slots)


def test_optimizers_are_listed_from_the_simplest_on() -> None:
    kinds = list(OPTIMIZERS)
    assert kinds[:3] == ["none", "sgd", "momentum"]
    assert kinds.index("nesterov") < kinds.index("adagrad") < kinds.index("rmsprop") < kinds.index("adam")
    assert kinds.index("adam") < min(map(kinds.index, ADAMS[1:]))
    assert kinds[-2:] == ["genetic-algorithm", "random-search"]


def test_unknown_names_and_values_out_of_bounds_are_refused_in_words() -> None:
    with pytest.raises(EngineError, match="there is no optimizer called 'ada'"):
        make_optimizer("ada", {})
    with pytest.raises(SettingError, match="β₁ must be at most"):
        make_optimizer("adam", {"beta1": 1.0})
    with pytest.raises(SettingError, match="no setting 'momentum'"):
        make_optimizer("sgd", {"momentum": 0.9})
