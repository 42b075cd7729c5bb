"""The Problems tab: why the network cannot run, or cannot learn, where, and what would help."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.document import Document
from app.project import Project
from app.runner import Runner
from app.translate import sentence, tr
from engine.compiler import Compilation
from engine.ops.base import Fix
from ui.edits import change_graph, node_words
from ui.forms import words_label
from ui.slot_problems import Slot, find_slot_problems

_SLOT_TITLES = {Slot.METHOD: "Gradient method", Slot.OPTIMIZER: "Optimizer"}


@dataclass(frozen=True)
class Entry:
    """A problem of the list: where it is, by its title and its node or slot, and what is wrong."""

    title: str
    words: str
    place: int | Slot | None = None
    fix: Fix | None = None
    is_warning: bool = False


class ProblemsPanel(QScrollArea):
    """The list of problems, errors first. It follows the runner by itself."""

    node_requested = Signal(int)
    """A person wants to see this node."""
    slot_requested = Signal(object)
    """A person wants to see the settings of this slot."""
    count_changed = Signal(int)

    def __init__(self, document: Document, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._shown: tuple[Entry, ...] | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Problems"))
        self.setWidget(QWidget())
        runner.problems_changed.connect(self.show_compilation)
        document.changed.connect(self._on_document_changed)
        self.show_compilation(runner.compilation)

    @property
    def count(self) -> int:
        """How many problems are listed, warnings among them."""
        return len(self._shown or ())

    def show_compilation(self, compilation: Compilation) -> None:
        """Show the problems of a compilation, and of the slots of the pipeline with it."""
        entries = self._find(compilation)
        if entries == self._shown:
            return
        before, self._shown = self.count, entries
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(8)
        if compilation.program is not None:
            words = tr("The network can run.") if entries else tr("No problems: the network can run.")
            column.addWidget(words_label(words))
        else:
            column.addWidget(words_label(tr("The network cannot run yet:"), role=""))
        for entry in entries:
            card = ProblemCard(entry)
            card.node_requested.connect(self.node_requested)
            card.slot_requested.connect(self.slot_requested)
            card.fix_requested.connect(self._on_card_fix_requested)
            column.addWidget(card)
        column.addStretch(1)
        old = self.takeWidget()
        old.hide()
        old.deleteLater()
        self.setWidget(page)
        if self.count != before:
            self.count_changed.emit(self.count)

    def _find(self, compilation: Compilation) -> tuple[Entry, ...]:
        experiment = self._document.project.experiment
        entries = []
        for problem in sorted(compilation.problems, key=lambda problem: problem.is_warning):
            node = experiment.graph.nodes.get(problem.node or 0)
            title, words = node_words(node) if node else "", sentence(problem.words)
            entries.append(Entry(title, words, problem.node, problem.fix, problem.is_warning))
        found = find_slot_problems(experiment, len(self._runner.dataset.train), compilation.program)
        slots = [Entry(tr(_SLOT_TITLES[p.slot]), p.words, p.slot, is_warning=True) for p in found]
        # A network with a program has warnings only, and no step changes a weight where a slot has a problem.
        return (*slots, *entries)

    def _on_document_changed(self, _old: Project, _new: Project) -> None:
        self.show_compilation(self._runner.compilation)

    def _on_card_fix_requested(self, fix: Fix) -> None:
        graph = self._document.project.experiment.graph.set(fix.node, fix.settings)
        change_graph(self._document, tr(fix.words), graph)


class ProblemCard(QFrame):
    """One problem: its place, what is wrong, and the remedy where there is one. A click asks for the place."""

    node_requested = Signal(int)
    slot_requested = Signal(object)
    fix_requested = Signal(object)

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self._place = entry.place
        self.setProperty("role", "quiet")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        role = "warning" if entry.is_warning else "error"
        mark = QLabel("▲" if entry.is_warning else "●")
        mark.setProperty("role", role)
        mark.setAccessibleName(tr("Warning") if entry.is_warning else tr("Error"))
        words = words_label(entry.words, role="")
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 10)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        row = 0
        if entry.place is not None:
            name = QPushButton(entry.title.replace("&", "&&"))
            name.setProperty("role", "link")
            name.setStyleSheet("QPushButton { padding: 0 2px; }")
            name.setToolTip(tr("Show its settings") if isinstance(entry.place, Slot) else tr("Show this node"))
            name.clicked.connect(self._on_name_clicked)
            grid.addWidget(name, 0, 1, Qt.AlignmentFlag.AlignLeft)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            row = 1
        grid.addWidget(words, row, 1)
        if entry.fix is not None:
            fix = entry.fix
            button = QPushButton(tr(fix.words).replace("&", "&&"))
            button.clicked.connect(lambda: self.fix_requested.emit(fix))
            grid.addWidget(button, row + 1, 1, Qt.AlignmentFlag.AlignLeft)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press, so that the release comes here."""
        event.setAccepted(self._place is not None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the place."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._on_name_clicked()

    def _on_name_clicked(self) -> None:
        if isinstance(self._place, Slot):
            self.slot_requested.emit(self._place)
        elif self._place is not None:
            self.node_requested.emit(self._place)
