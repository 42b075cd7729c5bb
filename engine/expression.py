"""Formulas such as `(1-x)**2 + 100*(y-x**2)**2`, parsed into steps. Nothing is ever evaluated as Python.

    sum      = product (("+" | "-") product)*
    product  = signed (("*" | "/") signed)*
    signed   = ("-" | "+") signed | power
    power    = atom ("**" signed)?
    atom     = number | name | function "(" sum ")" | "(" sum ")"

So `**` binds more tightly than a sign before it and takes the rightmost first, as in Python and in print.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.expression_tokens import ExpressionError, Token, tokens, unknown
from engine.message import message

MAX_LENGTH = 500
"""The most characters of a formula; as each step takes at least one, also the most steps."""
MAX_DEPTH = 50
"""The most parentheses, signs and powers inside each other."""

CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e}
FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "tanh": math.tanh,
}
OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": math.pow,
}
NEGATION = "negate"


@dataclass(frozen=True)
class Number:
    """Put a number on the stack."""

    value: float


@dataclass(frozen=True)
class Name:
    """Put what the name stands for on the stack."""

    name: str


@dataclass(frozen=True)
class Apply:
    """Take `count` values from the stack and put an operator's or function's result on it."""

    function: str
    count: int


Step = Number | Name | Apply


@dataclass(frozen=True)
class Formula:
    """A formula as steps on a stack of values, operands before their operator; what is known beforehand is computed."""

    steps: tuple[Step, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, in the order in which they first stand there."""
        return tuple(dict.fromkeys(step.name for step in self.steps if isinstance(step, Name)))


def parse(text: str) -> Formula:
    """Read a formula. Raises ExpressionError, with the column, for anything else."""
    return _Parser(text).formula()


def parse_names(text: str) -> tuple[str, ...]:
    """Read names with commas between them; there may be none. Raises ExpressionError."""
    names: list[str] = []
    for part, column in _parts(text):
        name = _Parser(part, column).name()
        if name in names:
            raise ExpressionError(message("{name} stands there twice", name=name), column)
        names.append(name)
    return tuple(names)


def parse_values(text: str) -> dict[str, float]:
    """Read values such as `x = -1.2, y = 2*pi`; there may be none. Raises ExpressionError."""
    values: dict[str, float] = {}
    for part, column in _parts(text):
        left, sign, right = part.partition("=")
        if not sign:
            raise ExpressionError(message("write a name, = and a number, with commas between them"), column)
        name = _Parser(left, column).name()
        if name in values:
            raise ExpressionError(message("{name} stands there twice", name=name), column)
        at = column + len(left) + 1
        (first, *others) = _Parser(right, at).formula().steps
        if others or not isinstance(first, Number):
            raise ExpressionError(message("{name} needs a number", name=name), at)
        values[name] = first.value
    return values


def _parts(text: str) -> list[tuple[str, int]]:
    """Split at commas; give each part and its column."""
    parts: list[tuple[str, int]] = []
    column = 1
    for part in text.split(",") if text.strip() else ():
        parts.append((part, column))
        column += len(part) + 1
    return parts


