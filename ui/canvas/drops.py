"""What may be dropped on the canvas: ops from the palette, on a free place or on a wire."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent, QTransform

from app.files import SUFFIX
from engine.graph import Edge
from engine.ops import OPS
from ui.canvas.edge_item import EdgeItem
from ui.canvas.editor import Editor
from ui.canvas.scene import CanvasScene
from ui.mime import OP_MIME


def dropped_op(event: QDropEvent) -> str:
    """Give the name of the op that is dragged, "" for anything else."""
    data = event.mimeData()
    name = bytes(data.data(OP_MIME).data()).decode("utf-8", "replace") if data.hasFormat(OP_MIME) else ""
    return name if name in OPS else ""


def welcome(event: QDropEvent) -> bool:
    """Accept a drag if it carries an op; tell whether it does."""
    if dropped_op(event):
        event.acceptProposedAction()
        return True
    event.ignore()
    return False


def dropped_path(event: QDropEvent) -> str:
    """Give the path of a file of ours among what is dropped, empty if there is none."""
    paths = [url.toLocalFile() for url in event.mimeData().urls()]
    return next((path for path in paths if path.endswith(SUFFIX)), "")


class WireDrop:
    """Finds the wire that a dragged op would be put into, and shows it. With Alt held down there is none."""

    def __init__(self, scene: CanvasScene, editor: Editor) -> None:
        self._scene = scene
        self._editor = editor
        self._tried: tuple[str, Edge] | None = None
        self._fits = False
        self._shown: EdgeItem | None = None

    def show(self, event: QDropEvent, point: QPointF) -> Edge | None:
        """Light up the wire at a scene point, if the op that is dragged fits into it; and give it."""
        item = self._scene.itemAt(point, QTransform())
        if not isinstance(item, EdgeItem) or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.clear()
            return None
        tried = dropped_op(event), item.edge
        if tried != self._tried:
            self.clear()
            self._tried, self._fits = tried, self._editor.fits_into(*tried)
        if self._fits and self._shown is None:
            self._shown = item
            item.show_hovered(True)
        return item.edge if self._fits else None

    def drop(self, event: QDropEvent, point: QPointF) -> int:
        """Add the op that was dropped at a scene point, into the wire there if it fits; give the node's id."""
        edge = self.show(event, point)
        self.clear()
        if edge is None:
            return self._editor.add_node(dropped_op(event), point)
        return self._editor.add_into(dropped_op(event), point, edge)

    def clear(self) -> None:
        """Show no wire any longer."""
        if self._shown is not None:
            self._shown.show_hovered(False)
        self._shown = self._tried = None
