"""The signs of breakpoints at the left edge of a card: forward at its upper half, backward at its lower one."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.translate import tr
from engine.program import Phase
from ui.canvas.card import Card
from ui.colors import Colors

RADIUS = 5.6
_INSET = 16.0
"""So far the centers are from the card's upper and lower edge: clear of the ports, which lie in the middle."""


def mark_center(card: Card, phase: Phase) -> QPointF:
    """Give the middle of a sign, on the card's left edge."""
    return QPointF(-1.0, _INSET if phase is Phase.FORWARD else card.size.height() - _INSET)


def mark_words(phase: Phase) -> str:
    """Say what a sign means."""
    if phase is Phase.FORWARD:
        return tr("● Breakpoint: each run pauses before forward comes to this node")
    return tr("● Breakpoint: each run pauses before backward comes to this node")


def paint_marks(painter: QPainter, card: Card, phases: frozenset[Phase], colors: Colors) -> None:
    """Paint a disc for each phase, with ◀ in that for backward."""
    for phase in phases:
        is_forward = phase is Phase.FORWARD
        center = mark_center(card, phase)
        painter.setPen(QPen(QColor(colors.canvas), 1.2))
        painter.setBrush(QColor(colors.forward if is_forward else colors.backward))
        painter.drawEllipse(center, RADIUS, RADIUS)
        if not is_forward:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.on_backward))
            tip, top, bottom = QPointF(-3.2, 0.0), QPointF(1.8, -3.0), QPointF(1.8, 3.0)
            painter.drawPolygon(QPolygonF([center + tip, center + top, center + bottom]))