class _Parser:
    """Reads one formula or name, whose first character is at `column` of what a person wrote."""

    def __init__(self, text: str, column: int = 1) -> None:
        if len(text) > MAX_LENGTH:
            words = message("a formula has at most {count} characters", count=MAX_LENGTH)
            raise ExpressionError(words, column + MAX_LENGTH)
        self._tokens = tokens(text, column)
        self._place = 0
        self._depth = 0
        self._steps: list[Step] = []

    def formula(self) -> Formula:
        """Read all of it as a formula."""
        self._sum()
        self._finish()
        return Formula(tuple(self._steps))

    def name(self) -> str:
        """Read all of it as one name that stands for nothing yet."""
        token = self._take()
        if token.kind != "name":
            raise ExpressionError(message("a name is missing here"), token.column)
        if token.text in FUNCTIONS or token.text in CONSTANTS:
            raise ExpressionError(message("{name} has a meaning of its own already", name=token.text), token.column)
        if self._next.kind != "end":
            raise ExpressionError(message("a comma is missing before {text}", text=self._next.text), self._next.column)
        return token.text

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._tokens[self._place]
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _finish(self) -> None:
        token = self._next
        if token.kind == "end":
            return
        words = message("an operator is missing before {text}", text=token.text)
        if token.kind == "other":
            words = unknown(token.text)
        elif token.text == ")":
            words = message("there is no ( for this )")
        raise ExpressionError(words, token.column)

    def _sum(self) -> None:
        self._product()
        while self._next.text in ("+", "-"):
            sign = self._take()
            self._product()
            self._apply(sign, 2)

    def _product(self) -> None:
        self._signed()
        while self._next.text in ("*", "/"):
            sign = self._take()
            self._signed()
            self._apply(sign, 2)

    def _signed(self) -> None:
        self._descend()
        if self._next.text in ("+", "-"):
            sign = self._take()
            self._signed()
            if sign.text == "-":
                self._apply(Token("sign", NEGATION, sign.column), 1)
        else:
            self._power()
        self._depth -= 1

    def _power(self) -> None:
        self._atom()
        if self._next.text == "**":
            sign = self._take()
            self._signed()
            self._apply(sign, 2)

    def _atom(self) -> None:
        token = self._take()
        if token.kind == "number":
            self._number(float(token.text), token)
        elif token.text in FUNCTIONS:
            if self._next.text != "(":
                raise ExpressionError(message("{name} needs ( and ) after it", name=token.text), self._next.column)
            self._parenthesis(self._take())
            self._apply(token, 1)
        elif token.text in CONSTANTS:
            self._number(CONSTANTS[token.text], token)
        elif token.kind == "name":
            if self._next.text == "(":
                words = message("{name} is no function here: there are {known}", name=token.text, known=_known())
                raise ExpressionError(words, token.column)
            self._steps.append(Name(token.text))
        elif token.text == "(":
            self._parenthesis(token)
        elif token.kind == "other":
            raise ExpressionError(unknown(token.text), token.column)
        elif token.kind == "end":
            words = message("something is missing at the end") if self._steps else message("there is no formula here")
            raise ExpressionError(words, token.column)
        else:
            words = message("a number, a name or ( is missing before {text}", text=token.text)
            raise ExpressionError(words, token.column)

    def _parenthesis(self, opening: Token) -> None:
        self._sum()
        if self._next.kind == "end":
            raise ExpressionError(message("there is no ) for this ("), opening.column)
        if self._next.text != ")":
            self._finish()
        self._take()

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            words = message("more than {count} levels inside each other", count=MAX_DEPTH)
            raise ExpressionError(words, self._next.column)

    def _apply(self, token: Token, count: int) -> None:
        """Add an operation, or its result where all its operands are numbers."""
        operands = [step.value for step in self._steps[-count:] if isinstance(step, Number)]
        if len(operands) < count:
            self._steps.append(Apply(token.text, count))
            return
        del self._steps[-count:]
        try:
            self._number(_compute(token.text, operands), token)
        except (ArithmeticError, ValueError) as error:
            raise ExpressionError(message("{text} has no finite value here", text=token.text), token.column) from error

    def _number(self, value: float, token: Token) -> None:
        if not math.isfinite(value):
            raise ExpressionError(message("{text} has no finite value here", text=token.text), token.column)
        self._steps.append(Number(value))


def _compute(function: str, operands: list[float]) -> float:
    if function == NEGATION:
        return -operands[0]
    if function in FUNCTIONS:
        return FUNCTIONS[function](operands[0])
    return OPERATORS[function](operands[0], operands[1])


def _known() -> str:
    return ", ".join(FUNCTIONS)
