"""Every optimizer's Δw of the same g, as a table; one of them can be looked at in place of the run's own Δw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.document import Document
from app.errors import guarded
from app.translate import tr
from engine.explanation_parts import Mark, Matrices, State
from engine.optimizer_comparison import Proposal, can_compare, losses_after, losses_seconds, propose, propose_seconds
from engine.optimizers import OPTIMIZERS
from engine.present_batch import batch_step, is_same_batch
from engine.snapshot import Snapshot
from ui.edits import choose_optimizer
from ui.forms import words_label
from ui.maths.blocks import Block
from ui.maths.lines import formula_paragraphs
from ui.maths.number_table import NumberTable, Row
from ui.maths.section import Section, Shown, Slices, WorkLine
from ui.maths.typesetting import number_text, plain_number, short_number
from ui.theme import current

AT_ONCE_SECONDS = 0.02
"""What takes no longer is computed without being asked for."""
IN_SLOT = "✓ "
"""Before the name of the optimizer that stands in the slot."""


class OptimizerSection(Section):
    """Just before and right after an update: what each optimizer makes of its g. The run itself is left alone."""

    previewed = Signal()
    """Another Δw is looked at, or the run's own again."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(tr("Every optimizer's Δw of this same g"), parent)
        self._document = document
        self._shown: Shown | None = None
        self._proposals: list[Proposal] = []
        self._losses: list[float] = []
        self._are_complete = False
        self._kind: str | None = None
        self.place = words_label()
        headers = (
            (tr("Optimizer"), tr("The one in the slot with what it keeps; the others with their defaults, at t = 1")),
            ("Δw", tr("Δw of the weight that is looked at")),
            ("‖Δw‖", tr("The length of Δw over all weights")),
            (tr("L after"), tr("The loss of the same batch after this Δw")),
        )
        self.table = NumberTable(tr("Every optimizer's Δw of this same g"), headers)
        self.table.let_pick()
        self.work = WorkLine(tr("Compute the losses"))
        self.note = words_label(
            tr(
                "✓ is in the slot. The others begin anew with their own defaults, so also with another η: a click on a "
                "row says which, and shows its Δw in the matrices."
            )
        )
        self.words = words_label(role="update")
        self.formula = Block()
        self.use = QPushButton()
        self.end = QPushButton(tr("End"))
        for button in (self.use, self.end):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.end.setToolTip(tr("End the preview (Esc, or a click on the row)"))
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(8)
        buttons.addWidget(self.use)
        buttons.addWidget(self.end)
        buttons.addStretch()
        for widget in (self.place, self.note, self.table, self.work, self.words, self.formula):
            self.column.addWidget(widget)
        self.column.addLayout(buttons)
        self._slices = Slices(self._show, self)
        self.table.picked.connect(self._on_table_picked)
        self.work.start.clicked.connect(self._on_start_clicked)
        self.work.cancel.clicked.connect(self._on_cancel_clicked)
        self.use.clicked.connect(self._on_use_clicked)
        self.end.clicked.connect(self._end_preview)
        self.hide()

    @property
    def preview(self) -> Proposal | None:
        """What is looked at in place of the run's own Δw."""
        return next((found for found in self._proposals if found.choice.kind == self._kind), None)

    def show_moment(self, shown: Shown | None) -> None:
        """Compare at this moment, if it is one just before or right after an update; else there is nothing to see."""
        if shown is None or shown.is_running or shown.parameter is None or not can_compare(shown.snapshot):
            self._forget()
            self._shown = None
            self.hide()
            return
        before, self._shown = self._shown, shown
        if before is None or not _is_same(before.snapshot, shown.snapshot):
            self._forget()
            program, rows = shown.snapshot.program, shown.snapshot.rows
            seconds = propose_seconds(program)
            if seconds <= AT_ONCE_SECONDS:
                self._proposals = list(propose(shown.snapshot, shown.earlier))
                self._are_complete = True
            if seconds + losses_seconds(program, rows) <= AT_ONCE_SECONDS:
                self._losses = list(losses_after(shown.snapshot, shown.earlier, self._proposals))
        self._show()
        self.show()

    @property
    def is_preview(self) -> bool:
        """Whether the Δw that is looked at is another than the one that was applied."""
        return self.preview is not None and not self._is_applied(self.preview)

    def in_preview(self, matrices: Matrices) -> Matrices:
        """Give a parameter's matrices with the Δw that is looked at in place of the run's own."""
        found = self.preview
        if found is None or self._shown is None or self._is_applied(found):
            return matrices
        mark = Mark(State.FRESH, batch_step(self._shown.snapshot))
        return replace(matrices, update=found.part(matrices.parameter), update_mark=mark)

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc ends the preview; without one it is left to others."""
        if event.key() == Qt.Key.Key_Escape and self._kind is not None:
            self._end_preview()
        else:
            super().keyPressEvent(event)

    def _on_table_picked(self, row: int) -> None:
        kind = self._proposals[row].choice.kind
        self._kind = None if kind == self._kind else kind
        self._show()
        self.previewed.emit()

    def _end_preview(self) -> None:
        self._kind = None
        self._show()
        self.previewed.emit()

    @guarded
    def _on_use_clicked(self) -> None:
        found = self.preview
        if found is not None:
            choose_optimizer(self._document, found.choice.kind)

    @guarded
    def _on_start_clicked(self) -> None:
        assert self._shown is not None
        snapshot, earlier = self._shown.snapshot, self._shown.earlier
        if self._are_complete:
            losses, self._losses = losses_after(snapshot, earlier, self._proposals), []
            self._slices.start(lambda: self._add_loss(losses))
        else:
            proposals = propose(snapshot, earlier)
            self._slices.start(lambda: self._add_proposal(proposals))
        self._show()

    def _add_proposal(self, proposals: Iterator[Proposal]) -> bool:
        found = next(proposals, None)
        if found is not None:
            self._proposals.append(found)
        self._are_complete = found is None
        return not self._are_complete

    def _add_loss(self, losses: Iterator[float]) -> bool:
        self._losses.append(next(losses))
        return len(self._losses) < len(self._proposals)

    def _on_cancel_clicked(self) -> None:
        self._slices.stop()
        self._losses = []
        if not self._are_complete:
            self._proposals = []
        self._show()

    def _forget(self) -> None:
        self._slices.stop()
        self._proposals, self._losses, self._kind = [], [], None
        self._are_complete = False

    def _show(self) -> None:
        shown = self._shown
        if shown is None or shown.parameter is None:
            return
        loss = shown.snapshot.loss
        words = "Δw of {weight}; the loss of the same batch before: {loss}"
        loss_text = "—" if loss is None else number_text(loss)
        self.place.setText(tr(words, weight=shown.parameter.weight_title(*shown.cell), loss=loss_text))
        self.table.show_rows([self._row(k, proposal) for k, proposal in enumerate(self._proposals)])
        self.table.setVisible(bool(self._proposals))
        self.note.setVisible(bool(self._proposals))
        self._show_work()
        self._show_preview()

    def _row(self, number: int, proposal: Proposal) -> Row:
        shown = self._shown
        assert shown is not None
        assert shown.parameter is not None
        loss = number_text(self._losses[number]) if number < len(self._losses) else "—"
        name = tr(proposal.label)
        return Row(
            f"{IN_SLOT}{name}" if proposal.is_in_slot else name,
            (
                short_number(proposal.at(shown.parameter, *shown.cell)),
                short_number(proposal.norm),
                loss,
            ),
            "\n".join([_with_rate(proposal), *proposal.formulas]),
            is_present=proposal.is_own,
            is_marked=proposal.choice.kind == self._kind,
        )

    def _is_applied(self, proposal: Proposal) -> bool:
        return proposal.is_own and self._shown is not None and not self._shown.snapshot.micro

    def _show_work(self) -> None:
        count, losses = len(self._proposals), len(self._losses)
        self.work.setVisible(not self._are_complete or losses < count)
        if not self._slices.is_at_work:
            words = tr("Compute the losses") if self._are_complete else tr("Compare the optimizers")
            self.work.start.setText(words)
            self.work.show_rest()
        elif self._are_complete:
            self.work.show_work(losses / count, tr("{done} of {count} losses", done=losses, count=count))
        else:
            self.work.show_work(count / len(OPTIMIZERS), tr("{count} optimizers done", count=count))

    def _show_preview(self) -> None:
        found = self.preview
        for widget in (self.words, self.formula, self.use, self.end):
            widget.setVisible(found is not None)
        if found is None:
            return
        name, with_rate = tr(found.label), _with_rate(found)
        words = tr("Preview: the Δw of {optimizer} of this g; not applied", optimizer=with_rate)
        if self._is_applied(found):
            words = tr("The Δw of {optimizer} of this g: the one that was applied", optimizer=with_rate)
        elif found.is_own:
            words = tr("Preview: the Δw of {optimizer} of this g; it comes next", optimizer=with_rate)
        self.words.setText(words)
        colors = current().colors
        self.formula.show_html("".join(formula_paragraphs(tr(f), "", colors.update_fg) for f in found.formulas))
        self.use.setText(tr("Use {optimizer}", optimizer=name))
        self.use.setToolTip(tr("Put {optimizer} with its defaults into the slot of the optimizer", optimizer=name))
        self.use.setVisible(not found.is_in_slot)


def _with_rate(proposal: Proposal) -> str:
    """Name an optimizer with its learning rate, where it has one."""
    name, rate = tr(proposal.label), proposal.choice.settings.get("learning_rate")
    if not isinstance(rate, float):
        return name
    return tr("{optimizer} with η = {rate}", optimizer=name, rate=plain_number(rate))


def _is_same(one: Snapshot, other: Snapshot) -> bool:
    return one.pipeline == other.pipeline and is_same_batch(one, other)
