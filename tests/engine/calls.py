"""Primitives bound to arrays without a program: plain ones, or laid out as in the arena."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from engine.ops import OPS
from engine.ops.base import Primitive, Shape, ShapeError
from engine.ops.call import Array, Call
from engine.setting import SettingError

ROW_LANES = 16

PRIMITIVES: dict[str, type[Primitive]] = {name: op for name, op in OPS.items() if issubclass(op, Primitive)}

DOMAINS: dict[str, dict[int, tuple[float, float]]] = {
    "probability_cross_entropy": {0: (0.02, 0.98)},
    "divide": {1: (0.5, 2.0)},
    "raise": {0: (0.3, 2.5)},
    "power": {0: (0.3, 2.5)},
    "log": {0: (0.2, 3.0)},
    "sqrt": {0: (0.2, 3.0)},
    "tan": {0: (-1.2, 1.2)},
}
"""Where inputs are drawn from, by primitive and number of the input; all others are drawn from all numbers."""

SETTINGS: dict[str, tuple[dict[str, object], ...]] = {
    "slice": ({"start": 1, "stop": 3}, {"start": 2, "stop": 8}),
    "power": ({"exponent": -1.0}, {"exponent": 2.0}),
    "constant": ({"rows": 2, "columns": 3},),
    "weight_penalty": ({"l1": 0.3, "l2": 0.0}, {"l1": 0.0, "l2": 0.7}),
}
"""More settings to try, by primitive, beside those that `variants` finds."""

BASES: dict[str, dict[str, object]] = {
    "weight_penalty": {"l1": 0.2, "l2": 0.5},
    "standardize_columns": {"epsilon": 0.01},
    "standardize_rows": {"epsilon": 0.01},
}
"""Where all variants start from, by primitive, if with its default settings it computes nothing, or something so steep
between two numbers that are nearly equal that no finite difference resolves it."""

BUFFERS: dict[str, int] = {"standardize_columns": 2, "standardize_by_running": 2}
"""How many buffers of one row a primitive works on, by primitive; they are drawn from positive numbers."""

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


class Draws:
    """Random numbers for an instruction: the same ones each time, as at one step of a run."""

    def uniform(self, count: int) -> Array:
        """Draw `count` uniform numbers in [0, 1)."""
        return np.random.default_rng(12).random(count)


@dataclass(frozen=True)
class Case:
    """One primitive with the shapes of its inputs and a count of rows."""

    op: Primitive
    shapes: tuple[Shape, ...]
    rows: int

    def __str__(self) -> str:
        """Name it where a check fails."""
        shapes = [(s.rows, s.columns) for s in self.shapes]
        return f"{self.op.name} {dict(self.op.values)} of {self.rows} rows, {shapes}"

    def bind(
        self, layout: Layout, inputs: Sequence[Array], gy: Array | float = np.nan, tangents: Sequence[Array] = ()
    ) -> Call:
        """Make a call on fresh arrays, what is random drawn. All that the primitive has to write is NaN before."""
        y_shape = self.op.shape(self.shapes)
        row = Shape(self.shapes[0].columns if self.shapes else 1, rows=1)
        call = Call(
            x=tuple(layout(shape, self.rows) for shape in self.shapes),
            y=layout(y_shape, self.rows),
            gx=tuple(layout(shape, self.rows) for shape in self.shapes),
            gy=layout(y_shape, self.rows),
            scratch=tuple(layout(shape, self.rows) for shape in self.op.scratch(self.shapes)),
            tx=tuple(layout(shape, self.rows) for shape in self.shapes),
            ty=layout(y_shape, self.rows),
            buffers=tuple(layout(row, self.rows) for _ in range(BUFFERS.get(self.op.name, 0))),
        )
        rng = np.random.default_rng(11)
        for buffer in call.buffers:
            buffer[...] = rng.uniform(0.5, 2.0, buffer.shape)
        self.op.draw(call, Draws())
        for array, values in zip(call.x, inputs, strict=True):
            array[...] = values
        call.gy[...] = gy
        for tx, tangent in zip(given_tangents(call), tangents, strict=bool(tangents)):
            tx[...] = tangent
        return call

    def draw(self, seed: int) -> tuple[tuple[Array, ...], Array]:
        """Draw inputs from the primitive's domain and an adjoint of its output."""
        rng = np.random.default_rng(seed)
        inputs = [rng.normal(size=plain(shape, self.rows).shape) for shape in self.shapes]
        for number, (low, high) in DOMAINS.get(self.op.name, {}).items():
            inputs[number] = rng.uniform(low, high, inputs[number].shape)
        return tuple(inputs), rng.normal(size=plain(self.op.shape(self.shapes), self.rows).shape)

    def draw_tangents(self, seed: int) -> tuple[Array, ...]:
        """Draw tangents of the inputs."""
        rng = np.random.default_rng((seed, 1))
        return tuple(rng.normal(size=plain(shape, self.rows).shape) for shape in self.shapes)


