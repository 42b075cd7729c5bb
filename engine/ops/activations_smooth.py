"""Activations without a kink: z times a share of it, softplus and sin, and softmax, a function of a row."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.message import Message, message
from engine.ops.base import Elementwise, Port, Primitive, Shape
from engine.ops.call import Array, Call
from engine.ops.functions import normal_share, sigmoid, softmax
from engine.setting import Setting

CUBIC = 0.044715
"""The factor of z³ in GELU's tanh form."""


class GELU(Elementwise):
    """The Gaussian error linear unit (Hendrycks and Gimpel, 2016); its scratch keeps the share that passes."""

    name = "gelu"
    label = "GELU"
    category = "Activations"
    summary = "Lets a share of each number pass, the larger the number the more: Φ(z), from the normal distribution."
    icon = "gelu"
    settings = (
        Setting(
            "form",
            "exact",
            "Form",
            "Exact takes Φ itself; the tanh form comes near it, as some networks do.",
            choices=("exact", "tanh"),
            choice_labels=("exact", "tanh form"),
        ),
    )
    forward_formula = "a = z Φ(z)"
    backward_formula = "∂L/∂z = ∂L/∂a · (Φ(z) + z φ(z)) with φ = Φ′"

    def caption(self) -> Message:
        """Name the form, if it is not the exact one."""
        return message(self.label) if self._is_exact else message("tanh form")

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for the share of each number that passes."""
        return (inputs[0],)

    def forward(self, c: Call) -> None:
        """Compute the share Φ(z), or ½ (1 + tanh u) = σ(2u) with u = √(2/π) (z + 0.044715 z³), and z times it."""
        (z,), (share,) = c.x, c.scratch
        if self._is_exact:
            normal_share(z, share)
        else:
            sigmoid(math.sqrt(8.0 / math.pi) * (z + CUBIC * z * z * z), share)
        np.multiply(z, share, out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute the share + z times the share's derivative: φ(z), or 2u′ σ(2u) (1 − σ(2u))."""
        (z,), (share,) = c.x, c.scratch
        if self._is_exact:
            np.multiply(z, z, out=out)
            out *= -0.5
            np.exp(out, out=out)
            out *= 1.0 / math.sqrt(2.0 * math.pi)
        else:
            np.clip(z, -1e3, 1e3, out=out)  # beyond, the factor σ (1 − σ) is 0, and u′ must not become ∞
            np.multiply(out, out, out=out)
            out *= 3.0 * CUBIC
            out += 1.0
            out *= math.sqrt(8.0 / math.pi)
            out *= share * (1.0 - share)
        out *= z
        out += share

    def bounds(self) -> tuple[float, float]:
        """Give a little less than the least value, −0.17 at z ≈ −0.75, and ∞."""
        return -0.1701, math.inf

    @property
    def _is_exact(self) -> bool:
        return self.values["form"] == "exact"


class SiLU(Elementwise):
    """The sigmoid linear unit, also called swish; its scratch keeps σ(z)."""

    name = "silu"
    label = "SiLU"
    aliases = ("swish",)
    category = "Activations"
    summary = "Lets a share of each number pass, the larger the number the more: its sigmoid."
    icon = "silu"
    forward_formula = "a = z σ(z)"
    backward_formula = "∂L/∂z = ∂L/∂a · σ(z) (1 + z (1 − σ(z)))"

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for the share of each number that passes."""
        return (inputs[0],)

    def forward(self, c: Call) -> None:
        """Compute σ(z), and z times it."""
        sigmoid(c.x[0], c.scratch[0])
        np.multiply(c.x[0], c.scratch[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute σ (1 + z (1 − σ))."""
        share = c.scratch[0]
        np.subtract(1.0, share, out=out)
        out *= c.x[0]
        out += 1.0
        out *= share

    def bounds(self) -> tuple[float, float]:
        """Give a little less than the least value, −0.278 at z ≈ −1.28, and ∞."""
        return -0.2785, math.inf


class Softplus(Elementwise):
    """A smooth rectifier: max(z, 0) + log(1 + e^−|z|), which never overflows."""

    name = "softplus"
    label = "softplus"
    category = "Activations"
    summary = "A ReLU with its corner rounded: every number becomes positive."
    icon = "softplus"
    forward_formula = "a = log(1 + eᶻ)"
    backward_formula = "∂L/∂z = ∂L/∂a · σ(z)"

    def forward(self, c: Call) -> None:
        """Compute log(1 + e^z)."""
        np.abs(c.x[0], out=c.y)
        np.negative(c.y, out=c.y)
        np.exp(c.y, out=c.y)
        np.log1p(c.y, out=c.y)
        c.y += np.maximum(c.x[0], 0.0)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute σ(z)."""
        sigmoid(c.x[0], out)

    def bounds(self) -> tuple[float, float]:
        """Give 0 and ∞."""
        return 0.0, math.inf


class Softmax(Primitive):
    """Turns each row into positive numbers that sum to 1."""

    name = "softmax"
    label = "softmax"
    category = "Activations"
    summary = "Turns each row into probabilities that sum to 1."
    icon = "softmax"
    ports = (Port("in", "input", kind="any"),)
    forward_formula = "aᵢ = e^zᵢ / Σⱼ e^zⱼ"
    backward_formula = "∂L/∂zᵢ = aᵢ (∂L/∂aᵢ − Σⱼ aⱼ ∂L/∂aⱼ)"

    def forward(self, c: Call) -> None:
        """Compute the softmax of each row."""
        softmax(c.x[0], c.y)

    def backward(self, c: Call) -> None:
        """Apply the Jacobian diag(a) − a aᵀ of each row."""
        if c.gx[0] is not None:
            _apply_jacobian(c.y, c.gy, c.gx[0])

    def jvp(self, c: Call) -> None:
        """Apply the same Jacobian, as it is symmetric."""
        tx = c.tx[0]
        if tx is None:
            c.ty.fill(0.0)
        else:
            _apply_jacobian(c.y, tx, c.ty)

    def bounds(self) -> tuple[float, float]:
        """Give 0 and 1."""
        return 0.0, 1.0


class Sin(Elementwise):
    """The sine, as an activation of networks for signals (Sitzmann and others, 2020) and in formulas."""

    name = "sin"
    label = "sin"
    category = "Activations"
    summary = "Takes the sine of each number, in radians."
    icon = "sin"
    forward_formula = "a = sin z"
    backward_formula = "∂L/∂z = ∂L/∂a · cos z"

    def forward(self, c: Call) -> None:
        """Compute sin z."""
        np.sin(c.x[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Compute cos z."""
        np.cos(c.x[0], out=out)

    def bounds(self) -> tuple[float, float]:
        """Give −1 and 1."""
        return -1.0, 1.0


def _apply_jacobian(a: Array, direction: Array, out: Array) -> None:
    np.multiply(a, direction, out=out)
    np.subtract(direction, out.sum(axis=1, keepdims=True), out=out)
    out *= a
