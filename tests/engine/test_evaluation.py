"""The evaluator: the same answers as a forward pass, whatever the size of its chunks, and nothing is trained."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine.evaluation
from engine.compiler import compile_graph
from engine.datasets import Dataset
from engine.evaluation import Evaluator
from engine.experiment import Choice
from engine.graph import Graph
from engine.ops.call import Array
from engine.program import Program
from tests.engine.networks import chain, close, draw_weights, executor_for, load_rows, make_rows
from tests.engine.samples import LINE, XOR, dataset_of, dense_graph, experiment_of, run_steps, trainer_of
from tests.engine.strategies import Network, networks


def weights_of(network: Network) -> tuple[Program, Array]:
    executor = executor_for(network.graph, network.dataset, 4)
    draw_weights(executor, network.seed)
    return executor.program, executor.program.region(executor.arena, 0)


@given(networks())
def test_the_loss_of_a_set_is_that_of_one_forward_pass_over_it(network: Network) -> None:
    program, weights = weights_of(network)
    evaluator = Evaluator(network.graph, network.dataset)
    for split, rows in (("train", network.dataset.train), ("test", network.dataset.test)):
        executor = executor_for(network.graph, network.dataset, len(rows))
        executor.program.region(executor.arena, 0)[...] = weights
        load_rows(executor, network.dataset, rows)
        assert evaluator.loss(weights, split) == pytest.approx(executor.forward(len(rows)), rel=1e-12, abs=1e-14)


@given(networks(), st.integers(1, 7))
def test_the_size_of_the_chunks_does_not_matter(network: Network, chunk: int) -> None:
    program, weights = weights_of(network)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.evaluation, "CHUNK_ROWS", chunk)
        chunked = Evaluator(network.graph, network.dataset)
    whole = Evaluator(network.graph, network.dataset)
    for split in ("train", "test"):
        assert chunked.loss(weights, split) == pytest.approx(whole.loss(weights, split), rel=1e-12, abs=1e-14)
    x, nodes = network.dataset.x, list(program.outputs)
    np.testing.assert_allclose(chunked.predict(weights, x), whole.predict(weights, x), rtol=1e-12, atol=1e-14)
    ours, theirs = chunked.responses(weights, x, nodes), whole.responses(weights, x, nodes)
    for node in nodes:
        np.testing.assert_allclose(ours[node], theirs[node], rtol=1e-12, atol=1e-14)


def test_responses_are_the_activations_that_the_run_shows() -> None:
    trainer = trainer_of(experiment_of(dense_graph((3, 2)), batch_size=None))
    run_steps(trainer, 4)
    while trainer.stepper.loss_step != 4:
        trainer.micro_step()
    snapshot = trainer.snapshot()
    x = trainer.stepper.dataset.x[snapshot.batch]
    found = snapshot.evaluator.responses(snapshot.state, x, (1, 2, 3, 4))
    for node, values in found.items():
        np.testing.assert_allclose(values, snapshot.activation(node), rtol=1e-13, atol=1e-15)
    np.testing.assert_array_equal(found[1], x)


def by_hand(graph: Graph, data: Dataset, weights: Array) -> Array:
    """Compute xW + b of a graph of one Dense."""
    program = compile_graph(graph, data, 4).program
    assert program is not None
    arena = np.zeros(program.size)
    program.region(arena, 0)[...] = weights
    w, b = (program.weights(arena, parameter) for parameter in program.parameters)
    return data.x @ w + b


@pytest.mark.parametrize(
    ("data", "loss", "outputs"),
    [(XOR, "binary_cross_entropy", 1), (Choice("iris"), "softmax_cross_entropy", 3), (LINE, "mean_squared_error", 1)],
)
def test_predictions_are_in_the_datas_own_terms(data: Choice, loss: str, outputs: int) -> None:
    experiment = experiment_of(dense_graph((), loss, outputs), data)
    trainer, rows = trainer_of(experiment), dataset_of(experiment)
    run_steps(trainer, 3)
    z = by_hand(experiment.graph, rows, trainer.stepper.weights)
    found = trainer.evaluator.predict(trainer.stepper.state, rows.x)
    expected = z
    if loss == "binary_cross_entropy":
        expected = 1.0 / (1.0 + np.exp(-z))
    if loss == "softmax_cross_entropy":
        expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_probabilities_of_a_sigmoid_stay_as_they_are() -> None:
    graph, x = Graph().add("features")
    graph, end = chain(graph, x, [("dense", {"units": 1, "activation": "sigmoid"})])
    trainer = trainer_of(experiment_of(close(graph, end, "binary_cross_entropy", {"predictions": "probabilities"})))
    weights, x_raw = trainer.stepper.weights, trainer.stepper.dataset.x
    found = trainer.evaluator.predict(weights, x_raw)
    np.testing.assert_array_equal(found, trainer.evaluator.responses(weights, x_raw, (2,))[2])


def test_asking_trains_nothing_and_depends_on_the_given_weights_only() -> None:
    trainer = trainer_of(experiment_of())
    old = trainer.stepper.weights.copy()
    before = trainer.evaluator.loss(old, "train")
    arena = trainer.stepper.arena.tobytes()
    trainer.evaluator.predict(old, np.zeros((3, 2)))
    assert trainer.stepper.arena.tobytes() == arena
    run_steps(trainer, 20)
    assert trainer.evaluator.loss(trainer.stepper.state, "train") != before
    assert trainer.evaluator.loss(old, "train") == before


def test_computed_columns_are_computed_for_raw_inputs_too() -> None:
    trainer = trainer_of(experiment_of(dense_graph(()).set(1, {"columns": ("x1*x2",)})))
    x = np.array([[0.5, -0.5], [2.0, 3.0]])
    found = trainer.evaluator.responses(trainer.stepper.state, x, (1,))
    np.testing.assert_array_equal(found[1], [[-0.25], [6.0]])


def test_without_test_rows_there_is_no_test_loss() -> None:
    data = make_rows(np.linspace(-1, 1, 8).reshape(4, 2), [[0], [1], [0], [1]], 2)
    trainer = trainer_of(experiment_of(), data)
    snapshot = trainer.snapshot()
    assert np.isnan(snapshot.test_loss)
    assert np.isfinite(snapshot.train_loss)


def test_no_rows_give_no_predictions() -> None:
    trainer = trainer_of(experiment_of())
    assert trainer.evaluator.predict(trainer.stepper.state, np.zeros((0, 2))).shape == (0, 1)


def test_weights_that_are_not_finite_give_losses_that_are_not_and_no_warning() -> None:
    trainer = trainer_of(experiment_of())
    weights = np.full_like(trainer.stepper.state, np.inf)
    assert not np.isfinite(trainer.evaluator.loss(weights, "train"))
    trainer.evaluator.predict(weights, trainer.stepper.dataset.x)


def test_a_graph_with_problems_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="only a graph that compiles"):
        Evaluator(Graph(), dataset_of(experiment_of()))
