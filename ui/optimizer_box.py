"""The slot of the optimizer in the pipeline bar."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QWidget

from app.document import Document
from app.translate import format_count, tr
from engine.executors import PinnedNames
from engine.experiment import Experiment
from engine.gradients import GradientMethod, make_gradient_method
from engine.optimizers import (
    OPTIMIZERS,
    NoOptimizer,
    Optimizer,
    Search,
    learning_rate,
    make_optimizer,
)
from engine.program import Phase, Program
from engine.setting import SettingValue
from engine.step_cost import step_cost
from ui.edits import choose_optimizer, set_optimizer
from ui.forms import ChoiceBox, show_tool_tip
from ui.number_edit import NumberEdit, number_text
from ui.pill import Pill, Progress
from ui.pipeline_parts import Box, CostLabel, named, settings_button
from ui.slot_problems import name_descent, optimizer_problem


class OptimizerBox(Box):
    """The slot of the optimizer, its learning rate or what its candidates cost, and phase 5."""

    settings_requested = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__(tr("Optimizer"), "update", "update")
        self._document = document
        self._shown_kind = ""
        self._texts: tuple[str, ...] = ("",)
        self._progress: Progress | None = None
        self.kind = ChoiceBox([(key, tr(kind.label)) for key, kind in OPTIMIZERS.items()])
        self.kind.setObjectName("optimizer")
        self.kind.setAccessibleName(tr("Optimizer"))
        self.rate = NumberEdit(learning_rate(0.1))
        self.rate.setObjectName("learning_rate")
        self.rate.setFixedWidth(52)
        self._with_rate = QWidget()
        self.cost = CostLabel()
        self.update_pill = Pill("update_bg", "update_fg", edge="update")
        button = settings_button(tr("Settings of the optimizer"))
        self.top.addWidget(self.kind, 1)
        self.top.addWidget(self._make_facts())
        self.top.addWidget(button)
        self.bottom.addWidget(self.update_pill)
        self._extras = (button,)
        self.kind.edited.connect(self._on_kind_edited)
        self.rate.edited.connect(self._on_rate_edited)
        self.rate.refused.connect(self._on_rate_refused)
        button.clicked.connect(self.settings_requested)

    def show_experiment(self, experiment: Experiment, train_rows: int, program: Program | None) -> None:
        """Show the optimizer, its learning rate, and what it does with what the gradient method gives it."""
        method = make_gradient_method(experiment.method.kind, experiment.method.settings)
        optimizer = make_optimizer(experiment.optimizer.kind, experiment.optimizer.settings)
        name_descent(self.kind, experiment, train_rows)
        self.kind.show_value(optimizer.name)
        self.kind.setToolTip(named(self.kind.currentText(), optimizer.summary))
        if optimizer.name != self._shown_kind:
            # What is typed was meant for the other optimizer, and hiding the field would commit it to this one.
            self.rate.discard_draft()
            self._shown_kind = optimizer.name
        has_rate = "learning_rate" in optimizer.values
        self._facts.setCurrentWidget(self._with_rate if has_rate else self.cost)
        if has_rate:
            self.rate.show_value(optimizer.number("learning_rate"))
            self._on_rate_refused(self.rate.reason())
        self._show_cost(method, optimizer, program)
        problem = optimizer_problem(method, optimizer, program, self.kind.currentText())
        warning = tuple(tr("▲ {reason}", reason=text) for text in problem)
        self.update_pill.show_warning(bool(warning))
        self._texts = warning or _rule_texts(optimizer, program, experiment.pinned)
        self._show_pill()

    def show_past(self, is_past: bool) -> None:
        """Let nothing be chosen or typed where what was there then is shown."""
        self.kind.setEnabled(not is_past)
        self.rate.setEnabled(not is_past)

    def show_phase(self, phase: Phase | None, progress: Progress | None = None) -> None:
        """Show whether the run is in phase 5, and how many of many candidates are tried."""
        is_active = phase is Phase.UPDATE
        self._progress = progress if is_active else None
        self.update_pill.show_active(is_active, self._progress.part if self._progress else 1.0)
        self._show_pill()

    def _make_facts(self) -> QWidget:
        """Make the place in which the learning rate stands, or the cost of an optimizer that has none."""
        facts = QWidget()
        eta = QLabel("η")
        eta.setBuddy(self.rate)
        row = QHBoxLayout(self._with_rate)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.top.spacing())
        row.addWidget(eta)
        row.addWidget(self.rate)
        self._facts = QStackedLayout(facts)
        for page in (self._with_rate, self.cost):
            self._facts.addWidget(page)
        facts.setFixedWidth(max(self._with_rate.sizeHint().width(), self.cost.width()))
        return facts

    def _show_cost(self, method: GradientMethod, optimizer: Optimizer, program: Program | None) -> None:
        if program is None or not isinstance(optimizer, Search) or optimizer.problem(program) is not None:
            self.cost.show_cost(None)
            return
        cost = step_cost(method, optimizer, program)
        total, passes = format_count(round(cost.forward_passes)), format_count(optimizer.passes)
        words = "A step costs about {total} forward passes: one in phase 2, {passes} for the candidates"
        self.cost.show_cost(cost, tr(words, total=total, passes=passes))

    def _show_pill(self) -> None:
        if self._progress is None:
            self.update_pill.show_texts(*self._texts)
        else:
            counts = self._progress.counts
            words = tr("5 · {done} of {count} candidates tried", **counts)
            self.update_pill.show_texts(words, tr("5 · {done} of {count}", **counts), more=self._texts[0])

    def _on_kind_edited(self, kind: str) -> None:
        choose_optimizer(self._document, kind)

    def _on_rate_edited(self, rate: SettingValue) -> None:
        set_optimizer(self._document, "learning_rate", rate)

    def _on_rate_refused(self, reason: str) -> None:
        value = number_text(self.rate.value() or 0.0)
        show_tool_tip(self.rate, reason or tr("Learning rate η = {value}: how far one step goes", value=value))


def _rule_texts(optimizer: Optimizer, program: Program | None, pinned: PinnedNames) -> tuple[str, ...]:
    """Say what phase 5 does, in several lengths."""
    if isinstance(optimizer, NoOptimizer):
        return tr("5 w stays — no optimizer changes it"), tr("5 w stays")
    if program is not None and all((p.node, p.name) in pinned for p in program.parameters):
        return tr("5 w stays — every parameter is pinned"), tr("5 w stays")
    if isinstance(optimizer, Search):
        count = format_count(optimizer.passes)
        words = tr("5 Update Δ — best of {count} candidates", count=count)
        return words, tr("5 Update Δ — best of {count}", count=count), tr("5 Update Δ")
    return tr("5 Update Δ — the only place w changes"), tr("5 Update Δ — w changes"), tr("5 Update Δ")
