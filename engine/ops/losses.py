"""Losses: one number for the drawn rows, the mean over rows. Adjoints are of that mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.message import message
from engine.ops.activations import Sigmoid, Softmax, sigmoid, softmax
from engine.ops.base import Array, Builder, Call, Fix, Mask, Op, Port, Primitive, Shape, ShapeError, Value
from engine.setting import Setting

TINY = 1e-12
"""Probabilities are kept this far from 0 and 1 inside a logarithm, as a rounded 0 would cost infinitely much."""


class LossPrimitive(Primitive):
    """A primitive that compares predictions with targets; its first scratch column holds each row's share."""

    ports = (Port("prediction", "prediction"), Port("target", "target"))

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give one number; prediction and target must have equal columns."""
        prediction, target = inputs
        if prediction != target:
            words = message(
                "the prediction gives {got} values a row, but the target has {need}",
                got=prediction.columns,
                need=target.columns,
            )
            raise ShapeError(words, self.ports[0].name)
        return Shape(1, rows=1)

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for each row's share and for one number beside each prediction."""
        return (Shape(1), inputs[0])

    def predict(self, prediction: Array) -> Array:
        """Give the prediction in the data's own terms: probabilities for classes, values for numbers."""
        return prediction


class Loss(Op):
    """A node that ends the graph in one number."""

    category = "Losses"
    has_output = False

    def primitive(self) -> LossPrimitive:
        """Give what computes it."""
        raise NotImplementedError

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Check that prediction and target fit, with a remedy where one click can give it, and emit the comparison."""
        (prediction,), (target,) = (inputs[port.name] for port in self.ports)
        got, need = prediction.shape.columns, target.shape.columns
        if got != need:
            words = message("the prediction gives {got} values a row, but the target has {need}", got=got, need=need)
            fix = None
            if any(setting.name == "units" for setting in prediction.owner.settings):
                fix = Fix(message("Give it {need} units", need=need), prediction.node, {"units": need})
            raise ShapeError(words, self.ports[0].name, fix)
        return build.emit(self.primitive(), (prediction, target))

    def _refuse_numbers(self, build: Builder, target: Value) -> None:
        """Raise ShapeError where a loss for classes is given targets that are numbers."""
        if build.task == "regression" and "encoding" in target.owner.values:
            words = message("cross-entropy compares classes, but this data set's targets are numbers")
            raise ShapeError(words, "target")

    def _refuse_probabilities(self, build: Builder, prediction: Value, port: str) -> None:
        """Raise ShapeError where a squashed value enters a loss that squashes by itself."""
        if isinstance(prediction.op, Sigmoid | Softmax):
            words = message(
                "{activation} has already made probabilities, but this loss expects logits and would squash them again",
                activation=prediction.op.label,
            )
            fix = None
            if "activation" in prediction.owner.values:
                fix = Fix(message("End the layer in identity"), prediction.node, {"activation": "identity"})
            elif "predictions" in self.values:
                fix = Fix(message("Read them as probabilities"), build.node, {"predictions": "probabilities"})
            raise ShapeError(words, port, fix)


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


class MeanSquaredError(Loss):
    """The mean over all elements of the squared difference."""

    name = "mean_squared_error"
    label = "Mean squared error"
    summary = "The mean of the squared differences between prediction and target; the usual loss for numbers."
    icon = "mean-squared-error"
    ports = (Port("prediction", "prediction"), Port("target", "target"))
    forward_formula = SquaredError.forward_formula
    backward_formula = SquaredError.backward_formula

    def primitive(self) -> LossPrimitive:
        """Give SquaredError."""
        return SquaredError()


class BinaryCrossEntropy(Loss):
    """Cross-entropy of 0/1 targets, from logits or from probabilities."""

    name = "binary_cross_entropy"
    label = "Binary cross-entropy"
    summary = "How surprised the network is by 0/1 targets; the usual loss for two classes."
    icon = "cross-entropy"
    ports = (Port("prediction", "prediction"), Port("target", "target"))
    settings = (
        Setting(
            "predictions",
            "logits",
            "Predictions are",
            "Logits are squashed by the loss itself, which is more exact; probabilities come from a sigmoid before it.",
            choices=("logits", "probabilities"),
            choice_labels=("logits", "probabilities"),
        ),
    )
    forward_formula = LogitCrossEntropy.forward_formula
    backward_formula = LogitCrossEntropy.backward_formula

    def caption(self) -> str:
        """Name what it reads."""
        return f"from {self.values['predictions']}"

    def primitive(self) -> LossPrimitive:
        """Give the form for what the predictions are."""
        return LogitCrossEntropy() if self.values["predictions"] == "logits" else ProbabilityCrossEntropy()

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Refuse probabilities where logits are expected, then compare."""
        self._refuse_numbers(build, inputs["target"][0])
        if self.values["predictions"] == "logits":
            self._refuse_probabilities(build, inputs["prediction"][0], "prediction")
        return super().lower(build, inputs)


class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of one-hot targets and the softmax of logits."""

    name = "softmax_cross_entropy"
    label = "Softmax cross-entropy"
    summary = "How surprised the network is by the right class; the usual loss for several classes."
    icon = "cross-entropy"
    ports = (Port("prediction", "logits"), Port("target", "target"))
    forward_formula = SoftmaxLogitCrossEntropy.forward_formula
    backward_formula = SoftmaxLogitCrossEntropy.backward_formula

    def primitive(self) -> LossPrimitive:
        """Give SoftmaxLogitCrossEntropy."""
        return SoftmaxLogitCrossEntropy()

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Refuse probabilities and a single 0/1 column, then compare."""
        self._refuse_numbers(build, inputs["target"][0])
        self._refuse_probabilities(build, inputs["prediction"][0], "prediction")
        target = inputs["target"][0]
        if target.shape.columns == 1 and "encoding" in target.owner.values:
            words = message("this loss needs one target column for each class, but gets one 0/1 column")
            raise ShapeError(words, "target", Fix(message("One column a class"), target.node, {"encoding": "one-hot"}))
        return super().lower(build, inputs)
