"""What the numbers of lines were computed from, against their names and the views of the program."""

from __future__ import annotations

import re

import pytest

from engine.arena_places import Kind, Operand
from engine.explanation import explain
from engine.explanation_operands import Address, is_result, number_at, operands_of, places_of
from engine.explanation_parts import COMPUTED, Focus, Line, Number, Sum
from engine.program import Phase
from engine.trainer import Trainer
from tests.engine.explanations import lines_of
from tests.engine.samples import dense_graph, experiment_of, trainer_of

A, B = 2, 3
WEIGHT = re.compile(r"(?P<d>∂L/∂)?W_\{(?P<row>\d+),(?P<column>\d+)\}")


@pytest.fixture
def trainer() -> Trainer:
    """A 2-3-1 network at the end of phase 4."""
    trainer = trainer_of(experiment_of(dense_graph((3,)), batch_size=4))
    while trainer.snapshot().next.phase is not Phase.UPDATE:
        trainer.micro_step()
    return trainer


def lines(trainer: Trainer, node: int, focus: Focus) -> list[Line]:
    return list(lines_of(explain(trainer.snapshot(), trainer.stepper.dataset, node, focus)))


def addresses(line: Line) -> list[Address]:
    found = []
    for part, piece in enumerate(line.parts):
        if isinstance(piece, Number):
            found.append(Address(part))
        elif isinstance(piece, Sum):
            found += [Address(part, k, f) for k in range(len(piece)) for f in range(len(piece.factors))]
        elif not isinstance(piece, str):
            found += [Address(part, k) for k in range(len(piece))]
    return found


def test_an_operand_is_itself_and_named_as_it_lies_in_the_arena(trainer: Trainer) -> None:
    program, names = trainer.stepper.program, 0
    for node in (A, B):
        for line in lines(trainer, node, Focus(row=2, unit=1, source=1)):
            for address in addresses(line):
                number = number_at(line, address)
                if number.place == COMPUTED or is_result(line, address):
                    continue
                (operand,) = operands_of(program, line, address)
                assert places_of(line, address) == (number.place,)
                match = WEIGHT.fullmatch(number.name)
                if match is not None:
                    kind = Kind.GRADIENT if match["d"] else Kind.WEIGHT
                    place = int(match["row"]) - 1, int(match["column"]) - 1
                    assert operand == Operand(kind, node, None, "W", *place)
                    names += 1
    assert names > 4


def test_a_result_is_all_operands_of_its_line_each_unit_once(trainer: Trainer) -> None:
    program = trainer.stepper.program
    sums = [line for line in lines(trainer, B, Focus(row=2)) if any(isinstance(p, Sum) for p in line.parts)]
    forward, backward = sums[:2]
    units = [Operand(Kind.VALUE, A, unit) for unit in range(3)]
    weights = [Operand(Kind.WEIGHT, B, None, "W", row, 0) for row in range(3)]
    result = Address(len(forward.parts) - 1)
    assert set(operands_of(program, forward, result)) == {*units, *weights}
    assert len(places_of(forward, result)) == 6
    # ∂L/∂W is a sum over the rows: of one unit's values and one unit's δ.
    result = Address(len(backward.parts) - 1)
    assert len(places_of(backward, result)) == 2 * 4
    assert operands_of(program, backward, result) == (Operand(Kind.VALUE, A, 0), Operand(Kind.ADJOINT, B, 0))


def test_a_mean_over_rows_is_of_its_unit_and_a_local_derivative_of_its_input(trainer: Trainer) -> None:
    program = trainer.stepper.program
    mean = lines(trainer, B, Focus(row=None))[0]
    assert isinstance(mean.parts[1], Sum)
    assert number_at(mean, Address(1, 2, 0)).place == COMPUTED
    assert operands_of(program, mean, Address(1, 2, 0)) == (Operand(Kind.VALUE, A, 2),)
    found = lines(trainer, A, Focus(unit=1))
    slope = next(line for line in found if line.note and line.note.template == "local × upstream")
    assert operands_of(program, slope, Address(1)) == (Operand(Kind.VALUE, A, 1),)


def test_no_number_is_at_an_address_of_words(trainer: Trainer) -> None:
    line = lines(trainer, A, Focus())[0]
    with pytest.raises(LookupError):
        number_at(line, Address(0))
    with pytest.raises(LookupError):
        number_at(line, Address(99))
