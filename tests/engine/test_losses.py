"""The losses in closed form: what a row costs, what the network is said to predict, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiler import compile_graph
from engine.graph import Graph
from engine.ops.call import Array, Call
from engine.ops.cross_entropies import TINY, LogitCrossEntropy, ProbabilityCrossEntropy, SoftmaxLogitCrossEntropy
from engine.ops.loss_primitives import AbsoluteError, HingeError, HuberError, LossPrimitive, MeanValue, SquaredError
from tests.engine.calls import PRIMITIVES
from tests.engine.networks import chain, close, executor_for, gradient, make_rows, set_batch, set_weights

LOSSES = {name: op for name, op in PRIMITIVES.items() if issubclass(op, LossPrimitive) and len(op.ports) == 2}
each_loss = pytest.mark.parametrize("name", LOSSES)

Table = Sequence[Sequence[float]]


def evaluate(op: LossPrimitive, prediction: Table | Array, target: Table | Array) -> tuple[float, list[float], Array]:
    """Give the loss, each row's share and ∂L/∂prediction."""
    p, y = np.array(prediction, np.float64), np.array(target, np.float64)
    share, work = np.empty((len(p), 1)), np.empty_like(p)
    gp = np.empty_like(p)
    call = Call((p, y), np.empty((1, 1)), (gp, None), np.ones((1, 1)), (share, work))
    op.forward(call)
    op.backward(call)
    shares: list[float] = share[:, 0].tolist()
    return float(call.y[0, 0]), shares, gp


