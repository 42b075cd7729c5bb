"""Weights as text: what is written is read back to the bit, and tables are read as other programs write them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.message import EngineError
from engine.ops.call import Array
from ui.maths.weight_table import read_table, table_text

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=FINITE))
def test_a_table_is_read_back_to_the_bit(values: Array) -> None:
    np.testing.assert_array_equal(read_table(table_text(values)), values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.5", [[0.5]]),
        ("0,5", [[0.5]]),
        ("1\t2\n3\t4\n", [[1, 2], [3, 4]]),
        ("1,5\t2\r\n3\t−4e-3\r\n", [[1.5, 2], [3, -0.004]]),
        ("1;2;3", [[1, 2, 3]]),
        ("0,5; 0,25", [[0.5, 0.25]]),
        ("0.5,0.25\n1.5,2", [[0.5, 0.25], [1.5, 2]]),
        ("1,2,3", [[1, 2, 3]]),
        ("1, 2, 3", [[1, 2, 3]]),
        ("1 2/4  3", [[1, 0.5, 3]]),
        ("1.5,2\n3,4", [[1.5, 2], [3, 4]]),
        ("[[1,2],[3,4]]", [[1, 2], [3, 4]]),
        ("[[0.1, -0.2], [0.3, 0.4]]", [[0.1, -0.2], [0.3, 0.4]]),
        ("array([[1., 2.],\n       [3., 4.]])".removeprefix("array"), [[1, 2], [3, 4]]),
    ],
)
def test_tables_of_spreadsheets_and_programs_are_read(text: str, values: list[list[float]]) -> None:
    np.testing.assert_array_equal(read_table(text), values)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There are no numbers to paste"),
        (" \n\n", "There are no numbers to paste"),
        ("1 2\n3", "The rows to paste have different lengths"),
        ("1 two", "“two” is not a number"),
        ("1e999", "Only finite numbers can be pasted"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(EngineError) as told:
        read_table(text)
    assert str(told.value.message) == reason
