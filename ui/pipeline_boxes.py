"""The stops of the pipeline bar, one class each: they show their part of the experiment and of the run, and edit it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel

from app.document import Document
from app.translate import format_count, format_number, tr
from engine.datasets import DATASETS
from engine.experiment import Experiment
from engine.gradients import GRADIENT_METHODS, Backpropagation, NoGradient, make_gradient_method
from engine.optimizers import OPTIMIZERS, SGD, NoOptimizer, descent_label, learning_rate
from engine.program import Phase, Program
from engine.setting import SettingValue
from engine.snapshot import Snapshot
from ui.batch_box import BatchBox
from ui.edits import choose_data, choose_method, choose_optimizer, set_batch_size, set_optimizer
from ui.forms import ChoiceBox, show_tool_tip
from ui.icons import pixmap
from ui.number_edit import NumberEdit, number_text
from ui.pipeline_parts import Box, FittingText, Pill, ValueLabel, settings_button
from ui.theme import current, number_font, ui_font


class DataBox(Box):
    """The data set, the batch size, and phase 1."""

    def __init__(self, document: Document) -> None:
        super().__init__(tr("Data"))
        self._document = document
        self.kind = ChoiceBox([(key, tr(kind.label)) for key, kind in DATASETS.items()])
        self.kind.setObjectName("data")
        self.kind.setAccessibleName(tr("Data set"))
        self.batch = BatchBox()
        self.batch.setObjectName("batch_size")
        self.batch.setFixedWidth(52)
        self.sample = Pill("forward", "on_forward")
        self.top.addWidget(self.kind, 1)
        self.top.addWidget(self.batch)
        self.bottom.addWidget(self.sample)
        self.kind.edited.connect(self._on_kind_edited)
        self.batch.edited.connect(self._on_batch_edited)

    def show_experiment(self, experiment: Experiment, rows: int, *, has_data: bool = True) -> None:
        """Show the data set, and the batch size out of so many training rows."""
        self.kind.show_value(experiment.data.kind)
        kind = DATASETS[experiment.data.kind]
        self.kind.setToolTip(_tool_tip(kind.label, kind.summary))
        self.batch.show_batch(experiment.batch_size, rows)
        if not has_data:
            self.sample.show_texts(tr("1 Sample — nothing to draw"), tr("1 Sample"))
            return
        size = rows if experiment.batch_size is None else min(experiment.batch_size, rows)
        counts = {"size": format_count(size), "rows": format_count(rows)}
        self.sample.show_texts(
            tr("1 Sample — draws {size} of {rows} rows", **counts),
            tr("1 Sample — {size} of {rows} rows", **counts),
            tr("1 Sample — {size} of {rows}", **counts),
            tr("1 Sample"),
        )

    def show_phase(self, phase: Phase | None) -> None:
        """Show whether the run is in phase 1."""
        self.sample.show_active(phase is Phase.SAMPLE)

    def _on_kind_edited(self, kind: str) -> None:
        choose_data(self._document, kind)

    def _on_batch_edited(self, size: int | None) -> None:
        set_batch_size(self._document, size)


class EvaluateBox(Box):
    """Phases 2 and 3: neither belongs to a gradient method."""

    def __init__(self) -> None:
        super().__init__(tr("Evaluate"))
        self.loss = ValueLabel(tr("L = {loss}", loss="0.00000"), number_font(-1, bold=True))
        self.forward = Pill("forward", "on_forward")
        self.forward.show_texts(tr("2 Forward ▶"))
        self.compare = Pill("forward", "on_forward")
        self.compare.show_texts(tr("3 Loss"))
        self.top.addStretch(1)
        self.top.addWidget(self.loss)
        self.bottom.addWidget(self.forward, 3)
        self.bottom.addWidget(self.compare, 2)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show the batch's loss; gray once the weights have moved on."""
        if snapshot is None or snapshot.loss is None:
            self.loss.show_value(tr("L = {loss}", loss="—"), tr("The loss of the batch: known after phase 3"), True)
            return
        is_stale = snapshot.loss_step != snapshot.step
        moved, present = tr("The loss of the last batch, before the weights changed"), tr("The loss of this batch")
        text = tr("L = {loss}", loss=format_number(snapshot.loss))
        self.loss.show_value(text, moved if is_stale else present, is_stale)

    def show_phase(self, phase: Phase | None) -> None:
        """Show whether the run is in phase 2 or 3."""
        self.forward.show_active(phase is Phase.FORWARD)
        self.compare.show_active(phase is Phase.LOSS)


