"""Plain values among rows: which ports take which, how they meet, what is said where they do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from engine.compiler import Compilation, compile_graph
from engine.graph import Graph
from engine.ops.base import Primitive, Shape, ShapeError
from engine.ops.call import Array, Call
from engine.problem import Problem
from tests.engine.calls import PRIMITIVES, Case, plain
from tests.engine.networks import close, executor_for, gradient, load_rows, make_rows

BATCH, ROW, ONE, BLOCK = Shape(3), Shape(3, rows=1), Shape(1, rows=1), Shape(3, rows=2)
ROWS = make_rows([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0], [-1.0, 0.0, 1.0], [2.0, 2.0, 2.0]], [[0.0]] * 5)


def run(op: Primitive, *inputs: Any, plain_from: int = 1) -> Array:
    """Give what a primitive makes of arrays, those from `plain_from` on being plain values."""
    arrays = [np.array(x, np.float64) for x in inputs]
    shapes = tuple(Shape(a.shape[1], a.shape[0] if n >= plain_from else None) for n, a in enumerate(arrays))
    call: Call = Case(op, shapes, len(arrays[0])).bind(plain, arrays)
    op.forward(call)
    return call.y


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "raise"])
@pytest.mark.parametrize(
    ("shapes", "together"),
    [
        ((BATCH, BATCH), BATCH),
        ((BATCH, ROW), BATCH),
        ((ROW, BATCH), BATCH),
        ((ONE, BATCH), BATCH),
        ((BLOCK, BLOCK), BLOCK),
        ((ROW, BLOCK), BLOCK),
        ((BLOCK, ONE), BLOCK),
        ((ONE, ROW), ROW),
        ((ONE, ONE), ONE),
    ],
)
def test_values_of_one_row_or_one_number_go_with_larger_ones(
    name: str, shapes: tuple[Shape, ...], together: Shape
) -> None:
    assert PRIMITIVES[name]().shape(shapes) == together


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide"])
@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ((BATCH, Shape(2)), "one input gives 3 values a row, but another gives 2"),
        ((Shape(1), BATCH), "one input gives 1 values a row, but another gives 3"),
        ((BATCH, BLOCK), "a plain value of 2 × 3 cannot be used for every row of 3 values: it needs to be 1 × 3 or"),
        ((Shape(2, rows=1), BATCH), "a plain value of 1 × 2 cannot be used for every row of 3 values"),
        ((BLOCK, Shape(2, rows=1)), "a plain value of 1 × 2 does not fit one of 2 × 3: it needs that size, 1 × 3 or"),
        ((BLOCK, Shape(3, rows=4)), "a plain value of 2 × 3 does not fit one of 4 × 3"),
        ((Shape(1, rows=2), ROW), "a plain value of 1 × 3 does not fit one of 2 × 1"),
    ],
)
def test_values_that_do_not_fit_are_refused_in_words(name: str, shapes: tuple[Shape, ...], words: str) -> None:
    with pytest.raises(ShapeError, match=words.replace("(", r"\(")):
        PRIMITIVES[name]().shape(shapes)


def test_arithmetic_gives_its_values() -> None:
    rows = [[1.0, 2.0], [3.0, -4.0]]
    assert run(PRIMITIVES["subtract"](), rows, [[10.0, 20.0]]).tolist() == [[-9.0, -18.0], [-7.0, -24.0]]
    assert run(PRIMITIVES["multiply"](), rows, [[2.0]], [[1.0, 3.0]]).tolist() == [[2.0, 12.0], [6.0, -24.0]]
    assert run(PRIMITIVES["divide"](), rows, [[2.0, 4.0]]).tolist() == [[0.5, 0.5], [1.5, -1.0]]
    assert run(PRIMITIVES["raise"](), rows, [[3.0, 2.0]]).tolist() == [[1.0, 4.0], [27.0, 16.0]]
    assert run(PRIMITIVES["concat"](), rows, [[9.0]]).tolist() == [[1.0, 2.0, 9.0], [3.0, -4.0, 9.0]]
    assert run(PRIMITIVES["slice"]({"start": 1, "stop": 2}), rows).tolist() == [[2.0], [-4.0]]
    assert run(PRIMITIVES["power"]({"exponent": 3.0}), rows).tolist() == [[1.0, 8.0], [27.0, -64.0]]
    assert run(PRIMITIVES["square"](), rows).tolist() == [[1.0, 4.0], [9.0, 16.0]]
    assert run(PRIMITIVES["negate"](), rows).tolist() == [[-1.0, -2.0], [-3.0, 4.0]]
    assert run(PRIMITIVES["absolute"](), rows).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert run(PRIMITIVES["sqrt"](), [[4.0, 2.25]]).tolist() == [[2.0, 1.5]]
    assert run(PRIMITIVES["exp"](), [[0.0, np.log(5.0)]])[0] == pytest.approx([1.0, 5.0], rel=1e-15)
    assert run(PRIMITIVES["log"](), [[1.0, np.e]])[0] == pytest.approx([0.0, 1.0], rel=1e-15)
    assert run(PRIMITIVES["cos"](), [[0.0, np.pi / 3]])[0] == pytest.approx([1.0, 0.5], rel=1e-15)
    assert run(PRIMITIVES["tan"](), [[0.0, np.pi / 4]])[0] == pytest.approx([0.0, 1.0], rel=1e-15)


@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize("columns", [1, 3])
def test_a_constant_is_the_same_everywhere_and_does_not_move(rows: int, columns: int) -> None:
    op = PRIMITIVES["constant"]({"rows": rows, "columns": columns, "value": -2.5})
    call = Case(op, (), 7).bind(plain, (), 1.0)
    op.forward(call)
    op.jvp(call)
    op.backward(call)
    assert call.y.tolist() == [[-2.5] * columns] * rows
    assert call.ty.tolist() == [[0.0] * columns] * rows


@pytest.mark.parametrize(
    ("over", "shape", "total", "mean"),
    [
        ("features", Shape(1), [[6.0], [15.0]], [[2.0], [5.0]]),
        ("rows", Shape(3, rows=1), [[5.0, 7.0, 9.0]], [[2.5, 3.5, 4.5]]),
        ("all", Shape(1, rows=1), [[21.0]], [[3.5]]),
    ],
)
def test_sums_and_means_leave_what_they_say(
    over: str, shape: Shape, total: list[list[float]], mean: list[list[float]]
) -> None:
    for name, expected in (("sum", total), ("mean", mean)):
        op = PRIMITIVES[name]({"over": over})
        assert op.shape([Shape(3)]) == shape
        assert op.shape([Shape(3, rows=2)]) == Shape(shape.columns, rows=len(expected))
        assert run(op, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).tolist() == expected


def slopes(op: Primitive, inputs: Sequence[list[float]], plain_from: int = 1) -> list[list[float]]:
    """Give the adjoints of the inputs, each one row, where the output's are 1."""
    shapes = tuple(Shape(len(x), rows=1 if n >= plain_from else None) for n, x in enumerate(inputs))
    call = Case(op, shapes, 1).bind(plain, [np.array([x]) for x in inputs], 1.0)
    with np.errstate(all="ignore"):
        op.forward(call)
        op.backward(call)
    return [gx[0].tolist() for gx in call.gx if gx is not None]


