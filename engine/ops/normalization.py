"""Batch norm and layer norm: numbers brought to mean 0 and variance 1, then to a trained gain and shift.

z = (x − mean) / √(variance + ε) over the rows of each column, or over the columns of each row, with the variance that
divides by the count. The Jacobian of z is symmetric, (v − mean v − z mean(v z)) / √(variance + ε) for a direction v,
so that backward and jvp are one function.

Sources: Ioffe & Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
shift", 2015; Ba, Kiros & Hinton, "Layer normalization", 2016. ε and the momentum are as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from engine.message import Message, message
from engine.ops.arithmetic import Add, Multiply
from engine.ops.base import Builder, Elementwise, Op, Port, Primitive, Shape, Value
from engine.ops.call import Array, Call
from engine.setting import Setting

EPSILON = Setting(
    "epsilon",
    1e-5,
    "ε",
    "Is added to the variance, so that equal numbers can be divided too.",
    positive=True,
    maximum=1,
)
MOMENTUM = Setting(
    "momentum",
    0.1,
    "Momentum m",
    "The share of each new batch in the running statistics: running ← (1 − m) running + m batch.",
    minimum=0.0,
    maximum=1.0,
)
ROWS = (Port("in", "input"),)


class Standardization(Primitive):
    """z along one axis; the scratch holds mean, variance and 1/√(variance + ε)."""

    settings: ClassVar[tuple[Setting, ...]] = (EPSILON,)
    axis: ClassVar[int]
    """What is put together: 0, the rows of each column; 1, the columns of each row."""

    def statistic(self, x: Shape) -> Shape:
        """Give the shape of a mean."""
        raise NotImplementedError

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Ask for mean, variance and the factor."""
        return (self.statistic(inputs[0]),) * 3

    def macs(self, inputs: Sequence[Shape], rows: int) -> int:
        """Give three for each number: for the mean, for the variance and for z."""
        return 3 * super().macs(inputs, rows)

    def forward(self, c: Call) -> None:
        """Compute z; the variance comes of the differences from the mean, so that no digits are lost."""
        mean, variance, factor = c.scratch
        np.mean(c.x[0], axis=self.axis, keepdims=True, out=mean)
        np.subtract(c.x[0], mean, out=c.y)
        np.mean(c.y * c.y, axis=self.axis, keepdims=True, out=variance)
        np.add(variance, self.number("epsilon"), out=factor)
        np.sqrt(factor, out=factor)
        np.reciprocal(factor, out=factor)
        c.y *= factor

    def backward(self, c: Call) -> None:
        """Multiply the Jacobian with the output's adjoint."""
        if c.gx[0] is not None:
            self._multiply(c, c.gy, c.gx[0])

    def jvp(self, c: Call) -> None:
        """Multiply the Jacobian with the input's tangent."""
        if c.tx[0] is None:
            c.ty.fill(0.0)
        else:
            self._multiply(c, c.tx[0], c.ty)

    def _multiply(self, c: Call, v: Array, out: Array) -> None:
        """Write (v − mean v − z mean(v z)) times the factor; of a single number that is exactly 0."""
        np.multiply(v, c.y, out=out)
        np.multiply(c.y, out.mean(axis=self.axis, keepdims=True), out=out)
        np.subtract(v, out, out=out)
        out -= v.mean(axis=self.axis, keepdims=True)
        out *= c.scratch[2]


class StandardizeColumns(Standardization):
    """z of each column over the rows of the batch, with running statistics of it in the buffers."""

    name = "standardize_columns"
    label = "Standardize columns"
    ports = ROWS
    settings = (EPSILON, MOMENTUM)
    axis = 0
    forward_formula = "z = (x − μ) / √(σ² + ε),  μ, σ² over the batch"
    backward_formula = "∂L/∂x = (δ − mean δ − z mean(δ z)) / √(σ² + ε),  δ = ∂L/∂z"

    def statistic(self, x: Shape) -> Shape:
        """Give one row."""
        return Shape(x.columns, rows=1)

    def update_buffers(self, c: Call) -> None:
        """Move running mean and variance toward those of the batch, the variance by the one that divides by n − 1.

        One row says nothing about the variance, which then stays.
        """
        momentum, rows = self.number("momentum"), len(c.x[0])
        (mean, variance, _), (running_mean, running_variance) = c.scratch, c.buffers
        running_mean *= 1.0 - momentum
        running_mean += momentum * mean
        if rows > 1:
            running_variance *= 1.0 - momentum
            running_variance += momentum * rows / (rows - 1) * variance


