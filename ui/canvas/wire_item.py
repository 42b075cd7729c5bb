"""The wire while it is being drawn, with the verdict beside the cursor."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.errors import guarded
from ui.canvas.geometry import wire_path
from ui.colors import Colors
from ui.theme import ui_font

_SIGNS = {"fits": "✓", "warning": "▲", "refused": "●"}
_LABEL_OFFSET = QPointF(16.0, 14.0)
_MAX_WIDTH = 360.0


class WireItem(QGraphicsItem):
    """A curve to the mouse; its label keeps its size at every zoom."""

    def __init__(self, colors: Colors) -> None:
        super().__init__()
        self.words = ""
        self._colors = colors
        self._judgment = ""
        self._path = QPainterPath()
        self._label = _Label(self)
        self.setZValue(3.0)
        self.hide()

    def set_colors(self, colors: Colors) -> None:
        """Draw in another theme's colors."""
        self._colors = colors

    def show_wire(self, start: QPointF, end: QPointF, *, cursor: QPointF, words: str, judgment: str) -> None:
        """Run from start to end, and say these words at the cursor; `judgment` is the Judgment's value or ""."""
        self.prepareGeometryChange()
        self.words = words
        self._judgment = judgment
        self._path = wire_path(start, end)
        self._label.setPos(cursor)
        self._label.show_words(f"{_SIGNS[judgment]} {words}" if words else "", self._role(), self._colors)
        self.show()
        self.update()

    def boundingRect(self) -> QRectF:
        """Give the room of the curve."""
        return self._path.boundingRect().adjusted(-6.0, -6.0, 6.0, 6.0)

    def shape(self) -> QPainterPath:
        """Be out of the mouse's way."""
        return QPainterPath()

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the curve and the free end."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(self._role()), 2.2)
        if self._judgment == "refused":
            pen.setDashPattern([3.0, 2.5])
        painter.strokePath(self._path, pen)

    def _role(self) -> str:
        c = self._colors
        return {"fits": c.forward_text, "warning": c.warning, "refused": c.error}.get(self._judgment, c.accent)


class _Label(QGraphicsItem):
    """Words in a box beside the cursor, the same size at every zoom."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self._words = ""
        self._color = QColor()
        self._fill = QColor()
        self._font = ui_font(-1)
        self._box = QRectF()

    def show_words(self, words: str, color: str, colors: Colors) -> None:
        """Show other words; none hides the box."""
        self.setVisible(bool(words))
        self._color, self._fill = QColor(color), QColor(colors.panel)
        if words != self._words:
            self.prepareGeometryChange()
            self._words = words
            room = QRectF(0.0, 0.0, _MAX_WIDTH, 200.0)
            text = QFontMetricsF(self._font).boundingRect(room, int(Qt.TextFlag.TextWordWrap), words)
            self._box = text.translated(_LABEL_OFFSET).adjusted(-9.0, -5.0, 9.0, 5.0)
            if self._leaves_view():
                self._box.moveRight(-_LABEL_OFFSET.x() / 2)
        self.update()

    def _leaves_view(self) -> bool:
        """Tell whether the box would be cut off at the right."""
        view = self.scene().views()[0]
        return view.mapFromScene(self.scenePos()).x() + self._box.right() > view.viewport().width()

    def boundingRect(self) -> QRectF:
        """Give the box."""
        return self._box.adjusted(-2.0, -2.0, 2.0, 2.0)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the box and the words."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._color, 1.2))
        painter.setBrush(self._fill)
        painter.drawRoundedRect(self._box, 6.0, 6.0)
        painter.setFont(self._font)
        painter.drawText(self._box.adjusted(9.0, 5.0, -8.0, -4.0), int(Qt.TextFlag.TextWordWrap), self._words)
