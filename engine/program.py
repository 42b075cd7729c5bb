"""The Program: a graph as an ordered list of instructions over one float64 arena.

The list is the Wengert list of the network: stepper, panels and executors all read the same one. Layout of the arena:

    buffers · parameters · gradients · updates · slots · clipped gradients · tangents of parameters
    · batch and activations · adjoints · contributions · tangents of activations · scratch

Those from the parameters to their tangents have the same inner layout: one parameter after another, each starting on an
8-lane boundary. Buffers and parameters stand side by side, as together they are all that a network has learned.
A batch value of `columns` columns lies column by column, each column padded to `stride` rows; views of it are
[rows, columns].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from engine.graph import Graph
from engine.ops.base import Primitive, Shape, Value
from engine.ops.call import Array
from engine.ops.loss_primitives import LossPrimitive
from engine.ops.penalties import WeightPenalty

PARAMETER_LANES = 8
ROW_LANES = 16
MAX_SLOTS = 3
"""The arena has room for so many slots of an optimizer."""


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
    buffers: tuple[Value, ...] = ()

    @property
    def node(self) -> int:
        """The node that the instruction belongs to."""
        return self.output.node


@dataclass(frozen=True)
class Parameter:
    """A parameter: its value and its place in the parameter region; `title` is what people call it ("W_A").

    What the initializer draws lies around `mean`. `offset` counts from the start of the region.
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

    def weight_title(self, row: int, column: int) -> str:
        """Give what people call one of its numbers, counted from 1: "W_A[2,1]", "b_A[1]" in a single row."""
        rows, columns = self.shape
        index = "" if rows == columns == 1 else f"[{column + 1}]" if rows == 1 else f"[{row + 1},{column + 1}]"
        return f"{self.title}{index}"

    def weight_titles(self) -> list[str]:
        """Give what all of its numbers are called, row by row."""
        rows, columns = self.shape
        return [self.weight_title(row, column) for row in range(rows) for column in range(columns)]


@dataclass(frozen=True)
class Buffer:
    """State of a node that is no weight, such as the running statistics of Batch norm.

    All of it begins at `start`, and no number of it is ever less than `least`.
    """

    value: Value
    start: float
    least: float

    @property
    def node(self) -> int:
        """The node that it belongs to."""
        return self.value.node

    @property
    def name(self) -> str:
        """Its name within the node."""
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
    buffers: tuple[Buffer, ...]
    instructions: tuple[Instruction, ...]
    backward: tuple[BackwardStep, ...]
    outputs: Mapping[int, Value]
    loss: Value
    offsets: tuple[int, ...]
    """Where each value lies, by its index."""
    adjoints: Mapping[int, int]
    """Where a value's adjoint lies, by its index; values whose adjoint nobody needs are not in it."""
    tangents: Mapping[int, int]
    """Where a value's tangent lies, by its index; values that no parameter moves are not in it."""
    buffer_span: int
    """The length of the buffer region, padding included."""
    parameter_span: int
    """The length of the parameter region, padding included."""
    size: int
    """The length of the arena."""

    @cached_property
    def parameter_count(self) -> int:
        """How many numbers the parameters hold, padding apart."""
        return sum(p.size for p in self.parameters)

    @cached_property
    def data_loss(self) -> Instruction:
        """The instruction that computes the loss but for its penalties."""
        return next(i for i in self.instructions if isinstance(i.op, LossPrimitive))

    @cached_property
    def penalty(self) -> Value | None:
        """The sum of the loss's L1 and L2 terms; None where it has none."""
        return next((i.output for i in self.instructions if isinstance(i.op, WeightPenalty)), None)

    @property
    def prediction(self) -> Value:
        """What the loss compares with the target."""
        return self.data_loss.inputs[0]

    @property
    def layers(self) -> tuple[int, ...]:
        """The nodes that have parameters, in order."""
        return tuple(dict.fromkeys(p.node for p in self.parameters))

    def layer_range(self, node: int) -> slice:
        """Give where the parameters of a node with parameters stand in a flat array of the parameters' layout."""
        own = [p for p in self.parameters if p.node == node]
        return slice(own[0].offset, own[-1].offset + own[-1].size)

    def lasting(self, arena: Array, slots: int) -> Array:
        """Give what lasts from step to step as one flat array: buffers, parameters, g, Δw and so many slots."""
        return arena[: self.buffer_span + (3 + slots) * self.parameter_span]

    def state(self, arena: Array) -> Array:
        """Give buffers and parameters as one flat array: all that the network has learned."""
        return arena[: self.buffer_span + self.parameter_span]

    def buffer_region(self, arena: Array) -> Array:
        """Give all buffers as one flat array."""
        return arena[: self.buffer_span]

    def region(self, arena: Array, number: int) -> Array:
        """Give one of the flat regions of the parameters' layout: 0 weights, 1 gradients, 2 updates, 3 … slots."""
        start = self.buffer_span + number * self.parameter_span
        return arena[start : start + self.parameter_span]

    def slots(self, arena: Array, count: int) -> tuple[Array, ...]:
        """Give the optimizer's first `count` slots."""
        return tuple(self.region(arena, 3 + k) for k in range(count))

    def clipped_gradient(self, arena: Array) -> Array:
        """Give the flat work space of the optimizer: the gradient as clipped before an update, anything after it."""
        return self.region(arena, 3 + MAX_SLOTS)

    def parameter_tangents(self, arena: Array) -> Array:
        """Give the parameters' tangents as one flat array."""
        return self.region(arena, 4 + MAX_SLOTS)

    def part(self, region: Array, parameter: Parameter) -> Array:
        """Give a parameter's part of a flat array of the parameters' layout, as [rows, columns]."""
        return region[parameter.offset : parameter.offset + parameter.size].reshape(parameter.shape)

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

    def tangent(self, arena: Array, value: Value, rows: int) -> Array | None:
        """Give a value's tangent as [rows, columns], or None where no parameter moves it."""
        offset = self.tangents.get(value.index)
        return None if offset is None else self._array(arena, offset, value.shape, rows)

    def weights(self, arena: Array, parameter: Parameter) -> Array:
        """Give a parameter as [rows, columns]."""
        return self.part(self.region(arena, 0), parameter)

    def gradient(self, arena: Array, parameter: Parameter) -> Array:
        """Give ∂L/∂parameter as [rows, columns]."""
        return self.part(self.region(arena, 1), parameter)

    def update(self, arena: Array, parameter: Parameter) -> Array:
        """Give Δ of the parameter as [rows, columns]."""
        return self.part(self.region(arena, 2), parameter)

    def macs(self, rows: int) -> int:
        """Give the multiply-adds of one forward pass."""
        return sum(i.op.macs([v.shape for v in i.inputs], rows) for i in self.instructions)

    def _array(self, arena: Array, offset: int, shape: Shape, rows: int) -> Array:
        if shape.rows is not None:
            return arena[offset : offset + shape.rows * shape.columns].reshape(shape.rows, shape.columns)
        stride = padded(self.rows, ROW_LANES)
        return arena[offset : offset + shape.columns * stride].reshape(shape.columns, stride)[:, :rows].T
