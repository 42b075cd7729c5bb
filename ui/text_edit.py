"""A line of text that is taken when it is finished, as all fields here are."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.drafts import asks_for_undo


class TextEdit(QLineEdit):
    """A line of text. Enter or leaving the field commits it, Esc restores."""

    edited = Signal(str)

    def __init__(self, accessible_name: str, max_length: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.setMaxLength(max_length)
        self.setAccessibleName(accessible_name)
        self.editingFinished.connect(self.commit_draft)

    def show_value(self, value: object) -> None:
        """Show a text; None stands for several different ones. What is being typed stays unless the text changed."""
        text = "" if value is None else str(value)
        if text != self._shown:
            self._shown = text
            self.discard_draft()

    def value(self) -> str:
        """Give the text that is shown."""
        return self._shown

    def commit_draft(self) -> None:
        """Tell the typed text."""
        text = self.text().strip()
        if text == self._shown:
            self.discard_draft()
        else:
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

    @property
    def _is_draft(self) -> bool:
        return self.text() != self._shown
