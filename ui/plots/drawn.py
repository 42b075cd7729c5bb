"""What a chart draws: curves and marks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.errors import guarded
from engine.dataset_kind import Array

EMPTY = np.empty(0)
RING_SIZE, RING_WIDTH = 9.5, 1.3
"""Rings around the points of the present batch."""


def pen_of(color: str | QColor, dashes: Sequence[float] = (), width: float = 1.0) -> QPen:
    """Make a pen `width` pixels wide at any zoom."""
    pen = QPen(QColor(color), width)
    pen.setCosmetic(True)
    if dashes:
        pen.setDashPattern(list(dashes))
    return pen


def faded(color: str, alpha: float) -> QColor:
    """Give a color with an opacity of 0…1."""
    faded_color = QColor(color)
    faded_color.setAlphaF(alpha)
    return faded_color


def _hairline_of(pen: QPen) -> tuple[QPen, float]:
    """Give a pen of one pixel, and by how many pixels its line is drawn again below, so that both are as wide as `pen`.

    Qt strokes a line of one pixel ten times as fast as a wider one.
    """
    width = pen.widthF()
    if width <= 1.0:
        return pen, 0.0
    hairline = QPen(pen)
    hairline.setWidthF(1.0)
    if pen.style() is Qt.PenStyle.CustomDashLine:
        hairline.setDashPattern([width * length for length in pen.dashPattern()])
    return hairline, width - 1.0


class Curve(QGraphicsItem):
    """A line through points, or an area; values that are not numbers leave gaps.

    pyqtgraph's own curve looks for the extremes of its data several times a frame, which costs as much as drawing it.
    """

    def __init__(self, connect: str) -> None:
        super().__init__()
        self._connect = connect
        self._x, self._y = EMPTY, EMPTY
        self._path = QPainterPath()
        self._area = QRectF()
        self._pen: QPen | None = None
        self._hairline = QPen(), 0.0
        self._fill: QBrush | None = None
        self._is_smooth = False

    def set_points(self, x: Array, y: Array) -> None:
        """Draw these points."""
        if not len(x) and not len(self._x):
            return
        self._x, self._y = x, y
        self._path = pg.arrayToQPath(x, y, connect=self._connect) if len(x) else QPainterPath()
        self.prepareGeometryChange()
        self._area = self._path.controlPointRect()
        self.update()

    def set_band(self, x: Array, low: Array, high: Array) -> None:
        """Draw the outline of what lies between two lines over `x`, which are all numbers."""
        self.set_points(np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]]))

    def set_pen(self, pen: QPen | None, is_smooth: bool = False) -> None:
        """Draw with a pen, or without a line."""
        self._pen, self._is_smooth = pen, is_smooth
        if pen is not None:
            self._hairline = _hairline_of(pen)
        self.update()

    def set_fill(self, color: QColor) -> None:
        """Fill what the line encloses."""
        self._fill = QBrush(color)
        self.update()

    def points(self) -> tuple[Array, Array]:
        """Give what is drawn."""
        return self._x, self._y

    def clear(self) -> None:
        """Draw nothing."""
        self.set_points(EMPTY, EMPTY)

    def boundingRect(self) -> QRectF:
        """Give the area of the points."""
        return self._area

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the line and the area."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._is_smooth)
        if self._fill is not None:
            painter.fillPath(self._path, self._fill)
        if self._pen is None:
            return
        hairline, offset = self._hairline
        painter.strokePath(self._path, hairline)
        if offset:
            painter.setTransform(painter.transform() * QTransform.fromTranslate(0.0, offset))
            painter.strokePath(self._path, hairline)


class Marks:
    """Symbols at points, of one size in pixels."""

    def __init__(self, symbol: str, size: float) -> None:
        self.item = pg.ScatterPlotItem(size=size, symbol=symbol, pxMode=True)

    def set_points(self, x: Array, y: Array) -> None:
        """Draw marks at these points; those that are not numbers are left out."""
        known = np.isfinite(x) & np.isfinite(y)
        self.item.setVisible(bool(known.any()))
        if known.any() or len(self.points()[0]):
            self.item.setData(x[known], y[known])

    def set_styled_points(self, x: Array, y: Array, pens: Sequence[QPen], fills: Sequence[QColor]) -> None:
        """Draw marks at these points, each with its own outline and fill."""
        self.item.setVisible(bool(len(x)))
        self.item.setData(x, y, pen=list(pens), brush=[QBrush(fill) for fill in fills])

    def set_style(self, pen: QPen | None, fill: QColor | None) -> None:
        """Draw the symbols' outline with a pen and fill them."""
        self.item.setPen(pen)
        self.item.setBrush(QBrush(fill) if fill is not None else None)

    def points(self) -> tuple[Array, Array]:
        """Give what is drawn."""
        x, y = self.item.getData()
        return x, y

    def clear(self) -> None:
        """Draw nothing."""
        self.set_points(EMPTY, EMPTY)
