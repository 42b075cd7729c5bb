"""Which row of the batch and which unit the numbers are for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from app.translate import tr


class CountBox(QSpinBox):
    """A number from 1 to a count; 0 can stand for something else. The wheel turns it only when it has the focus."""

    edited = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.setMinimumWidth(90)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.valueChanged.connect(self.edited)

    def show_number(self, number: int, least: int, most: int) -> None:
        """Show a number among those that there are, and tell nobody."""
        self.blockSignals(True)
        self.setRange(least, max(most, least))
        self.setSuffix(tr(" of {count}", count=most))
        self.setValue(number)
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only with the focus, so that scrolling past it changes nothing."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Choosers(QWidget):
    """A box for the row, or the mean over rows, and one for the unit. `edited` tells that either has changed."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = CountBox(tr("Row of the batch"))
        self.row.setPrefix(tr("row "))
        self.row.setSpecialValueText(tr("mean over rows"))
        self.unit = CountBox(tr("Unit"))
        self.unit.setPrefix(tr("unit "))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.row, 1)
        line.addWidget(self.unit, 1)
        self.row.edited.connect(self._on_box_edited)
        self.unit.edited.connect(self._on_box_edited)

    def show_counts(self, row: int | None, rows: int, unit: int, units: int) -> None:
        """Show what is chosen of how many; a box for one thing only is left out. Both count from 0."""
        self.row.show_number(0 if row is None else min(row + 1, rows), 0, rows)
        self.unit.show_number(min(unit + 1, units), 1, units)
        self.row.setVisible(rows > 1)
        self.unit.setVisible(units > 1)
        self.setVisible(rows > 1 or units > 1)

    def _on_box_edited(self, _number: int) -> None:
        self.edited.emit()
