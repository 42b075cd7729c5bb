"""What is seen of the window and how: zoom, which parts are there, and the theme."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.settings import UserSettings
from ui.actions import Actions
from ui.canvas.view import CanvasView
from ui.theme import Mode, current
from ui.workspace import Workspace

ZOOM_STEP = 1.25


class ViewControls(QObject):
    """Carries out the actions of the View menu. `parts` are the parts of the window by the action that shows each."""

    parts_changed = Signal()
    """Some part was shown or hidden by a person."""
    layout_reset = Signal()

    def __init__(
        self,
        actions: Actions,
        canvas: CanvasView,
        workspace: Workspace,
        parts: Mapping[str, QWidget],
        settings: UserSettings,
    ) -> None:
        super().__init__(workspace)
        self._actions, self._canvas, self._workspace = actions, canvas, workspace
        self._parts, self._settings = parts, settings
        for name in parts:
            actions[name].setChecked(True)
        actions[f"theme-{current().mode}"].setChecked(True)

    @property
    def tasks(self) -> dict[str, Callable[[], object]]:
        """What each action does, by its name."""
        canvas = self._canvas
        return {
            "zoom-in": lambda: canvas.set_zoom(canvas.zoom * ZOOM_STEP),
            "zoom-out": lambda: canvas.set_zoom(canvas.zoom / ZOOM_STEP),
            "zoom-reset": lambda: canvas.set_zoom(1.0),
            "fit": canvas.fit,
            "fit-selection": canvas.fit_selection,
            **{name: partial(self._show_part, name) for name in self._parts},
            "reset-layout": self._reset_layout,
            "theme-system": lambda: self._set_theme("system"),
            "theme-light": lambda: self._set_theme("light"),
            "theme-dark": lambda: self._set_theme("dark"),
        }

    def show_side(self) -> None:
        """Make sure that the side panel is there."""
        self._actions["show-side"].setChecked(True)
        self._workspace.show_side(True)

    def fit_width(self) -> None:
        """Give each part the room that it needs at the window's width."""
        if self._workspace.fit_width():
            self._check_side()

    def _show_part(self, name: str) -> None:
        show = self._workspace.show_side if name == "show-side" else self._parts[name].setVisible
        show(self._actions[name].isChecked())
        self.parts_changed.emit()

    def _reset_layout(self) -> None:
        for name, part in self._parts.items():
            self._actions[name].setChecked(True)
            part.show()
        self._workspace.reset()
        self._check_side()
        self.layout_reset.emit()

    def _check_side(self) -> None:
        self._actions["show-side"].setChecked(not self._parts["show-side"].isHidden())

    def _set_theme(self, mode: Mode) -> None:
        current().set_mode(mode)
        self._settings.theme = mode
