"""The gesture that draws a wire: by drag, two clicks or keys, from either end, with a verdict on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF

from app.translate import tr
from engine.graph import Edge, Graph
from ui.canvas.geometry import HIT_RADIUS, SNAP_RADIUS
from ui.canvas.node_item import NodeItem
from ui.canvas.verdict import Judge, Verdict
from ui.canvas.wire_item import WireItem

CLICK_DISTANCE = 6.0
"""A button let go closer than this to where it was pressed was a click: the wire then follows until the next click."""


End = tuple[int, str]
"""Where a wire ends: a node and its port, "" for the output."""


@dataclass(frozen=True)
class LooseWire:
    """The wire being drawn: where it is held fast, and the graph without the wire that was taken off."""

    base: Graph
    source: int | None
    target: End | None
    taken: Edge | None
    start: QPointF

    def edge_to(self, end: End) -> Edge:
        """Give the wire to an end."""
        if self.source is not None:
            return Edge(self.source, *end)
        assert self.target is not None
        return Edge(end[0], *self.target)


class WiringGesture:
    """Follows the mouse over the node items, or is aimed by keys.

    `commit(label, graph)` is called once, when a wire was drawn; `offer(wire, point)` when it was dropped where there
    is no node: it is then held until somebody cancels.
    """

    def __init__(
        self,
        nodes: Mapping[int, NodeItem],
        item: WireItem,
        commit: Callable[[str, Graph], None],
        offer: Callable[[LooseWire, QPointF], None],
    ) -> None:
        self._nodes = nodes
        self._item = item
        self._commit = commit
        self._offer = offer
        self._wire: LooseWire | None = None
        self._ends: dict[int, frozenset[str]] = {}
        self._judge: Judge | None = None
        self._pressed: QPointF | None = None
        self._hovered: End | None = None
        self._is_held = False
        self.verdict: Verdict | None = None

    @property
    def is_active(self) -> bool:
        """Whether a wire is being drawn."""
        return self._wire is not None

    @property
    def aimed_at(self) -> End | None:
        """Where keys have aimed the wire; None for one that follows the mouse."""
        return self._hovered if self._is_held else None

    @property
    def ends(self) -> tuple[End, ...]:
        """Where the wire being drawn may end, by columns from the left and in each from the top."""
        found = [(id_, port) for id_, ports in self._ends.items() for port in ports]
        return tuple(sorted(found, key=lambda end: self._order_of(end)))

    def press(self, point: QPointF, graph: Graph, judge: Judge) -> bool:
        """Begin at a port, or end a wire that follows the mouse. Tell whether the press was meant for wires."""
        if self._wire is not None:
            self._is_held = False
            self.move(point)
            self._finish()
            return True
        wire = self._begin(point, graph)
        if wire is None:
            return False
        self._start(wire, judge)
        self._pressed = point
        self.move(point)
        return True

    def hold(self, source: int, graph: Graph, judge: Judge) -> None:
        """Begin at the output of a node; the wire does not follow the mouse, but goes where it is aimed."""
        self._start(LooseWire(graph, source, None, None, self._nodes[source].output_points()[-1]), judge)
        self._is_held = True

    def aim(self, end: End) -> None:
        """Lead the wire to an end, and say how it would do and which keys go on from there."""
        if self._wire is not None:
            keys = tr("Enter connects · arrows choose · Esc cancels")
            self._show(self._wire, end, self._place_of(end, self._wire.start), keys)

    def take(self) -> bool:
        """Draw the wire to where it is aimed, if it can be drawn; tell whether it was."""
        if self.verdict is None or self.verdict.graph is None:
            return False
        self._finish()
        return True

    def move(self, point: QPointF) -> None:
        """Follow the mouse; near a port, snap to it and say how the wire would do."""
        if self._wire is not None and not self._is_held:
            self._show(self._wire, self._end_near(point), point)

    def release(self, point: QPointF) -> None:
        """End the wire, unless this was a click at its beginning."""
        if self._wire is None or self._pressed is None:
            return
        moved = point - self._pressed
        self._pressed = None
        if abs(moved.x()) + abs(moved.y()) > CLICK_DISTANCE:
            self.move(point)
            cards = (item.shape().translated(item.pos()) for item in self._nodes.values())
            if self._hovered is None and not any(card.contains(point) for card in cards):
                self._is_held = True
                self._offer(self._wire, point)
            else:
                self._finish()

    def cancel(self) -> None:
        """Let the wire go; nothing has changed."""
        self._wire = self._pressed = self._hovered = self.verdict = None
        self._is_held = False
        self._ends = {}
        self._item.hide()
        for item in self._nodes.values():
            item.show_look(fits=None)

    def _start(self, wire: LooseWire, judge: Judge) -> None:
        self._wire, self._judge = wire, judge
        self._ends = _fitting_ends(wire, self._nodes)
        for id_, item in self._nodes.items():
            item.show_look(fits=self._ends.get(id_, frozenset()))

    def _show(self, wire: LooseWire, end: End | None, point: QPointF, keys: str = "") -> None:
        if end != self._hovered:
            self._hovered = end
            self.verdict = self._verdict_on(wire, end)
        place = point if end is None else self._place_of(end, point)
        words = "" if self.verdict is None else self.verdict.words
        words = f"{words}\n{keys}" if keys else words
        judgment = "" if self.verdict is None else self.verdict.judgment.value
        ends = (wire.start, place) if wire.source is not None else (place, wire.start)
        self._item.show_wire(*ends, cursor=point, words=words, judgment=judgment)

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

    def _begin(self, point: QPointF, graph: Graph) -> LooseWire | None:
        output = self._output_near(point, HIT_RADIUS)
        entry = self._input_near(point, HIT_RADIUS)
        if output is not None and (entry is None or output[1] <= entry[1]):
            return LooseWire(graph, output[0], None, None, self._place_of((output[0], ""), point))
        if entry is None:
            return None
        id_, port = end = entry[0]
        single = not next(p for p in graph.nodes[id_].kind.ports if p.name == port).many
        taken = next((e for e in graph.edges if (e.target, e.port) == end), None)
        if single and taken is not None:
            start = self._place_of((taken.source, ""), point)
            return LooseWire(graph.disconnect([taken]), taken.source, None, taken, start)
        return LooseWire(graph, None, end, None, self._place_of(end, point))

    def _end_near(self, point: QPointF) -> End | None:
        assert self._wire is not None
        if self._wire.source is not None:
            entry = self._input_near(point, SNAP_RADIUS)
            return None if entry is None else entry[0]
        output = self._output_near(point, SNAP_RADIUS)
        return None if output is None else (output[0], "")

    def _verdict_on(self, wire: LooseWire, end: End | None) -> Verdict | None:
        if end is None or (wire.target is None and end[0] == wire.source and self._pressed is not None):
            return None
        assert self._judge is not None
        return self._judge.try_wire(wire.base, wire.edge_to(end))

    def _order_of(self, end: End) -> tuple[float, float, float]:
        item = self._nodes[end[0]]
        place = self._place_of(end, item.pos())
        return item.x(), item.y(), place.y()

    def _input_near(self, point: QPointF, radius: float) -> tuple[End, float] | None:
        found = [((id_, hit[0]), hit[1]) for id_, item in self._nodes.items() if (hit := item.input_at(point, radius))]
        return min(found, key=lambda hit: hit[1], default=None)

    def _output_near(self, point: QPointF, radius: float) -> tuple[int, float] | None:
        hits = [(id_, item.output_at(point, radius)) for id_, item in self._nodes.items()]
        return min(((id_, hit) for id_, hit in hits if hit is not None), key=lambda hit: hit[1], default=None)

    def _place_of(self, end: End, near: QPointF) -> QPointF:
        """Give the circle of a port that is nearest to a point."""
        id_, port = end
        item = self._nodes[id_]
        places = item.input_points(port) if port else item.output_points()
        return min(places, key=lambda p: (p - near).manhattanLength())


def _fitting_ends(wire: LooseWire, nodes: Mapping[int, NodeItem]) -> dict[int, frozenset[str]]:
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
