"""The gradient methods: they fill the same gradient region and change no weight.

A method works in *passes*, so that a long one can be shown, paused and stopped between passes: one backward of an
instruction for backpropagation, two nudged forward passes for a weight's finite difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.message import EngineError, Message, message
from engine.ops.base import Array
from engine.program import Program
from engine.reference import Reference
from engine.setting import Setting, SettingValue, complete


@dataclass(frozen=True)
class Cost:
    """What one gradient costs: as many forward passes, and multiply-adds."""

    forward_passes: float
    macs: int


class GradientMethod:
    """A way to compute g. Subclasses with a `name` register themselves; `name` is the one in files."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    settings: ClassVar[tuple[Setting, ...]] = ()

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        self.values: Mapping[str, SettingValue] = complete(self.settings, settings or {})

    def __init_subclass__(cls) -> None:
        """Register the subclass under its name."""
        if cls.name:
            GRADIENT_METHODS[cls.name] = cls

    def count(self, program: Program) -> int:
        """Give the number of passes."""
        raise NotImplementedError

    def run(self, executor: Reference, rows: int, number: int) -> None:
        """Run one pass, after a forward pass on the same rows."""
        raise NotImplementedError

    def compute(self, executor: Reference, rows: int) -> None:
        """Run all passes."""
        for number in range(self.count(executor.program)):
            self.run(executor, rows, number)

    def written(self, executor: Reference, rows: int, number: int) -> Sequence[Array]:
        """Give the arrays that a pass has written."""
        raise NotImplementedError

    def node(self, program: Program, number: int) -> int:
        """Give the node that a pass is about."""
        raise NotImplementedError

    def words(self, program: Program, number: int) -> Message:
        """Say in one line what a pass does."""
        raise NotImplementedError

    def phase_label(self, program: Program) -> Message:
        """Say in a few words what phase 4 is with this method."""
        raise NotImplementedError

    def cost(self, program: Program, rows: int) -> Cost:
        """Give what one gradient costs, the forward pass of phase 2 apart."""
        raise NotImplementedError


GRADIENT_METHODS: dict[str, type[GradientMethod]] = {}


class Backpropagation(GradientMethod):
    """Reverse mode: the chain rule run backwards over the instructions, each once."""

    name = "backpropagation"
    label = "Backpropagation"
    summary = "The chain rule run backwards over the graph: all of g for about two forward passes."

    def count(self, program: Program) -> int:
        """One pass an instruction that leads to a parameter."""
        return len(program.backward)

    def run(self, executor: Reference, rows: int, number: int) -> None:
        """Run the backward of one instruction."""
        executor.backward_step(rows, number)

    def compute(self, executor: Reference, rows: int) -> None:
        """Run the whole sweep."""
        executor.backward(rows)

    def written(self, executor: Reference, rows: int, number: int) -> Sequence[Array]:
        """Give the adjoints of the instruction's inputs, and with them numbers of g."""
        program, arena = executor.program, executor.arena
        step = program.backward[number]
        own = zip(step.targets, step.instruction.inputs, strict=True)
        sums = [(into, value) for into, _, value in step.sums]
        return [program.place(arena, offset, value, rows) for offset, value in (*own, *sums) if offset is not None]

    def node(self, program: Program, number: int) -> int:
        """Give the instruction's node."""
        return program.backward[number].instruction.node

    def words(self, program: Program, number: int) -> Message:
        """Name the node and the local rule."""
        instruction = program.backward[number].instruction
        return message(
            "Backward through {node}: {formula}. No weight has changed.",
            node=program.graph.node(instruction.node).words,
            formula=message(instruction.op.backward_formula),
        )

    def phase_label(self, program: Program) -> Message:
        """Name the sweep."""
        return message("Backward — computes g, changes no weight")

    def cost(self, program: Program, rows: int) -> Cost:
        """Give about two forward passes: one product for the inputs' adjoints and one for the parameters'."""
        return Cost(2.0, 2 * program.macs(rows))


class FiniteDifferences(GradientMethod):
    """Central differences: each weight is nudged up and down on a copy, g ≈ (L(w+h) − L(w−h)) / 2h."""

    name = "finite-differences"
    label = "Finite differences"
    summary = "Nudges each weight up and down and looks at the loss: no derivative, but two forward passes a weight."
    settings = (
        Setting(
            "h", 6e-6, "Nudge h", "How far a weight is nudged, relative to max(1, |w|).", positive=True, maximum=1.0
        ),
    )

    def count(self, program: Program) -> int:
        """One pass a weight."""
        return program.parameter_count

    def run(self, executor: Reference, rows: int, number: int) -> None:
        """Nudge one weight on the copy and write its number of g."""
        probe = executor.probe(refresh=number == 0)
        program, offset = executor.program, _offset(executor.program, number)
        weights = program.region(probe.arena, 0)
        kept = float(weights[offset])
        h = float(str(self.values["h"])) * max(1.0, abs(kept))
        weights[offset] = kept + h
        above = probe.forward(rows)
        weights[offset] = kept - h
        below = probe.forward(rows)
        weights[offset] = kept
        program.region(executor.arena, 1)[offset] = np.float64(above - below) / ((kept + h) - (kept - h))

    def written(self, executor: Reference, rows: int, number: int) -> Sequence[Array]:
        """Give the weight's number of g."""
        offset = _offset(executor.program, number)
        return (executor.program.region(executor.arena, 1)[offset : offset + 1],)

    def node(self, program: Program, number: int) -> int:
        """Give the nudged weight's node."""
        return _owner(program, number)[0]

    def words(self, program: Program, number: int) -> Message:
        """Name the weight."""
        return message(
            "Nudged {parameter} up and down on a copy: {done} of {count} numbers of g. No weight has changed.",
            parameter=_owner(program, number)[1],
            done=number + 1,
            count=program.parameter_count,
        )

    def phase_label(self, program: Program) -> Message:
        """Count the forward passes."""
        return message("{count} nudged forward passes — compute g, change no weight", count=2 * program.parameter_count)

    def cost(self, program: Program, rows: int) -> Cost:
        """Give two forward passes a weight."""
        passes = 2 * program.parameter_count
        return Cost(float(passes), passes * program.macs(rows))


class NoGradient(GradientMethod):
    """Computes no gradient: g stays empty."""

    name = "none"
    label = "none"
    summary = "Computes no gradient; an optimizer that needs g has nothing to use."

    def count(self, program: Program) -> int:
        """No pass."""
        return 0

    def phase_label(self, program: Program) -> Message:
        """Say that it is not called."""
        return message("not called — there is no g")

    def cost(self, program: Program, rows: int) -> Cost:
        """Give nothing."""
        return Cost(0.0, 0)


def make_gradient_method(kind: str, settings: Mapping[str, object]) -> GradientMethod:
    """Make a method by its name. Raises EngineError for an unknown one, SettingError for a value that does not fit."""
    if kind not in GRADIENT_METHODS:
        raise EngineError(message("there is no gradient method called {name}", name=repr(kind)))
    return GRADIENT_METHODS[kind](settings)


def _owner(program: Program, number: int) -> tuple[int, str]:
    for parameter in program.parameters:
        if number < parameter.size:
            row, column = divmod(number, parameter.shape[1])
            return parameter.node, f"{parameter.title}[{row + 1},{column + 1}]"
        number -= parameter.size
    raise IndexError(number)


def _offset(program: Program, number: int) -> int:
    for parameter in program.parameters:
        if number < parameter.size:
            return parameter.offset + number
        number -= parameter.size
    raise IndexError(number)
