"""Every primitive by itself: its backward against finite differences, and what a program may rely on.

A new primitive is tested without a line here, unless its inputs differ in shape (see `calls.cases`).
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from engine.ops.base import Array, Call, get_op
from tests.engine.calls import LAYOUTS, PRIMITIVES, Case, as_in_arena, cases, padding, plain

each_primitive = pytest.mark.parametrize("name", PRIMITIVES)
each_layout = pytest.mark.parametrize("layout", LAYOUTS)
SEEDS = (1, 2, 3)


def gradients(call: Call) -> list[Array]:
    return [gx for gx in call.gx if gx is not None]


def differences(case: Case, call: Call, values: Array) -> Array:
    """Measure the derivatives of Σ gy ⊙ y by central differences in `values`, one of the call's inputs."""
    result = np.empty(values.shape)
    for place in np.ndindex(values.shape):
        kept = float(values[place])
        h = 6e-6 * max(1.0, abs(kept))
        sums = []
        for moved in (kept + h, kept - h):
            values[place] = moved
            case.op.forward(call)
            sums.append(float((call.gy * call.y).sum()))
        values[place] = kept
        result[place] = (sums[0] - sums[1]) / (2.0 * h)
    return result


@each_layout
@each_primitive
def test_backward_agrees_with_finite_differences(name: str, layout: str) -> None:
    for case, seed in product(cases(name), SEEDS):
        inputs, gy = case.draw(seed)
        call = case.bind(LAYOUTS[layout], inputs, gy)
        case.op.forward(call)
        case.op.backward(call)
        probe = case.bind(plain, inputs, gy)
        case.op.forward(probe)
        objective = abs(float(np.vdot(probe.gy, probe.y)))
        numeric = [differences(case, probe, values) for values in probe.x]
        largest: list[float] = [np.abs(gx).max().item() for gx in gradients(call)]
        scale = max(objective, *largest)
        for gx, n in zip(gradients(call), numeric, strict=True):
            assert np.abs(gx - n).max() <= 1e-7 * scale, f"{case}, seed {seed}"


@each_primitive
def test_layouts_agree(name: str) -> None:
    for case in cases(name):
        inputs, gy = case.draw(4)
        calls = [case.bind(layout, inputs, gy) for layout in (plain, as_in_arena)]
        for call in calls:
            case.op.forward(call)
            case.op.backward(call)
        np.testing.assert_allclose(calls[0].y, calls[1].y, rtol=1e-13, atol=1e-14, err_msg=str(case))
        for a, b in zip(gradients(calls[0]), gradients(calls[1]), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-14, err_msg=str(case))


@each_primitive
def test_rows_behind_a_short_batch_are_neither_read_nor_written(name: str) -> None:
    for case in cases(name):
        call = case.bind(as_in_arena, *case.draw(5))
        case.op.forward(call)
        case.op.backward(call)
        for array in (*call.x, call.y, *gradients(call), call.gy, *call.scratch):
            assert np.isfinite(array).all(), str(case)
        y_shape = case.op.shape(case.shapes)
        owned = [*zip((*call.x, *gradients(call)), case.shapes * 2, strict=True), (call.y, y_shape), (call.gy, y_shape)]
        owned += zip(call.scratch, case.op.scratch(case.shapes), strict=True)
        for array, shape in owned:
            assert shape.rows is not None or np.isnan(padding(array)).all(), str(case)


@each_layout
@each_primitive
def test_inputs_and_the_given_adjoint_stay_as_they_are(name: str, layout: str) -> None:
    for case in cases(name):
        inputs, gy = case.draw(6)
        call = case.bind(LAYOUTS[layout], inputs, gy)
        case.op.forward(call)
        y = call.y.copy()
        case.op.backward(call)
        for array, values in zip((*call.x, call.gy, call.y), (*inputs, gy, y), strict=True):
            np.testing.assert_array_equal(array, values, err_msg=str(case))


