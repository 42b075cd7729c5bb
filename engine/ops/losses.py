"""Losses: nodes that end the graph in one number for the drawn rows."""

from __future__ import annotations

from collections.abc import Mapping

from engine.message import Message, message
from engine.ops.activations import ReLU, Sigmoid, Softmax, Tanh
from engine.ops.base import Builder, Fix, Op, Port, ShapeError, Value
from engine.ops.loss_primitives import (
    LogitCrossEntropy,
    LossPrimitive,
    ProbabilityCrossEntropy,
    SoftmaxLogitCrossEntropy,
    SquaredError,
    widths_differ,
)
from engine.setting import Setting


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
            fix = None
            if any(setting.name == "units" for setting in prediction.owner.settings):
                words = message("Set the units of {node} to {need}", node=build.title(prediction.node), need=need)
                fix = Fix(words, prediction.node, {"units": need})
            raise ShapeError(widths_differ(got, need), self.ports[0].name, fix)
        return build.emit(self.primitive(), (prediction, target))

    def _refuse_numbers(self, build: Builder, target: Value) -> None:
        """Raise ShapeError where a loss for classes is given targets that are numbers."""
        if build.task == "regression" and "encoding" in target.owner.values:
            words = message("cross-entropy compares classes, but this data set's targets are numbers")
            raise ShapeError(words, "target")

    def _check_logits(self, build: Builder, prediction: Value) -> None:
        """Raise ShapeError where probabilities come as logits; warn where an activation bounds the logits."""
        fix, activation = None, message(prediction.op.label)
        if "activation" in prediction.owner.values:
            fix = Fix(message("End the layer in identity"), prediction.node, {"activation": "identity"})
        elif "predictions" in self.values:
            fix = Fix(message("Read them as probabilities"), build.node, {"predictions": "probabilities"})
        if isinstance(prediction.op, Sigmoid | Softmax):
            words = "{activation} has made probabilities already, but this loss expects logits and squashes them itself"
            raise ShapeError(message(words, activation=activation), "prediction", fix)
        if isinstance(prediction.op, Tanh | ReLU) and "activation" in prediction.owner.values:
            words = "{activation} bounds the logits, so the loss cannot become small: they are best left as they are"
            build.warn(message(words, activation=activation), "prediction", fix)


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

    def caption(self) -> Message:
        """Name what it reads."""
        return message("from logits") if self.values["predictions"] == "logits" else message("from probabilities")

    def primitive(self) -> LossPrimitive:
        """Give the form for what the predictions are."""
        return LogitCrossEntropy() if self.values["predictions"] == "logits" else ProbabilityCrossEntropy()

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Refuse probabilities where logits are expected, then compare."""
        self._refuse_numbers(build, inputs["target"][0])
        if self.values["predictions"] == "logits":
            self._check_logits(build, inputs["prediction"][0])
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
        self._check_logits(build, inputs["prediction"][0])
        target = inputs["target"][0]
        if target.shape.columns == 1 and "encoding" in target.owner.values:
            words = message("this loss needs one target column for each class, but gets one 0/1 column")
            raise ShapeError(words, "target", Fix(message("One column a class"), target.node, {"encoding": "one-hot"}))
        return super().lower(build, inputs)
