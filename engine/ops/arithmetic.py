"""Arithmetic number by number: sums, differences, products, quotients and powers of values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.ops.base import Port, Primitive, Shape
from engine.ops.broadcasting import add_tangents, common_shape, sum_into
from engine.ops.call import Array, Call

PAIR = (Port("a", "a", kind="any"), Port("b", "b", kind="any"))


class Add(Primitive):
    """The sum of its inputs, number by number."""

    name = "add"
    label = "Add"
    aliases = ("+", "plus", "residual", "skip")
    category = "Math"
    summary = (
        "Adds its inputs, number by number. A plain value of one row is added to every row, one of one number to all."
    )
    icon = "add"
    ports = (Port("in", "inputs", many=True, kind="any"),)
    forward_formula = "y = Σₖ xₖ"
    backward_formula = "∂L/∂xₖ = ∂L/∂y"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the shape that all inputs have together."""
        return common_shape(inputs, "in")

    def forward(self, c: Call) -> None:
        """Add up."""
        np.copyto(c.y, c.x[0])
        for x in c.x[1:]:
            c.y += x

    def backward(self, c: Call) -> None:
        """Pass δ on to each."""
        for gx in c.gx:
            if gx is not None:
                sum_into(c.gy, gx)

    def jvp(self, c: Call) -> None:
        """Add up the tangents."""
        add_tangents(c.tx, c.ty)


