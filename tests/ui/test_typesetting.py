"""Formulas as rich text: indices, powers and letters of every formula that the program has."""

from __future__ import annotations

import re
from html import unescape

import pytest

from engine.ops import OPS
from engine.optimizers import OPTIMIZERS
from ui.maths.typesetting import (
    cell_text,
    formula_html,
    number_text,
    plain_formula,
    plain_number,
    weight_html,
    with_minus,
)

FORMULAS = sorted(
    {formula for op in OPS.values() for formula in (op.forward_formula, op.backward_formula) if formula}
    | {line for kind in OPTIMIZERS.values() for line in kind().formulas.split("\n")}
)


@pytest.mark.parametrize(
    ("formula", "html"),
    [
        ("u = x W", "<i>u</i> = <i>x</i> <i>W</i>"),
        ("∂L/∂W_{1,2}", "∂<i>L</i>/∂<i>W</i><sub>1,2</sub>"),
        ("1 − a²", "1 − <i>a</i><sup>2</sup>"),
        ("e⁻ᶻ", "<i>e</i><sup>−z</sup>"),
        ("e^zⱼ", "<i>e</i><sup><i>z</i><sub>j</sub></sup>"),
        ("β₁ᵗ", "<i>β</i><sub>1</sub><sup>t</sup>"),
        ("W_A", "<i>W</i><sub>A</sub>"),
        ("tanh z", "tanh <i>z</i>"),
        ("√v̂ + ε", "√<i>v̂</i> + <i>ε</i>"),
        ("a < b", "<i>a</i> &lt; <i>b</i>"),
        ("0.96^(ψ t)", "0.96<sup>(<i>ψ</i> <i>t</i>)</sup>"),
    ],
)
def test_a_formula_is_set(formula: str, html: str) -> None:
    assert formula_html(formula) == html


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_mark_of_the_plain_text_is_left_and_no_letter_is_lost(formula: str) -> None:
    html = formula_html(formula)
    text = unescape(re.sub(r"<[^>]*>", "", html))
    assert not set("^_{}₀₁₂ᵢⱼₖₜᵀᶻˣᵖᵇᵗ⁻²") & set(text)
    assert [c for c in formula if c in "=←√∂ΣΠ"] == [c for c in text if c in "=←√∂ΣΠ"]


def test_numbers_have_a_real_minus_and_settings_are_as_short_as_people_typed_them() -> None:
    assert number_text(-0.5) == "−0.5000"
    assert cell_text(-0.0000123) == "−1.2e−5"
    assert cell_text(0.0000123) == "1.2e−5"
    assert cell_text(-1.23e-13) == "−1e−13"
    assert plain_number(0.9) == "0.9"
    assert plain_number(1e-8) == "1e−08"
    assert plain_number(1 / 3) == "0.3333"
    assert with_minus("g is -0.5, step-by-step") == "g is −0.5, step-by-step"
    assert weight_html("W_<b>{1}[2,1]") == "<i>W</i><sub>&lt;b&gt;{1}</sub>[2,1]"
    assert weight_html("x_A") == "<i>x</i><sub>A</sub>"
    assert plain_formula("A_{12}") == "A₁₂"
