"""One line of words over a plot: what is pointed at on the left; on the right each curve's sample, name and value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.errors import guarded
from ui.colors import Colors
from ui.theme import number_font, ui_font

HEIGHT = 20
SAMPLE = 16.0
GAP = 4.0
SPACE = 10.0
SEPARATOR = " · "
"""Between the words on the left; the first of them is always whole."""


@dataclass(frozen=True)
class Symbol:
    """A mark as a sample: `shape` is pyqtgraph's letter for it, "o", "d", "s" or "x"; without a fill it is hollow."""

    shape: str
    pen: QPen
    fill: QColor | None = None


@dataclass(frozen=True)
class Entry:
    """One curve in the legend: its name, a sample of its line or mark, and a value already written out."""

    label: str
    sample: QPen | Symbol | None = None
    value: str = ""
    is_minor: bool = False
    """Whether it is the first to go where there is little room."""


class Legend(QWidget):
    """The line itself. Where it is too narrow it leaves out the values, then the last curves; the tooltip has all.

    While it reads values off the curves it rather leaves out the samples or the names.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lead = ""
        self._entries: tuple[Entry, ...] = ()
        self._is_reading = False
        self._colors: Colors | None = None
        self._words, self._digits = ui_font(-2), number_font(-2)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Give everything as one text."""
        return "   ".join(part for part in (self._lead, *map(_entry_text, self._entries)) if part)

    def show_entries(self, entries: Sequence[Entry], lead: str = "", is_reading: bool = False) -> None:
        """Show these curves and, on the left, some words; `is_reading`: the values are what matters now."""
        if (tuple(entries), lead, is_reading) != (self._entries, self._lead, self._is_reading):
            self._entries, self._lead, self._is_reading = tuple(entries), lead, is_reading
            self.setToolTip(self.text())
            self.update()

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        self._colors = colors
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the height only."""
        return QSize(0, HEIGHT)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        if self._colors is not None:
            with QPainter(self) as painter:
                self._paint(painter, self._colors)

    def _paint(self, painter: QPainter, colors: Colors) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self._words)
        first_words = self._lead.split(SEPARATOR)[0]
        first_width = metrics.horizontalAdvance(first_words) + SPACE if self._lead else 0.0
        entries = self._fitting(self.width() - 2 * GAP - first_width)
        x = self.width() - GAP - sum(map(self._width, entries)) - SPACE * max(0, len(entries) - 1)
        if self._lead:
            room = x - GAP - SPACE if entries else self.width() - 2 * GAP
            painter.setFont(self._words)
            painter.setPen(QColor(colors.dim))
            words = metrics.elidedText(self._lead, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(GAP, 0, room, HEIGHT), Qt.AlignmentFlag.AlignVCenter, words)
        for entry in entries:
            x = self._paint_entry(painter, entry, x, colors) + SPACE

    def _paint_entry(self, painter: QPainter, entry: Entry, x: float, colors: Colors) -> float:
        middle = HEIGHT / 2
        if isinstance(entry.sample, QPen):
            painter.setPen(entry.sample)
            painter.drawLine(QPointF(x, middle + 0.5), QPointF(x + SAMPLE, middle + 0.5))
            x += SAMPLE + GAP
        elif entry.sample is not None:
            _paint_symbol(painter, entry.sample, QPointF(x + 4.0, middle))
            x += 8.0 + GAP
        for text, font, color in (
            (entry.label, self._words, colors.text),
            (entry.value, self._digits, colors.text),
        ):
            if text:
                width = QFontMetricsF(font).horizontalAdvance(text)
                painter.setFont(font)
                painter.setPen(QColor(color))
                painter.drawText(QRectF(x, 0, width + 1, HEIGHT), Qt.AlignmentFlag.AlignVCenter, text)
                x += width + GAP
        return x - GAP

    def _width(self, entry: Entry) -> float:
        sample = 0.0 if entry.sample is None else (SAMPLE if isinstance(entry.sample, QPen) else 8.0) + GAP
        value = QFontMetricsF(self._digits).horizontalAdvance(entry.value) + GAP if entry.value else 0.0
        return sample + QFontMetricsF(self._words).horizontalAdvance(entry.label) + value

    def _fitting(self, room: float) -> list[Entry]:
        """Give the entries as far as they fit: whole, else shortened, else the first ones and an ellipsis."""

        def fits(entries: Sequence[Entry]) -> bool:
            return sum(map(self._width, entries)) + SPACE * (len(entries) - 1) <= room

        entries = self._entries
        if not fits(entries):
            entries = tuple(entry for entry in entries if not entry.is_minor)
        if fits(entries):
            return list(entries)
        named = [Entry(entry.label, value=entry.value) for entry in entries]
        sampled = [Entry("", entry.sample, entry.value) for entry in entries]
        for shortened in (named, sampled) if self._is_reading else ():
            if fits(shortened):
                return shortened
        bare = [Entry(entry.label, entry.sample) if entry.label else entry for entry in entries]
        if fits(bare):
            return bare
        for count in range(len(bare) - 1, 0, -1):
            shortened = [*bare[:count], Entry("…")]
            if fits(shortened):
                return shortened
        return []


def _entry_text(entry: Entry) -> str:
    return f"{entry.label} {entry.value}".strip()


def _paint_symbol(painter: QPainter, symbol: Symbol, at: QPointF) -> None:
    painter.setPen(symbol.pen)
    painter.setBrush(symbol.fill if symbol.fill is not None else Qt.BrushStyle.NoBrush)
    if symbol.shape == "o":
        painter.drawEllipse(at, 3.0, 3.0)
    elif symbol.shape == "x":
        painter.drawLine(at + QPointF(-3, -3), at + QPointF(3, 3))
        painter.drawLine(at + QPointF(-3, 3), at + QPointF(3, -3))
    elif symbol.shape == "s":
        painter.drawRect(QRectF(at.x() - 3, at.y() - 3, 6, 6))
    else:
        painter.drawPolygon([at + QPointF(0, -4), at + QPointF(3, 0), at + QPointF(0, 4), at + QPointF(-3, 0)])
