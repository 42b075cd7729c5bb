"""The chip of g between the two slots: the one thing that the gradient method hands to the optimizer."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.errors import guarded
from app.translate import format_count, format_number, tr
from engine.program import Phase
from engine.snapshot import Snapshot
from ui.pipeline_parts import RADIUS
from ui.theme import current, number_font, ui_font

_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class GradientChip(QWidget):
    """‖g‖ and what it belongs to: gray when the weights have moved on."""

    def __init__(self) -> None:
        super().__init__()
        self._value = ""
        self._places: tuple[str, ...] = ("",)
        self._fitted: tuple[int, str] | None = None
        self.is_stale = False
        self.setFixedHeight(46)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show the norm of g, and the weights and the batch that it belongs to."""
        if snapshot is None:
            self._show("‖g‖ —", (tr("not computed"),), tr("The gradient g is not computed yet"), is_stale=True)
            return
        calls = calls_words(snapshot)
        if not snapshot.is_method_called:
            words = tr("There is no g: a step calls no gradient method")
            self._show(tr("no g"), (tr("not called"),), f"{words}\n{calls}", is_stale=True)
        elif snapshot.gradient_norm is not None and snapshot.gradient_step is not None:
            self._show_gradient(snapshot, snapshot.gradient_norm, snapshot.gradient_step, calls)
        elif snapshot.phase is Phase.BACKWARD:
            words = tr("The numbers of g are being computed")
            self._show("‖g‖ …", (tr("in the making"),), f"{words}\n{calls}", is_stale=False)
        else:
            words = tr("The gradient g is not computed yet")
            self._show("‖g‖ —", (tr("not computed"),), f"{words}\n{calls}", is_stale=True)

    def text(self) -> str:
        """Give what is painted."""
        return f"{self._value} {self._fitting()}"

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chip."""
        colors = current().colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colors.border_strong if self.is_stale else colors.backward), 1.2))
        painter.setBrush(QColor(colors.fill))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        half = self.height() // 2
        painter.setFont(number_font(0, bold=True))
        painter.setPen(QColor(colors.dim if self.is_stale else colors.text))
        painter.drawText(self.rect().adjusted(0, 4, 0, -half), Qt.AlignmentFlag.AlignCenter, self._value)
        painter.setFont(ui_font(-3))
        painter.setPen(QColor(colors.dim))
        painter.drawText(self.rect().adjusted(0, half, 0, -4), Qt.AlignmentFlag.AlignCenter, self._fitting())

    def _show_gradient(self, snapshot: Snapshot, norm: float, step: int, calls: str) -> None:
        is_stale = step != snapshot.step
        weights, batch = f"w{str(step).translate(_SUBSCRIPT)}", format_count(step + 1)
        places = (
            tr("at {weights}, batch {batch}", weights=weights, batch=batch),
            tr("{weights}, batch {batch}", weights=weights, batch=batch),
            tr("at {weights}", weights=weights),
        )
        words = tr(
            "g has {count} numbers, computed at the weights after {step} steps for batch {batch}",
            count=format_count(snapshot.program.parameter_count),
            step=format_count(step),
            batch=batch,
        )
        if is_stale:
            words = tr("{words}; the weights have moved on since", words=words)
        self._show(f"‖g‖ {format_number(norm)}", places, f"{words}\n{calls}", is_stale)

    def _show(self, value: str, places: tuple[str, ...], words: str, is_stale: bool) -> None:
        if (value, places, is_stale, words) == (self._value, self._places, self.is_stale, self.toolTip()):
            return
        self._value, self._places, self.is_stale, self._fitted = value, places, is_stale, None
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.update()

    def _fitting(self) -> str:
        if self._fitted is None or self._fitted[0] != self.width():
            self._fitted = self.width(), self._fit()
        return self._fitted[1]

    def _fit(self) -> str:
        metrics = QFontMetrics(ui_font(-3))
        room = self.width() - 8
        fitting = next((text for text in self._places if metrics.horizontalAdvance(text) <= room), None)
        return fitting or metrics.elidedText(self._places[-1], Qt.TextElideMode.ElideRight, room)


def calls_words(snapshot: Snapshot) -> str:
    """Say how many gradients the run has computed."""
    if snapshot.gradient_calls == 1:
        return tr("1 gradient computed in this run")
    return tr("{count} gradients computed in this run", count=format_count(snapshot.gradient_calls))
