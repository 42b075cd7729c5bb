"""What lies at a place of the arena: which number of which parameter, value or adjoint. The way back from an offset."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum

from engine.ops.base import Value
from engine.ops.matrices import Concat
from engine.program import MAX_SLOTS, ROW_LANES, Program, padded


class Kind(Enum):
    """What a number of the arena is."""

    BUFFER = "buffer"
    WEIGHT = "weight"
    GRADIENT = "gradient"
    UPDATE = "update"
    SLOT = "slot"
    CLIPPED = "clipped gradient"
    VALUE = "value"
    WORK = "work space of an instruction"
    ADJOINT = "adjoint"
    CONTRIBUTION = "what one use contributes to an adjoint"
    TANGENT = "tangent"


@dataclass(frozen=True)
class Place:
    """A number: `row` and `column` of a value, or of what belongs to each number of a value, such as its adjoint.

    `slot` counts the optimizer's slots from 0, where it is in one.
    """

    kind: Kind
    value: Value
    row: int
    column: int
    slot: int = 0


@dataclass(frozen=True)
class Operand:
    """A number as the canvas knows it: of a node, with the unit that it belongs to, or a number of a parameter.

    For a parameter (`parameter` is its name) `row` and `column` are those of its matrix. For values and adjoints `unit`
    is the column of the node's output; None where it belongs to the node as a whole.
    """

    kind: Kind
    node: int
    unit: int | None = None
    parameter: str = ""
    row: int = 0
    column: int = 0


class ArenaMap:
    """All that lies in the arena of a program, found by its offset."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._parameters = {p.value.index: p for p in program.parameters}
        self._makers = {i.output.index: i for i in program.instructions}
        entries = sorted(_entries(program), key=lambda entry: entry[0])
        self._starts = [start for start, *_ in entries]
        self._entries = [(kind, value, slot) for _, kind, value, slot in entries]

    def at(self, offset: int) -> Place | None:
        """Tell what lies at an offset; None for padding."""
        number = bisect_right(self._starts, offset) - 1
        if number < 0 or offset >= self._program.size:
            return None
        (kind, value, slot), local = self._entries[number], offset - self._starts[number]
        if value.shape.rows is None:
            column, row = divmod(local, padded(self._program.rows, ROW_LANES))
            is_there = row < self._program.rows and column < value.shape.columns
        else:
            row, column = divmod(local, value.shape.columns)
            is_there = row < value.shape.rows
        return Place(kind, value, row, column, slot) if is_there else None

    def operand(self, offset: int) -> Operand | None:
        """Tell what lies there as the canvas knows it; None for padding."""
        place = self.at(offset)
        if place is None:
            return None
        value, kind = place.value, place.kind
        parameter = self._parameters.get(value.index)
        if parameter is not None:
            # What one use of a weight contributes is a part of its gradient.
            kind = Kind.GRADIENT if kind in (Kind.CONTRIBUTION, Kind.CLIPPED) else kind
            return Operand(kind, value.node, None, parameter.name, place.row, place.column)
        kind = Kind.ADJOINT if kind is Kind.CONTRIBUTION else kind
        source, column = self._source(value, place.column)
        output = self._program.outputs.get(source.node)
        has_units = output is not None and output.shape.columns == source.shape.columns
        return Operand(kind, source.node, column if has_units else None)

    def _source(self, value: Value, column: int) -> tuple[Value, int]:
        """Follow a column of what a layer joins for itself to the value that it is of."""
        maker = self._makers.get(value.index)
        output = self._program.outputs.get(value.node)
        is_own = output is not None and output.index == value.index
        if maker is None or not isinstance(maker.op, Concat) or is_own:
            return value, column
        for given in maker.inputs:
            if column < given.shape.columns:
                return self._source(given, column)
            column -= given.shape.columns
        raise IndexError(column)


def merged(operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
    """Give operands in order, each once: the rows of a batch are one unit."""
    return tuple(dict.fromkeys(operands))


def _entries(program: Program) -> list[tuple[int, Kind, Value, int]]:
    """Give (start, kind, value, slot) of all that has a place."""
    offsets = program.offsets
    found = [(offsets[b.value.index], Kind.BUFFER, b.value, 0) for b in program.buffers]
    kinds = [(Kind.WEIGHT, 0), (Kind.GRADIENT, 0)]
    if program.tangents:
        # Only a program for training has the rest.
        kinds += [(Kind.UPDATE, 0), *((Kind.SLOT, slot) for slot in range(MAX_SLOTS))]
        kinds += [(Kind.CLIPPED, 0), (Kind.TANGENT, 0)]
    known = set()
    for parameter in program.parameters:
        known.add(parameter.value.index)
        for region, (kind, slot) in enumerate(kinds):
            start = program.buffer_span + region * program.parameter_span + parameter.offset
            found.append((start, kind, parameter.value, slot))
    values: dict[int, Value] = {}
    for entry in program.data:
        values[entry.value.index] = entry.value
        found.append((offsets[entry.value.index], Kind.VALUE, entry.value, 0))
    for instruction in program.instructions:
        values[instruction.output.index] = instruction.output
        found.append((offsets[instruction.output.index], Kind.VALUE, instruction.output, 0))
        found += [(offsets[work.index], Kind.WORK, work, 0) for work in instruction.scratch]
    for kind, starts in ((Kind.ADJOINT, program.adjoints), (Kind.TANGENT, program.tangents)):
        found += [(start, kind, values[index], 0) for index, start in starts.items() if index not in known]
    for step in program.backward:
        found += [(start, Kind.CONTRIBUTION, value, 0) for _, start, value in step.sums]
    return found
