"""The edits that the canvas makes: each changes the document exactly once, which is one step of undo."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPointF, Qt

from app.document import Document
from app.project import Project
from app.translate import tr
from engine.graph import Edge, Graph
from engine.ops import OPS
from ui.canvas.card import make_card
from ui.canvas.geometry import snap
from ui.canvas.operations import (
    Positions,
    arranged,
    joined,
    spliced,
    with_duplicates,
    with_graph,
    with_node_at,
    with_positions,
    with_room,
    without,
)
from ui.canvas.scene import CanvasScene
from ui.canvas.verdict import Judge, judge_of
from ui.canvas.wiring import LooseWire

NUDGES = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
"""Where the arrow keys move the selection."""


class Editor:
    """Edits the document for a scene. Nodes that have no position in the project get the one they are shown at."""

    def __init__(self, document: Document, scene: CanvasScene) -> None:
        self._document = document
        self._scene = scene

    @property
    def judge(self) -> Judge:
        """What decides whether a wire fits."""
        return judge_of(self._document.project.experiment)

    def add_node(self, op_name: str, center: QPointF) -> int:
        """Add a node whose card is centered near a scene point; give its id."""
        return self._add(op_name, *self._with_node(op_name, center))

    def add_after(self, op_name: str, center: QPointF, source: int | None) -> int:
        """Add a node where it covers no other, near a scene point, and wire `source` to it where that fits."""
        project, id_ = self._with_node(op_name, center)
        if source is not None:
            project = with_graph(project, self.judge.connected(project.experiment.graph, source, id_))
        size = make_card(project.experiment.graph.nodes[id_], self._scene.dataset).size
        sizes = {**self._scene.sizes(), id_: (size.width(), size.height())}
        return self._add(op_name, with_room(project, id_, sizes), id_)

    def add_into(self, op_name: str, center: QPointF, edge: Edge) -> int:
        """Add a node near a scene point and put it into a wire, where it fits there."""
        project, id_ = self._with_node(op_name, center)
        graph = spliced(project.experiment.graph, id_, edge, self.judge)
        return self._add(op_name, with_graph(project, graph), id_)

    def add_to_wire(self, op_name: str, center: QPointF, wire: LooseWire) -> int:
        """Add a node near a scene point, with the loose end of a wire at it where it fits there."""
        project, id_ = self._with_node(op_name, center)
        found = joined(wire, op_name, self.judge)
        return self._add(op_name, project if found is None else with_graph(project, found[0]), id_)

    def fits_into(self, op_name: str, edge: Edge) -> bool:
        """Tell whether a node of a kind could be put into a wire."""
        graph, id_ = self._document.project.experiment.graph.add(op_name)
        return spliced(graph, id_, edge, self.judge) is not graph

    def delete_selection(self) -> None:
        """Delete the selected nodes and wires."""
        nodes, edges = self._scene.selected_nodes(), self._scene.selected_edges()
        if nodes:
            label = tr("Delete {what}", what=self._words_for(nodes))
        elif edges:
            label = tr("Delete wire") if len(edges) == 1 else tr("Delete {count} wires", count=len(edges))
        else:
            return
        self._document.edit(label, without(self._shown_project(), nodes, edges))

    def duplicate(self, nodes: Collection[int]) -> tuple[int, ...]:
        """Copy nodes with the wires among them; give the copies' ids."""
        project, copies = with_duplicates(self._shown_project(), nodes)
        self._document.edit(tr("Duplicate {what}", what=self._words_for(nodes)), project)
        return copies

    def arrange(self) -> None:
        """Lay the graph out in columns."""
        self._document.edit(tr("Arrange"), arranged(self._shown_project(), self._scene.sizes()))

    def nudge(self, nodes: Collection[int], dx: float, dy: float) -> None:
        """Move nodes by so many scene units; nudges of the same nodes that follow closely are one step of undo."""
        shown = self._scene.positions()
        places = {id_: (shown[id_][0] + dx, shown[id_][1] + dy) for id_ in nodes}
        project = with_positions(self._shown_project(), places)
        self._document.edit(tr("Move {what}", what=self._words_for(nodes)), project, merge=("nudge", tuple(nodes)))

    def commit_move(self, before: Positions) -> None:
        """Put the cards that Qt has moved since they lay at `before` onto the grid, and take over where they lie."""
        # During a drag an undo may have moved other cards: they lie where the document says.
        shown, known = self._scene.positions(), self._document.project.positions
        moved = [id_ for id_ in before if id_ in shown and shown[id_] not in (before[id_], known.get(id_))]
        places = {id_: snap(*shown[id_]) for id_ in moved}
        for id_, place in places.items():
            self._scene.nodes[id_].setPos(*place)
        if places:
            label = tr("Move {what}", what=self._words_for(moved))
            self._document.edit(label, with_positions(self._shown_project(), places))

    def set_graph(self, label: str, graph: Graph) -> None:
        """Take another graph over the same nodes."""
        self._document.edit(label, with_graph(self._shown_project(), graph))

    def _with_node(self, op_name: str, center: QPointF) -> tuple[Project, int]:
        return with_node_at(self._shown_project(), op_name, center, self._scene.dataset)

    def _add(self, op_name: str, project: Project, id_: int) -> int:
        self._document.edit(tr("Add {name}", name=tr(OPS[op_name].label)), project)
        return id_

    def _shown_project(self) -> Project:
        project = self._document.project
        shown = self._scene.positions().items()
        return with_positions(project, {id_: place for id_, place in shown if id_ not in project.positions})

    def _words_for(self, nodes: Collection[int]) -> str:
        if len(nodes) == 1:
            return tr(self._document.project.experiment.graph.node(next(iter(nodes))).title)
        return tr("{count} nodes", count=len(nodes))
