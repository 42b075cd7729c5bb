"""Dropout: a layer that leaves numbers out at random while training.

Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: a simple way to prevent neural networks from
overfitting", 2014; scaled while training ("inverted"), as PyTorch does it, so that evaluation has nothing to make up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine.message import Message, message
from engine.ops.base import Builder, Elementwise, RandomStream, Shape, Value
from engine.ops.call import Array, Call
from engine.setting import Setting

RATE = Setting("rate", 0.5, "Rate p", "The chance of each number to be left out at a step.", minimum=0.0, maximum=0.99)


class Dropout(Elementwise):
    """y = x ⊙ mask, the mask's numbers being 0 with chance p, else 1 / (1 − p); in evaluation y is x itself."""

    name = "dropout"
    label = "Dropout"
    category = "Layers"
    summary = (
        "While training, makes each number 0 with chance p and the others 1 / (1 − p) times as large, anew at every "
        "step, so that no unit can rely on another. In evaluation it does nothing."
    )
    icon = "dropout"
    settings = (RATE,)
    forward_formula = "y = x ⊙ mask,  mask = 0 with chance p, else 1 / (1 − p)"
    backward_formula = "∂L/∂x = ∂L/∂y ⊙ mask"

    @property
    def rate(self) -> float:
        """The chance p of each number to be left out."""
        return self.number("rate")

    def caption(self) -> Message:
        """Give "p = 0.5"."""
        return message("p = {rate:g}", rate=self.rate)

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Emit the product with a mask; in evaluation, and where nothing is left out, give the input's own numbers."""
        (x,) = inputs["in"]
        if build.is_training and self.rate > 0.0:
            return build.emit(self, (x,))
        # Under this node's name, so that what comes after finds the same graph in training and in evaluation.
        return replace(x, node=build.node, op=self, owner=self)

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for the mask."""
        return (inputs[0],)

    def draw(self, c: Call, stream: RandomStream) -> None:
        """Draw the mask."""
        (mask,) = c.scratch
        np.greater_equal(stream.uniform(mask.size).reshape(mask.shape), self.rate, out=mask)
        mask /= 1.0 - self.rate

    def forward(self, c: Call) -> None:
        """Multiply with the mask."""
        np.multiply(c.x[0], c.scratch[0], out=c.y)

    def derivative(self, c: Call, out: Array) -> None:
        """Give the mask."""
        np.copyto(out, c.scratch[0])
