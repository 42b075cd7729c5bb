"""What a chart draws: curves and marks, as thin covers over pyqtgraph's items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QBrush, QColor, QPen

from engine.dataset_kind import Array

EMPTY = np.empty(0)


def pen_of(color: str | QColor, dashes: Sequence[float] = (), width: float = 1.0) -> QPen:
    """Make a pen `width` pixels wide at any zoom; above 1 drawing costs ten times as much a point."""
    pen = QPen(QColor(color), width)
    pen.setCosmetic(True)
    if dashes:
        pen.setDashPattern(list(dashes))
    return pen


def blended(color: str, behind: str, share: float) -> QColor:
    """Mix a color into the one behind it: a faint line that stays faint where it runs over itself."""
    front, back = QColor(color), QColor(behind)
    pairs = ((front.redF(), back.redF()), (front.greenF(), back.greenF()), (front.blueF(), back.blueF()))
    red, green, blue = (share * a + (1.0 - share) * b for a, b in pairs)
    return QColor.fromRgbF(red, green, blue)


def faded(color: str, alpha: float) -> QColor:
    """Give a color with an opacity of 0…1."""
    faded_color = QColor(color)
    faded_color.setAlphaF(alpha)
    return faded_color


class Curve:
    """A line through points; values that are not numbers leave gaps."""

    def __init__(self, connect: str) -> None:
        self.item = pg.PlotCurveItem(connect=connect)

    def set_points(self, x: Array, y: Array) -> None:
        """Draw these points."""
        self.item.setData(x, y)

    def set_band(self, x: Array, low: Array, high: Array) -> None:
        """Fill between two lines over `x`, which are all numbers; the curve's pen is then best none."""
        self.item.setData(np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]]), fillLevel="enclosed")

    def set_pen(self, pen: QPen | None, is_smooth: bool = False) -> None:
        """Draw with a pen, or without a line."""
        self.item.setPen(pen)
        self.item.opts["antialias"] = is_smooth

    def points(self) -> tuple[Array, Array]:
        """Give what is drawn."""
        x, y = self.item.getData()
        return (EMPTY, EMPTY) if x is None else (x, y)

    def clear(self) -> None:
        """Draw nothing."""
        self.set_points(EMPTY, EMPTY)


class Marks:
    """Symbols at points, of one size in pixels."""

    def __init__(self, symbol: str, size: float) -> None:
        self.item = pg.ScatterPlotItem(size=size, symbol=symbol, pxMode=True)

    def set_points(self, x: Array, y: Array) -> None:
        """Draw marks at these points; those that are not numbers are left out."""
        known = np.isfinite(x) & np.isfinite(y)
        self.item.setData(x[known], y[known])

    def set_styled_points(self, x: Array, y: Array, pens: Sequence[QPen], fills: Sequence[QColor]) -> None:
        """Draw marks at these points, each with its own outline and fill."""
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
