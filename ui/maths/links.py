"""Numbers as links: from the text of a link to the number, and to the line that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.translate import tr
from engine.arena_places import Operand
from engine.explanation_operands import Address, is_result, number_at
from engine.explanation_parts import Explanation, Focus, Line, Number
from ui.maths.typesetting import plain_formula

_NUMBER = "number:"
_LINK = re.compile(
    rf"{_NUMBER}(?:(?P<work>\d+)(?P<side>forward|backward)|(?P<block>given|update))(?P<line>\d+)"
    r":(?P<part>\d+):(?P<k>\d+):(?P<factor>\d+)"
)


@dataclass(frozen=True, eq=False)
class Linked:
    """A number with the line that it stands in and its place there."""

    line: Line
    address: Address

    @property
    def number(self) -> Number:
        """The number itself."""
        return number_at(self.line, self.address)

    @property
    def is_result(self) -> bool:
        """Whether it is what the others of its line come to."""
        return is_result(self.line, self.address)

    def hint(self) -> str:
        """Say what it is called, and what a click does."""
        name = plain_formula(self.number.name)
        if self.is_result:
            words = tr("Click to see on the canvas what it is computed from")
        else:
            words = tr("Click to see it on the canvas")
        return f"{name}\n{words}" if name else words


def number_link(key: str, address: Address) -> str:
    """Give the text of the link for a number of the line with this key."""
    return f"{_NUMBER}{key}:{address.part}:{address.k}:{address.factor}"


def is_number(link: str) -> bool:
    """Tell whether a link is for a number; the others fold and unfold sums."""
    return link.startswith(_NUMBER)


def find_number(found: Explanation, link: str) -> Linked | None:
    """Give the number that a link is for; None for other links, and where there is no such number any more."""
    match = _LINK.fullmatch(link)
    if match is None:
        return None
    lines: tuple[Line, ...]
    number = int(match["line"])
    if match["work"] is not None:
        works = found.works[int(match["work"]) :][:1]
        sides = [(work.forward_lines, work.backward_lines) for work in works]
        lines = sides[0][match["side"] == "backward"] if sides else ()
    elif match["block"] == "given":
        lines = found.inputs
    else:
        lines = () if found.update is None else found.update.lines
    if number >= len(lines):
        return None
    linked = Linked(lines[number], Address(int(match["part"]), int(match["k"]), int(match["factor"])))
    try:
        number_at(linked.line, linked.address)
    except LookupError:
        return None
    return linked


def focus_on(found: Explanation, focus: Focus, operands: Iterable[Operand]) -> Focus:
    """Give the focus moved to the first of the operands that is a weight of the node, or its g, Δw or slot."""
    shapes = {m.parameter.name: m.parameter.shape for m in found.matrices}
    for operand in operands:
        if operand.node == found.node and operand.parameter in shapes:
            source = operand.row if shapes[operand.parameter][0] > 1 else focus.source
            return Focus(focus.row, operand.column, source, operand.parameter)
    return focus
