"""A Moment: the numbers of a snapshot under their names, for the row and the weight that a person looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from engine.datasets import Dataset, column_label
from engine.explanation_marks import arena_of_values
from engine.explanation_parts import COMPUTED, Column, Focus, Number, Places
from engine.ops.base import Shape, Value
from engine.ops.call import Array, Call
from engine.ops.matrices import Concat
from engine.program import ROW_LANES, BackwardStep, Instruction, padded
from engine.snapshot import Snapshot

MEAN = "mean "
"""Before the name of a mean over the rows."""


class Moment:
    """A snapshot with the weights that its values were computed with."""

    def __init__(self, snapshot: Snapshot, dataset: Dataset, focus: Focus, earlier: Snapshot | None) -> None:
        self.snapshot = snapshot
        self.program = snapshot.program
        self.rows = snapshot.rows
        self.focus = focus
        self.arena = arena_of_values(snapshot, earlier)
        self._dataset = dataset
        self._data = {entry.value.index: entry for entry in self.program.data}
        self._makers = {i.output.index: i for i in self.program.instructions}
        self._by_node: dict[int, list[Instruction]] = {}
        for instruction in self.program.instructions:
            self._by_node.setdefault(instruction.node, []).append(instruction)
        self._parameters = {p.value.index: p for p in self.program.parameters}
        self.backward = {s.instruction.output.index: (n, s) for n, s in enumerate(self.program.backward)}
        self.uses = Counter(
            value.index
            for step in self.program.backward
            for value, target in zip(step.instruction.inputs, step.targets, strict=True)
            if target is not None
        )
        """How many adjoints are added up for a value."""

    @property
    def row(self) -> int:
        """The row that is looked at; the first for a mean, which has none."""
        return min(self.focus.row or 0, max(self.rows - 1, 0))

    def is_mean(self, shape: Shape) -> bool:
        """Tell whether the mean over rows of a value of this shape is looked at."""
        return self.focus.row is None and shape.rows is None

    def values(self, value: Value) -> Array:
        """Give a value as [rows, columns]."""
        return self.program.view(self.arena, value, self.rows)

    def adjoint(self, value: Value) -> Array:
        """Give ∂L/∂value as [rows, columns]; to be asked only where it is computed."""
        found = self.program.adjoint(self.arena, value, self.rows)
        assert found is not None
        return found

    def call(self, instruction: Instruction) -> Call:
        """Bind an instruction, for its derivative: nothing of the arena can be written."""
        return Call(
            x=tuple(self.values(value) for value in instruction.inputs),
            y=self.values(instruction.output),
            gx=(None,) * len(instruction.inputs),
            gy=self.values(instruction.output),
            scratch=tuple(self.values(value) for value in instruction.scratch),
            buffers=tuple(self.values(value) for value in instruction.buffers),
        )

    def at(self, value: Value, column: int) -> Number:
        """Give the number of a column in the row that is looked at, or the mean."""
        return self.across(value).number(column)

    def adjoint_at(self, value: Value, column: int) -> Number:
        """Give ∂L/∂(that number)."""
        return self.adjoint_across(value).number(column)

    def across(self, value: Value) -> Column:
        """Give the row that is looked at, or the means of the columns."""
        return self._across(self.values(value), self.program.offsets[value.index], value, lambda k: self.name(value, k))

    def adjoint_across(self, value: Value) -> Column:
        """Give the adjoints of that row."""
        offset = self.program.adjoints[value.index]
        return self._across(self.adjoint(value), offset, value, lambda k: f"∂L/∂{self.name(value, k)}")

    def down(self, value: Value, column: int) -> Column:
        """Give a column over all rows."""
        places = self.places(value.shape, self.program.offsets[value.index])[:, column]
        return Column(self.values(value)[:, column], places, lambda k: f"{self.name(value, column)} ({k + 1})")

    def adjoint_down(self, value: Value, column: int) -> Column:
        """Give the adjoints of a column over all rows."""
        places = self.places(value.shape, self.program.adjoints[value.index])[:, column]
        name = f"∂L/∂{self.name(value, column)}"
        return Column(self.adjoint(value)[:, column], places, lambda k: f"{name} ({k + 1})")

    def everywhere(self, value: Value) -> Column:
        """Give all numbers of a value, row by row."""
        places = self.places(value.shape, self.program.offsets[value.index])
        columns = value.shape.columns
        return Column(
            self.values(value).reshape(-1),
            places.reshape(-1),
            lambda k: f"{self.name(value, k % columns)} ({k // columns + 1})",
        )

    def weights_of_unit(self, value: Value, column: int) -> Column:
        """Give a column of a plain value."""
        places = self.places(value.shape, self.program.offsets[value.index])[:, column]
        return Column(self.values(value)[:, column], places, lambda k: self.weight_name(value, k, column))

    def weights_of_source(self, value: Value, row: int) -> Column:
        """Give a row of a plain value."""
        places = self.places(value.shape, self.program.offsets[value.index])[row]
        return Column(self.values(value)[row], places, lambda k: self.weight_name(value, row, k))

    def row_of(self, value: Value) -> int:
        """Give the row of a value that is looked at; of a plain one, the last that it has where it has fewer."""
        return self.row if value.shape.rows is None else min(self.row, value.shape.rows - 1)

    def adjoint_place(self, value: Value, row: int, column: int) -> int:
        """Give the place in the arena of ∂L/∂(a number of a value)."""
        return int(self.places(value.shape, self.program.adjoints[value.index])[row, column])

    def places(self, shape: Shape, offset: int) -> Places:
        """Give the places in the arena of the numbers of a value that lies at an offset, [rows, columns]."""
        columns = np.arange(shape.columns, dtype=np.int64)
        if shape.rows is not None:
            return offset + np.arange(shape.rows, dtype=np.int64)[:, np.newaxis] * shape.columns + columns
        rows = np.arange(self.rows, dtype=np.int64)[:, np.newaxis]
        places: Places = offset + rows + columns * padded(self.program.rows, ROW_LANES)
        return places

    def name(self, value: Value, column: int) -> str:
        """Give what a column of a value is called: x₁, A₂, u₁, b₂."""
        entry = self._data.get(value.index)
        if entry is not None and entry.columns is not None:
            label = column_label(self._dataset, entry.columns[column])
            return label if len(label) <= 12 else f"x_{{{column + 1}}}"
        maker = self._makers.get(value.index)
        if maker is not None and isinstance(maker.op, Concat) and maker.node not in self._outputs_of(value):
            return self._name_in_concat(maker, column)
        is_single = value.shape.columns == 1 and (value.index in self._parameters or value.shape.rows == 1)
        is_single = is_single or (value.index in self._data and value.shape.columns == 1)
        return subscripted(self.symbol(value), None if is_single else column + 1)

    def weight_name(self, value: Value, row: int, column: int) -> str:
        """Give what a number of a plain value is called: W_{2,1}, b₁."""
        if value.shape.rows == 1:
            return self.name(value, column)
        return subscripted(self.symbol(value), row + 1, column + 1)

    def symbol(self, value: Value) -> str:
        """Give the letter of a value: of a parameter its name, of a layer its own, else that of its formula."""
        if value.index in self._parameters or value.index in self._data:
            return value.name
        name = self.program.graph.node(value.node).name
        if name and name.isalpha() and len(name) <= 3 and value.node in self._outputs_of(value):
            return name
        maker = self._makers.get(value.index)
        return value.name if maker is None else self.own_symbol(maker)

    def own_symbol(self, instruction: Instruction) -> str:
        """Give the letter of an output in its formula; t and a number where several of a node have the same."""
        symbol, own = formula_symbol(instruction.op.forward_formula), self._by_node[instruction.node]
        alike = [i for i in own if formula_symbol(i.op.forward_formula) == symbol]
        return symbol if len(alike) == 1 else subscripted("t", 1 + own.index(instruction))

    def unit(self, value: Value) -> int:
        """Give the column of a value that is looked at."""
        return min(self.focus.unit, value.shape.columns - 1)

    def output_name(self, instruction: Instruction, column: int) -> str:
        """Give what a column of an instruction's output is called in the instruction's own formula."""
        is_single = instruction.output.shape == Shape(1, rows=1)
        return subscripted(self.own_symbol(instruction), None if is_single else column + 1)

    def passed_on(self, value: Value, column: int, computed: float) -> Number:
        """Give what a step passes on as ∂L/∂(a column of a value): all of it, or, where it is shared, one part."""
        if self.uses[value.index] == 1:
            return self.adjoint_at(value, column)
        return Number(computed, f"∂L/∂{self.name(value, column)}")

    def is_last_use(self, value: Value, step: BackwardStep) -> bool:
        """Tell whether a backward step is the one after which ∂L/∂value is complete."""
        steps = (
            s
            for s in reversed(self.program.backward)
            for given, target in zip(s.instruction.inputs, s.targets, strict=True)
            if target is not None and given.index == value.index
        )
        return next(steps) is step

    def _outputs_of(self, value: Value) -> tuple[int, ...]:
        """Give the node whose output a value is, if it is one."""
        output = self.program.outputs.get(value.node)
        return (value.node,) if output is not None and output.index == value.index else ()

    def _name_in_concat(self, maker: Instruction, column: int) -> str:
        for value in maker.inputs:
            if column < value.shape.columns:
                return self.name(value, column)
            column -= value.shape.columns
        raise IndexError(column)

    def _across(self, values: Array, offset: int, value: Value, name: Callable[[int], str]) -> Column:
        if self.is_mean(value.shape):
            computed = np.full(value.shape.columns, COMPUTED, np.int64)
            return Column(values.mean(axis=0), computed, lambda k: MEAN + name(k), self.places(value.shape, offset)[0])
        row = self.row_of(value)
        return Column(values[row], self.places(value.shape, offset)[row], name)


def formula_symbol(formula: str) -> str:
    """Give the left side of a formula as a letter: "aᵢ = …" is a."""
    left = formula.partition(" = ")[0].rstrip("ᵢⱼₖ")
    return left if left.isalpha() else "y"


def subscripted(symbol: str, *indices: int | None) -> str:
    """Put indices below a letter, after those that it has: t_{3} and 1 give t_{3,1}."""
    written = ",".join(str(index) for index in indices if index is not None)
    if not written:
        return symbol
    return f"{symbol[:-1]},{written}}}" if symbol.endswith("}") else f"{symbol}_{{{written}}}"
