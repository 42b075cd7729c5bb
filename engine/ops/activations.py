"""Activations: functions of each number alone, and softmax, a function of a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.ops.base import Array, Call, Mask, Primitive, Shape


def sigmoid(z: Array, out: Array) -> None:
    """Write 1 / (1 + e^-z) into `out`, with all digits in both tails; where e^-z overflows to ∞, that is 0."""
    np.negative(z, out=out)
    np.exp(out, out=out)
    out += 1.0
    np.reciprocal(out, out=out)


def softmax(z: Array, out: Array) -> None:
    """Write the softmax of each row of z into `out`, shifted by the row's maximum so that nothing overflows."""
    np.subtract(z, z.max(axis=1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=1, keepdims=True)


class Identity(Primitive):
    """Passes its input on."""

    name = "identity"
    label = "identity"
    category = "Activations"
    summary = "Passes its input on unchanged."
    icon = "identity"
    forward_formula = "a = z"
    backward_formula = "∂L/∂z = ∂L/∂a"

    def forward(self, c: Call) -> None:
        """Copy."""
        np.copyto(c.y, c.x[0])

    def backward(self, c: Call) -> None:
        """Copy."""
        if c.gx[0] is not None:
            np.copyto(c.gx[0], c.gy)


class Tanh(Primitive):
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

    def backward(self, c: Call) -> None:
        """Compute (1 − a²) ⊙ δ."""
        gz = c.gx[0]
        if gz is not None:
            np.multiply(c.y, c.y, out=gz)
            np.subtract(1.0, gz, out=gz)
            gz *= c.gy


class Sigmoid(Primitive):
    """The logistic function; its derivative is read off the output."""

    name = "sigmoid"
    label = "sigmoid"
    category = "Activations"
    summary = "Squashes each number into 0 … 1."
    icon = "sigmoid"
    forward_formula = "a = σ(z) = 1 / (1 + e⁻ᶻ)"
    backward_formula = "∂L/∂z = ∂L/∂a · a (1 − a)"

    def forward(self, c: Call) -> None:
        """Compute a = σ(z)."""
        sigmoid(c.x[0], c.y)

    def backward(self, c: Call) -> None:
        """Compute a (1 − a) ⊙ δ."""
        gz = c.gx[0]
        if gz is not None:
            np.subtract(1.0, c.y, out=gz)
            gz *= c.y
            gz *= c.gy


class ReLU(Primitive):
    """The rectifier. At its kink the derivative is taken as 0, and NaN passes through."""

    name = "relu"
    label = "ReLU"
    category = "Activations"
    summary = "Keeps positive numbers and makes the others 0."
    icon = "relu"
    forward_formula = "a = max(0, z)"
    backward_formula = "∂L/∂z = ∂L/∂a where z > 0, else 0"

    def forward(self, c: Call) -> None:
        """Compute max(0, z)."""
        np.maximum(c.x[0], 0.0, out=c.y)

    def backward(self, c: Call) -> None:
        """Pass δ on where z > 0."""
        gz = c.gx[0]
        if gz is not None:
            np.multiply(c.gy, c.x[0] > 0.0, out=gz)

    def pieces(self, c: Call) -> Mask:
        """Tell apart the two sides of the kink."""
        return np.greater(c.x[0], 0.0)


class Softmax(Primitive):
    """Turns each row into positive numbers that sum to 1."""

    name = "softmax"
    label = "softmax"
    category = "Activations"
    summary = "Turns each row into probabilities that sum to 1."
    icon = "softmax"
    forward_formula = "aᵢ = e^zᵢ / Σⱼ e^zⱼ"
    backward_formula = "∂L/∂zᵢ = aᵢ (∂L/∂aᵢ − Σⱼ aⱼ ∂L/∂aⱼ)"

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for one column: the row sums."""
        return (Shape(1),)

    def forward(self, c: Call) -> None:
        """Compute the softmax of each row."""
        softmax(c.x[0], c.y)

    def backward(self, c: Call) -> None:
        """Apply the Jacobian diag(a) − a aᵀ of each row."""
        gz, (mean,) = c.gx[0], c.scratch
        if gz is not None:
            np.multiply(c.y, c.gy, out=gz)
            gz.sum(axis=1, keepdims=True, out=mean)
            np.subtract(c.gy, mean, out=gz)
            gz *= c.y


ACTIVATIONS: dict[str, type[Primitive]] = {op.name: op for op in (Identity, Tanh, Sigmoid, ReLU, Softmax)}
"""What a Dense or Neuron can end in, by name."""
