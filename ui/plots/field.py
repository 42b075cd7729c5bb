"""Colored areas: from numbers on a grid to an image, and the line where the numbers cross a level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.errors import guarded
from engine.dataset_kind import Array
from ui.colors import Colors
from ui.plots.ticks import Range

SHADES = 256
STRENGTH = 0.62
"""How much of its role's color an area takes at most: points of the full color stay visible on it."""

Pixels = NDArray[np.uint32]


def shades(low: str, middle: str, high: str, strength: float = STRENGTH) -> Pixels:
    """Give `SHADES` colors from `low` through `middle` to `high`, the ends mixed with the middle; 0xFFRRGGBB each."""
    ends = [_mixed(middle, end, strength) for end in (low, high)]
    center, (first, last) = _rgb(middle), ends
    share = np.linspace(-1.0, 1.0, SHADES)[:, np.newaxis]
    colors = center + np.maximum(share, 0.0) * (last - center) + np.maximum(-share, 0.0) * (first - center)
    return _packed(colors)


def class_shades(colors: Sequence[str], middle: str, strength: float = STRENGTH) -> Pixels:
    """Give for each class `SHADES` colors from `middle` to its own as [classes, SHADES]."""
    share = np.linspace(0.0, strength, SHADES)[:, np.newaxis]
    return np.array([_packed(_rgb(middle) + share * (_rgb(color) - _rgb(middle))) for color in colors])


def signed_shades(colors: Colors, strength: float = STRENGTH) -> Pixels:
    """Give the shades from negative through the canvas to positive."""
    return shades(colors.negative, colors.canvas, colors.positive, strength)


def place(values: Array, low: float, high: float) -> NDArray[np.intp]:
    """Give each value's shade between `low` and `high`; what is not a number takes the middle one."""
    share = (np.clip(values, low, high) - low) / (high - low)
    return np.asarray(np.nan_to_num(share, nan=0.5) * (SHADES - 1) + 0.5, dtype=np.intp)


def crossings(field: Array, level: float, x: Array, y: Array) -> tuple[Array, Array]:
    """Find where a field [len(y), len(x)] crosses a level, as points two of which make a segment.

    Marching squares: each cell is cut in two triangles, so that no cell is ambiguous; values between are linear.
    Cells with values that are not finite have no line.
    """
    rows, columns = field.shape
    corners = [(slice(i, rows - 1 + i), slice(j, columns - 1 + j)) for i, j in ((0, 0), (0, 1), (1, 1), (1, 0))]
    xs, ys = np.meshgrid(x, y)
    found_x: list[Array] = []
    found_y: list[Array] = []
    for triangle in ((0, 1, 2), (0, 2, 3)):
        values = np.stack([field[corners[c]] for c in triangle]) - level
        points_x, points_y = (np.stack([grid[corners[c]] for c in triangle]) for grid in (xs, ys))
        above = values > 0.0
        known = np.isfinite(values).all(axis=0)
        for lonely in range(3):
            others = [(lonely + 1) % 3, (lonely + 2) % 3]
            hit = known & (above[others[0]] == above[others[1]]) & (above[lonely] != above[others[0]])
            ends_x: list[Array] = []
            ends_y: list[Array] = []
            for other in others:
                start, end = values[lonely][hit], values[other][hit]
                share = start / (start - end)
                for points, ends in ((points_x, ends_x), (points_y, ends_y)):
                    ends.append(points[lonely][hit] + share * (points[other][hit] - points[lonely][hit]))
            found_x.append(np.stack(ends_x, axis=1).ravel())
            found_y.append(np.stack(ends_y, axis=1).ravel())
    return np.concatenate(found_x), np.concatenate(found_y)


class FieldItem(QGraphicsItem):
    """An image stretched over a rectangle of a chart, smooth between the grid's points."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._pixels: Pixels | None = None
        self._area = QRectF()

    def show_pixels(self, pixels: Pixels, x: Range, y: Range) -> None:
        """Show pixels [rows, columns], the first row lowest; the ranges are those of the pixels' middles."""
        rows, columns = pixels.shape
        self._pixels = np.ascontiguousarray(pixels)
        self._image = QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        width, height = (x[1] - x[0]) / (columns - 1), (y[1] - y[0]) / (rows - 1)
        area = QRectF(x[0] - width / 2, y[0] - height / 2, columns * width, rows * height)
        if area != self._area:
            self.prepareGeometryChange()
            self._area = area
        self.update()

    def boundingRect(self) -> QRectF:
        """Give the rectangle."""
        return self._area

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the image."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._area, self._image)


def _rgb(color: str) -> Array:
    value = QColor(color)
    return np.array([value.red(), value.green(), value.blue()], dtype=np.float64)


def _mixed(base: str, color: str, strength: float) -> Array:
    return _rgb(base) + strength * (_rgb(color) - _rgb(base))


def _packed(colors: Array) -> Pixels:
    red, green, blue = (np.rint(colors[:, k]).astype(np.uint32) for k in range(3))
    return np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
