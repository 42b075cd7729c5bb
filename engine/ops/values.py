"""Plain values: of a fixed size, not one row for each drawn row. A Constant stays as it is, a Parameter is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.initializers import CONSTANT, INITIALIZERS, VALUE, start_of
from engine.message import Message, message
from engine.ops.base import Builder, Op, Primitive, Shape, Value
from engine.ops.call import Call
from engine.setting import Setting

ROWS = Setting("rows", 1, "Rows", "How many rows it has.", minimum=1, maximum=4096)
COLUMNS = Setting("columns", 1, "Columns", "How many numbers each row has.", minimum=1, maximum=4096)

RANDOM = {name: initializer for name, initializer in INITIALIZERS.items() if initializer.variance(1, 1) > 0.0}


class Constant(Primitive):
    """A plain value of equal numbers that nothing changes."""

    name = "constant"
    label = "Constant"
    aliases = ("number",)
    category = "Data"
    summary = "A plain value of equal numbers that training does not change."
    icon = "constant"
    ports = ()
    settings = (ROWS, COLUMNS, Setting("value", 1.0, "Value", "The number that stands everywhere in it."))
    forward_formula = "y = value"
    backward_formula = "nothing to pass on"

    @property
    def value(self) -> float:
        """The number that stands everywhere in it."""
        return self.number("value")

    def caption(self) -> Message:
        """Give "0.5", or its size too where it is more than one number."""
        return _sized(message("{value:g}", value=self.value), _shape(self))

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the chosen size."""
        return _shape(self)

    def forward(self, c: Call) -> None:
        """Write the number everywhere."""
        c.y.fill(self.value)

    def backward(self, c: Call) -> None:
        """Do nothing: there are no inputs."""

    def jvp(self, c: Call) -> None:
        """Write 0: a constant does not move."""
        c.ty.fill(0.0)


class Parameter(Op):
    """A plain value that is trained."""

    name = "parameter"
    label = "Parameter"
    aliases = ("weight", "variable", "trainable")
    category = "Data"
    summary = "A plain value that is trained, with no layer around it: weights of its own, or a variable of a function."
    icon = "parameter"
    ports = ()
    settings = (
        ROWS,
        COLUMNS,
        Setting(
            "initializer",
            CONSTANT,
            "Initial values",
            "How its numbers are drawn before the first step; constant starts them all at the value.",
            choices=(CONSTANT, *RANDOM),
            choice_labels=(INITIALIZERS[CONSTANT].label, *(i.label for i in RANDOM.values())),
        ),
        VALUE,
    )
    lettered = True
    forward_formula = "y = W"
    backward_formula = "∂L/∂W = ∂L/∂y"

    def caption(self) -> Message:
        """Give "2 × 3 parameter", or "parameter" for one number."""
        return _sized(message("parameter"), _shape(self))

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Give the parameter itself; it takes no instruction."""
        return build.parameter("W", _shape(self), *start_of(self.values), is_penalized=True)


def _shape(op: Op) -> Shape:
    return Shape(int(str(op.values["columns"])), rows=int(str(op.values["rows"])))


def _sized(words: Message, shape: Shape) -> Message:
    return words if shape == Shape(1, rows=1) else message("{size} {words}", size=shape.words(), words=words)
