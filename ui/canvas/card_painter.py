"""Draws node cards. It holds the pens, brushes and fonts of one theme, made once, and decides nothing."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtSvg import QSvgRenderer

from ui.canvas.breakpoint_marks import paint_marks
from ui.canvas.card import (
    HEADER,
    PAD,
    PORT_INSET,
    Card,
    CardKind,
    bars_place,
    body_place,
    label_place,
    number_place,
    pin_place,
)
from ui.canvas.geometry import PORT_RADIUS
from ui.canvas.look import Look
from ui.canvas.phase_marks import CORNER, PhaseMarks
from ui.canvas.row_bars import draw_bars
from ui.canvas.stage import Chip
from ui.colors import Colors
from ui.theme import colored_svg, number_font, ui_font

TEXT_ZOOM = 0.6
"""Words are shown from this zoom on; below it, the title alone."""
_SMALL_TITLE_PX = (12.0, 11.0, 10.0)
"""How high a title then is on the screen: the first that fits."""
CHIP_ZOOM = 0.4
"""From this zoom on the chips and the loss are there, too."""
_SMALL_CHIP_PX = 9.5
_TILE_CORNER = 4.0
_LINE = Qt.TextFlag.TextSingleLine
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTER = Qt.AlignmentFlag.AlignCenter


class CardPainter:
    """Paints cards in the colors of one theme."""

    def __init__(self, colors: Colors) -> None:
        self._colors = colors
        self.title_font = ui_font(0, bold=True)
        self.word_font = ui_font(-1)
        self.small_font = ui_font(-2)
        self.number_font = number_font(7, bold=True)
        self.chip_font = ui_font(-2, bold=True)
        self._title_metrics = QFontMetricsF(self.title_font)
        self._word_metrics = QFontMetricsF(self.word_font)
        self._card = QBrush(QColor(colors.card))
        self._text, self._dim = QPen(QColor(colors.text)), QPen(QColor(colors.dim))
        self._warning = QPen(QColor(colors.warning))
        self._border, self._hover = QPen(QColor(colors.border), 1.2), QPen(QColor(colors.border_strong), 1.2)
        self._accent = QPen(QColor(colors.accent), 2.0)
        self._port = QPen(QColor(colors.forward), 2.0)
        self._no_pen = QPen(Qt.PenStyle.NoPen)
        self._marks = PhaseMarks(colors)
        self._pin = QSvgRenderer(colored_svg("pin", colors.text))

    def paint(self, painter: QPainter, card: Card, look: Look, zoom: float) -> None:
        """Draw a whole card."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._draw_outline(painter, card, look, zoom)
        self._draw_tiles(painter, card, look)
        if zoom >= TEXT_ZOOM:
            self._draw_words(painter, card, look)
            self._draw_chips(painter, card, look, self.chip_font)
        else:
            self._draw_title(painter, card, look, zoom)
            if zoom >= CHIP_ZOOM:
                self._draw_chips(painter, card, look, _sized(self.chip_font, _SMALL_CHIP_PX / zoom))
        self._draw_ports(painter, card, look)
        if look.fan_out is not None and zoom >= TEXT_ZOOM:
            self._marks.draw_sum(painter, card, zoom)
        if look.frame:
            self._marks.draw_badge(painter, look.frame, zoom)
        if look.is_pinned:
            self._draw_pin(painter, pin_place(card))
        paint_marks(painter, card, look.breakpoints, self._colors)

    def _draw_outline(self, painter: QPainter, card: Card, look: Look, zoom: float) -> None:
        rect = card.rect
        if look.is_selected:
            halo = QColor(self._colors.accent)
            halo.setAlphaF(0.28)
            painter.setPen(QPen(halo, 6.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, CORNER, CORNER)
        painter.setPen(self._no_pen)
        painter.setBrush(QColor(self._colors.border))
        painter.drawRoundedRect(rect.translated(0.0, 1.6), CORNER, CORNER)
        painter.setBrush(self._card)
        painter.setPen(self._outline_pen(look))
        painter.drawRoundedRect(rect, CORNER, CORNER)
        if look.frame:
            self._marks.draw_frame(painter, card, look.frame, zoom)

    def _outline_pen(self, look: Look) -> QPen:
        if look.is_selected:
            return self._accent
        if look.reason:
            pen = QPen(self._warning)
            pen.setWidthF(1.5)
            pen.setDashPattern([4.0, 3.0])
            return pen
        return self._hover if look.is_hovered else self._border

    def _draw_tiles(self, painter: QPainter, card: Card, look: Look) -> None:
        painter.setPen(self._no_pen)
        for tile, image in zip(card.tiles, look.tiles, strict=False):
            painter.drawImage(tile, image)
        painter.setBrush(QColor(self._colors.fill))
        for tile in card.tiles[len(look.tiles) :]:
            painter.drawRoundedRect(tile, _TILE_CORNER, _TILE_CORNER)
        if look.tiles:
            for tile in card.tiles[: len(look.tiles)]:
                painter.setPen(self._no_pen)
                painter.setBrush(self._card)
                painter.drawPath(_corners(tile))
                painter.setPen(self._border)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(tile, _TILE_CORNER, _TILE_CORNER)

    def _draw_title(self, painter: QPainter, card: Card, look: Look, zoom: float) -> None:
        """Write the title about as large on the screen as elsewhere: above the tiles, else in the middle.

        Where nothing else tells what the node is, its caption stands beside it if there is room; below it, a loss.
        """
        inset = 3.0 if card.tiles else PORT_INSET + PORT_RADIUS
        height = HEADER if card.tiles else card.chips[0].top() if card.chips else card.size.height()
        has_number = card.kind is CardKind.LOSS and zoom >= CHIP_ZOOM
        place = QRectF(inset, 0.0, card.size.width() - 2 * inset, height / 2 if has_number else height)
        texts = (f"{card.title} {card.caption}", card.title) if card.kind is CardKind.PLAIN else (card.title,)
        font, smallest = self.title_font, _sized(self.title_font, _SMALL_TITLE_PX[-1] / zoom)
        fitting = (text for text in texts if QFontMetricsF(smallest).horizontalAdvance(text) <= place.width())
        chosen, title = next(fitting, card.title), ""
        for pixels in _SMALL_TITLE_PX:
            font = _sized(self.title_font, pixels / zoom)
            title = QFontMetricsF(font).elidedText(chosen, Qt.TextElideMode.ElideRight, place.width())
            if title == chosen:
                break
        self._write(painter, place, title, font, self._text, _CENTER)
        if has_number:
            below, number_font = place.translated(0.0, height / 2), _sized(self.number_font, _SMALL_TITLE_PX[0] / zoom)
            self._write(painter, below, look.number, number_font, self._dim if look.is_stale else self._text, _CENTER)

    def _draw_words(self, painter: QPainter, card: Card, look: Look) -> None:
        width = card.size.width()
        title = self._title_metrics.elidedText(card.title, Qt.TextElideMode.ElideRight, width - 2 * PAD)
        line = QRectF(PAD, 8.0, width - 2 * PAD, 18.0)
        self._write(painter, line, title, self.title_font, self._text)
        if card.kind is CardKind.LOSS:
            self._write(painter, line.translated(0.0, 17.0), card.caption, self.word_font, self._dim)
            self._draw_loss(painter, card, look)
        else:
            line.setLeft(PAD + self._title_metrics.horizontalAdvance(title) + 6.0)
            caption = self._word_metrics.elidedText(card.caption, Qt.TextElideMode.ElideRight, line.width())
            self._write(painter, line, caption, self.word_font, self._dim)
            self._draw_body(painter, card, look)
            for tile, label in zip(card.tiles, card.labels, strict=False):
                place = QRectF(PAD, tile.top(), tile.left() - PAD - 6.0, tile.height())
                self._write(painter, place, label, self.word_font, self._dim)
        if look.reason:
            self._write_reason(painter, look)

    def _draw_body(self, painter: QPainter, card: Card, look: Look) -> None:
        if card.kind is CardKind.PLAIN:
            place = body_place(card)
            if not (look.reason and card.rect.contains(look.reason_place)):
                body = self._word_metrics.elidedText(card.body, Qt.TextElideMode.ElideRight, place.width())
                self._write(painter, place, body, self.word_font, self._dim)
            return
        if card.chips:
            bottom = card.chips[0].top()
            place = QRectF(PAD, bottom - 22.0, card.size.width() - 2 * PAD, 18.0)
            self._write(painter, place, card.body, self.small_font, self._dim, _CENTER)
            return
        place = QRectF(PAD, card.size.height() - 30.0, card.size.width() - 2 * PAD - 8.0, 20.0)
        self._write(painter, place, card.body, self.word_font, self._dim)

    def _draw_loss(self, painter: QPainter, card: Card, look: Look) -> None:
        for index, label in enumerate(card.labels):
            self._write(painter, label_place(card, index), label, self.small_font, self._dim)
        number = number_place(card)
        color = self._colors.dim if look.is_stale else self._colors.text
        self._write(painter, number, look.number, self.number_font, QPen(QColor(color)), _RIGHT)
        place = bars_place(card)
        if look.bars is not None and not place.isEmpty():
            draw_bars(painter, look.bars, place, self._colors, is_stale=look.is_stale)
        self._write(painter, number.translated(0.0, 22.0), look.number_note, self.small_font, self._dim, _RIGHT)

    def _write_reason(self, painter: QPainter, look: Look) -> None:
        painter.setFont(self.small_font)
        painter.setPen(self._warning)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.drawText(look.reason_place, int(flags), look.reason)

    def _write(
        self, painter: QPainter, place: QRectF, words: str, font: QFont, pen: QPen, align: Qt.AlignmentFlag = _LEFT
    ) -> None:
        if words:
            painter.setFont(font)
            painter.setPen(pen)
            painter.drawText(place, int(align | _LINE), words)

    def _draw_chips(self, painter: QPainter, card: Card, look: Look, font: QFont) -> None:
        if not card.chips:
            return
        c = self._colors
        weights, gradient, update = card.chips
        radius = weights.height() / 2
        painter.setPen(QPen(QColor(c.update if look.is_open else c.border_strong), 1.2))
        painter.setBrush(QColor(c.fill))
        painter.drawRoundedRect(weights, radius, radius)
        color = QColor(c.text if look.has_weights else c.dim)
        self._draw_lock(painter, weights.left() + 8.0, weights.center().y(), color, is_open=look.is_open)
        self._write(painter, weights.adjusted(10.5, 0.0, 0.0, 0.0), "w", font, QPen(color), _CENTER)
        self._draw_chip(painter, gradient, "g", font, look.gradient, (c.backward, c.on_backward))
        self._draw_chip(painter, update, "Δw", font, look.update, (c.update_bg, c.update_fg))
        if look.update is Chip.FRESH:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(c.update), 1.1))
            painter.drawRoundedRect(update, radius, radius)
            painter.drawRoundedRect(update.adjusted(-2.5, -2.5, 2.5, 2.5), radius + 2.5, radius + 2.5)

    def _draw_chip(
        self, painter: QPainter, rect: QRectF, words: str, font: QFont, chip: Chip, fresh: tuple[str, str]
    ) -> None:
        c = self._colors
        fill, text = fresh if chip is Chip.FRESH else (c.fill, c.dim if chip is Chip.STALE else c.disabled)
        painter.setPen(self._no_pen)
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        self._write(painter, rect, words, font, QPen(QColor(text)), _CENTER)

    def _draw_lock(self, painter: QPainter, x: float, y: float, color: QColor, *, is_open: bool) -> None:
        painter.setPen(QPen(color, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        left = x + (2.2 if is_open else -1.8)
        painter.drawArc(QRectF(left, y - 4.4, 3.6, 5.0), 0, 180 * 16)
        painter.drawLine(QLineF(left, y - 2.0, left, y - 0.4))
        if not is_open:
            painter.drawLine(QLineF(left + 3.6, y - 2.0, left + 3.6, y - 0.4))
        painter.fillRect(QRectF(x - 3.0, y - 0.6, 6.0, 4.6), color)

    def _draw_pin(self, painter: QPainter, place: QRectF) -> None:
        painter.setPen(QPen(QColor(self._colors.dim), 1.2))
        painter.setBrush(QColor(self._colors.fill))
        painter.drawEllipse(place)
        self._pin.render(painter, place.adjusted(2.0, 2.0, -2.0, -2.0))

    def _draw_ports(self, painter: QPainter, card: Card, look: Look) -> None:
        painter.setBrush(QColor(self._colors.canvas))
        radius = PORT_RADIUS if max(len(card.outputs), *(len(p) for p in card.inputs.values()), 1) <= 8 else 4.0
        for port, places in (*card.inputs.items(), ("", card.outputs)):
            painter.setPen(self._port)
            painter.setOpacity(1.0)
            if look.fits is not None and port in look.fits:
                glow = QColor(self._colors.accent)
                painter.setPen(QPen(glow, 2.4))
                glow.setAlphaF(0.25)
                halo = QPen(glow, 5.0)
                for place in places:
                    painter.save()
                    painter.setPen(halo)
                    painter.drawEllipse(place, radius + 3.0, radius + 3.0)
                    painter.restore()
            elif look.fits is not None:
                painter.setOpacity(0.3)
            for place in places:
                painter.drawEllipse(place, radius, radius)
        painter.setOpacity(1.0)


def _sized(font: QFont, pixels: float) -> QFont:
    """Give a font in another size."""
    other = QFont(font)
    other.setPixelSize(round(pixels))
    return other


def _corners(rect: QRectF) -> QPainterPath:
    """Give what lies between a tile and its rounded outline: painted over the image's corners."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    path.addRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
    path.addRoundedRect(rect, _TILE_CORNER, _TILE_CORNER)
    return path
