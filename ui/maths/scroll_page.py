"""A page that scrolls up and down, and holds on to the focus."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget


class ScrollPage(QScrollArea):
    """Holds one widget as wide as itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A click beside its texts leaves the focus, and with it the keys, where it is.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Keep the focus of a button that was hidden: Qt would hand it on, as far as to the timeline."""
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused) and not focused.isVisible():
            self.setFocus()
            return True
        return super().focusNextPrevChild(is_next)
