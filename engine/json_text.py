"""JSON text that is strict to read and pleasant to look at: the letters of our files, without their meaning."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable

from engine.message import EngineError, Message, message

MAX_DEPTH = 16
"""How many lists and objects may be inside of each other; a file of ours has eight at most."""

_WIDTH = 120
_MARGIN = "  "
_LONGEST_QUOTE = 200


class FileError(EngineError):
    """A file, or a text from one, cannot be read or written; the words give the place and the reason."""


class _Fault:
    """Stands in the parsed tree for what JSON text can say and a file may not, until its place is known."""

    def __init__(self, words: Message) -> None:
        self.words = words


def fault(place: str, words: Message) -> FileError:
    """Make the error for a place in a document: `$.graph.nodes[1].id: …`. Long quotations are cut."""
    arguments = {name: _cut(value) if isinstance(value, str) else value for name, value in words.arguments.items()}
    return FileError(message("{place}: {reason}", place=_cut(place), reason=Message(words.template, arguments)))


def parse(text: str) -> object:
    """Parse JSON text into dicts, lists, str, int, float, bool and None; all numbers are finite.

    Raises FileError, with the line and column or the place in the document, for what is not JSON and also for what
    Python's parser would let pass: a key that stands twice in an object, NaN, Infinity and numbers that overflow to it,
    whole numbers of more than 18 digits, half characters, and nesting deeper than MAX_DEPTH.
    """
    try:
        tree = json.loads(text, object_pairs_hook=_object, parse_int=_whole_number, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from error
    except RecursionError as error:
        raise FileError(_too_deep()) from error
    check(tree)
    return tree


def check(tree: object) -> None:
    """Check that a tree of dicts, lists and scalars can be JSON text. Raises FileError with the place."""
    _check(tree, "$", 0)


def write(tree: object) -> str:
    """Write a tree as indented JSON, up to 120 columns wide: what fits in one line stands in one line.

    Floats are written so that they are read back to the bit. Raises FileError as `check` does.
    """
    check(tree)
    return _written(tree, "", 0) + "\n"


def _object(pairs: list[tuple[str, object]]) -> dict[str, object] | _Fault:
    result = dict(pairs)
    if len(result) < len(pairs):
        double = Counter(key for key, _ in pairs).most_common(1)[0][0]
        return _Fault(message("the key {key} stands here twice", key=repr(double)))
    return result


def _whole_number(digits: str) -> int | _Fault:
    if len(digits.lstrip("-")) > 18:
        return _Fault(message("the whole number {digits} has more than 18 digits", digits=digits))
    return int(digits)


def _constant(name: str) -> _Fault:
    return _Fault(message("a finite number is needed, not {value}", value=name))


def _not_json(text: str, error: json.JSONDecodeError) -> FileError:
    if not text.strip():
        return FileError(message("there is nothing in it"))
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        reason = message("the text ends in the middle")
    else:
        reason = message("this is not JSON ({reason})", reason=error.msg)
    words = message("line {line}, column {column}: {reason}", line=error.lineno, column=error.colno, reason=reason)
    return FileError(words)


def _check(value: object, place: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise fault(place, _too_deep())
    if isinstance(value, _Fault):
        raise fault(place, value.words)
    if isinstance(value, float) and not math.isfinite(value):
        raise fault(place, message("a finite number is needed, not {value}", value=value))
    if isinstance(value, str):
        _check_characters(value, place)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_characters(key, place)
            _check(item, f"{place}.{key}", depth + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            # There can be millions of them, and an f-string for each would take longer than all the rest.
            if not (type(item) is float and math.isfinite(item)):
                _check(item, f"{place}[{index}]", depth + 1)


def _check_characters(text: str, place: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise fault(place, message("half a character stands in {text}", text=ascii(text))) from error


def _too_deep() -> Message:
    return message("lists or objects are nested too deeply")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


def _written(value: object, margin: str, used: int) -> str:
    """Write a value whose first line begins after the margin and `used` characters."""
    # One column is for the comma that may follow.
    line = _line(value, _WIDTH - 1 - len(margin) - used)
    if line is not None:
        return line
    if not isinstance(value, dict | list | tuple) or not value:
        return _scalar(value)
    inner = margin + _MARGIN
    if isinstance(value, dict):
        names = [_scalar(key) + ": " for key in value]
        rows = [name + _written(item, inner, len(name)) for name, item in zip(names, value.values(), strict=True)]
        return f"{{\n{inner}" + f",\n{inner}".join(rows) + f"\n{margin}}}"
    if any(isinstance(item, dict | list | tuple) for item in value):
        rows = [_written(item, inner, 0) for item in value]
    else:
        rows = _filled(map(_scalar, value), _WIDTH - 1 - len(inner))
    return f"[\n{inner}" + f",\n{inner}".join(rows) + f"\n{margin}]"


def _line(value: object, room: int) -> str | None:
    """Write a value in one line, or give None where that would take more than `room` characters."""
    if isinstance(value, dict | list | tuple):
        # Each item takes two characters at least: a list of a million weights need not be written to know.
        if 2 * len(value) > room:
            return None
        names = [_scalar(key) + ": " for key in value] if isinstance(value, dict) else [""] * len(value)
        parts: list[str] = []
        left = room
        for name, item in zip(names, value.values() if isinstance(value, dict) else value, strict=True):
            part = _line(item, left - len(name))
            if part is None:
                return None
            parts.append(name + part)
            left -= len(name) + len(part) + 2
        start, end = "{}" if isinstance(value, dict) else "[]"
        text = start + ", ".join(parts) + end
    else:
        text = _scalar(value)
    return text if len(text) <= room else None


def _scalar(value: object) -> str:
    return repr(value) if type(value) is float else json.dumps(value, ensure_ascii=False)


def _filled(words: Iterable[str], width: int) -> list[str]:
    """Put words into rows, with a comma between them, as many as fit."""
    rows: list[list[str]] = [[]]
    length = 0
    for word in words:
        if rows[-1] and length + len(word) > width:
            rows.append([])
            length = 0
        rows[-1].append(word)
        length += len(word) + 2
    return [", ".join(row) for row in rows]
