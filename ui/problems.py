"""The Problems tab: why the network cannot run, where, and what would help."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.document import Document
from app.runner import Runner
from app.translate import tr
from engine.compiler import Compilation
from engine.ops.base import Fix
from engine.problem import Problem
from ui.edits import change_graph, node_words
from ui.forms import words_label


class ProblemsPanel(QScrollArea):
    """The list of problems, errors first. It follows the runner by itself."""

    node_requested = Signal(int)
    """A person wants to see this node."""
    count_changed = Signal(int)

    def __init__(self, document: Document, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._shown: tuple[tuple[Problem, str], ...] | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Problems"))
        self.setWidget(QWidget())
        runner.problems_changed.connect(self.show_compilation)
        self.show_compilation(runner.compilation)

    @property
    def count(self) -> int:
        """How many problems are listed, warnings among them."""
        return len(self._shown or ())

    def show_compilation(self, compilation: Compilation) -> None:
        """Show the problems of a compilation."""
        graph = self._document.project.experiment.graph
        found = sorted(compilation.problems, key=lambda problem: problem.is_warning)
        nodes = [graph.nodes.get(problem.node or 0) for problem in found]
        titled = tuple((p, node_words(node) if node else "") for p, node in zip(found, nodes, strict=True))
        if titled == self._shown:
            return
        before, self._shown = self.count, titled
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(8)
        if compilation.program is not None:
            words = tr("The network can run.") if titled else tr("No problems: the network can run.")
            column.addWidget(words_label(words))
        else:
            column.addWidget(words_label(tr("The network cannot run yet:"), role=""))
        for problem, title in titled:
            card = ProblemCard(problem, title)
            card.node_requested.connect(self.node_requested)
            card.fix_requested.connect(self._on_card_fix_requested)
            column.addWidget(card)
        column.addStretch(1)
        old = self.takeWidget()
        old.hide()
        old.deleteLater()
        self.setWidget(page)
        if self.count != before:
            self.count_changed.emit(self.count)

    def _on_card_fix_requested(self, fix: Fix) -> None:
        graph = self._document.project.experiment.graph.set(fix.node, fix.settings)
        change_graph(self._document, tr(fix.words), graph)


class ProblemCard(QFrame):
    """One problem: its node, what is wrong, and the remedy where there is one. A click asks for the node."""

    node_requested = Signal(int)
    fix_requested = Signal(object)

    def __init__(self, problem: Problem, title: str) -> None:
        super().__init__()
        self._node = problem.node
        self.setProperty("role", "quiet")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        role = "warning" if problem.is_warning else "error"
        mark = QLabel("▲" if problem.is_warning else "●")
        mark.setProperty("role", role)
        mark.setAccessibleName(tr("Warning") if problem.is_warning else tr("Error"))
        sentence = tr(problem.words)
        words = words_label(sentence[:1].upper() + sentence[1:], role="")
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 10)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        row = 0
        if problem.node is not None:
            name = QPushButton(title.replace("&", "&&"))
            name.setProperty("role", "link")
            name.setStyleSheet("QPushButton { padding: 0 2px; }")
            name.setToolTip(tr("Show this node"))
            name.clicked.connect(self._on_name_clicked)
            grid.addWidget(name, 0, 1, Qt.AlignmentFlag.AlignLeft)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            row = 1
        grid.addWidget(words, row, 1)
        if problem.fix is not None:
            fix = problem.fix
            button = QPushButton(tr(fix.words).replace("&", "&&"))
            button.clicked.connect(lambda: self.fix_requested.emit(fix))
            grid.addWidget(button, row + 1, 1, Qt.AlignmentFlag.AlignLeft)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press, so that the release comes here."""
        event.setAccepted(self._node is not None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the node."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._on_name_clicked()

    def _on_name_clicked(self) -> None:
        if self._node is not None:
            self.node_requested.emit(self._node)
