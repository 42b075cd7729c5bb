"""The forms of the experiment around the graph: data set, gradient method, optimizer, batch size, seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.document import Document
from app.project import Project
from app.translate import format_count, tr
from engine.compiler import Compilation
from engine.datasets import DATASETS, make_dataset
from engine.experiment import MAX_SEED, Choice
from engine.gradients import GRADIENT_METHODS, make_gradient_method
from engine.optimizers import OPTIMIZERS, make_optimizer
from engine.program import Program
from engine.setting import Setting, SettingValue
from ui.batch_box import BatchBox
from ui.drafts import discard_drafts
from ui.edits import (
    Kind,
    choose_data,
    choose_method,
    choose_optimizer,
    set_batch_size,
    set_data,
    set_method,
    set_optimizer,
    set_seed,
)
from ui.focus_order import lead_focus
from ui.forms import ChoiceBox, Form, words_label
from ui.maths.typesetting import formula_html
from ui.slot_problems import Slot, name_descent
from ui.stop_section import StopSection

SEED = Setting(
    "seed",
    1,
    "Seed",
    "Decides the first weights and the order of the rows; the same seed gives the same run to the last bit.",
    minimum=0,
    maximum=MAX_SEED,
)


class ChoiceSection(QWidget):
    """One slot of the experiment: which kind stands in it, what that is, and its settings."""

    kind_edited = Signal(str)
    setting_edited = Signal(str, object)

    def __init__(
        self,
        title: str,
        kinds: Mapping[str, Kind],
        parent: QWidget | None = None,
        check_text: Callable[[str, str], str] | None = None,
    ) -> None:
        super().__init__(parent)
        self._kinds = kinds
        self._check_text = check_text
        self._kind = ""
        self._form: Form | None = None
        self.box = ChoiceBox([(key, tr(kind.label)) for key, kind in kinds.items()])
        self.box.setAccessibleName(title)
        self.box.edited.connect(self._on_box_edited)
        self._summary = words_label()
        self._formula = words_label()
        # As plain text the hats of m̂ and v̂ stand beside their letters in many fonts.
        self._formula.setTextFormat(Qt.TextFormat.RichText)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(section_label(title))
        self._column.addWidget(self.box)
        self._column.addWidget(self._summary)
        self._column.addWidget(self._formula)

    def show_choice(self, choice: Choice, formula: str = "") -> None:
        """Show what stands in the slot, and its formula where it has one."""
        kind = self._kinds[choice.kind]
        if choice.kind != self._kind:
            self._kind = choice.kind
            self._replace_form(kind.settings)
        self.box.show_value(choice.kind)
        self._summary.setText(tr(kind.summary))
        self._formula.setText("<br>".join(formula_html(line) for line in tr(formula).split("\n")) if formula else "")
        self._formula.setVisible(bool(formula))
        if self._form:
            self._form.show_values(choice.settings)

    def form(self) -> Form | None:
        """Give the form of the kind's settings; None if it has none."""
        return self._form

    def _replace_form(self, settings: tuple[Setting, ...]) -> None:
        if self._form:
            # A hidden field is left, and would commit what is typed to the kind that has come instead.
            discard_drafts(self._form)
            self._column.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
        self._form = Form(settings, check_text=self._check_text) if settings else None
        if self._form:
            self._form.edited.connect(self.setting_edited)
            self._column.addWidget(self._form)
            lead_focus(self.box, self._form)

    def _on_box_edited(self, kind: object) -> None:
        self.kind_edited.emit(str(kind))


class DataSection(ChoiceSection):
    """The data set of the experiment, edited in the document."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(tr("Data set"), DATASETS, parent)
        self._document = document
        self._rows = words_label()
        self._column.insertWidget(3, self._rows)
        self.kind_edited.connect(self._on_kind_edited)
        self.setting_edited.connect(self._on_setting_edited)

    def show_project(self, project: Project) -> None:
        """Show the project's data set and how many rows it has."""
        data = project.experiment.data
        self.show_choice(data)
        dataset = make_dataset(data.kind, data.settings)
        self._rows.setText(
            tr(
                "{train} rows to train on, {test} to test; inputs: {columns}",
                train=format_count(len(dataset.train)),
                test=format_count(len(dataset.test)),
                columns=dataset.x.shape[1],
            )
        )

    def _on_kind_edited(self, kind: str) -> None:
        choose_data(self._document, kind)

    def _on_setting_edited(self, name: str, value: SettingValue) -> None:
        set_data(self._document, name, value)


