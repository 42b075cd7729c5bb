"""The Node tab: what is selected, in words and as a form; with nothing selected, the experiment.

Its page is made when it can be seen: the window is there sooner, and a selection behind another tab costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.document import Document
from app.project import Project
from app.runner import Runner
from app.translate import tr
from engine.compiler import Compilation
from engine.graph import Node
from ui.drafts import discard_drafts
from ui.edits import node_words
from ui.experiment_page import ExperimentPage
from ui.focus_order import lead_focus
from ui.forms import words_label
from ui.node_page import NodePage
from ui.slot_problems import Slot


class Inspector(QScrollArea):
    """The Node tab. It edits the document and follows its changes by itself."""

    def __init__(self, document: Document, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._ids: tuple[int, ...] = ()
        self._ops: tuple[str, ...] = ()
        self._is_outdated = True
        """Whether the page is about something else than what is to be shown."""
        self._compilation = runner.compilation
        self.page: ExperimentPage | NodePage | QWidget = QWidget()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Settings of what is selected"))
        document.loaded.connect(self._on_document_loaded)
        document.changed.connect(self._on_document_changed)
        runner.problems_changed.connect(self.show_compilation)
        self.setWidget(self.page)

    def show_selection(self, ids: Iterable[int]) -> None:
        """Show the selected nodes; none: the experiment."""
        chosen = tuple(sorted(set(ids) & set(self._document.project.experiment.graph.nodes)))
        if chosen != self._ids:
            self._ids = chosen
            self._renew_page()

    def show_slot(self, slot: Slot) -> None:
        """Bring the settings of a slot to the top, and the focus to what stands in it; nothing must be selected."""
        if isinstance(self.page, ExperimentPage):
            section = self.page.sections[slot]
            section.box.setFocus(Qt.FocusReason.OtherFocusReason)
            # A page that was just made has no layout yet.
            QTimer.singleShot(0, section, lambda: self.verticalScrollBar().setValue(section.y()))

    def show_compilation(self, compilation: Compilation) -> None:
        """Show the shapes and parameter counts of a compilation."""
        self._compilation = compilation
        if self._is_outdated:
            return
        # A removed node is still shown when the news of the compilation comes before that of the document.
        if isinstance(self.page, ExperimentPage) or (
            isinstance(self.page, NodePage) and set(self._ids) <= set(self._document.project.experiment.graph.nodes)
        ):
            self.page.show_compilation(compilation)

    def showEvent(self, event: QShowEvent) -> None:
        """Make the page of what is selected now."""
        super().showEvent(event)
        if self._is_outdated:
            self._open_page()

    def _on_document_loaded(self) -> None:
        discard_drafts(self.page)
        self._is_outdated = True

    def _on_document_changed(self, _old: Project, new: Project) -> None:
        nodes = new.experiment.graph.nodes
        left = tuple(id_ for id_ in self._ids if id_ in nodes)
        is_same = left == self._ids and tuple(nodes[id_].op for id_ in left) == self._ops
        self._ids = left
        if self._is_outdated or not is_same or not isinstance(self.page, ExperimentPage | NodePage):
            self._renew_page()
        else:
            self.page.show_project(new)
            self.show_compilation(self._compilation)

    def _renew_page(self) -> None:
        self._is_outdated = True
        if self.isVisible():
            self._open_page()

    def _open_page(self) -> None:
        graph = self._document.project.experiment.graph
        self._ops = tuple(graph.node(id_).op for id_ in self._ids)
        self._is_outdated = False
        page: ExperimentPage | NodePage | QWidget
        if not self._ids:
            page = ExperimentPage(self._document)
        elif len(set(self._ops)) == 1:
            page = NodePage(self._document, self._ids)
        else:
            page = _mixed_page([graph.node(id_) for id_ in self._ids])
        if isinstance(page, ExperimentPage | NodePage):
            page.show_project(self._document.project)
        # A hidden field is left, and would commit what is typed: into another node, or in the middle of an undo.
        discard_drafts(self.page)
        # The old page may be in the middle of telling about the very edit that ended it.
        old = self.takeWidget()
        old.hide()
        old.deleteLater()
        self.page = page
        self.setWidget(page)
        self.show_compilation(self._compilation)
        lead_focus(self, page)


def _mixed_page(nodes: Sequence[Node]) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 14, 16, 16)
    title = QLabel(tr("{count} nodes", count=len(nodes)))
    title.setProperty("role", "title")
    hint = words_label(tr("Nodes of one kind can be changed together; these are of several."))
    names = words_label("\n".join(node_words(node) for node in nodes), role="")
    for widget in (title, hint, names):
        column.addWidget(widget)
    column.addStretch(1)
    return page
