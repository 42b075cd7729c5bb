"""A g that a person types in: the optimizer does not ask where g comes from."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.executor import Batch, Executor
from engine.gradients.base import Cost, GradientMethod
from engine.message import EngineError, Message, message
from engine.ops.call import Array
from engine.program import Program
from engine.setting import Setting

_MINUS = "\N{MINUS SIGN}"
_NUMBER = re.compile(rf"[-+{_MINUS}]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+{_MINUS}]?[0-9]+)?")
_WORD = re.compile(r"[^\s,]+")
_GAP = re.compile(r"[\s;]*")


class TypedGradient(GradientMethod):
    """Takes g from a text: the same numbers at each step, whatever the weights and the loss are."""

    name = "typed"
    label = "Typed-in g"
    summary = "Takes the numbers that you type for g: the optimizer uses them as it would use any."
    settings = (
        Setting(
            "g",
            "1",
            "g",
            "One number for all of g, or one for each parameter, or all of its numbers row by row, as in "
            "W_A = 0.1 -0.2; b_A = 0.5; what is not named is 0.",
        ),
    )

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        super().__init__(settings)
        self._fitted: tuple[Program, Array | Message] | None = None

    def problem(self, program: Program) -> Message | None:
        """Say where the text does not fit the parameters."""
        found = self._for(program)
        return found if isinstance(found, Message) else None

    def count(self, program: Program) -> int:
        """One pass, which writes everything; none where the text does not fit."""
        return int(bool(program.parameters) and self.problem(program) is None)

    def run(self, executor: Executor, batch: Batch, number: int) -> None:
        """Write all of g."""
        g = self._for(executor.program)
        assert not isinstance(g, Message), "a method with a problem has no pass"
        np.copyto(executor.program.region(executor.arena, 1), g)

    def written(self, executor: Executor, batch: Batch, number: int) -> Sequence[Array]:
        """Give all of g."""
        return (executor.program.region(executor.arena, 1),)

    def words(self, program: Program, number: int, g: Array) -> Message:
        """Say where g comes from."""
        return message("Took g as it is typed in: no derivative was computed; no weight has changed")

    def phase_label(self, program: Program) -> Message:
        """Say where g comes from, or why there is none."""
        problem = self.problem(program)
        if problem is not None:
            return message("no g — {reason}", reason=problem)
        return message("g as typed in — nothing is computed, no weight changes")

    def cost(self, program: Program, rows: int) -> Cost:
        """Give nothing."""
        return Cost(0.0, 0)

    def _for(self, program: Program) -> Array | Message:
        """Give g in the layout of a program's parameters, or say why there is none."""
        if self._fitted is None or self._fitted[0] is not program:
            try:
                self._fitted = (program, _read(str(self.values["g"]), program))
            except EngineError as error:
                self._fitted = (program, error.message)
        return self._fitted[1]


def _read(text: str, program: Program) -> Array:
    """Read g, in the layout of a program's parameters. Raises EngineError where the text does not fit them."""
    g = np.zeros(program.parameter_span)
    parameters = {parameter.title: parameter for parameter in program.parameters}
    if "=" not in text:
        numbers = _numbers(text, 0, len(text))
        if len(numbers) != 1:
            words = "one number for all of g is needed, or parameters with their numbers, as in W_A = 0.1; b_A = 0.5"
            raise EngineError(message(words))
        for parameter in program.parameters:
            program.part(g, parameter).fill(numbers[0])
        return g
    named: set[str] = set()
    for title, numbers in _entries(text, tuple(parameters)):
        parameter = parameters[title]
        if title in named:
            raise EngineError(message("{parameter} stands there twice", parameter=title))
        if len(numbers) not in (1, parameter.size):
            words = "{parameter} has {size} numbers, not {count}"
            if parameter.size == 1:
                words = "{parameter} has one number, not {count}"
            raise EngineError(message(words, parameter=title, size=parameter.size, count=len(numbers)))
        named.add(title)
        program.part(g, parameter)[...] = numbers[0] if len(numbers) == 1 else np.reshape(numbers, parameter.shape)
    return g


def _entries(text: str, titles: Sequence[str]) -> Iterator[tuple[str, list[float]]]:
    """Give each entry's title and numbers. Titles are looked for, not cut out: names of nodes may hold any sign."""
    place = _after_gap(text, 0)
    while place < len(text):
        fitting = [t for t in titles if text.startswith(t, place) and text[place + len(t) :].lstrip().startswith("=")]
        if not fitting:
            raise EngineError(_misnamed(text[place : _end(text, place)], place))
        title = max(fitting, key=len)
        start = text.index("=", place + len(title)) + 1
        end = _end(text, start)
        yield title, _numbers(text, start, end)
        place = _after_gap(text, end)


def _misnamed(entry: str, place: int) -> Message:
    name, sign, _ = entry.partition("=")
    if not sign:
        words = "{text} at character {place} has no =, as in W_A = 0.1"
        return message(words, text=repr(entry.strip()), place=place + 1)
    return message("there is no parameter {name} here", name=name.strip() or repr(""))


def _numbers(text: str, start: int, end: int) -> list[float]:
    """Read the numbers of a part of the text."""
    numbers: list[float] = []
    for match in _WORD.finditer(text, start, end):
        word, place = match[0], match.start() + 1
        if not _NUMBER.fullmatch(word):
            raise EngineError(message("{text} is not a number at character {place}", text=repr(word), place=place))
        numbers.append(float(word.replace(_MINUS, "-")))
        if not math.isfinite(numbers[-1]):
            raise EngineError(message("{text} is too large at character {place}", text=repr(word), place=place))
    return numbers


def _end(text: str, start: int) -> int:
    """Give where the entry ends."""
    found = text.find(";", start)
    return len(text) if found < 0 else found


def _after_gap(text: str, place: int) -> int:
    match = _GAP.match(text, place)
    assert match is not None, "it matches anything"
    return match.end()
