"""The bars on the card of a loss: what each drawn row has lost, with the mean, which is the loss, as a line across."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from engine.row_losses import binned, row_losses
from engine.snapshot import Snapshot
from ui.colors import Colors

MOST_BARS = 32
_GAP = 1.0
_MAX_BAR = 12.0


@dataclass(frozen=True)
class RowBars:
    """Heights of bars from left to right, and of the line across, in units of the loss."""

    heights: tuple[float, ...]
    mean: float


def row_bars(snapshot: Snapshot) -> RowBars | None:
    """Give the bars of a snapshot: one for each row or, of many, for some rows together. None: nothing is known."""
    losses = row_losses(snapshot)
    if losses is None or not np.isfinite(losses).all():
        return None
    return RowBars(tuple(binned(losses, MOST_BARS).tolist()), float(losses.mean()))


def bar_places(bars: RowBars, place: QRectF) -> tuple[list[QRectF], float]:
    """Give where the bars are, standing on zero, and the height at which the mean is drawn."""
    low, high = min(0.0, *bars.heights), max(0.0, *bars.heights)
    scale = place.height() / ((high - low) or 1.0)
    zero = place.bottom() + low * scale
    pitch = min(place.width() / len(bars.heights), _MAX_BAR)
    rects = [
        QRectF(place.left() + k * pitch, zero - max(height, 0.0) * scale, pitch - _GAP, abs(height) * scale)
        for k, height in enumerate(bars.heights)
    ]
    return rects, zero - bars.mean * scale


def draw_bars(painter: QPainter, bars: RowBars, place: QRectF, colors: Colors, *, is_stale: bool) -> None:
    """Draw them; those that belong to weights of before in grey."""
    rects, mean = bar_places(bars, place)
    tint = QColor(colors.dim if is_stale else colors.forward)
    tint.setAlphaF(0.8 if is_stale else 1.0)
    for rect in rects:
        painter.fillRect(rect, tint)
    line = QLineF(place.left() - 3.0, mean, place.right() + 3.0, mean)
    # The edge keeps the line apart from the bars, which can be as bright as it is.
    for color, width in ((colors.card, 3.6), (colors.dim if is_stale else colors.text, 1.6)):
        painter.setPen(QPen(QColor(color), width))
        painter.drawLine(line)
