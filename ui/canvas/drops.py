"""What may be dropped on the canvas: ops from the palette."""

from __future__ import annotations

from PySide6.QtGui import QDropEvent

from app.files import SUFFIX
from engine.ops import OPS
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
