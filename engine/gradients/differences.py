"""Gradients without a derivative: the loss is looked at for nudged weights."""

from __future__ import annotations

import numpy as np

from engine.executor import Batch, Executor
from engine.gradients.base import Cost, weight_offset, weight_title
from engine.gradients.per_weight import PerWeight
from engine.message import Figure, Message, grouped, message
from engine.ops.call import Array
from engine.program import Program
from engine.setting import Setting


class FiniteDifferences(PerWeight):
    """Central differences: each weight is nudged up and down on a copy, g ≈ (L(w+h) − L(w−h)) / 2h."""

    name = "finite-differences"
    label = "Finite differences"
    summary = "Nudges each weight up and down and looks at the loss: no derivative, but two forward passes a weight."
    settings = (
        Setting(
            "h", 6e-6, "Nudge h", "How far a weight is nudged, relative to max(1, |w|).", positive=True, maximum=1.0
        ),
    )

    def run(self, executor: Executor, batch: Batch, number: int) -> None:
        """Nudge one weight on the copy and write its number of g."""
        probe = executor.probe(refresh=number == 0)
        program, offset = executor.program, weight_offset(executor.program, number)
        weights = program.region(probe.arena, 0)
        kept = float(weights[offset])
        h = self.number("h") * max(1.0, abs(kept))
        weights[offset] = kept + h
        above = probe.forward(batch.rows)
        weights[offset] = kept - h
        below = probe.forward(batch.rows)
        weights[offset] = kept
        program.region(executor.arena, 1)[offset] = np.float64(above - below) / ((kept + h) - (kept - h))

    def words(self, program: Program, number: int, g: Array) -> Message:
        """Name the weight and its number of g."""
        return message(
            "Nudged {parameter} up and down on a copy: its g is {value}; {done} of {count} numbers of g, "
            "no weight has changed",
            parameter=weight_title(program, number),
            value=Figure(g[weight_offset(program, number)]),
            done=grouped(number + 1),
            count=grouped(program.parameter_count),
        )

    def phase_label(self, program: Program) -> Message:
        """Count the forward passes."""
        return message(
            "{count} nudged forward passes — compute g, change no weight", count=grouped(2 * program.parameter_count)
        )

    def cost(self, program: Program, rows: int) -> Cost:
        """Give two forward passes a weight."""
        passes = 2 * program.parameter_count
        return Cost(float(passes), passes * program.macs(rows))