def given_tangents(call: Call) -> list[Array]:
    """Give the tangents of the inputs that are not zero."""
    return [tx for tx in call.tx if tx is not None]


def variants(op: type[Primitive]) -> Iterator[Primitive]:
    """Make the primitive with its default settings, each choice, another number for each number, and SETTINGS."""
    base = BASES.get(op.name, {})
    yield op(base)
    yield from (op(settings) for settings in SETTINGS.get(op.name, ()))
    for setting in op.settings:
        others = setting.choices or (0.37,)
        for other in others:
            try:
                made = op({**base, setting.name: other})
            except SettingError:
                continue
            if made.values != op(base).values:
                yield made


ROWS = (1, 2, 5, 16, 17)
COLUMNS = (1, 2, 3, 8)


def cases(name: str) -> Iterator[Case]:
    """Give cases of a primitive: each count of rows with each of columns, 1 to 4 inputs where it takes many.

    Each is made with all variants of the settings, and with all kinds of values that its ports take.
    """
    op = PRIMITIVES[name]
    for rows in ROWS:
        for index in range(len(COLUMNS)):
            for made in variants(op):
                for shapes in input_shapes(op, index):
                    # Plain values alone are the same for any count of rows.
                    if fits(made, shapes) and (rows == ROWS[0] or any(shape.rows is None for shape in shapes)):
                        yield Case(made, shapes, rows)


def input_shapes(op: type[Primitive], index: int) -> list[tuple[Shape, ...]]:
    """Give shapes of inputs with COLUMNS[index] columns."""
    columns = COLUMNS[index]
    batch, block, row, one = Shape(columns), Shape(columns, rows=3), Shape(columns, rows=1), Shape(1, rows=1)
    sizes = [Shape(columns, rows=rows) for rows in ROWS]
    match op.name:
        case "matmul":
            return [(x, Shape(out, rows=columns)) for x, out in ((batch, 1), (batch, 4), (block, 4), (row, 1))]
        case "add_bias":
            return [(batch, row), (block, row)]
        case "concat":
            several = (*COLUMNS[index:], *COLUMNS[:index])
            mixed = (Shape(several[1]), row, one)
            return [tuple(map(Shape, several[:1])), tuple(map(Shape, several[:3])), mixed, (block, Shape(2, rows=3))]
        case _ if not op.ports:
            return [()]
        case _ if all(port.kind == "plain" for port in op.ports):
            return [(size, row, one)[: index + 1] if op.ports[0].many else (size,) * len(op.ports) for size in sizes]
        case _ if op.ports[0].kind == "rows":
            return [(batch,) * (index + 1 if op.ports[0].many else len(op.ports))]
        case _ if op.ports[0].many:
            return [(batch,) * (index + 1), (batch, row, one), (row, batch), (one, block, row), (block, block)]
        case _ if len(op.ports) == 1:
            return [(batch,), (block,)]
        case _:
            return [*product((batch, row, one), repeat=2), (block, block), (block, row), (one, block)]


def fits(op: Primitive, shapes: tuple[Shape, ...]) -> bool:
    """Tell whether the primitive with its settings takes such inputs."""
    try:
        op.shape(shapes)
    except ShapeError:
        return False
    return True
