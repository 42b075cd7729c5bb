"""What the losses for numbers and margins compute: one number, the mean over rows. Adjoints are of that mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from engine.message import Message, message
from engine.ops.base import Port, Primitive, Shape, ShapeError
from engine.ops.call import Array, Call, Mask
from engine.setting import Setting

DELTA = Setting(
    "delta",
    1.0,
    "δ",
    "Up to this difference a row costs its square, beyond it only its size; in the target's unit.",
    positive=True,
)


def widths_differ(prediction: int, target: int) -> Message:
    """Say that prediction and target do not fit."""
    words = "prediction and target differ: {prediction} and {target} values a row"
    return message(words, prediction=prediction, target=target)


def write_means(costs: Array, c: Call) -> None:
    """Write each row's share, the mean of its costs, and the loss, the mean of the shares."""
    share = c.scratch[0]
    np.divide(np.add.reduce(costs, axis=1, keepdims=True), costs.shape[1], out=share)
    c.y[0, 0] = share.sum() / share.shape[0]


class LossPrimitive(Primitive):
    """A primitive that compares predictions with targets; its first scratch column holds each row's share."""

    ports: ClassVar[tuple[Port, ...]] = (Port("prediction", "prediction"), Port("target", "target"))

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give one number; prediction and target must have equal columns."""
        prediction, target = inputs
        if prediction != target:
            raise ShapeError(widths_differ(prediction.columns, target.columns), self.ports[0].name)
        return Shape(1, rows=1)

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for each row's share and for one number beside each prediction."""
        return (Shape(1, inputs[0].rows), inputs[0])

    def partial(self, c: Call, number: int, out: Array) -> None:
        """Write ∂L/∂(the input of this number) into `out`, after forward on the same call."""
        raise NotImplementedError

    def backward(self, c: Call) -> None:
        """Scale the partial derivatives with the loss's own adjoint."""
        for number, gx in enumerate(c.gx):
            if gx is not None:
                self.partial(c, number, gx)
                gx *= c.gy

    def jvp(self, c: Call) -> None:
        """Add up the products of partial derivatives and tangents."""
        c.ty.fill(0.0)
        for number, tx in enumerate(c.tx):
            if tx is not None:
                work = np.empty_like(tx)
                self.partial(c, number, work)
                work *= tx
                c.ty += work.sum()

    def predict(self, prediction: Array) -> Array:
        """Give the prediction in the data's own terms: probabilities for classes, values for numbers."""
        return prediction


class DifferenceError(LossPrimitive):
    """The mean over all elements of what a difference p − y costs; the second scratch keeps the differences."""

    def costs(self, d: Array) -> Array:
        """Give the cost of each difference."""
        raise NotImplementedError

    def slopes(self, d: Array, out: Array) -> None:
        """Write the derivative of each cost into `out`."""
        raise NotImplementedError

    def forward(self, c: Call) -> None:
        """Compute the differences and the mean of their costs."""
        (p, y), d = c.x, c.scratch[1]
        np.subtract(p, y, out=d)
        write_means(self.costs(d), c)

    def partial(self, c: Call, number: int, out: Array) -> None:
        """Compute the slopes / count, for the target with the other sign."""
        d = c.scratch[1]
        self.slopes(d, out)
        out *= (1.0, -1.0)[number] / d.size


class SquaredError(DifferenceError):
    """Mean over all elements of (prediction − target)²."""

    name = "squared_error"
    label = "squared error"
    forward_formula = "L = mean of (p − y)²"
    backward_formula = "∂L/∂p = 2 (p − y) / count"

    def costs(self, d: Array) -> Array:
        """Give d²."""
        return d * d

    def slopes(self, d: Array, out: Array) -> None:
        """Compute 2d."""
        np.multiply(d, 2.0, out=out)


