"""Reductions: sums and means over features, over rows, or over all numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.message import Message, message
from engine.ops.base import Port, Primitive, Shape
from engine.ops.call import Array, Call
from engine.setting import Setting

AXES: dict[str, tuple[int, ...]] = {"features": (1,), "rows": (0,), "all": (0, 1)}
"""The axes that are summed over."""

OVER = Setting(
    "over",
    "features",
    "Over",
    "What is put together: the features of each row, which leaves one number a row; the rows, which leaves one plain "
    "row (1 × columns); or all numbers, which leaves one plain number (1 × 1).",
    choices=tuple(AXES),
    choice_labels=("features", "rows", "all"),
)


class Reduction(Primitive):
    """A sum of numbers, each with the same weight."""

    category = "Math"
    ports = (Port("in", "input", kind="any"),)
    settings = (OVER,)

    def caption(self) -> Message:
        """Give "over rows"."""
        return message("over {what}", what=message(str(self.values["over"])))

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give one column for features, one plain row for rows, one plain number for all."""
        (x,) = inputs
        return {"features": Shape(1, x.rows), "rows": Shape(x.columns, 1), "all": Shape(1, 1)}[str(self.values["over"])]

    def weight(self, c: Call) -> float:
        """Give what each number is multiplied with."""
        raise NotImplementedError

    def forward(self, c: Call) -> None:
        """Sum up."""
        self._reduce(c, c.x[0], c.y)

    def backward(self, c: Call) -> None:
        """Give each number its weight times the adjoint of the sum that it is in."""
        if c.gx[0] is not None:
            np.multiply(c.gy, self.weight(c), out=c.gx[0])

    def jvp(self, c: Call) -> None:
        """Sum up the tangents."""
        if c.tx[0] is None:
            c.ty.fill(0.0)
        else:
            self._reduce(c, c.tx[0], c.ty)

    def macs(self, inputs: Sequence[Shape], rows: int) -> int:
        """Give one for each number of the input."""
        (x,) = inputs
        return x.columns * (rows if x.rows is None else x.rows)

    def _reduce(self, c: Call, x: Array, out: Array) -> None:
        np.add.reduce(x, axis=AXES[str(self.values["over"])], keepdims=True, out=out)
        out *= self.weight(c)


class Sum(Reduction):
    """The sum over features, rows or all."""

    name = "sum"
    label = "Sum"
    summary = "Adds up the features of each row, each column over the rows, or all numbers."
    icon = "sum"
    forward_formula = "y = Σ x"
    backward_formula = "∂L/∂x = ∂L/∂y, for each number of the sum"

    def weight(self, c: Call) -> float:
        """Give 1."""
        return 1.0


class Mean(Reduction):
    """The mean over features, rows or all."""

    name = "mean"
    label = "Mean"
    aliases = ("average",)
    summary = "Averages the features of each row, each column over the rows, or all numbers."
    icon = "mean"
    forward_formula = "y = Σ x / count"
    backward_formula = "∂L/∂x = ∂L/∂y / count, for each number of the mean"

    def weight(self, c: Call) -> float:
        """Give 1 / count, with the true count of rows."""
        return c.y.size / c.x[0].size
