"""What the losses for classes compute: the cross-entropy of targets and predictions, in nats, the mean over rows."""

from __future__ import annotations

import numpy as np

from engine.ops.call import Array, Call, Mask
from engine.ops.functions import sigmoid, softmax
from engine.ops.loss_primitives import LossPrimitive, write_means

TINY = 1e-12
"""Probabilities are kept this far from 0 and 1 inside a logarithm, as a rounded 0 would cost infinitely much."""


class LogitCrossEntropy(LossPrimitive):
    """Binary cross-entropy of logits: max(z, 0) − z y + log(1 + e^−|z|), which never overflows."""

    name = "logit_cross_entropy"
    label = "cross-entropy of logits"
    forward_formula = "L = mean of log(1 + e^z) − y z"
    backward_formula = "∂L/∂z = (σ(z) − y) / count"

    def forward(self, c: Call) -> None:
        """Compute the mean; keep σ(z) for the way back."""
        z, y = c.x
        costs = np.abs(z)
        np.negative(costs, out=costs)
        np.log1p(np.exp(costs, out=costs), out=costs)
        # This difference first: it is exactly 0 for a confident right answer, whose small loss keeps its digits so.
        costs += np.maximum(z, 0.0) - z * y
        write_means(costs, c)
        sigmoid(z, c.scratch[1])

    def partial(self, c: Call, number: int, out: Array) -> None:
        """Compute (σ(z) − y) / count, or −z / count for the target."""
        z, y = c.x
        if number == 0:
            np.subtract(c.scratch[1], y, out=out)
        else:
            np.negative(z, out=out)
        out *= 1.0 / z.size

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
        (p, y), kept = c.x, c.scratch[1]
        np.clip(p, TINY, 1.0 - TINY, out=kept)
        write_means(-(y * np.log(kept) + (1.0 - y) * np.log1p(-kept)), c)

    def partial(self, c: Call, number: int, out: Array) -> None:
        """Compute (p − y) / (p (1 − p)) / count, 0 where p was clipped, or log((1 − p) / p) / count for the target."""
        (p, y), kept = c.x, c.scratch[1]
        if number == 0:
            np.subtract(kept, y, out=out)
            out /= kept * (1.0 - kept)
            out *= (kept == p) / p.size
        else:
            np.multiply(np.log1p(-kept) - np.log(kept), 1.0 / p.size, out=out)

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

    def partial(self, c: Call, number: int, out: Array) -> None:
        """Compute (softmax(z) Σy − y) / rows, or −log softmax(z) / rows for the target."""
        (z, y), probability = c.x, c.scratch[1]
        if number == 0:
            np.multiply(probability, y.sum(axis=1, keepdims=True), out=out)
            out -= y
        else:
            top = z.max(axis=1, keepdims=True)
            np.subtract(top + np.log(np.exp(z - top).sum(axis=1, keepdims=True)), z, out=out)
        out *= 1.0 / z.shape[0]

    def predict(self, prediction: Array) -> Array:
        """Give softmax(z)."""
        out = np.empty_like(prediction)
        softmax(prediction, out)
        return out
