"""The status bar: what happened last, which executor computes, and how fast it is."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from app.translate import format_count, tr
from engine.snapshot import Snapshot
from ui.theme import number_font

MEASURE_SECONDS = 0.5
PROGRESS_WIDTH = 140
PROGRESS_HEIGHT = 8


class StatusLine(QStatusBar):
    """Messages at the left, until the next one; facts at the right, and how far a long step is.

    `details_requested`: a person wants to read more on a problem. `cancel_requested`: the step that has begun is to be
    given up.
    """

    details_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._words = _Words()
        self._words.clicked.connect(self.details_requested)
        self._speed = QLabel()
        self._speed.setFont(number_font())
        self._executor = QLabel(tr("executor: reference (numpy)"))
        self._executor.setToolTip(tr("Computes each instruction with numpy, in 64-bit floating point"))
        for label in (self._speed, self._executor):
            label.setProperty("role", "dim")
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

    def say(self, words: str, is_problem: bool = False) -> None:
        """Show a message until the next one; a problem leads to its details."""
        self._words.show_words(words, is_problem)

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

    def show_speed(self, snapshot: Snapshot | None, is_running: bool) -> None:
        """Show the steps a second of a run, measured over half a second."""
        if snapshot is None or not is_running:
            self._mark = None
            self._speed.setText("")
            return
        now = monotonic()
        if self._mark is None or snapshot.step < self._mark[1]:
            self._mark = (now, snapshot.step)
        elif now - self._mark[0] >= MEASURE_SECONDS:
            rate = (snapshot.step - self._mark[1]) / (now - self._mark[0])
            self._mark = (now, snapshot.step)
            self._speed.setText(tr("{rate} steps/s", rate=format_count(round(rate)) if rate >= 10 else f"{rate:.1f}"))


class _Words(QLabel):
    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._is_problem = False
        self.setTextFormat(Qt.TextFormat.PlainText)

    def show_words(self, words: str, is_problem: bool) -> None:
        self._is_problem = is_problem
        self.setText(words)
        self.setToolTip(words)
        self.setProperty("role", "error" if is_problem else "")
        self.style().unpolish(self)
        self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._is_problem:
            self.clicked.emit()
        super().mousePressEvent(event)
