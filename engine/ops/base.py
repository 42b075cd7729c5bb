"""What an op is: ports, shape rule, forward, backward and their formulas, in one class.

A node of the graph names an op. Compiling *lowers* the node to one or more primitives, each one instruction of the
program: a Dense becomes MatMul, AddBias and its activation; a tanh node becomes itself. Only primitives compute.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

from engine.message import EngineError, Message, message
from engine.ops.call import Array, Call, Mask
from engine.setting import Configured, SettingValue


@dataclass(frozen=True)
class Port:
    """An input of a node; a *many* port takes any number of wires, in the order in which they were drawn.

    `kind` tells what may enter: "rows", a value with one row for each drawn row, "plain", one of a fixed size, or
    "any". Nothing need be connected to an *optional* port.
    """

    name: str
    label: str
    many: bool = False
    kind: Literal["rows", "plain", "any"] = "rows"
    optional: bool = False

    def check(self, shape: Shape) -> None:
        """Raise ShapeError, with words, where a value of this shape may not enter."""
        if self.kind == "rows" and shape.rows is not None:
            words = "{port} takes a value with one row for each drawn row, but gets a plain value of {size}"
            raise ShapeError(message(words, port=message(self.label), size=shape.words()), self.name)
        if self.kind == "plain" and shape.rows is None:
            words = "{port} takes a plain value, such as a Parameter, but gets one with a row for each drawn row"
            raise ShapeError(message(words, port=message(self.label)), self.name)


@dataclass(frozen=True)
class Shape:
    """The shape of a value: [batch, columns] where `rows` is None, else plain [rows, columns]."""

    columns: int
    rows: int | None = None

    def words(self) -> Message:
        """Give the size in words: "2 × 3", or "rows × 3"."""
        if self.rows is None:
            return message("rows × {columns}", columns=self.columns)
        return message("{rows} × {columns}", rows=self.rows, columns=self.columns)


@dataclass(frozen=True)
class Value:
    """A value of the program: its number in the program, its shape, and the node that it belongs to."""

    index: int
    shape: Shape
    node: int
    name: str
    op: Op = field(compare=False)
    """What computes it: a primitive, or the node's op for data and parameters."""
    owner: Op = field(compare=False)
    """The op of the node that it belongs to."""


@dataclass(frozen=True)
class Fix:
    """A one-click remedy: settings to give to a node."""

    words: Message
    node: int
    settings: Mapping[str, SettingValue]


class ShapeError(EngineError):
    """A node's inputs do not fit it or each other; `port` is the port that the words are about."""

    def __init__(self, words: Message, port: str = "", fix: Fix | None = None) -> None:
        super().__init__(words)
        self.port = port
        self.fix = fix


class Builder(Protocol):
    """What an op may ask for while it is lowered (implemented by the compiler)."""

    node: int
    """The node that is being lowered."""
    task: str
    """What the data set asks for: "classification" or "regression"."""
    is_training: bool
    """Whether the program is for training; else for evaluation, where Dropout and Batch norm do something else."""
    rows: int
    """The most rows that are drawn at once."""

    def emit(self, op: Primitive, inputs: Sequence[Value], buffers: Sequence[Value] = ()) -> Value:
        """Append an instruction, with the buffers of this node that it works on, and give its output."""

    def parameter(
        self, name: str, shape: Shape, initializer: str, mean: float = 0.0, *, is_penalized: bool = False
    ) -> Value:
        """Make a parameter of this node; what the initializer draws lies around `mean`.

        A penalized one counts in the loss's L1 and L2 terms, as weights do and biases do not.
        """

    def penalized(self) -> tuple[Value, ...]:
        """Give the penalized parameters of all nodes that lead to this one."""

    def buffer(self, name: str, shape: Shape, start: float, least: float = -math.inf) -> Value:
        """Make a buffer of this node: state that is no weight, `start` before the first step and never below `least`.

        To be asked for in training and evaluation alike, as both share the numbers.
        """

    def features(self, columns: tuple[str, ...]) -> Value:
        """Give the chosen feature columns of the drawn rows (none chosen: all of the data set's own)."""

    def target(self, encoding: str) -> Value:
        """Give the targets of the drawn rows."""

    def title(self, node: int) -> Message:
        """Give what a node is called in sentences."""

    def warn(self, words: Message, port: str, fix: Fix | None) -> None:
        """Say that the node runs, but probably not as is meant."""


class RandomStream(Protocol):
    """Random numbers for one instruction at one step."""

    def uniform(self, count: int) -> Array:
        """Draw `count` uniform numbers in [0, 1)."""


