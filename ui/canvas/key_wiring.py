"""Wires drawn by keyboard: C starts one at the selected node, arrows or Tab aim it, Enter draws it."""

from __future__ import annotations

from collections.abc import Callable

from app.translate import tr
from engine.graph import Edge, Graph
from ui.canvas.scene import CanvasScene
from ui.canvas.selection import SelectableView
from ui.canvas.verdict import Judge, free_ports
from ui.canvas.wiring import End, WiringGesture


class KeyWiring:
    """Aims the gesture that draws wires. `say(words)` is called with the reason where none can begin."""

    def __init__(
        self, view: SelectableView, scene: CanvasScene, gesture: WiringGesture, say: Callable[[str], None]
    ) -> None:
        self._view = view
        self._scene = scene
        self._gesture = gesture
        self._say = say
        self._ends: tuple[End, ...] = ()
        self._aim: End | None = None

    @property
    def is_active(self) -> bool:
        """Whether a wire is being aimed by keys."""
        return self._aim is not None and self._aim == self._gesture.aimed_at

    def start(self, graph: Graph, judge: Judge) -> None:
        """Connect two selected nodes from left to right, or begin a wire at the only one."""
        selected = self._view.selected_nodes()
        self._gesture.cancel()
        self._aim = None
        if len(selected) == 2:
            left, right = sorted(selected, key=lambda id_: self._scene.nodes[id_].x())
            self._connect(left, right, graph, judge)
        elif len(selected) == 1:
            self._begin(selected[0], graph, judge)
        else:
            self._say(tr("Select the node that a wire is to leave from, or two nodes to connect"))

    def step(self, by: int) -> None:
        """Aim at the next input, or at the one before."""
        if self._ends:
            outside = -1 if by > 0 else 0
            here = self._ends.index(self._aim) if self._aim in self._ends else outside
            self._aim_at(self._ends[(here + by) % len(self._ends)])

    def take(self) -> None:
        """Draw the wire where it is aimed; one that is refused stays, with the reason beside it."""
        if self._gesture.take():
            self._aim = None

    def cancel(self) -> None:
        """Let the wire go, if it is aimed by keys."""
        if self.is_active:
            self._gesture.cancel()
        self._aim = None

    def _connect(self, left: int, right: int, graph: Graph, judge: Judge) -> None:
        ports = free_ports(graph, right) or tuple(port.name for port in graph.nodes[right].kind.ports)
        if not ports:
            self._say(tr("{node} has no input", node=graph.nodes[right].words))
        elif self._can_begin(left, graph):
            fitting = judge.fitting_wire(graph, left, right)
            self._hold(left, graph, judge)
            self._aim_at((right, ports[0] if fitting is None else fitting.port))
            if fitting is not None:
                self.take()

    def _begin(self, source: int, graph: Graph, judge: Judge) -> None:
        if not self._can_begin(source, graph):
            return
        self._hold(source, graph, judge)
        if self._ends:
            self._aim_at(self._first_aim(source, graph, judge))
        else:
            self._gesture.cancel()
            self._say(tr("There is no input that {node} could still feed", node=graph.nodes[source].words))

    def _can_begin(self, source: int, graph: Graph) -> bool:
        if not graph.nodes[source].kind.has_output:
            self._say(tr("{node} has no output", node=graph.nodes[source].words))
            return False
        return True

    def _hold(self, source: int, graph: Graph, judge: Judge) -> None:
        self._gesture.hold(source, graph, judge)
        self._ends = self._gesture.ends

    def _aim_at(self, end: End) -> None:
        self._aim = end
        self._gesture.aim(end)
        self._view.reveal(end[0])

    def _first_aim(self, source: int, graph: Graph, judge: Judge) -> End:
        """Give the nearest free input that the wire fits; if there is none, the nearest free one, or the first."""
        start = self._scene.nodes_rect([source]).center()
        centers = {id_: self._scene.nodes_rect([id_]).center() for id_, _ in self._ends}
        free = [end for end in self._ends if end[1] in free_ports(graph, end[0])]
        free.sort(key=lambda end: (centers[end[0]] - start).manhattanLength())
        fitting = (end for end in free if judge.try_wire(graph, Edge(source, *end)).fits)
        return next(fitting, free[0] if free else self._ends[0])
