"""The stops of the pipeline bar around both slots, one class each: data, evaluate and weights."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

from app.document import Document
from app.translate import format_count, format_number, tr
from engine.datasets import DATASETS
from engine.experiment import Experiment
from engine.program import Phase, Program
from engine.snapshot import Snapshot
from ui.batch_box import BatchBox
from ui.edits import choose_data, set_batch_size
from ui.forms import ChoiceBox
from ui.icons import pixmap
from ui.pill import FittingText, Pill
from ui.pipeline_parts import MARGIN, Box, ValueLabel, named
from ui.theme import current, number_font, ui_font

_LOSS_SIGNS, _PENALTY_SIGNS = 8, 7
"""So much room the numbers have: 0.0458, -12.345 and 1.2e+156 fit."""


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
        self.kind.setToolTip(named(kind.label, kind.summary))
        self.batch.show_batch(experiment.batch_size, rows)
        self.show_idle(not has_data)
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
        self.loss = ValueLabel(tr("L = {loss}", loss="0" * _LOSS_SIGNS), number_font(-1, bold=True))
        self.penalty = ValueLabel(tr("P = {penalty}", penalty="0" * _PENALTY_SIGNS), ui_font(-3))
        self.penalty.setProperty("role", "dim")
        self.penalty.hide()
        self._has_penalty = False
        self.forward = Pill("forward", "on_forward")
        self.forward.show_texts(tr("2 Forward ▶"))
        self.compare = Pill("forward", "on_forward")
        self.compare.show_texts(tr("3 Loss"))
        self.top.addStretch(1)
        self.top.addWidget(self.penalty)
        self.top.addWidget(self.loss)
        self.bottom.addWidget(self.forward, 13)
        self.bottom.addWidget(self.compare, 8)

    def show_program(self, program: Program | None) -> None:
        """Keep room for the penalties where the loss has some."""
        self._has_penalty = program is not None and program.penalty is not None
        self._show_caption()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show the batch's loss, and its penalties apart; gray once the weights have moved on."""
        if snapshot is None or snapshot.loss is None:
            words = tr("The loss of the batch: known after phase 3")
            self.loss.show_value(tr("L = {loss}", loss="—"), words, True)
            self.penalty.show_value(tr("P = {penalty}", penalty="—"), words, True)
            return
        is_stale = snapshot.loss_step != snapshot.step
        words = tr("The loss of this batch")
        if is_stale:
            words = tr("The loss of the last batch, before the weights changed")
        loss, penalty = format_number(snapshot.loss), snapshot.penalty
        shown = "—"
        if penalty is not None:
            shown = _fitting(penalty, _PENALTY_SIGNS)
            parts = {"loss": loss, "data": format_number(snapshot.loss - penalty), "penalty": format_number(penalty)}
            sums = tr("L = {loss} = {data} of the data + {penalty} of the penalties", **parts)
            words = tr("{words}:\n{sums}", words=words, sums=sums)
        self.loss.show_value(tr("L = {loss}", loss=_fitting(snapshot.loss, _LOSS_SIGNS)), words, is_stale)
        self.penalty.show_value(tr("P = {penalty}", penalty=shown), words, is_stale)

    def show_phase(self, phase: Phase | None) -> None:
        """Show whether the run is in phase 2 or 3."""
        self.forward.show_active(phase is Phase.FORWARD)
        self.compare.show_active(phase is Phase.LOSS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Write the caption out where there is room."""
        self._show_caption()
        super().resizeEvent(event)

    def _show_caption(self) -> None:
        """Show the penalties; where there is no room for both, in the caption's place."""
        texts = (self.caption.sizeHint().width(), self.penalty.width(), self.loss.width())
        needed = sum(texts) + 3 * self.top.spacing() + 2 * MARGIN
        self.caption.setVisible(not self._has_penalty or needed <= self.width())
        self.penalty.setVisible(self._has_penalty)


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
        """Show the lock, and since when it is closed where that is known; while steps fly by, that each opens it."""
        is_flying = is_flying and snapshot is not None and snapshot.has_changed_weights
        is_open = is_flying or (snapshot is not None and _has_just_changed_weights(snapshot))
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
        step = "" if snapshot.update_step is None else format_count(snapshot.update_step + 1)
        if is_flying:
            self.words.show_texts(tr("change once a step"), tr("changing"))
        elif is_open:
            words = tr("changed in step {step}", step=step)
            self.words.show_texts(words, tr("changed in {step}", step=step), tr("changed"))
        elif snapshot.track.is_set_by_hand:
            self.words.show_texts(tr("locked, set by hand"), tr("set by hand"))
        elif snapshot.step == 0:
            self.words.show_texts(tr("locked since the start"), tr("locked"))
        elif snapshot.update_norm == 0.0:
            self.words.show_texts(tr("locked: Δw is 0"), tr("locked"))
        elif snapshot.update_step is None:
            self.words.show_texts(tr("locked"))
        else:
            words = tr("locked since step {step}", step=step)
            self.words.show_texts(words, tr("locked since {step}", step=step), tr("locked"))


def _fitting(number: float, signs: int) -> str:
    """Write a number with at most so many signs, in one figure where its exponent needs the room."""
    text = format_number(number)
    return text if len(text) <= signs else f"{number:.0e}"


def _has_just_changed_weights(snapshot: Snapshot) -> bool:
    # A gradient-free optimizer tries its candidates in phase 5 too, with the weights still locked.
    return snapshot.has_changed_weights and snapshot.micro == 0 and snapshot.phase is Phase.UPDATE
