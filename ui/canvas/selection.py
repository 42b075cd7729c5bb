"""A view in which nodes are selected, and brought into sight."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal

from ui.canvas.navigation import NavigableView
from ui.canvas.scene import CanvasScene


class SelectableView(NavigableView):
    """`selection_changed(ids)` gives the selected nodes, sorted; once, however many were selected by one call."""

    selection_changed = Signal(object)

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__(scene)
        # A scene that goes before its view would still tell of its selection, of items that are gone.
        scene.setParent(self)
        self._scene = scene
        self._selected: tuple[int, ...] = ()
        self._is_selecting = False
        scene.selectionChanged.connect(self._on_scene_selection_changed)

    def selected_nodes(self) -> tuple[int, ...]:
        """Give the ids of the selected nodes, sorted."""
        return self._scene.selected_nodes()

    def select(self, ids: Iterable[int]) -> None:
        """Select these nodes and nothing else."""
        wanted = set(ids)
        self._is_selecting = True
        for edge in self._scene.edges.values():
            edge.setSelected(False)
        for id_, item in self._scene.nodes.items():
            item.setSelected(id_ in wanted)
        self._is_selecting = False
        self._on_scene_selection_changed()

    def select_all(self) -> None:
        """Select all nodes."""
        self.select(self._scene.nodes)

    def fit(self) -> None:
        """Show the whole graph."""
        self.fit_rect(self._scene.nodes_rect())

    def fit_selection(self) -> None:
        """Show the selected nodes, or the whole graph where there are none."""
        self.show_rect(self._scene.nodes_rect(self.selected_nodes() or None))

    def center_on_node(self, id_: int) -> None:
        """Bring a node into the middle."""
        if id_ in self._scene.nodes:
            self.centerOn(self._scene.nodes_rect([id_]).center())

    def reveal(self, id_: int) -> None:
        """Scroll no further than a node needs to be seen."""
        if id_ in self._scene.nodes:
            rect = self._scene.nodes_rect([id_])
            if not self.mapToScene(self.viewport().rect()).boundingRect().contains(rect):
                self.ensureVisible(rect)

    def _on_scene_selection_changed(self) -> None:
        selected = self._selected if self._is_selecting else self.selected_nodes()
        if selected != self._selected:
            self._selected = selected
            self.selection_changed.emit(selected)
