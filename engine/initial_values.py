"""The values that a run begins with: a function of the seed, so that it can begin again in the same way."""

from __future__ import annotations

from engine.initializers import INITIALIZERS
from engine.ops.call import Array
from engine.program import Program

PARAMETERS_A_NODE = 16
"""Room for so many parameters of a node in the index of the initial random stream."""


def write_initial_values(program: Program, arena: Array, seed: int) -> None:
    """Write the first values of all parameters and buffers into an arena."""
    for parameter in program.parameters:
        place = [p.name for p in program.parameters if p.node == parameter.node].index(parameter.name)
        index = parameter.node * PARAMETERS_A_NODE + place
        values = INITIALIZERS[parameter.initializer].draw(parameter.shape, seed, index)
        program.weights(arena, parameter)[...] = values + parameter.mean
    for buffer in program.buffers:
        program.view(arena, buffer.value, 0).fill(buffer.start)
