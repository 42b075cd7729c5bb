"""What the pipeline bar is made of: frames with a caption, values that do not shift, arrows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.errors import guarded
from app.translate import format_count, tr
from engine.step_cost import StepCost
from ui.forms import show_tool_tip
from ui.icons import show_icon
from ui.theme import current, ui_font

ROW_HEIGHT = 24
RADIUS = 8.0
MARGIN = 8
"""Left and right of what stands in a box, in px."""


class Box(QWidget):
    """A rounded frame in the color of a role, with a row of words and fields above a row of pills."""

    def __init__(self, caption: str, role: str = "border_strong", caption_role: str = "dim") -> None:
        super().__init__()
        self._role = role
        self._caption_role = caption_role
        self._is_slot = role in {"backward", "update"}
        self._is_idle = False
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
        self._column.setContentsMargins(MARGIN, 5, MARGIN, 6)
        self._column.setSpacing(3)
        self._column.addLayout(self.top)
        self._column.addLayout(self.bottom)
        self.show_theme()

    @property
    def is_idle(self) -> bool:
        """Whether a step does nothing here."""
        return self._is_idle

    def show_idle(self, is_idle: bool) -> None:
        """Show whether a step does nothing here: then the frame has no color."""
        if is_idle != self._is_idle:
            self._is_idle = is_idle
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
        palette.setColor(
            self.caption.foregroundRole(),
            QColor(getattr(current().colors, "dim" if self._is_idle else self._caption_role)),
        )
        self.caption.setPalette(palette)
        self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame."""
        colors = current().colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 1.6 if self._is_slot else 1.0
        role = "border_strong" if self._is_idle else self._role
        painter.setPen(QPen(QColor(getattr(colors, role)), width))
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


class CostLabel(ValueLabel):
    """About how many forward passes a step costs: "≈ 51 fwd"; the tooltip says what for."""

    def __init__(self) -> None:
        super().__init__(tr("≈ {total} fwd", total="9.9k"), ui_font(-2))
        self.setProperty("role", "dim")
        self._words = ""
        self._more = ""

    def show_cost(self, cost: StepCost | None, words: str = "") -> None:
        """Show what a step costs; None for nothing."""
        self._words = ""
        if cost is not None:
            macs = tr("{macs} multiply-adds (MACs) in all", macs=format_count(cost.macs))
            self._words = f"{words}\n{macs}"
        text = "" if cost is None else tr("≈ {total} fwd", total=_short_count(round(cost.forward_passes)))
        self.show_value(text, self._whole_words())

    def show_more(self, words: str) -> None:
        """Add a line to the tooltip, in the place of the last one."""
        if words != self._more:
            self._more = words
            show_tool_tip(self, self._whole_words())

    def _whole_words(self) -> str:
        return f"{self._words}\n{self._more}" if self._words and self._more else self._words


def named(label: str, summary: str) -> str:
    """Give the whole name, which a box may have no room for, and what it is."""
    return tr("{name}: {summary}", name=tr(label), summary=tr(summary))


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


def _short_count(count: int) -> str:
    """Write a count in at most four signs: 51, 2.4k, 38k, 1.2M."""
    size, unit = next(((s, u) for s, u in ((1, ""), (1e3, "k"), (1e6, "M")) if count < 999.5 * s), (1e9, "G"))
    return f"{count / size:.1f}{unit}" if unit and count < 9.95 * size else f"{count / size:.0f}{unit}"