def draw(name: str, rows: int, seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    columns = 1 if name in ("logit_cross_entropy", "probability_cross_entropy") else 3
    p = rng.normal(size=(rows, columns))
    if name == "probability_cross_entropy":
        p = rng.uniform(0.01, 0.99, size=(rows, columns))
    y = np.eye(columns)[rng.integers(columns, size=rows)] if columns > 1 else rng.integers(2, size=(rows, 1))
    return p, y.astype(np.float64)


def test_squared_error_is_the_mean_over_all_elements() -> None:
    loss, shares, gp = evaluate(SquaredError(), [[1.0, 2.0], [3.0, 5.0]], [[0.0, 2.0], [1.0, 1.0]])
    assert loss == (1.0 + 0.0 + 4.0 + 16.0) / 4.0
    assert shares == [0.5, 10.0]
    assert gp.tolist() == [[0.5, 0.0], [1.0, 2.0]]


def test_absolute_error_takes_0_for_its_derivative_where_there_is_no_error() -> None:
    loss, shares, gp = evaluate(AbsoluteError(), [[1.0, 2.0], [3.0, -5.0]], [[0.0, 2.0], [1.0, 1.0]])
    assert loss == (1.0 + 0.0 + 2.0 + 6.0) / 4.0
    assert shares == [0.5, 4.0]
    assert gp.tolist() == [[0.25, 0.0], [0.25, -0.25]]


def test_huber_is_half_the_square_up_to_delta_and_a_line_beyond() -> None:
    loss, shares, gp = evaluate(HuberError({"delta": 2.0}), [[1.0], [-2.0], [5.0], [-5.0]], [[0.0]] * 4)
    assert shares == [0.5, 2.0, 8.0, 8.0]
    assert loss == 18.5 / 4.0
    assert gp[:, 0].tolist() == [0.25, -0.5, 0.5, -0.5]


def test_hinge_reads_0_and_1_as_minus_1_and_plus_1() -> None:
    scores = [[0.5], [-0.5], [2.0], [-3.0], [0.25]]
    signs = np.array([[1.0], [1.0], [1.0], [-1.0], [-1.0]])
    loss, shares, gp = evaluate(HingeError(), scores, signs)
    assert shares == [0.5, 1.5, 0.0, 0.0, 1.25]
    assert loss == 3.25 / 5.0
    assert gp[:, 0].tolist() == [-0.2, -0.2, 0.0, 0.0, 0.2]
    from_classes = evaluate(HingeError(), scores, 0.5 * (signs + 1.0))
    assert (from_classes[0], from_classes[1], from_classes[2].tolist()) == (loss, shares, gp.tolist())


def test_hinge_takes_0_for_its_derivative_at_the_margin() -> None:
    loss, _, gp = evaluate(HingeError(), [[1.0], [-1.0]], [[1.0], [0.0]])
    assert loss == 0.0
    assert gp.tolist() == [[0.0], [0.0]]


@given(seed=st.integers(0, 2**32 - 1))
def test_huber_lies_between_the_other_two(seed: int) -> None:
    p, y = draw("huber_error", 5, seed)
    square, size = (evaluate(op, p, y)[0] for op in (SquaredError(), AbsoluteError()))
    assert evaluate(HuberError(), p, y)[0] <= min(0.5 * square, size) * (1.0 + 1e-15)
    assert evaluate(HuberError({"delta": 1e3}), p, y)[0] == pytest.approx(0.5 * square, rel=1e-13)
    assert evaluate(HuberError({"delta": 1e-9}), p, y)[0] == pytest.approx(1e-9 * size, rel=1e-6)


def test_cross_entropy_of_logits() -> None:
    third = -math.log(2.0)
    loss, shares, gp = evaluate(LogitCrossEntropy(), [[0.0], [third], [third]], [[1.0], [0.0], [1.0]])
    assert shares == pytest.approx([math.log(2.0), math.log(1.5), math.log(3.0)], rel=1e-15)
    assert loss == pytest.approx(math.fsum(shares) / 3.0, rel=1e-15)
    assert gp[:, 0] == pytest.approx([-1 / 6, 1 / 9, -2 / 9], rel=1e-15)


@pytest.mark.parametrize("size", [20.0, 40.0, 300.0, 1e6])
def test_cross_entropy_of_confident_logits_keeps_its_digits(size: float) -> None:
    right, _, gp = evaluate(LogitCrossEntropy(), [[size]], [[1.0]])
    assert right == pytest.approx(math.exp(-size), rel=1e-8, abs=0.0)
    other, _, gz = evaluate(LogitCrossEntropy(), [[-min(size, 700.0)]], [[0.0]])
    assert other == pytest.approx(math.exp(-min(size, 700.0)), rel=1e-8, abs=0.0)
    assert gz[0, 0] == pytest.approx(math.exp(-min(size, 700.0)), rel=1e-8, abs=0.0)
    assert gp[0, 0] <= 0.0
    wrong, _, gp = evaluate(LogitCrossEntropy(), [[-min(size, 700.0)]], [[1.0]])
    assert wrong == pytest.approx(min(size, 700.0), rel=1e-8)
    assert gp[0, 0] == pytest.approx(-1.0, rel=1e-8)


def test_cross_entropy_of_probabilities() -> None:
    loss, shares, gp = evaluate(ProbabilityCrossEntropy(), [[0.25], [0.5]], [[1.0], [0.0]])
    assert shares == pytest.approx([math.log(4.0), math.log(2.0)], rel=1e-15)
    assert loss == pytest.approx(1.5 * math.log(2.0), rel=1e-15)
    assert gp[:, 0] == pytest.approx([-2.0, 1.0], rel=1e-15)


def test_a_probability_of_0_or_1_costs_much_but_not_infinitely_much() -> None:
    loss, _, gp = evaluate(ProbabilityCrossEntropy(), [[0.0], [1.0]], [[1.0], [0.0]])
    assert loss == pytest.approx(-math.log(TINY), rel=1e-5)
    assert gp[:, 0].tolist() == [0.0, 0.0]


@given(z=st.floats(-12.0, 12.0), y=st.floats(0.0, 1.0))
def test_both_forms_of_binary_cross_entropy_agree(z: float, y: float) -> None:
    p = 1.0 / (1.0 + math.exp(-z))
    from_logits, _, gz = evaluate(LogitCrossEntropy(), [[z]], [[y]])
    from_probabilities, _, gp = evaluate(ProbabilityCrossEntropy(), [[p]], [[y]])
    assert from_probabilities == pytest.approx(from_logits, rel=1e-9, abs=1e-11)
    assert gp[0, 0] * p * (1.0 - p) == pytest.approx(gz[0, 0], rel=1e-9, abs=1e-11)


def test_softmax_cross_entropy() -> None:
    logs = [math.log(2.0), math.log(3.0), math.log(5.0)]
    loss, shares, gp = evaluate(SoftmaxLogitCrossEntropy(), [logs, logs], [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    assert shares == pytest.approx([math.log(2.0), math.log(5.0)], rel=1e-15)
    assert loss == pytest.approx(math.log(10.0) / 2.0, rel=1e-15)
    assert gp == pytest.approx(np.array([[0.1, 0.15, -0.25], [-0.4, 0.15, 0.25]]), rel=1e-14)


def test_softmax_cross_entropy_of_huge_logits() -> None:
    loss, _, gp = evaluate(SoftmaxLogitCrossEntropy(), [[1e5, 0.0], [1e5, 0.0]], [[1.0, 0.0], [0.0, 1.0]])
    assert loss == 5e4
    assert gp.tolist() == [[0.0, 0.0], [0.5, -0.5]]


@given(seed=st.integers(0, 2**32 - 1), shift=st.floats(-100.0, 100.0))
def test_softmax_cross_entropy_ignores_a_shift_and_its_gradient_sums_to_zero(seed: int, shift: float) -> None:
    z, y = draw("softmax_logit_cross_entropy", 4, seed)
    loss, _, g = evaluate(SoftmaxLogitCrossEntropy(), z, y)
    assert evaluate(SoftmaxLogitCrossEntropy(), z + shift, y)[0] == pytest.approx(loss, rel=1e-11)
    assert np.abs(g.sum(axis=1)).max() < 1e-15


@given(seed=st.integers(0, 2**32 - 1))
def test_softmax_of_two_classes_is_the_binary_case(seed: int) -> None:
    z, y = draw("logit_cross_entropy", 4, seed)
    binary, _, g = evaluate(LogitCrossEntropy(), z, y)
    both, _, gp = evaluate(SoftmaxLogitCrossEntropy(), np.hstack([np.zeros_like(z), z]), np.hstack([1.0 - y, y]))
    assert both == pytest.approx(binary, rel=1e-12)
    np.testing.assert_allclose(gp[:, 1:], g, rtol=1e-11, atol=1e-15)


@each_loss
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 6))
def test_a_loss_is_the_mean_of_its_rows_shares(name: str, seed: int, rows: int) -> None:
    op = LOSSES[name]()
    assert isinstance(op, LossPrimitive)
    p, y = draw(name, rows, seed)
    loss, shares, gp = evaluate(op, p, y)
    assert loss == pytest.approx(math.fsum(shares) / rows, rel=1e-14)
    assert min(shares) >= 0.0
    for row in range(rows):
        alone, _, g = evaluate(op, p[row : row + 1], y[row : row + 1])
        assert alone == pytest.approx(shares[row], rel=1e-13)
        np.testing.assert_allclose(gp[row], g[0] / rows, rtol=1e-13)
    twice, _, _ = evaluate(op, np.vstack([p, p]), np.vstack([y, y]))
    assert twice == pytest.approx(loss, rel=1e-13)


def test_predictions_are_in_the_terms_of_the_data() -> None:
    z = np.array([[0.0, math.log(3.0)]])
    assert LogitCrossEntropy().predict(z)[0] == pytest.approx([0.5, 0.75], rel=1e-15)
    assert SoftmaxLogitCrossEntropy().predict(z)[0] == pytest.approx([0.25, 0.75], rel=1e-15)
    assert ProbabilityCrossEntropy().predict(z).tolist() == z.tolist()
    assert SquaredError().predict(z).tolist() == z.tolist()
    assert HingeError().predict(np.array([[-1.0, 0.0, 1.0, 3.0]])).tolist() == [[0.0, 0.5, 1.0, 2.0]]


def problems(activation: str, loss: str, classes: int, units: int) -> tuple[Graph, list[str]]:
    graph, x = Graph().add("features")
    graph, end = chain(graph, x, [("dense", {"units": units, "activation": activation})])
    graph = close(graph, end, loss)
    dataset = make_rows([[0.0], [1.0], [2.0], [3.0], [4.0]], [[float(i % max(classes, 1))] for i in range(5)], classes)
    compilation = compile_graph(graph, dataset, 4)
    for problem in compilation.problems:
        if problem.fix is not None:
            graph = graph.set(problem.fix.node, problem.fix.settings)
    return graph, [str(problem.words) for problem in compilation.problems]


@pytest.mark.parametrize(
    ("activation", "loss", "classes", "units", "words"),
    [
        ("sigmoid", "binary_cross_entropy", 2, 1, "sigmoid has made probabilities already"),
        ("softmax", "softmax_cross_entropy", 3, 3, "softmax has made probabilities already"),
        ("identity", "softmax_cross_entropy", 3, 2, "differ: 2 and 3 values a row"),
        ("identity", "mean_squared_error", 0, 2, "differ: 2 and 1 values a row"),
        ("identity", "huber", 0, 3, "differ: 3 and 1 values a row"),
        ("gelu", "binary_cross_entropy", 2, 1, "GELU bounds the logits"),
        ("elu", "softmax_cross_entropy", 3, 3, "ELU bounds the logits"),
        ("sigmoid", "hinge", 2, 1, "sigmoid cannot give both −1 and +1"),
        ("softplus", "hinge", 2, 1, "softplus cannot give both −1 and +1"),
    ],
)
def test_what_does_not_fit_a_loss_is_said_and_its_remedy_works(
    activation: str, loss: str, classes: int, units: int, words: str
) -> None:
    remedied, said = problems(activation, loss, classes, units)
    assert len(said) == 1
    assert words in said[0]
    dataset = make_rows([[0.0], [1.0], [2.0], [3.0], [4.0]], [[float(i % max(classes, 1))] for i in range(5)], classes)
    assert compile_graph(remedied, dataset, 4).problems == ()


@pytest.mark.parametrize("activation", ["identity", "tanh", "leaky_relu", "elu", "sin"])
def test_a_score_that_can_reach_both_sides_of_the_margin_is_not_warned_about(activation: str) -> None:
    assert problems(activation, "hinge", 2, 1)[1] == []


def test_the_hinge_says_how_it_reads_targets_that_are_numbers() -> None:
    _, said = problems("identity", "hinge", 0, 1)
    assert said == [
        "the hinge compares classes, but these targets are numbers: those above ½ count as +1, others as −1"
    ]


def objective(*layers: tuple[str, dict[str, object]]) -> Graph:
    """Make nodes one after another, the last of them an objective."""
    (first, settings), *others = layers
    graph, source = Graph().add(first, settings)
    graph, end = chain(graph, source, others)
    graph, loss = graph.add("objective")
    return graph.connect(end, loss, "value")


def test_an_objective_is_the_mean_of_a_value_and_needs_no_target() -> None:
    graph = objective(("features", {}), ("dense", {"units": 2, "activation": "identity"}), ("sin", {}))
    executor = executor_for(graph, make_rows([[0.0]], [[0.0]]), 4)
    assert len(executor.program.data) == 1
    w, b, x = np.array([[0.5, -1.0]]), np.array([[0.1, 0.2]]), np.array([[0.3], [-0.7], [2.0]])
    set_weights(executor, {"W_A": w, "b_A": b})
    loss, g = gradient(executor, set_batch(executor, x, x))
    assert loss == pytest.approx(np.sin(x @ w + b).mean(), rel=1e-14)
    np.testing.assert_allclose(g["W_A"], x.T @ np.cos(x @ w + b) / 6.0, rtol=1e-13)


@pytest.mark.parametrize("size", [(1, 1), (2, 3)])
def test_an_objective_of_a_plain_value_needs_no_data(size: tuple[int, int]) -> None:
    graph = objective(("parameter", {"rows": size[0], "columns": size[1]}), ("softplus", {}))
    executor = executor_for(graph, make_rows([[0.0]], [[0.0]]), 4)
    assert executor.program.data == ()
    values = np.linspace(-1.0, 2.0, size[0] * size[1]).reshape(size)
    set_weights(executor, {p.title: values for p in executor.program.parameters})
    for rows in (1, 4):
        loss, g = gradient(executor, rows)
        assert loss == pytest.approx(np.log1p(np.exp(values)).mean(), rel=1e-14)
        (found,) = g.values()
        np.testing.assert_allclose(found, 1.0 / (1.0 + np.exp(-values)) / values.size, rtol=1e-14)


def test_the_mean_of_a_value_has_a_share_for_each_row() -> None:
    share, y = np.empty((2, 1)), np.empty((1, 1))
    MeanValue().forward(Call((np.array([[1.0, 2.0], [3.0, 6.0]]),), y, (None,), y, (share,)))
    assert share[:, 0].tolist() == [1.5, 4.5]
    assert y.item() == 3.0