@each_primitive
def test_an_adjoint_that_nobody_needs_is_left_out_and_changes_no_other(name: str) -> None:
    for case in cases(name):
        inputs, gy = case.draw(7)
        whole = case.bind(as_in_arena, inputs, gy)
        case.op.forward(whole)
        case.op.backward(whole)
        for needed in product((False, True), repeat=len(case.shapes)):
            call = case.bind(as_in_arena, inputs, gy)
            call.gx = tuple(gx if need else None for gx, need in zip(call.gx, needed, strict=True))
            case.op.forward(call)
            case.op.backward(call)
            for gx, full in zip(call.gx, whole.gx, strict=True):
                if gx is not None:
                    np.testing.assert_array_equal(gx, full, err_msg=f"{case}, {needed}")


@each_layout
@each_primitive
def test_computing_twice_gives_the_same_bits(name: str, layout: str) -> None:
    for case in cases(name):
        call = case.bind(LAYOUTS[layout], *case.draw(8))
        rounds = []
        for _ in range(2):
            case.op.forward(call)
            case.op.backward(call)
            rounds.append([array.tobytes() for array in (call.y, *gradients(call))])
        assert rounds[0] == rounds[1], str(case)


@each_primitive
def test_nan_is_passed_on(name: str) -> None:
    for case in cases(name):
        inputs, gy = case.draw(9)
        for values in inputs:
            kept, values[-1, -1] = values[-1, -1], np.nan
            call = case.bind(as_in_arena, inputs, gy)
            case.op.forward(call)
            assert np.isnan(call.y).any(), str(case)
            values[-1, -1] = kept


def apply(name: str, *rows: list[float]) -> list[float]:
    """Give what a primitive of one input makes of a row."""
    op = PRIMITIVES[name]()
    x = np.array(rows)
    y = np.empty_like(x)
    scratch = tuple(np.empty((1, shape.columns)) for shape in op.scratch([]))
    op.forward(Call((x,), y, (None,), np.empty_like(y), scratch))
    flat: list[float] = y.ravel().tolist()
    return flat


def test_activations_give_their_values() -> None:
    assert apply("identity", [-2.0, 0.0, 3.5]) == [-2.0, 0.0, 3.5]
    assert apply("relu", [-2.0, 0.0, 3.5]) == [0.0, 0.0, 3.5]
    assert apply("tanh", [0.0, np.log(3.0)]) == pytest.approx([0.0, 0.8], rel=1e-15)
    assert apply("sigmoid", [0.0, np.log(3.0), -np.log(4.0)]) == pytest.approx([0.5, 0.75, 0.2], rel=1e-15)
    assert apply("softmax", [np.log(2.0), np.log(3.0), np.log(5.0)]) == pytest.approx([0.2, 0.3, 0.5], rel=1e-15)


def test_sigmoid_is_exact_in_both_tails_and_right_at_any_size() -> None:
    logits = [-700.0, -100.0, -40.0, -20.0, -1.0, 20.0, 40.0]
    expected = [np.exp(z) / (1.0 + np.exp(z)) for z in logits]
    assert apply("sigmoid", logits) == pytest.approx(expected, rel=1e-14, abs=0.0)
    with np.errstate(over="ignore"):
        assert apply("sigmoid", [-1e308, 1e308, -np.inf, np.inf]) == [0.0, 1.0, 0.0, 1.0]


def test_softmax_does_not_overflow_and_ignores_a_shift() -> None:
    assert apply("softmax", [1e4, 1e4 - np.log(3.0)]) == pytest.approx([0.75, 0.25], rel=1e-11)
    assert apply("softmax", [-1e308, 1e307]) == [0.0, 1.0]


def test_relu_takes_zero_for_its_derivative_at_the_kink() -> None:
    x = np.array([[-1.0, -0.0, 0.0, 1.0]])
    call = Call((x,), np.empty_like(x), (np.empty_like(x),), np.full_like(x, 2.0), ())
    op = PRIMITIVES["relu"]()
    op.forward(call)
    op.backward(call)
    assert gradients(call)[0].tolist() == [[0.0, 0.0, 0.0, 2.0]]


def test_every_op_explains_itself() -> None:
    for name, op in PRIMITIVES.items():
        assert get_op(name) is op
        assert op.label
        assert op.forward_formula
        assert op.backward_formula
