"""Activations that squash or rectify: functions of each number alone."""

from __future__ import annotations

import math

import numpy as np

from engine.message import Message, message
from engine.ops.base import Elementwise
from engine.ops.call import Array, Call, Mask
from engine.ops.functions import sigmoid
from engine.setting import Setting


class Identity(Elementwise):
    """Passes its input on."""

    name = "identity"
    label = "identity"
    aliases = ("linear",)
    category = "Activations"
    summary = "Passes its input on unchanged."
    icon = "identity"
    forward_formula = "a = z"
    backward_formula = "∂L/∂z = ∂L/∂a"

    def forward(self, c: Call) -> None:
        """Copy."""
        np.copyto(c.y, c.x[0])

    def derivative(self, c: Call, out: Array) -> None:
        """Write 1."""
        out.fill(1.0)


class Tanh(Elementwise):
    """The hyperbolic tangent; its derivative is read off the output."""

    name = "tanh"
    label = "tanh"
    category = "Activations"
    summary = "Squashes each number into −1 … 1."
    icon = "tanh"
    forward_formula = "a = tanh z"
    backward_formula = "∂L/∂z = ∂L/∂a · (1 − a²)"

    def forward(self, c: Call) -> None:
        """Compute a = tanh z."""
        np.tanh(c.x[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute 1 − a²."""
        np.multiply(c.y, c.y, out=out)
        np.subtract(1.0, out, out=out)

    def bounds(self) -> tuple[float, float]:
        """Give −1 and 1."""
        return -1.0, 1.0


class Sigmoid(Elementwise):
    """The logistic function; its derivative is read off the output."""

    name = "sigmoid"
    label = "sigmoid"
    aliases = ("logistic",)
    category = "Activations"
    summary = "Squashes each number into 0 … 1."
    icon = "sigmoid"
    forward_formula = "a = σ(z) = 1 / (1 + e⁻ᶻ)"
    backward_formula = "∂L/∂z = ∂L/∂a · a (1 − a)"

    def forward(self, c: Call) -> None:
        """Compute a = σ(z)."""
        sigmoid(c.x[0], c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute a (1 − a)."""
        np.subtract(1.0, c.y, out=out)
        out *= c.y

    def bounds(self) -> tuple[float, float]:
        """Give 0 and 1."""
        return 0.0, 1.0


class ReLU(Elementwise):
    """The rectifier. At its kink the derivative is taken as 0, and NaN passes through."""

    name = "relu"
    label = "ReLU"
    aliases = ("rectifier",)
    category = "Activations"
    summary = "Keeps positive numbers and makes the others 0."
    icon = "relu"
    forward_formula = "a = max(0, z)"
    backward_formula = "∂L/∂z = ∂L/∂a where z > 0, else 0"

    def forward(self, c: Call) -> None:
        """Compute max(0, z)."""
        np.maximum(c.x[0], 0.0, out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Write 1 where z > 0, else 0."""
        np.greater(c.x[0], 0.0, out=out)

    def bounds(self) -> tuple[float, float]:
        """Give 0 and ∞."""
        return 0.0, math.inf

    def pieces(self, c: Call) -> Mask:
        """Tell apart the two sides of the kink."""
        return np.greater(c.x[0], 0.0)


class LeakyReLU(Elementwise):
    """A rectifier that lets a part of negative numbers through. At its kink the derivative is taken as that part."""

    name = "leaky_relu"
    label = "leaky ReLU"
    aliases = ("lrelu",)
    category = "Activations"
    summary = "Keeps positive numbers and makes the others small, so that a unit can always learn."
    icon = "leaky-relu"
    settings = (
        Setting(
            "slope",
            0.01,
            "Slope",
            "What part of a negative number is kept; 0 makes it a ReLU, 1 the identity.",
            minimum=0.0,
            maximum=1.0,
        ),
    )
    forward_formula = "a = z where z > 0, else slope · z"
    backward_formula = "∂L/∂z = ∂L/∂a where z > 0, else slope · ∂L/∂a"

    def caption(self) -> Message:
        """Give the slope."""
        return message("slope {slope:g}", slope=self.values["slope"])

    def forward(self, c: Call) -> None:
        """Multiply with the slope where z ≤ 0."""
        np.multiply(c.x[0], self._slope, out=c.y)
        np.copyto(c.y, c.x[0], where=c.x[0] > 0.0)

    def derivative(self, c: Call, out: Array) -> None:
        """Write 1 where z > 0, else the slope."""
        out.fill(self._slope)
        np.copyto(out, 1.0, where=c.x[0] > 0.0)

    def pieces(self, c: Call) -> Mask:
        """Tell apart the two sides of the kink."""
        return np.greater(c.x[0], 0.0)

    @property
    def _slope(self) -> float:
        return self.number("slope")


class ELU(Elementwise):
    """The exponential linear unit (Clevert, Unterthiner and Hochreiter, 2016)."""

    name = "elu"
    label = "ELU"
    category = "Activations"
    summary = "Keeps positive numbers and bends the others towards −α."
    icon = "elu"
    settings = (Setting("alpha", 1.0, "α", "Negative numbers approach −α; 1 makes the bend smooth.", positive=True),)
    forward_formula = "a = z where z > 0, else α (eᶻ − 1)"
    backward_formula = "∂L/∂z = ∂L/∂a where z > 0, else α eᶻ · ∂L/∂a"

    def caption(self) -> Message:
        """Give α."""
        return message("α = {alpha:g}", alpha=self.values["alpha"])

    def forward(self, c: Call) -> None:
        """Compute α (e^z − 1) where z ≤ 0; elsewhere of 0, so that nothing overflows."""
        np.minimum(c.x[0], 0.0, out=c.y)
        np.expm1(c.y, out=c.y)
        c.y *= self._alpha
        np.copyto(c.y, c.x[0], where=c.x[0] > 0.0)

    def derivative(self, c: Call, out: Array) -> None:
        """Write 1 where z > 0, else α e^z."""
        np.minimum(c.x[0], 0.0, out=out)
        np.exp(out, out=out)
        out *= self._alpha
        np.copyto(out, 1.0, where=c.x[0] > 0.0)

    def bounds(self) -> tuple[float, float]:
        """Give −α and ∞."""
        return -self._alpha, math.inf

    def pieces(self, c: Call) -> Mask:
        """Tell apart the two sides of 0, where f′ or at least f″ jumps."""
        return np.greater(c.x[0], 0.0)

    @property
    def _alpha(self) -> float:
        return self.number("alpha")
