"""The Document: where the project lives, and the one gate through which it changes."""

from __future__ import annotations

from collections.abc import Hashable
from time import monotonic
from weakref import ref

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.change import Change
from app.project import Project

MERGE_SECONDS = 1.5
"""Edits of one field that follow each other this closely are one step of undo."""


class Document(QObject):
    """A project with its undo stack and its file.

    `changed(old, new)` is the only news of the project: edits, undo, redo and loading all look the same. A move of
    nodes leaves `new.experiment is old.experiment`. `loaded` comes before `changed` when another project takes over.
    `settled(old, new)` follows `changed` when all who show the project have it: what is computed of it comes then.
    """

    changed = Signal(object, object)
    settled = Signal(object, object)
    loaded = Signal()
    path_changed = Signal()
    modified_changed = Signal(bool)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._path: str | None = None
        self._title = ""
        self.undo_stack = QUndoStack(self)
        self.undo_stack.cleanChanged.connect(self._on_undo_stack_clean_changed)

    @property
    def project(self) -> Project:
        """The present project."""
        return self._project

    @property
    def path(self) -> str | None:
        """The file that Save writes to; None for a new project or an example."""
        return self._path

    @property
    def title(self) -> str:
        """What the project is called where it has no file."""
        return self._title

    @property
    def is_modified(self) -> bool:
        """Whether there are edits that are not saved."""
        return not self.undo_stack.isClean()

    def edit(self, label: str, project: Project, merge: Hashable | None = None) -> None:
        """Change the project, as one step of undo called `label` (translated).

        Edits with an equal `merge` that follow closely become one step. A project equal to the present one is no edit.
        """
        change = Change.between(self._project, project)
        if change.apply(self._project) != self._project:
            self.undo_stack.push(_Edit(self, label, change, merge))

    def load(self, project: Project, path: str | None, title: str = "") -> None:
        """Take another project, saved in `path` or, without a file, called `title`; nothing of before can be undone."""
        self.undo_stack.clear()
        self._title = title
        self.loaded.emit()
        self._show(project)
        self._set_path(path)

    def mark_saved(self, path: str) -> None:
        """Note that the present project is what the file holds."""
        self.undo_stack.setClean()
        self._set_path(path)

    def apply(self, change: Change, back: bool) -> None:
        """Apply an edit forwards or back; for the undo command alone."""
        self._show(change.apply(self._project, back))

    def _on_undo_stack_clean_changed(self, is_clean: bool) -> None:
        self.modified_changed.emit(not is_clean)

    def _show(self, project: Project) -> None:
        old, self._project = self._project, project
        self.changed.emit(old, project)
        self.settled.emit(old, project)

    def _set_path(self, path: str | None) -> None:
        self._path = path
        self.path_changed.emit()


class _Edit(QUndoCommand):
    """The one undo command."""

    def __init__(self, document: Document, label: str, change: Change, merge: Hashable | None) -> None:
        super().__init__(label)
        # Without a cycle: one collected as garbage would delete the command and the stack that owns it, in any order.
        self._document_ref = ref(document)
        self._change = change
        self._merge = merge
        self._time = monotonic()

    @property
    def _document(self) -> Document:
        document = self._document_ref()
        assert document is not None, "the stack, and with it the command, is the document's"
        return document

    def id(self) -> int:
        """Give a number, the same for all edits: whether two of them merge, `mergeWith` decides."""
        return -1 if self._merge is None else 1

    def redo(self) -> None:
        """Go forwards."""
        self._document.apply(self._change, back=False)

    def undo(self) -> None:
        """Go back."""
        self._document.apply(self._change, back=True)

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in an edit of the same field that follows closely."""
        if not isinstance(other, _Edit) or other._merge != self._merge or other._time - self._time > MERGE_SECONDS:
            return False
        after = self._document.project
        before = self._change.apply(other._change.apply(after, back=True), back=True)
        self._change = Change.between(before, after)
        self._time = other._time
        self.setObsolete(before == after)
        return True
