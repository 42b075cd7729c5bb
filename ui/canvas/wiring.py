"""The gesture that draws a wire: by drag or by two clicks, from either end, with a verdict on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF

from app.translate import tr
from engine.compiler import compile_graph
from engine.datasets import Dataset
from engine.graph import Edge, Graph, GraphError
from engine.problem import Problem
from ui.canvas.geometry import HIT_RADIUS, SNAP_RADIUS
from ui.canvas.node_item import NodeItem
from ui.canvas.wire_item import WireItem

CLICK_DISTANCE = 6.0
"""A button let go closer than this to where it was pressed was a click: the wire then follows until the next click."""


class Judgment(Enum):
    """How a wire would do."""

    FITS = "fits"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True)
class Verdict:
    """How a wire would do, in words, and the graph with it unless it is refused."""

    judgment: Judgment
    words: str
    graph: Graph | None = None


def judge(base: Graph, edge: Edge, dataset: Dataset, rows: int) -> Verdict:
    """Try a wire: refused where the graph cannot take it, a warning where its target would then have a new problem."""
    try:
        graph = base.connect(edge.source, edge.target, edge.port)
    except GraphError as error:
        return Verdict(Judgment.REFUSED, tr(error.message))
    compilation = compile_graph(graph, dataset, rows)
    known = {p.words for p in compile_graph(base, dataset, rows).problems if p.node == edge.target}
    for problem in compilation.problems:
        if _is_about(problem, edge) and problem.words not in known:
            return Verdict(Judgment.WARNING, tr(problem.words), graph)
    target = tr(graph.nodes[edge.target].title)
    shape = compilation.shapes.get(edge.source)
    if shape is None:
        return Verdict(Judgment.FITS, tr("→ {target}", target=target), graph)
    count = rows if shape.rows is None else shape.rows
    words = tr("[{rows}×{columns}] → {target}", rows=count, columns=shape.columns, target=target)
    return Verdict(Judgment.FITS, words, graph)


def _is_about(problem: Problem, edge: Edge) -> bool:
    return problem.node == edge.target and problem.port in (edge.port, "") and not problem.is_warning


@dataclass(frozen=True)
class _Wire:
    """The wire being drawn: where it is held fast, and the graph without the wire that was taken off."""

    base: Graph
    source: int | None
    target: tuple[int, str] | None
    taken: Edge | None
    start: QPointF

    def edge_to(self, end: tuple[int, str]) -> Edge:
        """Give the wire to an end: (node, port), where the port is "" for an output."""
        if self.source is not None:
            return Edge(self.source, *end)
        assert self.target is not None
        return Edge(end[0], *self.target)


class WiringGesture:
    """Follows the mouse over the node items. `commit(label, graph)` is called once, when a wire was drawn."""

    def __init__(self, nodes: Mapping[int, NodeItem], item: WireItem, commit: Callable[[str, Graph], None]) -> None:
        self._nodes = nodes
        self._item = item
        self._commit = commit
        self._wire: _Wire | None = None
        self._ends: dict[int, frozenset[str]] = {}
        self._dataset: Dataset | None = None
        self._rows = 1
        self._pressed: QPointF | None = None
        self._hovered: tuple[int, str] | None = None
        self.verdict: Verdict | None = None

    @property
    def is_active(self) -> bool:
        """Whether a wire is being drawn."""
        return self._wire is not None

    def press(self, point: QPointF, graph: Graph, dataset: Dataset, rows: int) -> bool:
        """Begin at a port, or end a wire that follows the mouse. Tell whether the press was meant for wires."""
        if self._wire is not None:
            self.move(point)
            self._finish()
            return True
        wire = self._begin(point, graph)
        if wire is None:
            return False
        self._wire, self._pressed = wire, point
        self._dataset, self._rows = dataset, rows
        self._ends = _fitting_ends(wire, self._nodes)
        for id_, item in self._nodes.items():
            item.show_look(fits=self._ends.get(id_, frozenset()))
        self.move(point)
        return True

    def move(self, point: QPointF) -> None:
        """Follow the mouse; near a port, snap to it and say how the wire would do."""
        wire = self._wire
        if wire is None:
            return
        end = self._end_near(point)
        if end != self._hovered:
            self._hovered = end
            self.verdict = self._judge(wire, end)
        place = point if end is None else self._place_of(end, point)
        words = "" if self.verdict is None else self.verdict.words
        judgment = "" if self.verdict is None else self.verdict.judgment.value
        ends = (wire.start, place) if wire.source is not None else (place, wire.start)
        self._item.show_wire(*ends, cursor=point, words=words, judgment=judgment)

    def release(self, point: QPointF) -> None:
        """End the wire, unless this was a click at its beginning."""
        if self._wire is None or self._pressed is None:
            return
        moved = point - self._pressed
        self._pressed = None
        if abs(moved.x()) + abs(moved.y()) > CLICK_DISTANCE:
            self.move(point)
            self._finish()

    def cancel(self) -> None:
        """Let the wire go; nothing has changed."""
        self._wire = self._pressed = self._hovered = self.verdict = None
        self._item.hide()
        for item in self._nodes.values():
            item.show_look(fits=None)

    def _finish(self) -> None:
        wire, end, verdict = self._wire, self._hovered, self.verdict
        self.cancel()
        if wire is None or end is None or verdict is None or verdict.graph is None:
            return
        edge = wire.edge_to(end)
        if edge != wire.taken:
            nodes = verdict.graph.nodes
            source, target = tr(nodes[edge.source].title), tr(nodes[edge.target].title)
            if wire.taken is None:
                label = tr("Connect {source} to {target}", source=source, target=target)
            else:
                label = tr("Reconnect {source} to {target}", source=source, target=target)
            self._commit(label, verdict.graph)

    def _begin(self, point: QPointF, graph: Graph) -> _Wire | None:
        output = self._output_near(point, HIT_RADIUS)
        entry = self._input_near(point, HIT_RADIUS)
        if output is not None and (entry is None or output[1] <= entry[1]):
            return _Wire(graph, output[0], None, None, self._place_of((output[0], ""), point))
        if entry is None:
            return None
        id_, port = end = entry[0]
        single = not next(p for p in graph.nodes[id_].kind.ports if p.name == port).many
        taken = next((e for e in graph.edges if (e.target, e.port) == end), None)
        if single and taken is not None:
            start = self._place_of((taken.source, ""), point)
            return _Wire(graph.disconnect([taken]), taken.source, None, taken, start)
        return _Wire(graph, None, end, None, self._place_of(end, point))

    def _end_near(self, point: QPointF) -> tuple[int, str] | None:
        assert self._wire is not None
        if self._wire.source is not None:
            entry = self._input_near(point, SNAP_RADIUS)
            return None if entry is None else entry[0]
        output = self._output_near(point, SNAP_RADIUS)
        return None if output is None else (output[0], "")

    def _judge(self, wire: _Wire, end: tuple[int, str] | None) -> Verdict | None:
        if end is None or (wire.target is None and end[0] == wire.source and self._pressed is not None):
            return None
        assert self._dataset is not None
        return judge(wire.base, wire.edge_to(end), self._dataset, self._rows)

    def _input_near(self, point: QPointF, radius: float) -> tuple[tuple[int, str], float] | None:
        found = [((id_, hit[0]), hit[1]) for id_, item in self._nodes.items() if (hit := item.input_at(point, radius))]
        return min(found, key=lambda hit: hit[1], default=None)

    def _output_near(self, point: QPointF, radius: float) -> tuple[int, float] | None:
        hits = [(id_, item.output_at(point, radius)) for id_, item in self._nodes.items()]
        return min(((id_, hit) for id_, hit in hits if hit is not None), key=lambda hit: hit[1], default=None)

    def _place_of(self, end: tuple[int, str], near: QPointF) -> QPointF:
        """Give the circle of a port that is nearest to a point."""
        id_, port = end
        item = self._nodes[id_]
        places = item.input_points(port) if port else item.output_points()
        return min(places, key=lambda p: (p - near).manhattanLength())


def _fitting_ends(wire: _Wire, nodes: Mapping[int, NodeItem]) -> dict[int, frozenset[str]]:
    """Give for each node the ports that the wire may end at; no circles, no wire twice."""
    ends: dict[int, frozenset[str]] = {}
    if wire.source is not None:
        closed = wire.base.ancestors(wire.source) | {wire.source}
        for id_, item in nodes.items():
            ports = {p for p in item.card.inputs if Edge(wire.source, id_, p) not in wire.base.edges}
            ends[id_] = frozenset() if id_ in closed else frozenset(ports)
        return ends
    assert wire.target is not None
    id_, port = wire.target
    closed = wire.base.descendants(id_) | {id_, *wire.base.inputs(id_, port)}
    return {node: frozenset({""}) for node, item in nodes.items() if item.card.outputs and node not in closed}
