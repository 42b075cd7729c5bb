"""The g of every gradient method for the same weights and batch, as a table, computed when asked for."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QWidget

from app.translate import format_count, tr
from engine.method_comparison import MethodComparison, MethodResult, comparison_cost
from engine.present_batch import has_batch, is_same_batch
from engine.program import Phase
from ui.forms import words_label
from ui.maths.number_table import NumberTable, Row
from ui.maths.optimizer_comparison import IN_SLOT
from ui.maths.question import Question
from ui.maths.section import Shown
from ui.maths.typesetting import short_number

LONG_SECONDS = 1.0
"""What takes longer says so beforehand."""


class MethodSection(Question[MethodComparison]):
    """In phases 4 and 5: what each gradient method makes of the same batch. The run itself is left alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("g by every gradient method"), tr("Compare the gradient methods"), parent)
        headers = (
            (tr("Method"), tr("The one in the slot with its settings, the others with their defaults")),
            ("‖g‖", tr("The length of g")),
            (tr("differs"), tr("The largest difference of a number of g from backpropagation's")),
            (tr("fwd"), tr("What g alone costs, in forward passes; the pipeline bar counts the whole step")),
            ("ms", tr("How long it took here, in milliseconds")),
        )
        self.table = NumberTable(tr("g by every gradient method"), headers, is_stacked=True)
        self.note = words_label(
            tr(
                "The same weights, rows and random draws. “differs” is the largest difference from backpropagation's g."
                " “fwd” counts forward passes for g alone; the count in the pipeline bar is that of a whole step."
            )
        )
        for widget in (self.table, self.note, self.work):
            self.column.addWidget(widget)

    def _is_offered(self, shown: Shown) -> bool:
        is_there = has_batch(shown.snapshot) and bool(shown.parameters)
        return is_there and shown.snapshot.phase in (Phase.BACKWARD, Phase.UPDATE)

    def _is_same(self, before: Shown, shown: Shown) -> bool:
        ways = [(each.snapshot.pipeline.method, each.snapshot.executor) for each in (before, shown)]
        return ways[0] == ways[1] and is_same_batch(before.snapshot, shown.snapshot)

    def _ask(self, shown: Shown) -> MethodComparison:
        return MethodComparison(shown.snapshot, shown.earlier)

    def _show(self) -> None:
        shown, comparison = self._shown, self._answer
        if shown is None:
            return
        self.table.setVisible(comparison is not None)
        self.note.setVisible(comparison is not None)
        self.work.setVisible(comparison is None or not comparison.is_done)
        if comparison is not None:
            self.table.show_rows([_row(result) for result in comparison.results])
            share = comparison.done / comparison.total
            words = tr(
                "{done} of {count} forward passes, about {seconds} s to go",
                done=round(comparison.done),
                count=round(comparison.total),
                seconds=self._slices.seconds_left(share),
            )
            self.work.show_work(share, words)
            return
        passes, seconds = comparison_cost(shown.snapshot)
        words = tr("It takes {count} forward passes on a copy.", count=round(passes))
        if seconds > LONG_SECONDS:
            words = tr(
                "It takes {count} forward passes on a copy, about {seconds} s; it can be canceled.",
                count=round(passes),
                seconds=format_count(round(seconds)),
            )
        self.work.show_rest(words, is_enabled=not shown.is_running)


def _row(result: MethodResult) -> Row:
    name = tr(result.label)
    is_done = not math.isnan(result.seconds)
    numbers = ("…", "…", format_count(round(result.forward_passes)), "…")
    if is_done:
        milliseconds = result.seconds * 1e3
        numbers = (
            short_number(result.norm),
            "0" if result.difference == 0.0 else short_number(result.difference),
            format_count(round(result.forward_passes)),
            f"{milliseconds:.2f}" if milliseconds < 10.0 else format_count(round(milliseconds)),
        )
    return Row(f"{IN_SLOT}{name}" if result.is_in_slot else name, numbers, is_present=result.is_in_slot)
