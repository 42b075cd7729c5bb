"""What lies where in the arena: every place of every example, found again by the views that the program gives."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from app.examples import EXAMPLES, load_example
from engine.arena_places import ArenaMap, Kind, Operand, Place
from engine.ops.base import Value
from engine.ops.call import Array
from engine.program import MAX_SLOTS, Program
from tests.engine.samples import dataset_of, dense_graph, experiment_of, stepper_of, trainer_of


def program_of(key: str) -> Program:
    experiment = load_example(key).project.experiment
    return trainer_of(experiment, dataset_of(experiment)).stepper.program


def expected(program: Program) -> dict[int, Place]:
    """Give what lies at every place: a view of an arena whose numbers are their own places tells where they are."""
    arena: Array = np.arange(program.size, dtype=np.float64)
    found: dict[int, Place] = {}

    def note(kind: Kind, value: Value, view: Array | None, slot: int = 0) -> None:
        assert view is not None
        for (row, column), place in np.ndenumerate(view):
            assert int(place) not in found
            found[int(place)] = Place(kind, value, row, column, slot)

    for buffer in program.buffers:
        note(Kind.BUFFER, buffer.value, program.view(arena, buffer.value, program.rows))
    own = set()
    for p in program.parameters:
        own.add(p.value.index)
        note(Kind.WEIGHT, p.value, program.weights(arena, p))
        note(Kind.GRADIENT, p.value, program.gradient(arena, p))
        note(Kind.UPDATE, p.value, program.update(arena, p))
        for slot, region in enumerate(program.slots(arena, MAX_SLOTS)):
            note(Kind.SLOT, p.value, program.part(region, p), slot)
        note(Kind.CLIPPED, p.value, program.part(program.clipped_gradient(arena), p))
        note(Kind.TANGENT, p.value, program.tangent(arena, p.value, program.rows))
    outputs = [*(entry.value for entry in program.data), *(i.output for i in program.instructions)]
    for value in outputs:
        note(Kind.VALUE, value, program.view(arena, value, program.rows))
        if value.index in program.adjoints:
            note(Kind.ADJOINT, value, program.adjoint(arena, value, program.rows))
        if value.index in program.tangents:
            note(Kind.TANGENT, value, program.tangent(arena, value, program.rows))
    for instruction in program.instructions:
        for work in instruction.scratch:
            note(Kind.WORK, work, program.view(arena, work, program.rows))
    for step in program.backward:
        for _, start, value in step.sums:
            note(Kind.CONTRIBUTION, value, program.place(arena, start, value, program.rows))
    return found


@pytest.mark.parametrize("key", [example.key for example in EXAMPLES])
def test_every_place_of_an_example_is_found_again_and_padding_is_nothing(key: str) -> None:
    program = program_of(key)
    places, known = ArenaMap(program), expected(program)
    for offset in range(-1, program.size + 1):
        assert places.at(offset) == known.get(offset), offset
    assert (len(known) > 0.05 * program.size) or program.size < 1000


@pytest.mark.parametrize("key", [example.key for example in EXAMPLES])
def test_every_number_belongs_to_a_node_of_the_canvas_and_to_a_unit_that_it_has(key: str) -> None:
    program = program_of(key)
    places = ArenaMap(program)
    sizes = {(p.node, p.name): p.shape for p in program.parameters}
    for offset in expected(program):
        found = places.operand(offset)
        assert found is not None
        assert found.node in program.graph.nodes
        if found.parameter:
            rows, columns = sizes[found.node, found.parameter]
            assert found.row < rows
            assert found.column < columns
        elif found.unit is not None:
            assert found.unit < program.outputs[found.node].shape.columns


def test_what_a_layer_joins_from_several_nodes_belongs_to_their_units() -> None:
    graph = dense_graph((3, 2))
    experiment = experiment_of(graph.connect(2, 4, "in"))
    program = stepper_of(experiment).program
    joined = next(i.output for i in program.instructions if i.op.name == "concat")
    assert (joined.node, joined.shape.columns) == (4, 5)
    places, arena = ArenaMap(program), np.arange(program.size, dtype=np.float64)
    view, adjoint = program.view(arena, joined, program.rows), program.adjoint(arena, joined, program.rows)
    assert adjoint is not None
    units = [(3, 0), (3, 1), (2, 0), (2, 1), (2, 2)]
    assert [places.operand(int(place)) for place in view[7]] == [Operand(Kind.VALUE, *unit) for unit in units]
    assert [places.operand(int(place)) for place in adjoint[7]] == [Operand(Kind.ADJOINT, *unit) for unit in units]


def test_the_kinds_of_a_weight_keep_its_row_and_column() -> None:
    program = stepper_of(experiment_of(dense_graph((3,)))).program
    matrix, places = program.parameters[0], ArenaMap(program)
    start = matrix.offset + 1 * matrix.shape[1] + 2
    regions = [program.buffer_span + region * program.parameter_span + start for region in range(5 + MAX_SLOTS)]
    found = [places.operand(offset) for offset in regions]
    assert all(o is not None and (o.parameter, o.row, o.column) == ("W", 1, 2) for o in found)
    kinds = Counter(o.kind for o in found if o is not None)
    assert kinds[Kind.SLOT] == MAX_SLOTS
    assert kinds[Kind.GRADIENT] == 2, "the clipped gradient is one, too"
