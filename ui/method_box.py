"""The slot of the gradient method in the pipeline bar."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.document import Document
from app.translate import format_count, tr
from engine.experiment import Experiment
from engine.gradients import GRADIENT_METHODS, GradientMethod, NoGradient, make_gradient_method
from engine.optimizers import Optimizer, make_optimizer
from engine.program import Phase, Program
from engine.snapshot import Snapshot
from engine.step_cost import step_cost
from ui.edits import choose_method
from ui.forms import ChoiceBox
from ui.gradient_chip import calls_words
from ui.pill import Pill, Progress
from ui.pipeline_parts import Box, CostLabel, named, settings_button
from ui.slot_problems import method_problem
from ui.theme import show_role

_LONGEST_MS = 999.5
"""A duration that would be written as 1000 ms is one of seconds."""


class MethodBox(Box):
    """The slot of the gradient method, its cost, and phase 4."""

    settings_requested = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__(tr("Gradient method"), "backward", "backward_text")
        self._document = document
        self.kind = ChoiceBox([(key, tr(kind.label)) for key, kind in GRADIENT_METHODS.items()])
        self.kind.setObjectName("method")
        self.kind.setAccessibleName(tr("Gradient method"))
        self.cost = CostLabel()
        self.backward = Pill("backward", "on_backward")
        self._label = ""
        self._texts: tuple[str, ...] = ("",)
        self._reason = ""
        self._progress: Progress | None = None
        self._snapshot: Snapshot | None = None
        button = settings_button(tr("Settings of the gradient method"))
        self.top.addWidget(self.kind, 1)
        self.top.addWidget(self.cost)
        self.top.addWidget(button)
        self.bottom.addWidget(self.backward)
        self._extras = (self.cost, button)
        self.kind.edited.connect(self._on_kind_edited)
        button.clicked.connect(self.settings_requested)

    def show_experiment(self, experiment: Experiment, program: Program | None) -> None:
        """Show the method and, where the network can run, what it does and costs there."""
        method = make_gradient_method(experiment.method.kind, experiment.method.settings)
        optimizer = make_optimizer(experiment.optimizer.kind, experiment.optimizer.settings)
        problem = method_problem(method, optimizer, program)
        self._label = tr(method.label)
        self._reason = ""
        if not optimizer.needs_gradient:
            words = tr("{optimizer} needs no gradient — gradient method: not called", optimizer=tr(optimizer.label))
            self._reason = words
            self._texts = (tr("4 · not called"),)
        elif problem is not None:
            self._texts = (tr("▲ {reason}", reason=problem),)
        else:
            self._texts = _phase_texts(method, program)
        self.kind.show_value(experiment.method.kind)
        self.kind.setToolTip("\n".join(filter(None, (named(method.label, method.summary), self._reason))))
        self.show_idle(bool(self._reason) or isinstance(method, NoGradient))
        self.backward.show_warning(problem is not None)
        self._show_cost(method, optimizer, program)
        self._show_pill()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show how long the present g took, and where the method is not called, how many gradients there were."""
        self._snapshot = snapshot
        is_known = snapshot is not None and snapshot.is_method_called and snapshot.gradient_step is not None
        taken = tr("this g took {time}", time=_duration(snapshot.gradient_seconds)) if is_known and snapshot else ""
        self.cost.show_more(taken)
        self._show_pill()

    def show_past(self, is_past: bool) -> None:
        """Let nothing be chosen where the choice of then is shown."""
        self.kind.setEnabled(not is_past)

    def show_phase(self, phase: Phase | None, progress: Progress | None = None) -> None:
        """Show whether the run is in phase 4, and how far it is in a long one."""
        is_active = phase is Phase.BACKWARD
        self._progress = progress if is_active else None
        self.backward.show_active(is_active, self._progress.part if self._progress else 1.0)
        self._show_pill()

    def show_idle(self, is_idle: bool) -> None:
        """Show whether a step does nothing here; the choice stays as it is, but dim."""
        if is_idle != self.is_idle:
            show_role(self.kind, "dim" if is_idle else "")
        super().show_idle(is_idle)

    def _show_cost(self, method: GradientMethod, optimizer: Optimizer, program: Program | None) -> None:
        if program is None or not optimizer.needs_gradient:
            self.cost.show_cost(None)
            return
        cost = step_cost(method, optimizer, program)
        total, passes = (format_count(round(n)) for n in (cost.forward_passes, cost.gradient.forward_passes))
        words = tr(
            "A step costs about {total} forward passes: one in phase 2, {passes} for g", total=total, passes=passes
        )
        self.cost.show_cost(cost, words)

    def _show_pill(self) -> None:
        if self._progress is not None:
            counts = self._progress.counts
            words = tr("4 · {method}: {done} of {count}", method=self._label, **counts)
            self.backward.show_texts(words, tr("4 · {done} of {count}", **counts), more=self._texts[0])
        elif self._reason and self._snapshot is not None:
            self.backward.show_texts(*self._texts, more=f"{self._reason}\n{calls_words(self._snapshot)}")
        else:
            self.backward.show_texts(*self._texts, more=self._reason)

    def _on_kind_edited(self, kind: str) -> None:
        choose_method(self._document, kind)


def _phase_texts(method: GradientMethod, program: Program | None) -> tuple[str, ...]:
    """Say what phase 4 is with this method, in several lengths."""
    if program is None:
        is_called = not isinstance(method, NoGradient)
        return (tr("4 · {words}", words=tr(method.label) if is_called else tr("not called")),)
    words = tr(method.phase_label(program))
    mark = "4 ◀ {words}" if method.is_reverse else "4 · {words}"
    lengths = (words, words.partition(", ")[0], words.partition(" — ")[0])
    return (*(tr(mark, words=length) for length in lengths), tr("4 Gradient"))


def _duration(seconds: float) -> str:
    """Write a duration with three figures: 0.123 ms, 45.6 ms, 7.89 s."""
    if seconds * 1e3 < _LONGEST_MS:
        return tr("{number} ms", number=f"{seconds * 1e3:.3g}")
    return tr("{number} s", number=f"{seconds:.3g}")
