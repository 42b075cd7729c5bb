"""The gradient check itself: it finds a wrong gradient, does not mark a right one, and leaves the run alone."""

from __future__ import annotations

import numpy as np
import pytest

from engine.gradcheck import BOUND, check_gradient
from engine.graph import Graph
from engine.ops.activations import Tanh
from engine.ops.call import Call
from engine.reference import Reference
from tests.engine.networks import chain, close, draw_weights, executor_for, gradient, make_rows, set_batch, set_weights


def network(activation: str, x: list[list[float]], y: list[list[float]], units: int = 3) -> Reference:
    """Set up features, a layer and a layer of one unit, mean squared error."""
    graph, features = Graph().add("features")
    hidden = {"units": units, "activation": activation}
    graph, end = chain(graph, features, [("dense", hidden), ("dense", {"units": 1, "activation": "identity"})])
    executor = executor_for(close(graph, end, "mean_squared_error"), make_rows(x, y), len(x))
    set_batch(executor, x, y)
    draw_weights(executor, 1)
    return executor


X, Y = [[0.5, -1.0], [1.5, 0.3], [-0.7, 0.9]], [[1.0], [-0.5], [0.2]]


def test_a_right_gradient_passes_and_nothing_of_the_run_changes() -> None:
    executor = network("tanh", X, Y)
    arena = executor.arena.tobytes()
    found = check_gradient(executor, 3)
    assert found.ok
    assert 0.0 < found.error <= found.bound == BOUND
    assert [p.parameter.title for p in found.parameters] == ["W_A", "b_A", "W_B", "b_B"]
    assert [p.compared for p in found.parameters] == [6, 3, 3, 1]
    assert executor.arena.tobytes() == arena


def test_a_wrong_derivative_is_found_in_the_parameters_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: Tanh, c: Call) -> None:
        if c.gx[0] is not None:
            c.gx[0][...] = c.gy * (1.0 - c.y * c.y) * (1.0 + 1e-5)

    monkeypatch.setattr(Tanh, "backward", wrong)
    found = check_gradient(network("tanh", X, Y), 3)
    assert not found.ok
    wrong_ones = {p.parameter.title for p in found.parameters if p.error > BOUND * found.scale}
    assert wrong_ones == {"W_A", "b_A"}


def test_a_weight_whose_points_lie_on_both_sides_of_a_kink_is_counted_apart() -> None:
    executor = network("relu", [[1.0, 2.0]], [[1.0]], units=1)
    weights = {"W_A": [[2.0], [-1.0]], "b_A": [[0.0]], "W_B": [[1.5]], "b_B": [[0.1]]}
    set_weights(executor, weights)
    found = check_gradient(executor, 1)
    assert [(p.compared, p.kinks) for p in found.parameters] == [(0, 2), (0, 1), (1, 0), (1, 0)]
    assert found.kinks == 3
    assert found.ok
    set_weights(executor, {**weights, "b_A": [[1e-3]]})
    assert check_gradient(executor, 1).kinks == 0


def test_a_gradient_that_is_not_finite_does_not_pass() -> None:
    executor = network("tanh", X, Y)
    executor.program.weights(executor.arena, executor.program.parameters[2])[...] = np.inf
    found = check_gradient(executor, 3)
    assert not found.ok
    assert np.isnan(found.error)


def test_probabilities_whose_last_bits_decide_the_loss_are_not_held_against_the_network() -> None:
    graph, x = Graph().add("features")
    graph, end = chain(graph, x, [("neuron", {"activation": "sigmoid"})])
    graph = close(graph, end, "binary_cross_entropy", {"predictions": "probabilities"})
    executor = executor_for(graph, make_rows([[1.0]], [[0.0]], 2), 1)
    set_weights(executor, {"W_A": [[18.0]], "b_A": [[0.5]]})
    set_batch(executor, [[1.0]], [[0.0]])
    found = check_gradient(executor, 1)
    assert found.ok
    assert found.scale > 1e3
    set_weights(executor, {"W_A": [[2.0]], "b_A": [[0.5]]})
    found = check_gradient(executor, 1)
    assert found.ok
    assert found.scale < 10.0


def test_only_so_many_weights_of_each_parameter_are_nudged() -> None:
    found = check_gradient(network("tanh", X, Y), 3, most=2)
    assert [p.compared for p in found.parameters] == [2, 2, 2, 1]
    assert found.ok


@pytest.mark.parametrize("steps", [0, 30, 300, 3000])
@pytest.mark.parametrize(
    ("loss", "classes", "outputs"),
    [("mean_squared_error", 0, 1), ("binary_cross_entropy", 2, 1), ("softmax_cross_entropy", 3, 3)],
)
def test_a_trained_network_passes_down_to_its_minimum(loss: str, classes: int, outputs: int, steps: int) -> None:
    x = [[-1.0], [0.0], [1.0]]
    y = [[-1.0], [0.0], [1.0]] if not classes else [[float(i % classes)] for i in range(3)]
    graph, features = Graph().add("features")
    graph, end = chain(
        graph, features, [("dense", {"units": 4}), ("dense", {"units": outputs, "activation": "identity"})]
    )
    executor = executor_for(close(graph, end, loss), make_rows(x, y, classes), 3)
    set_batch(executor, x, y if classes < 3 else np.eye(3))
    draw_weights(executor, 1)
    for _ in range(steps):
        gradient(executor, 3)
        weights, g = (executor.program.region(executor.arena, number) for number in (0, 1))
        weights -= 0.3 * g
    found = check_gradient(executor, 3)
    assert found.ok, (found.error, found.scale)
