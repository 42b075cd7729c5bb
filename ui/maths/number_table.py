"""A small table of names and numbers: as high as its rows, numbers at the right in the number font."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.errors import guarded
from ui.theme import current, number_font, ui_font

ROW_HEIGHT = 21
LINE_HEIGHT = 18
"""The height of a line where a row has two."""
GAP = 9
"""Between numbers."""
_NUMBER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NAME = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Row:
    """A name and the texts of its numbers."""

    name: str
    numbers: tuple[str, ...]
    tool_tip: str = ""
    is_present: bool = False
    """Whether it stands in the slot of the pipeline: in bold."""
    is_marked: bool = False
    """Whether it was picked: in the colors of an update."""


class NumberTable(QTableWidget):
    """Shows rows. `picked(row)`: a row was clicked, or Enter was pressed on it."""

    picked = Signal(int)

    def __init__(
        self,
        name: str,
        headers: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
        *,
        is_stacked: bool = False,
    ) -> None:
        """Take a title and a tool tip for each column; in a stacked table each name has a line of its own."""
        super().__init__(0, len(headers), parent)
        self._rows: tuple[Row, ...] = ()
        self._lines = 2 if is_stacked else 1
        self._is_pickable = False
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.verticalHeader().hide()
        self._line_height = LINE_HEIGHT if is_stacked else ROW_HEIGHT
        self.verticalHeader().setMinimumSectionSize(self._line_height)
        self.verticalHeader().setDefaultSectionSize(self._line_height)
        across = self.horizontalHeader()
        across.setSectionsClickable(False)
        across.setHighlightSections(False)
        across.setMinimumSectionSize(10)
        across.setStyleSheet("QHeaderView::section { padding: 3px 0 3px 4px; font-size: 11px; }")
        for column, (words, tip) in enumerate(headers):
            item = QTableWidgetItem(words)
            item.setTextAlignment(_NUMBER if column else _NAME)
            item.setToolTip(tip)
            self.setHorizontalHeaderItem(column, item)
            mode = QHeaderView.ResizeMode.Fixed if column else QHeaderView.ResizeMode.Stretch
            across.setSectionResizeMode(column, mode)
        self.cellClicked.connect(self._on_self_cell_clicked)
        current().changed.connect(self._paint_rows)

    def let_pick(self) -> None:
        """Let rows be picked, by mouse and keyboard."""
        self._is_pickable = True
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows, and only these."""
        if tuple(rows) == self._rows:
            return
        self._rows = tuple(rows)
        self.setRowCount(self._lines * len(rows))
        for number, row in enumerate(rows):
            for column, text in enumerate((row.name, *row.numbers)):
                item = self._cell(number, column)
                item.setText(text)
                item.setTextAlignment(_NUMBER if column else _NAME)
                item.setToolTip(row.tool_tip)
            if self._lines > 1 and self.columnSpan(self._lines * number, 0) == 1:
                self.setSpan(self._lines * number, 0, 1, self.columnCount())
        self._paint_rows()
        metrics = QFontMetrics(number_font(-1, bold=True))
        head = self.horizontalHeader().fontMetrics()
        for column in range(1, self.columnCount()):
            texts = [metrics.horizontalAdvance(row.numbers[column - 1]) for row in rows]
            title = self.horizontalHeaderItem(column)
            room = 0 if title is None else head.horizontalAdvance(title.text())
            self.setColumnWidth(column, max(room, *texts, 0) + GAP)
        self.setFixedHeight(self.sizeHint().height())

    def text_of(self, row: int) -> tuple[str, ...]:
        """Give what stands in a row."""
        return (self._rows[row].name, *self._rows[row].numbers)

    def sizeHint(self) -> QSize:
        """Ask for the height of all rows."""
        return QSize(100, self.horizontalHeader().sizeHint().height() + self._line_height * self.rowCount() + 2)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        if self._is_pickable and event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectRow(max(self.currentRow(), 0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show no place of the keyboard that is elsewhere."""
        super().focusOutEvent(event)
        self.clearSelection()

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pick the row with Enter, move with up and down; everything else is for others."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._is_pickable and self.currentRow() >= 0:
            self.picked.emit(self.currentRow() // self._lines)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._is_pickable:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def _on_self_cell_clicked(self, row: int, _column: int) -> None:
        if self._is_pickable:
            self.clearSelection()
            self.picked.emit(row // self._lines)

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        """Give the item of a row's name or number."""
        line = self._lines * row + (self._lines - 1 if column else 0)
        item = self.item(line, column)
        if item is None:
            item = QTableWidgetItem()
            self.setItem(line, column, item)
        return item

    def _paint_rows(self) -> None:
        colors = current().colors
        for number, row in enumerate(self._rows):
            for column in range(self.columnCount()):
                item = self._cell(number, column)
                font = number_font(-1, bold=row.is_present) if column else ui_font(-1, bold=row.is_present)
                item.setFont(font)
                item.setForeground(QColor(colors.update_fg if row.is_marked else colors.text))
                item.setBackground(QColor(colors.update_bg if row.is_marked else colors.panel))
