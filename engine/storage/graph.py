"""The graph in a document, to and fro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.graph import MAX_NAME, Edge, Graph, GraphError, Node
from engine.json_text import fault
from engine.message import message
from engine.ops import OPS
from engine.records import EdgeRecord, GraphRecord, NodeRecord
from engine.storage.checks import check_range, find_kind, read_settings

MAX_NODES = 10_000
MAX_EDGES = 100_000
MAX_ID = 2**31 - 1


def read_graph(record: GraphRecord) -> Graph:
    """Read a graph. Raises FileError with the place and the reason."""
    check_range(len(record.nodes), 0, MAX_NODES, "$.graph.nodes", message("the number of nodes"))
    check_range(len(record.edges), 0, MAX_EDGES, "$.graph.edges", message("the number of wires"))
    nodes: dict[int, Node] = {}
    names: set[str] = set()
    for index, node_record in enumerate(record.nodes):
        place = f"$.graph.nodes[{index}]"
        node = _node(node_record, place)
        if node.id in nodes:
            raise fault(f"{place}.id", message("there are two nodes {id}", id=node.id))
        if node.name in names:
            raise fault(f"{place}.name", message("another node is called {name} already", name=node.name))
        nodes[node.id] = node
        names |= {node.name} - {""}
    what = message("the next id, which is above all others,")
    check_range(record.next_id, max(nodes, default=0) + 1, MAX_ID, "$.graph.next_id", what)
    graph = Graph(nodes, _edges(record.edges, nodes), record.next_id)
    try:
        graph.order()
    except GraphError as error:
        raise fault("$.graph.edges", error.message) from error
    return graph


def _node(record: NodeRecord, place: str) -> Node:
    check_range(record.id, 1, MAX_ID - 1, f"{place}.id", message("an id"))
    check_range(len(record.name), 0, MAX_NAME, f"{place}.name", message("the length of a name"))
    # What belongs to no section of the palette is a part of other nodes and none of its own.
    if record.op not in OPS or not OPS[record.op].category:
        raise fault(f"{place}.op", message("there is no kind of node called {name}", name=repr(record.op)))
    settings = read_settings(OPS[record.op].settings, record.settings, f"{place}.settings")
    return Node(record.id, record.op, settings, record.name)


def _edges(records: Sequence[EdgeRecord], nodes: Mapping[int, Node]) -> tuple[Edge, ...]:
    edges: dict[Edge, None] = {}
    taken: set[tuple[int, str]] = set()
    for index, record in enumerate(records):
        place = f"$.graph.edges[{index}]"
        source, target = (
            find_kind(record.source, nodes, f"{place}.from"),
            find_kind(record.target, nodes, f"{place}.to"),
        )
        if not source.has_output:
            raise fault(f"{place}.from", message("{node} has no output", node=nodes[record.source].title))
        port = next((port for port in target.ports if port.name == record.port), None)
        if port is None:
            words = message("{node} has no input {port}", node=nodes[record.target].words, port=repr(record.port))
            raise fault(f"{place}.port", words)
        edge = Edge(record.source, record.target, record.port)
        if edge in edges:
            raise fault(place, message("the same wire stands here twice"))
        if not port.many and (edge.target, edge.port) in taken:
            words = message("{node} takes one wire at {port}", node=nodes[edge.target].words, port=message(port.label))
            raise fault(place, words)
        edges[edge] = None
        taken.add((edge.target, edge.port))
    return tuple(edges)


def graph_record(graph: Graph) -> GraphRecord:
    """Give a graph as it is stored, the nodes by their ids."""
    return GraphRecord(
        [NodeRecord(node.id, node.op, node.name, dict(node.settings)) for _, node in sorted(graph.nodes.items())],
        [EdgeRecord(edge.source, edge.target, edge.port) for edge in graph.edges],
        graph.next_id,
    )
