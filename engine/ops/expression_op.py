"""A node that computes a typed formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from engine.expression import NEGATION, Apply, Formula, Name, Number, parse, parse_names, parse_values
from engine.expression_tokens import ExpressionError
from engine.message import Message, message
from engine.ops.activations import Identity, Tanh
from engine.ops.activations_smooth import Sin
from engine.ops.arithmetic import Add, Divide, Multiply, Raise, Subtract
from engine.ops.base import Builder, Op, Port, Primitive, Shape, ShapeError, Value
from engine.ops.elementwise import Absolute, Cos, Exp, Log, Negate, Power, Sqrt, Square, Tan
from engine.ops.values import Constant
from engine.setting import Setting

PRIMITIVES: Mapping[str, type[Primitive]] = {
    "+": Add,
    "-": Subtract,
    "*": Multiply,
    "/": Divide,
    "**": Raise,
    NEGATION: Negate,
    "sin": Sin,
    "cos": Cos,
    "tan": Tan,
    "exp": Exp,
    "log": Log,
    "sqrt": Sqrt,
    "abs": Absolute,
    "tanh": Tanh,
}
"""What computes each operator and function of a formula."""

MAX_PARAMETERS = 16
Read = TypeVar("Read")


class Expression(Op):
    """A formula of its inputs and of parameters, lowered to the primitives that compute it, number by number."""

    name = "expression"
    label = "Expression"
    aliases = ("formula", "function")
    category = "Math"
    summary = (
        "Computes a formula, number by number. Names listed under inputs are the wires, in their order; "
        "every other name becomes a number that is trained."
    )
    icon = "function"
    ports = (Port("in", "inputs", many=True, kind="any", optional=True),)
    settings = (
        Setting(
            "formula",
            "(1-x)**2 + 100*(y-x**2)**2",
            "Formula",
            "Numbers, names, + - * / **, parentheses, sin cos tan exp log sqrt abs tanh, pi and e.",
        ),
        Setting("inputs", "", "Inputs", "The names of the wires, in their order, with commas between them: x, y."),
        Setting("start", "x=-1.2, y=1", "Start", "Where trained numbers start, as in x=-1.2, y=1; others start at 0."),
    )
    lettered = True
    forward_formula = "f(x₁, x₂, …)"
    backward_formula = "∂L/∂xₖ = ∂L/∂f · ∂f/∂xₖ, operation by operation"

    def caption(self) -> Message:
        """Give "expression": the formula itself may be long."""
        return message("expression")

    def formula(self) -> Message:
        """Give the formula as it was typed."""
        return message("f = {formula}", formula=self.values["formula"])

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Emit one primitive for each operation of the formula."""
        formula = self._read("formula", parse)
        names = self._read("inputs", parse_names)
        start = self._read("start", parse_values)
        values = dict(zip(names, _wires(inputs["in"], names), strict=True))
        trained = [name for name in formula.names if name not in values]
        if len(trained) > MAX_PARAMETERS:
            words = "the formula trains {count} numbers, and {most} are the most: name some of them under inputs"
            raise ShapeError(message(words, count=len(trained), most=MAX_PARAMETERS))
        for name in names:
            if name not in formula.names:
                build.warn(message("the formula does not use its input {name}", name=name), "in", None)
        for name in start:
            if name not in trained:
                build.warn(message("{name} has a starting value, but is not trained here", name=name), "", None)
        for name in trained:
            values[name] = build.parameter(name, Shape(1, rows=1), "zeros", mean=start.get(name, 0.0))
        return _emit(build, formula, values)

    def _read(self, setting: str, reader: Callable[[str], Read]) -> Read:
        """Read one of the settings. Raises ShapeError with the setting, the column and the reason."""
        try:
            return reader(str(self.values[setting]))
        except ExpressionError as error:
            label = next(s.label for s in self.settings if s.name == setting)
            raise ShapeError(message("{setting}, {reason}", setting=Message(label), reason=error.message)) from error


def _wires(wires: tuple[Value, ...], names: tuple[str, ...]) -> tuple[Value, ...]:
    """Give the wires where there is one for each name."""
    if len(wires) == len(names):
        return wires
    words = "{wires} wires enter, but {count} are named under inputs: {names}"
    if not names:
        words = "{wires} wires enter, but none is named under inputs"
    raise ShapeError(message(words, wires=len(wires), count=len(names), names=", ".join(names)), "in")


def _emit(build: Builder, formula: Formula, values: Mapping[str, Value]) -> Value:
    """Carry out the formula's steps on a stack of values; plain numbers become constants where they are needed."""
    stack: list[Value | float] = []
    constants: dict[float, Value] = {}

    def value_of(entry: Value | float) -> Value:
        if isinstance(entry, Value):
            return entry
        if entry not in constants:
            constants[entry] = build.emit(Constant({"value": entry}), ())
        return constants[entry]

    for step in formula.steps:
        match step:
            case Number(value):
                stack.append(value)
            case Name(name):
                stack.append(values[name])
            case Apply(function, count):
                op: Primitive
                operands = stack[-count:]
                del stack[-count:]
                if function == "**" and isinstance(exponent := operands[1], float):
                    op = Square() if exponent == 2.0 else Power({"exponent": exponent})
                    stack.append(build.emit(op, [value_of(operands[0])]))
                else:
                    op = PRIMITIVES[function]()
                    stack.append(build.emit(op, [value_of(operand) for operand in operands]))
    (result,) = stack
    # A formula that is only a name still has an instruction of its own to show.
    return build.emit(Identity(), (value_of(result),)) if len(formula.steps) == 1 else value_of(result)
