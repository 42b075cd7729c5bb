"""The Program: a graph as an ordered list of instructions over one float64 arena.

The list is the Wengert list of the network: stepper, panels and executors all read the same one. Layout of the arena:

    parameters · gradients · updates · slots · clipped gradients
    · batch and activations · adjoints · contributions · scratch

Those of the first line have the same inner layout: parameters one after another, each starting on an 8-lane boundary.
A batch value of `columns` columns lies column by column, each column padded to `stride` rows; views of it are
[rows, columns].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from engine.graph import Graph
from engine.ops.base import Array, Primitive, Shape, Value
from engine.optimizers import MAX_SLOTS

PARAMETER_LANES = 8
ROW_LANES = 16


class Phase(IntEnum):
    """The five phases of a step, in order."""

    SAMPLE = 1
    FORWARD = 2
    LOSS = 3
    BACKWARD = 4
    UPDATE = 5


@dataclass(frozen=True)
class Instruction:
    """One primitive with the values that it reads and writes."""

    op: Primitive
    inputs: tuple[Value, ...]
    output: Value
    scratch: tuple[Value, ...]

    @property
    def node(self) -> int:
        """The node that the instruction belongs to."""
        return self.output.node


@dataclass(frozen=True)
class Parameter:
    """A parameter: its value and its place in the parameter region; `title` is what people call it ("W_A").

    What the initializer draws lies around `mean`.
    """

    value: Value
    offset: int
    initializer: str
    title: str
    mean: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.value.shape.rows or 1, self.value.shape.columns

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.shape[0] * self.shape[1]

    @property
    def node(self) -> int:
        """The node that it belongs to."""
        return self.value.node

    @property
    def name(self) -> str:
        """Its name within the node: "W" or "b"."""
        return self.value.name


@dataclass(frozen=True)
class DataInput:
    """A value filled when rows are drawn: feature columns, or the targets in an encoding."""

    value: Value
    columns: tuple[str, ...] | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class BackwardStep:
    """The backward of one instruction: the outputs of its inputs' adjoints, and the sums that complete them.

    `targets` gives for each input where its adjoint is written: an offset in the arena, or None if nobody needs it.
    `sums` are (into, from, value): a value used several times adds up what each use contributes.
    """

    instruction: Instruction
    targets: tuple[int | None, ...]
    sums: tuple[tuple[int, int, Value], ...]


def padded(count: int, lanes: int) -> int:
    """Round up to a whole number of lanes."""
    return -(-count // lanes) * lanes


@dataclass(frozen=True, eq=False)
class Program:
    """A compiled graph. Offsets count float64 numbers from the start of the arena."""

    graph: Graph
    rows: int
    data: tuple[DataInput, ...]
    parameters: tuple[Parameter, ...]
    instructions: tuple[Instruction, ...]
    backward: tuple[BackwardStep, ...]
    outputs: Mapping[int, Value]
    loss: Value
    offsets: tuple[int, ...]
    """Where each value lies, by its index."""
    adjoints: Mapping[int, int]
    """Where a value's adjoint lies, by its index; values whose adjoint nobody needs are not in it."""
    parameter_span: int
    """The length of the parameter region, padding included."""
    size: int
    """The length of the arena."""

    @cached_property
    def parameter_count(self) -> int:
        """How many numbers the parameters hold, padding apart."""
        return sum(p.size for p in self.parameters)

    @property
    def loss_instruction(self) -> Instruction:
        """The instruction that computes the loss: the last."""
        return self.instructions[-1]

    @property
    def prediction(self) -> Value:
        """What the loss compares with the target."""
        return self.loss_instruction.inputs[0]

    @property
    def layers(self) -> tuple[int, ...]:
        """The nodes that have parameters, in order."""
        return tuple(dict.fromkeys(p.node for p in self.parameters))

    def region(self, arena: Array, number: int) -> Array:
        """Give one of the flat regions of the parameters' layout: 0 weights, 1 gradients, 2 updates, 3 … slots."""
        return arena[number * self.parameter_span : (number + 1) * self.parameter_span]

    def slots(self, arena: Array, count: int) -> tuple[Array, ...]:
        """Give the optimizer's first `count` slots."""
        return tuple(self.region(arena, 3 + k) for k in range(count))

    def clipped_gradient(self, arena: Array) -> Array:
        """Give the flat work space of the optimizer: the gradient as clipped before an update, anything after it."""
        return self.region(arena, 3 + MAX_SLOTS)

    def view(self, arena: Array, value: Value, rows: int) -> Array:
        """Give a value as [rows, columns]."""
        return self._array(arena, self.offsets[value.index], value.shape, rows)

    def adjoint(self, arena: Array, value: Value, rows: int) -> Array | None:
        """Give ∂L/∂value as [rows, columns], or None where nobody needs it."""
        offset = self.adjoints.get(value.index)
        return None if offset is None else self._array(arena, offset, value.shape, rows)

    def place(self, arena: Array, offset: int, value: Value, rows: int) -> Array:
        """Give the array of a value's shape at an offset: where one use of it contributes to its adjoint."""
        return self._array(arena, offset, value.shape, rows)

    def weights(self, arena: Array, parameter: Parameter) -> Array:
        """Give a parameter as [rows, columns]."""
        return self._part(arena, parameter, 0)

    def gradient(self, arena: Array, parameter: Parameter) -> Array:
        """Give ∂L/∂parameter as [rows, columns]."""
        return self._part(arena, parameter, 1)

    def update(self, arena: Array, parameter: Parameter) -> Array:
        """Give Δ of the parameter as [rows, columns]."""
        return self._part(arena, parameter, 2)

    def slot(self, arena: Array, parameter: Parameter, number: int) -> Array:
        """Give one of the optimizer's slots for the parameter as [rows, columns]."""
        return self._part(arena, parameter, 3 + number)

    def macs(self, rows: int) -> int:
        """Give the multiply-adds of one forward pass."""
        return sum(i.op.macs([v.shape for v in i.inputs], rows) for i in self.instructions)

    def _part(self, arena: Array, parameter: Parameter, number: int) -> Array:
        start = number * self.parameter_span + parameter.offset
        return arena[start : start + parameter.size].reshape(parameter.shape)

    def _array(self, arena: Array, offset: int, shape: Shape, rows: int) -> Array:
        if shape.rows is not None:
            return arena[offset : offset + shape.rows * shape.columns].reshape(shape.rows, shape.columns)
        stride = padded(self.rows, ROW_LANES)
        return arena[offset : offset + shape.columns * stride].reshape(shape.columns, stride)[:, :rows].T


