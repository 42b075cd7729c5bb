"""w, g and Δw of one parameter as small matrices with names at their rows and columns; a click on a cell chooses it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from app.errors import guarded
from app.project import Watch
from app.translate import format_number, tr
from engine.explanation_parts import Mark, Matrices, State
from engine.program import Parameter
from ui.colors import Colors
from ui.forms import show_tool_tip
from ui.maths.matrix_block import Block
from ui.maths.matrix_layout import HEAD, NAMES, MatrixLayout, part_words
from ui.maths.typesetting import cell_text, plain_formula
from ui.maths.watches import Watches
from ui.theme import current, number_font, signed_color, ui_font

_KEYS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class MatricesView(QWidget):
    """The three matrices. `chosen(row, column)`: a cell was clicked, or gone to with the arrow keys.

    What W or the context menu asks to be watched is added to `watches`.
    """

    chosen = Signal(int, int)

    def __init__(self, watches: Watches, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._watches = watches
        self._matrices: Matrices | None = None
        self._blocks: tuple[Block, ...] = ()
        self._cell: tuple[int, int] | None = None
        self._remark = self._short_remark = ""
        self._is_preview = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_matrices(
        self, matrices: Matrices, cell: tuple[int, int] | None, *, is_moved: bool, is_preview: bool = False
    ) -> None:
        """Show a parameter, with a cell marked; `is_moved` tells whether the last micro-step changed its weights.

        In a preview Δw is what another optimizer would make of g.
        """
        title = matrices.parameter.title
        changed = tr("w just changed")
        texts = (changed, changed) if is_moved else (tr("w unchanged in phases 1–4"), tr("w unchanged"))
        if matrices.is_pinned:
            texts = tr("pinned: no update changes it"), tr("pinned")
        if is_preview:
            texts = tr("Δw: preview, not applied"), tr("Δw: preview")
        self._remark, self._short_remark = texts
        self._matrices, self._cell, self._is_preview = matrices, cell, is_preview
        self._blocks = (
            Block("w", matrices.weights, Mark(State.FRESH), ""),
            Block("g", matrices.gradient, matrices.gradient_mark, tr("not computed yet")),
            Block("Δw", matrices.update, matrices.update_mark, tr("in phase 5")),
        )
        self.setAccessibleName(tr("{name}: w, g and Δw", name=title))
        self.setAccessibleDescription(self._words(cell))
        self._fit()
        self.update()

    def cell_rect(self, block: int, row: int, column: int) -> QRect:
        """Give where a cell is painted: of w (0), g (1) or Δw (2). Empty for one that is left out."""
        layout = self._layout()
        return QRect() if layout is None else layout.cell(block, row, column)

    def sizeHint(self) -> QSize:
        """Give the height that the matrices need at the present width."""
        layout = self._layout()
        return QSize(100, 0 if layout is None else layout.height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the matrices beside or below each other."""
        super().resizeEvent(event)
        self._fit()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the three."""
        layout, colors = self._layout(), current().colors
        if layout is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_head(painter, colors)
            for number in range(len(self._blocks)):
                self._paint_names(painter, layout, number, colors)
                self._paint_block(painter, layout, number, colors)
            if layout.is_part:
                painter.setFont(ui_font(-3))
                painter.setPen(QColor(colors.dim))
                place = QRect(0, self.height() - NAMES, self.width(), NAMES)
                painter.drawText(place, _LEFT, self._part_words(layout))

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the cell under the mouse."""
        layout = self._layout()
        found = None if layout is None else layout.cell_at(event.position().toPoint())
        if found is not None and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(*found)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take the end of a click too."""
        event.accept()

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the cell under the mouse in the tooltip."""
        layout = self._layout()
        cell = None if layout is None else layout.cell_at(event.position().toPoint())
        show_tool_tip(self, self._hint(cell))

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the next cell with an arrow key; watch the chosen one with W."""
        if event.key() == Qt.Key.Key_W and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            if self._cell is not None and self._matrices is not None:
                owner = self._matrices.parameter
                self._watches.toggle(Watch(owner.node, owner.name, *self._cell), owner.weight_title(*self._cell))
            return
        step = _KEYS.get(Qt.Key(event.key()))
        if step is None or self._matrices is None or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            super().keyPressEvent(event)
            return
        row, column = self._cell or (0, 0)
        rows, columns = self._matrices.parameter.shape
        self.chosen.emit(min(max(row + step[0], 0), rows - 1), min(max(column + step[1], 0), columns - 1))

    @guarded
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Choose the number under the mouse and offer what can be done with it; the menu key is for the chosen one."""
        layout, cell, place = self._layout(), self._cell, event.globalPos()
        if layout is not None and event.reason() is not QContextMenuEvent.Reason.Keyboard:
            cell = layout.cell_at(event.pos())
        elif cell is not None:
            place = self.mapToGlobal(self.cell_rect(0, *cell).bottomLeft())
        if cell is not None and self._matrices is not None:
            self.chosen.emit(*cell)
            menu = self._make_menu(self._matrices.parameter, cell)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)

    def _make_menu(self, parameter: Parameter, cell: tuple[int, int]) -> QMenu:
        return self._watches.make_menu(parameter, *cell, self)

    def _hint(self, cell: tuple[int, int] | None) -> str:
        return self._words(cell)

    def _layout(self) -> MatrixLayout | None:
        if self._matrices is None:
            return None
        metrics = QFontMetrics(number_font(-2))
        names = [plain_formula(name) for name in self._matrices.row_names]
        wide = max(metrics.horizontalAdvance(name) for name in names)
        bold = QFontMetrics(ui_font(-2, bold=True))
        # Beside each other only w stands at the left; below each other all three do, with room to become stale.
        titles = self._blocks[0].title, *(block.stale_title for block in self._blocks)
        least, most = (max(wide, *map(bold.horizontalAdvance, found)) + 8 for found in (titles[:1], titles))
        shape, cell = self._matrices.parameter.shape, self._cell or (0, 0)
        beside = MatrixLayout(shape, cell, self.width(), least)
        return beside if beside.is_beside else MatrixLayout(shape, cell, self.width(), most)

    def _part_words(self, layout: MatrixLayout) -> str:
        """Give the longest words that have room."""
        measure = QFontMetrics(ui_font(-3)).horizontalAdvance
        texts = part_words(layout)
        return next((text for text in texts if measure(text) <= self.width()), texts[-1])

    def _fit(self) -> None:
        height = self.sizeHint().height()
        if self.height() != height:
            self.setFixedHeight(height)

    def _words(self, cell: tuple[int, int] | None) -> str:
        """Give a cell's three numbers in words."""
        if cell is None or self._matrices is None:
            return ""
        texts = [format_number(float(block.values[cell])) if block.mark.is_known else "—" for block in self._blocks]
        name = self._matrices.parameter.weight_title(*cell)
        return tr("{name}: w {w}, g {g}, Δw {delta}", name=name, w=texts[0], g=texts[1], delta=texts[2])

    def _paint_head(self, painter: QPainter, colors: Colors) -> None:
        assert self._matrices is not None
        rows, columns = self._matrices.parameter.shape
        name = tr("{name} [{rows} × {columns}]", name=self._matrices.parameter.title, rows=rows, columns=columns)
        painter.setFont(ui_font(bold=True))
        painter.setPen(QColor(colors.text))
        room = painter.fontMetrics().horizontalAdvance(name) + 10
        painter.drawText(QRect(0, 0, self.width(), HEAD), _LEFT, name)
        painter.setFont(ui_font(-2))
        painter.setPen(QColor(colors.update_fg if self._is_preview else colors.dim))
        measure, words = painter.fontMetrics(), self._remark
        if measure.horizontalAdvance(words) > self.width() - room:
            words = measure.elidedText(self._short_remark, Qt.TextElideMode.ElideRight, self.width() - room)
        painter.drawText(QRect(room, 0, self.width() - room, HEAD), _LEFT, words)

    def _paint_names(self, painter: QPainter, layout: MatrixLayout, number: int, colors: Colors) -> None:
        assert self._matrices is not None
        block, corner, area = self._blocks[number], layout.corner(number), layout.area(number)
        painter.setFont(ui_font(-2, bold=True))
        ink = colors.dim if block.is_stale else (colors.text, colors.backward_text, colors.update_fg)[number]
        painter.setPen(QColor(ink))
        above = QRect(corner.x(), corner.y() - NAMES, area.width(), NAMES)
        beside = QRect(0, above.y(), corner.x() - 6, NAMES)
        if layout.is_list:
            painter.drawText(QRect(0, corner.y(), corner.x() - 6, area.height()), _RIGHT, block.title)
        elif layout.is_beside and number:
            painter.drawText(above, _LEFT, block.title)
        else:
            painter.drawText(beside, _RIGHT, block.title)
        painter.setFont(number_font(-2))
        painter.setPen(QColor(colors.dim))
        if number == 0 or not layout.is_list:
            for column in layout.columns:
                cell = layout.cell(number, layout.rows[0], column)
                place = QRect(cell.x(), above.y(), cell.width(), NAMES)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._matrices.column_names[column])
        if not layout.is_list and (number == 0 or not layout.is_beside):
            for row in layout.rows:
                cell = layout.cell(number, row, layout.columns[0])
                place = QRect(0, cell.y(), cell.x() - 6, cell.height())
                painter.drawText(place, _RIGHT, plain_formula(self._matrices.row_names[row]))

    def _paint_block(self, painter: QPainter, layout: MatrixLayout, number: int, colors: Colors) -> None:
        block, area = self._blocks[number], layout.area(number)
        if not block.mark.is_known:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors.border_strong), 1.0, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(area.adjusted(0, 0, -1, -1), 3, 3)
            painter.setPen(QColor(colors.dim))
            painter.setFont(ui_font(-3))
            room = painter.fontMetrics().horizontalAdvance(block.missing)
            words = block.missing if room <= area.width() else "—"
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)
            return
        finite = np.abs(block.values[np.isfinite(block.values)])
        scale = float(finite.max(initial=0.0))
        for row in layout.rows:
            for column in layout.columns:
                rect, value = layout.cell(number, row, column), float(block.values[row, column])
                fill = QColor(colors.panel) if block.is_stale else signed_color(value, scale, colors)
                painter.setPen(QPen(QColor(colors.border), 1.0))
                painter.setBrush(fill)
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
                if (row, column) == self._cell:
                    painter.setPen(QPen(QColor(colors.accent), 2.0))
                    painter.drawRect(rect.adjusted(1, 1, -2, -2))
                painter.setPen(QColor(colors.dim if block.is_stale else colors.text))
                painter.setFont(number_font(-2))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, cell_text(value))
        if self._is_preview and number == len(self._blocks) - 1:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors.update), 2.0, Qt.PenStyle.DashLine))
            painter.drawRect(area.adjusted(-2, -2, 1, 1))
