"""Batch norm and layer norm: against PyTorch, against their formulas, and what becomes of the running statistics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.compiler import compile_graph
from engine.evaluation import Evaluator
from engine.executor import Executor
from engine.gradcheck import check_gradient
from engine.graph import Graph
from engine.ops import OPS
from engine.ops.base import Primitive, Shape
from engine.ops.call import Array, Call
from engine.ops.normalization import StandardizeColumns, StandardizeRows
from engine.program import Program
from engine.reference import Reference
from tests.engine.calls import PRIMITIVES, Case, as_in_arena, plain
from tests.engine.networks import chain, close, draw_weights, gradient, load_rows, make_rows, set_batch, set_weights
from tests.engine.samples import dataset_of, experiment_of, optimizer, stepper_of

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "torch_normalization.json").read_text("ascii")
)
each_run = pytest.mark.parametrize(
    "run", REFERENCE["runs"], ids=lambda run: " ".join([run["op"], *map(str, run["settings"].values())])
)
each_norm = pytest.mark.parametrize("norm", ["batch_norm", "layer_norm"])
FIRST, LAST = {"units": 3, "activation": "identity"}, {"units": 2, "activation": "identity"}
RNG = np.random.default_rng(7)
ROWS = make_rows(RNG.normal(size=(20, 2)), RNG.normal(size=(20, 2)))


def network(norm: str, settings: Mapping[str, object] | None = None) -> Graph:
    """Make features 1, Dense 2, the norm 3, tanh 4, Dense 5, target and mean squared error."""
    graph, x = Graph().add("features")
    layers = [("dense", FIRST), (norm, settings or {}), ("tanh", {}), ("dense", LAST)]
    return close(*chain(graph, x, layers), "mean_squared_error")


def executor_of(graph: Graph, rows: int, is_training: bool = True) -> Reference:
    """Compile for training or evaluation, with buffers as before the first step."""
    program = compile_graph(graph, ROWS, rows, is_training=is_training).program
    assert program is not None
    executor = Reference(program)
    for buffer in program.buffers:
        program.view(executor.arena, buffer.value, 0).fill(buffer.start)
    return executor


def buffers_of(executor: Executor) -> dict[str, list[float]]:
    program = executor.program
    return {b.name: program.view(executor.arena, b.value, 0)[0].tolist() for b in program.buffers}


def close_to(ours: Any, theirs: Any) -> bool:
    a, b = np.array(ours), np.array(theirs)
    return a.shape == b.shape and bool((np.abs(a - b) <= 1e-12 * np.maximum(1.0, np.abs(b))).all())


@each_run
@pytest.mark.parametrize("spare", [0, 40])
def test_two_steps_of_training_and_an_evaluation_agree_with_pytorch(run: dict[str, Any], spare: int) -> None:
    graph = network(run["op"], run["settings"])
    training, evaluation = (executor_of(graph, 5 + spare, is_training) for is_training in (True, False))
    for step in run["steps"]:
        executor = training
        if not step["is_training"]:
            executor = evaluation
            np.copyto(executor.program.state(executor.arena), training.program.state(training.arena))
        set_weights(executor, step["weights"])
        rows = set_batch(executor, step["x"], step["y"])
        loss, gradients = gradient(executor, rows)
        assert loss == pytest.approx(step["loss"], rel=1e-12)
        assert set(gradients) == set(step["gradients"])
        for title, ours in gradients.items():
            assert close_to(ours, step["gradients"][title]), title
        if step["is_training"]:
            executor.update_buffers(rows)
        buffers = buffers_of(executor)
        assert set(buffers) == set(step["buffers"])
        assert all(close_to(buffers[name], step["buffers"][name]) for name in buffers)


def formula(x: NDArray[Any], axis: int, epsilon: float) -> NDArray[Any]:
    """Compute x̂, of complex numbers too."""
    centered = x - x.mean(axis=axis, keepdims=True)
    standardized: NDArray[Any] = centered / np.sqrt((centered * centered).mean(axis=axis, keepdims=True) + epsilon)
    return standardized


def calls_near_ties() -> list[tuple[Primitive, int, Array, Array, Array]]:
    """Give primitives with their axis, inputs down to nearly and wholly equal ones, a tangent and an adjoint."""
    found: list[tuple[Primitive, int, Array, Array, Array]] = []
    for spread, (rows, columns), seed in product((1.0, 1e-3, 1e-9, 0.0), ((1, 3), (2, 2), (3, 1), (17, 4)), range(3)):
        rng = np.random.default_rng((seed, rows))
        x = 2.0 + spread * rng.normal(size=(rows, columns))
        for op, axis in ((StandardizeColumns(), 0), (StandardizeRows(), 1)):
            found.append((op, axis, x, rng.normal(size=x.shape), rng.normal(size=x.shape)))
    return found


def test_values_and_derivatives_agree_with_a_complex_step_of_the_formula() -> None:
    for op, axis, x, tangent, gy in calls_near_ties():
        case = Case(op, (Shape(x.shape[1]),), len(x))
        call = case.bind(as_in_arena, [x], gy, [tangent])
        op.forward(call)
        op.jvp(call)
        op.backward(call)
        h = 1e-30
        scale = float(call.scratch[2].max())
        assert np.abs(call.y - formula(x, axis, 1e-5)).max() <= 1e-14 * scale * 2.0, str(case)
        expected = formula(x + 1j * h * tangent, axis, 1e-5).imag / h
        assert np.abs(call.ty - expected).max() <= 2e-14 * scale * np.abs(tangent).max(), str(case)
        assert call.gx[0] is not None
        for place in np.ndindex(x.shape):
            moved = x.astype(complex)
            moved[place] += 1j * h
            slope = float((gy * formula(moved, axis, 1e-5).imag / h).sum())
            assert abs(call.gx[0][place] - slope) <= 2e-14 * scale * np.abs(gy).sum(), str(case)


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(0.1, 100.0), shift=st.floats(-100.0, 100.0))
def test_the_outcome_has_mean_0_and_variance_1_whatever_the_scale(seed: int, scale: float, shift: float) -> None:
    x = np.random.default_rng(seed).normal(size=(9, 9))
    for op, axis in ((StandardizeColumns({"epsilon": 1e-12}), 0), (StandardizeRows({"epsilon": 1e-12}), 1)):
        one, other = (Case(op, (Shape(9),), 9).bind(plain, [values]) for values in (x, scale * x + shift))
        for call in (one, other):
            op.forward(call)
        np.testing.assert_allclose(one.y.mean(axis=axis), 0.0, atol=1e-14)
        np.testing.assert_allclose(one.y.var(axis=axis), 1.0, rtol=1e-9)
        np.testing.assert_allclose(one.y, other.y, atol=1e-7)


def run_columns(settings: Mapping[str, object], *batches: Array) -> Call:
    """Run batches of one length in turn, each followed by the update of the buffers."""
    op = StandardizeColumns(settings)
    call = Case(op, (Shape(batches[0].shape[1]),), len(batches[0])).bind(plain, [batches[0]], 1.0)
    call.buffers[0].fill(0.0)
    call.buffers[1].fill(1.0)
    for batch in batches:
        call.x[0][...] = batch
        op.forward(call)
        op.backward(call)
        op.update_buffers(call)
    return call


@pytest.mark.parametrize("momentum", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("steps", [1, 4])
def test_running_statistics_approach_those_of_the_batches(momentum: float, steps: int) -> None:
    batch = RNG.normal(3.0, 2.0, size=(6, 4))
    call = run_columns({"momentum": momentum}, *[batch] * steps)
    left = (1.0 - momentum) ** steps
    np.testing.assert_allclose(call.buffers[0][0], (1.0 - left) * batch.mean(axis=0), rtol=1e-13)
    expected = left + (1.0 - left) * batch.var(axis=0, ddof=1)
    np.testing.assert_allclose(call.buffers[1][0], expected, rtol=1e-13)


def test_one_row_gives_0_and_no_gradient_and_leaves_the_running_variance() -> None:
    call = run_columns({}, np.array([[3.0, -1e3]]))
    assert call.y.tolist() == [[0.0, 0.0]]
    assert call.gx[0] is not None
    assert call.gx[0].tolist() == [[0.0, 0.0]]
    np.testing.assert_allclose(call.buffers[0], [[0.3, -100.0]])
    assert call.buffers[1].tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize(("rows", "is_training", "warned"), [(1, True, True), (2, True, False), (1, False, False)])
def test_batches_of_one_row_are_warned_of(rows: int, is_training: bool, warned: bool) -> None:
    compilation = compile_graph(network("batch_norm"), ROWS, rows, is_training=is_training)
    assert compilation.program is not None
    assert [(p.node, p.port, p.is_warning) for p in compilation.problems] == [(3, "in", True)] * warned


def test_rows_of_one_number_are_warned_of() -> None:
    graph = network("layer_norm").set(2, {"units": 1})
    (problem,) = compile_graph(graph, ROWS, 8).problems
    assert (problem.node, problem.port, problem.is_warning) == (3, "in", True)
    assert "only the shift is left" in str(problem.words)


@each_norm
def test_training_and_evaluation_share_parameters_and_buffers(norm: str) -> None:
    found: list[Program] = [executor_of(network(norm), 8, is_training).program for is_training in (True, False)]
    titles = ["W_A", "b_A", "gain_B", "shift_B", "W_C", "b_C"]
    assert [[p.title for p in program.parameters] for program in found] == [titles] * 2
    assert [p.shape for p in found[0].parameters][2:4] == [(1, 3)] * 2
    buffers = ["running_mean", "running_variance"] if norm == "batch_norm" else []
    assert [[b.name for b in program.buffers] for program in found] == [buffers] * 2
    for one, other in zip(found[0].buffers, found[1].buffers, strict=True):
        assert found[0].offsets[one.value.index] == found[1].offsets[other.value.index]


@each_norm
@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("rows", [2, 5, 8])
def test_the_gradient_of_a_network_is_right(norm: str, is_training: bool, rows: int) -> None:
    executor = executor_of(network(norm), 8, is_training)
    draw_weights(executor, rows)
    load_rows(executor, ROWS, np.arange(rows))
    found = check_gradient(executor, rows)
    assert found.ok, found
    assert sum(p.compared for p in found.parameters) == executor.program.parameter_count


@pytest.mark.parametrize("is_training", [True, False])
def test_passes_leave_the_buffers_alone(is_training: bool) -> None:
    executor = executor_of(network("batch_norm"), 8, is_training)
    draw_weights(executor, 1)
    load_rows(executor, ROWS, np.arange(8))
    before = buffers_of(executor)
    gradient(executor, 8)
    for parameter in executor.program.parameters if is_training else ():
        executor.tangent(8, parameter, 0)
    assert buffers_of(executor) == before
    executor.update_buffers(8)
    assert (buffers_of(executor) != before) == is_training


def test_in_a_run_the_buffers_change_at_the_end_of_a_step_only() -> None:
    stepper = stepper_of(experiment_of(close_binary("batch_norm"), rule=optimizer("adam")))
    program = stepper.program
    start = {p.title: program.weights(stepper.arena, p).tolist() for p in program.parameters if p.node == 3}
    assert start == {"gain_B": [[1.0] * 3], "shift_B": [[0.0] * 3]}
    first = buffers_of(stepper.executor)
    assert first == {"running_mean": [0.0] * 3, "running_variance": [1.0] * 3}
    for number in range(stepper.micro_count):
        assert buffers_of(stepper.executor) == first, number
        stepper.micro_step()
    assert stepper.step == 1
    assert buffers_of(stepper.executor) != first


@each_norm
def test_a_network_with_it_learns_in_training_and_so_in_evaluation(norm: str) -> None:
    experiment = experiment_of(close_binary(norm), rule=optimizer("adam"))
    stepper, evaluator = stepper_of(experiment), Evaluator(experiment.graph, dataset_of(experiment))
    before = evaluator.loss(stepper.state, "test")
    for _ in range(300):
        stepper.whole_step()
    assert evaluator.loss(stepper.state, "test") < 0.5 * before


def close_binary(norm: str) -> Graph:
    """Make a network for two classes: features 1, Dense 2, the norm 3, tanh 4, Dense 5, target and loss."""
    graph, x = Graph().add("features")
    layers = [("dense", FIRST), (norm, {}), ("tanh", {}), ("dense", {"units": 1, "activation": "identity"})]
    return close(*chain(graph, x, layers), "binary_cross_entropy")


def test_in_evaluation_rows_do_not_depend_on_each_other() -> None:
    graph = network("batch_norm")
    executor = executor_of(graph, 8)
    draw_weights(executor, 1)
    load_rows(executor, ROWS, np.arange(8))
    executor.forward(8)
    executor.update_buffers(8)
    evaluator, state = Evaluator(graph, ROWS), executor.program.state(executor.arena)
    together = evaluator.predict(state, ROWS.x)
    alone = np.concatenate([evaluator.predict(state, ROWS.x[row : row + 1]) for row in range(len(ROWS.x))])
    np.testing.assert_allclose(together, alone, rtol=1e-13, atol=1e-14)


def test_layer_norm_takes_plain_values_and_batch_norm_does_not() -> None:
    for norm, is_taken in (("layer_norm", True), ("batch_norm", False)):
        graph, w = Graph().add("parameter", {"rows": 2, "columns": 3})
        graph, end = chain(graph, w, [(norm, {})])
        graph, objective = graph.add("objective")
        compilation = compile_graph(graph.connect(end, objective, "value"), ROWS, 8)
        assert (compilation.program is not None) == is_taken
        assert (end in compilation.shapes) == is_taken
        if is_taken:
            assert compilation.shapes[end] == Shape(3, rows=2)


@each_norm
def test_every_instruction_is_one_of_the_list(norm: str) -> None:
    for is_training in (True, False):
        program = executor_of(network(norm), 8, is_training).program
        names = [instruction.op.name for instruction in program.instructions if instruction.node == 3]
        assert names[1:] == ["multiply", "add"]
        assert set(names) <= set(PRIMITIVES)
    assert OPS[norm].lettered
    assert str(OPS[norm]().caption()) == OPS[norm].label