class MethodBox(Box):
    """The slot of the gradient method, its cost, and phase 4."""

    settings_requested = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__(tr("Gradient method"), "backward", "backward_text")
        self._document = document
        self.kind = ChoiceBox([(key, tr(kind.label)) for key, kind in GRADIENT_METHODS.items()])
        self.kind.setObjectName("method")
        self.kind.setAccessibleName(tr("Gradient method"))
        self.cost = ValueLabel(tr("≈ {total} fwd", total="9.9k"), ui_font(-2))
        self.cost.setProperty("role", "dim")
        self.backward = Pill("backward", "on_backward")
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
        self.kind.show_value(experiment.method.kind)
        self.kind.setToolTip(_tool_tip(method.label, method.summary))
        if program is None:
            self.cost.show_value("")
            is_called = not isinstance(method, NoGradient)
            self.backward.show_texts(tr("4 · {words}", words=tr(method.label) if is_called else tr("not called")))
            return
        words = tr(method.phase_label(program))
        mark = "4 ◀ {words}" if isinstance(method, Backpropagation) else "4 · {words}"
        lengths = (words, words.partition(", ")[0], words.partition(" — ")[0])
        self.backward.show_texts(*(tr(mark, words=words) for words in lengths), tr("4 Gradient"))
        passes = round(method.cost(program, program.rows).forward_passes)
        counts = {"total": format_count(1 + passes), "passes": format_count(passes)}
        words = tr("A step costs about {total} forward passes: one in phase 2, {passes} for g", **counts)
        self.cost.show_value(tr("≈ {total} fwd", total=_short_count(1 + passes)), words)

    def show_phase(self, phase: Phase | None) -> None:
        """Show whether the run is in phase 4."""
        self.backward.show_active(phase is Phase.BACKWARD)

    def _on_kind_edited(self, kind: str) -> None:
        choose_method(self._document, kind)


class OptimizerBox(Box):
    """The slot of the optimizer, its learning rate, and phase 5."""

    settings_requested = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__(tr("Optimizer"), "update", "update")
        self._document = document
        self._shown_kind = ""
        self.kind = ChoiceBox([(key, tr(kind.label)) for key, kind in OPTIMIZERS.items()])
        self.kind.setObjectName("optimizer")
        self.kind.setAccessibleName(tr("Optimizer"))
        self.rate = NumberEdit(learning_rate(0.1))
        self.rate.setObjectName("learning_rate")
        self.rate.setFixedWidth(52)
        self._eta = QLabel("η")
        self._eta.setBuddy(self.rate)
        self.update_pill = Pill("update_bg", "update_fg")
        button = settings_button(tr("Settings of the optimizer"))
        for widget, stretch in ((self.kind, 1), (self._eta, 0), (self.rate, 0), (button, 0)):
            self.top.addWidget(widget, stretch)
        self.bottom.addWidget(self.update_pill)
        self._extras = (button,)
        for widget in (self._eta, self.rate):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)
        self.kind.edited.connect(self._on_kind_edited)
        self.rate.edited.connect(self._on_rate_edited)
        self.rate.refused.connect(self._on_rate_refused)
        button.clicked.connect(self.settings_requested)

    def show_experiment(self, experiment: Experiment, train_rows: int) -> None:
        """Show the optimizer, its learning rate, and what it does with what the gradient method gives it."""
        kind = OPTIMIZERS[experiment.optimizer.kind]
        label = descent_label(experiment.batch_size or train_rows, train_rows)
        self.kind.setItemText(self.kind.findData(SGD.name), tr(label))
        self.kind.show_value(experiment.optimizer.kind)
        self.kind.setToolTip(_tool_tip(self.kind.currentText(), kind.summary))
        if experiment.optimizer.kind != self._shown_kind:
            # What is typed was meant for the other optimizer, and hiding the field would commit it to this one.
            self.rate.discard_draft()
            self._shown_kind = experiment.optimizer.kind
        rate = experiment.optimizer.settings.get("learning_rate")
        self._eta.setVisible(rate is not None)
        self.rate.setVisible(rate is not None)
        if isinstance(rate, int | float):
            self.rate.show_value(rate)
            self._on_rate_refused(self.rate.reason())
        needs_gradient = experiment.method.kind == NoGradient.name and kind is not NoOptimizer
        self.update_pill.show_warning(needs_gradient)
        if needs_gradient:
            label = self.kind.currentText()
            words = tr("▲ {optimizer} needs g, and no method computes it", optimizer=label)
            self.update_pill.show_texts(words, tr("▲ {optimizer} needs g", optimizer=label))
        elif kind is NoOptimizer:
            self.update_pill.show_texts(tr("5 w stays — no optimizer changes it"), tr("5 w stays"))
        else:
            words = tr("5 Update Δ — the only place w changes")
            self.update_pill.show_texts(words, tr("5 Update Δ — w changes"), tr("5 Update Δ"))

    def show_phase(self, phase: Phase | None) -> None:
        """Show whether the run is in phase 5."""
        self.update_pill.show_active(phase is Phase.UPDATE)

    def _on_kind_edited(self, kind: str) -> None:
        choose_optimizer(self._document, kind)

    def _on_rate_edited(self, rate: SettingValue) -> None:
        set_optimizer(self._document, "learning_rate", rate)

    def _on_rate_refused(self, reason: str) -> None:
        value = number_text(self.rate.value() or 0.0)
        show_tool_tip(self.rate, reason or tr("Learning rate η = {value}: how far one step goes", value=value))