def lay_out(
    graph: Graph,
    rows: int,
    data: Sequence[DataInput],
    parameters: Sequence[tuple[Value, str, float]],
    instructions: Sequence[Instruction],
    outputs: Mapping[int, Value],
    value_count: int,
) -> Program:
    """Give every value, adjoint and work space its place in the arena, and order the backward sweep."""
    offsets = [0] * value_count
    adjoints: dict[int, int] = {}
    placed: list[Parameter] = []
    span = 0
    for value, initializer, mean in parameters:
        node = graph.node(value.node)
        # Titles differ from each other as nodes do, named or not.
        title = f"{value.name}_{node.name or f'{node.title} {node.id}'}"
        placed.append(Parameter(value, span, initializer, title, mean))
        offsets[value.index] = span
        span += padded(placed[-1].size, PARAMETER_LANES)
    for parameter in placed:
        adjoints[parameter.value.index] = span + parameter.offset
    top = (4 + MAX_SLOTS) * span

    def allot(shape: Shape) -> int:
        nonlocal top
        start = top
        top += padded(shape.columns * (padded(rows, ROW_LANES) if shape.rows is None else shape.rows), ROW_LANES)
        return start

    for entry in data:
        offsets[entry.value.index] = allot(entry.value.shape)
    for instruction in instructions:
        offsets[instruction.output.index] = allot(instruction.output.shape)
        for work in instruction.scratch:
            offsets[work.index] = allot(work.shape)
    for instruction in instructions:
        if any(value.index in adjoints for value in instruction.inputs):
            adjoints[instruction.output.index] = allot(instruction.output.shape)
    backward: list[BackwardStep] = []
    written: set[int] = set()
    for instruction in reversed(instructions):
        if instruction.output.index not in adjoints:
            continue
        targets: list[int | None] = []
        sums: list[tuple[int, int, Value]] = []
        for value in instruction.inputs:
            if value.index not in adjoints:
                targets.append(None)
            elif value.index in written:
                contribution = allot(value.shape)
                targets.append(contribution)
                sums.append((adjoints[value.index], contribution, value))
            else:
                written.add(value.index)
                targets.append(adjoints[value.index])
        backward.append(BackwardStep(instruction, tuple(targets), tuple(sums)))
    return Program(
        graph=graph,
        rows=rows,
        data=tuple(data),
        parameters=tuple(placed),
        instructions=tuple(instructions),
        backward=tuple(backward),
        outputs=dict(outputs),
        loss=instructions[-1].output,
        offsets=tuple(offsets),
        adjoints=adjoints,
        parameter_span=span,
        size=top,
    )