class Op(Configured):
    """What a node can be. Subclasses with a `name` register themselves; `name` is the one in files."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    """What else people type when they look for it."""
    category: ClassVar[str] = ""
    """The palette's section; empty: not in the palette."""
    summary: ClassVar[str] = ""
    """One sentence for people: what it does."""
    icon: ClassVar[str] = ""
    ports: ClassVar[tuple[Port, ...]] = (Port("in", "input"),)
    lettered: ClassVar[bool] = False
    """Whether a node of this kind goes by a letter, as those with parameters do."""
    has_output: ClassVar[bool] = True
    forward_formula: ClassVar[str] = ""
    backward_formula: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Register the subclass under its name."""
        if cls.name:
            OPS[cls.name] = cls

    def caption(self) -> Message:
        """Give a few words on the settings, shown beside the node's letter: "4 tanh"."""
        return message(self.label)

    def formulas(self) -> tuple[str, str]:
        """Give the forward and the backward formula with these settings; empty where there is none."""
        return self.forward_formula, self.backward_formula

    def formula(self) -> Message:
        """Give the forward formula with these settings, as far as it has room on a card: its first clause."""
        return message(self.formulas()[0].partition(",  ")[0])

    def bounds(self) -> tuple[float, float]:
        """Give two numbers between which every number of the output lies, whatever the inputs."""
        return -math.inf, math.inf

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Emit this node's instructions for the values at its ports and give its output. Raises ShapeError."""
        raise NotImplementedError


class Primitive(Op):
    """An op that computes."""

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Give the output's shape. Raises ShapeError. Unless overridden: that of the first input."""
        return inputs[0]

    def scratch(self, inputs: Sequence[Shape]) -> tuple[Shape, ...]:
        """Give the shapes of the work space that forward and backward share."""
        return ()

    def forward(self, c: Call) -> None:
        """Write the output `c.y` from the inputs `c.x`."""
        raise NotImplementedError

    def backward(self, c: Call) -> None:
        """Write the adjoint of each input that somebody needs, `c.gx`, from `c.gy`, after forward on the same call."""
        raise NotImplementedError

    def jvp(self, c: Call) -> None:
        """Write the output's tangent `c.ty` from the inputs' `c.tx`, after forward on the same call.

        It is the Jacobian times the inputs' tangents. What backward reads stays as forward left it.
        """
        raise NotImplementedError

    def draw(self, c: Call, stream: RandomStream) -> None:
        """Draw what is random for the rows of a step, in phase 1, into the scratch; by default nothing is.

        Forward, backward and jvp then are functions of the arena alone, and every pass of a step sees the same draw.
        """

    def update_buffers(self, c: Call) -> None:
        """Write the new `c.buffers` from what forward left, in phase 5; by default there are none."""

    def pieces(self, c: Call) -> Mask | None:
        """Tell on which of its pieces each number lies, after forward; None for a smooth function.

        A finite difference says nothing about a derivative where its two points lie on different pieces.
        """
        return None

    def macs(self, inputs: Sequence[Shape], rows: int) -> int:
        """Give the multiply-adds of one forward: by default one for each number of the output."""
        shape = self.shape(inputs)
        return shape.columns * (rows if shape.rows is None else shape.rows)

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Emit this op itself, its inputs in the order of the ports."""
        return build.emit(self, [value for port in self.ports for value in inputs[port.name]])


class Elementwise(Primitive):
    """A function f of each number alone: its derivative serves backward and jvp alike."""

    ports = (Port("in", "input", kind="any"),)

    def derivative(self, c: Call, out: Array) -> None:
        """Write f′ at the inputs into `out`, after forward on the same call."""
        raise NotImplementedError

    def backward(self, c: Call) -> None:
        """Compute f′ ⊙ the output's adjoint."""
        gx = c.gx[0]
        if gx is not None:
            self.derivative(c, gx)
            gx *= c.gy

    def jvp(self, c: Call) -> None:
        """Compute f′ ⊙ the input's tangent."""
        tx = c.tx[0]
        if tx is None:
            c.ty.fill(0.0)
        else:
            self.derivative(c, c.ty)
            c.ty *= tx


OPS: dict[str, type[Op]] = {}


def get_op(name: str) -> type[Op]:
    """Give the op of this name. Raises EngineError."""
    if name not in OPS:
        raise EngineError(message("there is no kind of node called {name}", name=repr(name)))
    return OPS[name]
