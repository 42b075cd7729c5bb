"""Adds nodes on the canvas by name: opens the list of kinds at a place or at the end of a wire, and follows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QCursor

from engine.ops import Op
from ui.canvas.card import HEADER, WIDTH
from ui.canvas.editor import Editor
from ui.canvas.geometry import COLUMN_GAP
from ui.canvas.operations import joined
from ui.canvas.quick_add import QuickAdd
from ui.canvas.scene import CanvasScene
from ui.canvas.selection import SelectableView
from ui.canvas.wiring import LooseWire
from ui.op_search import ops_to_add


class Adding:
    """Opens one list at a time over the view's window. `ended` is called when it is closed, whatever was chosen."""

    def __init__(self, view: SelectableView, scene: CanvasScene, editor: Editor, ended: Callable[[], None]) -> None:
        self._view = view
        self._scene = scene
        self._editor = editor
        self._ended = ended
        self._point = QPointF()
        self.popup: QuickAdd | None = None

    def open(self, at: QPoint | None = None) -> None:
        """Offer all kinds of nodes, at a point of the viewport; else at the mouse or beside the selected node.

        What is chosen is wired to the selected node where there is one alone and its output fits.
        """
        selected = self._view.selected_nodes()
        source = selected[0] if len(selected) == 1 else None
        if at is None:
            at = self._default_place(source)
        point = self._view.mapToScene(at)
        self._open(ops_to_add(), at, lambda op: self._editor.add_after(op, point, source))

    def open_for_wire(self, wire: LooseWire, point: QPointF) -> None:
        """Offer the kinds of nodes that the loose end of a wire fits, where it was dropped."""
        judge = self._editor.judge
        ops = [op for op in ops_to_add() if joined(wire, op.name, judge) is not None]
        at = self._view.mapFromScene(point)
        self._open(ops, at, lambda op: self._editor.add_to_wire(op, self._place_at(wire, point), wire))

    def close(self) -> None:
        """Close the list, if there is one."""
        if self.popup is not None:
            self.popup.close_list()

    def follow(self) -> None:
        """Keep an open list beside its place on the canvas, whose size has changed."""
        if self.popup is not None:
            self.popup.move_to(self._in_window(self._view.mapFromScene(self._point)))

    def _open(self, ops: Sequence[type[Op]], at: QPoint, add: Callable[[str], int]) -> None:
        self.close()
        self._point = self._view.mapToScene(at)
        self.popup = popup = QuickAdd(ops, self._view.window())
        popup.closed.connect(self._on_popup_closed)
        popup.chosen.connect(partial(self._on_popup_chosen, add))
        popup.open_at(self._in_window(at))

    def _in_window(self, at: QPoint) -> QPoint:
        return self._view.viewport().mapTo(self._view.window(), at)

    def _on_popup_closed(self) -> None:
        if self.popup is not None and self.popup.field.hasFocus():
            self._view.setFocus()
        self.popup = None
        self._ended()

    def _on_popup_chosen(self, add: Callable[[str], int], op: str) -> None:
        id_ = add(op)
        self._view.select([id_])
        self._view.reveal(id_)

    def _default_place(self, source: int | None) -> QPoint:
        viewport = self._view.viewport()
        mouse = viewport.mapFromGlobal(QCursor.pos())
        if viewport.rect().contains(mouse) and viewport.underMouse():
            return mouse
        if source is None:
            return viewport.rect().center()
        card = self._scene.nodes_rect([source])
        place = QPointF(card.right() + COLUMN_GAP + WIDTH / 2, card.top() + HEADER / 2)
        return self._view.mapFromScene(place)

    @staticmethod
    def _place_at(wire: LooseWire, point: QPointF) -> QPointF:
        """Give where the title of a card is held so that the wire's end lies at its side."""
        side = 1.0 if wire.source is not None else -1.0
        return point + QPointF(side * WIDTH / 2, 0.0)
