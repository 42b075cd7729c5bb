"""Backpropagation: reverse mode, the usual way to compute g."""

from __future__ import annotations

from collections.abc import Sequence

from engine.executor import Batch, Executor
from engine.gradients.base import Cost, GradientMethod
from engine.message import Message, grouped, message
from engine.ops.call import Array
from engine.program import Parameter, Program


class Backpropagation(GradientMethod):
    """Reverse mode: the chain rule run backwards over the instructions, each once."""

    name = "backpropagation"
    label = "Backpropagation"
    is_reverse = True
    summary = "The chain rule run backwards over the graph: all of g for about two forward passes."

    def count(self, program: Program) -> int:
        """One pass an instruction that leads to a parameter."""
        return len(program.backward)

    def run(self, executor: Executor, batch: Batch, number: int) -> None:
        """Run the backward of one instruction."""
        executor.backward_step(batch.rows, number)

    def compute(self, executor: Executor, batch: Batch) -> None:
        """Run the whole sweep."""
        executor.backward(batch.rows)

    def written(self, executor: Executor, batch: Batch, number: int) -> Sequence[Array]:
        """Give the adjoints of the instruction's inputs, and with them numbers of g."""
        program, arena = executor.program, executor.arena
        step = program.backward[number]
        own = zip(step.targets, step.instruction.inputs, strict=True)
        sums = [(into, value) for into, _, value in step.sums]
        return [
            program.place(arena, offset, value, batch.rows) for offset, value in (*own, *sums) if offset is not None
        ]

    def node(self, program: Program, number: int) -> int:
        """Give the instruction's node."""
        return program.backward[number].instruction.node

    def complete(self, program: Program, done: int) -> tuple[Parameter, ...]:
        """Give the parameters to whose part of g no further pass adds anything."""
        pending = {
            value.index
            for step in program.backward[done:]
            for value, target in zip(step.instruction.inputs, step.targets, strict=True)
            if target is not None
        }
        return tuple(p for p in program.parameters if p.value.index not in pending)

    def words(self, program: Program, number: int, g: Array) -> Message:
        """Name the node and count the numbers of g that are complete."""
        return message(
            "Backward through {node}: computed {done} of {count} numbers of g; no weight has changed",
            node=program.graph.node(self.node(program, number)).full_words,
            done=grouped(sum(parameter.size for parameter in self.complete(program, number + 1))),
            count=grouped(program.parameter_count),
        )

    def phase_label(self, program: Program) -> Message:
        """Name the sweep."""
        return message("Backward — computes g, changes no weight")

    def cost(self, program: Program, rows: int) -> Cost:
        """Give about two forward passes: one product for the inputs' adjoints and one for the parameters'."""
        return Cost(2.0, 2 * program.macs(rows))
