"""Initial weights: their spread, that they are drawn again alike, and constant ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.graph import Graph
from engine.initializers import CONSTANT, INITIALIZERS
from engine.ops import OPS
from engine.ops.call import Array
from tests.engine.samples import experiment_of, stepper_of

VARIANCES = {
    "glorot-uniform": 2.0 / 500.0,
    "glorot-normal": 2.0 / 500.0,
    "he-uniform": 2.0 / 300.0,
    "he-normal": 2.0 / 300.0,
    "lecun-uniform": 1.0 / 300.0,
    "lecun-normal": 1.0 / 300.0,
}


def weights_of(op: str, settings: dict[str, object], seed: int = 1) -> dict[str, Array]:
    """Give the initial weights of the XOR features' layer, or of a parameter beside it, by title."""
    graph, x = Graph().add("features")
    graph, node = graph.add(op, settings)
    graph = graph if op == "parameter" else graph.connect(x, node, "in")
    graph, mean = graph.add("mean", {"over": "all"})
    graph, end = graph.add("objective")
    stepper = stepper_of(experiment_of(graph.connect(node, mean, "in").connect(mean, end, "value"), seed=seed))
    return {p.title: stepper.program.weights(stepper.arena, p).copy() for p in stepper.program.parameters}


@pytest.mark.parametrize("name", VARIANCES)
def test_weights_have_the_variance_of_their_name_and_mean_0(name: str) -> None:
    drawn = INITIALIZERS[name].draw((300, 200), 4, 9)
    deviation = math.sqrt(VARIANCES[name])
    assert abs(drawn.mean()) <= 5.0 * deviation / math.sqrt(drawn.size)
    assert drawn.var() == pytest.approx(VARIANCES[name], rel=0.03)
    assert np.array_equal(drawn, INITIALIZERS[name].draw((300, 200), 4, 9))
    if name.endswith("uniform"):
        assert np.abs(drawn).max() <= deviation * math.sqrt(3.0)


@pytest.mark.parametrize(("op", "settings"), [("dense", {"units": 4}), ("neuron", {}), ("parameter", {"columns": 3})])
@pytest.mark.parametrize("value", [0.25, -3.0])
def test_constant_weights_all_start_at_the_value(op: str, settings: dict[str, object], value: float) -> None:
    weights = weights_of(op, {**settings, "initializer": CONSTANT, "value": value})
    assert (weights["W_A"] == value).all()
    assert not weights.get("b_A", np.zeros(1)).any()


@pytest.mark.parametrize("op", ["dense", "neuron", "parameter"])
def test_the_value_has_no_say_in_any_other_initializer(op: str) -> None:
    one, other = (weights_of(op, {"initializer": "he-normal", "value": value}) for value in (1.0, 7.0))
    assert one["W_A"].tobytes() == other["W_A"].tobytes()
    assert one["W_A"].any()


@pytest.mark.parametrize("op", ["dense", "neuron"])
def test_settings_from_before_there_was_a_value_are_complete(op: str) -> None:
    values = OPS[op]({"initializer": "zeros"}).values
    assert values["value"] == 1.0
    assert not weights_of(op, {"initializer": "zeros"})["W_A"].any()
