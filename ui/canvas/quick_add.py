"""The list that opens where a node is to be added: type a part of its name, choose with the arrows, Enter adds it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.errors import guarded
from app.translate import tr
from engine.ops import OPS, Op
from ui.icons import icon, pixmap, show_icon
from ui.op_search import found_ops
from ui.theme import current, ui_font

WIDTH = 296
ROWS = 9
"""So many kinds are seen at once."""
_ROW = 28
_ICON = 16
_OP = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class QuickAdd(QFrame):
    """A search field over a list of kinds of nodes. It closes itself when one is chosen or the keyboard goes away."""

    chosen = Signal(str)
    """A person chose this op; the list is closed by then."""
    closed = Signal()

    def __init__(self, ops: Sequence[type[Op]], parent: QWidget) -> None:
        super().__init__(parent)
        self._ops = tuple(ops)
        self._is_open = True
        self._room = parent
        self.setProperty("role", "card")
        self.field = _Field()
        self.field.setPlaceholderText(tr("Add a node: type its name"))
        self.field.setAccessibleName(tr("Name of the node to add"))
        glass = self.field.addAction(icon("search", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        show_icon(glass, "search", "dim")
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Nodes to add"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setStyleSheet("QListView { padding: 0; background: transparent; }")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_RowDelegate(self.list))
        self.list.setMouseTracking(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.setFixedWidth(WIDTH)
        # A click on the list leaves the keyboard in the field, rather than giving it to what is below.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocusProxy(self.field)
        self.field.textEdited.connect(self._show_matches)
        self.field.moved.connect(self._on_field_moved)
        self.field.accepted.connect(self._on_field_accepted)
        self.field.left.connect(self.close_list)
        self.list.itemClicked.connect(self._on_list_item_clicked)
        self._show_matches("")

    def open_at(self, place: QPoint) -> None:
        """Open with the field below a point of the parent, as far as there is room."""
        self.move_to(place)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def move_to(self, place: QPoint) -> None:
        """Stand below a point of the parent, as far as there is room."""
        room = self._room.size() - self.size()
        self.move(max(min(place.x(), room.width() - 4), 0), max(min(place.y(), room.height() - 4), 0))

    def close_list(self) -> None:
        """Close; what was typed is forgotten."""
        if self._is_open:
            self._is_open = False
            # While it still has the keyboard: hidden, it would give that to some other part of the window.
            self.closed.emit()
            self.hide()
            self.deleteLater()

    def _show_matches(self, text: str) -> None:
        self.list.clear()
        for op in found_ops(text, self._ops):
            item = QListWidgetItem(tr(op.label), self.list)
            item.setData(_OP, op.name)
            item.setToolTip(tr(op.summary))
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, tr(op.category))
        if self.list.count():
            self.list.setCurrentRow(0)
        else:
            words = tr("No kind of node is called that") if self._ops else tr("No kind of node fits here")
            QListWidgetItem(words, self.list).setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.setFixedHeight(_ROW * min(self.list.count(), ROWS))
        self.adjustSize()

    def _on_field_moved(self, rows: int) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self.list.setCurrentRow(max(min(row + rows, self.list.count() - 1), 0))

    def _on_field_accepted(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._choose(item)

    def _on_list_item_clicked(self, item: QListWidgetItem) -> None:
        self._choose(item)

    def _choose(self, item: QListWidgetItem) -> None:
        op = item.data(_OP)
        if op and self._is_open:
            self.close_list()
            self.chosen.emit(op)


class _Field(QLineEdit):
    """Tells what keys mean for the list below it, and when the keyboard goes elsewhere."""

    moved = Signal(int)
    accepted = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and page keys go through the list, Enter takes a line, Esc closes it."""
        rows = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: 1 - ROWS,
            Qt.Key.Key_PageDown: ROWS - 1,
        }.get(Qt.Key(event.key()))
        if rows is not None:
            self.moved.emit(rows)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accepted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that the keyboard is elsewhere, unless its own menu has it."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class _RowDelegate(QStyledItemDelegate):
    """Paints a kind of node: icon, name and, on the right, its category."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give the height of a row; its width is the list's."""
        return QSize(1, _ROW)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a row."""
        colors = current().colors
        rect, name = option.rect, str(index.data(_OP) or "")
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        is_lit = is_current or bool(option.state & QStyle.StateFlag.State_MouseOver)
        if name and is_lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.selection if is_current else colors.hover))
            painter.drawRoundedRect(rect.adjusted(0, 1, -1, -1), 5, 5)
        if name:
            op = OPS[name]
            painter.drawPixmap(
                rect.left() + 8, rect.center().y() - _ICON // 2 + 1, pixmap(op.icon, colors.accent, _ICON)
            )
            category = tr(op.category)
            # Grey words are too faint on what is chosen.
            ink = colors.text if is_lit else colors.dim
            self._write(painter, rect.adjusted(8, 0, -8, 0), category, ink, Qt.AlignmentFlag.AlignRight)
            room = rect.adjusted(32, 0, -16 - QFontMetrics(ui_font(-2)).horizontalAdvance(category), 0)
        else:
            room = rect.adjusted(8, 0, -8, 0)
        self._write(painter, room, str(index.data()), colors.text if name else colors.dim)
        painter.restore()

    def _write(
        self,
        painter: QPainter,
        room: QRect,
        words: str,
        color: str,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        painter.setFont(ui_font(-2 if side == Qt.AlignmentFlag.AlignRight else -1))
        painter.setPen(QColor(color))
        shown = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)
