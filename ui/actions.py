"""The QActions of the window, made of the table of actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.errors import guarded
from app.translate import tr
from ui.action_table import MENUS, SPECS, ActionSpec
from ui.icons import show_icon


class ActionTarget(Protocol):
    """What carries the actions out."""

    def perform(self, name: str) -> None:
        """Do what the action of this name says."""


class Actions(Mapping[str, QAction]):
    """The QActions by name, and the menu bar made of them."""

    def __init__(self, window: QWidget, canvas: QWidget, target: ActionTarget) -> None:
        self._actions: dict[str, QAction] = {}
        groups: dict[str, QActionGroup] = {}
        for spec in SPECS:
            action = QAction(tr(spec.label), window)
            action.setObjectName(spec.name)
            action.setCheckable(spec.checkable)
            action.setAutoRepeat(spec.repeats)
            if spec.help:
                action.setStatusTip(tr(spec.help))
            action.setToolTip(_tool_tip(spec))
            if spec.icon:
                show_icon(action, spec.icon)
            if spec.keys:
                action.setShortcuts([QKeySequence(key) for key in spec.keys])
            if spec.group:
                groups.setdefault(spec.group, QActionGroup(window)).addAction(action)
            action.triggered.connect(partial(_perform, target, spec.name))
            if spec.canvas_keys:
                self._add_canvas_keys(action, spec, canvas)
            window.addAction(action)
            self._actions[spec.name] = action

    def __getitem__(self, name: str) -> QAction:
        """Give an action by its name."""
        return self._actions[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._actions)

    def __len__(self) -> int:
        """Count the actions."""
        return len(self._actions)

    def fill(self, bar: QMenuBar, submenus: dict[str, QMenu]) -> None:
        """Fill a menu bar; `submenus` stand in the place of the actions of their name."""
        for title, specs in MENUS:
            menu = bar.addMenu(tr(title))
            menu.setToolTipsVisible(True)
            for spec in specs:
                if spec is None:
                    menu.addSeparator()
                elif spec.name in submenus:
                    submenus[spec.name].setTitle(tr(spec.label))
                    menu.addMenu(submenus[spec.name])
                else:
                    menu.addAction(self[spec.name])

    def explain(self, name: str, words: str = "") -> None:
        """Say in the tooltip what an action does now; without words, what it always does."""
        spec = next(spec for spec in SPECS if spec.name == name)
        self[name].setToolTip(_tool_tip(spec, words))

    def follow(self, name: str, leader: QAction) -> None:
        """Let an action say what another one says, and be enabled and checked when that one is."""
        _show_like(self[name], leader)
        leader.changed.connect(partial(_show_like, self[name], leader))

    def follow_undo(self, stack: QUndoStack) -> None:
        """Let "undo" and "redo" say what they would take back and do again."""
        show = partial(_show_undo, self["undo"], self["redo"], stack)
        for signal in (stack.canUndoChanged, stack.canRedoChanged, stack.undoTextChanged, stack.redoTextChanged):
            signal.connect(show)
        show()

    @staticmethod
    def _add_canvas_keys(action: QAction, spec: ActionSpec, canvas: QWidget) -> None:
        """Keys without Ctrl are for the canvas alone: elsewhere they type, choose and press buttons."""
        on_canvas = QAction(action.text(), canvas)
        on_canvas.setShortcuts([QKeySequence(key) for key in spec.canvas_keys])
        on_canvas.setAutoRepeat(spec.repeats)
        on_canvas.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        on_canvas.triggered.connect(action.trigger)
        canvas.addAction(on_canvas)


def key_names(spec: ActionSpec) -> tuple[str, ...]:
    """Give the keys of an action as people know them on this system, each way to press it by itself."""
    native = QKeySequence.SequenceFormat.NativeText
    return tuple(QKeySequence(key).toString(native) for key in (*spec.keys, *spec.canvas_keys))


def key_words(spec: ActionSpec) -> str:
    """Give the keys of an action in a row."""
    return ", ".join(key_names(spec))


def _show_like(action: QAction, leader: QAction) -> None:
    action.setText(leader.text())
    action.setEnabled(leader.isEnabled())
    if action.isCheckable():
        action.setChecked(leader.isChecked())


def _show_undo(undo: QAction, redo: QAction, stack: QUndoStack, _news: object = None) -> None:
    undo.setEnabled(stack.canUndo())
    redo.setEnabled(stack.canRedo())
    undo.setText(tr("Undo {edit}", edit=stack.undoText()) if stack.canUndo() else tr("Undo"))
    redo.setText(tr("Redo {edit}", edit=stack.redoText()) if stack.canRedo() else tr("Redo"))


@guarded
def _perform(target: ActionTarget, name: str, _checked: bool = False) -> None:
    target.perform(name)


def _tool_tip(spec: ActionSpec, words: str = "") -> str:
    keys = key_words(spec)
    words = words or tr(spec.help or spec.label)
    return tr("{words} ({keys})", words=words, keys=keys) if keys else words
