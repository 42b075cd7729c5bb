"""The frame around the canvas that tells that the keyboard is there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Theme

_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
"""How the keyboard comes to a widget without the mouse."""


class FocusFrame(QObject):
    """Gives a widget the canvas color and a frame, in the accent color while a person who came by key is there."""

    def __init__(self, widget: QWidget, theme: Theme) -> None:
        super().__init__(widget)
        self._widget = widget
        self._theme = theme
        self._is_shown = False
        self._show_colors()
        widget.installEventFilter(self)
        theme.changed.connect(self._show_colors)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the keyboard; every event goes on."""
        if isinstance(event, QFocusEvent) and watched is self._widget:
            is_shown = event.gotFocus() and event.reason() in _BY_KEY
            if is_shown != self._is_shown:
                self._is_shown = is_shown
                self._show_colors()
        return False

    def _show_colors(self) -> None:
        colors = self._theme.colors
        frame = colors.accent if self._is_shown else colors.canvas
        kind = type(self._widget).__name__
        self._widget.setStyleSheet(f"{kind} {{ background: {colors.canvas}; border: 2px solid {frame}; }}")
