"""Forward mode: it gives the gradient that backpropagation gives, one sweep of tangents a weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.executor import Batch
from engine.gradients import Backpropagation, FiniteDifferences, ForwardMode, GradientMethod
from engine.graph import Graph
from engine.ops.call import Array
from engine.reference import Reference
from tests.engine.networks import chain, close, draw_weights, executor_for, load_rows, make_rows
from tests.engine.operation_graphs import operation_graphs
from tests.engine.strategies import Network, networks


def compute(method: GradientMethod, executor: Reference, rows: int) -> Array:
    """Give g for the loaded rows, from nothing."""
    g = executor.program.region(executor.arena, 1)
    g.fill(np.nan)
    executor.forward(rows)
    method.compute(executor, Batch(rows, seed=1, step=0))
    return np.concatenate([executor.program.part(g, p).ravel() for p in executor.program.parameters])


def assert_same(executor: Reference, rows: int) -> None:
    """Compare with backpropagation. What rounding leaves of numbers that cancel out is measured by what cancels."""
    forward, reverse = compute(ForwardMode(), executor, rows), compute(Backpropagation(), executor, rows)
    program, arena = executor.program, executor.arena
    adjoints = [program.adjoint(arena, value, rows) for value in program.outputs.values()]
    terms = max(float(np.abs(adjoint).max()) for adjoint in adjoints if adjoint is not None)
    np.testing.assert_allclose(forward, reverse, rtol=0.0, atol=1e-12 * max(float(np.abs(reverse).max()), terms))


def sharing() -> Graph:
    """Set up layers whose values are used by several others, and used twice by one."""
    graph, x = Graph().add("features")
    graph, a = chain(graph, x, [("dense", {"units": 3, "activation": "tanh"})])
    graph, b = chain(graph, a, [("dense", {"units": 3, "activation": "softplus"})])
    graph, product = graph.add("multiply")
    for source in (a, b):
        graph = graph.connect(source, product, "in")
    graph, end = graph.add("dense", {"units": 1, "activation": "identity"})
    for source in (x, a, b, product):
        graph = graph.connect(source, end, "in")
    return close(graph, end, "mean_squared_error", {"l1": 0.01, "l2": 0.1})


def formula() -> Graph:
    """Set up a function of a Parameter that is used three times, and of the numbers of an Expression; no data enter."""
    graph, p = Graph().add("parameter", {"rows": 1, "columns": 3})
    settings = {"formula": "(1 - a)**2 + p*a*b + exp(q*b)", "inputs": "a, b", "start": "p=0.3, q=-0.2"}
    graph, q = chain(graph, p, [("sin", {})])
    graph, f = graph.add("expression", settings)
    graph = graph.connect(p, f, "in").connect(q, f, "in")
    graph, product = graph.add("multiply")
    graph = graph.connect(f, product, "in").connect(p, product, "in")
    graph, total = chain(graph, product, [("sum", {"over": "all"})])
    graph, end = graph.add("objective")
    return graph.connect(total, end, "value")


def executor_of(graph: Graph, rows: int = 7) -> Reference:
    rng = np.random.default_rng(3)
    dataset = make_rows(rng.normal(size=(rows, 2)), rng.normal(size=(rows, 1)))
    executor = executor_for(graph, dataset, rows)
    draw_weights(executor, 2)
    load_rows(executor, dataset, np.arange(rows))
    return executor


@given(networks(), st.integers(1, 5))
def test_it_is_backpropagation_on_random_networks_and_short_batches(network: Network, rows: int) -> None:
    executor = network.executor(5)
    load_rows(executor, network.dataset, np.arange(rows))
    assert_same(executor, rows)


@np.errstate(all="ignore")
@given(operation_graphs(12))
def test_it_is_backpropagation_on_random_operations(network: Network) -> None:
    executor = network.executor(5)
    if np.isfinite(compute(Backpropagation(), executor, 5)).all():
        assert_same(executor, 5)


@pytest.mark.parametrize("graph", [sharing(), formula()], ids=["sharing", "formula"])
def test_it_is_backpropagation_where_values_and_parameters_are_shared(graph: Graph) -> None:
    executor = executor_of(graph)
    assert_same(executor, 7)
    differences = compute(FiniteDifferences(), executor, 7)
    assert compute(ForwardMode(), executor, 7) == pytest.approx(differences, abs=1e-7 * np.abs(differences).max())


def test_a_linear_neuron_gives_the_closed_form() -> None:
    x, y = np.array([[1.0, 2.0], [-1.0, 0.5], [3.0, 1.0]]), np.array([[1.0], [0.0], [2.0]])
    graph, features = Graph().add("features")
    graph = close(*chain(graph, features, [("neuron", {"activation": "identity"})]), "mean_squared_error")
    dataset = make_rows(x, y)
    executor = executor_for(graph, dataset, 3)
    load_rows(executor, dataset, [0, 1, 2])
    g = compute(ForwardMode(), executor, 3)
    # The weights are 0, so that the error is −y.
    assert g == pytest.approx([*(-2.0 / 3.0 * x.T @ y).ravel(), -2.0 / 3.0 * y.sum()], rel=1e-15)


def test_a_pass_is_one_weight_and_writes_its_number_only() -> None:
    executor = executor_of(sharing())
    method, program = ForwardMode(), executor.program
    g = compute(method, executor, 7)
    assert method.count(program) == program.parameter_count == len(g)
    region = program.region(executor.arena, 1)
    region.fill(0.0)
    for number in (5, 0, len(g) - 1):
        method.run(executor, Batch(7, 1, 0), number)
        found = np.concatenate([program.part(region, p).ravel() for p in program.parameters])
        assert found[number] == g[number]
        assert np.count_nonzero(found) == 1
        region.fill(0.0)


def test_the_words_name_the_weight_and_count_the_numbers() -> None:
    program, method = executor_of(sharing()).program, ForwardMode()
    g = np.zeros(program.parameter_span)
    program.part(g, program.parameters[0])[1, 0] = 0.25
    assert str(method.words(program, 3, g)) == (
        "Pushed the tangent of W_A[2,1] forward: its g is 0.25; 4 of 33 numbers of g, no weight has changed"
    )
    assert str(method.phase_label(program)) == "33 tangent sweeps — compute g, change no weight"
    assert method.node(program, 3) == program.parameters[0].node


def swept_macs(executor: Reference, rows: int) -> int:
    """Count the multiply-adds of what is swept through for each weight."""
    program, total = executor.program, 0
    for parameter in program.parameters:
        swept: Sequence[object] = [getattr(jvp, "__self__", None) for jvp, _ in executor.plan(rows).tangents(parameter)]
        for instruction in program.instructions:
            if any(op is instruction.op for op in swept):
                total += parameter.size * instruction.op.macs([value.shape for value in instruction.inputs], rows)
    return total


@pytest.mark.parametrize("graph", [sharing(), formula()], ids=["sharing", "formula"])
def test_the_cost_counts_what_a_weight_moves(graph: Graph) -> None:
    executor = executor_of(graph)
    program = executor.program
    cost = ForwardMode().cost(program, 7)
    assert cost.macs == swept_macs(executor, 7)
    assert cost.macs < program.parameter_count * program.macs(7)
    assert cost.forward_passes == program.parameter_count


def test_sweeps_share_their_calls() -> None:
    graph, x = Graph().add("features")
    graph, end = chain(graph, x, [("dense", {"units": 2})] * 30 + [("dense", {"units": 1, "activation": "identity"})])
    executor = executor_of(close(graph, end, "mean_squared_error"))
    plan = executor.plan(7)
    calls = {id(call) for p in executor.program.parameters for _, call in plan.tangents(p)}
    # An instruction of a layer is moved by its parameter, or by what comes before.
    assert len(calls) <= 2 * len(executor.program.instructions)
