"""The batch size: 1 · n · all, or any number typed in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QWidget

from app.translate import tr
from engine.message import EngineError, message
from ui.drafts import asks_for_undo
from ui.forms import show_tool_tip
from ui.number_edit import parse_number
from ui.theme import show_role

_USUAL_SIZE = 32


class BatchBox(QComboBox):
    """An editable list of batch sizes; None stands for all training rows.

    Enter, leaving the box or choosing commits, Esc restores. A size that cannot be stays in the box, in red.
    """

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: int | None = None
        self._rows = 1
        self._usual = _USUAL_SIZE
        self._is_draft = False
        self._line = QLineEdit(self)
        self.setLineEdit(self._line)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setCompleter(QCompleter(self))  # one without a model: a typed 3 must not become 32
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(3)
        for part in (self, self._line):
            part.setAccessibleName(tr("Batch size"))
        self.activated.connect(self._on_activated)
        self._line.textEdited.connect(self._on_line_text_edited)
        self._line.editingFinished.connect(self.commit_draft)

    def show_batch(self, size: int | None, rows: int) -> None:
        """Show a batch size out of so many training rows. What is being typed stays unless the size changed."""
        if self._is_draft and (size, rows) == (self._shown, self._rows):
            return
        self._shown, self._rows = size, rows
        if size is not None and size > 1:
            self._usual = size
        choices: tuple[int | None, ...] = (1, self._usual, None)
        if tuple(self.itemData(index) for index in range(self.count())) != choices:
            self.clear()
            for choice in choices:
                self.addItem(self._words(choice), choice)
        self._restore()

    def value(self) -> int | None:
        """Give the batch size that is shown, whatever is being typed."""
        return self._shown

    def commit_draft(self) -> None:
        """Take the typed size, or say why not."""
        if not self._is_draft:
            return
        try:
            self._take(self._read(self.currentText().strip()))
        except EngineError as error:
            self._show_reason(tr(error.message))

    def discard_draft(self) -> None:
        """Show the size again in place of what is typed."""
        self._restore()

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
            self._line.selectAll()
            event.accept()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what the box lies in: a batch size is no thing to scroll through."""
        event.ignore()

    def _words(self, size: int | None) -> str:
        return tr("all") if size is None else str(size)

    def _on_activated(self, index: int) -> None:
        self._take(self.itemData(index))

    def _on_line_text_edited(self, text: str) -> None:
        self._is_draft = text != self._words(self._shown)
        self._show_reason("")

    def _read(self, text: str) -> int | None:
        if text.lower() in {"all", tr("all").lower()}:
            return None
        size = parse_number(text)
        if not size.is_integer() or not 1 <= size <= self._rows:
            raise EngineError(message("a whole number from 1 to {rows}, or “all”, is needed", rows=self._rows))
        return int(size)

    def _take(self, size: int | None) -> None:
        changed, self._shown = size != self._shown, size
        self._restore()
        if changed:
            self.edited.emit(size)

    def _restore(self) -> None:
        self._is_draft = False
        self.setCurrentIndex(self.findData(self._shown) if self._shown is not None else self.count() - 1)
        self.setEditText(self._words(self._shown))
        self._line.setCursorPosition(0)  # shows the beginning, wherever the text was scrolled to
        self._show_reason("")

    def _show_reason(self, reason: str) -> None:
        role = "error" if reason else ""
        if role == (self.property("role") or ""):
            return
        show_role(self, role)
        show_tool_tip(self, reason)
        self.refused.emit(reason)
