"""The strip above the canvas: what the last micro-step did, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.errors import guarded
from app.translate import format_count, tr
from engine.gradients import Backpropagation
from engine.graph import Graph
from engine.message import Message
from engine.problem import Problem
from engine.program import Phase
from engine.snapshot import MicroStep, Snapshot
from ui.colors import Colors
from ui.theme import Theme

HEIGHT = 36


class Headline(QWidget):
    """One line of words; the node in them has the color of the phase."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.words = QLabel(self)
        self.next = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(16)
        row.addWidget(self.words, 1)
        row.addWidget(self.next)
        self.setFixedHeight(HEIGHT)
        self.show_colors()

    def show_colors(self) -> None:
        """Take the theme's colors."""
        self.next.setStyleSheet(f"color: {self._theme.colors.dim}; background: transparent;")
        self.words.setStyleSheet(f"color: {self._theme.colors.text}; background: transparent;")
        self.update()

    def show_moment(
        self, snapshot: Snapshot | None, problems: Sequence[Problem], graph: Graph, *, is_calm: bool
    ) -> None:
        """Say what was just done, or why nothing can be."""
        following = ""
        if snapshot is None:
            found = next((p for p in problems if not p.is_warning), None)
            sign = f'<span style="color:{self._theme.colors.warning}">▲</span>'
            html = "" if found is None else f"{sign} {escape(_problem_words(found, graph))}"
        elif is_calm:
            html = escape(tr("Training · step {step}", step=format_count(snapshot.step)))
        elif snapshot.last is None:
            html = escape(_standing_words(snapshot))
            following = _next_words(snapshot)
        else:
            html = _with_emphasis(snapshot.last, snapshot, self._theme.colors)
            following = _next_words(snapshot)
        if html != self.words.text():
            self.words.setText(html)
        if following != self.next.text():
            self.next.setText(following)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._theme.colors.border), 1.0))
            painter.setBrush(QColor(self._theme.colors.panel))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8.0, 8.0)


def _standing_words(snapshot: Snapshot) -> str:
    if snapshot.step == 0:
        return tr("Nothing is computed yet: these are the initial weights.")
    step = format_count(snapshot.step)
    return tr("The weights after step {step}; nothing is computed for the next one yet.", step=step)


def _problem_words(problem: Problem, graph: Graph) -> str:
    node = graph.nodes.get(problem.node or 0)
    words = tr(problem.words)
    return words if node is None else tr("{node}: {words}", node=tr(node.words), words=words)


def _with_emphasis(step: MicroStep, snapshot: Snapshot, colors: Colors) -> str:
    """Give the step's words as HTML, the node's name bold in the color of the phase."""
    role = {Phase.BACKWARD: colors.backward_text, Phase.UPDATE: colors.update_fg}.get(step.phase, colors.forward_text)
    given = step.words.arguments.items()
    words = {name: escape(tr(value) if isinstance(value, Message) else str(value)) for name, value in given}
    if "node" in words:
        words["node"] = f'<b style="color:{role}">{words["node"]}</b>'
    return tr(step.words, **words)


def _next_words(snapshot: Snapshot) -> str:
    step = snapshot.next
    node = "" if step.node is None else tr(snapshot.program.graph.nodes[step.node].words)
    sweep = "backward {node}" if snapshot.method == Backpropagation.name else "nudge a weight of {node}"
    what = {
        Phase.SAMPLE: tr("draw rows"),
        Phase.FORWARD: tr("forward {node}", node=node),
        Phase.LOSS: tr("loss"),
        Phase.BACKWARD: tr(sweep, node=node),
        Phase.UPDATE: tr("update"),
    }[step.phase]
    return tr("→ next: {what}", what=what)
