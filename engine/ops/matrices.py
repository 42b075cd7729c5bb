"""Matrix products, and taking columns together and apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engine.message import Message, message
from engine.ops.base import Port, Primitive, Shape, ShapeError
from engine.ops.broadcasting import add_tangents, sum_into
from engine.ops.call import Call
from engine.setting import Setting


class MatMul(Primitive):
    """The product of a value with a plain matrix, z = xW."""

    name = "matmul"
    label = "Matrix product"
    aliases = ("@", "matmul", "dot", "product")
    category = "Math"
    summary = "Multiplies each row with a plain matrix: z = x W."
    icon = "matrix-product"
    ports = (Port("x", "rows", kind="any"), Port("W", "matrix", kind="plain"))
    forward_formula = "u = x W"
    backward_formula = "∂L/∂x = ∂L/∂u Wᵀ,  ∂L/∂W = xᵀ ∂L/∂u"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the rows of x with the columns of W."""
        x, w = inputs
        if w.rows != x.columns:
            words = message("the matrix needs {need} values a row, but gets {got}", need=w.rows, got=x.columns)
            raise ShapeError(words)
        return Shape(w.columns, x.rows)

    def forward(self, c: Call) -> None:
        """Compute xW."""
        np.matmul(c.x[0], c.x[1], out=c.y)

    def backward(self, c: Call) -> None:
        """Compute δWᵀ and xᵀδ."""
        x, w = c.x
        if c.gx[0] is not None:
            np.matmul(c.gy, w.T, out=c.gx[0])
        if c.gx[1] is not None:
            np.matmul(x.T, c.gy, out=c.gx[1])

    def jvp(self, c: Call) -> None:
        """Compute ẋW + xẆ."""
        (x, w), (tx, tw) = c.x, c.tx
        c.ty.fill(0.0)
        if tx is not None:
            c.ty += tx @ w
        if tw is not None:
            c.ty += x @ tw

    def macs(self, inputs: Sequence[Shape], rows: int) -> int:
        """Give rows × in × out."""
        x, w = inputs
        return (rows if x.rows is None else x.rows) * x.columns * w.columns


class AddBias(Primitive):
    """Adds one plain row to every row, z = x + b."""

    name = "add_bias"
    label = "Add bias"
    category = "Math"
    summary = "Adds the same plain row of numbers to every row: z = x + b."
    icon = "add-bias"
    ports = (Port("x", "rows", kind="any"), Port("b", "bias", kind="plain"))
    forward_formula = "z = u + b"
    backward_formula = "∂L/∂u = ∂L/∂z,  ∂L/∂b = Σ over rows of ∂L/∂z"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the shape of x."""
        x, b = inputs
        if b.columns != x.columns:
            raise ShapeError(message("the bias has {need} values, but a row has {got}", need=b.columns, got=x.columns))
        if b.rows != 1:
            raise ShapeError(message("the bias is one row of numbers, but gets {count} rows", count=b.rows), "b")
        return x

    def forward(self, c: Call) -> None:
        """Compute x + b."""
        np.add(c.x[0], c.x[1], out=c.y)

    def backward(self, c: Call) -> None:
        """Pass δ on; sum it over rows for b."""
        if c.gx[0] is not None:
            np.copyto(c.gx[0], c.gy)
        if c.gx[1] is not None:
            np.add.reduce(c.gy, axis=0, keepdims=True, out=c.gx[1])

    def jvp(self, c: Call) -> None:
        """Compute ẋ + ḃ."""
        add_tangents(c.tx, c.ty)


class Concat(Primitive):
    """Puts the columns of its inputs side by side."""

    name = "concat"
    label = "Concat"
    aliases = ("join", "cat", "stack")
    category = "Math"
    summary = "Puts the values of its inputs side by side in one row. A plain value of one row stands in every row."
    icon = "concat"
    ports = (Port("in", "inputs", many=True, kind="any"),)
    forward_formula = "y = [x₁, x₂, …]"
    backward_formula = "∂L/∂xₖ = its columns of ∂L/∂y"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the columns of all inputs together."""
        plain_rows = [shape.rows for shape in inputs if shape.rows is not None]
        rows = max(plain_rows) if len(plain_rows) == len(inputs) else None
        for shape in inputs:
            if shape.rows not in (None, 1, rows):
                words = "a plain value beside others needs as many rows as they have, or 1; here is one of {size}"
                raise ShapeError(message(words, size=shape.words()), "in")
        return Shape(sum(shape.columns for shape in inputs), rows)

    def forward(self, c: Call) -> None:
        """Copy each input to its columns."""
        for x, columns in _spans(c):
            c.y[:, columns] = c.x[x]

    def backward(self, c: Call) -> None:
        """Give each input its columns of δ."""
        for x, columns in _spans(c):
            gx = c.gx[x]
            if gx is not None:
                sum_into(c.gy[:, columns], gx)

    def jvp(self, c: Call) -> None:
        """Copy each tangent to its columns."""
        for x, columns in _spans(c):
            tx = c.tx[x]
            c.ty[:, columns] = 0.0 if tx is None else tx


class Slice(Primitive):
    """Takes some neighboring columns of its input."""

    name = "slice"
    label = "Slice"
    aliases = ("split", "columns")
    category = "Math"
    summary = "Keeps the columns from start to stop, counted from 0; stop itself is not kept."
    icon = "slice"
    ports = (Port("in", "input", kind="any"),)
    settings = (
        Setting("start", 0, "Start", "The first column that is kept; the first of all is 0.", minimum=0),
        Setting("stop", 1, "Stop", "The column before which to stop.", minimum=1),
    )
    forward_formula = "y = x[:, start:stop]"
    backward_formula = "∂L/∂x = ∂L/∂y in these columns, else 0"

    def caption(self) -> Message:
        """Give "0:2"."""
        return message("{start}:{stop}", start=self.values["start"], stop=self.values["stop"])

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the kept columns."""
        (x,), kept = inputs, self._columns
        if kept.start >= kept.stop:
            words = message("stop must be above start: columns {start} to {stop} are none", **self.values)
            raise ShapeError(words, "in")
        if kept.stop > x.columns:
            words = message("its input has only {count} columns, not {stop}", count=x.columns, stop=kept.stop)
            raise ShapeError(words, "in")
        return Shape(kept.stop - kept.start, x.rows)

    def forward(self, c: Call) -> None:
        """Copy the kept columns."""
        np.copyto(c.y, c.x[0][:, self._columns])

    def backward(self, c: Call) -> None:
        """Copy δ to the kept columns; the others have none."""
        if c.gx[0] is not None:
            c.gx[0].fill(0.0)
            c.gx[0][:, self._columns] = c.gy

    def jvp(self, c: Call) -> None:
        """Copy the kept columns of the tangent."""
        c.ty[...] = 0.0 if c.tx[0] is None else c.tx[0][:, self._columns]

    @property
    def _columns(self) -> slice:
        return slice(int(self.number("start")), int(self.number("stop")))


def _spans(c: Call) -> Iterator[tuple[int, slice]]:
    """Give the columns of the output that each input fills, by the input's number."""
    start = 0
    for number, x in enumerate(c.x):
        yield number, slice(start, start + x.shape[1])
        start += x.shape[1]
