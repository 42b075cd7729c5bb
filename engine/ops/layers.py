"""Layers: nodes with parameters, lowered to arithmetic and an activation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from engine.initializers import INITIALIZERS, VALUE, start_of
from engine.message import Message, message
from engine.ops.base import OPS, Builder, Op, Port, Primitive, Shape, Value
from engine.ops.matrices import AddBias, Concat, MatMul
from engine.setting import Setting

ACTIVATIONS: dict[str, type[Primitive]] = {
    name: op for name, op in OPS.items() if issubclass(op, Primitive) and op.category == "Activations"
}
"""What a Dense or Neuron can end in, by name: the modules of activations are imported before this one."""

ACTIVATION = Setting(
    "activation",
    "tanh",
    "Activation",
    "The function that each unit's sum goes through.",
    choices=tuple(ACTIVATIONS),
    choice_labels=tuple(op.label for op in ACTIVATIONS.values()),
)
BIAS = Setting("bias", True, "Bias", "Whether each unit adds a number of its own.")
INITIALIZER = Setting(
    "initializer",
    "glorot-uniform",
    "Initial weights",
    "How the weights are drawn before the first step; constant starts them all at one value. Biases begin at 0.",
    choices=tuple(INITIALIZERS),
    choice_labels=tuple(i.label for i in INITIALIZERS.values()),
)


class Dense(Op):
    """A fully connected layer, a = f(xW + b) with W [in, units]."""

    name = "dense"
    label = "Dense"
    aliases: ClassVar[tuple[str, ...]] = ("fc", "linear", "fully connected", "affine", "layer")
    category = "Layers"
    summary = "A layer in which every unit sees every input: a weighted sum, a bias, an activation."
    icon = "dense"
    ports = (Port("in", "inputs", many=True),)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("units", 8, "Units", "How many neurons the layer has.", minimum=1, maximum=4096),
        ACTIVATION,
        BIAS,
        INITIALIZER,
        VALUE,
    )
    lettered = True
    forward_formula = "a = f(x W + b)"
    backward_formula = "δ = ∂L/∂a ⊙ f′,  ∂L/∂W = xᵀ δ,  ∂L/∂b = Σ δ,  ∂L/∂x = δ Wᵀ"

    @property
    def units(self) -> int:
        """The number of neurons."""
        return int(self.number("units"))

    def caption(self) -> Message:
        """Give "4 tanh"."""
        return message("{units} {activation}", units=self.units, activation=self._activation_words())

    def formulas(self) -> tuple[str, str]:
        """Give the formulas, without b where the units have none."""
        if self.values["bias"]:
            return super().formulas()
        return "a = f(x W)", "δ = ∂L/∂a ⊙ f′,  ∂L/∂W = xᵀ δ,  ∂L/∂x = δ Wᵀ"

    def _activation_words(self) -> Message:
        return message(ACTIVATIONS[str(self.values["activation"])].label)

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Emit Concat where there are several inputs, then MatMul, AddBias and the activation."""
        wires = inputs["in"]
        x = build.emit(Concat(), wires) if len(wires) > 1 else wires[0]
        shape = Shape(self.units, rows=x.shape.columns)
        weights = build.parameter("W", shape, *start_of(self.values), is_penalized=True)
        z = build.emit(MatMul(), (x, weights))
        if self.values["bias"]:
            z = build.emit(AddBias(), (z, build.parameter("b", Shape(self.units, rows=1), "zeros")))
        activation = str(self.values["activation"])
        return z if activation == "identity" else build.emit(ACTIVATIONS[activation](), (z,))


class Neuron(Dense):
    """A Dense of one unit."""

    name = "neuron"
    label = "Neuron"
    aliases = ("perceptron", "unit", "linear")
    summary = "One unit: a weighted sum of its inputs, a bias, an activation."
    icon = "neuron"
    settings = (ACTIVATION, BIAS, INITIALIZER, VALUE)

    @property
    def units(self) -> int:
        """One."""
        return 1

    def caption(self) -> Message:
        """Give "tanh neuron"."""
        return message("{activation} neuron", activation=self._activation_words())
