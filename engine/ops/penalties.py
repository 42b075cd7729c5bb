"""The L1 and L2 terms of a loss: numbers that grow with the weights, added to what the data make of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.ops.base import Port, Primitive, Shape
from engine.ops.broadcasting import add_tangents
from engine.ops.call import Call, Mask
from engine.setting import Setting

PENALTIES = (
    Setting(
        "l1",
        0.0,
        "L1 penalty λ₁",
        "Adds λ₁ Σ|w| to the loss, which pulls every weight to 0 alike; small ones end up close around it.",
        minimum=0,
        maximum=1e6,
    ),
    Setting(
        "l2", 0.0, "L2 penalty λ₂", "Adds λ₂/2 Σw² to the loss, which keeps weights small.", minimum=0, maximum=1e6
    ),
)
"""What every loss lets people set. They count for weights, not for biases."""


class WeightPenalty(Primitive):
    """λ₁ Σ|w| + λ₂/2 Σw² over plain values; PyTorch's coupled weight_decay is λ₂."""

    name = "weight_penalty"
    label = "Weight penalty"
    ports = (Port("weights", "weights", many=True, kind="plain"),)
    settings = PENALTIES
    forward_formula = "P = λ₁ Σ|w| + λ₂/2 Σw²"
    backward_formula = "∂P/∂w = λ₁ sign(w) + λ₂ w"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give one number."""
        return Shape(1, rows=1)

    def macs(self, inputs: Sequence[Shape], rows: int) -> int:
        """Count one for each weight and term."""
        return sum(2 * shape.columns * (shape.rows or 1) for shape in inputs)

    def forward(self, c: Call) -> None:
        """Add up the sizes and the squares."""
        l1, l2 = self._factors()
        total = 0.0
        for w in c.x:
            if l1:
                total += l1 * float(np.abs(w).sum())
            if l2:
                total += 0.5 * l2 * float(np.vdot(w, w))
        c.y.fill(total)

    def backward(self, c: Call) -> None:
        """Scale signs and weights."""
        l1, l2 = self._factors()
        for w, gx in zip(c.x, c.gx, strict=True):
            if gx is not None:
                np.sign(w, out=gx)
                gx *= l1
                gx += l2 * w
                gx *= c.gy[0, 0]

    def jvp(self, c: Call) -> None:
        """Add up what each weight's movement makes."""
        l1, l2 = self._factors()
        moves = [(w, tx) for w, tx in zip(c.x, c.tx, strict=True) if tx is not None]
        c.ty.fill(sum(float(((l1 * np.sign(w) + l2 * w) * tx).sum()) for w, tx in moves))

    def pieces(self, c: Call) -> Mask | None:
        """Tell the signs, where |w| has its kink; without an L1 term there is none."""
        if not self._factors()[0]:
            return None
        return np.concatenate([(w > 0.0).reshape(-1) for w in c.x])

    def _factors(self) -> tuple[float, float]:
        return self.number("l1"), self.number("l2")


class TotalLoss(Primitive):
    """The loss: what the data make of it, and the penalties."""

    name = "total_loss"
    label = "Total loss"
    ports = (Port("data", "data loss", kind="plain"), Port("penalty", "penalty", kind="plain"))
    forward_formula = "L = L_data + P"
    backward_formula = "∂L/∂L_data = 1,  ∂L/∂P = 1"

    def forward(self, c: Call) -> None:
        """Add both."""
        np.add(c.x[0], c.x[1], out=c.y)

    def backward(self, c: Call) -> None:
        """Pass the adjoint on to both."""
        for gx in c.gx:
            if gx is not None:
                np.copyto(gx, c.gy)

    def jvp(self, c: Call) -> None:
        """Add both movements."""
        add_tangents(c.tx, c.ty)
