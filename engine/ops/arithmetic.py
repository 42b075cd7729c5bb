"""Arithmetic: sums and products, and putting values side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.message import message
from engine.ops.base import Call, Port, Primitive, Shape, ShapeError


class MatMul(Primitive):
    """The product of a batch with a matrix, z = xW."""

    name = "matmul"
    label = "matrix product"
    ports = (Port("x", "rows"), Port("W", "matrix"))
    forward_formula = "u = x W"
    backward_formula = "∂L/∂x = ∂L/∂u Wᵀ,  ∂L/∂W = xᵀ ∂L/∂u"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give [batch, columns of W]."""
        x, w = inputs
        if w.rows != x.columns:
            words = message("the matrix needs {need} values a row, but gets {got}", need=w.rows, got=x.columns)
            raise ShapeError(words)
        return Shape(w.columns)

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

    def macs(self, inputs: Sequence[Shape], rows: int) -> int:
        """Give rows × in × out."""
        return rows * inputs[0].columns * inputs[1].columns


class AddBias(Primitive):
    """Adds one row vector to every row, z = x + b."""

    name = "add_bias"
    label = "bias"
    ports = (Port("x", "rows"), Port("b", "bias"))
    forward_formula = "z = u + b"
    backward_formula = "∂L/∂u = ∂L/∂z,  ∂L/∂b = Σ over rows of ∂L/∂z"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the shape of x."""
        x, b = inputs
        if b.columns != x.columns or b.rows != 1:
            raise ShapeError(message("the bias has {need} values, but a row has {got}", need=b.columns, got=x.columns))
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


class Add(Primitive):
    """The sum of its inputs, number by number."""

    name = "add"
    label = "Add"
    category = "Math"
    summary = "Adds its inputs, number by number. All need the same number of values a row."
    icon = "add"
    ports = (Port("in", "inputs", many=True),)
    forward_formula = "y = Σₖ xₖ"
    backward_formula = "∂L/∂xₖ = ∂L/∂y"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the shape that all inputs share."""
        first = inputs[0]
        for other in inputs[1:]:
            if other != first:
                words = message(
                    "one input gives {a} values a row, but another gives {b}", a=first.columns, b=other.columns
                )
                raise ShapeError(words, "in")
        return first

    def forward(self, c: Call) -> None:
        """Add up."""
        np.copyto(c.y, c.x[0])
        for x in c.x[1:]:
            c.y += x

    def backward(self, c: Call) -> None:
        """Pass δ on to each."""
        for gx in c.gx:
            if gx is not None:
                np.copyto(gx, c.gy)


class Concat(Primitive):
    """Puts the columns of its inputs side by side."""

    name = "concat"
    label = "Concat"
    category = "Math"
    summary = "Puts the values of its inputs side by side in one row."
    icon = "concat"
    ports = (Port("in", "inputs", many=True),)
    forward_formula = "y = [x₁, x₂, …]"
    backward_formula = "∂L/∂xₖ = its columns of ∂L/∂y"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the columns of all inputs together."""
        return Shape(sum(shape.columns for shape in inputs))

    def forward(self, c: Call) -> None:
        """Copy each input to its columns."""
        start = 0
        for x in c.x:
            c.y[:, start : start + x.shape[1]] = x
            start += x.shape[1]

    def backward(self, c: Call) -> None:
        """Copy its columns of δ back to each input."""
        start = 0
        for x, gx in zip(c.x, c.gx, strict=True):
            if gx is not None:
                gx[...] = c.gy[:, start : start + x.shape[1]]
            start += x.shape[1]
