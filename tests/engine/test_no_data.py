"""Runs into which no data enter: gradient descent on a function."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.compiler import compile_graph
from engine.continuation import continue_run, load_run, save_run
from engine.datasets import make_dataset
from engine.experiment import Choice, Experiment
from engine.graph import Graph
from engine.trainer import Trainer
from tests.engine.networks import close


def trainer_for(graph: Graph, rate: float = 0.1) -> Trainer:
    sgd = Choice("sgd", {"learning_rate": rate})
    experiment = Experiment(graph, Choice("xor"), Choice("backpropagation"), sgd, batch_size=10)
    dataset = make_dataset("xor", {})
    program = compile_graph(graph, dataset, 10).program
    assert program is not None
    return Trainer(experiment, dataset, program)


def bowl() -> Graph:
    """Make (x − 3)² + 2 (y + 1)², with x and y from 0."""
    graph, node = Graph().add("expression", {"formula": "(x-3)**2 + 2*(y+1)**2", "start": ""})
    graph, end = graph.add("objective")
    return graph.connect(node, end, "value")


def weights(trainer: Trainer) -> list[float]:
    return [float(trainer.program.weights(trainer.stepper.arena, p)[0, 0]) for p in trainer.program.parameters]


def test_descent_follows_the_closed_form() -> None:
    trainer = trainer_for(bowl())
    for step in range(1, 41):
        trainer.finish_step()
        assert weights(trainer) == pytest.approx([3.0 * (1 - 0.8**step), -(1 - 0.6**step)], rel=1e-12)


def test_each_step_is_an_epoch_with_nothing_to_draw() -> None:
    trainer = trainer_for(bowl())
    trainer.micro_step()
    assert trainer.stepper.last is not None
    assert str(trainer.stepper.last.words) == "Sample: no data enter here, so there is nothing to draw"
    trainer.finish_step()
    trainer.finish_step()
    snapshot = trainer.snapshot()
    assert (snapshot.step, snapshot.epoch, snapshot.train_rows, snapshot.batch_rows) == (2, 2, 1, 1)


def test_the_loss_is_one_number_and_there_is_none_to_test() -> None:
    trainer = trainer_for(bowl())
    trainer.finish_step()
    x, y = weights(trainer)
    evaluator, flat = trainer.evaluator, trainer.stepper.weights
    assert evaluator.loss(flat, "train") == pytest.approx((x - 3) ** 2 + 2 * (y + 1) ** 2, rel=1e-14)
    assert math.isnan(evaluator.loss(flat, "test"))
    assert not evaluator.predicts
    assert evaluator.responses(flat, np.zeros((7, 2)), [1])[1].shape == (1, 1)


def test_a_run_goes_back_and_on_from_a_file() -> None:
    trainer = trainer_for(bowl())
    for _ in range(5):
        trainer.finish_step()
    state, after = save_run(trainer), weights(trainer)
    again = trainer_for(bowl())
    load_run(again, state)
    assert weights(again) == after
    trainer.finish_step()
    again.finish_step()
    assert weights(again) == weights(trainer)


def test_data_may_come_and_go_in_a_run() -> None:
    graph, x = Graph().add("features")
    graph, w = graph.add("parameter", {"rows": 2, "value": 0.1})
    graph, product = graph.add("matmul")
    with_data = close(graph.connect(x, product, "x").connect(w, product, "W"), product, "mean_squared_error")
    first = trainer_for(with_data)
    for _ in range(3):
        first.finish_step()
    kept = weights(first)
    assert first.evaluator.predicts
    lonely, square = with_data.remove([x, product]).add("square")
    lonely, end = lonely.remove([n for n in lonely.nodes if lonely.node(n).op == "mean_squared_error"]).add("objective")
    second = trainer_for(lonely.connect(w, square, "in").connect(square, end, "value"))
    continue_run(first, second)
    assert weights(second) == kept
    second.finish_step()
    assert (second.stepper.step, second.stepper.row, len(second.stepper.rows)) == (4, 0, 1)
    third = trainer_for(with_data)
    continue_run(second, third)
    third.finish_step()
    assert len(third.stepper.rows) == 10


def test_nodes_of_plain_values_respond_with_their_own_size() -> None:
    graph, x = Graph().add("features")
    graph, w = graph.add("parameter", {"rows": 2, "columns": 3, "value": 0.5})
    graph, product = graph.add("matmul")
    graph, mean = graph.add("mean", {"over": "rows"})
    graph, end = graph.add("objective")
    graph = graph.connect(x, product, "x").connect(w, product, "W").connect(product, mean, "in")
    trainer = trainer_for(graph.connect(mean, end, "value"))
    found = trainer.evaluator.responses(trainer.stepper.weights, np.ones((4, 2)), [w, product, mean])
    assert {node: values.shape for node, values in found.items()} == {w: (2, 3), product: (4, 3), mean: (1, 3)}
    np.testing.assert_array_equal(found[mean], [[1.0, 1.0, 1.0]])
