"""What the methods share that find g one number at a time."""

from __future__ import annotations

from collections.abc import Sequence

from engine.executor import Batch, Executor
from engine.gradients.base import GradientMethod, weight_at, weight_offset
from engine.ops.call import Array
from engine.program import Program


class PerWeight(GradientMethod):
    """A method with one pass a weight, which writes that weight's number of g."""

    def count(self, program: Program) -> int:
        """One pass a weight."""
        return program.parameter_count

    def written(self, executor: Executor, batch: Batch, number: int) -> Sequence[Array]:
        """Give the weight's number of g."""
        offset = weight_offset(executor.program, number)
        return (executor.program.region(executor.arena, 1)[offset : offset + 1],)

    def node(self, program: Program, number: int) -> int:
        """Give the weight's node."""
        return weight_at(program, number)[0].node
