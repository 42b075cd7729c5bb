"""What a number of a line was computed from: for an operand it is itself, for a result all operands of its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.arena_places import ArenaMap, Operand, merged
from engine.explanation_parts import COMPUTED, Column, Line, Number, Sum
from engine.program import Program


@dataclass(frozen=True)
class Address:
    """Where a number stands in a line: the part, within a sum or row the k-th, and of a term which factor."""

    part: int
    k: int = 0
    factor: int = 0


def number_at(line: Line, address: Address) -> Number:
    """Give the number at an address. Raises LookupError where there is none."""
    part = line.parts[address.part]
    if isinstance(part, Sum):
        return part.factors[address.factor].number(address.k)
    if isinstance(part, Column):
        return part.number(address.k)
    if isinstance(part, Number):
        return part
    raise LookupError(address)


def is_result(line: Line, address: Address) -> bool:
    """Tell whether a number is what the others of its line come to."""
    last = len(line.parts) - 1
    is_last = address.part == last and isinstance(line.parts[last], Number)
    return is_last and any(not isinstance(part, str) for part in line.parts[:last])


def places_of(line: Line, address: Address) -> tuple[int, ...]:
    """Give the places in the arena of what a number was computed from; none where nothing of it lies there."""
    return tuple(_places(line, address))


def has_places(line: Line, address: Address) -> bool:
    """Tell whether there are any, without looking further than the first."""
    return next(_places(line, address), None) is not None


def operands_of(program: Program, line: Line, address: Address) -> tuple[Operand, ...]:
    """Give the same as the canvas knows them, each once."""
    arena = ArenaMap(program)
    found = (arena.operand(place) for place in places_of(line, address))
    return merged(tuple(operand for operand in found if operand is not None))


def _places(line: Line, address: Address) -> Iterator[int]:
    number = number_at(line, address)
    is_known = False
    if is_result(line, address):
        for other in _numbers(line, len(line.parts) - 1):
            for place in _known(other):
                is_known = True
                yield place
    if not is_known:
        yield from _known(number)


def _known(number: Number) -> tuple[int, ...]:
    place = number.place if number.place != COMPUTED else number.origin
    return () if place == COMPUTED else (place,)


def _numbers(line: Line, end: int) -> Iterator[Number]:
    """Give all numbers of the parts before `end`."""
    for part in line.parts[:end]:
        if isinstance(part, Number):
            yield part
        elif isinstance(part, Column):
            yield from (part.number(k) for k in range(len(part)))
        elif isinstance(part, Sum):
            yield from (number for k in range(len(part)) for number in part.term(k))
