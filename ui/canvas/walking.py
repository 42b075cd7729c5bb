"""Walks from node to node along the wires, by keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.document import Document
from engine.graph import Graph
from ui.canvas.scene import CanvasScene
from ui.canvas.selection import SelectableView

_ASIDE = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class Walking:
    """Right selects a node that the selected one feeds, Left one that feeds it, Up and Down one beside it.

    Beside a node are the other ends of the wire that was just followed; where none was, what its first source feeds
    too or, where it has no source, what else feeds its first target.
    """

    def __init__(self, view: SelectableView, scene: CanvasScene, document: Document) -> None:
        self._view = view
        self._scene = scene
        self._document = document
        self._from = 0
        self._beside: tuple[int, ...] = ()

    def go(self, key: Qt.Key) -> None:
        """Walk from the selected node, or to the first one where none is selected."""
        graph = self._graph
        selected = self._view.selected_nodes()
        if not graph.nodes:
            return
        if not selected:
            self._beside = ()
            self._reach(graph.order()[0])
        elif key in _ASIDE:
            self._step_aside(selected[0], _ASIDE[key])
        else:
            self._follow(
                selected[0], self._sources(selected[0]) if key == Qt.Key.Key_Left else self._targets(selected[0])
            )

    @property
    def _graph(self) -> Graph:
        return self._document.project.experiment.graph

    def _follow(self, here: int, ends: tuple[int, ...]) -> None:
        """Go back where one came from, else to the end that lies most level."""
        if ends:
            height = self._scene.nodes_rect([here]).center().y()
            level = min(ends, key=lambda id_: abs(self._scene.nodes_rect([id_]).center().y() - height))
            came_from, self._from, self._beside = self._from, here, ends
            self._reach(came_from if came_from in ends else level)

    def _step_aside(self, here: int, by: int) -> None:
        beside = self._beside if here in self._beside and set(self._beside) <= set(self._graph.nodes) else ()
        if not beside:
            sources, targets = self._sources(here), self._targets(here)
            beside = self._targets(sources[0]) if sources else self._sources(targets[0]) if targets else ()
        if here in beside:
            place = beside.index(here) + by
            if 0 <= place < len(beside):
                self._beside = beside
                self._reach(beside[place])

    def _reach(self, id_: int) -> None:
        self._view.select([id_])
        self._view.reveal(id_)

    def _targets(self, id_: int) -> tuple[int, ...]:
        return self._from_above({edge.target for edge in self._graph.edges if edge.source == id_})

    def _sources(self, id_: int) -> tuple[int, ...]:
        return self._from_above({edge.source for edge in self._graph.edges if edge.target == id_})

    def _from_above(self, ids: set[int]) -> tuple[int, ...]:
        return tuple(sorted(ids, key=lambda id_: self._scene.nodes_rect([id_]).center().y()))