def test_derivatives_where_a_formula_taken_literally_has_none() -> None:
    assert slopes(PRIMITIVES["multiply"](), [[0.0], [0.0], [3.0]]) == [[0.0], [0.0], [0.0]]
    assert slopes(PRIMITIVES["multiply"](), [[0.0], [2.0], [3.0]]) == [[6.0], [0.0], [0.0]]
    assert slopes(PRIMITIVES["absolute"](), [[-2.0, 0.0, 2.0]]) == [[-1.0, 0.0, 1.0]]
    for exponent, expected in ((0.0, [0.0, 0.0]), (1.0, [1.0, 1.0]), (2.0, [0.0, -6.0])):
        assert slopes(PRIMITIVES["power"]({"exponent": exponent}), [[0.0, -3.0]]) == [expected]
    base, exponent_slope = slopes(PRIMITIVES["raise"](), [[0.0, 0.0, 2.0], [2.0, 1.0, 0.0]], plain_from=0)
    assert base == [0.0, 1.0, 0.0]
    assert exponent_slope == [0.0, 0.0, np.log(2.0)]
    base, _ = slopes(PRIMITIVES["raise"](), [[-2.0], [3.0]], plain_from=0)
    assert base == [12.0]


def compiled(graph: Graph) -> Compilation:
    return compile_graph(graph, ROWS, 5)


def the_problem(graph: Graph, node: int) -> Problem:
    (problem,) = (p for p in compiled(graph).problems if p.node == node and not p.is_warning)
    return problem


def wired(op: str, settings: Mapping[str, object], *wires: tuple[str, Mapping[str, object], str]) -> tuple[Graph, int]:
    """Make a node with a new node at each of its ports; give the graph and the node."""
    graph, id_ = Graph().add(op, settings)
    for source_op, source_settings, port in wires:
        graph, source = graph.add(source_op, source_settings)
        graph = graph.connect(source, id_, port)
    return graph, id_


FEATURES: tuple[str, dict[str, object]] = ("features", {})
VALUE: tuple[str, dict[str, object]] = ("parameter", {"rows": 2, "columns": 3})


