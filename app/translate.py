"""The one way in which words and numbers become text for people."""

from __future__ import annotations

from collections.abc import Callable
from math import isinf, isnan
from typing import Any

from PySide6.QtCore import QCoreApplication

from engine.message import Figure, Message

CONTEXT = "BackpropLab"
"""The context of every text in the translation catalogues."""

_THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"


def tr(text: str | Message, /, **arguments: object) -> str:
    """Translate a template and fill in its arguments: `tr("Step {step}", step=12)`.

    The template itself is looked up, so it must be a constant, never an f-string. Arguments that are messages are
    translated first, whole numbers are written by `format_count` and figures by `format_number`. A plain text without
    arguments is not a template: braces in it stay as they are.
    """
    if isinstance(text, Message):
        return _filled(text.template, {**text.arguments, **arguments})
    return _filled(text, arguments) if arguments else _translated(text)


def sentence(words: Message) -> str:
    """Give a message as a sentence of its own: with a capital, unless it begins with an argument, such as a name."""
    text = tr(words)
    return text if words.template.startswith("{") else text[:1].upper() + text[1:]


def _translated(template: str) -> str:
    return QCoreApplication.translate(CONTEXT, template)


def _filled(template: str, arguments: dict[str, object]) -> str:
    words = {name: _as_argument(value) for name, value in arguments.items()}
    return _translated(template).format_map(words)


def _as_argument(value: object) -> object:
    if isinstance(value, Message):
        return tr(value)
    kind = _WRITTEN.get(type(value))
    return value if kind is None else kind(value)


class _Count(int):
    """A whole number that is written by `format_count`, unless the template says how."""

    def __format__(self, format_spec: str) -> str:
        return super().__format__(format_spec) if format_spec else format_count(self)


class _Number(float):
    """A computed number, which is written by `format_number`, unless the template says how."""

    def __format__(self, format_spec: str) -> str:
        return super().__format__(format_spec) if format_spec else format_number(self)


_WRITTEN: dict[type, Callable[[Any], object]] = {int: _Count, Figure: _Number}


def format_number(value: float, digits: int = 4, *, signed: bool = False) -> str:
    """Write a number at a steady width: `digits` + 2 characters besides its sign; `signed` shows a + as well.

    With 4 digits: 0.0458, 12.300, 123.45, 12345. What would lose more than half of its figures, or not fit, is
    written as 1.2e-05 or 4.6e+07. An exact zero is 0.0000; the rest is nan, inf and -inf. The minus is ASCII, so that a
    copied number can be pasted anywhere.
    """
    sign = "-" if value < 0 else "+" if signed and value > 0 else ""
    size = abs(value)
    if isnan(size) or isinf(size):
        return sign + ("nan" if isnan(size) else "inf")
    if size == 0 or size >= 10.0 ** -(digits // 2 + 1):
        for decimals in range(digits, -1, -1):
            text = f"{size:.{decimals}f}"
            if len(text) <= digits + 2:
                return sign + text
    return f"{sign}{size:.{max(digits - 3, 1)}e}"


def format_count(count: int) -> str:
    """Write a whole number with thin spaces between the thousands: 1 284."""
    return f"{count:,}".replace(",", _THIN_SPACE)
