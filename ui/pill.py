"""The pills of the phases in the pipeline bar, and texts in several lengths."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.errors import guarded
from app.translate import format_count
from ui.forms import show_tool_tip
from ui.theme import current, ui_font

PILL_HEIGHT = 21

_FIGURE_SPACE = "\N{FIGURE SPACE}"


@dataclass(frozen=True)
class Progress:
    """How many passes of a long phase are done."""

    done: int
    count: int

    @property
    def part(self) -> float:
        """The part that is done, up to 1."""
        return self.done / self.count

    @property
    def counts(self) -> dict[str, str]:
        """Both numbers as words, `done` as wide as `count`, so that nothing shifts."""
        done, count = format_count(self.done), format_count(self.count)
        padding = "".join(_FIGURE_SPACE if sign.isdigit() else sign for sign in count[: len(count) - len(done)])
        return {"done": padding + done, "count": count}


class FittingText(QWidget):
    """A line of text in several lengths: it shows the longest one that fits, and the longest of all as its tooltip."""

    def __init__(self, size_delta: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size_delta = size_delta
        self._texts: tuple[str, ...] = ("",)
        self._margin = 0
        self._may_be_bold = False
        self._fitted: tuple[int, str, int] | None = None
        self.setFixedHeight(PILL_HEIGHT)
        self.setMinimumWidth(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_texts(self, *texts: str, more: str = "") -> None:
        """Show one of these texts, longest first; the tooltip may say more."""
        if texts != self._texts:
            self._texts = texts
            self._fitted = None
            self.setAccessibleName(texts[0])
            self.update()
        show_tool_tip(self, f"{texts[0]}\n{more}" if more else texts[0])

    def text(self) -> str:
        """Give the text that is painted at the present width."""
        return self._fitting()[0]

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text from the left."""
        self._paint_text(QPainter(self), current().colors.text, Qt.AlignmentFlag.AlignLeft)

    def _paint_text(self, painter: QPainter, color: str, align: Qt.AlignmentFlag, bold: bool = False) -> None:
        text, size_delta = self._fitting()
        painter.setPen(QColor(color))
        painter.setFont(ui_font(size_delta, bold=bold))
        painter.drawText(self.rect(), align | Qt.AlignmentFlag.AlignVCenter, text)

    def _fitting(self) -> tuple[str, int]:
        """Give the text for the present width, and its size; measured anew for another width or text."""
        if self._fitted is None or self._fitted[0] != self.width():
            self._fitted = self.width(), *self._fit()
        return self._fitted[1:]

    def _fit(self) -> tuple[str, int]:
        """Choose a text and its size; a text is set one size smaller before a shorter one is taken."""
        room = self.width() - 2 * self._margin
        sizes = (self._size_delta, self._size_delta - 1)
        metrics = [QFontMetrics(ui_font(size, bold=self._may_be_bold)) for size in sizes]
        for text in self._texts:
            for size, measure in zip(sizes, metrics, strict=True):
                if measure.horizontalAdvance(text) <= room:
                    return text, size
        return metrics[-1].elidedText(self._texts[-1], Qt.TextElideMode.ElideRight, room), sizes[-1]


class Pill(FittingText):
    """A phase of a step. Quiet, or filled with its role's color while the run is in it, from the left if it is long."""

    def __init__(self, fill: str, words: str, edge: str = "", parent: QWidget | None = None) -> None:
        super().__init__(-1, parent)
        self._roles = (fill, words)
        self._edge = edge
        """The role of a line around a fill that hardly stands out from the bar."""
        self._is_active = False
        self._is_warning = False
        self._part = 1.0
        self._margin = 5
        self._may_be_bold = True

    def show_active(self, is_active: bool, part: float = 1.0) -> None:
        """Show whether the run is in this phase, and how much of the phase is done."""
        if (is_active, part) != (self._is_active, self._part):
            self._is_active, self._part = is_active, part
            self.update()

    def show_warning(self, is_warning: bool) -> None:
        """Show whether this phase cannot do its work."""
        if is_warning != self._is_warning:
            self._is_warning = is_warning
            self.update()

    @property
    def is_active(self) -> bool:
        """Whether it is filled with its role's color."""
        return self._is_active and not self._is_warning

    @property
    def filled_part(self) -> float:
        """How much of its width is filled with its role's color."""
        return self._part if self.is_active else 0.0

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pill and its text; the text changes its color where the filled part ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole, filled = QRectF(self.rect()), QRectF(self.rect())
        filled.setWidth(whole.width() * self.filled_part)
        if self.filled_part < 1.0:
            self._paint_part(painter, whole, "fill", "warning" if self._is_warning else "text")
        if self.is_active:
            self._paint_part(painter, filled, *self._roles)
            if self._edge:
                self._paint_edge(painter, filled)

    def _paint_edge(self, painter: QPainter, part: QRectF) -> None:
        painter.setClipRect(part)
        painter.setPen(QPen(QColor(getattr(current().colors, self._edge)), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        rect = QRectF(self.rect()).adjusted(0.6, 0.6, -0.6, -0.6)
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)

    def _paint_part(self, painter: QPainter, part: QRectF, fill: str, words: str) -> None:
        colors, path = current().colors, QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), PILL_HEIGHT / 2, PILL_HEIGHT / 2)
        painter.setClipRect(part)
        painter.fillPath(path, QColor(getattr(colors, fill)))
        self._paint_text(painter, getattr(colors, words), Qt.AlignmentFlag.AlignHCenter, self.is_active)
