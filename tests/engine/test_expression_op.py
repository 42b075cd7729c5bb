"""Expression nodes: names become wires or trained numbers, and what is wrong becomes a problem of the node."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.compiler import Compilation, compile_graph
from engine.gradcheck import check_gradient
from engine.graph import Graph
from engine.ops.base import Shape
from engine.reference import Reference
from tests.engine.networks import executor_for, gradient, load_rows, make_rows

ROWS = make_rows([[1.0, 2.0], [3.0, 5.0], [-1.0, 0.5], [0.25, 4.0], [2.0, 2.0]], [[0.0]] * 5)


def expression(formula: str, inputs: str = "", start: str = "", wires: int = 0) -> tuple[Graph, int]:
    """Make an expression of so many Features nodes; give the graph and the node."""
    graph, node = Graph().add("expression", {"formula": formula, "inputs": inputs, "start": start})
    for _ in range(wires):
        graph, source = graph.add("features")
        graph = graph.connect(source, node, "in")
    return graph, node


def compiled(graph: Graph, node: int) -> Compilation:
    graph, end = graph.add("objective")
    return compile_graph(graph.connect(node, end, "value"), ROWS, 5)


def executor(formula: str, inputs: str = "", start: str = "", wires: int = 0) -> Reference:
    graph, node = expression(formula, inputs, start, wires)
    graph, end = graph.add("objective")
    made = executor_for(graph.connect(node, end, "value"), ROWS, 5)
    for parameter in made.program.parameters:
        made.program.weights(made.arena, parameter)[...] = parameter.mean
    if made.program.data:
        load_rows(made, ROWS, np.arange(5))
    return made


def test_names_that_are_no_inputs_are_trained_from_where_they_start() -> None:
    rosenbrock = executor("(1-x)**2 + 100*(y-x**2)**2", start="x=-1.2, y=1")
    assert [(p.title, p.shape, p.mean) for p in rosenbrock.program.parameters] == [
        ("x_A", (1, 1), -1.2),
        ("y_A", (1, 1), 1.0),
    ]
    loss, g = gradient(rosenbrock, 1)
    x, y = -1.2, 1.0
    assert loss == pytest.approx((1 - x) ** 2 + 100 * (y - x**2) ** 2, rel=1e-15)
    assert g["x_A"].item() == pytest.approx(-2 * (1 - x) - 400 * x * (y - x**2), rel=1e-14)
    assert g["y_A"].item() == pytest.approx(200 * (y - x**2), rel=1e-14)


def test_inputs_are_bound_in_the_order_of_their_wires() -> None:
    graph, node = Graph().add("expression", {"formula": "b - 10*a", "inputs": "a, b", "start": ""})
    for value in (3.0, 5.0):
        graph, source = graph.add("constant", {"value": value})
        graph = graph.connect(source, node, "in")
    graph, end = graph.add("objective")
    assert executor_for(graph.connect(node, end, "value"), ROWS, 5).forward(1) == -25.0


def test_rows_and_trained_numbers_meet_number_by_number() -> None:
    made = executor("k*exp(-a**2) + c", inputs="a", start="k=2, c=0.5", wires=1)
    loss, g = gradient(made, 5)
    bell = np.exp(-(ROWS.x**2))
    assert loss == pytest.approx(float(np.mean(2.0 * bell + 0.5)), rel=1e-14)
    assert g["k_A"].item() == pytest.approx(float(bell.mean()), rel=1e-13)
    assert g["c_A"].item() == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("x", 0.7),
        ("3", 3.0),
        ("-x", -0.7),
        ("2**x", 2.0**0.7),
        ("x**x", 0.7**0.7),
        ("x**-1.5", 0.7**-1.5),
        ("x**2", 0.49),
        ("1/x - x/2", 1 / 0.7 - 0.35),
        ("sin(x) + cos(x)*tan(x)", math.sin(0.7) + math.cos(0.7) * math.tan(0.7)),
        ("exp(x)*log(x)", math.exp(0.7) * math.log(0.7)),
        ("sqrt(x)*abs(-x) - tanh(pi*x)", math.sqrt(0.7) * 0.7 - math.tanh(math.pi * 0.7)),
    ],
)
def test_each_operation_is_computed_and_derived(formula: str, value: float) -> None:
    made = executor(formula, start="x=0.7" if "x" in formula.replace("exp", "") else "")
    assert made.forward(1) == pytest.approx(value, rel=1e-14)
    assert check_gradient(made, 1).ok


@pytest.mark.parametrize(
    ("formula", "inputs", "start", "wires", "port", "words"),
    [
        ("x +", "", "", 0, "", "Formula, column 4: something is missing at the end"),
        ("x", "x,", "", 1, "", "Inputs, column 3: a name is missing here"),
        ("x", "", "x=", 0, "", "Start, column 3: there is no formula here"),
        ("x*y", "x, y", "", 1, "in", "1 wires enter, but 2 are named under inputs: x, y"),
        ("x", "", "", 1, "in", "1 wires enter, but none is named under inputs"),
        ("+".join(f"x{n}" for n in range(17)), "", "", 0, "", "trains 17 numbers, and 16 are the most"),
    ],
)
def test_what_is_wrong_is_a_problem_of_the_node(
    formula: str, inputs: str, start: str, wires: int, port: str, words: str
) -> None:
    graph, node = expression(formula, inputs, start, wires)
    (problem,) = (p for p in compiled(graph, node).problems if p.node == node)
    assert (problem.port, problem.is_warning) == (port, False)
    assert words in str(problem.words)


@pytest.mark.parametrize(
    ("inputs", "start", "wires", "words"),
    [
        ("a", "", 1, "the formula does not use its input a"),
        ("", "y=1", 0, "y has a starting value, but is not trained here"),
        ("x", "x=1", 1, "x has a starting value, but is not trained here"),
    ],
)
def test_a_name_without_use_is_a_warning(inputs: str, start: str, wires: int, words: str) -> None:
    graph, node = expression("x**2", inputs, start, wires)
    compilation = compiled(graph, node)
    assert compilation.program is not None
    assert words in [str(p.words) for p in compilation.problems if p.is_warning and p.node == node]


def test_a_node_tells_its_size_and_its_formula() -> None:
    graph, node = expression("a + w", inputs="a", wires=1)
    assert compiled(graph, node).shapes[node] == Shape(2)
    assert str(graph.node(node).build().caption()) == "expression"
    assert str(graph.node(node).build().formula()) == "f = a + w"
