"""The program: one arena in which nothing overlaps, and views of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiler import compile_graph
from engine.graph import Graph
from engine.ops.base import Shape
from engine.program import MAX_SLOTS, PARAMETER_LANES, ROW_LANES, Program, padded
from tests.engine.networks import close
from tests.engine.samples import dataset_of, dense_graph, experiment_of
from tests.engine.strategies import Network, networks

LAYERED = dense_graph((4, 3))


def program_of(rows: int = 16) -> Program:
    program = compile_graph(LAYERED, dataset_of(experiment_of()), rows).program
    assert program is not None
    return program


def length(shape: Shape, rows: int) -> int:
    return shape.columns * (padded(rows, ROW_LANES) if shape.rows is None else shape.rows)


def places(program: Program) -> list[tuple[int, int]]:
    """Give (start, length) of everything in the arena: each adjoint, contribution and work space too."""
    found = [(0, program.buffer_span + (5 + MAX_SLOTS) * program.parameter_span)]
    batch_values = [entry.value for entry in program.data]
    for instruction in program.instructions:
        batch_values += [instruction.output, *instruction.scratch]
    found += [(program.offsets[value.index], length(value.shape, program.rows)) for value in batch_values]
    for value in batch_values:
        if value.index in program.adjoints:
            found.append((program.adjoints[value.index], length(value.shape, program.rows)))
        if value.index in program.tangents:
            found.append((program.tangents[value.index], length(value.shape, program.rows)))
    for step in program.backward:
        found += [(source, length(value.shape, program.rows)) for _, source, value in step.sums]
    return sorted(found)


@given(networks(), st.integers(1, 40))
def test_nothing_in_the_arena_overlaps(network: Network, rows: int) -> None:
    program = network.executor(1).program if rows == 1 else compile_graph(network.graph, network.dataset, rows).program
    assert program is not None
    found = places(program)
    assert all(a + n <= b for (a, n), (b, _) in zip(found, found[1:], strict=False))
    assert found[-1][0] + found[-1][1] <= program.size
    ends = [(p.offset, p.size) for p in program.parameters]
    assert all(a + n <= b for (a, n), (b, _) in zip(ends, ends[1:], strict=False))
    assert all(offset % PARAMETER_LANES == 0 for offset, _ in ends)
    assert sum(size for _, size in ends) == program.parameter_count


@given(networks())
def test_instructions_read_only_what_is_there_and_end_in_the_loss(network: Network) -> None:
    program = network.executor(1).program
    known = {entry.value.index for entry in program.data} | {p.value.index for p in program.parameters}
    for instruction in program.instructions:
        assert {value.index for value in instruction.inputs} <= known
        known.add(instruction.output.index)
    assert program.instructions[-1].output is program.loss
    assert program.loss.shape == Shape(1, rows=1)


@given(networks())
def test_backward_goes_through_each_instruction_once_after_all_that_use_its_output(network: Network) -> None:
    program = network.executor(1).program
    order = [step.instruction.output.index for step in program.backward]
    assert len(set(order)) == len(order)
    for index in order:
        users = [i.output.index for i in program.instructions if index in {value.index for value in i.inputs}]
        assert all(order.index(user) < order.index(index) for user in users)


def test_parameters_are_called_after_their_nodes() -> None:
    program = program_of()
    assert [(p.title, p.shape) for p in program.parameters] == [
        ("W_A", (2, 4)),
        ("b_A", (1, 4)),
        ("W_B", (4, 3)),
        ("b_B", (1, 3)),
        ("W_C", (3, 1)),
        ("b_C", (1, 1)),
    ]
    assert program.layers == (2, 3, 4)
    assert program.parameter_count == 8 + 4 + 12 + 3 + 3 + 1


def test_parameters_of_nodes_without_a_name_have_different_titles() -> None:
    graph = LAYERED.rename(2, "").rename(3, "")
    program = compile_graph(graph, dataset_of(experiment_of()), 4).program
    assert program is not None
    assert [p.title for p in program.parameters][:3] == ["W_Dense 2", "b_Dense 2", "W_Dense 3"]


def test_each_number_has_one_name() -> None:
    found = {p.title: p.weight_titles() for p in program_of().parameters}
    assert found["W_C"] == ["W_C[1,1]", "W_C[2,1]", "W_C[3,1]"]
    assert found["b_A"] == ["b_A[1]", "b_A[2]", "b_A[3]", "b_A[4]"]
    assert found["b_C"] == ["b_C"]
    assert found["W_A"][5] == "W_A[2,2]"


def test_views_are_of_the_arena_and_as_people_write_them() -> None:
    program = program_of(16)
    arena = np.zeros(program.size)
    hidden = program.outputs[2]
    program.view(arena, hidden, 5)[...] = 7.0
    assert (arena == 7.0).sum() == 5 * 4
    assert program.view(arena, hidden, 16).shape == (16, 4)
    (weights, *_) = program.parameters
    for number, view in enumerate((program.weights, program.gradient, program.update)):
        view(arena, weights)[0, 1] = 3.0
        assert program.region(arena, number)[weights.offset + 1] == 3.0
    program.part(program.slots(arena, 2)[1], weights)[0, 1] = 4.0
    assert program.region(arena, 4)[weights.offset + 1] == 4.0


def test_data_has_no_adjoint_and_layers_have_one() -> None:
    program = program_of()
    arena = np.zeros(program.size)
    assert program.adjoint(arena, program.outputs[1], 4) is None
    adjoint = program.adjoint(arena, program.outputs[2], 4)
    assert adjoint is not None
    assert adjoint.shape == (4, 4)


def test_multiply_adds_are_those_of_the_products_and_one_for_each_other_number() -> None:
    products, biases, activations, loss = 2 * 4 + 4 * 3 + 3 * 1, 4 + 3 + 1, 4 + 3, 1
    assert program_of().macs(32) == 32 * (products + biases + activations) + loss


@pytest.mark.parametrize(("count", "lanes", "room"), [(0, 8, 0), (1, 8, 8), (8, 8, 8), (9, 8, 16), (33, 16, 48)])
def test_padding(count: int, lanes: int, room: int) -> None:
    assert padded(count, lanes) == room


def test_a_graph_without_parameters_has_nothing_to_go_back_through() -> None:
    graph, x = Graph().add("features", {"columns": ("x1",)})
    program = compile_graph(close(graph, x, "binary_cross_entropy"), dataset_of(experiment_of()), 4).program
    assert program is not None
    assert program.backward == ()
    assert program.layers == ()
