"""Lines of mathematics as rich text: numbers at a steady width, long sums folded, what is stale in grey."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from html import escape

from app.translate import format_count, tr
from engine.explanation_operands import Address, has_places
from engine.explanation_parts import COMPUTED, Column, Line, Mark, Number, Part, State, Sum
from ui.colors import Colors
from ui.maths.links import number_link
from ui.maths.typesetting import formula_html, number_text, plain_number
from ui.theme import number_font

FOLDED_TERMS = 3
FOLDED_NUMBERS = 6
MOST = 200
"""Even an unfolded sum shows no more terms: the rest stay folded."""
_NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Inks:
    """The colors of one block: of words and signs, of the result at a line's end, and of links."""

    text: str
    result: str
    dim: str
    link: str


def inks_of(mark: Mark, role: str, colors: Colors) -> Inks:
    """Give the colors for numbers of this state; stale ones are grey throughout."""
    if mark.state is State.STALE:
        return Inks(colors.dim, colors.dim, colors.dim, colors.dim)
    result = {"forward": colors.forward_text, "backward": colors.backward_text, "update": colors.update_fg}[role]
    return Inks(colors.text, result, colors.dim, colors.accent)


def missing_words(mark: Mark) -> str:
    """Say why there are no numbers."""
    return tr("not computed yet") if mark.state is State.PENDING else tr("no δ is computed here")


def stale_words(step: int) -> str:
    """Say what grey numbers belong to, as the chip of g does."""
    words = "Numbers in grey are stale: they belong to the weights after step {step}, batch {batch}."
    return tr(words, step=format_count(step), batch=format_count(step + 1))


def line_html(line: Line, key: str, unfolded: Collection[str], inks: Inks) -> str:
    """Set a line, its numbers as links; that of a folded sum is its `key`, and those in `unfolded` are in full."""
    numbers = [k for k, part in enumerate(line.parts) if isinstance(part, Number)]
    last = numbers[-1] if numbers and numbers[-1] == len(line.parts) - 1 else None
    html = []
    for k, part in enumerate(line.parts):
        before = line.parts[k - 1] if k else ""
        after = line.parts[k + 1] if k + 1 < len(line.parts) else ""
        if isinstance(part, str):
            html.append(_signs(part))
        elif isinstance(part, Number):
            ink = inks.result if k == last else inks.text
            text = _number(part, _target(line, key, Address(k)), ink, needs_brackets=_needs_brackets(before, after))
            html.append(f'<b style="color:{ink}">{text}</b>' if k == last else text)
        elif isinstance(part, Sum):
            html.append(_sum(line, k, key, unfolded, inks))
        else:
            html.append(_row(line, k, key, unfolded, inks))
    note = "" if line.note is None else f' <span style="color:{inks.dim}">— {escape(tr(line.note))}</span>'
    return _paragraph(f'<span style="color:{inks.text}">{"".join(html)}</span>{note}', margin=28, hang=14)


def formula_paragraphs(formula: str, sign: str, color: str, remark: str = "") -> str:
    """Set a formula after a sign, each of its clauses on a line of its own, with a remark after the last."""
    clauses = [f'<span style="color:{color}">{formula_html(clause)}</span>' for clause in formula.split(",  ")]
    clauses[-1] += remark
    first = f'<span style="color:{color}">{sign}</span>&ensp;{clauses[0]}'
    if not sign:
        return "".join(_paragraph(clause, margin=0, hang=0) for clause in clauses)
    return "".join([_paragraph(first, margin=16, hang=16), *(_paragraph(c, margin=16, hang=0) for c in clauses[1:])])


def words_paragraph(words: str, color: str) -> str:
    """Set a remark."""
    return _paragraph(f'<span style="color:{color}">{escape(words)}</span>', margin=0, hang=0)


def _paragraph(html: str, margin: int, hang: int) -> str:
    style = f"margin-top:1px; margin-bottom:2px; margin-left:{margin}px; text-indent:-{hang}px"
    return f'<p style="{style}">{html}</p>'


def _signs(text: str) -> str:
    """Set text between numbers; products do not break at the end of a line."""
    html = formula_html(text)
    return html.replace(" · ", f"{_NBSP}·{_NBSP}").replace("(1 − ", f"(1{_NBSP}−{_NBSP}")


def _needs_brackets(before: Part, after: Part) -> bool:
    text = before.rstrip() if isinstance(before, str) else ""
    follows = isinstance(before, str) and bool(text) and text[-1] not in "=←(["
    is_raised = isinstance(after, str) and bool(re.match(r"[⁰¹²³⁴-⁹ᵇˣᶻᵖᵗ]", after))
    return follows or is_raised


def _target(line: Line, key: str, address: Address) -> str:
    """Give the link of a number; none where the canvas has nothing to show for it."""
    return number_link(key, address) if has_places(line, address) else ""


def _number(number: Number, link: str, ink: str, *, needs_brackets: bool) -> str:
    text = plain_number(number.value) if number.place == COMPUTED else number_text(number.value)
    text = f"({text})" if needs_brackets and text.startswith("−") else text
    family = escape(number_font().families()[0])
    html = f"<span style=\"font-family:'{family}','DejaVu Sans Mono','Menlo',monospace\">{text}</span>"
    return f'<a href="{link}" style="color:{ink}; text-decoration:none">{html}</a>' if link else html


def _sum(line: Line, part: int, key: str, unfolded: Collection[str], inks: Inks) -> str:
    terms, fold = line.parts[part], f"{key}.{part}"
    assert isinstance(terms, Sum)
    count = len(terms)
    folded = count if count <= FOLDED_TERMS + 2 else FOLDED_TERMS
    shown = min(count, MOST) if fold in unfolded else folded
    html = [_term(line, terms, part, k, key, inks) for k in range(shown)]
    if shown < count:
        words = tr("… {count} more terms, together {sum}", count=count - shown, sum=number_text(terms.total(shown)))
        html.append(_link(fold, words, inks))
    elif fold in unfolded:
        html.append(_link(fold, tr("fold"), inks))
    return " + ".join(html)


def _term(line: Line, terms: Sum, part: int, k: int, key: str, inks: Inks) -> str:
    texts = [
        _number(number, _target(line, key, Address(part, k, f)), inks.text, needs_brackets=bool(f) or bool(k))
        for f, number in enumerate(terms.term(k))
    ]
    return f"{_NBSP}·{_NBSP}".join(texts)


def _row(line: Line, part: int, key: str, unfolded: Collection[str], inks: Inks) -> str:
    column, fold = line.parts[part], f"{key}.{part}"
    assert isinstance(column, Column)
    count = len(column)
    shown = min(count, MOST) if fold in unfolded or count <= FOLDED_NUMBERS + 2 else FOLDED_NUMBERS
    html = [
        _number(column.number(k), _target(line, key, Address(part, k)), inks.text, needs_brackets=False)
        for k in range(shown)
    ]
    if shown < count:
        html.append(_link(fold, tr("… {count} more", count=count - shown), inks))
    elif fold in unfolded:
        html.append(_link(fold, tr("fold"), inks))
    inside = "&ensp;".join(html)
    return f"[{inside}]" if count > 1 else inside


def _link(key: str, words: str, inks: Inks) -> str:
    return f'<a href="{key}" style="color:{inks.link}; text-decoration:none">{escape(words)}</a>'
