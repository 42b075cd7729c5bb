"""Finds kinds of nodes by what people type: a part of their name, initials, or what others call them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.translate import tr
from engine.ops import OPS, Op

CATEGORIES = ("Data", "Layers", "Activations", "Math", "Losses")
"""The categories of ops that people can add, in the order in which they are listed everywhere."""


def ops_to_add() -> tuple[type[Op], ...]:
    """Give all kinds of nodes that people can add, by category."""
    return tuple(op for category in CATEGORIES for op in OPS.values() if op.category == category)


def found_ops(text: str, ops: Iterable[type[Op]]) -> list[type[Op]]:
    """Give those of the ops that match what was typed, the best first and otherwise in their order; "" is all."""
    ranks = [(rank, op) for op in ops if (rank := _rank(op, text.strip().casefold())) is not None]
    return [op for _, op in sorted(ranks, key=lambda entry: entry[0])]


def contains(op: type[Op], text: str) -> bool:
    """Tell whether what was typed stands as it is in one of the op's names or in its category."""
    wanted = text.strip().casefold()
    return any(wanted in words for words in (*_names(op), tr(op.category).casefold()))


def _names(op: type[Op]) -> tuple[str, ...]:
    return tr(op.label).casefold(), op.name.replace("_", " "), *op.aliases


def _rank(op: type[Op], text: str) -> int | None:
    """Give how well an op matches, 0 best: names, starts of its label, of words, of other names, category, letters."""
    label, *others = _names(op)
    if not text or text == label:
        return 0
    if text in others:
        return 1
    if label.startswith(text):
        return 2
    if _starts_words(label, text):
        return 3
    if any(name.startswith(text) for name in others):
        return 4
    if tr(op.category).casefold().startswith(text):
        return 5
    return 6 if len(text) > 1 and _is_subsequence(text, label) else None


def _starts_words(name: str, text: str) -> bool:
    """Tell whether the typed words, or the typed letters as initials, begin words of the name, in order."""
    words = _words(name)
    return _in_order(_words(text), words) or (len(text) > 1 and _in_order(list(text), words))


def _in_order(starts: list[str], words: list[str]) -> bool:
    rest = iter(words)
    return bool(starts) and all(any(word.startswith(start) for word in rest) for start in starts)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s_-]+", text) if word]


def _is_subsequence(text: str, name: str) -> bool:
    rest = iter(name)
    return all(letter in rest for letter in text if not letter.isspace())
