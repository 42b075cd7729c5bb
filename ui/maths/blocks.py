"""The blocks of the Maths tab as rich text: one for each instruction of a node, and one for the update."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.translate import tr
from engine.explanation_parts import Line, Mark, Number, State, UpdateWork, Work
from engine.graph import Node
from engine.message import Message
from ui.colors import Colors
from ui.maths.lines import formula_paragraphs, inks_of, line_html, missing_words, words_paragraph
from ui.maths.typesetting import formula_html, number_text, weight_html, with_minus


class Block(QLabel):
    """Rich text in which sums are unfolded by their links, and numbers are links. It is set anew only when it changes.

    `link_chosen(link)`: one was clicked; `link_hovered(link)`: the mouse is over one, or with "" over none.
    """

    link_chosen = Signal(str)
    link_hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.linkActivated.connect(self.link_chosen)
        self.linkHovered.connect(self.link_hovered)

    def show_html(self, html: str) -> None:
        """Show a text."""
        if html != self.text():
            self.setText(html)


def work_html(work: Work, number: int, unfolded: Collection[str], colors: Colors) -> str:
    """Set an instruction: both formulas, each with its numbers below it."""
    label = escape(tr(work.label))
    if work.is_active:
        ink = colors.backward_text if work.backward.is_known else colors.forward_text
        label += f' <span style="color:{ink}; font-weight:400">— {escape(tr("the last micro-step"))}</span>'
    parts = [_heading(f"{number + 1}", label, colors)]
    sides = (
        ("forward", "▶", work.forward_formula, work.forward, work.forward_lines, colors.forward_text),
        ("backward", "◀", work.backward_formula, work.backward, work.backward_lines, colors.backward_text),
    )
    for role, sign, formula, mark, lines, color in sides:
        remark = "" if mark.is_known else _remark(missing_words(mark), colors)
        parts.append(formula_paragraphs(tr(formula), sign, color, remark))
        parts += _lines(lines, mark, role, f"{number}{role}", unfolded, colors)
    return "".join(parts)


def formulas_html(node: Node, colors: Colors) -> str:
    """Set the formulas of a node as it stands in the graph."""
    forward, backward = node.build().formulas()
    before = formula_paragraphs(tr(forward), "▶", colors.forward_text) if forward else ""
    return before + (formula_paragraphs(tr(backward), "◀", colors.backward_text) if backward else "")


def given_html(lines: Sequence[Line], mark: Mark, unfolded: Collection[str], colors: Colors) -> str:
    """Set what a node gives that computes nothing: the drawn rows."""
    if not mark.is_known:
        return words_paragraph(missing_words(mark), colors.dim)
    return "".join(_lines(lines, mark, "forward", "given", unfolded, colors))


def update_html(update: UpdateWork, trials: Sequence[Message], unfolded: Collection[str], colors: Colors) -> str:
    """Set the update of one weight: the optimizer's lines, what it keeps, and why the weight moved."""
    title = escape(tr("{optimizer}, for", optimizer=tr(update.label)))
    parts = [_heading("Δ", f"{title} {weight_html(update.title)}", colors)]
    is_pending = update.mark.state is State.PENDING
    for number, formula in enumerate(update.formulas):
        is_last = number == len(update.formulas) - 1
        remark = _remark(tr("in phase 5"), colors) if is_pending and is_last else ""
        parts.append(formula_paragraphs(tr(formula), "", colors.update_fg, remark))
    parts += _lines(update.lines, update.mark, "update", "update", unfolded, colors)
    parts += [_slot_line(slot.name, slot.before, slot.after, colors) for slot in update.slots]
    if update.reasons or trials:
        parts.append(_subheading(tr("Why did this weight move?"), colors))
        parts += [words_paragraph(with_minus(tr(words)), colors.text) for words in (*update.reasons, *trials)]
    return "".join(parts)


def _lines(
    lines: Sequence[Line], mark: Mark, role: str, key: str, unfolded: Collection[str], colors: Colors
) -> list[str]:
    return [line_html(line, f"{key}{k}", unfolded, inks_of(mark, role, colors)) for k, line in enumerate(lines)]


def _remark(words: str, colors: Colors) -> str:
    return f' <span style="color:{colors.dim}">— {escape(words)}</span>'


def _slot_line(name: str, before: Number | None, after: Number | None, colors: Colors) -> str:
    texts = [number_text(n.value) for n in (before, after) if n is not None]
    words = " → ".join(texts)
    if before is None:
        words = tr("{value} after the update", value=words)
    elif after is None:
        words = tr("{value} from the step before", value=words)
    return f'<p style="margin:1px 0 1px 22px; color:{colors.text}">{formula_html(name)} = {escape(words)}</p>'


def _heading(mark: str, title: str, colors: Colors) -> str:
    style = f"margin-top:6px; margin-bottom:2px; color:{colors.dim}"
    return f'<p style="{style}">{escape(mark)}&ensp;<b style="color:{colors.text}">{title}</b></p>'


def _subheading(words: str, colors: Colors) -> str:
    return f'<p style="margin-top:8px; margin-bottom:2px"><b style="color:{colors.text}">{escape(words)}</b></p>'
