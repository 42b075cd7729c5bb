"""The stop conditions of the experiment: any of them, each with its settings."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.document import Document
from app.project import Project
from app.translate import tr
from engine.experiment import Choice
from engine.setting import SettingValue, complete
from engine.stopping import STOP_CONDITIONS, StopCondition
from ui.drafts import discard_drafts
from ui.edits import setting_label
from ui.focus_order import lead_focus
from ui.forms import CheckField, Form, words_label


class StopSection(QWidget):
    """A box for each kind of condition, and below those that are chosen their settings; edited in the document."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._rows = {name: _Row(kind) for name, kind in STOP_CONDITIONS.items()}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for name, row in self._rows.items():
            column.addWidget(row)
            row.box.edited.connect(lambda is_chosen, name=name: self._choose(name, bool(is_chosen)))
            row.edited.connect(lambda setting, value, name=name: self._set(name, setting, value))
        column.addWidget(
            words_label(
                tr("A value that is not finite (NaN or ∞) always stops the run, where all weights are still finite.")
            )
        )

    def show_project(self, project: Project) -> None:
        """Show which conditions the experiment has."""
        chosen = {stop.kind: stop for stop in project.experiment.stops}
        for name, row in self._rows.items():
            row.show_choice(chosen.get(name))

    def box(self, name: str) -> CheckField:
        """Give the box of a kind."""
        return self._rows[name].box

    def form(self, name: str) -> Form:
        """Give the form of a kind."""
        return self._rows[name].form

    def _choose(self, name: str, is_chosen: bool) -> None:
        stops = {stop.kind: stop for stop in self._document.project.experiment.stops}
        if is_chosen:
            stops[name] = Choice(name, complete(STOP_CONDITIONS[name].settings, {}))
        else:
            stops.pop(name, None)
        words = "Add stop condition {condition}" if is_chosen else "Remove stop condition {condition}"
        self._edit(tr(words, condition=tr(STOP_CONDITIONS[name].label)), stops)

    def _set(self, name: str, setting: str, value: SettingValue) -> None:
        stops = {stop.kind: stop for stop in self._document.project.experiment.stops}
        if name not in stops:
            return
        stops[name] = Choice(name, {**stops[name].settings, setting: value})
        kind = STOP_CONDITIONS[name]
        self._edit(setting_label(kind.settings, setting, tr(kind.label)), stops, ("stops", name, setting))

    def _edit(self, label: str, stops: dict[str, Choice], merge: Hashable | None = None) -> None:
        project = self._document.project
        ordered = tuple(stops[name] for name in STOP_CONDITIONS if name in stops)
        self._document.edit(label, replace(project, experiment=replace(project.experiment, stops=ordered)), merge)


class _Row(QWidget):
    """A kind of condition: whether it is chosen, and its settings while it is; their form is made when it first is."""

    edited = Signal(str, object)

    def __init__(self, kind: type[StopCondition]) -> None:
        super().__init__()
        self._kind = kind
        self._form: Form | None = None
        self.box = CheckField()
        self.box.setText(tr(kind.label))
        self.box.setToolTip(tr(kind.summary))
        self.box.setAccessibleDescription(tr(kind.summary))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self.box)

    @property
    def form(self) -> Form:
        """The settings; hidden until the condition is chosen."""
        if self._form is None:
            self._form = Form(self._kind.settings)
            self._form.setContentsMargins(24, 0, 0, 4)
            self._form.edited.connect(self.edited)
            self._form.hide()
            self._column.addWidget(self._form)
            lead_focus(self.box, self._form)
        return self._form

    def show_choice(self, choice: Choice | None) -> None:
        """Show whether it is chosen."""
        self.box.show_value(choice is not None)
        if choice is not None:
            self.form.show_values(choice.settings)
            self.form.show()
        elif self._form is not None:
            # A hidden field is left, and would commit what is typed to a condition that is gone.
            discard_drafts(self._form)
            self._form.hide()