class ExperimentPage(QWidget):
    """All of the experiment but its graph."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._program: Program | None = None
        title = QLabel(tr("Experiment"))
        title.setProperty("role", "title")
        hint = words_label(tr("Nothing is selected: these are the settings of the whole run."))
        self.data = DataSection(document)
        self.method = ChoiceSection(tr("Gradient method"), GRADIENT_METHODS, check_text=self._check_method)
        self.optimizer = ChoiceSection(tr("Optimizer"), OPTIMIZERS)
        self.sections = {Slot.METHOD: self.method, Slot.OPTIMIZER: self.optimizer}
        self.batch = BatchBox()
        self._batch_reason = words_label(role="error")
        self._batch_reason.hide()
        self.stops = StopSection(document)
        self.seed = Form((SEED,))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(8)
        parts: tuple[QWidget, ...] = (
            *(title, hint, self.data, self.method, self.optimizer),
            *(section_label(tr("Batch size")), self.batch, self._batch_reason),
            *(section_label(tr("Stop when")), self.stops),
            *(section_label(tr("Random numbers")), self.seed),
        )
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        self.method.kind_edited.connect(self._on_method_kind_edited)
        self.method.setting_edited.connect(self._on_method_setting_edited)
        self.optimizer.kind_edited.connect(self._on_optimizer_kind_edited)
        self.optimizer.setting_edited.connect(self._on_optimizer_setting_edited)
        self.batch.edited.connect(self._on_batch_edited)
        self.batch.refused.connect(self._on_batch_refused)
        self.seed.edited.connect(self._on_seed_edited)

    def show_project(self, project: Project) -> None:
        """Show the settings of the project's experiment."""
        experiment = project.experiment
        self.data.show_project(project)
        self.method.show_choice(experiment.method)
        optimizer = experiment.optimizer
        dataset = make_dataset(experiment.data.kind, experiment.data.settings)
        name_descent(self.optimizer.box, experiment, len(dataset.train))
        self.optimizer.show_choice(optimizer, make_optimizer(optimizer.kind, optimizer.settings).formulas)
        self.batch.show_batch(experiment.batch_size, len(dataset.train))
        self.stops.show_project(project)
        self.seed.show_values({"seed": experiment.seed})

    def show_compilation(self, compilation: Compilation) -> None:
        """Show whether what is typed for the gradient method fits the compiled network."""
        self._program = compilation.program
        self.method.show_choice(self._document.project.experiment.method)

    def _check_method(self, name: str, text: str) -> str:
        """Give the reason why the gradient method cannot work with this text; empty where it can."""
        chosen = self._document.project.experiment.method
        if self._program is None:
            return ""
        method = make_gradient_method(chosen.kind, {**chosen.settings, name: text})
        problem = method.problem(self._program)
        return "" if problem is None else tr(problem)

    def _on_method_kind_edited(self, kind: str) -> None:
        choose_method(self._document, kind)

    def _on_method_setting_edited(self, name: str, value: SettingValue) -> None:
        set_method(self._document, name, value)

    def _on_optimizer_kind_edited(self, kind: str) -> None:
        choose_optimizer(self._document, kind)

    def _on_optimizer_setting_edited(self, name: str, value: SettingValue) -> None:
        set_optimizer(self._document, name, value)

    def _on_batch_edited(self, size: int | None) -> None:
        set_batch_size(self._document, size)

    def _on_batch_refused(self, reason: str) -> None:
        self._batch_reason.setText(tr("● {reason}", reason=reason))
        self._batch_reason.setVisible(bool(reason))

    def _on_seed_edited(self, _name: str, seed: int) -> None:
        set_seed(self._document, seed)


def section_label(words: str) -> QLabel:
    """Make the heading of a section."""
    label = QLabel(words)
    label.setProperty("role", "section")
    label.setContentsMargins(0, 10, 0, 0)
    return label
