"""Losses: nodes that end the graph in one number for the drawn rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from engine.message import Message, message
from engine.ops.activations import Sigmoid
from engine.ops.activations_smooth import Softmax
from engine.ops.base import Builder, Fix, Op, Port, ShapeError, Value
from engine.ops.cross_entropies import LogitCrossEntropy, ProbabilityCrossEntropy, SoftmaxLogitCrossEntropy
from engine.ops.loss_primitives import (
    DELTA,
    AbsoluteError,
    HingeError,
    HuberError,
    LossPrimitive,
    MeanValue,
    SquaredError,
    widths_differ,
)
from engine.ops.penalties import PENALTIES, TotalLoss, WeightPenalty
from engine.setting import Setting


class Loss(Op):
    """A node that ends the graph in one number."""

    category = "Losses"
    ports: ClassVar[tuple[Port, ...]] = (Port("prediction", "prediction"), Port("target", "target"))
    settings: ClassVar[tuple[Setting, ...]] = PENALTIES
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
        return self._with_penalty(build, build.emit(self.primitive(), (prediction, target)))

    def _with_penalty(self, build: Builder, data_loss: Value) -> Value:
        """Add the L1 and L2 terms, where they are set and there are weights that they count for."""
        penalties = {setting.name: self.values[setting.name] for setting in PENALTIES}
        weights = build.penalized()
        if not weights or not any(penalties.values()):
            return data_loss
        return build.emit(TotalLoss(), (data_loss, build.emit(WeightPenalty(penalties), weights)))

    def _refuse_numbers(self, build: Builder, target: Value) -> None:
        """Raise ShapeError where a loss for classes is given targets that are numbers."""
        if build.task == "regression" and "encoding" in target.owner.values:
            words = message("cross-entropy compares classes, but this data set's targets are numbers")
            raise ShapeError(words, "target")

    def _identity_fix(self, prediction: Value) -> Fix | None:
        if "activation" not in prediction.owner.values:
            return None
        return Fix(message("End the layer in identity"), prediction.node, {"activation": "identity"})

    def _check_logits(self, build: Builder, prediction: Value) -> None:
        """Raise ShapeError where probabilities come as logits; warn where an activation bounds the logits."""
        fix, activation = self._identity_fix(prediction), message(prediction.op.label)
        if fix is None and "predictions" in self.values:
            fix = Fix(message("Read them as probabilities"), build.node, {"predictions": "probabilities"})
        if isinstance(prediction.op, Sigmoid | Softmax):
            words = "{activation} has made probabilities already, but this loss expects logits and squashes them itself"
            raise ShapeError(message(words, activation=activation), "prediction", fix)
        if prediction.op.bounds() != (-math.inf, math.inf) and "activation" in prediction.owner.values:
            words = "{activation} bounds the logits, so the loss cannot become small: they are best left as they are"
            build.warn(message(words, activation=activation), "prediction", fix)


class MeanSquaredError(Loss):
    """The mean over all elements of the squared difference."""

    name = "mean_squared_error"
    label = "Mean squared error"
    aliases = ("mse", "l2", "quadratic")
    summary = (
        "The mean of the squared differences between prediction and target, in the target's unit squared; "
        "the usual loss for numbers."
    )
    icon = "mean-squared-error"
    forward_formula = SquaredError.forward_formula
    backward_formula = SquaredError.backward_formula

    def primitive(self) -> LossPrimitive:
        """Give SquaredError."""
        return SquaredError()


class MeanAbsoluteError(Loss):
    """The mean over all elements of the size of the difference."""

    name = "mean_absolute_error"
    label = "Mean absolute error"
    aliases = ("mae", "l1")
    summary = (
        "The mean size of the differences between prediction and target, in the target's unit; "
        "rows far off count less than with squares."
    )
    icon = "mean-absolute-error"
    forward_formula = AbsoluteError.forward_formula
    backward_formula = AbsoluteError.backward_formula

    def primitive(self) -> LossPrimitive:
        """Give AbsoluteError."""
        return AbsoluteError()


class Huber(Loss):
    """Squared differences where they are small, their sizes where they are large."""

    name = "huber"
    label = "Huber loss"
    aliases = ("smooth l1",)
    summary = (
        "Half the squared difference where it is small, in the target's unit squared, and its size times δ beyond, "
        "so that rows far off do not rule."
    )
    icon = "huber"
    settings = (DELTA, *PENALTIES)
    forward_formula = HuberError.forward_formula
    backward_formula = HuberError.backward_formula

    def caption(self) -> Message:
        """Give δ."""
        return message("δ = {delta:g}", delta=self.values["delta"])

    def primitive(self) -> LossPrimitive:
        """Give HuberError."""
        return HuberError({DELTA.name: self.values[DELTA.name]})


class BinaryCrossEntropy(Loss):
    """Cross-entropy of 0/1 targets, from logits or from probabilities."""

    name = "binary_cross_entropy"
    label = "Binary cross-entropy"
    aliases = ("bce", "log loss", "logistic loss")
    summary = "How surprised the network is by 0/1 targets, in nats; the usual loss for two classes."
    icon = "cross-entropy"
    settings = (
        Setting(
            "predictions",
            "logits",
            "Predictions are",
            "Logits are squashed by the loss itself, which is more exact; probabilities come from a sigmoid before it.",
            choices=("logits", "probabilities"),
            choice_labels=("logits", "probabilities"),
        ),
        *PENALTIES,
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
    aliases = ("cross entropy", "ce", "nll")
    summary = "How surprised the network is by the right class, in nats; the usual loss for several classes."
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


class Hinge(Loss):
    """The hinge loss of scores for classes −1 and +1."""

    name = "hinge"
    label = "Hinge loss"
    aliases = ("svm",)
    summary = (
        "How far each score is from the right side with a margin of 1; the loss of support vector machines. "
        "A target above ½ is the class +1, any other −1, so both 0/1 and −1/+1 will do."
    )
    icon = "hinge"
    ports = (Port("prediction", "scores"), Port("target", "target"))
    forward_formula = HingeError.forward_formula
    backward_formula = HingeError.backward_formula

    def primitive(self) -> LossPrimitive:
        """Give HingeError."""
        return HingeError()

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Warn where targets are numbers and where scores cannot reach −1 or +1, then compare."""
        (prediction,), (target,) = inputs["prediction"], inputs["target"]
        if build.task == "regression" and "encoding" in target.owner.values:
            words = "the hinge compares classes, but these targets are numbers: those above ½ count as +1, others as −1"
            build.warn(message(words), "target", None)
        low, high = prediction.op.bounds()
        if low > -1.0 or high < 1.0:
            words = "{activation} cannot give both −1 and +1, so some scores never reach the margin"
            activation = message(prediction.op.label)
            build.warn(message(words, activation=activation), "prediction", self._identity_fix(prediction))
        return super().lower(build, inputs)


class Objective(Loss):
    """Makes any value the thing to minimize: a function's value needs no target, and no data set."""

    name = "objective"
    label = "Objective"
    aliases = ("minimize", "goal", "loss")
    summary = "Minimizes any value: one number as it is, several by their mean. Needs no target."
    icon = "objective"
    ports = MeanValue.ports
    forward_formula = MeanValue.forward_formula
    backward_formula = MeanValue.backward_formula

    def primitive(self) -> LossPrimitive:
        """Give MeanValue."""
        return MeanValue()

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Emit the mean, and the penalties."""
        return self._with_penalty(build, build.emit(self.primitive(), inputs["value"]))
