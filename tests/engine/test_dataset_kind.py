"""Packaged tables are read strictly."""

from __future__ import annotations

import pytest

from engine.dataset_kind import DatasetError, parse_table


def test_a_table_is_read_with_its_classes() -> None:
    features, x, y = parse_table("a,b,class\n1,-2.5,no\n3e2,4,yes\n", "t.csv", ("yes", "no"))
    assert features == ("a", "b")
    assert x.tolist() == [[1.0, -2.5], [300.0, 4.0]]
    assert y.tolist() == [[1.0], [0.0]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: column names"),
        ("class\nyes\n", "line 1: column names"),
        ("a,b\n1,yes\n", "line 1: column names"),
        ("a,a,class\n1,2,yes\n", "line 1: column names"),
        ("a,,class\n1,2,yes\n", "line 1: column names"),
        ("a,b,class\n", "no rows"),
        ("a,b,class\n1,2,yes\n1,2,maybe\n", "line 3: 2 finite numbers"),
        ("a,b,class\n1,yes\n", "line 2: 2 finite numbers"),
        ("a,b,class\n1,2,3,yes\n", "line 2: 2 finite numbers"),
        ("a,b,class\n1,,yes\n", "line 2: 2 finite numbers"),
        ("a,b,class\n1,nan,yes\n", "line 2: 2 finite numbers"),
        ("a,b,class\n1,inf,yes\n", "line 2: 2 finite numbers"),
        ("a,b,class\n1,2,yes\n\n", "line 3: 2 finite numbers"),
    ],
)
def test_a_damaged_table_is_refused_with_the_line(text: str, reason: str) -> None:
    with pytest.raises(DatasetError, match=reason):
        parse_table(text, "t.csv", ("yes", "no"))
