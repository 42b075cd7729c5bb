"""The little window below the Run button that asks how many steps a run is to go on for, or up to which one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from app.errors import guarded
from app.translate import format_count, tr
from engine.message import EngineError
from engine.setting import Setting
from ui.number_edit import NumberEdit, parse_number

_WIDTH = 110
_GAP = 4


@dataclass(frozen=True)
class Question:
    """What is asked: the words before the number, those of the button for a number, and what it may be."""

    caption: str
    words: Callable[[str], str]
    number: Setting


STEPS = Question(
    "Steps",
    lambda count: tr("Run {count} steps", count=count),
    Setting("run_steps", 100, "Steps", "So many steps, and then a pause.", minimum=1, maximum=10**9),
)
STEP = Question(
    "Up to step",
    lambda step: tr("Run to step {step}", step=step),
    Setting(
        "run_to_step",
        1000,
        "Step",
        "The run pauses at this step, or goes back to it.",
        minimum=0,
        maximum=10**9,
    ),
)


class RunPopup(QFrame):
    """A number and a button. `accepted(number)`; it closes then, and wherever else is clicked."""

    accepted = Signal(int)

    def __init__(self, question: Question, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._question = question
        self.setProperty("role", "popup")
        self.setAccessibleName(tr(question.caption))
        self.number = NumberEdit(question.number)
        self.number.setFixedWidth(_WIDTH)
        self.go = QPushButton()
        self.go.setProperty("role", "primary")
        label = QLabel(tr(question.caption))
        label.setBuddy(self.number)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(8)
        for widget in (label, self.number, self.go):
            row.addWidget(widget)
        self.number.edited.connect(self._show_words)
        self.number.refused.connect(lambda reason: self.go.setEnabled(not reason))
        self.number.lineEdit().textEdited.connect(self._on_line_text_edited)
        self.go.clicked.connect(self._on_go_clicked)

    def open_below(self, button: QWidget, number: int) -> None:
        """Open with a number, ready to be typed over."""
        self.number.show_value(number)
        self._show_words()
        self.adjustSize()
        self.move(button.mapToGlobal(QPoint(0, button.height() + _GAP)))
        self.show()
        self.number.setFocus()
        self.number.selectAll()

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is the button, Esc closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_go_clicked()
        else:
            super().keyPressEvent(event)

    def _show_words(self, _value: object = None) -> None:
        self.go.setText(self._question.words(format_count(int(self.number.value() or 0))))

    def _on_line_text_edited(self, text: str) -> None:
        try:
            number = int(str(self._question.number.check(int(parse_number(text)))))
        except (EngineError, OverflowError):
            # What is too large for a number is told of when it is entered.
            return
        self.go.setText(self._question.words(format_count(number)))

    def _on_go_clicked(self) -> None:
        self.number.commit_draft()
        value = self.number.value()
        if not self.number.reason() and value is not None:
            self.close()
            self.accepted.emit(int(value))
