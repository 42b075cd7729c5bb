"""The strip above the canvas: what the last micro-step did, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.errors import guarded
from app.translate import format_count, tr
from engine.gradients import GRADIENT_METHODS
from engine.graph import Graph
from engine.message import Message
from engine.problem import Problem
from engine.program import Phase
from engine.snapshot import Snapshot
from engine.step_order import MicroStep
from ui.colors import Colors
from ui.forms import show_tool_tip
from ui.theme import Theme, ui_font

HEIGHT = 36

_MARGIN = 14
_GAP = 16
_MARK = "\N{NULL}"
"""Around what is emphasized while a template is filled in; no text of a document can hold it."""


@dataclass(frozen=True)
class _Sentence:
    """A sentence in which one part may stand out in bold; where it is too long, its end is left out."""

    before: str = ""
    marked: str = ""
    after: str = ""
    color: str = ""

    @property
    def plain(self) -> str:
        return self.before + self.marked + self.after

    def html(self, length: int) -> str:
        """Give it with only so many characters after the part that stands out."""
        marked = f'<b style="color:{self.color}">{escape(self.marked)}</b>' if self.marked else ""
        after = self.after if length >= len(self.after) else f"{self.after[:length].rstrip()}…"
        return f"{escape(self.before)}{marked}{escape(after)}"


class Headline(QWidget):
    """A line of words; the node in them has the color of the phase.

    Where they are too long they take two smaller lines, then the place of what comes next, and then lose their end. The
    tooltip has all of them.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sentence = _Sentence()
        self.words = QLabel(self)
        self.next = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        row.setSpacing(_GAP)
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
        self,
        snapshot: Snapshot | None,
        problems: Sequence[Problem],
        graph: Graph,
        *,
        is_calm: bool,
        words: Message | None = None,
    ) -> None:
        """Say what was just done, or why nothing can be; `words` come before all else that there is to say of a run."""
        sentence, following = _Sentence(), ""
        if snapshot is None:
            found = next((p for p in problems if not p.is_warning), None)
            if found is not None:
                problem = f" {_problem_words(found, graph)}"
                sentence = _Sentence(marked="▲", after=problem, color=self._theme.colors.warning)
        elif words is not None:
            sentence, following = _Sentence(after=tr(words)), _next_words(snapshot)
        elif is_calm:
            sentence = _Sentence(after=_going_words(snapshot))
        else:
            following = _next_words(snapshot)
            if snapshot.last is None:
                sentence = _Sentence(after=_standing_words(snapshot))
            else:
                sentence = _done_words(snapshot.last, self._theme.colors)
        if (sentence, following) != (self._sentence, self.next.text()):
            self._sentence = sentence
            self.next.setText(following)
            show_tool_tip(self, sentence.plain)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the words to the present width."""
        super().resizeEvent(event)
        self._fit()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._theme.colors.border), 1.0))
            painter.setBrush(QColor(self._theme.colors.panel))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8.0, 8.0)

    def _fit(self) -> None:
        """Choose size and length of the words, and whether what comes next has room beside them."""
        sentence = self._sentence
        whole = self.width() - 2 * _MARGIN
        beside = whole - (self.next.sizeHint().width() + _GAP if self.next.text() else 0)
        font, room, length = ui_font(), beside, len(sentence.after)
        if _lines(sentence, length, font, room) > 1:
            font = ui_font(-1)
            if _lines(sentence, length, font, room) > 2:
                room = whole
            while length and _lines(sentence, length, font, room) > 2:
                length = max(sentence.after.rfind(" ", 0, length), 0)
        self.next.setVisible(room == beside)
        self.words.setFont(font)
        self.words.setText(sentence.html(length))


def _going_words(snapshot: Snapshot) -> str:
    step, end = format_count(snapshot.step), format_count(snapshot.track.end)
    if snapshot.track.is_past:
        return tr("The same steps once more · step {step} of {end} · animation is skipped", step=step, end=end)
    return tr("Training · step {step} · animation is skipped at this speed", step=step)


def _standing_words(snapshot: Snapshot) -> str:
    if snapshot.step == 0:
        return tr("Nothing is computed yet: these are the initial weights.")
    step = format_count(snapshot.step)
    return tr("The weights after step {step}; nothing is computed for the next one yet.", step=step)


def _problem_words(problem: Problem, graph: Graph) -> str:
    node = graph.nodes.get(problem.node or 0)
    words = tr(problem.words)
    return words if node is None else tr("{node}: {words}", node=tr(node.words), words=words)


def _done_words(step: MicroStep, colors: Colors) -> _Sentence:
    """Give the step's words, with the node's name in the color of the phase."""
    color = {Phase.BACKWARD: colors.backward_text, Phase.UPDATE: colors.update_fg}.get(step.phase, colors.forward_text)
    node = step.words.arguments.get("node")
    if node is None:
        return _Sentence(after=tr(step.words))
    name = tr(node) if isinstance(node, Message) else str(node)
    before, _, rest = tr(step.words, node=f"{_MARK}{name}{_MARK}").partition(_MARK)
    marked, _, after = rest.partition(_MARK)
    return _Sentence(before, marked, after, color)


def _next_words(snapshot: Snapshot) -> str:
    step = snapshot.next
    node = "" if step.node is None else tr(snapshot.program.graph.nodes[step.node].words)
    method = tr(GRADIENT_METHODS[snapshot.method].label)
    what = {
        Phase.SAMPLE: tr("draw rows") if snapshot.program.data else tr("begin a step"),
        Phase.FORWARD: tr("forward {node}", node=node),
        Phase.LOSS: tr("loss"),
        Phase.BACKWARD: tr("{method}, {node}", method=method, node=node) if node else method,
        Phase.UPDATE: tr("update"),
    }[step.phase]
    if step.phase is Phase.UPDATE and not snapshot.is_method_called and snapshot.passes_done < snapshot.passes:
        counts = {"number": format_count(snapshot.passes_done + 1), "count": format_count(snapshot.passes)}
        what = tr("try candidate {number} of {count}", **counts)
    return tr("→ next: {what}", what=what)


def _lines(sentence: _Sentence, length: int, font: QFont, room: int) -> int:
    """Tell how many lines of this width the sentence takes, with so many characters after what stands out."""
    bold = QFont(font)
    bold.setBold(True)
    metrics = QFontMetrics(font)
    wider = QFontMetrics(bold).horizontalAdvance(sentence.marked) - metrics.horizontalAdvance(sentence.marked)
    text = sentence.before + sentence.marked + sentence.after[:length] + "…"
    box = metrics.boundingRect(QRect(0, 0, max(room - wider, 1), 1000), Qt.TextFlag.TextWordWrap, text)
    return round(box.height() / metrics.lineSpacing())
