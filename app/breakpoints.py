"""Breakpoints on nodes: a run pauses before the forward or the backward pass comes to a node."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.project import Breakpoint, Project
from engine.graph import Graph


class Breakpoints(QObject):
    """The breakpoints of a document. They are seen and saved like the view, and are nothing to undo.

    Those of a node that is deleted go with it, and come back when the deletion is undone.
    """

    changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._graph: Graph = document.project.experiment.graph
        self._chosen: dict[Breakpoint, str] = {}
        """Also those of nodes that are gone, with the kind of node that each was set on."""
        self._present: frozenset[Breakpoint] = frozenset()
        document.loaded.connect(self._on_document_loaded)
        document.changed.connect(self._on_document_changed)

    @property
    def present(self) -> frozenset[Breakpoint]:
        """The breakpoints on the nodes that there are."""
        return self._present

    @property
    def listed(self) -> tuple[Breakpoint, ...]:
        """The same in order."""
        return tuple(sorted(self._present))

    def show(self, breakpoints: Iterable[Breakpoint]) -> None:
        """Take these in the place of all others."""
        nodes = self._graph.nodes
        self._chosen = {mark: nodes[mark.node].op for mark in breakpoints if mark.node in nodes}
        self._find_present()

    def set(self, breakpoints: Iterable[Breakpoint], is_set: bool) -> None:
        """Set or clear some."""
        for mark in breakpoints:
            if is_set and mark.node in self._graph.nodes:
                self._chosen[mark] = self._graph.nodes[mark.node].op
            else:
                self._chosen.pop(mark, None)
        self._find_present()

    def clear(self) -> None:
        """Clear all."""
        self.show(())

    def _find_present(self) -> None:
        nodes = self._graph.nodes
        # After undo and another edit, another node may have the number of one that is gone.
        self._chosen = {m: op for m, op in self._chosen.items() if m.node not in nodes or nodes[m.node].op == op}
        present = frozenset(mark for mark in self._chosen if mark.node in nodes)
        if present != self._present:
            self._present = present
            self.changed.emit()

    def _on_document_loaded(self) -> None:
        self.clear()

    def _on_document_changed(self, _old: Project, new: Project) -> None:
        if new.experiment.graph is not self._graph:
            self._graph = new.experiment.graph
            self._find_present()