def test_a_port_for_rows_refuses_a_plain_value() -> None:
    graph, dense = wired("dense", {}, (*VALUE, "in"))
    problem = the_problem(graph, dense)
    assert problem.port == "in"
    assert str(problem.words) == "inputs takes a value with one row for each drawn row, but gets a plain value of 2 × 3"


def test_a_port_for_plain_values_refuses_rows() -> None:
    graph, product = wired("matmul", {}, (*FEATURES, "x"), (*FEATURES, "W"))
    problem = the_problem(graph, product)
    assert problem.port == "W"
    assert "matrix takes a plain value, such as a Parameter" in str(problem.words)


@pytest.mark.parametrize(
    ("op", "settings", "wires", "words"),
    [
        ("matmul", {}, ((*FEATURES, "x"), (*VALUE, "W")), "the matrix needs 2 values a row, but gets 3"),
        ("add_bias", {}, ((*FEATURES, "x"), (*VALUE, "b")), "the bias is one row of numbers, but gets 2 rows"),
        ("concat", {}, ((*FEATURES, "in"), (*VALUE, "in")), "here is one of 2 × 3"),
        ("slice", {"start": 2, "stop": 4}, ((*FEATURES, "in"),), "its input has only 3 columns, not 4"),
        ("slice", {"start": 2, "stop": 2}, ((*FEATURES, "in"),), "columns 2 to 2 are none"),
    ],
)
def test_what_does_not_fit_is_a_problem_of_its_node(
    op: str, settings: dict[str, object], wires: Any, words: str
) -> None:
    graph, node = wired(op, settings, *wires)
    assert words in str(the_problem(graph, node).words)


@pytest.mark.parametrize(
    ("op", "settings", "wires", "shape"),
    [
        ("constant", {"rows": 2, "columns": 3}, (), Shape(3, rows=2)),
        ("parameter", {"rows": 2, "columns": 3}, (), Shape(3, rows=2)),
        ("matmul", {}, ((*FEATURES, "x"), ("parameter", {"rows": 3, "columns": 4}, "W")), Shape(4)),
        ("matmul", {}, ((*VALUE, "x"), ("parameter", {"rows": 3, "columns": 4}, "W")), Shape(4, rows=2)),
        ("add_bias", {}, ((*FEATURES, "x"), ("parameter", {"columns": 3}, "b")), Shape(3)),
        ("tanh", {}, ((*VALUE, "in"),), Shape(3, rows=2)),
        ("sum", {"over": "rows"}, ((*FEATURES, "in"),), Shape(3, rows=1)),
        ("concat", {}, ((*FEATURES, "in"), ("constant", {}, "in")), Shape(4)),
    ],
)
def test_nodes_give_values_of_the_size_they_say(op: str, settings: dict[str, object], wires: Any, shape: Shape) -> None:
    graph, node = wired(op, settings, *wires)
    assert compiled(graph).shapes[node] == shape


def regression() -> Graph:
    """Make (x W + b) · s + c from single nodes: 1 x, 2 W [3, 1], 4 b [1, 1], 6 s [1, 1], 8 c, a constant."""
    graph, x = Graph().add("features")
    graph, w = graph.add("parameter", {"rows": 3, "value": 0.5})
    graph, product = graph.add("matmul")
    graph, b = graph.add("parameter", {"value": -1.0})
    graph, sum_ = graph.add("add")
    graph, s = graph.add("parameter", {"value": 2.0})
    graph, scaled = graph.add("multiply")
    graph, c = graph.add("constant", {"value": 0.25})
    graph, end = graph.add("subtract")
    graph = graph.connect(x, product, "x").connect(w, product, "W")
    graph = graph.connect(product, sum_, "in").connect(b, sum_, "in")
    graph = graph.connect(sum_, scaled, "in").connect(s, scaled, "in")
    graph = graph.connect(scaled, end, "a").connect(c, end, "b")
    return close(graph, end, "mean_squared_error")


def test_a_network_of_single_operations_has_the_gradients_of_its_formula() -> None:
    executor = executor_for(regression(), ROWS, 5)
    for parameter in executor.program.parameters:
        executor.program.weights(executor.arena, parameter)[...] = parameter.mean
    load_rows(executor, ROWS, np.arange(5))
    loss, g = gradient(executor, 5)
    z = ROWS.x @ np.full((3, 1), 0.5) - 1.0
    error = 2.0 * z - 0.25
    assert loss == pytest.approx(np.mean(error**2), rel=1e-14)
    delta = 2.0 * error / 5
    assert [p.title for p in executor.program.parameters] == ["W_A", "W_B", "W_C"]
    np.testing.assert_allclose(g["W_A"], ROWS.x.T @ (2.0 * delta), rtol=1e-13)
    np.testing.assert_allclose(g["W_B"], [[2.0 * delta.sum()]], rtol=1e-13)
    np.testing.assert_allclose(g["W_C"], [[float((delta * z).sum())]], rtol=1e-13)
