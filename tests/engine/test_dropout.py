"""Dropout: a mask drawn once a step in training, nothing at all in evaluation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiler import compile_graph
from engine.evaluation import Evaluator
from engine.executor import Batch
from engine.gradcheck import check_gradient
from engine.graph import Graph
from engine.ops import OPS
from engine.ops.base import Shape
from engine.ops.call import Array
from engine.ops.dropout import Dropout
from engine.program import Program
from engine.reference import Reference
from engine.rng import Stream
from engine.setting import SettingError, SettingValue
from tests.engine.calls import Case, plain
from tests.engine.networks import chain, close, draw_weights, executor_for, gradient, load_rows, make_rows

RNG = np.random.default_rng(5)
ROWS = make_rows(RNG.normal(size=(25, 3)), RNG.normal(size=(25, 2)))
Layer = tuple[str, dict[str, object]]
FIRST: Layer = ("dense", {"units": 6, "activation": "tanh"})
LAST: Layer = ("dense", {"units": 2, "activation": "identity"})


class Given:
    """Gives these numbers instead of random ones."""

    def __init__(self, numbers: Array) -> None:
        self._numbers = numbers

    def uniform(self, count: int) -> Array:
        """Give them all."""
        assert count == self._numbers.size
        return self._numbers.copy()


def network(rate: SettingValue = 0.5) -> Graph:
    """Make features 1, Dense 2, Dropout 3, Dense 4, Dropout 5, target and loss."""
    graph, x = Graph().add("features")
    dropout: Layer = ("dropout", {"rate": rate})
    return close(*chain(graph, x, [FIRST, dropout, LAST, dropout]), "mean_squared_error")


def masks(executor: Reference, batch: Batch) -> list[Array]:
    """Draw for a step and give a copy of each mask."""
    executor.draw(batch)
    return [call.scratch[0].copy() for op, call, _ in executor.plan(batch.rows).drawn if isinstance(op, Dropout)]


def program_of(graph: Graph, is_training: bool) -> Program:
    program = compile_graph(graph, ROWS, 8, is_training=is_training).program
    assert program is not None
    return program


def test_numbers_are_left_out_with_chance_p_and_the_others_made_larger() -> None:
    op = Dropout({"rate": 0.25})
    call = Case(op, (Shape(2),), 3).bind(plain, [np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])], 1.0)
    op.draw(call, Given(np.array([0.9, 0.1, 0.25, 0.2499, 0.0, 0.5])))
    op.forward(call)
    op.backward(call)
    kept = 1.0 / 0.75
    assert call.y.tolist() == [[kept, 0.0], [3.0 * kept, 0.0], [0.0, 6.0 * kept]]
    assert call.gx[0] is not None
    assert call.gx[0].tolist() == [[kept, 0.0], [kept, 0.0], [0.0, kept]]


@given(rate=st.floats(0.01, 0.99), step=st.integers(0, 2**40))
def test_the_mask_holds_two_numbers_whose_mean_is_1(rate: float, step: int) -> None:
    op = Dropout({"rate": rate})
    call = Case(op, (Shape(8),), 500).bind(plain, [np.ones((500, 8))])
    op.draw(call, Batch(500, 3, step).stream(Stream.DROPOUT, 1))
    kept = 1.0 / (1.0 - rate)
    mask = call.scratch[0]
    assert set(np.unique(mask)) <= {0.0, kept}
    # The mean of 4000 draws lies within 6 of its standard deviations.
    assert abs(mask.mean() - 1.0) <= 6.0 * np.sqrt(rate / (1.0 - rate) / mask.size)


def test_a_mask_is_a_function_of_seed_step_and_node() -> None:
    executor = executor_for(network(), ROWS, 8)
    first = masks(executor, Batch(8, 1, 7))
    assert [mask.shape for mask in first] == [(8, 6), (8, 2)]
    assert not np.array_equal(first[0][:, :2], first[1])
    for batch, is_same in ((Batch(8, 1, 8), False), (Batch(8, 2, 7), False), (Batch(8, 1, 7), True)):
        assert all(np.array_equal(a, b) == is_same for a, b in zip(first, masks(executor, batch), strict=True)), batch


def test_a_short_batch_has_masks_too() -> None:
    executor = executor_for(network(), ROWS, 8)
    executor.arena.fill(np.nan)
    for mask in masks(executor, Batch(3, 1, 7)):
        assert set(np.unique(mask)) == {0.0, 2.0}


def test_every_pass_of_a_step_sees_the_same_masks() -> None:
    executor = executor_for(network(), ROWS, 8)
    draw_weights(executor, 1)
    load_rows(executor, ROWS, np.arange(8))
    executor.draw(Batch(8, 1, 0))
    first, again = gradient(executor, 8), gradient(executor, 8)
    assert first[0] == again[0]
    executor.draw(Batch(8, 1, 1))
    assert gradient(executor, 8)[0] != first[0]


@pytest.mark.parametrize("step", range(3))
def test_the_gradient_is_right_for_the_masks_of_the_step(step: int) -> None:
    executor = executor_for(network(), ROWS, 8)
    draw_weights(executor, step)
    load_rows(executor, ROWS, np.arange(8))
    executor.draw(Batch(8, 1, step))
    found = check_gradient(executor, 8)
    assert found.ok, found
    assert found.kinks == 0


def test_a_unit_that_is_left_out_everywhere_has_no_gradient() -> None:
    executor = executor_for(network(), ROWS, 8)
    draw_weights(executor, 1)
    load_rows(executor, ROWS, np.arange(8))
    executor.draw(Batch(8, 1, 0))
    (_, call, _), *_ = executor.plan(8).drawn
    call.scratch[0][:, 2] = 0.0
    _, g = gradient(executor, 8)
    assert not g["W_A"][:, 2].any()
    assert not g["W_B"][2].any()
    assert g["W_A"][:, [0, 1, 3, 4, 5]].any(axis=0).all()


@pytest.mark.parametrize(("rate", "is_training"), [(0.5, False), (0.0, True), (0.0, False)])
def test_in_evaluation_and_at_rate_0_it_is_its_input(rate: float, is_training: bool) -> None:
    program = program_of(network(rate), is_training)
    assert not any(isinstance(instruction.op, Dropout) for instruction in program.instructions)
    for node in (3, 5):
        before, after = program.outputs[node - 1], program.outputs[node]
        assert program.offsets[after.index] == program.offsets[before.index]
        assert after.shape == before.shape
        assert after.node == node
    assert program.prediction.node == 5


def test_in_training_it_is_one_instruction() -> None:
    program = program_of(network(), is_training=True)
    assert [instruction.node for instruction in program.instructions if isinstance(instruction.op, Dropout)] == [3, 5]


def test_the_evaluator_answers_as_a_network_without_it() -> None:
    with_dropout, without = (Evaluator(network(rate), ROWS) for rate in (0.5, 0.0))
    executor = executor_for(network(), ROWS, 8)
    draw_weights(executor, 3)
    state = executor.program.state(executor.arena)
    for split in ("train", "test"):
        assert with_dropout.loss(state, split) == without.loss(state, split)
    assert np.array_equal(with_dropout.predict(state, ROWS.x), without.predict(state, ROWS.x))
    answers = with_dropout.responses(state, ROWS.x, (2, 3, 5))
    assert np.array_equal(answers[2], answers[3])
    assert np.array_equal(answers[5], with_dropout.predict(state, ROWS.x))


@pytest.mark.parametrize("last", ["identity", "tanh", "sigmoid"])
@pytest.mark.parametrize("rate", [0.0, 0.5])
def test_what_runs_in_training_runs_in_evaluation(last: str, rate: float) -> None:
    data = make_rows(RNG.normal(size=(10, 2)), [[0.0], [1.0]] * 5, class_count=2)
    graph, x = Graph().add("features")
    layers: list[Layer] = [("dense", {"units": 1, "activation": last}), ("dropout", {"rate": rate})]
    graph = close(*chain(graph, x, layers), "binary_cross_entropy")
    found = [compile_graph(graph, data, 4, is_training=is_training) for is_training in (True, False)]
    assert found[0].problems == found[1].problems
    assert all(one.program is not None for one in found)


def test_a_plain_value_can_be_dropped_too() -> None:
    graph, w = Graph().add("parameter", {"columns": 3})
    graph, end = chain(graph, w, [("dropout", {})])
    graph, objective = graph.add("objective")
    executor = executor_for(graph.connect(end, objective, "value"), ROWS, 1)
    draw_weights(executor, 1)
    (mask,) = masks(executor, Batch(1, 1, 0))
    _, g = gradient(executor, 1)
    assert np.array_equal(g["W_A"], mask / 3.0)


def test_it_says_its_rate() -> None:
    assert str(OPS["dropout"]().caption()) == "p = 0.5"
    assert str(OPS["dropout"]({"rate": 0.125}).caption()) == "p = 0.125"
    for rate in (1.0, -0.1):
        with pytest.raises(SettingError, match="Rate p must be"):
            Dropout({"rate": rate})
