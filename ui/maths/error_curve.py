"""The error of central differences over their step h, on two logarithmic axes, with the best h marked."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.errors import guarded
from app.translate import tr
from engine.error_curve import STEPS, brief
from engine.gradcheck import BOUND
from engine.ops.call import Array
from ui.colors import Colors
from ui.forms import show_tool_tip
from ui.theme import current, number_font, ui_font

HEIGHT = 190
LEFT, RIGHT, TOP, BOTTOM = 40, 10, 18, 34
LEAST = -17
"""No error is drawn below this power of ten: it is float64's own rounding."""
_CENTER = Qt.AlignmentFlag.AlignCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_HIGH = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, eq=False)
class Curve:
    """What is drawn: an error for each of STEPS, NaN where there is none, and how many weights a kink left out."""

    errors: Array
    kinks: Array
    best: int | None


class ErrorCurveView(QWidget):
    """Draws a curve; the tooltip gives the point under the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve: Curve | None = None
        self.setMouseTracking(True)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("The error of central differences over their step h"))
        current().changed.connect(self.update)

    def show_curve(self, curve: Curve, words: str) -> None:
        """Show a curve; `words` say what is to be seen."""
        self._curve = curve
        self.setAccessibleDescription(words)
        self.update()

    def point_of(self, number: int) -> QPointF:
        """Give where the point of a step is drawn."""
        assert self._curve is not None
        return self._point(float(STEPS[number]), float(self._curve.errors[number]))

    def sizeHint(self) -> QSize:
        """Ask for a width that fits any panel."""
        return QSize(100, HEIGHT)

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the nearest point."""
        curve = self._curve
        if curve is None:
            return
        across = np.array([self._point(float(h), 1.0).x() for h in STEPS])
        number = int(np.abs(across - event.position().x()).argmin())
        error, h = float(curve.errors[number]), brief(float(STEPS[number]))
        words = tr("h = {h}: error {error}", h=h, error=brief(error))
        if math.isnan(error):
            words = tr("h = {h}: nothing can be compared", h=h)
        if curve.kinks[number]:
            words = tr("{words}; {count} weights at kinks left out", words=words, count=int(curve.kinks[number]))
        show_tool_tip(self, words)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes, regions, the curve and the best h."""
        if self._curve is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_axes(painter, current().colors)
            self._paint_curve(painter, self._curve, current().colors)

    @property
    def _area(self) -> QRectF:
        return QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)

    @property
    def _top(self) -> int:
        """The power of ten at the top of the axis: what is drawn, and the bound, are below it."""
        assert self._curve is not None
        finite = self._curve.errors[np.isfinite(self._curve.errors)]
        largest = float(finite.max(initial=BOUND))
        return min(max(math.ceil(math.log10(largest)), -4), 12)

    @property
    def _bottom(self) -> int:
        assert self._curve is not None
        finite = self._curve.errors[np.isfinite(self._curve.errors) & (self._curve.errors > 0.0)]
        least = float(finite.min(initial=1e-10))
        return max(math.floor(math.log10(least)), LEAST)

    def _point(self, h: float, error: float) -> QPointF:
        area, ends = self._area, (math.log10(STEPS[-1]), math.log10(STEPS[0]))
        across = (math.log10(h) - ends[0]) / (ends[1] - ends[0])
        power = self._top if math.isinf(error) else math.log10(max(error, 10.0**LEAST))
        down = (self._top - power) / (self._top - self._bottom)
        return QPointF(area.left() + across * area.width(), area.top() + min(max(down, 0.0), 1.0) * area.height())

    def _paint_axes(self, painter: QPainter, colors: Colors) -> None:
        area = self._area
        painter.setFont(number_font(-3))
        for power in range(-12, 0):
            x = self._point(10.0**power, 1.0).x()
            is_named = power % 3 == 0 or power == -1
            painter.setPen(QPen(QColor(colors.grid), 1.0))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if is_named:
                painter.setPen(QColor(colors.dim))
                painter.drawText(QRectF(x - 24, area.bottom() + 2, 48, 14), _CENTER, _power_text(power))
        every = max(1, math.ceil((self._top - self._bottom) / 5))
        for power in range(self._bottom, self._top + 1):
            if (power - self._bottom) % every:
                continue
            y = self._point(1.0, 10.0**power).y()
            painter.setPen(QPen(QColor(colors.grid), 1.0))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colors.dim))
            painter.drawText(QRectF(0, y - 7, LEFT - 5, 14), _RIGHT, _power_text(power))
        painter.setFont(ui_font(-2))
        painter.drawText(QRectF(area.left(), area.bottom() + 17, area.width(), 15), _CENTER, tr("step h"))
        painter.drawText(QRectF(0, 0, area.width(), TOP - 4), Qt.AlignmentFlag.AlignVCenter, tr("error"))
        below = QRectF(area.left(), area.bottom() + 17, area.width(), 15)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, tr("◂ rounding"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, tr("truncation ▸"))

    def _paint_curve(self, painter: QPainter, curve: Curve, colors: Colors) -> None:
        ink = QColor(colors.backward_text)
        if curve.best is not None:
            x = self.point_of(curve.best).x()
            painter.setPen(QPen(QColor(colors.dim), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, self._area.top()), QPointF(x, self._area.bottom()))
        painter.setPen(QPen(ink, 1.8))
        run: list[QPointF] = []
        for number in range(len(STEPS) + 1):
            if number < len(STEPS) and not math.isnan(curve.errors[number]):
                run.append(self.point_of(number))
            elif run:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline(QPolygonF(run))
                run = []
        for number, error in enumerate(curve.errors):
            if not math.isnan(error):
                # A hollow point is one for which weights were left out.
                painter.setBrush(QColor(colors.panel) if curve.kinks[number] else ink)
                painter.drawEllipse(self.point_of(number), 2.4, 2.4)
        if curve.best is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors.accent), 2.0))
            painter.drawEllipse(self.point_of(curve.best), 6.0, 6.0)
            painter.setFont(ui_font(-2, bold=True))
            words = tr("best h = {h}", h=brief(float(STEPS[curve.best])))
            width = painter.fontMetrics().horizontalAdvance(words) + 4
            x = min(max(self.point_of(curve.best).x() - width / 2, self._area.left()), self._area.right() - width)
            painter.setPen(QColor(colors.text))
            painter.drawText(QRectF(x, 0, width, TOP - 2), _CENTER, words)


def _power_text(power: int) -> str:
    return f"10{str(power).translate(_HIGH)}"
