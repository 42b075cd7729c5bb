"""Words for people that can be translated: an English template and its arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    """One sentence for people. The template is the key of its translation; the arguments are filled in after."""

    template: str
    arguments: Mapping[str, object] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Hash by the template, as arguments need not be hashable."""
        return hash(self.template)

    def __str__(self) -> str:
        """Give the English sentence."""
        return self.template.format(**self.arguments)


class Figure(float):
    """A number that was computed: where people read it, it has a steady width and as many digits as serve them."""


def listed(items: Sequence[Message]) -> Message:
    """Make one message of several, with commas between them."""
    names = [f"item{number}" for number in range(len(items))]
    return Message(", ".join(f"{{{name}}}" for name in names), dict(zip(names, items, strict=True)))


def grouped(number: int) -> str:
    """Write a whole number with narrow spaces between the thousands: 1 284."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def message(template: str, /, **arguments: object) -> Message:
    """Make a message: `message("{node} has no input", node="A")`."""
    return Message(template, arguments)


class EngineError(Exception):
    """An error with words for people, in `message`."""

    def __init__(self, words: Message) -> None:
        super().__init__(str(words))
        self.message = words
