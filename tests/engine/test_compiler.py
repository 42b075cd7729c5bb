"""Compiling: every Problem in words, on its node, with a remedy that works; an unfinished graph never raises."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiler import Compilation, compile_graph
from engine.datasets import make_dataset
from engine.experiment import Choice
from engine.graph import Graph, GraphError
from engine.ops import OPS
from engine.ops.base import Shape
from engine.problem import Problem
from engine.setting import SettingValue
from tests.engine.networks import chain, close
from tests.engine.samples import LINE, XOR, dense_graph

IRIS = Choice("iris")


def compiled(graph: Graph, data: Choice = XOR, rows: int = 8) -> Compilation:
    return compile_graph(graph, make_dataset(data.kind, data.settings), rows)


def only_problem(graph: Graph, data: Choice = XOR) -> Problem:
    """Give the one problem, warnings apart, of a graph that cannot run."""
    compilation = compiled(graph, data)
    assert compilation.program is None
    (problem,) = [problem for problem in compilation.problems if not problem.is_warning]
    return problem


def apply_fix(graph: Graph, problem: Problem) -> Graph:
    assert problem.fix is not None
    assert str(problem.fix.words)
    return graph.set(problem.fix.node, problem.fix.settings)


def ends_in(layer: dict[str, object], loss: str, settings: dict[str, object] | None = None) -> Graph:
    """Make features 1, a Dense 2, target 3 and loss 4."""
    graph, x = Graph().add("features")
    return close(*chain(graph, x, [("dense", layer)]), loss, settings)


def test_a_finished_graph_has_a_program_and_no_problems() -> None:
    compilation = compiled(dense_graph((4,)))
    assert compilation.problems == ()
    assert compilation.program is not None
    assert compilation.shapes == {1: Shape(2), 2: Shape(4), 3: Shape(1), 4: Shape(1), 5: Shape(1, rows=1)}


def test_an_empty_canvas() -> None:
    assert "The canvas is empty" in str(only_problem(Graph()).words)


def test_no_loss() -> None:
    problem = only_problem(dense_graph().remove([5]))
    assert "There is no loss yet" in str(problem.words)
    assert problem.node is None


def test_several_losses_are_told_at_each_of_them() -> None:
    graph, second = dense_graph().add("mean_squared_error")
    graph = graph.connect(3, second, "prediction").connect(4, second, "target")
    compilation = compiled(graph)
    assert compilation.program is None
    assert [problem.node for problem in compilation.problems] == [5, second]
    assert all("keep one of them" in str(problem.words) for problem in compilation.problems)


def test_inputs_that_are_not_connected() -> None:
    graph = dense_graph()
    cut = graph.disconnect([edge for edge in graph.edges if edge.target == 5])
    problem = only_problem(cut)
    assert str(problem.words) == "Not connected: prediction, target"
    assert (problem.node, problem.port) == (5, "prediction")


def test_only_the_first_node_without_input_is_to_blame_not_those_behind_it() -> None:
    graph = dense_graph((3, 3))
    problem = only_problem(graph.remove([1]))
    assert str(problem.words) == "Not connected: inputs"
    assert problem.node == 2


@pytest.mark.parametrize(
    ("data", "layer", "loss", "words"),
    [
        (XOR, {"units": 3, "activation": "identity"}, "binary_cross_entropy", "differ: 3 and 1 values a row"),
        (IRIS, {"units": 2, "activation": "identity"}, "softmax_cross_entropy", "differ: 2 and 3 values a row"),
        (LINE, {"units": 8}, "mean_squared_error", "differ: 8 and 1 values a row"),
        (XOR, {"units": 1, "activation": "sigmoid"}, "binary_cross_entropy", "sigmoid .*expects logits"),
        (IRIS, {"units": 3, "activation": "softmax"}, "softmax_cross_entropy", "softmax .*expects logits"),
    ],
)
def test_what_the_last_layer_gives_and_the_loss_needs(
    data: Choice, layer: dict[str, object], loss: str, words: str
) -> None:
    graph = ends_in(layer, loss)
    problem = only_problem(graph, data)
    assert re.search(words, str(problem.words))
    assert (problem.node, problem.port) == (4, "prediction")
    assert compiled(apply_fix(graph, problem), data).problems == ()


def test_a_sigmoid_node_before_a_loss_of_logits() -> None:
    graph, x = Graph().add("features")
    graph, end = chain(graph, x, [("dense", {"units": 1, "activation": "identity"}), ("sigmoid", {})])
    graph = close(graph, end, "binary_cross_entropy")
    fixed = apply_fix(graph, only_problem(graph))
    assert compiled(fixed).problems == ()
    assert fixed.nodes[5].settings["predictions"] == "probabilities"


def test_a_column_that_the_data_set_has_not() -> None:
    graph = dense_graph().set(1, {"columns": ("x1", "petal")})
    problem = only_problem(graph)
    assert str(problem.words) == "XOR has no column petal"
    assert problem.node == 1
    assert compiled(apply_fix(graph, problem)).problems == ()


@pytest.mark.parametrize(
    ("data", "encoding", "words"),
    [
        (LINE, "one-hot", "Line has numbers, not classes"),
        (LINE, "one-column", "Line has numbers, not classes"),
        (IRIS, "one-column", "One 0/1 column fits two classes, but Iris has 3"),
    ],
)
def test_an_encoding_that_does_not_fit_the_data(data: Choice, encoding: SettingValue, words: str) -> None:
    outputs = 3 if data is IRIS else 1
    graph = dense_graph((), "mean_squared_error", outputs).set(3, {"encoding": encoding})
    problem = only_problem(graph, data)
    assert words in str(problem.words)
    assert problem.node == 3
    assert compiled(apply_fix(graph, problem), data).problems == ()


def test_one_hot_targets_need_as_many_outputs() -> None:
    graph = dense_graph((), "mean_squared_error").set(3, {"encoding": "one-hot"})
    problem = only_problem(graph)
    assert str(problem.words) == "prediction and target differ: 1 and 2 values a row"
    assert compiled(apply_fix(graph, problem)).problems == ()


def test_softmax_cross_entropy_with_one_column_of_two_classes() -> None:
    graph = ends_in({"units": 2, "activation": "identity"}, "softmax_cross_entropy")
    problem = only_problem(graph)
    assert "one target column for each class" in str(problem.words)
    assert compiled(apply_fix(graph, problem)).problems == ()


def test_cross_entropy_of_numbers_is_refused() -> None:
    problem = only_problem(dense_graph(), LINE)
    assert "this data set's targets are numbers" in str(problem.words)


def test_add_names_the_widths_that_differ() -> None:
    graph, x = Graph().add("features")
    graph, a = chain(graph, x, [("dense", {"units": 3})])
    graph, total = graph.add("add")
    graph = graph.connect(x, total, "in").connect(a, total, "in")
    graph, end = chain(graph, total, [("dense", {"units": 1, "activation": "identity"})])
    problem = only_problem(close(graph, end, "binary_cross_entropy"))
    assert str(problem.words) == "one input gives 2 values a row, but another gives 3"
    assert (problem.node, problem.port) == (total, "in")


def test_a_program_of_more_than_a_gibibyte_is_refused_before_memory_is_asked_for() -> None:
    problem = only_problem(dense_graph((4096,) * 40))
    assert "GiB of memory" in str(problem.words)


def test_what_does_not_lead_to_the_loss_is_only_a_warning() -> None:
    graph, aside = dense_graph().add("dense")
    graph, further = graph.connect(1, aside, "in").add("tanh")
    graph, unfinished = graph.connect(aside, further, "in").add("tanh")
    graph, alone = graph.add("constant")
    compilation = compiled(graph)
    assert compilation.program is not None
    assert aside not in compilation.program.outputs
    assert {p.node: str(p.words) for p in compilation.problems} == {
        aside: "It does not lead to the loss, so it takes no part",
        further: "It does not lead to the loss, so it takes no part",
        unfinished: "Not connected: input",
        alone: "Not connected to anything yet",
    }
    assert all(problem.is_warning for problem in compilation.problems)


def test_a_graph_without_weights_runs_with_a_warning() -> None:
    graph, x = Graph().add("features", {"columns": ("x1",)})
    compilation = compiled(close(graph, x, "binary_cross_entropy"))
    assert compilation.program is not None
    (problem,) = compilation.problems
    assert problem.is_warning
    assert "nothing to train" in str(problem.words)


PALETTE = sorted(name for name, op in OPS.items() if op.category)


@st.composite
def unfinished_graphs(draw: st.DrawFn) -> Graph:
    """Draw any nodes of the palette and connect any ports that the graph allows."""
    graph = Graph()
    for op in draw(st.lists(st.sampled_from(PALETTE), max_size=9)):
        settings: dict[str, object] = {"units": draw(st.integers(1, 3))} if op == "dense" else {}
        if op == "features":
            settings["columns"] = draw(st.sampled_from(((), ("x1",), ("x",), ("x1", "x2^2"))))
        if op == "target":
            settings["encoding"] = draw(st.sampled_from(("automatic", "one-column", "one-hot")))
        graph, _ = graph.add(op, settings)
    if graph.nodes:
        ids = st.sampled_from(sorted(graph.nodes))
        ports = st.sampled_from(sorted({port.name for op in OPS.values() for port in op.ports}))
        for source, target, port in draw(st.lists(st.tuples(ids, ids, ports), max_size=30)):
            try:
                graph = graph.connect(source, target, port)
            except GraphError:
                continue
    return graph


@given(unfinished_graphs(), st.sampled_from((XOR, LINE, IRIS)), st.integers(1, 40))
def test_an_unfinished_graph_has_problems_and_never_raises(graph: Graph, data: Choice, rows: int) -> None:
    compilation = compiled(graph, data, rows)
    stops = [problem for problem in compilation.problems if not problem.is_warning]
    assert (compilation.program is None) == bool(stops)
    assert all(problem.node is None or problem.node in graph.nodes for problem in compilation.problems)
    assert all(str(problem.words) for problem in compilation.problems)
    assert compilation.shapes.keys() <= graph.nodes.keys()
    for problem in compilation.problems:
        if problem.fix is not None:
            graph.set(problem.fix.node, problem.fix.settings)
