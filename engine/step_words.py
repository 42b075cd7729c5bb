"""What people are told of each micro-step: before it is done what it will do, and after it what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.gradients import GradientMethod
from engine.message import Figure, Message, grouped, message
from engine.ops.call import Array
from engine.program import Instruction, Phase, Program
from engine.sampler import Sampler
from engine.step_order import MicroStep, Part, StepOrder
from engine.update_phase import UpdatePhase

_COMING: Mapping[Part, Phase] = {
    Part.SAMPLE: Phase.SAMPLE,
    Part.GRADIENT_PASS: Phase.BACKWARD,
    Part.CANDIDATE: Phase.UPDATE,
    Part.UPDATE: Phase.UPDATE,
}


@dataclass(frozen=True)
class Drawn:
    """Where the rows of a step come from: so many of the epoch's rows were used before."""

    row: int
    rows: int
    is_other: bool = False
    """Whether they take the place of rows that were drawn at the same weights."""
    has_old_gradient: bool = False
    """Whether there is a g of the step before."""


class StepWords:
    """Tells of the micro-steps of one pipeline. `descent` is what SGD is called with this batch."""

    def __init__(
        self,
        program: Program,
        sampler: Sampler,
        method: GradientMethod,
        update_phase: UpdatePhase,
        order: StepOrder,
        descent: str,
    ) -> None:
        self._program, self._sampler, self._method = program, sampler, method
        self._update_phase, self._order, self._descent = update_phase, order, descent

    def announce(self, number: int, row: int) -> MicroStep:
        """Say in a few words what a micro-step will do, in a step that begins after `row` rows of the epoch."""
        program, (part, index) = self._program, self._order.place(number)
        if part is Part.INSTRUCTION:
            node = program.instructions[index].node
            if node == program.loss.node:
                return MicroStep(Phase.LOSS, node, message("loss"))
            return MicroStep(Phase.FORWARD, node, message("forward {node}", node=program.graph.node(node).full_words))
        node_, words = None, message("update")
        if part is Part.SAMPLE:
            words = self._coming_draw(row)
        elif part is Part.GRADIENT_PASS:
            node_, words = self._method.node(program, index), message(self._method.label)
            if node_ is not None:
                words = message("{method}, {node}", method=words, node=program.graph.node(node_).full_words)
        elif part is Part.CANDIDATE:
            counts = {"number": grouped(index + 1), "count": grouped(self._order.candidates)}
            words = message("try candidate {number} of {count}", **counts)
        return MicroStep(_COMING[part], node_, words)

    def describe(self, number: int, arena: Array, drawn: Drawn) -> MicroStep:
        """Say in a sentence what a micro-step has done, with the numbers that it has left in the arena."""
        program, (part, index) = self._program, self._order.place(number)
        if part is Part.SAMPLE:
            return MicroStep(Phase.SAMPLE, None, self._draw(drawn))
        if part is Part.INSTRUCTION:
            return describe_instruction(program, program.instructions[index], arena, drawn.rows)
        if part is Part.GRADIENT_PASS:
            words = self._method.words(program, index, program.region(arena, 1))
            return MicroStep(Phase.BACKWARD, self._method.node(program, index), words)
        if part is Part.CANDIDATE:
            return MicroStep(Phase.UPDATE, None, self._update_phase.pass_words(index))
        words = self._update_phase.words(self._descent, has_gradient=self._order.gradient_passes > 0)
        return MicroStep(Phase.UPDATE, None, words)

    def describe_repeat(self) -> MicroStep:
        """Say what came of applying the same g again."""
        return MicroStep(Phase.UPDATE, None, self._update_phase.repeat_words(self._descent))

    def _coming_draw(self, row: int) -> Message:
        sampler = self._sampler
        if not sampler.has_data:
            return message("begin a step")
        total = grouped(len(sampler.train))
        if sampler.draws_all:
            return message("draw all {total} rows", total=total)
        return message("draw {rows} of {total} rows", rows=grouped(sampler.count(row)), total=total)

    def _draw(self, drawn: Drawn) -> Message:
        sampler = self._sampler
        if not sampler.has_data:
            return message("Sample: no data enter here, so there is nothing to draw")
        total = grouped(len(sampler.train))
        words = message("Drew all {total} rows", total=total)
        if not sampler.draws_all:
            text = "Drew {rows} of {total} rows, batch {batch} of {batches} of this epoch"
            if drawn.is_other:
                text = "Drew {rows} other rows of {total} at the same weights, batch {batch} of {batches} of this epoch"
            batch = {"batch": sampler.batch_number(drawn.row), "batches": sampler.batches}
            words = message(text, rows=grouped(drawn.rows), total=total, **batch)
        return message("{drawn}; g and Δw are still the last step's", drawn=words) if drawn.has_old_gradient else words


def describe_instruction(program: Program, instruction: Instruction, arena: Array, rows: int) -> MicroStep:
    """Say what the forward pass of one instruction was, for so many rows; of a loss with its value."""
    node, formula = instruction.node, message(instruction.op.forward_formula)
    if node != program.loss.node:
        words = "Forward through {node}: {formula}"
        if any(value.index == p.value.index for value in instruction.inputs for p in program.parameters):
            words = "Forward through {node}: {formula}; reads weights, changes none"
        return MicroStep(Phase.FORWARD, node, message(words, node=program.graph.node(node).full_words, formula=formula))
    value = Figure(program.view(arena, instruction.output, rows)[0, 0])
    words = "One number for {rows} rows: {value} ({formula})"
    if instruction.output is program.penalty:
        words = "Penalty: one number for all weights, whatever the batch is: {value} ({formula})"
    elif instruction is not program.data_loss:
        words = "Loss with its penalty: {value} ({formula})"
    elif rows == 1:
        words = "One number: {value} ({formula})"
    return MicroStep(Phase.LOSS, node, message(words, rows=grouped(rows), value=value, formula=formula))
