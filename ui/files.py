"""New, open, save: what stands between the document and its file. It asks before anything is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QWidget

from app.document import Document
from app.examples import EXAMPLES, load_example
from app.files import SUFFIX, SavedFile, TooLargeError, read_file, write_file
from app.project import Project, View
from app.runner import Runner
from app.settings import UserSettings
from app.translate import tr
from engine.datasets import DATASETS
from engine.experiment import Choice, Experiment
from engine.gradients import Backpropagation
from engine.graph import Graph
from engine.message import EngineError
from engine.optimizers import Adam
from engine.setting import complete
from ui import dialogs
from ui.drafts import commit_drafts

FIRST_EXAMPLE = EXAMPLES[0].key


def new_project() -> Project:
    """Give an empty canvas with the settings that suit most first networks."""
    data = Choice("moons", complete(DATASETS["moons"].settings, {}))
    optimizer = Choice(Adam.name, complete(Adam.settings, {}))
    return Project(Experiment(Graph(), data, Choice(Backpropagation.name), optimizer))


class FileKeeper(QObject):
    """Keeps the document and its file together. `view` gives what is saved of the view; `view_loaded` tells of one."""

    view_loaded = Signal(object)
    said = Signal(str)

    def __init__(
        self, window: QWidget, document: Document, runner: Runner, settings: UserSettings, view: Callable[[], View]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._document = document
        self._runner = runner
        self._settings = settings
        self._view = view
        self._saved_place: tuple[object, ...] = ()

    @property
    def name(self) -> str:
        """What the document is called."""
        path = self._document.path
        return os.path.basename(path) if path else self._document.title or tr("Untitled")

    def new(self) -> None:
        """Begin with an empty canvas, unless the person would rather keep what there is."""
        if self.may_leave():
            self._take(SavedFile(new_project(), View()), None, "")

    def open(self) -> None:
        """Let a file be chosen and open it."""
        if path := dialogs.choose_file_to_open(self._window, self._folder()):
            self.open_path(path)

    def open_path(self, path: str) -> bool:
        """Open a file. A bad one is explained, and the open document stays as it is."""
        try:
            saved = read_file(path)
        except EngineError as error:
            self._settings.remove_recent_file(path)
            title = tr("{name} cannot be opened", name=os.path.basename(path))
            dialogs.show_error(self._window, title, tr(error.message))
            return False
        if not self.may_leave():
            return False
        if path == self._document.path:
            # It may just have been saved over.
            saved = read_file(path)
        self._take(saved, path, "")
        self._settings.add_recent_file(path)
        return True

    def open_example(self, key: str) -> None:
        """Open a shipped network; saving it asks for a place."""
        if self.may_leave():
            title = next(example.title for example in EXAMPLES if example.key == key)
            self._take(load_example(key), None, tr(title))

    def choose_example(self) -> None:
        """Let an example be chosen and open it."""
        if key := dialogs.choose_example(self._window):
            self.open_example(key)

    def save(self) -> bool:
        """Save into the document's file, or ask for one. Tells whether it is saved."""
        return self._write(self._document.path) if self._document.path else self.save_as()

    def save_as(self) -> bool:
        """Ask for a place and save there."""
        proposal = self._document.path or os.path.join(self._folder(), self.name + SUFFIX)
        path = dialogs.choose_file_to_save(self._window, proposal)
        return bool(path) and self._write(path)

    def may_leave(self) -> bool:
        """Tell whether the document may go: nothing is unsaved, or the person has saved it or lets it go."""
        commit_drafts(self._window)
        if self._document.is_modified:
            words = tr("Its last changes are not in a file yet.")
        elif self._document.path and self._place != self._saved_place:
            words = tr("The run has gone on since it was saved: it is at step {step} now.", step=self._runner.place[0])
        else:
            return True
        answer = dialogs.ask_to_save(self._window, self.name, words)
        return answer is dialogs.Answer.DISCARD or (answer is dialogs.Answer.SAVE and self.save())

    def _write(self, path: str) -> bool:
        commit_drafts(self._window)
        saved = SavedFile(self._document.project, self._view(), self._runner.save_state())
        words = tr("Saved {name}", name=os.path.basename(path))
        if self._runner.is_past and saved.run is not None:
            words = tr(
                "{words} with the run at its end, step {step}: a file holds no past", words=words, step=saved.run.step
            )
        try:
            try:
                write_file(path, saved)
            except TooLargeError:
                write_file(path, replace(saved, run=None))
                words = tr("Saved the network, but not its weights: the file would be too large")
        except EngineError as error:
            title = tr("{name} was not saved", name=os.path.basename(path))
            dialogs.show_error(self._window, title, tr(error.message))
            return False
        self._document.mark_saved(path)
        self._settings.add_recent_file(path)
        run = saved.run
        self._saved_place = (*self._runner.line, *((0, 0) if run is None else (run.step, run.micro)))
        self.said.emit(words)
        return True

    def _take(self, saved: SavedFile, path: str | None, title: str) -> None:
        self._document.load(saved.project, path, title)
        if saved.run is not None:
            try:
                self._runner.load_state(saved.run)
            except EngineError as error:
                self.said.emit(tr("The network is open, but not its run: {reason}", reason=error.message))
        self._saved_place = self._place
        self.view_loaded.emit(saved.view)

    @property
    def _place(self) -> tuple[object, ...]:
        """How far the run has got, and on which line."""
        return *self._runner.line, *self._runner.place

    def _folder(self) -> str:
        if self._document.path:
            return os.path.dirname(self._document.path)
        recent = self._settings.recent_files
        places = (QStandardPaths.StandardLocation.DocumentsLocation, QStandardPaths.StandardLocation.HomeLocation)
        folders = [os.path.dirname(path) for path in recent[:1]] + [*map(QStandardPaths.writableLocation, places)]
        return next((folder for folder in folders if os.path.isdir(folder)), "")
