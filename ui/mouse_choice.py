"""Choices that are made with the mouse: after one, the keys belong to what is worked on and not to the list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QComboBox


class MouseChoice(QObject):
    """`made`: an entry of a drop-down list was clicked. One that is chosen with keys keeps the focus where it is."""

    made = Signal()

    def __init__(self, box: QComboBox) -> None:
        super().__init__(box)
        self._was_clicked = False
        for part in (box.view(), box.view().viewport()):
            part.installEventFilter(self)
        box.activated.connect(self._on_box_activated)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note a click in the list since it was opened, or a key."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.KeyPress):
            self._was_clicked = False
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._was_clicked = True
        return False

    def _on_box_activated(self, _index: int) -> None:
        was_clicked, self._was_clicked = self._was_clicked, False
        if was_clicked:
            self.made.emit()
