"""Primitives bound to arrays without a program: plain ones, or laid out as in the arena."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.ops import OPS
from engine.ops.base import Array, Call, Primitive, Shape

ROW_LANES = 16

PRIMITIVES: dict[str, type[Primitive]] = {name: op for name, op in OPS.items() if issubclass(op, Primitive)}

Layout = Callable[[Shape, int], Array]
"""Makes an array full of NaN for a shape and a count of rows."""


def plain(shape: Shape, rows: int) -> Array:
    """Make an array in C order."""
    return np.full((rows if shape.rows is None else shape.rows, shape.columns), np.nan)


def as_in_arena(shape: Shape, rows: int) -> Array:
    """Make an array as the program lays it out: a batch value column by column, each with room for more rows."""
    if shape.rows is not None:
        return plain(shape, rows)
    stride = ROW_LANES * (1 + rows // ROW_LANES)
    return np.full(shape.columns * stride, np.nan).reshape(shape.columns, stride)[:, :rows].T


def padding(array: Array) -> Array:
    """Give the lanes of a batch value in the arena that lie behind its rows."""
    whole = array.base
    assert whole is not None
    return whole.reshape(array.shape[1], -1)[:, array.shape[0] :]


LAYOUTS: dict[str, Layout] = {"plain": plain, "arena": as_in_arena}


@dataclass(frozen=True)
class Case:
    """One primitive with the shapes of its inputs and a count of rows."""

    op: Primitive
    shapes: tuple[Shape, ...]
    rows: int

    def __str__(self) -> str:
        """Name it where a check fails."""
        return f"{self.op.name} of {self.rows} rows, {[(s.rows, s.columns) for s in self.shapes]}"

    def bind(self, layout: Layout, inputs: Sequence[Array], gy: Array | float = np.nan) -> Call:
        """Make a call on fresh arrays. All that the primitive has to write is NaN before."""
        y_shape = self.op.shape(self.shapes)
        call = Call(
            x=tuple(layout(shape, self.rows) for shape in self.shapes),
            y=layout(y_shape, self.rows),
            gx=tuple(layout(shape, self.rows) for shape in self.shapes),
            gy=layout(y_shape, self.rows),
            scratch=tuple(layout(shape, self.rows) for shape in self.op.scratch(self.shapes)),
        )
        for array, values in zip(call.x, inputs, strict=True):
            array[...] = values
        call.gy[...] = gy
        return call

    def draw(self, seed: int) -> tuple[tuple[Array, ...], Array]:
        """Draw inputs from the primitive's domain, away from kinks, and an adjoint of its output."""
        rng = np.random.default_rng(seed)
        inputs = [rng.normal(size=plain(shape, self.rows).shape) for shape in self.shapes]
        if self.op.name == "relu":
            inputs[0] += np.copysign(0.01, inputs[0])
        if self.op.name == "probability_cross_entropy":
            inputs[0] = rng.uniform(0.02, 0.98, inputs[0].shape)
        return tuple(inputs), rng.normal(size=plain(self.op.shape(self.shapes), self.rows).shape)


ROWS = (1, 2, 5, 16, 17)
COLUMNS = (1, 2, 3, 8)


def cases(name: str) -> Iterator[Case]:
    """Give cases of a primitive: each count of rows with each of columns, and 1 to 4 inputs where it takes many."""
    op = PRIMITIVES[name]()
    for rows in ROWS:
        for index, columns in enumerate(COLUMNS):
            batch = Shape(columns)
            shapes: list[tuple[Shape, ...]]
            match name:
                case "matmul":
                    shapes = [(batch, Shape(out, rows=columns)) for out in (1, 4)]
                case "add_bias":
                    shapes = [(batch, Shape(columns, rows=1))]
                case "concat":
                    shapes = [tuple(Shape(c) for c in (*COLUMNS[index:], *COLUMNS[:index])[:count]) for count in (1, 3)]
                case _ if op.ports[0].many:
                    shapes = [(batch,) * (index + 1)]
                case _:
                    shapes = [(batch,) * len(op.ports)]
            for given in shapes:
                yield Case(op, given, rows)
