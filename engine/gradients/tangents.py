"""Forward mode: the chain rule run forwards, once for each weight."""

from __future__ import annotations

import numpy as np

from engine.executor import Batch, Executor
from engine.gradients.base import Cost, weight_at, weight_offset, weight_title
from engine.gradients.per_weight import PerWeight
from engine.message import Figure, Message, grouped, message
from engine.ops.call import Array
from engine.program import Program


class ForwardMode(PerWeight):
    """Forward mode: a sweep pushes the tangent ∂/∂w of one weight w through all that it moves, up to ∂L/∂w."""

    name = "forward-mode"
    label = "Forward mode"
    summary = "The chain rule run forwards: exact as backpropagation is, but it takes a sweep a weight."

    def run(self, executor: Executor, batch: Batch, number: int) -> None:
        """Sweep for one weight and write its number of g."""
        parameter, place = weight_at(executor.program, number)
        g = executor.program.region(executor.arena, 1)
        g[parameter.offset + place] = executor.tangent(batch.rows, parameter, place)

    def words(self, program: Program, number: int, g: Array) -> Message:
        """Name the weight and its number of g."""
        return message(
            "Pushed the tangent of {parameter} forward: its g is {value}; {done} of {count} numbers of g, "
            "no weight has changed",
            parameter=weight_title(program, number),
            value=Figure(g[weight_offset(program, number)]),
            done=grouped(number + 1),
            count=grouped(program.parameter_count),
        )

    def phase_label(self, program: Program) -> Message:
        """Count the sweeps."""
        return message("{count} tangent sweeps — compute g, change no weight", count=grouped(program.parameter_count))

    def cost(self, program: Program, rows: int) -> Cost:
        """Give a sweep a weight, with the multiply-adds of the instructions that the weight moves."""
        return Cost(float(program.parameter_count), _swept_macs(program, rows))


def _swept_macs(program: Program, rows: int) -> int:
    """Sum up, over all weights, the multiply-adds of the instructions that a weight moves."""
    sizes = np.array([parameter.size for parameter in program.parameters], np.int64)
    alone = np.eye(len(sizes), dtype=np.bool_)
    movers = {p.value.index: alone[number] for number, p in enumerate(program.parameters)}
    macs = 0
    for instruction in program.instructions:
        found = [movers[value.index] for value in instruction.inputs if value.index in movers]
        if found:
            moving = np.logical_or.reduce(found)
            movers[instruction.output.index] = moving
            weights = int(sizes[moving].sum())
            macs += weights * instruction.op.macs([value.shape for value in instruction.inputs], rows)
    return macs
