"""Every primitive by itself: backward and jvp against finite differences, and what a program may rely on.

A new primitive is tested without a line here, unless its inputs differ in shape (see `calls.cases`).
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from engine.ops.base import get_op
from engine.ops.call import Array, Call, Mask
from tests.engine.calls import LAYOUTS, PRIMITIVES, Case, as_in_arena, cases, given_tangents, padding, plain

each_primitive = pytest.mark.parametrize("name", [name for name, op in PRIMITIVES.items() if op.ports])
each_layout = pytest.mark.parametrize("layout", LAYOUTS)
SEEDS = (1, 2, 3)
PLACES = 8
"""So many numbers of an input are nudged one by one; the jvp is measured with all of them nudged at once."""


def gradients(call: Call) -> list[Array]:
    return [gx for gx in call.gx if gx is not None]


def forward(case: Case, call: Call) -> Mask | None:
    """Run forward; tell on which pieces of a function with kinks the numbers lie."""
    case.op.forward(call)
    pieces = case.op.pieces(call)
    return None if pieces is None else pieces.copy()


def same(a: Mask | None, b: Mask | None) -> bool:
    """Tell whether no kink lies between two points."""
    return a is None or b is None or np.array_equal(a, b)


def differences(case: Case, call: Call, values: Array) -> list[tuple[tuple[int, ...], float]]:
    """Measure derivatives of Σ gy ⊙ y by central differences at about `PLACES` places of an input; NaN at kinks."""
    result = []
    for place in list(np.ndindex(values.shape))[:: -(-values.size // PLACES)]:
        kept = float(values[place])
        h = 6e-6 * max(1.0, abs(kept))
        sums, pieces = [], []
        for moved in (kept + h, kept - h):
            values[place] = moved
            pieces.append(forward(case, call))
            sums.append(float((call.gy * call.y).sum()))
        values[place] = kept
        result.append((place, (sums[0] - sums[1]) / (2.0 * h) if same(*pieces) else np.nan))
    return result


@each_primitive
def test_it_is_tried_with_twenty_shapes_one_row_and_one_column_among_them(name: str) -> None:
    found = {(case.shapes[0].rows or case.rows, case.shapes) for case in cases(name)}
    assert len(found) >= 20
    assert {rows for rows, _ in found} >= {1, 17}
    assert any(shapes[0].columns == 1 for _, shapes in found)


@each_primitive
def test_backward_agrees_with_finite_differences(name: str) -> None:
    compared = kinks = 0
    for case, seed in product(cases(name), SEEDS):
        inputs, gy = case.draw(seed)
        call = case.bind(as_in_arena, inputs, gy)
        case.op.forward(call)
        case.op.backward(call)
        probe = case.bind(plain, inputs, gy)
        case.op.forward(probe)
        objective = abs(float(np.vdot(probe.gy, probe.y)))
        largest: list[float] = [np.abs(gx).max().item() for gx in gradients(call)]
        scale = max(objective, *largest)
        for gx, values in zip(gradients(call), probe.x, strict=True):
            assert np.isfinite(gx).all()
            for place, numeric in differences(case, probe, values):
                assert np.isnan(numeric) or abs(gx[place] - numeric) <= 1e-7 * scale, f"{case}, seed {seed}"
                compared, kinks = compared + 1, kinks + int(np.isnan(numeric))
    assert kinks <= 0.001 * compared


@each_primitive
def test_jvp_agrees_with_finite_differences(name: str) -> None:
    compared = kinks = 0
    for case, seed in product(cases(name), SEEDS):
        inputs, _ = case.draw(seed)
        tangents = case.draw_tangents(seed)
        call = case.bind(as_in_arena, inputs, tangents=tangents)
        case.op.forward(call)
        case.op.jvp(call)
        h, points, pieces = 6e-6, [], []
        for sign in (1.0, -1.0):
            probe = case.bind(plain, [x + sign * h * t for x, t in zip(inputs, tangents, strict=True)])
            pieces.append(forward(case, probe))
            points.append(probe.y)
        if same(*pieces):
            numeric = (points[0] - points[1]) / (2.0 * h)
            scale = max(np.abs(call.ty).max(), np.abs(call.y).max())
            assert np.abs(call.ty - numeric).max() <= 1e-7 * scale, f"{case}, seed {seed}"
        compared, kinks = compared + 1, kinks + (not same(*pieces))
    assert kinks <= 0.02 * compared


@each_primitive
def test_jvp_and_backward_are_of_the_same_jacobian(name: str) -> None:
    for case, seed in product(cases(name), SEEDS):
        inputs, gy = case.draw(seed)
        call = case.bind(as_in_arena, inputs, gy, case.draw_tangents(seed))
        case.op.forward(call)
        case.op.jvp(call)
        case.op.backward(call)
        forward_terms = call.gy * call.ty
        backward_terms = [gx * tx for gx, tx in zip(gradients(call), given_tangents(call), strict=True)]
        scale = sum(np.abs(terms).sum() for terms in (forward_terms, *backward_terms))
        assert abs(forward_terms.sum() - sum(terms.sum() for terms in backward_terms)) <= 1e-13 * scale, str(case)


@each_primitive
def test_an_input_without_tangent_has_the_tangent_zero(name: str) -> None:
    for case in cases(name):
        inputs, _ = case.draw(10)
        tangents = case.draw_tangents(10)
        for given in product((False, True), repeat=len(case.shapes)):
            zeroed = [t * need for t, need in zip(tangents, given, strict=True)]
            calls = [case.bind(as_in_arena, inputs, tangents=zeroed) for _ in range(2)]
            calls[1].tx = tuple(tx if need else None for tx, need in zip(calls[1].tx, given, strict=True))
            for call in calls:
                case.op.forward(call)
                case.op.jvp(call)
            np.testing.assert_allclose(calls[1].ty, calls[0].ty, rtol=1e-13, atol=1e-14, err_msg=f"{case}, {given}")
            assert any(given) or not calls[1].ty.any()


@each_primitive
def test_jvp_leaves_alone_what_backward_reads(name: str) -> None:
    for case in cases(name):
        inputs, gy = case.draw(11)
        tangents = case.draw_tangents(11)
        call, other = (case.bind(as_in_arena, inputs, gy, tangents) for _ in range(2))
        case.op.forward(call)
        case.op.jvp(call)
        for array, values in zip((*call.x, call.gy, *call.tx), (*inputs, gy, *tangents), strict=True):
            np.testing.assert_array_equal(array, values, err_msg=str(case))
        case.op.backward(call)
        case.op.forward(other)
        case.op.backward(other)
        for a, b in zip((call.y, *gradients(call)), (other.y, *gradients(other)), strict=True):
            np.testing.assert_array_equal(a, b, err_msg=str(case))


@each_primitive
def test_layouts_agree(name: str) -> None:
    for case in cases(name):
        inputs, gy = case.draw(4)
        calls = [case.bind(layout, inputs, gy, case.draw_tangents(4)) for layout in (plain, as_in_arena)]
        for call in calls:
            case.op.forward(call)
            case.op.jvp(call)
            case.op.backward(call)
        np.testing.assert_allclose(calls[0].y, calls[1].y, rtol=1e-13, atol=1e-14, err_msg=str(case))
        np.testing.assert_allclose(calls[0].ty, calls[1].ty, rtol=1e-13, atol=1e-14, err_msg=str(case))
        for a, b in zip(gradients(calls[0]), gradients(calls[1]), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-14, err_msg=str(case))


@each_primitive
def test_rows_behind_a_short_batch_are_neither_read_nor_written(name: str) -> None:
    for case in cases(name):
        call = case.bind(as_in_arena, *case.draw(5), case.draw_tangents(5))
        case.op.forward(call)
        case.op.jvp(call)
        case.op.backward(call)
        inputs, outputs = [*call.x, *gradients(call), *given_tangents(call)], [call.y, call.gy, call.ty]
        for array in (*inputs, *outputs):
            assert np.isfinite(array).all(), str(case)
        y_shape = case.op.shape(case.shapes)
        owned = [*zip(inputs, case.shapes * 3, strict=True), *((array, y_shape) for array in outputs)]
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
        call = case.bind(LAYOUTS[layout], *case.draw(8), case.draw_tangents(8))
        rounds = []
        for _ in range(2):
            case.op.forward(call)
            case.op.jvp(call)
            case.op.backward(call)
            rounds.append([array.tobytes() for array in (call.y, call.ty, *gradients(call))])
        assert rounds[0] == rounds[1], str(case)


@each_primitive
def test_nan_is_passed_on(name: str) -> None:
    for case in cases(name):
        inputs, gy = case.draw(9)
        for values in inputs:
            kept = values[-1].copy()
            values[-1] = np.nan
            call = case.bind(as_in_arena, inputs, gy)
            case.op.forward(call)
            assert np.isnan(call.y).any(), str(case)
            values[-1] = kept


def test_every_op_explains_itself() -> None:
    for name, op in PRIMITIVES.items():
        assert get_op(name) is op
        assert op.label
        assert op.forward_formula
        assert op.backward_formula
