"""The graph as a value: names, wires, order, and edits that it refuses in words."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph import MAX_NAME, Edge, Graph, GraphError
from engine.message import EngineError
from engine.setting import SettingError
from tests.engine.samples import dense_graph


def graph_of(*ops: str) -> Graph:
    """Make a graph of unconnected nodes 1, 2, …."""
    graph = Graph()
    for op in ops:
        graph, _ = graph.add(op)
    return graph


@st.composite
def wired(draw: st.DrawFn) -> Graph:
    """Draw nodes and connect them as far as the graph allows."""
    ops = draw(st.lists(st.sampled_from(("add", "concat", "tanh", "dense", "features")), min_size=2, max_size=10))
    graph = graph_of(*ops)
    ids = st.sampled_from(sorted(graph.nodes))
    for source, target in draw(st.lists(st.tuples(ids, ids), max_size=25)):
        with suppress(GraphError):
            graph = graph.connect(source, target, "in")
    return graph


def test_nodes_with_parameters_get_the_first_free_letter() -> None:
    graph = graph_of("features", "dense", "neuron", "tanh", "dense")
    assert [node.name for node in graph.nodes.values()] == ["", "A", "B", "", "C"]
    graph, again = graph.remove([3]).add("dense")
    assert graph.nodes[again].name == "B"
    assert [node.title for node in graph.nodes.values()] == ["Features", "A", "tanh", "C", "B"]


def test_letters_go_on_with_numbers() -> None:
    graph = graph_of(*["neuron"] * 27)
    assert graph.nodes[26].name == "Z"
    assert graph.nodes[27].name == "A2"


def test_ids_are_never_used_again() -> None:
    graph = graph_of("tanh", "tanh")
    graph, id_ = graph.remove([1, 2]).add("tanh")
    assert id_ == 3


def test_new_nodes_have_complete_settings() -> None:
    graph, id_ = Graph().add("dense", {"units": 5})
    assert graph.nodes[id_].settings == {
        "units": 5,
        "activation": "tanh",
        "bias": True,
        "initializer": "glorot-uniform",
        "value": 1.0,
    }


def test_edits_leave_the_old_graph_as_it_was() -> None:
    old = dense_graph()
    copy = Graph(dict(old.nodes), old.edges, old.next_id)
    old.add("tanh")
    old.remove([2])
    old.set(2, {"units": 7})
    old.rename(2, "hidden")
    old.connect(1, 3, "in")
    old.disconnect(old.edges)
    assert old == copy


def test_names_differ_from_each_other_and_are_short() -> None:
    graph = graph_of("dense", "dense")
    with pytest.raises(GraphError, match="another node is called A"):
        graph.rename(2, "A")
    with pytest.raises(GraphError, match="another node is called B"):
        graph.add("dense", name="B")
    with pytest.raises(GraphError, match="at most 40"):
        graph.rename(1, "n" * (MAX_NAME + 1))
    assert graph.rename(1, "A") == graph
    assert graph.rename(1, "n" * MAX_NAME).nodes[1].title == "n" * MAX_NAME


def test_several_nodes_may_be_without_a_name() -> None:
    graph = graph_of("dense", "dense").rename(1, "").rename(2, "")
    assert [node.title for node in graph.nodes.values()] == ["Dense", "Dense"]


def test_settings_are_checked() -> None:
    graph = graph_of("dense")
    assert graph.set(1, {"units": 3}).nodes[1].settings["units"] == 3
    with pytest.raises(SettingError, match="at least 1"):
        graph.set(1, {"units": 0})
    with pytest.raises(SettingError, match="no setting 'unit'"):
        graph.set(1, {"unit": 3})


def test_unknown_nodes_and_ops_are_refused() -> None:
    graph = graph_of("dense")
    with pytest.raises(EngineError, match="no kind of node called 'densest'"):
        graph.add("densest")
    with pytest.raises(GraphError, match="there is no node 9"):
        graph.set(9, {})
    with pytest.raises(GraphError, match="there is no node 9"):
        graph.rename(9, "X")
    with pytest.raises(GraphError, match="there is no node 9"):
        graph.connect(1, 9, "in")


@pytest.mark.parametrize(
    ("source", "target", "port", "words"),
    [
        (1, 2, "out", "A has no input 'out'"),
        (2, 2, "in", "cannot feed itself"),
        (1, 2, "in", "connected there already"),
        (3, 2, "in", "close a circle: B already depends on A"),
        (5, 2, "in", "Binary cross-entropy has no output"),
    ],
)
def test_impossible_wires_are_refused_in_words(source: int, target: int, port: str, words: str) -> None:
    graph = dense_graph()
    with pytest.raises(GraphError, match=words):
        graph.connect(source, target, port)


def test_a_wire_to_a_taken_single_port_replaces_the_old_one() -> None:
    graph = graph_of("features", "features", "tanh").connect(1, 3, "in").connect(2, 3, "in")
    assert graph.inputs(3, "in") == (2,)
    assert len(graph.edges) == 1


def test_a_many_port_keeps_its_wires_in_the_order_in_which_they_came() -> None:
    graph = graph_of("features", "features", "features", "concat")
    for source in (2, 3, 1):
        graph = graph.connect(source, 4, "in")
    assert graph.inputs(4, "in") == (2, 3, 1)
    graph = graph.disconnect([Edge(2, 4, "in")]).connect(2, 4, "in")
    assert graph.inputs(4, "in") == (3, 1, 2)


def test_removing_a_node_removes_its_wires() -> None:
    graph = dense_graph().remove([2])
    assert all(2 not in (edge.source, edge.target) for edge in graph.edges)
    assert len(graph.edges) == 2


@given(wired())
def test_every_node_comes_after_those_that_it_depends_on(graph: Graph) -> None:
    order = graph.order()
    assert sorted(order) == sorted(graph.nodes)
    assert all(order.index(edge.source) < order.index(edge.target) for edge in graph.edges)


@given(wired())
def test_ancestors_and_descendants_are_two_views_of_the_same(graph: Graph) -> None:
    for a in graph.nodes:
        assert a not in graph.descendants(a)
        for b in graph.nodes:
            assert (b in graph.descendants(a)) == (a in graph.ancestors(b))
    for edge in graph.edges:
        assert edge.target in graph.descendants(edge.source)
        assert graph.descendants(edge.target) < graph.descendants(edge.source)


def test_a_circle_from_elsewhere_is_told_with_the_nodes_on_it() -> None:
    graph = graph_of("features", "dense", "dense", "dense")
    circular = Graph(graph.nodes, (Edge(1, 2, "in"), Edge(2, 3, "in"), Edge(3, 2, "in"), Edge(3, 4, "in")), 5)
    with pytest.raises(GraphError, match="in a circle through (A, B|B, A)$"):
        circular.order()