class Subtract(Primitive):
    """The difference of two values, number by number."""

    name = "subtract"
    label = "Subtract"
    aliases = ("-", "minus", "difference")
    category = "Math"
    summary = "Subtracts b from a, number by number. A plain value of one row or one number is used for every row."
    icon = "subtract"
    ports = PAIR
    forward_formula = "y = a − b"
    backward_formula = "∂L/∂a = ∂L/∂y,  ∂L/∂b = −∂L/∂y"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the shape that both have together."""
        return common_shape(inputs)

    def forward(self, c: Call) -> None:
        """Compute a − b."""
        np.subtract(c.x[0], c.x[1], out=c.y)

    def backward(self, c: Call) -> None:
        """Pass δ and −δ on."""
        ga, gb = c.gx
        if ga is not None:
            sum_into(c.gy, ga)
        if gb is not None:
            sum_into(c.gy, gb)
            np.negative(gb, out=gb)

    def jvp(self, c: Call) -> None:
        """Compute ȧ − ḃ."""
        ta, tb = c.tx
        c.ty.fill(0.0)
        if ta is not None:
            c.ty += ta
        if tb is not None:
            c.ty -= tb


class Multiply(Primitive):
    """The product of its inputs, number by number."""

    name = "multiply"
    label = "Multiply"
    aliases = ("*", "times", "product")
    category = "Math"
    summary = "Multiplies its inputs, number by number. A plain value of one row or one number is used for every row."
    icon = "multiply"
    ports = (Port("in", "inputs", many=True, kind="any"),)
    forward_formula = "y = Πₖ xₖ"
    backward_formula = "∂L/∂xₖ = ∂L/∂y · Π of the other inputs"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the shape that all inputs have together."""
        return common_shape(inputs, "in")

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for room for a product before it is summed over the places where a smaller input was used."""
        return _room(inputs)

    def forward(self, c: Call) -> None:
        """Multiply out."""
        np.copyto(c.y, c.x[0])
        for x in c.x[1:]:
            c.y *= x

    def backward(self, c: Call) -> None:
        """Compute δ times all other inputs; dividing y by the input would fail where it is 0."""
        for number, gx in enumerate(c.gx):
            if gx is not None:
                product = _whole(c, gx)
                np.copyto(product, c.gy)
                _multiply_others(c, number, product)
                sum_into(product, gx)

    def jvp(self, c: Call) -> None:
        """Sum each tangent times all other inputs."""
        c.ty.fill(0.0)
        product = np.empty_like(c.ty)
        for number, tx in enumerate(c.tx):
            if tx is not None:
                np.copyto(product, tx)
                _multiply_others(c, number, product)
                c.ty += product

    def macs(self, inputs: Sequence[Shape], rows: int) -> int:
        """Give one for each number of the output and each input but one."""
        return super().macs(inputs, rows) * max(1, len(inputs) - 1)


class Divide(Primitive):
    """The quotient of two values, number by number."""

    name = "divide"
    label = "Divide"
    aliases = ("/", "quotient")
    category = "Math"
    summary = "Divides a by b, number by number. A plain value of one row or one number is used for every row."
    icon = "divide"
    ports = PAIR
    forward_formula = "y = a / b"
    backward_formula = "∂L/∂a = ∂L/∂y / b,  ∂L/∂b = −∂L/∂y · y / b"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the shape that both have together."""
        return common_shape(inputs)

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for room for a quotient before it is summed over the places where a smaller input was used."""
        return _room(inputs)

    def forward(self, c: Call) -> None:
        """Compute a / b."""
        np.divide(c.x[0], c.x[1], out=c.y)

    def backward(self, c: Call) -> None:
        """Compute δ / b and −δ y / b."""
        (_, b), (ga, gb) = c.x, c.gx
        if ga is not None:
            quotient = _whole(c, ga)
            np.divide(c.gy, b, out=quotient)
            sum_into(quotient, ga)
        if gb is not None:
            quotient = _whole(c, gb)
            np.multiply(c.gy, c.y, out=quotient)
            quotient /= b
            np.negative(quotient, out=quotient)
            sum_into(quotient, gb)

    def jvp(self, c: Call) -> None:
        """Compute (ȧ − y ḃ) / b."""
        (_, b), (ta, tb) = c.x, c.tx
        c.ty.fill(0.0)
        if ta is not None:
            c.ty += ta
        if tb is not None:
            c.ty -= c.y * tb
        c.ty /= b


class Raise(Primitive):
    """One value to the power of another, number by number; where the base is negative, exponents must be whole."""

    name = "raise"
    label = "Power of two values"
    ports = PAIR
    forward_formula = "y = aᵇ"
    backward_formula = "∂L/∂a = ∂L/∂y · b aᵇ⁻¹,  ∂L/∂b = ∂L/∂y · y ln a"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the shape that both have together."""
        return common_shape(inputs)

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for room for a product before it is summed over the places where a smaller input was used."""
        return _room(inputs)

    def forward(self, c: Call) -> None:
        """Compute aᵇ."""
        np.power(c.x[0], c.x[1], out=c.y)

    def backward(self, c: Call) -> None:
        """Compute δ b aᵇ⁻¹ and δ y ln a."""
        for gx, slope in zip(c.gx, (_base_slope, _exponent_slope), strict=True):
            if gx is not None:
                product = _whole(c, gx)
                np.multiply(slope(c), c.gy, out=product)
                sum_into(product, gx)

    def jvp(self, c: Call) -> None:
        """Compute b aᵇ⁻¹ ȧ + y ln a ḃ."""
        c.ty.fill(0.0)
        for tx, slope in zip(c.tx, (_base_slope, _exponent_slope), strict=True):
            if tx is not None:
                c.ty += slope(c) * tx


def _room(inputs: Sequence[Shape]) -> tuple[Shape, ...]:
    """Give the whole shape where an input is smaller, so that its adjoint cannot hold what is summed into it."""
    whole = common_shape(inputs)
    return (whole,) if any(shape != whole for shape in inputs) else ()


def _whole(c: Call, gx: Array) -> Array:
    """Give where contributions to an input's adjoint are written before they are summed."""
    return c.scratch[0] if c.scratch else gx


def _multiply_others(c: Call, number: int, product: Array) -> None:
    for other, x in enumerate(c.x):
        if other != number:
            product *= x


def _base_slope(c: Call) -> Array:
    """Give b aᵇ⁻¹; 0 for b = 0, where a = 0 would make 0 · ∞ of it."""
    a, b = c.x
    slope: Array = np.where(b == 0.0, 0.0, b * np.power(a, b - 1.0))
    return slope


def _exponent_slope(c: Call) -> Array:
    """Give y ln a; 0 for 0 to a positive power, where it would be 0 · −∞."""
    a, b = c.x
    slope: Array = np.where((a == 0.0) & (b > 0.0), 0.0, c.y * np.log(a))
    return slope
