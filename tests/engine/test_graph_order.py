from __future__ import annotations

import pytest
from hypothesis import given

from engine.graph import Edge, Graph, GraphError, Node
from tests.engine.documents import graphs


@given(graphs())
def test_at_each_place_stands_the_smallest_id_whose_inputs_are_done(graph: Graph) -> None:
    done: set[int] = set()
    for id_ in graph.order():
        waiting = {edge.target for edge in graph.edges if edge.source not in done}
        assert id_ == min(graph.nodes.keys() - done - waiting)
        done.add(id_)
    assert done == graph.nodes.keys()


def circle(size: int, first: int = 1) -> Graph:
    """A circle of `add` nodes of falling ids, fed by a node 100 and feeding a node 101."""
    ids = list(range(first, first + size))
    nodes = {id_: Node(id_, "add", {}, f"N{id_}") for id_ in (*ids, 100, 101)}
    wires = [(b, a) for a, b in zip(ids, [*ids[1:], ids[0]], strict=True)] + [(100, ids[0]), (ids[0], 101)]
    return Graph(nodes, tuple(Edge(source, target, "in") for source, target in wires), 102)


@pytest.mark.parametrize(
    ("size", "names"),
    [(1, "N5"), (2, "N5, N6"), (4, "N5, N8, N7, N6"), (20, "N5, N24, N23, N22, N21, N20, N19, N18, …")],
)
def test_a_circle_is_named_in_the_direction_of_the_wires_without_its_neighbors(size: int, names: str) -> None:
    with pytest.raises(GraphError) as caught:
        circle(size, first=5).order()
    assert str(caught.value) == f"the wires run in a circle through {names}"