class StandardizeByRunning(Elementwise):
    """z of each column by its running mean and variance, the buffers."""

    name = "standardize_by_running"
    label = "Standardize by running statistics"
    ports = ROWS
    settings = (EPSILON,)
    forward_formula = "z = (x − running mean) / √(running variance + ε)"
    backward_formula = "∂L/∂x = ∂L/∂z / √(running variance + ε)"

    def forward(self, c: Call) -> None:
        """Subtract the running mean and scale."""
        np.subtract(c.x[0], c.buffers[0], out=c.y)
        c.y *= self._factor(c)

    def derivative(self, c: Call, out: Array) -> None:
        """Give the scale."""
        np.copyto(out, self._factor(c))

    def _factor(self, c: Call) -> Array:
        factor: Array = 1.0 / np.sqrt(c.buffers[1] + self.number("epsilon"))
        return factor


class StandardizeRows(Standardization):
    """z of each row over its columns."""

    name = "standardize_rows"
    label = "Standardize rows"
    ports = (Port("in", "input", kind="any"),)
    axis = 1
    forward_formula = "z = (x − μ) / √(σ² + ε),  μ, σ² over the row"
    backward_formula = "∂L/∂x = (δ − mean δ − z mean(δ z)) / √(σ² + ε),  δ = ∂L/∂z"

    def statistic(self, x: Shape) -> Shape:
        """Give one column."""
        return Shape(1, rows=x.rows)


class Normalization(Op):
    """A node that standardizes, and multiplies with a gain and adds a shift of each column's own."""

    category = "Layers"
    lettered = True

    def caption(self) -> Message:
        """Give its kind."""
        return message(self.label)

    def standardized(self, build: Builder, x: Value) -> Value:
        """Emit z."""
        raise NotImplementedError

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Emit z, the product with the gain and the sum with the shift."""
        standardized = self.standardized(build, inputs["in"][0])
        row = Shape(standardized.shape.columns, rows=1)
        scaled = build.emit(Multiply(), (standardized, build.parameter("gain", row, "zeros", 1.0)))
        return build.emit(Add(), (scaled, build.parameter("shift", row, "zeros")))

    def _made(self, kind: type[Primitive]) -> Primitive:
        return kind({setting.name: self.values[setting.name] for setting in kind.settings})


class BatchNorm(Normalization):
    """Each column to mean 0 and variance 1 over the batch, in evaluation by running statistics."""

    name = "batch_norm"
    label = "Batch norm"
    aliases = ("bn", "batchnorm")
    summary = (
        "Brings each column of the batch to mean 0 and variance 1, then to a trained gain and shift. In evaluation it "
        "goes by the running mean and variance that training has left, so that rows do not depend on each other."
    )
    icon = "batch-norm"
    ports = ROWS
    settings = (EPSILON, MOMENTUM)
    forward_formula = "y = gain ⊙ z + shift,  z = (x − μ) / √(σ² + ε),  μ, σ² of each column"
    backward_formula = (
        "∂L/∂gain = Σ ∂L/∂y ⊙ z,  ∂L/∂shift = Σ ∂L/∂y,  "
        "∂L/∂x = (δ − mean δ − z mean(δ z)) / √(σ² + ε),  δ = gain ⊙ ∂L/∂y"
    )

    def standardized(self, build: Builder, x: Value) -> Value:
        """Emit z by the batch in training and by the buffers in evaluation; warn of batches of one row."""
        row = Shape(x.shape.columns, rows=1)
        buffers = build.buffer("running_mean", row, 0.0), build.buffer("running_variance", row, 1.0, least=0.0)
        if build.is_training and build.rows == 1:
            words = "in a batch of one row every number is its column's mean, so only the shift is left of the input"
            build.warn(message(words), "in", None)
        return build.emit(self._made(StandardizeColumns if build.is_training else StandardizeByRunning), (x,), buffers)


class LayerNorm(Normalization):
    """Each row to mean 0 and variance 1 over its columns, in training and evaluation alike."""

    name = "layer_norm"
    label = "Layer norm"
    aliases = ("ln", "layernorm")
    summary = (
        "Brings each row to mean 0 and variance 1 over its columns, then to a trained gain and shift for each column. "
        "Rows do not depend on each other, so it does the same in training and in evaluation."
    )
    icon = "layer-norm"
    ports = StandardizeRows.ports
    settings = (EPSILON,)
    forward_formula = "y = gain ⊙ z + shift,  z = (x − μ) / √(σ² + ε),  μ, σ² of each row"
    backward_formula = BatchNorm.backward_formula

    def standardized(self, build: Builder, x: Value) -> Value:
        """Emit z; warn of rows of one number."""
        if x.shape.columns == 1:
            words = "in a row of one number that number is the mean, so only the shift is left of the input"
            build.warn(message(words), "in", None)
        return build.emit(self._made(StandardizeRows), (x,))
