"""The panel at the right: the maths of a node, what is selected, what is wrong, and the graph as an outline."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from app.document import Document
from app.runner import Runner
from app.translate import tr
from ui.inspector import Inspector
from ui.maths.panel import MathsPanel
from ui.outline import Outline
from ui.problems import ProblemsPanel


class SidePanel(QTabWidget):
    """Four tabs; what is picked in one of them is asked for: a node, or the settings of a slot."""

    node_requested = Signal(int)
    slot_requested = Signal(object)

    def __init__(self, document: Document, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.maths = MathsPanel(document, runner)
        self.inspector = Inspector(document, runner)
        self.problems = ProblemsPanel(document, runner)
        self.outline = Outline(document)
        self.addTab(self.maths, tr("Maths"))
        self.addTab(self.inspector, tr("Node"))
        self.addTab(self.problems, tr("Problems"))
        self.addTab(self.outline, tr("Outline"))
        self.setCurrentWidget(self.inspector)
        self.setDocumentMode(True)
        # All four tabs fit into the narrowest panel.
        self.tabBar().setStyleSheet("QTabBar::tab { margin: 0 3px; }")
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName(tr("Maths, settings, problems and outline"))
        self._is_chosen = False
        self.tabBarClicked.connect(self._on_tab_bar_clicked)
        self.maths.node_requested.connect(self.node_requested)
        self.problems.node_requested.connect(self.node_requested)
        self.problems.slot_requested.connect(self.slot_requested)
        self.outline.node_requested.connect(self.node_requested)
        self.problems.count_changed.connect(self._on_problems_count_changed)
        self._on_problems_count_changed(self.problems.count)
        self.show_selection(())

    def show_selection(self, ids: Iterable[int]) -> None:
        """Show the selected nodes; with none, the data and training settings."""
        chosen = tuple(ids)
        self.maths.show_selection(chosen)
        self.inspector.show_selection(chosen)
        self.outline.show_selection(chosen)
        self.setTabText(self.indexOf(self.inspector), tr("Node") if chosen else tr("Experiment"))

    def offer_maths(self) -> None:
        """Bring the Maths tab to the front, once, unless a person has chosen a tab."""
        if not self._is_chosen:
            self._is_chosen = True
            self.setCurrentWidget(self.maths)

    def show_inspector(self) -> None:
        """Bring the Node tab to the front, as a person wants."""
        self._is_chosen = True
        self.setCurrentWidget(self.inspector)

    def _on_tab_bar_clicked(self, index: int) -> None:
        self._is_chosen = self._is_chosen or index >= 0

    def _on_problems_count_changed(self, count: int) -> None:
        words = tr("Problems ({count})", count=count) if count else tr("Problems")
        index = self.indexOf(self.problems)
        # With word and count all four tabs would lose their ends in a narrow panel.
        self.setTabText(index, tr("▲ {count}", count=count) if count else words)
        self.setTabToolTip(index, words)
        self.tabBar().setAccessibleTabName(index, words)
