"""No gradient method: what a step is without one."""

from __future__ import annotations

from engine.gradients.base import Cost, GradientMethod
from engine.message import Message, message
from engine.program import Program


class NoGradient(GradientMethod):
    """Computes no gradient: g stays empty."""

    name = "none"
    label = "none"
    summary = "Computes no gradient; an optimizer that needs g has nothing to use."

    def count(self, program: Program) -> int:
        """No pass."""
        return 0

    def phase_label(self, program: Program) -> Message:
        """Say that it is not called."""
        return message("not called — there is no g")

    def cost(self, program: Program, rows: int) -> Cost:
        """Give nothing."""
        return Cost(0.0, 0)
