"""Functions of each number alone that are no activations: powers, exponentials, logarithms, angles."""

from __future__ import annotations

import numpy as np

from engine.message import Message, message
from engine.ops.base import Elementwise
from engine.ops.call import Array, Call, Mask
from engine.setting import Setting


class Power(Elementwise):
    """A fixed power of each number; where numbers are negative, the exponent must be whole."""

    name = "power"
    label = "Power"
    aliases = ("^", "**", "pow")
    category = "Math"
    summary = "Raises each number to a fixed power. Of a negative number only whole powers exist."
    icon = "power"
    settings = (Setting("exponent", 3.0, "Exponent", "The power; 0.5 is the square root, −1 the reciprocal."),)
    forward_formula = "y = xᵖ"
    backward_formula = "∂L/∂x = ∂L/∂y · p xᵖ⁻¹"

    @property
    def exponent(self) -> float:
        """The power."""
        return self.number("exponent")

    def caption(self) -> Message:
        """Give "x^3"."""
        return message("x^{exponent:g}", exponent=self.exponent)

    def forward(self, c: Call) -> None:
        """Compute xᵖ."""
        np.power(c.x[0], self.exponent, out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute p xᵖ⁻¹; 0 for p = 0, where x = 0 would make 0 · ∞ of it."""
        if self.exponent == 0.0:
            out.fill(0.0)
            return
        np.power(c.x[0], self.exponent - 1.0, out=out)
        out *= self.exponent


class Exp(Elementwise):
    """The exponential function; its derivative is its output."""

    name = "exp"
    label = "Exp"
    category = "Math"
    summary = "Gives e to the power of each number."
    icon = "exp"
    forward_formula = "y = eˣ"
    backward_formula = "∂L/∂x = ∂L/∂y · y"

    def forward(self, c: Call) -> None:
        """Compute eˣ."""
        np.exp(c.x[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Give y."""
        np.copyto(out, c.y)


class Log(Elementwise):
    """The natural logarithm; of 0 it is −∞, of a negative number NaN."""

    name = "log"
    label = "Log"
    category = "Math"
    summary = "Gives the natural logarithm of each number; they must be above 0."
    icon = "log"
    forward_formula = "y = ln x"
    backward_formula = "∂L/∂x = ∂L/∂y / x"

    def forward(self, c: Call) -> None:
        """Compute ln x."""
        np.log(c.x[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute 1 / x."""
        np.reciprocal(c.x[0], out=out)


class Sqrt(Elementwise):
    """The square root; of a negative number it is NaN."""

    name = "sqrt"
    label = "Square root"
    aliases = ("√", "sqrt", "root")
    category = "Math"
    summary = "Gives the square root of each number; they must not be negative, and at 0 it has no derivative."
    icon = "sqrt"
    forward_formula = "y = √x"
    backward_formula = "∂L/∂x = ∂L/∂y / (2 y)"

    def forward(self, c: Call) -> None:
        """Compute √x."""
        np.sqrt(c.x[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute 1 / (2 y)."""
        np.divide(0.5, c.y, out=out)


class Square(Elementwise):
    """The square."""

    name = "square"
    label = "Square"
    aliases = ("^2", "x²")
    category = "Math"
    summary = "Multiplies each number with itself."
    icon = "square"
    forward_formula = "y = x²"
    backward_formula = "∂L/∂x = ∂L/∂y · 2 x"

    def forward(self, c: Call) -> None:
        """Compute x²."""
        np.multiply(c.x[0], c.x[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute 2 x."""
        np.multiply(c.x[0], 2.0, out=out)


class Cos(Elementwise):
    """The cosine of an angle in radians."""

    name = "cos"
    label = "Cos"
    category = "Math"
    summary = "Gives the cosine of each number, an angle in radians."
    icon = "cos"
    forward_formula = "y = cos x"
    backward_formula = "∂L/∂x = −∂L/∂y · sin x"

    def forward(self, c: Call) -> None:
        """Compute cos x."""
        np.cos(c.x[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute −sin x."""
        np.sin(c.x[0], out=out)
        np.negative(out, out=out)


class Tan(Elementwise):
    """The tangent of an angle in radians; its derivative is read off the output."""

    name = "tan"
    label = "tan"
    forward_formula = "y = tan x"
    backward_formula = "∂L/∂x = ∂L/∂y · (1 + y²)"

    def forward(self, c: Call) -> None:
        """Compute tan x."""
        np.tan(c.x[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute 1 + y²."""
        np.multiply(c.y, c.y, out=out)
        out += 1.0


class Absolute(Elementwise):
    """The absolute value. At its kink the derivative is taken as 0."""

    name = "absolute"
    label = "absolute value"
    forward_formula = "y = |x|"
    backward_formula = "∂L/∂x = ∂L/∂y · sign x"

    def forward(self, c: Call) -> None:
        """Compute |x|."""
        np.abs(c.x[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Give the sign of x."""
        np.sign(c.x[0], out=out)

    def pieces(self, c: Call) -> Mask:
        """Tell apart the two sides of the kink."""
        return np.greater(c.x[0], 0.0)


class Negate(Elementwise):
    """The number of the other sign."""

    name = "negate"
    label = "minus"
    forward_formula = "y = −x"
    backward_formula = "∂L/∂x = −∂L/∂y"

    def forward(self, c: Call) -> None:
        """Compute −x."""
        np.negative(c.x[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Give −1."""
        out.fill(-1.0)
