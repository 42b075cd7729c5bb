"""A line of text that is taken when it is finished, as all fields here are."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.drafts import asks_for_undo
from ui.theme import show_role


class TextEdit(QLineEdit):
    """A line of text. Enter or leaving the field commits it, Esc restores.

    With a check, what it refuses stays in the field, in red, and commits nothing.
    """

    edited = Signal(str)
    refused = Signal(str)
    """Why the text does not fit; empty once it does."""

    def __init__(self, accessible_name: str, max_length: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self._reason = ""
        self._check: Callable[[str], str] | None = None
        self.setMaxLength(max_length)
        self.setAccessibleName(accessible_name)
        self.textEdited.connect(self._on_text_edited)
        self.editingFinished.connect(self.commit_draft)

    def check_with(self, check: Callable[[str], str]) -> None:
        """Take only texts for which this function gives no reason against them."""
        self._check = check

    def show_value(self, value: object) -> None:
        """Show a text; None stands for several different ones. What is being typed stays unless the text changed."""
        text = "" if value is None else str(value)
        if text != self._shown:
            self._shown = text
            self.discard_draft()
        if value is not None and (self._reason or not self._is_draft):
            # What fitted need not do so any more, and the other way round.
            self._show_reason(self._reason_against(self.text()))

    def value(self) -> str:
        """Give the text that is shown."""
        return self._shown

    def reason(self) -> str:
        """Give the words on why the text does not fit; empty if it does."""
        return self._reason

    def commit_draft(self) -> None:
        """Tell the typed text, or say why it does not fit."""
        text = self.text().strip()
        if text == self._shown:
            self.discard_draft()
        elif reason := self._reason_against(text):
            self._show_reason(reason)
        else:
            self._show_reason("")
            self.edited.emit(text)

    def discard_draft(self) -> None:
        """Show the text again in place of what is typed."""
        if self._is_draft:
            self.setText(self._shown)
            self.textEdited.emit(self._shown)

    def event(self, event: QEvent) -> bool:
        """Leave the keys of Undo and Redo to the document unless something is typed."""
        if asks_for_undo(event) and not self._is_draft:
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back what was typed; without a draft it is left to others."""
        if event.key() == Qt.Key.Key_Escape and self._is_draft:
            self.discard_draft()
            event.accept()
            return
        super().keyPressEvent(event)

    def _on_text_edited(self, text: str) -> None:
        if self._reason or not self._is_draft:
            self._show_reason(self._reason_against(text))

    def _reason_against(self, text: str) -> str:
        return self._check(text.strip()) if self._check is not None else ""

    def _show_reason(self, reason: str) -> None:
        if reason == self._reason:
            return
        self._reason = reason
        show_role(self, "error" if reason else "")
        self.refused.emit(reason)

    @property
    def _is_draft(self) -> bool:
        return self.text() != self._shown
