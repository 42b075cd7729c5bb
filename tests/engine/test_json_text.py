from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.json_text import MAX_DEPTH, FileError, parse, write

SCALARS = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(st.characters(codec="utf-8"))
NUMBERS = st.lists(st.floats(allow_nan=False, allow_infinity=False))
TREES = st.recursive(
    SCALARS | NUMBERS, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner)
)


def message_of(text: str) -> str:
    with pytest.raises(FileError) as caught:
        parse(text)
    return str(caught.value)


@given(TREES)
def test_what_is_written_is_read_back(tree: object) -> None:
    assert parse(write(tree)) == tree


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1).map(lambda numbers: {"numbers": numbers}))
def test_lists_of_numbers_stand_in_rows_of_at_most_120_columns(tree: object) -> None:
    text = write(tree)
    assert max(map(len, text.splitlines())) <= 120
    assert len(text.splitlines()) <= 5 + len(json.dumps(tree)) // 90


def test_long_names_of_little_do_not_break_it_up() -> None:
    tree = {"x" * 130: [], "y" * 130: {}, "z" * 130: 1}
    assert [line.partition(": ")[2] for line in write(tree).splitlines()[1:-1]] == ["[],", "{},", "1"]


def test_what_fits_in_a_line_stands_in_one() -> None:
    tree = {"short": [1, 2, {"a": [0.5]}], "long": [{"name": "x" * 60}, {"name": "y" * 60}], "empty": []}
    assert write(tree).splitlines() == [
        "{",
        '  "short": [1, 2, {"a": [0.5]}],',
        '  "long": [',
        '    {"name": "' + "x" * 60 + '"},',
        '    {"name": "' + "y" * 60 + '"}',
        "  ],",
        '  "empty": []',
        "}",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "there is nothing in it"),
        (" \n", "there is nothing in it"),
        ('{"a": 1,\n "b": [1, 2', "line 2, column 12: the text ends in the middle"),
        ('{"a": 1,\n "b', "line 2, column 2: the text ends in the middle"),
        ('{"a": 1,\n "b": wrong}', "line 2, column 7: this is not JSON (Expecting value)"),
        ('{"a": 1}\n{"b": 2}', "line 2, column 1: this is not JSON (Extra data)"),
        ("{'a': 1}", "line 1, column 2: this is not JSON ("),
        ("\x00", "line 1, column 1: this is not JSON (Expecting value)"),
    ],
)
def test_what_is_not_json_is_refused_with_line_and_column(text: str, words: str) -> None:
    assert message_of(text).startswith(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": [1, NaN]}', "$.a[1]: a finite number is needed, not NaN"),
        ('{"a": -Infinity}', "$.a: a finite number is needed, not -Infinity"),
        ('{"a": {"b": [0.5, 1e999]}}', "$.a.b[1]: a finite number is needed, not inf"),
        ('{"a": [-1e999]}', "$.a[0]: a finite number is needed, not -inf"),
        ('{"a": {"b": 1, "c": 2, "b": 1}}', "$.a: the key 'b' stands here twice"),
        ('[{"a": 1}, {"a": 1, "\\u0061": 2}]', "$[1]: the key 'a' stands here twice"),
        ('{"a": 1234567890123456789}', "$.a: the whole number 1234567890123456789 has more than 18 digits"),
        ('["\\ud800"]', "$[0]: half a character stands in '\\ud800'"),
        ('{"\\ud800": 1}', "$: half a character stands in '\\ud800'"),
    ],
)
def test_what_pythons_parser_lets_pass_is_refused_with_the_place(text: str, words: str) -> None:
    assert message_of(text) == words


def test_a_number_of_ten_thousand_digits_is_refused() -> None:
    assert message_of('{"a": ' + "9" * 10_000 + "}").endswith("has more than 18 digits")


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused_in_words(depth: int, opening: str, closing: str) -> None:
    text = opening * depth + "1" + closing * depth
    assert message_of(text).endswith("lists or objects are nested too deeply")


def test_nesting_as_deep_as_allowed_is_read() -> None:
    assert parse("[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH)


def test_what_cannot_be_json_is_not_written() -> None:
    with pytest.raises(FileError, match=r"^\$\.a\[0\]\[1\]: a finite number is needed, not nan$"):
        write({"a": [(0.0, float("nan"))]})
