"""What the pipeline bar is made of: frames with a caption, pills for the phases, values that do not shift, arrows."""

from __future__ import annotations

from dataclasses import asdict

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.icons import show_icon
from ui.theme import current, number_font, ui_font

ROW_HEIGHT = 24
PILL_HEIGHT = 21
RADIUS = 8.0


class Pill(QWidget):
    """A phase of a step. Quiet, or filled with its role's color while the run is in it.

    Of its texts, longest first, it shows the first that fits; the longest is its tooltip.
    """

    def __init__(self, fill: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._roles = (fill, words)
        self._texts: tuple[str, ...] = ("",)
        self._is_active = False
        self._is_warning = False
        self.setFixedHeight(PILL_HEIGHT)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_texts(self, *texts: str) -> None:
        """Show one of these texts, longest first."""
        if texts != self._texts:
            self._texts = texts
            self.setAccessibleName(texts[0])
            self.setToolTip(texts[0])
            self.update()

    def show_active(self, is_active: bool) -> None:
        """Show whether the run is in this phase."""
        self._is_active = is_active
        self.update()

    def show_warning(self, is_warning: bool) -> None:
        """Show whether this phase has nothing to work with."""
        self._is_warning = is_warning
        self.update()

    @property
    def is_active(self) -> bool:
        """Whether it is filled with its role's color."""
        return self._is_active and not self._is_warning

    def text(self) -> str:
        """Give the text that is painted at the present width."""
        room = self.width() - 16
        metrics = QFontMetrics(self._font())
        fitting = next((text for text in self._texts if metrics.horizontalAdvance(text) <= room), None)
        return fitting or metrics.elidedText(self._texts[-1], Qt.TextElideMode.ElideRight, room)

    def sizeHint(self) -> QSize:
        """Ask for the room of the shortest text."""
        return QSize(QFontMetrics(self._font()).horizontalAdvance(self._texts[-1]) + 16, PILL_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pill and its text."""
        colors = asdict(current().colors)
        fill, words = self._roles if self.is_active else ("fill", "warning" if self._is_warning else "text")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors[fill]))
        painter.drawRoundedRect(QRectF(self.rect()), PILL_HEIGHT / 2, PILL_HEIGHT / 2)
        painter.setPen(QColor(colors[words]))
        painter.setFont(self._font())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())

    def _font(self) -> QFont:
        return ui_font(-1, bold=self.is_active)


class Box(QWidget):
    """A rounded frame in the color of a role, with a row of words and fields above a row of pills."""

    def __init__(self, caption: str, role: str = "border_strong", caption_role: str = "dim") -> None:
        super().__init__()
        self._role = role
        self._caption_role = caption_role
        self._is_wide = role in {"backward", "update"}
        self.caption = QLabel(caption.upper())
        self.top = QHBoxLayout()
        self.top.setSpacing(6)
        self.top.addWidget(self.caption)
        self.bottom = QHBoxLayout()
        self.bottom.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(9, 5, 9, 6)
        column.setSpacing(3)
        column.addLayout(self.top)
        column.addLayout(self.bottom)
        self.show_theme()

    def show_caption(self, words: str) -> None:
        """Show a longer or shorter caption."""
        self.caption.setText(words.upper())

    def show_theme(self) -> None:
        """Take over the theme's colors."""
        font = ui_font(-3, bold=True)
        self.caption.setFont(font)
        palette = self.caption.palette()
        palette.setColor(self.caption.foregroundRole(), QColor(asdict(current().colors)[self._caption_role]))
        self.caption.setPalette(palette)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame."""
        colors = current().colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 1.6 if self._is_wide else 1.0
        painter.setPen(QPen(QColor(asdict(colors)[self._role]), width))
        painter.setBrush(QColor(colors.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)


class ValueLabel(QLabel):
    """A number in a font of equal widths; wide enough for `widest` from the start, so that nothing shifts."""

    def __init__(self, widest: str, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignRight, bold: bool = False) -> None:
        super().__init__()
        font = number_font(-1, bold=bold)
        self.setFont(font)
        self.setFixedWidth(QFontMetrics(font).horizontalAdvance(widest) + 2)
        self.setAlignment(align | Qt.AlignmentFlag.AlignVCenter)

    def show_value(self, text: str, is_stale: bool = False) -> None:
        """Show a value; a stale one is gray."""
        self.setText(text)
        self.setEnabled(not is_stale)


def settings_button(words: str) -> QToolButton:
    """Make the small button that opens a slot's settings."""
    button = QToolButton()
    button.setFixedSize(ROW_HEIGHT, ROW_HEIGHT)
    button.setIconSize(QSize(15, 15))
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
