"""What gestures on the canvas make of a project. Pure functions; positions are those shown, of all nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF

from app.project import Position, Project
from engine.datasets import Dataset
from engine.graph import Edge, Graph
from ui.canvas.card import HEADER, make_card
from ui.canvas.geometry import free_place, layered_layout, snap
from ui.canvas.verdict import Judge
from ui.canvas.wiring import LooseWire

Positions = Mapping[int, Position]

DUPLICATE_OFFSET = 32.0


def with_graph(project: Project, graph: Graph) -> Project:
    """Give the project with another graph; positions of nodes that are gone go too."""
    positions = {id_: place for id_, place in project.positions.items() if id_ in graph.nodes}
    return Project(replace(project.experiment, graph=graph), positions)


def with_positions(project: Project, positions: Positions) -> Project:
    """Give the project with these positions beside those it has; the experiment stays the same object."""
    return replace(project, positions={**project.positions, **positions})


def without(project: Project, nodes: Iterable[int], edges: Iterable[Edge]) -> Project:
    """Give the project without nodes, the wires at them, and other wires."""
    return with_graph(project, project.experiment.graph.remove(nodes).disconnect(edges))


def with_node_at(project: Project, op: str, point: QPointF, dataset: Dataset) -> tuple[Project, int]:
    """Give the project with one more node, its card's title near a point and its corner on the grid; and its id.

    A card is held by its title, as the ghost under the mouse is: a tall one hangs down from there.
    """
    graph, id_ = project.experiment.graph.add(op)
    size = make_card(graph.nodes[id_], dataset).size
    corner = snap(point.x() - size.width() / 2, point.y() - HEADER / 2)
    return with_positions(with_graph(project, graph), {id_: corner}), id_


def with_room(project: Project, id_: int, sizes: Mapping[int, tuple[float, float]]) -> Project:
    """Give the project with a node lower down, where it lay on others; `sizes` are the cards' widths and heights."""
    rects = {other: QRectF(*project.positions[other], *sizes[other]) for other in project.positions}
    place = free_place(rects.pop(id_), list(rects.values()))
    return with_positions(project, {id_: (place.x(), place.y())})


def spliced(graph: Graph, id_: int, edge: Edge, judge: Judge) -> Graph:
    """Give the graph with a node put into a wire, in its place among the wires there.

    Where the node does not fit there, or another node would then have a new problem, the graph as it is.
    """
    without = graph.disconnect([edge])
    entry = judge.fitting_wire(without, edge.source, id_)
    if entry is None or not graph.nodes[id_].kind.has_output:
        return graph
    onward = Edge(id_, edge.target, edge.port)
    edges = tuple(onward if e == edge else e for e in graph.edges)
    new = replace(graph, edges=(*edges, entry))
    return graph if judge.trouble(new, beside=id_) - judge.trouble(graph, beside=id_) else new


def joined(wire: LooseWire, op: str, judge: Judge) -> tuple[Graph, int] | None:
    """Give the graph with one more node at the loose end of a wire, and its id; None where it does not fit."""
    graph, id_ = wire.base.add(op)
    if wire.source is not None:
        edge = judge.fitting_wire(graph, wire.source, id_)
    else:
        edge = wire.edge_to((id_, ""))
        edge = edge if judge.try_wire(graph, edge).fits else None
    return None if edge is None else (graph.connect(edge.source, edge.target, edge.port), id_)


def with_duplicates(project: Project, ids: Iterable[int]) -> tuple[Project, tuple[int, ...]]:
    """Give the project with copies of nodes and of the wires among them, a little lower right; and the copies' ids."""
    graph = project.experiment.graph
    copies: dict[int, int] = {}
    positions: dict[int, Position] = {}
    for id_ in ids:
        node = graph.nodes[id_]
        graph, copies[id_] = graph.add(node.op, node.settings)
        x, y = project.positions[id_]
        positions[copies[id_]] = snap(x + DUPLICATE_OFFSET, y + DUPLICATE_OFFSET)
    for edge in project.experiment.graph.edges:
        if edge.source in copies and edge.target in copies:
            graph = graph.connect(copies[edge.source], copies[edge.target], edge.port)
    return with_positions(with_graph(project, graph), positions), tuple(copies.values())


def arranged(project: Project, sizes: Mapping[int, tuple[float, float]]) -> Project:
    """Give the project laid out in columns, its top left corner where it was."""
    places = layered_layout(project.experiment.graph, sizes)
    if not places:
        return project
    shown = [project.positions[id_] for id_ in places if id_ in project.positions] or [(0.0, 0.0)]
    dx = min(x for x, _ in shown) - min(x for x, _ in places.values())
    dy = min(y for _, y in shown) - min(y for _, y in places.values())
    return with_positions(project, {id_: snap(x + dx, y + dy) for id_, (x, y) in places.items()})
