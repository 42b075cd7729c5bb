"""What the pipeline bar is made of: frames with a caption, pills for the phases, values that do not shift, arrows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.errors import guarded
from ui.forms import show_tool_tip
from ui.icons import show_icon
from ui.theme import current, ui_font

ROW_HEIGHT = 24
PILL_HEIGHT = 21
RADIUS = 8.0


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

    def show_texts(self, *texts: str) -> None:
        """Show one of these texts, longest first."""
        if texts != self._texts:
            self._texts = texts
            self._fitted = None
            self.setAccessibleName(texts[0])
            show_tool_tip(self, texts[0])
            self.update()

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
    """A phase of a step. Quiet, or filled with its role's color while the run is in it."""

    def __init__(self, fill: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(-1, parent)
        self._roles = (fill, words)
        self._is_active = False
        self._is_warning = False
        self._margin = 5
        self._may_be_bold = True

    def show_active(self, is_active: bool) -> None:
        """Show whether the run is in this phase."""
        if is_active != self._is_active:
            self._is_active = is_active
            self.update()

    def show_warning(self, is_warning: bool) -> None:
        """Show whether this phase has nothing to work with."""
        if is_warning != self._is_warning:
            self._is_warning = is_warning
            self.update()

    @property
    def is_active(self) -> bool:
        """Whether it is filled with its role's color."""
        return self._is_active and not self._is_warning

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pill and its text."""
        colors = current().colors
        fill, words = self._roles if self.is_active else ("fill", "warning" if self._is_warning else "text")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(colors, fill)))
        painter.drawRoundedRect(QRectF(self.rect()), PILL_HEIGHT / 2, PILL_HEIGHT / 2)
        self._paint_text(painter, getattr(colors, words), Qt.AlignmentFlag.AlignHCenter, self.is_active)


class Box(QWidget):
    """A rounded frame in the color of a role, with a row of words and fields above a row of pills."""

    def __init__(self, caption: str, role: str = "border_strong", caption_role: str = "dim") -> None:
        super().__init__()
        self._role = role
        self._caption_role = caption_role
        self._is_slot = role in {"backward", "update"}
        self._extras: tuple[QWidget, ...] = ()
        self.caption = QLabel(caption.upper())
        self.setToolTip(caption)
        self.setAccessibleName(caption)
        self.top = QHBoxLayout()
        self.top.setSpacing(5)
        self.top.addWidget(self.caption)
        self.bottom = QHBoxLayout()
        self.bottom.setSpacing(6)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 5, 8, 6)
        self._column.setSpacing(3)
        self._column.addLayout(self.top)
        self._column.addLayout(self.bottom)
        self.show_theme()

    def show_caption(self, words: str) -> None:
        """Show a longer or shorter caption."""
        self.caption.setText(words.upper())

    def show_words(self, has_caption: bool, has_extras: bool) -> None:
        """Show or leave out the caption and what else can be missed where there is little room."""
        self.caption.setVisible(has_caption)
        for extra in self._extras:
            extra.setVisible(has_extras)
        self._column.activate()

    def show_theme(self) -> None:
        """Take over the theme's colors."""
        font = ui_font(-3, bold=True)
        self.caption.setFont(font)
        palette = self.caption.palette()
        palette.setColor(self.caption.foregroundRole(), QColor(getattr(current().colors, self._caption_role)))
        self.caption.setPalette(palette)
        self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame."""
        colors = current().colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 1.6 if self._is_slot else 1.0
        painter.setPen(QPen(QColor(getattr(colors, self._role)), width))
        painter.setBrush(QColor(colors.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)


class ValueLabel(QLabel):
    """A value; wide enough for `widest` from the start, so that nothing shifts."""

    def __init__(self, widest: str, font: QFont) -> None:
        super().__init__()
        self.setFont(font)
        self.setFixedWidth(QFontMetrics(font).horizontalAdvance(widest) + 2)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def show_value(self, text: str, words: str = "", is_stale: bool = False) -> None:
        """Show a value with its tooltip; a stale one is gray."""
        self.setText(text)
        self.setEnabled(not is_stale)
        show_tool_tip(self, words)


def settings_button(words: str) -> QToolButton:
    """Make the small button that opens a slot's settings."""
    button = QToolButton()
    button.setFixedSize(20, ROW_HEIGHT)
    button.setIconSize(QSize(15, 15))
    button.setStyleSheet("QToolButton { padding: 0; }")
    button.setToolTip(words)
    button.setAccessibleName(words)
    show_icon(button, "settings", "dim")
    return button


def paint_arrow(painter: QPainter, start: float, end: float, y: float, color: str) -> None:
    """Paint an arrow to the right at height y."""
    painter.setPen(QPen(QColor(color), 1.6))
    painter.drawLine(QPointF(start, y), QPointF(end - 1, y))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([QPointF(end - 5, y - 4), QPointF(end, y), QPointF(end - 5, y + 4)]))
