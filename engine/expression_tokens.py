"""The numbers, names and signs of a formula, each with the column where it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.message import EngineError, Message, message

MAX_NAME = 40


class ExpressionError(EngineError):
    """A formula cannot be read; `column` is where, counted from 1."""

    def __init__(self, words: Message, column: int) -> None:
        super().__init__(message("column {column}: {reason}", column=column, reason=words))
        self.column = column


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
        |(?P<name>[^\W\d]\w*)
        |(?P<sign>\*\*|[-+*/()\N{MINUS SIGN}])
        |(?P<other>\S)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """A piece of a formula and the column where it begins; `kind` is "number", "name", "sign", "other" or "end"."""

    kind: str
    text: str
    column: int


def tokens(text: str, column: int = 1) -> tuple[Token, ...]:
    """Split what a person wrote, whose first character is at `column`. Raises ExpressionError for a name that is none.

    The last is the end.
    """
    return (*_found(text, column), Token("end", "", column + len(text)))


def _found(text: str, column: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        token = Token(kind, match[kind].replace("\N{MINUS SIGN}", "-"), column + match.start(kind))
        if kind == "name" and not token.text.isidentifier():
            words = message("a name has letters, digits and _ only, not as in {name}", name=token.text)
            raise ExpressionError(words, token.column)
        if kind == "name" and len(token.text) > MAX_NAME:
            raise ExpressionError(message("a name has at most {count} characters", count=MAX_NAME), token.column)
        yield token


def unknown(text: str) -> Message:
    """Say that a character has no meaning."""
    if text == "^":
        return message("a power is written **, not ^")
    return message("{text} has no meaning in a formula", text=repr(text))
