"""Formulas and numbers as rich text: letters in italics, indices and powers in their places, a real minus sign."""

from __future__ import annotations

import re
from html import escape

from app.translate import format_number

_LOW = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₜ", "0123456789+−ijkt", strict=True))
_HIGH = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵇˣᶻᵖᵗᵀ", "0123456789+−bxzptT", strict=True))
_LETTER = rf"(?![{''.join(_LOW)}{''.join(_HIGH)}])[^\W\d_]"
_TOKEN = re.compile(
    rf"(?P<low>[{''.join(_LOW)}]+)|(?P<high>[{''.join(_HIGH)}]+)"
    r"|_\{(?P<indices>[^}]*)\}|_(?P<index>\w+)"
    r"|\^(?P<raised>\([^)]*\)|[−-]?\|\w+\||[−-]?\w+)"
    rf"|(?P<word>{_LETTER}\u0302?(?:{_LETTER})*)"
)
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_UPRIGHT = set("ΣΠ")


def formula_html(formula: str) -> str:
    """Set a formula as the operations write it: ∂L/∂W_{1,2}, m̂ = m / (1 − β₁ᵗ), e^z."""
    parts, end = [], 0
    for found in _TOKEN.finditer(formula):
        parts += [escape(formula[end : found.start()]), _token_html(found)]
        end = found.end()
    return "".join(parts) + escape(formula[end:])


def weight_html(title: str) -> str:
    """Set what a weight is called, "W_A[2,1]", with its node's name as it was typed."""
    symbol, _, owner = title.partition("_")
    name, bracket, index = owner.rpartition("[")
    return f"<i>{escape(symbol)}</i><sub>{escape(name or owner)}</sub>{escape(bracket + index if bracket else '')}"


def number_text(value: float, digits: int = 4) -> str:
    """Write a number with a real minus sign."""
    return format_number(value, digits).replace("-", "−")


def short_number(value: float) -> str:
    """Write a number in as few signs as three digits take: 0.458, 1.2e−5."""
    return re.sub(r"e([−+])0", r"e\1", number_text(value, 3)).replace("e+", "e")


def cell_text(value: float) -> str:
    """Write a number into a small cell, with fewer digits where it is very small or large."""
    text = short_number(value)
    return text if len(text) <= 7 else f"{value:.0e}".replace("-", "−")


def plain_number(value: float) -> str:
    """Write a number that people have set, such as 0.9, as short as it is; any other at a steady width."""
    text = f"{value:.4g}"
    return text.replace("-", "−") if len(text) <= 6 and float(text) == value else number_text(value)


def plain_formula(formula: str) -> str:
    """Write a formula without markup: A_{3} becomes A₃."""
    return re.sub(r"_\{([\d,]*)\}", lambda found: found[1].translate(_LOWERED), formula)


def with_minus(words: str) -> str:
    """Give words with real minus signs before their numbers."""
    return re.sub(r"(?<![\w])-(?=[\d.])", "−", words)


def _token_html(found: re.Match[str]) -> str:
    kind = found.lastgroup
    text = found[kind] if kind is not None else ""
    if kind == "low":
        return f"<sub>{''.join(_LOW[letter] for letter in text)}</sub>"
    if kind == "high":
        return f"<sup>{''.join(_HIGH[letter] for letter in text)}</sup>"
    if kind in ("indices", "index"):
        return f"<sub>{escape(text)}</sub>"
    if kind == "raised":
        return f"<sup>{formula_html(text)}</sup>"
    is_letter = len(text.rstrip("\u0302")) == 1 and text not in _UPRIGHT
    return f"<i>{escape(text)}</i>" if is_letter else escape(text)
