"""Marks on cards: the frame and badge of each phase, which tell them apart without color, and Σ at a fan-out.

Frames: 1 dotted, 2 plain, 3 thick, 4 double; in phase 5, in which no card is at work but the weights change, none.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen

from ui.canvas.card import Card
from ui.colors import Colors
from ui.theme import ui_font

CORNER = 9.0
MAX_GROWTH = 1.8
"""Marks keep their size on the screen down to about the zoom from which words are hidden."""
MARGIN = 22.0
"""The room for frames, badges and Σ around a card."""
SUM_RADIUS = 8.0
_BADGES = {"sample": "1", "forward": "2 ▶", "loss": "3 =", "backward": "4 ◀", "gradient": "4 g", "update": "5 Δ"}
"""Phase 4 of a gradient method that sends nothing backward has no arrow."""
_BADGE_HEIGHT, _BADGE_WIDTH = 16.0, 30.0
_SECOND_LINE = 4.0
_SUM_ABOVE = 18.0
"""How far the sign of a sum is above the first output port, where no wire leaves."""


def sum_place(card: Card) -> QRectF:
    """Give where Σ stands: on the card's right edge, above the first output port."""
    port = card.outputs[0]
    middle = QPointF(card.size.width(), max(port.y() - _SUM_ABOVE, 2 * SUM_RADIUS))
    return QRectF(middle.x() - SUM_RADIUS, middle.y() - SUM_RADIUS, 2 * SUM_RADIUS, 2 * SUM_RADIUS)


def badge_place(frame: str) -> QRectF:
    """Give where the badge of a phase stands: on the upper left corner of every card."""
    width = _BADGE_HEIGHT if len(_BADGES[frame]) == 1 else _BADGE_WIDTH
    return QRectF(-6.0, -11.0, width, _BADGE_HEIGHT)


class PhaseMarks:
    """Paints the marks in the colors of one theme. Frames are named as in `Look`."""

    def __init__(self, colors: Colors) -> None:
        self._colors = colors
        self._font = ui_font(-2, bold=True)
        forward, backward = QColor(colors.forward), QColor(colors.backward)
        dotted = QPen(forward, 2.8)
        dotted.setCapStyle(Qt.PenCapStyle.RoundCap)
        dotted.setDashPattern([0.01, 2.0])
        self._frames = {
            "sample": (dotted,),
            "forward": (QPen(forward, 2.2),),
            "loss": (QPen(forward, 4.6),),
            "backward": (QPen(backward, 1.8), QPen(backward, 1.4)),
            "gradient": (QPen(backward, 1.8), QPen(backward, 1.4)),
            "update": (),
        }
        self._badges = {
            "sample": (colors.forward, colors.on_forward, colors.card),
            "forward": (colors.forward, colors.on_forward, colors.card),
            "loss": (colors.forward, colors.on_forward, colors.card),
            "backward": (colors.backward, colors.on_backward, colors.card),
            "gradient": (colors.backward, colors.on_backward, colors.card),
            # Its fill hardly stands out from the canvas, so its edge does.
            "update": (colors.update_bg, colors.update_fg, colors.update),
        }
        """The colors of a badge's fill, words and edge."""

    def draw_frame(self, painter: QPainter, card: Card, frame: str, zoom: float) -> None:
        """Draw the frame of a phase, its second line outside the first."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        growth = _growth(zoom)
        for number, pen in enumerate(self._frames[frame]):
            out = number * _SECOND_LINE * growth
            grown = QPen(pen)
            grown.setWidthF(pen.widthF() * growth)
            painter.setPen(grown)
            painter.drawRoundedRect(card.rect.adjusted(-out, -out, out, out), CORNER + out, CORNER + out)

    def draw_badge(self, painter: QPainter, frame: str, zoom: float) -> None:
        """Draw the number of a phase with its sign, no smaller on the screen than it can be read."""
        place, (fill, words, edge) = badge_place(frame), self._badges[frame]
        painter.save()
        painter.scale(_growth(zoom), _growth(zoom))
        painter.setPen(QPen(QColor(edge), 1.5))
        painter.setBrush(QBrush(QColor(fill)))
        painter.drawRoundedRect(place, place.height() / 2, place.height() / 2)
        painter.setFont(self._font)
        painter.setPen(QColor(words))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, _BADGES[frame])
        painter.restore()

    def draw_sum(self, painter: QPainter, card: Card, zoom: float) -> None:
        """Draw Σ in the color of gradients, no smaller on the screen than it can be read."""
        place = sum_place(card)
        middle = place.center()
        place.setSize(place.size() * _growth(zoom))
        place.moveCenter(middle)
        painter.setPen(QPen(QColor(self._colors.card), 1.5))
        painter.setBrush(QBrush(QColor(self._colors.backward)))
        painter.drawEllipse(place)
        font = QFont(self._font)
        font.setPixelSize(round(font.pixelSize() * _growth(zoom)))
        painter.setFont(font)
        painter.setPen(QColor(self._colors.on_backward))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "Σ")


def _growth(zoom: float) -> float:
    """Give how much larger a mark is drawn where the canvas is small."""
    return min(max(1.0 / zoom, 1.0), MAX_GROWTH)
