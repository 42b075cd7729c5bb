"""What flashes for a second: rings around units and ports, weight lines and chips that a number belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sin

from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication, QGraphicsItem, QGraphicsScene, QStyle, QStyleOptionGraphicsItem, QWidget

from app.errors import guarded
from ui.colors import Colors

PULSES = 3
TICKS, TICK_MS = 25, 40
_WIDTH, _GLOW = 2.6, 8.0
_MARGIN = _GLOW / 2 + 1.0


@dataclass(frozen=True)
class Shape:
    """An outline in the scene, and the role of its color."""

    path: QPainterPath
    role: str


class FlashItem(QGraphicsItem):
    """The outlines, above all cards and out of the mouse's way."""

    def __init__(self, colors: Colors) -> None:
        super().__init__()
        self.shapes: tuple[Shape, ...] = ()
        self._colors = colors
        self.setZValue(2.0)
        self.hide()

    def set_colors(self, colors: Colors) -> None:
        """Draw in another theme's colors."""
        self._colors = colors

    def show_shapes(self, shapes: Sequence[Shape]) -> None:
        """Draw these outlines; none hides the item."""
        self.prepareGeometryChange()
        self.shapes = tuple(shapes)
        self.setVisible(bool(shapes))

    def boundingRect(self) -> QRectF:
        """Give the room of all outlines with their glow."""
        rect = QRectF()
        for shape in self.shapes:
            # A line that is level has no height, and would not count.
            rect = rect.united(shape.path.boundingRect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN))
        return rect

    def shape(self) -> QPainterPath:
        """Be out of the mouse's way."""
        return QPainterPath()

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the outlines, each with a glow."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for shape in self.shapes:
            color = QColor(getattr(self._colors, shape.role))
            glow = QColor(color)
            glow.setAlphaF(0.3)
            painter.strokePath(shape.path, QPen(glow, _GLOW))
            painter.strokePath(shape.path, QPen(color, _WIDTH))


class Flash(QObject):
    """Shows outlines in a scene for a second, in three pulses; steadily where the desktop asks for no animations."""

    def __init__(self, scene: QGraphicsScene, colors: Colors) -> None:
        super().__init__(scene)
        self.item = FlashItem(colors)
        scene.addItem(self.item)
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    @property
    def is_on(self) -> bool:
        """Whether something flashes."""
        return self._timer.isActive()

    def set_colors(self, colors: Colors) -> None:
        """Draw in another theme's colors."""
        self.item.set_colors(colors)

    def show_shapes(self, shapes: Sequence[Shape]) -> None:
        """Begin anew with these outlines."""
        self.end()
        if shapes:
            self._ticks = 0
            self._show_pulse()
            self.item.show_shapes(shapes)
            self._timer.start()

    def end(self) -> None:
        """Be over."""
        self._timer.stop()
        if self.item.shapes:
            self.item.show_shapes(())

    def _on_timer_timeout(self) -> None:
        self._ticks += 1
        if self._ticks >= TICKS:
            self.end()
        else:
            self._show_pulse()

    def _show_pulse(self) -> None:
        phase = (self._ticks + 0.5) / TICKS
        self.item.setOpacity(sin(pi * PULSES * phase) ** 2 if _has_animations() else 1.0)


def _has_animations() -> bool:
    """Tell whether the desktop has animations at all."""
    return QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0
