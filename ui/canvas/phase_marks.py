"""Marks on cards: Σ where the gradients of a fan-out have added. Words in them show from the zoom of all words on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from ui.canvas.card import Card
from ui.colors import Colors
from ui.theme import ui_font

SUM_RADIUS = 8.0
_SUM_ABOVE = 18.0
"""How far the sign of a sum is above the first output port, where no wire leaves."""


def sum_place(card: Card) -> QRectF:
    """Give where Σ stands: on the card's right edge, above the first output port."""
    port = card.outputs[0]
    middle = QPointF(card.size.width(), max(port.y() - _SUM_ABOVE, 2 * SUM_RADIUS))
    return QRectF(middle.x() - SUM_RADIUS, middle.y() - SUM_RADIUS, 2 * SUM_RADIUS, 2 * SUM_RADIUS)


class PhaseMarks:
    """Paints the marks in the colors of one theme."""

    def __init__(self, colors: Colors) -> None:
        self._colors = colors
        self._font = ui_font(-2, bold=True)

    def draw_sum(self, painter: QPainter, card: Card) -> None:
        """Draw Σ in the color of gradients."""
        place = sum_place(card)
        painter.setPen(QPen(QColor(self._colors.card), 1.5))
        painter.setBrush(QBrush(QColor(self._colors.backward)))
        painter.drawEllipse(place)
        painter.setFont(self._font)
        painter.setPen(QColor(self._colors.on_backward))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "Σ")
