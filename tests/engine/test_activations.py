"""The activations: their values, tails, kinks and bounds, and each of them with each loss against PyTorch."""

from __future__ import annotations

import json
import math
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from engine.graph import Graph
from engine.ops import OPS
from engine.ops.base import Primitive, Shape
from engine.ops.call import Array, Call
from engine.ops.functions import normal_share
from engine.ops.layers import ACTIVATIONS, Dense
from tests.engine.calls import PRIMITIVES, Case, plain, variants
from tests.engine.networks import chain, close, executor_for, gradient, make_rows, set_batch, set_weights

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "torch_activations_losses.json").read_text("ascii")
)
each_reference = pytest.mark.parametrize(
    "reference",
    REFERENCE["activations"],
    ids=lambda entry: " ".join([entry["name"], *(f"{name}={value}" for name, value in entry["settings"].items())]),
)


def run(op: Primitive, rows: ArrayLike, adjoint: ArrayLike = 1.0, tangent: ArrayLike = 1.0) -> Call:
    """Run forward, jvp and backward on rows of numbers."""
    z = np.array(rows, np.float64)
    call = Case(op, (Shape(z.shape[1]),), len(z)).bind(plain, [z], np.array(adjoint), [np.array(tangent)])
    with np.errstate(all="ignore"):  # as the executors do
        op.forward(call)
        op.jvp(call)
        op.backward(call)
    return call


def derivatives(op: Primitive, *numbers: float) -> list[float]:
    """Give f′ at each number, which backward and jvp agree on."""
    call = run(op, [numbers])
    assert call.gx[0] is not None
    np.testing.assert_array_equal(call.gx[0], call.ty)
    flat: list[float] = call.ty.ravel().tolist()
    return flat


def apply(name: str, numbers: list[float], **settings: object) -> list[float]:
    """Give what an activation makes of a row."""
    flat: list[float] = run(PRIMITIVES[name](settings), [numbers]).y.ravel().tolist()
    return flat


def agree(ours: Array, theirs: ArrayLike) -> None:
    theirs = np.array(theirs)
    assert ours.shape == theirs.shape
    assert (np.abs(ours - theirs) <= 1e-12 * np.maximum(1.0, np.abs(theirs))).all()


@each_reference
def test_values_adjoints_and_tangents_agree_with_pytorch(reference: dict[str, Any]) -> None:
    op = PRIMITIVES[reference["name"]](reference["settings"])
    call = run(op, REFERENCE["z"], REFERENCE["adjoint"], REFERENCE["tangent"])
    assert call.gx[0] is not None
    agree(call.y, reference["a"])
    agree(call.gx[0], reference["z_adjoint"])
    agree(call.ty, reference["a_tangent"])


def network(reference: dict[str, Any], pair: dict[str, Any], is_node: bool) -> Graph:
    """Make the 2-2-k network of a pair, its activation in the first layer or, with its settings, a node behind it."""
    name, settings = reference["name"], reference["settings"]
    last = "sigmoid" if pair["settings"].get("predictions") == "probabilities" else "identity"
    layers: list[tuple[str, dict[str, object]]] = [
        ("dense", {"units": 2, "activation": "identity" if is_node else name}),
        *([(name, settings)] if is_node else []),
        ("dense", {"units": pair["outputs"], "activation": last}),
    ]
    graph, x = Graph().add("features")
    graph, end = chain(graph, x, layers)
    if pair["loss"] == "objective":
        graph, loss = graph.add("objective")
        return graph.connect(end, loss, "value")
    return close(graph, end, pair["loss"], pair["settings"])


@each_reference
def test_with_each_loss_it_agrees_with_pytorch(reference: dict[str, Any]) -> None:
    # In a Dense, the activation's settings have their defaults.
    places = (True,) if reference["settings"] else (False, True)
    for pair, is_node in product(reference["networks"], places):
        k = pair["outputs"]
        y = np.array(REFERENCE["targets"][str(k)])
        labels, classes = {1: (y, 2), 2: (y, 0), 3: (y.argmax(axis=1)[:, None], 3)}[k]
        executor = executor_for(network(reference, pair, is_node), make_rows(REFERENCE["x"], labels, classes), 5)
        weights = {title: np.array(values) for title, values in REFERENCE["weights"].items()}
        set_weights(executor, {**weights, "W_B": weights["W_B"][:, :k], "b_B": weights["b_B"][:, :k]})
        loss, gradients = gradient(executor, set_batch(executor, REFERENCE["x"], y))
        assert loss == pytest.approx(pair["L"], rel=1e-12, abs=1e-13), pair["loss"]
        for title in ("W_A", "W_B"):
            agree(gradients[title], pair[title])


def test_the_reference_covers_every_activation_and_every_loss() -> None:
    assert {entry["name"] for entry in REFERENCE["activations"]} == set(ACTIVATIONS)
    losses = {name for name, op in OPS.items() if op.category == "Losses"}
    assert all({pair["loss"] for pair in entry["networks"]} == losses for entry in REFERENCE["activations"])


def test_every_activation_can_end_a_layer() -> None:
    choices = next(setting.choices for setting in Dense.settings if setting.name == "activation")
    assert set(choices) == {name for name, op in OPS.items() if op.category == "Activations"}


