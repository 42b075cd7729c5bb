"""Where phases and nodes lie among the micro-steps of a step: what people go to, and pause before."""

from __future__ import annotations

from collections.abc import Collection

from engine.program import Phase
from engine.step_order import Part
from engine.stepper import Stepper

Visit = tuple[int, Phase]
"""A node and the pass that comes to it: `Phase.FORWARD`, which the loss is the end of, or `Phase.BACKWARD`."""


def phase_of(stepper: Stepper, number: int) -> Phase:
    """Give the phase of a micro-step, numbered from 0."""
    part, index = stepper.order.place(number)
    if part is Part.SAMPLE:
        return Phase.SAMPLE
    if part is Part.INSTRUCTION:
        program = stepper.program
        return Phase.LOSS if program.instructions[index].node == program.loss.node else Phase.FORWARD
    return Phase.BACKWARD if part is Part.GRADIENT_PASS else Phase.UPDATE


def phase_range(stepper: Stepper, number: int) -> range:
    """Give the micro-steps of the phase that a micro-step belongs to."""
    order, phase = stepper.order, phase_of(stepper, number)
    if phase is Phase.SAMPLE:
        return range(1)
    first_pass = 1 + order.instructions
    if phase is Phase.BACKWARD:
        return range(first_pass, first_pass + order.gradient_passes)
    if phase is Phase.UPDATE:
        return range(first_pass + order.gradient_passes, order.count)
    begin, end = number, number + 1
    while phase_of(stepper, begin - 1) is phase:
        begin -= 1
    while end < order.count and phase_of(stepper, end) is phase:
        end += 1
    return range(begin, end)


def visit(stepper: Stepper, number: int) -> Visit | None:
    """Tell the node that a micro-step comes to; None where it is about none, or goes on with that of the one before."""
    now = _visit(stepper, number)
    return now if number == 0 or now != _visit(stepper, number - 1) else None


def next_visit(stepper: Stepper, wanted: Collection[Visit], begin: int) -> int | None:
    """Give the first micro-step of a step, from `begin` on, that comes to a wanted node; None where none does."""
    if not wanted:
        return None
    return next((number for number in range(begin, stepper.micro_count) if visit(stepper, number) in wanted), None)


def _visit(stepper: Stepper, number: int) -> Visit | None:
    part, index = stepper.order.place(number)
    if part is Part.INSTRUCTION:
        return stepper.program.instructions[index].node, Phase.FORWARD
    if part is Part.GRADIENT_PASS:
        node = stepper.method.node(stepper.program, index)
        return None if node is None else (node, Phase.BACKWARD)
    return None
