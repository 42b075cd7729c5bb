"""Losses of whole sets on kernels: those of the reference, whatever the network, the count of rows and the thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given

pytest.importorskip("numba", reason="without numba programs run on the reference executor")

from engine.compiled import COMPILED, load
from engine.compiled.kind import SET_ROWS
from engine.data_tables import tables_of
from engine.datasets import Dataset
from engine.evaluation import Evaluator, Losses
from engine.experiment import Choice
from engine.graph import Graph
from engine.ops.call import Array
from tests.engine.networks import chain, close, draw_weights, executor_for, make_rows
from tests.engine.samples import dataset_of, dense_graph, experiment_of, trainer_of
from tests.engine.strategies import Network, networks

load()

NUMBERS = np.random.default_rng(8)
TANH = ("dense", {"units": 5, "activation": "tanh"})
LAST = ("dense", {"units": 2, "activation": "identity"})
PENALTIES = {"l1": 0.02, "l2": 0.3}
LAYERS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "plain": [TANH, LAST],
    "dropout": [TANH, ("dropout", {"rate": 0.5}), LAST],
    "batch_norm": [TANH, ("batch_norm", {}), LAST],
    "layer_norm": [TANH, ("layer_norm", {}), LAST],
}


def rows_of(count: int) -> Dataset:
    """Draw so many rows, a fifth of them for testing; of fewer than five, none."""
    return make_rows(NUMBERS.normal(size=(count, 3)), NUMBERS.normal(size=(count, 2)))


def network(name: str = "plain", settings: dict[str, float] | None = None) -> Graph:
    graph, x = Graph().add("features", {"columns": ("f2", "f0")})
    graph, end = chain(graph, x, LAYERS[name])
    return close(graph, end, "mean_squared_error", settings)


def state_for(graph: Graph, data: Dataset, seed: int = 1) -> Array:
    """Draw weights, and move the running statistics away from where they begin."""
    executor = executor_for(graph, data, 4)
    draw_weights(executor, seed)
    state = executor.program.state(executor.arena).copy()
    state[: executor.program.buffer_span] += 0.3
    return state


def both(graph: Graph, data: Dataset) -> tuple[Evaluator, Evaluator]:
    """Give an evaluator on kernels and one on the reference."""
    compiled, reference = Evaluator(graph, data), Evaluator(graph, data)
    compiled.change_executor(COMPILED)
    return compiled, reference


def assert_agree(graph: Graph, data: Dataset, state: Array) -> Losses:
    compiled, reference = both(graph, data)
    found, expected = compiled.losses(state), reference.losses(state)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-14, nan_ok=True)
    assert repr(compiled.losses(state)) == repr(found)
    apart = compiled.loss(state, "train"), compiled.loss(state, "test"), compiled.penalty(state)
    assert repr(apart) == repr(tuple(found))
    return found


@pytest.mark.parametrize("count", [4, 5, 80, 5 * SET_ROWS, 5 * SET_ROWS + 1, 1500])
@pytest.mark.parametrize("name", LAYERS)
def test_they_agree_with_the_reference(name: str, count: int) -> None:
    graph, data = network(name), rows_of(count)
    found = assert_agree(graph, data, state_for(graph, data))
    assert np.isfinite(found.train)
    assert np.isnan(found.test) == (count < 5)
    assert found.penalty == 0.0


@given(networks(40, 5, has_modes=True))
def test_random_networks_agree_with_the_reference(network: Network) -> None:
    executor = network.executor(4)
    assert_agree(network.graph, network.dataset, executor.program.state(executor.arena))


def test_penalties_are_part_of_both_and_told_apart() -> None:
    data = rows_of(200)
    plain, penalized = network(), network(settings=PENALTIES)
    state = state_for(plain, data)
    without, found = assert_agree(plain, data, state), assert_agree(penalized, data, state)
    program = executor_for(plain, data, 4).program
    arena = np.zeros(program.size)
    program.state(arena)[...] = state
    w = np.concatenate([program.weights(arena, p).reshape(-1) for p in program.parameters if p.name == "W"])
    penalty = PENALTIES["l1"] * np.abs(w).sum() + 0.5 * PENALTIES["l2"] * (w * w).sum()
    assert found == pytest.approx((without.train + penalty, without.test + penalty, penalty), rel=1e-12)


def test_of_a_line_they_are_what_numpy_makes_of_its_rows() -> None:
    graph, data = dense_graph((), "mean_squared_error", 2), rows_of(700)
    state = state_for(graph, data)
    program = executor_for(graph, data, 4).program
    w, b = (program.part(state, parameter) for parameter in program.parameters)
    squares = (data.x @ w + b - data.y) ** 2
    found = assert_agree(graph, data, state)
    assert found == pytest.approx((squares[data.train].mean(), squares[data.test].mean(), 0.0), rel=1e-12)


def test_classes_enter_one_by_one() -> None:
    experiment = experiment_of(dense_graph((4,), "softmax_cross_entropy", 3), Choice("iris"))
    data = dataset_of(experiment)
    assert_agree(experiment.graph, data, state_for(experiment.graph, data))


def test_without_data_there_is_one_loss_and_none_to_test() -> None:
    graph, w = Graph().add("parameter")
    graph, square = graph.add("square")
    graph, end = graph.add("objective")
    graph = graph.connect(w, square, "in").connect(square, end, "value")
    data = rows_of(9)
    state = state_for(graph, data)
    found = assert_agree(graph, data, state)
    assert found.train == pytest.approx((state**2).sum(), rel=1e-14)
    assert np.isnan(found.test)


def test_weights_that_are_not_finite_give_losses_that_are_not() -> None:
    graph, data = network(), rows_of(200)
    found = both(graph, data)[0].losses(np.full_like(state_for(graph, data), np.nan))
    assert np.isnan(found.train)
    assert np.isnan(found.test)


def test_threads_that_ask_at_once_get_what_each_gets_alone() -> None:
    graph, data = network("batch_norm", PENALTIES), rows_of(2000)
    evaluator, other = both(graph, data)[0], both(graph, data)[0]
    states = [state_for(graph, data, seed) for seed in range(4)]
    alone = [evaluator.losses(state) for state in states]
    predicted = [evaluator.predict(state, data.x) for state in states]

    def ask(number: int) -> None:
        for _ in range(25):
            assert evaluator.losses(states[number]) == alone[number]
            assert other.losses(states[number]) == alone[number]
            np.testing.assert_array_equal(evaluator.predict(states[number], data.x), predicted[number])

    with ThreadPoolExecutor(4) as pool:
        for asked in [pool.submit(ask, number) for number in range(4)]:
            asked.result()


def test_a_run_and_its_evaluator_have_one_table_between_them() -> None:
    trainer = trainer_of(experiment_of())
    dataset, tables = trainer.stepper.dataset, trainer.stepper.sampler.tables
    assert tables_of(dataset, trainer.program) is tables
    np.testing.assert_array_equal(tables.by_row, np.concatenate(tables.by_column).T)
    assert tables.by_row is tables.by_row
    other = trainer_of(experiment_of(dense_graph().set(1, {"columns": ("x1*x2",)})), dataset)
    assert other.stepper.sampler.tables is not tables
