"""∂L/∂x: the derivative of the present batch's loss with respect to data, and to what is computed of data alone.

No weight needs it, so a run does not compute it; the same backward sweep does, over a program that goes on to the data.
"""

from __future__ import annotations

import numpy as np

from engine.compiler import compile_graph
from engine.datasets import Dataset
from engine.explanation_marks import arena_of_values
from engine.explanation_moment import MEAN, Moment
from engine.explanation_parts import COMPUTED, Column, Focus, Line
from engine.message import EngineError, message
from engine.ops.call import Array
from engine.program import Program
from engine.reference import Reference
from engine.snapshot import Snapshot


def is_data_only(program: Program, node: int) -> bool:
    """Tell whether a node gives data, or what is computed of data alone, so that no weight needs its adjoint."""
    value = program.outputs.get(node)
    if value is None or value.index in program.adjoints or value.index == program.loss.index:
        return False
    # What no data enter has no rows, such as a constant.
    return value.shape.rows is None


def input_gradient(snapshot: Snapshot, dataset: Dataset, node: int, earlier: Snapshot | None = None) -> Array:
    """Give ∂L/∂(the node's output) for the drawn rows, [rows, columns]; L is the mean over the rows.

    Weights, rows and random draws are those of the snapshot's values. Raises EngineError where the memory is short.
    """
    program, rows = snapshot.program, snapshot.rows
    wider = compile_graph(program.graph, dataset, program.rows, wants_data=True).program
    if wider is None:
        raise EngineError(message("There is not enough memory for the derivatives with respect to the data"))
    copy, arena = Reference(wider), arena_of_values(snapshot, earlier)
    np.copyto(wider.state(copy.arena), program.state(arena))
    for own, entry in zip(program.data, wider.data, strict=True):
        np.copyto(wider.view(copy.arena, entry.value, rows), program.view(arena, own.value, rows))
    # Random draws lie among the work spaces of the instructions.
    for given, instruction in zip(program.instructions, wider.instructions, strict=True):
        for source, target in zip(given.scratch, instruction.scratch, strict=True):
            np.copyto(wider.view(copy.arena, target, rows), program.view(arena, source, rows))
    with np.errstate(all="ignore"):
        copy.forward(rows)
        copy.backward(rows)
    found = wider.adjoint(copy.arena, wider.outputs[node], rows)
    assert found is not None, "all data lead to the loss of their program"
    return found.copy()


def input_gradient_line(
    snapshot: Snapshot, dataset: Dataset, node: int, focus: Focus, gradient: Array, earlier: Snapshot | None = None
) -> Line:
    """Give the row of ∂L/∂(the node's output) that is looked at, or the mean over the rows, as a line."""
    moment = Moment(snapshot, dataset, focus, earlier)
    value = snapshot.program.outputs[node]
    is_mean = focus.row is None
    numbers = gradient.mean(axis=0) if is_mean else gradient[moment.row]
    places = np.full(len(numbers), COMPUTED, np.int64)
    symbol = moment.symbol(value)
    name = f"{MEAN if is_mean else ''}∂L/∂{symbol}"
    column = Column(numbers, places, lambda k: f"∂L/∂{moment.name(value, k)}")
    return Line((f"{name} = ", column))
