"""The field that opens over a number of a matrix, so that another one can be typed in its place."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from app.errors import guarded
from engine.setting import Setting
from ui.number_edit import NumberEdit
from ui.theme import number_font

_WIDTH, _HEIGHT = 164, 28
"""All digits of a weight have room."""
_WEIGHT = Setting("weight", 0.0, "w", "What is typed here takes the place of the weight.")


class WeightField(NumberEdit):
    """Enter or leaving it commits, Esc does not; then it is gone. What is refused stays until it is left."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WEIGHT, parent)
        self._owner = parent
        self.setFont(number_font(-1))
        self.hide()

    def open_over(self, cell: QRect, name: str, value: float) -> None:
        """Open over a cell of the parent with the number of this name, ready to be typed over."""
        room = self._owner.size()
        x = max(min(cell.x(), room.width() - _WIDTH), 0)
        y = max(min(cell.center().y() - _HEIGHT // 2, room.height() - _HEIGHT), 0)
        self.setGeometry(x, y, _WIDTH, _HEIGHT)
        self.setAccessibleName(name)
        self.show_value(value)
        self.show()
        self.raise_()
        self.setFocus()
        self.selectAll()

    def put_away(self) -> None:
        """Close; what was typed and not taken is forgotten."""
        if not self.isHidden():
            self.discard_draft()
            if self.hasFocus():
                # Hidden, it would give the keyboard to some other part of the window.
                self._owner.setFocus()
            self.hide()

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the number with Enter, leave it with Esc."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit_draft()
            if not self.reason():
                self.put_away()
        elif event.key() == Qt.Key.Key_Escape:
            self.put_away()
        else:
            super().keyPressEvent(event)

    @guarded
    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Commit and close when the keyboard goes elsewhere, unless its own menu has it."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit_draft()
            self.put_away()
