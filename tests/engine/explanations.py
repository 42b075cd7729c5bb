"""Checking explanations: every number against the arena, and every equation against its own other side."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pytest

from engine.explanation_parts import COMPUTED, Column, Explanation, Line, Number, Sum
from engine.ops.call import Array

FUNCTIONS = {
    "tanh": math.tanh,
    "σ": lambda z: 1.0 / (1.0 + math.exp(-z)),
    "max": max,
    "log": math.log,
    "ln": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "sqrt": math.sqrt,
}
RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def lines_of(found: Explanation) -> Iterator[Line]:
    for work in found.works:
        yield from (*work.forward_lines, *work.backward_lines)
    yield from found.inputs


def numbers_of(line: Line) -> Iterator[Number]:
    for part in line.parts:
        if isinstance(part, Number):
            yield part
        elif isinstance(part, Column):
            yield from (part.number(k) for k in range(len(part)))
        elif isinstance(part, Sum):
            yield from (number for k in range(len(part)) for number in part.term(k))


def value_of(parts: list[object]) -> float | None:
    """Work out what stands between two signs of equality; None where there are symbols in it."""
    words = []
    for part in parts:
        if isinstance(part, Number):
            words.append(f"({part.value!r})")
        elif isinstance(part, Sum):
            products = [math.prod(n.value for n in part.term(k)) for k in range(len(part))]
            words.append(f"({math.fsum(products)!r})")
        elif isinstance(part, Column):
            return None
        else:
            words.append(str(part))
    text = "".join(words).replace("·", "*").replace("−", "-").replace("√", "sqrt ")
    text = RAISED.sub(lambda found: f"**{found[0].translate(LOWERED)}", text)
    names = {"nan": math.nan, "inf": math.inf, **FUNCTIONS}
    try:
        return float(eval(text, {"__builtins__": {}}, names))
    except (SyntaxError, NameError, TypeError, ZeroDivisionError, ValueError, OverflowError):
        return None


def sides_of(line: Line) -> list[float | None]:
    """Give what each side of a line's equations comes to, the name at its beginning apart."""
    sides: list[list[object]] = [[]]
    for part in line.parts:
        if isinstance(part, str):
            pieces = part.replace("←", "=").split(" = ")
            sides[-1].append(pieces[0])
            sides += [[piece] for piece in pieces[1:]]
        else:
            sides[-1].append(part)
    return [value_of(side) for side in sides[1:]]


def check_line(line: Line, arenas: tuple[Array, ...]) -> int:
    """Check the numbers, each against one of the arenas, and the equations; tell how many of these there were."""
    for number in numbers_of(line):
        if number.place != COMPUTED:
            known = [float(arena[number.place]) for arena in arenas]
            assert number.value in known or (math.isnan(number.value) and any(map(math.isnan, known))), (line, number)
    sides = [side for side in sides_of(line) if side is not None]
    scale = 1.0 + max((abs(n.value) for n in numbers_of(line)), default=0.0)
    for side in sides[:-1]:
        assert side == pytest.approx(sides[-1], rel=1e-9, abs=1e-9 * scale, nan_ok=True), line
    return max(len(sides) - 1, 0)
