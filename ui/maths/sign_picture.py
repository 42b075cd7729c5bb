"""A small picture of signed numbers: hue is the sign, strength the size."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.errors import guarded
from app.translate import tr
from engine.ops.call import Array
from ui.maths.typesetting import number_text
from ui.theme import current, signed_color, ui_font

SIDE = 128
"""A picture is about so wide."""
LEGEND = 20


class SignPicture(QWidget):
    """Shows [rows, columns] numbers, each as a square, with a legend of the largest one below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers: Array | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Picture of the derivative: color is the sign, strength the size"))
        current().changed.connect(self.update)

    @property
    def scale(self) -> float:
        """The largest size of a number."""
        if self._numbers is None:
            return 0.0
        return float(np.abs(self._numbers[np.isfinite(self._numbers)]).max(initial=0.0))

    def show_numbers(self, numbers: Array) -> None:
        """Show a picture."""
        self._numbers = numbers.copy()
        row, column = np.unravel_index(int(np.nan_to_num(np.abs(numbers)).argmax()), numbers.shape)
        words = tr(
            "Largest at row {row}, column {column}: {value}",
            row=int(row) + 1,
            column=int(column) + 1,
            value=number_text(float(numbers[row, column])),
        )
        self.setAccessibleDescription(words)
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def pixel_rect(self, row: int, column: int) -> QRect:
        """Give where a number is painted."""
        side = self._pixel
        return QRect(column * side, row * side, side, side)

    def sizeHint(self) -> QSize:
        """Ask for whole pixels, and the legend."""
        rows = 0 if self._numbers is None else self._numbers.shape[0]
        return QSize(SIDE, rows * self._pixel + LEGEND + 4)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the squares, a frame and the legend."""
        numbers, colors = self._numbers, current().colors
        if numbers is None:
            return
        rows, columns = numbers.shape
        with QPainter(self) as painter:
            for row in range(rows):
                for column in range(columns):
                    color = signed_color(float(numbers[row, column]), self.scale, colors, limit=1.0)
                    painter.fillRect(self.pixel_rect(row, column), color)
            area = QRect(0, 0, columns * self._pixel, rows * self._pixel)
            painter.setPen(QPen(QColor(colors.border_strong), 1.0))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
            painter.setFont(ui_font(-2))
            self._paint_legend(painter, area.bottom() + 6)

    @property
    def _pixel(self) -> int:
        columns = SIDE if self._numbers is None else max(self._numbers.shape)
        return max(1, SIDE // columns)

    def _paint_legend(self, painter: QPainter, top: int) -> None:
        colors, left = current().colors, 0
        scale = number_text(self.scale, 3)
        for value, words in ((1.0, tr("+{size}", size=scale)), (-1.0, tr("−{size}", size=scale))):
            painter.fillRect(QRect(left, top + 2, 10, 10), signed_color(value, 1.0, colors, limit=1.0))
            painter.setPen(QColor(colors.dim))
            width = painter.fontMetrics().horizontalAdvance(words)
            painter.drawText(QRect(left + 15, top, width + 2, 14), Qt.AlignmentFlag.AlignVCenter, words)
            left += width + 32
