"""The palette: every kind of node, to drag onto the canvas or to add with Enter."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDrag, QFontMetrics, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
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
from ui.mime import OP_MIME
from ui.op_search import CATEGORIES, contains
from ui.theme import current, ui_font

WIDTH = 190
COMPACT_WIDTH = 60

_OP = Qt.ItemDataRole.UserRole
_ROW = 30
_HEADING = 27
_RULE = 11
_ICON = 16
_Index = QModelIndex | QPersistentModelIndex


class Palette(QWidget):
    """A search field and the kinds of nodes by category; `set_compact` leaves icons only."""

    add_requested = Signal(str)
    """A person asked for a node of this op, by double-click or Enter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search nodes"))
        self.search.setAccessibleName(tr("Search nodes"))
        self.search.setClearButtonEnabled(True)
        glass = self.search.addAction(icon("search", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        show_icon(glass, "search", "dim")
        self.list = _OpList()
        self._column = QVBoxLayout(self)
        self._column.setSpacing(6)
        self._column.addWidget(self.search)
        self._column.addWidget(self.list)
        self.setFocusProxy(self.search)
        self.set_compact(False)
        self.search.textEdited.connect(self.list.show_matches)
        self.search.returnPressed.connect(self._on_search_return_pressed)
        self.list.add_requested.connect(self.add_requested)
        current().changed.connect(self.list.viewport().update)

    def set_compact(self, compact: bool) -> None:
        """Show a rail of icons, or icons with words and the search field."""
        self.setFixedWidth(COMPACT_WIDTH if compact else WIDTH)
        self._column.setContentsMargins(*((8, 8, 8, 4) if compact else (10, 10, 7, 4)))
        self.search.setVisible(not compact)
        if compact:
            self.search.clear()
            self.list.show_matches("")
        self.list.set_compact(compact)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down goes from the search field into the list, Esc empties the search."""
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.list.setFocus()
            self.list.select_first()
        elif event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            self.list.show_matches("")
        else:
            super().keyPressEvent(event)

    def _on_search_return_pressed(self) -> None:
        op = self.list.first_match()
        if op and self.search.text():
            self.add_requested.emit(op)


class _OpList(QListWidget):
    """The kinds of nodes under the headings of their categories."""

    add_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._delegate = _OpDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListView { padding: 0; }")
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(tr("Nodes to add"))
        for category in CATEGORIES:
            self._add_heading(tr(category))
            for op in OPS.values():
                if op.category == category:
                    self._add_op(op)
        self.itemDoubleClicked.connect(self._on_item_double_clicked)

    def set_compact(self, compact: bool) -> None:
        """Show icons only, or icons with words."""
        self._delegate.is_compact = compact
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def show_matches(self, text: str) -> None:
        """Show only the kinds that match, and the headings that have any of them."""
        heading, is_used = None, False
        for item in self._items():
            if not item.data(_OP):
                if heading:
                    heading.setHidden(not is_used)
                heading, is_used = item, False
            else:
                is_match = contains(OPS[item.data(_OP)], text)
                item.setHidden(not is_match)
                is_used = is_used or is_match
        if heading:
            heading.setHidden(not is_used)

    def first_match(self) -> str:
        """Give the first kind shown; empty if there is none."""
        return next((str(item.data(_OP)) for item in self._items() if item.data(_OP) and not item.isHidden()), "")

    def select_first(self) -> None:
        """Put the keyboard on the first kind shown, unless it is on one already."""
        if not self._current_op() or self.item(self.currentRow()).isHidden():
            first = self.first_match()
            self.setCurrentRow(next((row for row, item in enumerate(self._items()) if item.data(_OP) == first), -1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter adds the current kind."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._current_op():
            self.add_requested.emit(self._current_op())
            return
        super().keyPressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the current kind with a ghost of its row."""
        if self._current_op():
            make_drag(self, OPS[self._current_op()]).exec(Qt.DropAction.CopyAction)

    def _current_op(self) -> str:
        row = self.currentRow()
        return "" if row < 0 else str(self.item(row).data(_OP) or "")

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def _add_heading(self, words: str) -> None:
        item = QListWidgetItem(words, self)
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _add_op(self, op: type[Op]) -> None:
        item = QListWidgetItem(tr(op.label), self)
        item.setData(_OP, op.name)
        item.setToolTip(_tool_tip(op))
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, tr(op.summary))

    def _on_item_double_clicked(self, item: QListWidgetItem) -> None:
        if item.data(_OP):
            self.add_requested.emit(item.data(_OP))


class _OpDelegate(QStyledItemDelegate):
    """Paints the rows: headings small and quiet, kinds as rounded fields with their icon."""

    is_compact = False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give the height of a row; its width is the list's."""
        if index.data(_OP):
            return QSize(COMPACT_WIDTH // 2 if self.is_compact else WIDTH // 2, _ROW)
        return QSize(1, _RULE if self.is_compact else _HEADING)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a heading or a kind."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not index.data(_OP):
            self._paint_heading(painter, option.rect, str(index.data()), index.row() == 0)
        else:
            state = option.state
            colors = current().colors
            is_selected = bool(state & QStyle.StateFlag.State_Selected and state & QStyle.StateFlag.State_HasFocus)
            is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
            fill = colors.selection if is_selected else colors.hover if is_hovered else colors.fill
            words = "" if self.is_compact else str(index.data())
            paint_row(painter, option.rect.adjusted(0, 1, -1, -2), OPS[index.data(_OP)], words, fill)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, words: str, is_first: bool) -> None:
        colors = current().colors
        if self.is_compact:
            if not is_first:
                painter.fillRect(rect.left() + 8, rect.center().y(), rect.width() - 16, 1, QColor(colors.border))
            return
        painter.setFont(ui_font(-2, bold=True))
        painter.setPen(QColor(colors.dim))
        painter.drawText(rect.adjusted(2, 0, 0, -5), Qt.AlignmentFlag.AlignBottom, words.upper())


def paint_row(painter: QPainter, rect: QRect, op: type[Op], words: str, fill: str) -> None:
    """Paint a kind of node as a rounded field: its icon and, unless empty, its words."""
    colors = current().colors
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(fill))
    painter.drawRoundedRect(rect, 5, 5)
    left = rect.left() + 9 if words else rect.center().x() - _ICON // 2 + 1
    painter.drawPixmap(left, rect.center().y() - _ICON // 2 + 1, pixmap(op.icon, colors.accent, _ICON))
    painter.setPen(QColor(colors.text))
    painter.setFont(ui_font(-1))
    place = rect.adjusted(31, 0, -3, 0)
    shown = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)


def make_drag(source: QWidget, op: type[Op]) -> QDrag:
    """Make the drag of a kind of node, with a ghost of its row under the cursor."""
    data = QMimeData()
    data.setData(OP_MIME, op.name.encode())
    drag = QDrag(source)
    drag.setMimeData(data)
    size = QSize(WIDTH - 40, _ROW)
    ratio = source.devicePixelRatio()
    ghost = QPixmap(size * ratio)
    ghost.setDevicePixelRatio(ratio)
    ghost.fill(Qt.GlobalColor.transparent)
    painter = QPainter(ghost)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(0.85)
    paint_row(painter, QRect(QPoint(0, 0), size).adjusted(1, 1, -1, -1), op, tr(op.label), current().colors.selection)
    painter.end()
    drag.setPixmap(ghost)
    drag.setHotSpot(QPoint(16, size.height() // 2))
    return drag


def _tool_tip(op: type[Op]) -> str:
    words = f"{tr(op.label)}\n{tr(op.summary)}"
    return f"{words}\n\n{tr(op.forward_formula)}" if op.forward_formula else words
