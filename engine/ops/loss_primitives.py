"""What the losses compute: prediction against target, the mean over rows. Adjoints are of that mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.message import Message, message
from engine.ops.activations import sigmoid, softmax
from engine.ops.base import Array, Call, Mask, Port, Primitive, Shape, ShapeError

TINY = 1e-12
"""Probabilities are kept this far from 0 and 1 inside a logarithm, as a rounded 0 would cost infinitely much."""


def widths_differ(prediction: int, target: int) -> Message:
    """Say that prediction and target do not fit."""
    words = "prediction and target differ: {prediction} and {target} values a row"
    return message(words, prediction=prediction, target=target)


class LossPrimitive(Primitive):
    """A primitive that compares predictions with targets; its first scratch column holds each row's share."""

    ports = (Port("prediction", "prediction"), Port("target", "target"))

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give one number; prediction and target must have equal columns."""
        prediction, target = inputs
        if prediction != target:
            raise ShapeError(widths_differ(prediction.columns, target.columns), self.ports[0].name)
        return Shape(1, rows=1)

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for each row's share and for one number beside each prediction."""
        return (Shape(1), inputs[0])

    def predict(self, prediction: Array) -> Array:
        """Give the prediction in the data's own terms: probabilities for classes, values for numbers."""
        return prediction


class SquaredError(LossPrimitive):
    """Mean over all elements of (prediction − target)²."""

    name = "squared_error"
    label = "squared error"
    forward_formula = "L = mean of (p − y)²"
    backward_formula = "∂L/∂p = 2 (p − y) / count"

    def forward(self, c: Call) -> None:
        """Compute the mean square."""
        (p, y), (share, difference) = c.x, c.scratch
        np.subtract(p, y, out=difference)
        np.einsum("ij,ij->i", difference, difference, out=share[:, 0])
        share *= 1.0 / p.shape[1]
        c.y[0, 0] = share.sum() / p.shape[0]

    def backward(self, c: Call) -> None:
        """Compute 2 (p − y) / count."""
        difference = c.scratch[1]
        for gx, sign in zip(c.gx, (2.0, -2.0), strict=True):
            if gx is not None:
                np.multiply(difference, sign * c.gy[0, 0] / difference.size, out=gx)


class LogitCrossEntropy(LossPrimitive):
    """Binary cross-entropy of logits: max(z, 0) − z y + log(1 + e^−|z|), which never overflows."""

    name = "logit_cross_entropy"
    label = "cross-entropy of logits"
    forward_formula = "L = mean of log(1 + e^z) − y z"
    backward_formula = "∂L/∂z = (σ(z) − y) / count"

    def forward(self, c: Call) -> None:
        """Compute the mean; keep σ(z) for the way back."""
        (z, y), (share, probability) = c.x, c.scratch
        work = np.abs(z)
        np.negative(work, out=work)
        np.log1p(np.exp(work, out=work), out=work)
        # This difference first: it is exactly 0 for a confident right answer, whose small loss keeps its digits so.
        work += np.maximum(z, 0.0) - z * y
        np.divide(np.add.reduce(work, axis=1, keepdims=True), z.shape[1], out=share)
        c.y[0, 0] = share.sum() / z.shape[0]
        sigmoid(z, probability)

    def backward(self, c: Call) -> None:
        """Compute (σ(z) − y) / count."""
        (z, y), (_, probability) = c.x, c.scratch
        gz, gy = c.gx
        factor = c.gy[0, 0] / z.size
        if gz is not None:
            np.subtract(probability, y, out=gz)
            gz *= factor
        if gy is not None:
            np.multiply(z, -factor, out=gy)

    def predict(self, prediction: Array) -> Array:
        """Give σ(z)."""
        out = np.empty_like(prediction)
        sigmoid(prediction, out)
        return out


class ProbabilityCrossEntropy(LossPrimitive):
    """Binary cross-entropy of probabilities, kept TINY away from 0 and 1; outside, the derivative is 0."""

    name = "probability_cross_entropy"
    label = "cross-entropy of probabilities"
    forward_formula = "L = −mean of y log p + (1 − y) log(1 − p)"
    backward_formula = "∂L/∂p = (p − y) / (p (1 − p) count)"

    def forward(self, c: Call) -> None:
        """Compute the mean."""
        (p, y), (share, kept) = c.x, c.scratch
        np.clip(p, TINY, 1.0 - TINY, out=kept)
        terms = -(y * np.log(kept) + (1.0 - y) * np.log1p(-kept))
        np.divide(np.add.reduce(terms, axis=1, keepdims=True), p.shape[1], out=share)
        c.y[0, 0] = share.sum() / p.shape[0]

    def backward(self, c: Call) -> None:
        """Compute (p − y) / (p (1 − p)) / count, and 0 where p was clipped."""
        (p, y), (_, kept) = c.x, c.scratch
        gp, gy = c.gx
        factor = c.gy[0, 0] / p.size
        if gp is not None:
            np.subtract(kept, y, out=gp)
            gp /= kept * (1.0 - kept)
            gp *= factor * (kept == p)
        if gy is not None:
            np.multiply(np.log1p(-kept) - np.log(kept), factor, out=gy)

    def pieces(self, c: Call) -> Mask:
        """Tell apart probabilities that are kept and clipped ones."""
        return np.equal(c.scratch[1], c.x[0])


class SoftmaxLogitCrossEntropy(LossPrimitive):
    """Cross-entropy between one-hot targets and the softmax of logits: logsumexp(z) − Σ y z, mean over rows."""

    name = "softmax_logit_cross_entropy"
    label = "softmax and cross-entropy"
    forward_formula = "L = mean over rows of log Σⱼ e^zⱼ − Σⱼ yⱼ zⱼ"
    backward_formula = "∂L/∂z = (softmax(z) Σⱼ yⱼ − y) / rows"

    def forward(self, c: Call) -> None:
        """Compute the mean; keep softmax(z) for the way back."""
        (z, y), (share, probability) = c.x, c.scratch
        top = z.max(axis=1, keepdims=True)
        np.subtract(z, top, out=probability)
        np.einsum("ij,ij->i", y, probability, out=share[:, 0])
        np.exp(probability, out=probability)
        total = probability.sum(axis=1, keepdims=True)
        probability /= total
        np.subtract(np.log(total) * y.sum(axis=1, keepdims=True), share, out=share)
        c.y[0, 0] = share.sum() / z.shape[0]

    def backward(self, c: Call) -> None:
        """Compute (softmax(z) Σy − y) / rows."""
        (z, y), (_, probability) = c.x, c.scratch
        gz, gy = c.gx
        factor = c.gy[0, 0] / z.shape[0]
        if gz is not None:
            np.multiply(probability, y.sum(axis=1, keepdims=True), out=gz)
            gz -= y
            gz *= factor
        if gy is not None:
            top = z.max(axis=1, keepdims=True)
            log_sum = top + np.log(np.exp(z - top).sum(axis=1, keepdims=True))
            np.multiply(log_sum - z, factor, out=gy)

    def predict(self, prediction: Array) -> Array:
        """Give softmax(z)."""
        out = np.empty_like(prediction)
        softmax(prediction, out)
        return out
