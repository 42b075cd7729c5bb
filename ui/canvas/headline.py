"""The strip above the canvas: what the last micro-step did, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.errors import guarded
from app.translate import format_count, tr
from engine.graph import Graph
from engine.message import Message
from engine.problem import Problem
from engine.program import Phase
from engine.snapshot import Snapshot
from ui.colors import Colors
from ui.forms import show_tool_tip
from ui.theme import Theme, ui_font

HEIGHT = 36

_MARGIN = 14
_BUTTON_MARGIN = 5
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

    At the right end a button says what comes next, and does it. Where the words are too long they take two smaller
    lines, then a part of the button's place, and then lose their end. The tooltip has all of them.
    """

    next_requested = Signal()
    """A person wants the next micro-step."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sentence = _Sentence()
        self.words = QLabel(self)
        self.next = QPushButton(self)
        self._next = ""
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.next.setProperty("role", "next")
        self.next.setCursor(Qt.CursorShape.PointingHandCursor)
        # The keys stay with the canvas.
        self.next.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.next.clicked.connect(self.next_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 0, _BUTTON_MARGIN, 0)
        row.setSpacing(_GAP)
        row.addWidget(self.words, 1)
        row.addWidget(self.next)
        self.setFixedHeight(HEIGHT)
        self.show_colors()

    def show_colors(self) -> None:
        """Take the theme's colors."""
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
            sentence, following = _Sentence(after=tr(words)), tr(snapshot.next.words)
        elif is_calm:
            sentence = _Sentence(after=_going_words(snapshot))
        else:
            following = tr(snapshot.next.words)
            if snapshot.last is None:
                sentence = _Sentence(after=_standing_words(snapshot))
            else:
                sentence = _done_words(snapshot, self._theme.colors)
        if (sentence, following) != (self._sentence, self._next):
            self._sentence, self._next = sentence, following
            self.next.setToolTip(tr("Do the next micro-step: {what}", what=following) if following else "")
            self.next.setAccessibleName(self.next.toolTip())
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
        self.next.setVisible(bool(self._next))
        room = self._show_next(tr("Next: {what} →", what=self._next))
        font, length = ui_font(), len(sentence.after)
        if _lines(sentence, length, font, room) > 1:
            font = ui_font(-1)
            if self._next and _lines(sentence, length, font, room) > 2:
                room = self._show_next(tr("Next →"))
            while length and _lines(sentence, length, font, room) > 2:
                length = max(sentence.after.rfind(" ", 0, length), 0)
        self.words.setFont(font)
        self.words.setText(sentence.html(length))

    def _show_next(self, words: str) -> int:
        """Write this on the button, where there is a next micro-step; give the room for the sentence."""
        if not self._next:
            return self.width() - 2 * _MARGIN
        # An ampersand would underline a letter of a name and make a key of it.
        self.next.setText(words.replace("&", "&&"))
        return self.width() - _MARGIN - _BUTTON_MARGIN - _GAP - self.next.sizeHint().width()


def _going_words(snapshot: Snapshot) -> str:
    step, end = format_count(snapshot.step), format_count(snapshot.track.end)
    if snapshot.track.is_past:
        return tr("The same steps once more · step {step} of {end} · animation is skipped", step=step, end=end)
    if snapshot.step and snapshot.update_step != snapshot.step - 1:
        return tr("No weight changes · step {step} · animation is skipped at this speed", step=step)
    return tr("Training · step {step} · animation is skipped at this speed", step=step)


def _standing_words(snapshot: Snapshot) -> str:
    step = format_count(snapshot.step + 1)
    if snapshot.track.is_set_by_hand:
        return tr("The weights before step {step}, as set by hand; nothing is computed for it yet.", step=step)
    if snapshot.step == 0:
        return tr("Nothing is computed yet: these are the weights before the first step.")
    return tr("The weights before step {step}; nothing is computed for it yet.", step=step)


def _problem_words(problem: Problem, graph: Graph) -> str:
    node = graph.nodes.get(problem.node or 0)
    words = tr(problem.words)
    return words if node is None else tr("{node}: {words}", node=tr(node.words), words=words)


def _done_words(snapshot: Snapshot, colors: Colors) -> _Sentence:
    """Say what the last micro-step did, with the node's name in the color of the phase."""
    told, phase = snapshot.told, snapshot.phase
    if told is None or phase is None:
        return _Sentence()
    color = {Phase.BACKWARD: colors.backward_text, Phase.UPDATE: colors.update_fg}.get(phase, colors.forward_text)
    node = told.arguments.get("node")
    if node is None:
        return _Sentence(after=tr(told))
    name = tr(node) if isinstance(node, Message) else str(node)
    before, _, rest = tr(told, node=f"{_MARK}{name}{_MARK}").partition(_MARK)
    marked, _, after = rest.partition(_MARK)
    return _Sentence(before, marked, after, color)


def _lines(sentence: _Sentence, length: int, font: QFont, room: int) -> int:
    """Tell how many lines of this width the sentence takes, with so many characters after what stands out."""
    bold = QFont(font)
    bold.setBold(True)
    metrics = QFontMetrics(font)
    wider = QFontMetrics(bold).horizontalAdvance(sentence.marked) - metrics.horizontalAdvance(sentence.marked)
    text = sentence.before + sentence.marked + sentence.after[:length] + "…"
    box = metrics.boundingRect(QRect(0, 0, max(room - wider, 1), 1000), Qt.TextFlag.TextWordWrap, text)
    return round(box.height() / metrics.lineSpacing())
