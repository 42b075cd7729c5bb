"""A field for one number: typed as people write it, checked by its setting, stepped by buttons and arrow keys."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget

from app.translate import tr
from engine.message import EngineError, message
from engine.setting import Setting
from ui.drafts import asks_for_undo
from ui.theme import show_role

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?")
_SPACES = str.maketrans("", "", " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}")


def parse_number(text: str) -> float:
    """Read a number as people write it: 12, 0.5, 0,5, 1e-3, 2/3, 1 284. Raises EngineError for anything else."""
    if not text.strip():
        raise EngineError(message("A number is missing"))
    plain = text.strip().lower().translate(_SPACES).replace(",", ".").replace("\N{MINUS SIGN}", "-")
    parts = plain.split("/")
    if len(parts) > 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise EngineError(message("{text} is not a number", text=f"“{text.strip()}”"))
    numbers = [float(part) for part in parts]
    if len(numbers) == 2 and numbers[1] == 0.0:
        raise EngineError(message("nothing can be divided by 0"))
    return numbers[0] / numbers[1] if len(numbers) == 2 else numbers[0]


def number_text(value: float) -> str:
    """Write a number so that reading it gives the same number, as short as that allows: 8, 0.03, 1e-8, 1e6, 123456."""
    plain = str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    texts = [plain, f"{Decimal(plain).normalize():e}"] if abs(value) >= 1e5 else [plain]
    short = [re.sub(r"e([+-])0*", lambda found: "e-" if found[1] == "-" else "e", text) for text in texts]
    return min(short, key=len)


def stepped(value: float, steps: int) -> float:
    """Go up or down in the leading digit: 0.08, 0.09, 0.1, 0.2; from 0 by 0.01. Never across 0."""
    number = Decimal(repr(value))
    direction = 1 if steps > 0 else -1
    for _ in range(abs(steps)):
        size = Decimal(1).scaleb(number.adjusted()) if number else Decimal("0.01")
        is_toward_zero = number * direction < 0
        if is_toward_zero and abs(number) == size:
            size /= 10
        number += direction * size
    return float(number)


class _NumberLine(QLineEdit):
    """A double-click selects the whole number; by itself it would only select the digits before or after the point."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select all of it."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.selectAll()
        else:
            super().mouseDoubleClickEvent(event)


class NumberEdit(QAbstractSpinBox):
    """A field for a number setting, with buttons and arrow keys to step it.

    Enter or leaving the field commits what was typed, a step commits at once, Esc restores. What the setting refuses
    stays in the field, in red, and commits nothing.
    """

    edited = Signal(object)
    refused = Signal(str)
    """Why the typed text is not taken; empty once it is taken or restored."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setting = setting
        self._is_whole = isinstance(setting.default, int)
        self._value: int | float | None = None
        self._is_draft = False
        self._reason = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setLineEdit(_NumberLine(self))
        self.setAccessibleName(tr(setting.label))
        self.lineEdit().textEdited.connect(self._on_line_text_edited)
        self.editingFinished.connect(self.commit_draft)

    def show_value(self, value: int | float | None) -> None:
        """Show a number, or nothing for several different ones. What is being typed stays unless the number changed."""
        if value == self._value and self._is_draft:
            return
        self._value = value
        self._restore()

    def value(self) -> int | float | None:
        """Give the number that is shown, whatever is being typed."""
        return self._value

    def reason(self) -> str:
        """Give the words on why the typed text is refused; empty if it is not."""
        return self._reason

    def commit_draft(self) -> None:
        """Take the typed number, or say why not."""
        if self._is_draft:
            self._commit(self.text())

    def discard_draft(self) -> None:
        """Show the number again in place of what is typed."""
        self._restore()

    def stepBy(self, steps: int) -> None:
        """Go up or down from what stands in the field, within the setting's bounds, and commit."""
        try:
            start = parse_number(self.text())
        except EngineError:
            start = self._value or 0
        value = math.floor(start) + steps if self._is_whole else stepped(start, steps)
        low, high = self._setting.minimum, self._setting.maximum
        value = value if low is None else max(value, low)
        value = value if high is None else min(value, high)
        self._commit(number_text(value))

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Allow steps up to the setting's bounds."""
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        low, high, value = self._setting.minimum, self._setting.maximum, self._value
        if value is None or high is None or value < high:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if value is None or low is None or value > low:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let everything be typed: the setting judges it on Enter, with words."""
        return QValidator.State.Acceptable, text, position

    def event(self, event: QEvent) -> bool:
        """Leave the keys of Undo and Redo to the document unless something is typed."""
        if asks_for_undo(event) and not self._is_draft:
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back what was typed; without a draft it is left to others."""
        if event.key() == Qt.Key.Key_Escape and self._is_draft:
            self._restore()
            self.selectAll()
            event.accept()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step only when the field has the focus, so that scrolling past it changes nothing."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_line_text_edited(self, text: str) -> None:
        self._is_draft = text != self._value_text()
        if not self._is_draft:
            self._show_reason("")
        if not self._reason:
            return
        try:
            self._read(text)
        except EngineError as error:
            self._show_reason(tr(error.message))
        else:
            self._show_reason("")

    def _commit(self, text: str) -> None:
        try:
            value = self._read(text)
        except EngineError as error:
            self._show_reason(tr(error.message))
            return
        changed, self._value = value != self._value, value
        self._restore()
        if changed:
            self.edited.emit(value)

    def _read(self, text: str) -> int | float:
        number = parse_number(text)
        value = self._setting.check(int(number) if self._is_whole and number.is_integer() else number)
        assert isinstance(value, int | float)
        return value

    def _restore(self) -> None:
        self._is_draft = False
        text = self._value_text()
        if self.lineEdit().text() != text:
            self.lineEdit().setText(text)
            self.lineEdit().setCursorPosition(0)
        self.lineEdit().setPlaceholderText(tr("several") if self._value is None else "")
        self._show_reason("")

    def _value_text(self) -> str:
        return "" if self._value is None else number_text(self._value)

    def _show_reason(self, reason: str) -> None:
        if reason == self._reason:
            return
        self._reason = reason
        show_role(self, "error" if reason else "")
        self.refused.emit(reason)
