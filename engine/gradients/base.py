"""The gradient methods: they fill the same gradient region and change no weight.

A method works in *passes*, so that a long one can be shown, paused and stopped between passes: one backward of an
instruction for backpropagation, one sweep of tangents or two nudged forward passes for each weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from engine.executor import Batch, Executor
from engine.message import EngineError, Message, message
from engine.ops.call import Array
from engine.program import Parameter, Program
from engine.setting import Configured


@dataclass(frozen=True)
class Cost:
    """What one gradient costs: as many forward passes, and multiply-adds."""

    forward_passes: float
    macs: int


class GradientMethod(Configured):
    """A way to compute g. Subclasses with a `name` register themselves; `name` is the one in files."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    is_reverse: ClassVar[bool] = False
    """Whether its passes are those of the backward sweep, one for each of its instructions."""

    def __init_subclass__(cls) -> None:
        """Register the subclass under its name."""
        if cls.name:
            GRADIENT_METHODS[cls.name] = cls

    def problem(self, program: Program) -> Message | None:
        """Say why the method cannot compute the gradient of this program; None where it can."""
        return None

    def count(self, program: Program) -> int:
        """Give the number of passes; 0 where there is no g."""
        raise NotImplementedError

    def run(self, executor: Executor, batch: Batch, number: int) -> None:
        """Run one pass, after a forward pass on the same batch."""
        raise NotImplementedError

    def compute(self, executor: Executor, batch: Batch) -> None:
        """Run all passes."""
        for number in range(self.count(executor.program)):
            self.run(executor, batch, number)

    def written(self, executor: Executor, batch: Batch, number: int) -> Sequence[Array]:
        """Give the arrays that a pass has written."""
        raise NotImplementedError

    def node(self, program: Program, number: int) -> int | None:
        """Give the node that a pass is about; by default it is about all of them."""
        return None

    def complete(self, program: Program, done: int) -> tuple[Parameter, ...]:
        """Give the parameters whose part of g is complete after so many passes."""
        pending = {self.node(program, number) for number in range(done, self.count(program))}
        # A pass that is about no node in particular is about all weights.
        return () if None in pending else tuple(p for p in program.parameters if p.node not in pending)

    def words(self, program: Program, number: int, g: Array) -> Message:
        """Say in one line what a pass has done, after which the gradient region holds `g`."""
        raise NotImplementedError

    def phase_label(self, program: Program) -> Message:
        """Say in a few words what phase 4 is with this method."""
        raise NotImplementedError

    def cost(self, program: Program, rows: int) -> Cost:
        """Give what one gradient costs, the forward pass of phase 2 apart."""
        raise NotImplementedError


GRADIENT_METHODS: dict[str, type[GradientMethod]] = {}


def make_gradient_method(kind: str, settings: Mapping[str, object]) -> GradientMethod:
    """Make a method by its name. Raises EngineError for an unknown one, SettingError for a value that does not fit."""
    if kind not in GRADIENT_METHODS:
        raise EngineError(message("there is no gradient method called {name}", name=repr(kind)))
    return GRADIENT_METHODS[kind](settings)


def weight_at(program: Program, number: int) -> tuple[Parameter, int]:
    """Give the parameter that the weight of this number belongs to, all parameters in order, and its place in it."""
    for parameter in program.parameters:
        if number < parameter.size:
            return parameter, number
        number -= parameter.size
    raise IndexError(number)


def weight_offset(program: Program, number: int) -> int:
    """Give the place of the weight of this number in the flat regions of the parameters' layout."""
    parameter, place = weight_at(program, number)
    return parameter.offset + place


def weight_title(program: Program, number: int) -> str:
    """Give what the weight of this number is called: "W_A[1,2]", "b_A[2]"."""
    parameter, place = weight_at(program, number)
    return parameter.weight_title(*divmod(place, parameter.shape[1]))
