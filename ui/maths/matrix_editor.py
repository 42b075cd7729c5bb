"""The matrices of a parameter, of which w can be changed by hand: number by number, or pasted from a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMenu

from app.errors import guarded
from app.translate import format_count, tr
from engine.explanation_parts import Matrices
from engine.message import EngineError
from engine.ops.call import Array
from engine.program import Parameter
from ui.maths.matrices import MatricesView
from ui.maths.watches import Watches
from ui.maths.weight_field import WeightField
from ui.maths.weight_table import read_table, table_text
from ui.number_edit import number_text

_TYPED = frozenset("0123456789.,+-")
"""What a number begins with: typed on a chosen cell, it opens the field."""
MAX_CHANGES = 100
"""So many can be taken back."""


@dataclass(frozen=True, eq=False)
class _Change:
    """What was set by hand: numbers of a parameter from a row and column on, before and after."""

    parameter: Parameter
    place: tuple[int, int]
    before: Array
    after: Array


class MatrixEditor(MatricesView):
    """Enter, a double-click or a digit opens a field over the chosen w; Ctrl+C and Ctrl+V copy and paste w.

    `pause()` makes a run stand still before, `change(parameter, place, values)` carries it out and gives the numbers
    that were there, `say(words)` tells of it. Ctrl+Z takes back what was set last, as long as no step has changed it.
    """

    def __init__(
        self,
        watches: Watches,
        pause: Callable[[], None],
        change: Callable[[Parameter, tuple[int, int], Array], Array | None],
        say: Callable[[str], None],
    ) -> None:
        super().__init__(watches)
        self._pause, self._change, self._say = pause, change, say
        self._done: list[_Change] = []
        self._place = 0, 0
        self.field = WeightField(self)
        self.field.edited.connect(self._on_field_edited)
        self.field.refused.connect(say)

    def show_matrices(
        self, matrices: Matrices, cell: tuple[int, int] | None, *, is_moved: bool, is_preview: bool = False
    ) -> None:
        """Show a parameter; what was being typed for another one is forgotten."""
        if self._matrices is not None and self._matrices.parameter != matrices.parameter:
            self.field.put_away()
        super().show_matrices(matrices, cell, is_moved=is_moved, is_preview=is_preview)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Close the field, as its cell is elsewhere."""
        self.field.put_away()
        super().resizeEvent(event)

    @guarded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the field over a number of w; the first click has chosen it."""
        layout = self._layout()
        if layout is not None and layout.area(0).contains(event.position().toPoint()):
            self._open_field()

    def event(self, event: QEvent) -> bool:
        """Take the key of Undo where it takes back weights; else it is the document's."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and event.matches(QKeySequence.StandardKey.Undo)
            and self._last_change() is not None
        ):
            event.accept()
            return True
        return super().event(event)

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the field with Enter or a digit, copy, paste, take back; everything else as before."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self._take_back()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_field()
        elif event.text() in _TYPED and event.text() and self._open_field():
            QApplication.sendEvent(self.field, event)
        else:
            super().keyPressEvent(event)

    def _hint(self, cell: tuple[int, int] | None) -> str:
        words = super()._hint(cell)
        return tr("{numbers}\nDouble-click: type another w", numbers=words) if words else ""

    def _make_menu(self, parameter: Parameter, cell: tuple[int, int]) -> QMenu:
        menu = super()._make_menu(parameter, cell)
        first = menu.actions()[0]
        offers = (
            (tr("Change w…"), "Return", self._open_field),
            (tr("Copy w as a Table"), "Ctrl+C", self._copy),
            (tr("Paste into w"), "Ctrl+V", self._paste),
        )
        for words, key, task in offers:
            action = menu.addAction(words, task)
            action.setShortcut(QKeySequence(key))
            action.setShortcutVisibleInContextMenu(True)
            menu.insertAction(first, action)
        menu.insertSeparator(first)
        return menu

    def _open_field(self) -> bool:
        """Open the field over the chosen w; tells whether there is one."""
        if self._cell is None or self._matrices is None:
            return False
        # In a run that goes on, what is shown is some steps old.
        self._pause()
        self._place = self._cell
        name, value = self._matrices.parameter.weight_title(*self._cell), self._matrices.weights[self._cell]
        self.field.open_over(self.cell_rect(0, *self._cell), name, float(value))
        return True

    def _copy(self) -> None:
        if self._matrices is not None:
            QGuiApplication.clipboard().setText(table_text(self._matrices.weights))
            self._say(tr("{name} copied as a table", name=self._matrices.parameter.title))

    def _paste(self) -> None:
        if self._matrices is None:
            return
        try:
            values = read_table(QGuiApplication.clipboard().text())
        except EngineError as error:
            self._say(tr(error.message))
            return
        # A whole matrix takes the place of all of it, wherever a cell is chosen.
        is_whole = values.shape == self._matrices.weights.shape
        self._set((0, 0) if is_whole else self._cell or (0, 0), values)

    def _set(self, place: tuple[int, int], values: Array) -> None:
        """Put a table of numbers into w, from this row and column on, if it fits there."""
        assert self._matrices is not None
        parameter = self._matrices.parameter
        if any(start + count > size for start, count, size in zip(place, values.shape, parameter.shape, strict=True)):
            sizes = {"rows": values.shape[0], "columns": values.shape[1], "name": parameter.weight_title(*place)}
            self._say(tr("{rows} × {columns} numbers have no room from {name} on", **sizes))
            return
        before = self._change(parameter, place, values)
        if before is None:
            return
        self._done = [*self._done, _Change(parameter, place, before, values)][-MAX_CHANGES:]
        changed = int(np.count_nonzero(before != values))
        words = tr("{count} numbers of {name} set by hand", count=format_count(changed), name=parameter.title)
        if values.size == 1:
            name, (old, new) = parameter.weight_title(*place), (number_text(float(x[0, 0])) for x in (before, values))
            words = tr("{name} set by hand: {old} → {new}", name=name, old=old, new=new)
        self._say(words)

    def _last_change(self) -> _Change | None:
        """Give what was set last, where that is what w is now; what has gone further cannot be taken back."""
        if not self._done or self._matrices is None:
            return None
        last, shown = self._done[-1], self._matrices
        (row, column), (rows, columns) = last.place, last.after.shape
        now = shown.weights[row : row + rows, column : column + columns]
        return last if last.parameter == shown.parameter and np.array_equal(last.after, now) else None

    def _take_back(self) -> None:
        self._pause()
        last = self._last_change()
        if last is not None:
            self._done.pop()
            self._change(last.parameter, last.place, last.before)
            self._say(tr("{name} is as it was before it was set by hand", name=last.parameter.title))

    @guarded
    def _on_field_edited(self, value: float) -> None:
        self.field.put_away()
        self._set(self._place, np.array([[value]]))
