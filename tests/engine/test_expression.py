"""Formulas: read as Python would read them, computed to the same numbers, and refused with the place and the reason."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expression import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    OPERATORS,
    Apply,
    Formula,
    Name,
    Number,
    parse,
    parse_names,
    parse_values,
)
from engine.expression_tokens import ExpressionError


def compute(formula: Formula, values: Mapping[str, float]) -> float:
    """Carry out the steps of a formula on plain numbers."""
    stack: list[float] = []
    for step in formula.steps:
        match step:
            case Number(value):
                stack.append(value)
            case Name(name):
                stack.append(values[name])
            case Apply(function, count):
                operands = stack[-count:]
                del stack[-count:]
                if function in OPERATORS:
                    stack.append(OPERATORS[function](operands[0], operands[1]))
                else:
                    stack.append(FUNCTIONS[function](operands[0]) if function in FUNCTIONS else -operands[0])
    (result,) = stack
    return result


def python(text: str, values: Mapping[str, float]) -> float | complex:
    """Compute what Python makes of the same text."""
    known = {name: getattr(math, name) for name in FUNCTIONS if name != "abs"}
    result: float | complex = eval(text, {"__builtins__": {}, "abs": abs, "pi": math.pi, "e": math.e, **known}, values)
    return result


NAMES = st.sampled_from(("x", "y", "alpha", "x_1", "θ"))
VALUES = st.fixed_dictionaries({name: st.floats(-3.0, 3.0) for name in ("x", "y", "alpha", "x_1", "θ")})
SPACES = st.sampled_from(("", " ", "  "))
NUMBERS = st.sampled_from(("0", "1", "2", "10", "0.5", ".25", "3.", "1e2", "2.5E-1", "1e+1", "pi", "e"))


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, SPACES, st.sampled_from(tuple(OPERATORS)), SPACES, inner).map("".join),
        st.tuples(st.sampled_from(("-", "+", "- ")), inner).map("".join),
        st.tuples(SPACES, inner, SPACES).map(lambda parts: f"({''.join(parts)})"),
        st.tuples(st.sampled_from(tuple(FUNCTIONS)), SPACES, inner).map(lambda p: f"{p[0]}{p[1]}({p[2]})"),
    )


FORMULAS = st.recursive(NAMES | NUMBERS, _compound, max_leaves=15)


@given(FORMULAS, VALUES)
def test_a_formula_means_what_it_means_in_python(text: str, values: dict[str, float]) -> None:
    try:
        expected = python(text, values)
    except (ArithmeticError, ValueError):
        return
    if isinstance(expected, complex) or not math.isfinite(expected):
        return
    try:
        formula = parse(text)
    except ExpressionError as error:
        # Python need not mind a part that has no finite value, such as 1e308*10 in 1/(1e308*10).
        if "no finite value" in str(error):
            return
        raise
    assert compute(formula, values) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@given(FORMULAS)
def test_the_names_of_a_formula_are_those_that_python_asks_for(text: str) -> None:
    try:
        names = parse(text).names
    except ExpressionError:
        return
    asked = compile(text, "formula", "eval").co_names
    assert set(names) == set(asked) - set(FUNCTIONS) - {"pi", "e"}
    assert len(set(names)) == len(names)


@given(st.text(max_size=60) | st.text("xye.()+-*/ 019_,=", max_size=60) | st.text(min_size=495, max_size=520))
def test_anything_is_read_or_refused_in_words(text: str) -> None:
    for reader in (parse, parse_names, parse_values):
        refusal = None
        try:
            reader(text)
        except ExpressionError as error:
            refusal = error
        if refusal is not None:
            assert str(refusal).startswith(f"column {refusal.column}: ")
            assert 1 <= refusal.column <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-2**2", -4.0),
        ("2**-1", 0.5),
        ("2**3**2", 512.0),
        ("(-2)**2", 4.0),
        ("8/4/2", 1.0),
        ("1-2-3", -4.0),
        ("2+3*4", 14.0),
        ("--3", 3.0),
        ("3 \N{MINUS SIGN} 5", -2.0),
        ("2*pi/pi + log(e)", 3.0),
    ],
)
def test_numbers_are_computed_beforehand(text: str, value: float) -> None:
    (step,) = parse(text).steps
    assert isinstance(step, Number)
    assert step.value == pytest.approx(value, rel=1e-15)


def test_operands_come_before_their_operator() -> None:
    steps = parse("x - 2*3*y").steps
    assert steps == (Name("x"), Number(6.0), Name("y"), Apply("*", 2), Apply("-", 2))


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "there is no formula here"),
        ("x +", 4, "something is missing at the end"),
        ("x + * y", 5, "a number, a name or ( is missing before *"),
        ("(x + 1", 1, "there is no ) for this ("),
        ("x + (2*(y)", 5, "there is no ) for this ("),
        ("x)", 2, "there is no ( for this )"),
        ("2x", 2, "an operator is missing before x"),
        ("x^2", 2, "a power is written **, not ^"),
        ("x % 2", 3, "'%' has no meaning in a formula"),
        ("sin x", 5, "sin needs ( and ) after it"),
        ("f(x)", 1, "f is no function here: there are sin, cos"),
        ("x²", 1, "a name has letters, digits and _ only, not as in x²"),
        ("1 + 1/0", 6, "/ has no finite value here"),
        ("log(0)", 1, "log has no finite value here"),
        ("(-8)**(1/3)", 5, "** has no finite value here"),
        ("1e999", 1, "1e999 has no finite value here"),
        ("x.real", 2, "'.' has no meaning in a formula"),
        ("__import__('os')", 1, "__import__ is no function here"),
        ("x['y']", 2, "'[' has no meaning in a formula"),
        ("x" * 41, 1, "a name has at most 40 characters"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, column: int, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.column == column
    assert words in str(caught.value)


def test_long_and_deep_formulas_have_their_limits() -> None:
    longest = "+".join(["1"] * (MAX_LENGTH // 2)) + "+"
    assert parse(longest[:-1]).steps == (Number(250.0),)
    assert len(parse("x" + "+x" * 249).steps) == 499
    with pytest.raises(ExpressionError, match="column 501: a formula has at most 500 characters"):
        parse(longest + "1")
    for opening, closing in (("(", ")"), ("-", ""), ("sin(", ")"), ("2**", "")):
        assert parse(opening * (MAX_DEPTH - 1) + "x" + closing * (MAX_DEPTH - 1)).names == ("x",)
        with pytest.raises(ExpressionError, match="more than 50 levels inside each other"):
            parse(opening * MAX_DEPTH + "x" + closing * MAX_DEPTH)


def test_names_are_read_in_their_order() -> None:
    assert parse_names(" x, y ,θ") == ("x", "y", "θ")
    assert parse_names("  ") == ()


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("x,, y", 3, "a name is missing here"),
        ("x y", 3, "a comma is missing before y"),
        ("x, y, x", 6, "x stands there twice"),
        ("x, sin", 4, "sin has a meaning of its own already"),
        ("x, 2", 4, "a name is missing here"),
    ],
)
def test_what_is_no_list_of_names_is_refused(text: str, column: int, words: str) -> None:
    with pytest.raises(ExpressionError, match=words) as caught:
        parse_names(text)
    assert caught.value.column == column


def test_values_are_read_by_name() -> None:
    assert parse_values("x=-1.2, y = 2*pi") == {"x": -1.2, "y": 2 * math.pi}
    assert parse_values("") == {}


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("x", 1, "write a name, = and a number"),
        ("x=1, y=z", 8, "y needs a number"),
        ("x=1, x=2", 5, "x stands there twice"),
        ("x=1, y=", 8, "there is no formula here"),
        ("x=1, pi=3", 6, "pi has a meaning of its own already"),
        ("x=1, y=2)", 9, "there is no"),
    ],
)
def test_what_is_no_list_of_values_is_refused(text: str, column: int, words: str) -> None:
    with pytest.raises(ExpressionError, match=words) as caught:
        parse_values(text)
    assert caught.value.column == column