class AbsoluteError(DifferenceError):
    """Mean over all elements of |prediction − target|. Where they are equal, the derivative is taken as 0."""

    name = "absolute_error"
    label = "absolute error"
    forward_formula = "L = mean of |p − y|"
    backward_formula = "∂L/∂p = sign(p − y) / count"

    def costs(self, d: Array) -> Array:
        """Give |d|."""
        return np.abs(d)

    def slopes(self, d: Array, out: Array) -> None:
        """Compute the sign of d."""
        np.sign(d, out=out)

    def pieces(self, c: Call) -> Mask:
        """Tell apart the two sides of the kink."""
        return np.greater(c.scratch[1], 0.0)


class HuberError(DifferenceError):
    """Squared where small, linear where large (Huber, 1964), as PyTorch's HuberLoss."""

    name = "huber_error"
    label = "Huber's error"
    settings = (DELTA,)
    forward_formula = "L = mean of ½ (p − y)² where |p − y| ≤ δ, else δ (|p − y| − ½ δ)"
    backward_formula = "∂L/∂p = (p − y, kept within −δ … δ) / count"

    def costs(self, d: Array) -> Array:
        """Give k (d − k/2) with d kept within −δ … δ as k, which is either form."""
        kept = np.clip(d, -self._delta, self._delta)
        return kept * (d - 0.5 * kept)

    def slopes(self, d: Array, out: Array) -> None:
        """Keep d within −δ … δ."""
        np.clip(d, -self._delta, self._delta, out=out)

    def pieces(self, c: Call) -> Mask:
        """Tell apart the square and both lines: where they meet, the second derivative jumps."""
        d = c.scratch[1]
        return np.stack([d > self._delta, d < -self._delta])

    @property
    def _delta(self) -> float:
        return self.number("delta")


class HingeError(LossPrimitive):
    """The hinge of support vector machines: mean over all elements of max(0, 1 − s p), with the class as s = −1 or +1.

    A target above ½ is read as +1 and one below ½ as −1, so that 0/1 and −1/+1 are both right. The second scratch keeps
    1 − s p; where that is 0, at the kink, the derivative is taken as 0.
    """

    name = "hinge_error"
    label = "hinge"
    forward_formula = "L = mean of max(0, 1 − s p),  s = +1 where y > ½, else −1"
    backward_formula = "∂L/∂p = −s / count where s p < 1, else 0"

    def forward(self, c: Call) -> None:
        """Compute the mean."""
        (p, y), short = c.x, c.scratch[1]
        np.multiply(np.sign(y - 0.5), p, out=short)
        np.subtract(1.0, short, out=short)
        write_means(np.maximum(short, 0.0), c)

    def partial(self, c: Call, number: int, out: Array) -> None:
        """Compute −s / count where the margin is not reached; what a target's class is does not change smoothly."""
        if number == 1:
            out.fill(0.0)
            return
        short = c.scratch[1]
        np.sign(c.x[1] - 0.5, out=out)
        out *= short > 0.0
        out *= -1.0 / short.size

    def pieces(self, c: Call) -> Mask:
        """Tell apart the two sides of the kink, and the classes."""
        return np.stack([c.scratch[1] > 0.0, c.x[1] > 0.5])

    def predict(self, prediction: Array) -> Array:
        """Give the scores moved to where the data's classes are: −1 becomes 0, 1 stays, the boundary is at ½."""
        return 0.5 * (prediction + 1.0)


class MeanValue(LossPrimitive):
    """The mean over all elements of any value; of one number, the number itself."""

    name = "mean_value"
    label = "mean value"
    ports = (Port("value", "value", kind="any"),)
    forward_formula = "L = mean of the value"
    backward_formula = "∂L/∂value = 1 / count"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give one number."""
        return Shape(1, rows=1)

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for each row's share."""
        return (Shape(1, inputs[0].rows),)

    def forward(self, c: Call) -> None:
        """Compute the mean."""
        write_means(c.x[0], c)

    def partial(self, c: Call, number: int, out: Array) -> None:
        """Write 1 / count."""
        out.fill(1.0 / out.size)
