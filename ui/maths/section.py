"""A section of the Maths tab that answers a question about the present batch, and what it is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.errors import guarded
from app.translate import tr
from engine.datasets import Dataset
from engine.explanation_parts import Focus
from engine.present_batch import is_same_batch
from engine.program import Parameter
from engine.snapshot import Snapshot
from ui.forms import words_label
from ui.theme import ui_font

SLICE_MS = 20
"""So long a computation goes on before the window has its turn."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What the tab shows: a node at a moment of the run, and the weight that is looked at, if the node has any."""

    snapshot: Snapshot
    earlier: Snapshot | None
    dataset: Dataset
    node: int
    focus: Focus
    parameters: tuple[Parameter, ...]
    parameter: Parameter | None
    cell: tuple[int, int]
    is_running: bool


def is_same_question(before: Shown | None, shown: Shown) -> bool:
    """Tell whether what was found for a node before still holds: neither weights nor batch nor g have moved on."""
    return before is not None and before.node == shown.node and is_same_batch(before.snapshot, shown.snapshot)


class Section(QWidget):
    """A title, and what follows below it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel(title)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.title.setFont(ui_font(bold=True))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 6, 0, 0)
        self.column.setSpacing(6)
        self.column.addWidget(self.title)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)


class Slices(QObject):
    """Does a long computation in slices, so that the window stays awake; it goes on unseen, but not without the window.

    `advance` does a piece and tells whether there is more. `shown` is called after each slice, also after the last one.
    """

    def __init__(self, shown: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._owner = parent
        self._advance: Callable[[], bool] | None = None
        self._shown = shown
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._clock = QElapsedTimer()

    @property
    def is_at_work(self) -> bool:
        """Whether there is more to do."""
        return self._advance is not None

    def seconds_left(self, share: float) -> int:
        """Estimate how long the rest takes, when this share is done."""
        spent = self._clock.elapsed() / 1000.0
        return round(spent * (1.0 - share) / share) if share else 0

    def start(self, advance: Callable[[], bool]) -> None:
        """Begin with a computation, in place of any other."""
        self._advance = advance
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        """Leave it where it is."""
        self._advance = None
        self._timer.stop()

    @guarded
    def _on_timer_timeout(self) -> None:
        if not self._owner.window().isVisible():
            self.stop()
            return
        slice_ = QElapsedTimer()
        slice_.start()
        while self._advance is not None and slice_.elapsed() < SLICE_MS:
            try:
                has_more = self._advance()
            except BaseException:
                self.stop()
                raise
            if not has_more:
                self.stop()
        self._shown()


class WorkLine(QWidget):
    """The button that begins a computation; while it goes on, how far it is, and a button to cancel it."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start = QPushButton(words)
        self.cancel = QPushButton(tr("Cancel"))
        for button in (self.start, self.cancel):
            # A click leaves the focus, and with it the keys, where it is.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("How far it is"))
        self.remark = words_label()
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.start)
        line.addWidget(self.bar, 1)
        line.addWidget(self.cancel)
        line.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self.remark)
        self.show_rest()

    def show_rest(self, remark: str = "", *, is_enabled: bool = True) -> None:
        """Offer to begin, with a remark on what it takes."""
        self.start.show()
        self.start.setEnabled(is_enabled)
        self.bar.hide()
        self.cancel.hide()
        self._show_remark(remark)

    def show_work(self, share: float, remark: str) -> None:
        """Show which share is done."""
        self.start.hide()
        self.bar.setValue(round(1000 * share))
        self.bar.show()
        self.cancel.show()
        self._show_remark(remark)

    def _show_remark(self, remark: str) -> None:
        self.remark.setText(remark)
        self.remark.setVisible(bool(remark))


def reveal(area: QScrollArea, target: QWidget, *, from_top: bool) -> None:
    """Scroll so that a widget is seen, or all that stands above it too."""
    bar, top = area.verticalScrollBar(), target.y()
    if from_top:
        bar.setValue(0)
    elif not bar.value() <= top <= bar.value() + area.viewport().height() - target.height():
        bar.setValue(top - 8)
