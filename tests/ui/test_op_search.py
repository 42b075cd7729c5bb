"""What people type finds the kind of node that they mean."""

from __future__ import annotations

import pytest

from engine.ops import OPS
from ui.op_search import found_ops, ops_to_add


def found(text: str) -> list[str]:
    return [op.label for op in found_ops(text, ops_to_add())]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("relu", "ReLU"),
        ("RELU ", "ReLU"),
        ("fc", "Dense"),
        ("linear", "Dense"),
        ("mse", "Mean squared error"),
        ("add", "Add"),
        ("+", "Add"),
        ("bce", "Binary cross-entropy"),
        ("ce", "Softmax cross-entropy"),
        ("ba no", "Batch norm"),
        ("drp", "Dropout"),
        ("matmul", "Matrix product"),
        ("si", "sigmoid"),
        ("y", "Target"),
    ],
)
def test_the_first_hit_is_what_people_mean(text: str, label: str) -> None:
    assert found(text)[0] == label


def test_a_name_s_start_comes_before_a_word_in_it_and_that_before_letters_in_order() -> None:
    hits = found("re")
    assert hits.index("ReLU") < hits.index("leaky ReLU") < hits.index("Softmax cross-entropy")
    assert found("sqe") == ["Square root", "Square", "Mean squared error"]


def test_nothing_typed_is_all_kinds_by_category_and_nonsense_is_none() -> None:
    assert found("") == [op.label for op in ops_to_add()]
    assert found("zzz") == []


def test_a_category_finds_all_that_is_in_it() -> None:
    assert set(found("losses")) == {op.label for op in OPS.values() if op.category == "Losses"}


def test_every_other_name_is_of_a_kind_that_can_be_added_and_finds_it() -> None:
    for op in OPS.values():
        assert op.category or not op.aliases, op.name
        for other in op.aliases:
            assert op.label in found(other)[:4], other
