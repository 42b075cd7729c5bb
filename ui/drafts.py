"""Drafts: what is typed into a field and not taken yet. They are committed or discarded, never lost by accident."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget


@runtime_checkable
class DraftField(Protocol):
    """A field that commits what is typed into it when it is left."""

    def commit_draft(self) -> None:
        """Take what is typed, as leaving the field does."""

    def discard_draft(self) -> None:
        """Show the value again in place of what is typed."""


def commit_drafts(window: QWidget) -> None:
    """Commit what is being typed in a window: before an action works on the document, or it is saved or left."""
    field = window.focusWidget()
    if isinstance(field, DraftField):
        field.commit_draft()


def discard_drafts(page: QWidget) -> None:
    """Discard what is typed into the fields of a page: before it shows something else, or is hidden and so left."""
    for field in page.findChildren(QWidget):
        if isinstance(field, DraftField):
            field.discard_draft()


def asks_for_undo(event: QEvent) -> bool:
    """Tell whether Qt asks if a field wants the keys of Undo or Redo for its own text."""
    if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.ShortcutOverride:
        return False
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
