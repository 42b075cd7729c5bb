"""Programs around a single primitive, for comparing executors: inputs and output have adjoints and tangents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.executor import Batch, Executor
from engine.graph import Graph
from engine.layout import lay_out
from engine.ops.arithmetic import Multiply
from engine.ops.base import Primitive, Shape, Value
from engine.ops.call import Array
from engine.ops.loss_primitives import MeanValue
from engine.program import Buffer, DataInput, Instruction, Program
from tests.engine.calls import BUFFERS, Case

ONE = Shape(1, rows=1)


@dataclass(frozen=True)
class Trial:
    """A program, and what stands in its data inputs, its parameters and its buffers."""

    program: Program
    rows: int
    tables: tuple[Array, ...]
    weights: tuple[Array, ...]

    def prepare(self, executor: Executor) -> None:
        """Write all of it into an executor's arena, and draw what is random."""
        program, arena = self.program, executor.arena
        program.buffer_region(arena)[...] = np.linspace(0.5, 2.0, program.buffer_span)
        for parameter, numbers in zip(program.parameters, self.weights, strict=True):
            program.weights(arena, parameter)[...] = numbers
        executor.load(self.tables, np.arange(self.rows))
        executor.draw(Batch(self.rows, 3, 4))


class Builder:
    """Collects the values and instructions of a program, and the numbers that enter it."""

    def __init__(self) -> None:
        self.graph, self._node = Graph().add("parameter")
        self.count = 0
        self.data: list[DataInput] = []
        self.parameters: list[tuple[Value, str, float]] = []
        self.instructions: list[Instruction] = []
        self.tables: list[Array] = []
        self.weights: list[Array] = []

    def value(self, shape: Shape, op: Primitive) -> Value:
        """Make a value."""
        self.count += 1
        return Value(self.count - 1, shape, self._node, "v", op, op)

    def enter(self, shape: Shape, numbers: Array) -> Value:
        """Make a parameter, or for rows a data input times one, so that it has an adjoint and a tangent."""
        value = self.value(shape, MeanValue())
        if shape.rows is not None:
            self.parameters.append((value, "zeros", 0.0))
            self.weights.append(numbers)
            return value
        self.data.append(DataInput(value))
        self.tables.append(numbers.T.copy())
        return self.emit(Multiply(), (value, self.enter(ONE, np.ones((1, 1)))))

    def emit(self, op: Primitive, inputs: Sequence[Value], buffers: Sequence[Value] = ()) -> Value:
        """Append an instruction."""
        shapes = [value.shape for value in inputs]
        scratch = tuple(self.value(shape, op) for shape in op.scratch(shapes))
        output = self.value(op.shape(shapes), op)
        self.instructions.append(Instruction(op, tuple(inputs), output, scratch, tuple(buffers)))
        return output


def trial_of(case: Case, room: int, inputs: Sequence[Array], gy: Array) -> Trial:
    """Make a program of the primitive and the mean of its output times `gy`, with room for so many more rows."""
    build = Builder()
    moved = [build.enter(shape, numbers) for shape, numbers in zip(case.shapes, inputs, strict=True)]
    row = Shape(case.shapes[0].columns if case.shapes else 1, rows=1)
    buffers = [Buffer(build.value(row, case.op), 0.0, 0.0) for _ in range(BUFFERS.get(case.op.name, 0))]
    output = build.emit(case.op, moved, [buffer.value for buffer in buffers])
    build.emit(MeanValue(), (build.emit(Multiply(), (output, build.enter(output.shape, gy))),))
    program = lay_out(
        build.graph,
        case.rows + room,
        build.data,
        build.parameters,
        buffers,
        build.instructions,
        {},
        build.count,
        is_training=True,
    )
    return Trial(program, case.rows, tuple(build.tables), tuple(build.weights))