def test_activations_give_their_values() -> None:
    assert apply("identity", [-2.0, 0.0, 3.5]) == [-2.0, 0.0, 3.5]
    assert apply("relu", [-2.0, 0.0, 3.5]) == [0.0, 0.0, 3.5]
    assert apply("leaky_relu", [-2.0, 0.0, 3.5], slope=0.25) == [-0.5, 0.0, 3.5]
    assert apply("elu", [-np.log(2.0), 0.0, 3.5], alpha=3.0) == pytest.approx([-1.5, 0.0, 3.5], rel=1e-15)
    assert apply("tanh", [0.0, np.log(3.0)]) == pytest.approx([0.0, 0.8], rel=1e-15)
    assert apply("sigmoid", [0.0, np.log(3.0), -np.log(4.0)]) == pytest.approx([0.5, 0.75, 0.2], rel=1e-15)
    assert apply("silu", [0.0, np.log(3.0)]) == pytest.approx([0.0, 0.75 * np.log(3.0)], rel=1e-15)
    assert apply("softplus", [0.0, np.log(3.0)]) == pytest.approx([np.log(2.0), np.log(4.0)], rel=1e-15)
    assert apply("softmax", [np.log(2.0), np.log(3.0), np.log(5.0)]) == pytest.approx([0.2, 0.3, 0.5], rel=1e-15)
    assert apply("sin", [0.0, math.pi / 6.0, -math.pi / 2.0]) == pytest.approx([0.0, 0.5, -1.0], rel=1e-15)


def test_gelu_is_z_times_the_normal_distribution_s_share_below_z() -> None:
    numbers = [-3.0, -1.0, 0.0, 0.5, 2.0, 5.0]
    exact = [z * 0.5 * math.erfc(-z / math.sqrt(2.0)) for z in numbers]
    assert apply("gelu", numbers) == pytest.approx(exact, rel=1e-14)
    u = [math.sqrt(2.0 / math.pi) * (z + 0.044715 * z**3) for z in numbers]
    tanh_form = [0.5 * z * (1.0 + math.tanh(t)) for z, t in zip(numbers, u, strict=True)]
    assert apply("gelu", numbers, form="tanh") == pytest.approx(tanh_form, rel=1e-12)
    assert 1e-5 < np.abs(np.array(exact) - tanh_form).max() < 1e-3


def test_the_normal_share_is_exact_to_1e_15_and_keeps_its_digits_in_the_lower_tail() -> None:
    z = np.concatenate([np.linspace(-38.0, 38.0, 4001), np.logspace(-18.0, 0.0, 50), -np.logspace(-18.0, 0.0, 50)])
    found = np.empty_like(z)
    normal_share(z, found)
    exact = np.array([0.5 * math.erfc(-number / math.sqrt(2.0)) for number in z])
    assert np.abs(found - exact).max() <= 1e-15
    assert (np.abs(found - exact) <= 1e-15 * (1.0 + z * z) * exact + 1e-300).all()
    ends = np.array([-np.inf, -1e308, 0.0, 1e308, np.inf, np.nan])
    normal_share(ends, found[:6])
    np.testing.assert_array_equal(found[:6], [0.0, 0.0, 0.5, 1.0, 1.0, np.nan])


def test_sigmoid_is_exact_in_both_tails_and_right_at_any_size() -> None:
    logits = [-700.0, -100.0, -40.0, -20.0, -1.0, 20.0, 40.0]
    expected = [np.exp(z) / (1.0 + np.exp(z)) for z in logits]
    assert apply("sigmoid", logits) == pytest.approx(expected, rel=1e-14, abs=0.0)
    assert apply("sigmoid", [-1e308, 1e308, -np.inf, np.inf]) == [0.0, 1.0, 0.0, 1.0]


def test_softmax_does_not_overflow_and_ignores_a_shift() -> None:
    assert apply("softmax", [1e4, 1e4 - np.log(3.0)]) == pytest.approx([0.75, 0.25], rel=1e-11)
    assert apply("softmax", [-1e308, 1e307]) == [0.0, 1.0]


def test_softplus_is_exact_in_both_tails_and_does_not_overflow() -> None:
    assert apply("softplus", [-700.0, -40.0]) == pytest.approx([math.exp(-700.0), math.exp(-40.0)], rel=1e-14, abs=0.0)
    assert apply("softplus", [-1e308, 1e308, 750.0, np.inf]) == [0.0, 1e308, 750.0, np.inf]


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_a_large_number_has_a_finite_value_and_derivative(name: str) -> None:
    for op in variants(PRIMITIVES[name]):
        call = run(op, [[-1e300, -1e155, -1e60, -800.0, 800.0, 1e60, 1e155, 1e300]])
        assert np.isfinite(call.y).all(), op.values
        assert np.isfinite(call.ty).all(), op.values


def test_at_a_kink_the_derivative_is_that_of_the_left_side() -> None:
    numbers = (-1.0, -0.0, 0.0, 1.0)
    assert derivatives(PRIMITIVES["relu"](), *numbers) == [0.0, 0.0, 0.0, 1.0]
    assert derivatives(PRIMITIVES["leaky_relu"]({"slope": 0.3}), *numbers) == [0.3, 0.3, 0.3, 1.0]
    bent = derivatives(PRIMITIVES["elu"]({"alpha": 2.0}), *numbers)
    assert bent == pytest.approx([2.0 * math.exp(-1.0), 2.0, 2.0, 1.0], rel=1e-15)
    assert derivatives(PRIMITIVES["elu"](), 0.0, 1e-300) == [1.0, 1.0]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_lie_within_the_bounds_and_come_near_to_them(name: str) -> None:
    for op in variants(PRIMITIVES[name]):
        values = run(op, np.linspace(-30.0, 30.0, 60000).reshape(-1, 3) * [1.0, 1.0, -1.0]).y
        low, high = op.bounds()
        assert low <= values.min()
        assert values.max() <= high
        assert values.min() <= (low + 1e-3 if math.isfinite(low) else -0.29)
        assert values.max() >= (high - 1e-3 if math.isfinite(high) else 29.0)
