"""The status bar: what happened last, how fast the run is, and what computes it."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QSizePolicy, QStatusBar, QWidget

from app.errors import guarded
from app.translate import format_count, tr
from engine.snapshot import Snapshot
from ui.forms import show_tool_tip
from ui.theme import number_font, show_role

MEASURE_SECONDS = 0.5
SLOWER = 0.8
"""A run with less than this part of its speed is called slower than set."""
PROGRESS_WIDTH = 140
PROGRESS_HEIGHT = 8
SPACE = 12
"""What the style needs around each part, in px."""


class StatusLine(QStatusBar):
    """Messages at the left, until the next one; facts at the right, and how far a long step is.

    `executor` is the last of these facts, and where there is little room it makes way for the message, which then loses
    its end. The tooltip has all.
    `details_requested`: a person wants to read more on a problem. `cancel_requested`: the step that has begun is to be
    given up. `offer_taken`: what is offered beside the message is to be done.
    """

    details_requested = Signal()
    offer_taken = Signal()
    cancel_requested = Signal()

    def __init__(self, executor: QLabel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._words = _Words()
        self._words.clicked.connect(self.details_requested)
        self._speed = QLabel()
        self._speed.setFont(number_font())
        self._speed.setProperty("role", "dim")
        self._executor = executor
        self.progress = QProgressBar()
        self.progress.setFixedSize(PROGRESS_WIDTH, PROGRESS_HEIGHT)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress of the step"))
        self.progress_words = QLabel()
        self.progress_words.setFont(number_font(-1))
        self.cancel = QPushButton(tr("Cancel Step"))
        self.cancel.setToolTip(tr("Give up what is computed of this step; the weights are those of its beginning"))
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel.clicked.connect(self.cancel_requested)
        self.offer = QPushButton()
        self.offer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.offer.clicked.connect(self.offer_taken)
        self.addWidget(self.offer)
        self.offer.hide()
        self.addWidget(self._words, 1)
        for widget in (self.progress_words, self.progress, self.cancel):
            widget.hide()
            self.addPermanentWidget(widget)
        self.addPermanentWidget(self._speed)
        self.addPermanentWidget(self._executor)
        self._mark: tuple[float, int] | None = None

    @property
    def words(self) -> str:
        """The present message."""
        return self._words.text()

    @property
    def shown_words(self) -> str:
        """What of the message can be read."""
        return self._words.shown() if self._words.isVisible() else ""

    def say(self, words: str, is_problem: bool = False) -> None:
        """Show a message until the next one; a problem leads to its details. The tip on an action gives way to it."""
        self.clearMessage()
        if words != self.words:
            self.offer.hide()
        self._words.show_words(words, is_problem)
        self._fit()

    def show_offer(self, words: str, tip: str = "") -> None:
        """Offer something beside the present message, as long as that stands there; "" for nothing."""
        self.offer.setText(words)
        self.offer.setToolTip(tip)
        self.offer.setVisible(bool(words))
        self._fit()

    def show_progress(self, snapshot: Snapshot | None) -> None:
        """Show how far a long step is, while it stands or goes on between its ends."""
        is_shown = snapshot is not None and not snapshot.is_step_short and snapshot.micro > 0
        for widget in (self.progress_words, self.progress, self.cancel):
            widget.setVisible(is_shown)
        if is_shown and snapshot is not None:
            self.progress.setRange(0, snapshot.micro_count)
            self.progress.setValue(snapshot.micro)
            done, total = format_count(snapshot.micro), format_count(snapshot.micro_count)
            self.progress_words.setText(tr("{done} of {total} micro-steps", done=done, total=total))
        self._fit()

    def show_speed(self, snapshot: Snapshot | None, is_running: bool, asked: float | None = None) -> None:
        """Show the steps or micro-steps a second of a run, measured over half a second or from one to the next.

        Where that is clearly less than the micro-steps a second that are asked for, say so.
        """
        if snapshot is None or not is_running:
            self._mark = None
            self._speed.setText("")
            return
        now = monotonic()
        done = snapshot.step * snapshot.micro_count + snapshot.micro
        if self._mark is None or done < self._mark[1]:
            self._mark = (now, done)
        elif now - self._mark[0] >= MEASURE_SECONDS:
            rate = (done - self._mark[1]) / (now - self._mark[0])
            self._mark = (now, done)
            words = rate_words(rate, snapshot.micro_count)
            is_slower = asked is not None and rate < SLOWER * asked
            self._speed.setText(tr("{rate}, slower than set", rate=words) if is_slower else words)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what has no room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        others = (self.offer, self.progress_words, self.progress, self.cancel, self._speed)
        shown = [widget for widget in others if not widget.isHidden()]
        widths = [widget.sizeHint().width() for widget in (self._words, *shown, self._executor)]
        has_room = sum(widths) + SPACE * len(widths) <= self.width()
        if has_room == self._executor.isHidden():
            self._executor.setVisible(has_room)
            layout = self.layout()
            assert layout is not None, "a status bar has one"
            # Else the message would be painted once at its old width.
            layout.activate()


def rate_words(rate: float, micro_count: int) -> str:
    """Say a measured rate of micro-steps a second; in steps, where a step or more was done in a second."""
    if rate >= micro_count:
        steps = rate / micro_count
        return tr("{rate} steps/s", rate=format_count(round(steps)) if steps >= 10 else f"{steps:.1f}")
    return tr("{rate} micro-steps/s", rate=format_count(round(rate)) if rate >= 10 else f"{rate:.1f}")


class _Words(QLabel):
    """The message, without its end where that has no room."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._is_problem = False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_words(self, words: str, is_problem: bool) -> None:
        self._is_problem = is_problem
        self.setText(words)
        show_tool_tip(self, words)
        show_role(self, "error" if is_problem else "")

    def shown(self) -> str:
        """Give the words as they are painted."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.style().drawItemText(
            painter, self.contentsRect(), self.alignment(), self.palette(), True, self.shown(), self.foregroundRole()
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._is_problem:
            self.clicked.emit()
        super().mousePressEvent(event)