class WeightsBox(Box):
    """How many weights there are, and the lock on them that opens in phase 5 only."""

    def __init__(self) -> None:
        super().__init__(tr("Weights"))
        self.count = ValueLabel("99 999", number_font(-1))
        self.count.setProperty("role", "dim")
        self.words = FittingText(-2)
        self._lock_look: tuple[str, str] = ("", "")
        self._lock = QLabel()
        self._lock.setFixedWidth(18)
        self.top.addStretch(1)
        self.top.addWidget(self.count)
        self.bottom.addWidget(self._lock)
        self.bottom.addWidget(self.words, 1)
        tip = tr("The weights change in phase 5 only, all at once; in phases 1 to 4 they are locked")
        self.setToolTip(tip)
        self.setAccessibleName(tip)

    def show_snapshot(self, snapshot: Snapshot | None, *, is_flying: bool = False) -> None:
        """Show the lock, and since when it is closed; while whole steps fly by, only that it opens in each."""
        has_changed = snapshot is not None and snapshot.update_step == snapshot.step - 1
        is_open = has_changed and not is_flying and snapshot is not None and snapshot.phase is Phase.UPDATE
        colors = current().colors
        look = ("lock-open", colors.update) if is_open else ("lock", colors.text)
        if look != self._lock_look:
            self._lock_look = look
            self._lock.setPixmap(pixmap(*look, 17))
        if snapshot is None:
            self.count.show_value("")
            self.words.show_texts(tr("no network yet"))
            return
        self.count.show_value(format_count(snapshot.program.parameter_count))
        step = format_count(snapshot.step if snapshot.update_step is None else snapshot.update_step + 1)
        if is_flying and has_changed:
            self.words.show_texts(tr("change once a step"), tr("changing"))
        elif is_open:
            self.words.show_texts(tr("changed in step {step}", step=step), tr("changed in {step}", step=step))
        elif snapshot.step == 0:
            self.words.show_texts(tr("locked since the start"), tr("locked"))
        else:
            words = tr("locked since step {step}", step=step)
            self.words.show_texts(words, tr("locked since {step}", step=step), tr("locked"))


def _tool_tip(label: str, summary: str) -> str:
    """Give the whole name, which the box may have no room for, and what it is."""
    return tr("{name}: {summary}", name=tr(label), summary=tr(summary))


def _short_count(count: int) -> str:
    """Write a count in at most four signs: 51, 2.4k, 38k."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 9_950 else f"{count / 1000:.0f}k"


