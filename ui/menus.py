"""The menus that are filled while the program runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from app.settings import UserSettings
from app.translate import tr
from engine.ops import OPS
from ui.icons import show_icon
from ui.op_search import CATEGORIES


def fill_node_menu(menu: QMenu, add: Callable[[str], object]) -> None:
    """Offer every kind of node, by category."""
    for category in CATEGORIES:
        submenu = menu.addMenu(tr(category))
        for op in OPS.values():
            if op.category == category:
                action = submenu.addAction(tr(op.label))
                action.setToolTip(tr(op.summary))
                show_icon(action, op.icon)
                action.triggered.connect(lambda _checked=False, name=op.name: add(name))


class NodeMenu(QMenu):
    """Every kind of node; filled when it is first opened, as its many pictures would hold up the start."""

    def __init__(self, add: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._add = add
        self.aboutToShow.connect(self._on_about_to_show)

    def _on_about_to_show(self) -> None:
        if self.isEmpty():
            fill_node_menu(self, self._add)


def fill_recent_menu(menu: QMenu, settings: UserSettings, open_path: Callable[[str], object]) -> None:
    """Offer the files opened or saved last."""
    menu.clear()
    for path in settings.recent_files:
        action = menu.addAction(os.path.basename(path))
        action.setToolTip(path)
        action.triggered.connect(partial(_open, open_path, path))
    if menu.isEmpty():
        menu.addAction(tr("No files yet")).setEnabled(False)
        return
    menu.addSeparator()
    menu.addAction(tr("Clear")).triggered.connect(settings.clear_recent_files)


def _open(open_path: Callable[[str], object], path: str, _checked: bool = False) -> None:
    open_path(path)
