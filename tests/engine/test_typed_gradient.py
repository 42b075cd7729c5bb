"""The typed-in g: what a text means for the parameters of a network, and what is said where it does not fit them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.executor import Batch
from engine.gradients import TypedGradient
from engine.graph import Graph
from engine.reference import Reference
from tests.engine.networks import executor_for, make_rows
from tests.engine.samples import dense_graph

BATCH = Batch(rows=2, seed=1, step=0)


def executor_of(graph: Graph) -> Reference:
    return executor_for(graph, make_rows(np.ones((2, 2)), np.ones((2, 1)), 2), 2)


def small() -> Reference:
    """Set up a 2-3-1 network: W_A 2 × 3, b_A, W_B 3 × 1, b_B."""
    return executor_of(dense_graph())


def typed(text: str, executor: Reference) -> dict[str, list[list[float]]]:
    """Give each parameter's g as typed in."""
    method, program = TypedGradient({"g": text}), executor.program
    assert method.problem(program) is None
    assert method.count(program) == 1
    method.compute(executor, BATCH)
    return {p.title: program.gradient(executor.arena, p).tolist() for p in program.parameters}


def test_one_number_is_all_of_g() -> None:
    assert typed(" -2.5e-1 ", small()) == {
        "W_A": [[-0.25] * 3] * 2,
        "b_A": [[-0.25] * 3],
        "W_B": [[-0.25]] * 3,
        "b_B": [[-0.25]],
    }


def test_parameters_take_one_number_or_all_of_theirs_row_by_row_and_what_is_not_named_is_0() -> None:
    found = typed("W_A = 1 2,3, +4\t5. .6;b_B=\N{MINUS SIGN}7 ; W_B = 1e\N{MINUS SIGN}2;", small())
    assert found == {
        "W_A": [[1.0, 2.0, 3.0], [4.0, 5.0, 0.6]],
        "b_A": [[0.0] * 3],
        "W_B": [[0.01]] * 3,
        "b_B": [[-7.0]],
    }


@pytest.mark.parametrize("name", ["x = 1; y", "=", ";", "W_B", "\N{MINUS SIGN}", "A b"])
def test_a_parameter_is_found_whatever_its_node_is_called(name: str) -> None:
    executor = executor_of(dense_graph().rename(3, "other").rename(2, name))
    found = typed(f"W_{name} = 3; b_other = 1; b_{name} = 1 2 3", executor)
    assert found[f"W_{name}"] == [[3.0] * 3] * 2
    assert found[f"b_{name}"] == [[1.0, 2.0, 3.0]]
    assert found["b_other"] == [[1.0]]


def test_the_longest_name_that_fits_is_meant() -> None:
    executor = executor_of(dense_graph().rename(3, "A = 1"))
    found = typed("b_A = 1 = 5; b_A = 2", executor)
    assert (found["b_A = 1"], found["b_A"]) == ([[5.0]], [[2.0] * 3])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "one number for all of g is needed, or parameters with their numbers, as in W_A = 0.1; b_A = 0.5"),
        ("1 2", "one number for all of g is needed, or parameters with their numbers, as in W_A = 0.1; b_A = 0.5"),
        ("W_Z = 1", "there is no parameter W_Z here"),
        ("W_A = 1; w_b = 2", "there is no parameter w_b here"),
        ("= 1", "there is no parameter '' here"),
        ("W_A = 1 2 3", "W_A has 6 numbers, not 3"),
        ("b_B =", "b_B has one number, not 0"),
        ("b_B = 1 2", "b_B has one number, not 2"),
        ("W_A = abc", "'abc' is not a number at character 7"),
        ("W_A = 1 2 3 x 5 6", "'x' is not a number at character 13"),
        ("b_B = 1 = 2", "'=' is not a number at character 9"),
        ("abc", "'abc' is not a number at character 1"),
        ("0.5; b_B = 1", "'0.5' at character 1 has no =, as in W_A = 0.1"),
        ("b_B = 1; W_A = 2; b_B = 3", "b_B stands there twice"),
        ("nan", "'nan' is not a number at character 1"),
        ("inf", "'inf' is not a number at character 1"),
        ("1_000", "'1_000' is not a number at character 1"),
        ("0x10", "'0x10' is not a number at character 1"),
        ("\N{ARABIC-INDIC DIGIT ONE}", "'\N{ARABIC-INDIC DIGIT ONE}' is not a number at character 1"),
        ("-1e999", "'-1e999' is too large at character 1"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_in_words(text: str, words: str) -> None:
    executor = small()
    method = TypedGradient({"g": text})
    assert str(method.problem(executor.program)) == words
    assert method.count(executor.program) == 0
    assert str(method.phase_label(executor.program)) == f"no g — {words}"
    before = executor.arena.tobytes()
    method.compute(executor, BATCH)
    assert executor.arena.tobytes() == before


def test_what_is_typed_is_read_anew_for_another_program() -> None:
    method, wide, narrow = TypedGradient({"g": "W_A = 1 2 3 4 5 6"}), small(), executor_of(dense_graph((2,)))
    assert method.problem(wide.program) is None
    assert str(method.problem(narrow.program)) == "W_A has 4 numbers, not 6"
    assert method.problem(wide.program) is None


@given(st.text(st.sampled_from("WbAB_=;,. 0123456789+-e\N{MINUS SIGN}xn"), max_size=30))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    program = small().program
    method = TypedGradient({"g": text})
    assert (method.problem(program) is None) == (method.count(program) == 1)
