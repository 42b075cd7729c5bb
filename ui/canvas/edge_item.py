"""A wire on the canvas: a line for each weight between small layers, else one curve; and δ on its way back below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsSceneHoverEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from app.errors import guarded
from engine.graph import Edge
from engine.ops.call import Array
from ui.canvas.card_painter import TEXT_ZOOM
from ui.canvas.geometry import PORT_RADIUS, arrow_head, bundle_paths, wire_path
from ui.colors import Colors
from ui.theme import blended, ui_font

MAX_WIDTH = 5.0
_MIN_WIDTH = 0.7
_WIDTH_STEPS = 8
_HIT_WIDTH = 12.0
_FEW_LINES = 64
"""Up to so many lines have dashes for negative weights, and the weakest are drawn."""
_MOST_LINES = 96
"""Of more than this many lines only the strongest are drawn: more is a thicket, and takes too long in a run."""
_DASH = 9.0
_DASH_GAP = 2.5
_DELTA_DISTANCE = 4.0
_DELTA_INSET = 7.0
_MARGIN = 22.0


class EdgeItem(QGraphicsItem):
    """The wire of one edge. Weight lines are in the order of W: all from the first source unit, then the second."""

    def __init__(self, edge: Edge, colors: Colors) -> None:
        super().__init__()
        self.edge = edge
        self._colors = colors
        self._lines: list[QPainterPath] = []
        self._source_count = 0
        self._styles: list[int] = []
        self._drawn: list[tuple[int, QPen]] = []
        self._wire = self._trunk = QPainterPath()
        self._delta = QPainterPath()
        self._hit: QPainterPath | None = None
        self._bounds = QRectF()
        self._label = ""
        self._is_hovered = False
        self.is_forward = False
        self.is_backward = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setAcceptHoverEvents(True)

    @property
    def line_count(self) -> int:
        """How many weight lines there are; 0 for a single curve."""
        return len(self._lines)

    def weight_path(self, source: int, unit: int) -> QPainterPath:
        """Give the line of the weight from a source unit to a target unit; the whole wire where there are no lines."""
        return self._lines[source * (len(self._lines) // self._source_count) + unit] if self._lines else self._wire

    def place(self, starts: Sequence[QPointF], ends: Sequence[QPointF], *, as_lines: bool) -> None:
        """Run between these ports: one line from each start to each end, or one curve."""
        self.prepareGeometryChange()
        starts = [p + QPointF(PORT_RADIUS, 0.0) for p in starts]
        ends = [p - QPointF(PORT_RADIUS, 0.0) for p in ends]
        self._lines = [wire_path(start, end) for start in starts for end in ends] if as_lines else []
        self._wire, self._trunk = bundle_paths(starts, ends)
        if as_lines:
            self._wire = QPainterPath()
            for line in self._lines:
                self._wire.addPath(line)
        if len(self._styles) != len(self._lines):
            self._styles = []
            self._drawn = []
        below = _DELTA_DISTANCE + (MAX_WIDTH if as_lines else 1.0)
        self._delta = wire_path(starts[-1] + QPointF(_DELTA_INSET, below), ends[-1] + QPointF(-_DELTA_INSET, below))
        self._source_count = len(starts)
        self._hit = None
        self._bounds = self._wire.boundingRect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def set_colors(self, colors: Colors) -> None:
        """Draw in another theme's colors."""
        self._colors = colors
        self._drawn = self._pens(self._styles)
        self.update()

    def set_label(self, label: str) -> None:
        """Show these words in the middle of the curve."""
        if label != self._label:
            self._label = label
            self.update()

    def show_weights(self, weights: Array | None) -> None:
        """Show weights [source units, target units] as widths relative to the largest; None: not known."""
        styles: list[int] = []
        if weights is not None and weights.size == len(self._lines):
            scale = float(np.abs(weights).max())
            shares = np.nan_to_num(weights.ravel() / (scale or 1.0), posinf=1.0, neginf=-1.0)
            styles = np.rint(shares * _WIDTH_STEPS).astype(int).tolist()
        if styles != self._styles:
            self._styles = styles
            self._drawn = self._pens(styles)
            self.update()

    def show_flow(self, *, forward: bool, backward: bool) -> None:
        """Light up as carrying values forward or δ backward."""
        if (forward, backward) != (self.is_forward, self.is_backward):
            self.is_forward, self.is_backward = forward, backward
            self.update()

    def boundingRect(self) -> QRectF:
        """Give the room of the wire, of δ below it and of their marks."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Give what the mouse hits: a band around every line."""
        if self._hit is None:
            stroker = QPainterPathStroker()
            stroker.setWidth(_HIT_WIDTH)
            self._hit = stroker.createStroke(self._wire)
            self._hit.setFillRule(Qt.FillRule.WindingFill)
        return self._hit

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the lines or the curve, and what they carry."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.isSelected() or self._is_hovered:
            halo = QColor(self._colors.accent if self.isSelected() else self._colors.border_strong)
            halo.setAlphaF(0.45 if self.isSelected() else 0.3)
            painter.strokePath(self._wire, QPen(halo, 7.0))
        if self.is_forward:
            self._draw_forward(painter)
        elif self._drawn:
            for index, pen in self._drawn:
                painter.strokePath(self._lines[index], pen)
        else:
            painter.strokePath(self._wire, QPen(QColor(self._colors.dim), 1.0 if self._lines else 1.6))
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if self.is_backward:
            self._draw_backward(painter, zoom)
        if self._label and zoom >= TEXT_ZOOM:
            place = QRectF(0.0, 0.0, 10.0 + QFontMetricsF(ui_font(-1)).horizontalAdvance(self._label), 18.0)
            place.moveCenter(self._trunk.pointAtPercent(0.5))
            painter.fillRect(place, QColor(self._colors.canvas))
            self._write(painter, place.center(), self._label, self._colors.dim)

    def show_hovered(self, is_hovered: bool) -> None:
        """Show that a click would select it, or a drop would put something in between."""
        self._is_hovered = is_hovered
        self.update()

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Show what a click selects."""
        self.show_hovered(True)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Calm down."""
        self.show_hovered(False)

    def _draw_forward(self, painter: QPainter) -> None:
        color = QColor(self._colors.forward)
        if self._drawn:
            for index, pen in self._drawn:
                painter.strokePath(self._lines[index], QPen(color, pen.widthF()))
        else:
            painter.strokePath(self._wire, QPen(color, 2.2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        # One arrow for each source unit, where its lines have not parted yet.
        for line in self._lines[:: max(len(self._lines) // self._source_count, 1)]:
            painter.drawPolygon(arrow_head(line, 0.12, 5.5))
        if not self._lines:
            painter.drawPolygon(arrow_head(self._trunk, 0.5, 6.5))

    def _draw_backward(self, painter: QPainter, zoom: float) -> None:
        color = QColor(self._colors.backward)
        painter.strokePath(self._delta, QPen(color, 2.2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(arrow_head(self._delta, 0.06, 7.0, backward=True))
        if zoom >= TEXT_ZOOM:
            place = self._delta.pointAtPercent(0.5) + QPointF(0.0, 11.0)
            self._write(painter, place, "δ", self._colors.backward_text, bold=True)

    def _write(self, painter: QPainter, place: QPointF, words: str, color: str, *, bold: bool = False) -> None:
        painter.setFont(ui_font(-1, bold=bold))
        painter.setPen(QColor(color))
        painter.drawText(QRectF(place.x() - 60.0, place.y() - 10.0, 120.0, 20.0), Qt.AlignmentFlag.AlignCenter, words)

    def _pens(self, styles: Sequence[int]) -> list[tuple[int, QPen]]:
        """Give line numbers with their pens, the strongest last, so that they lie on top; of many, not the weakest."""
        pens = {style: self._weight_pen(style) for style in set(styles)}
        order = sorted(range(len(styles)), key=lambda k: abs(styles[k]))
        return [(k, pens[styles[k]]) for k in order[-_MOST_LINES:] if styles[k] or len(styles) <= _FEW_LINES]

    def _weight_pen(self, style: int) -> QPen:
        share = abs(style) / _WIDTH_STEPS
        hue = self._colors.negative if style < 0 else self._colors.positive
        # Mixed here rather than by the painter: opaque strokes take a tenth of the time of translucent ones.
        color = blended(hue, self._colors.canvas, 0.45 + 0.55 * share)
        pen = QPen(color, _MIN_WIDTH + (MAX_WIDTH - _MIN_WIDTH) * share)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if style < 0 and len(self._lines) <= _FEW_LINES:
            pen.setDashPattern([_DASH / pen.widthF(), _DASH_GAP / pen.widthF()])
        return pen
