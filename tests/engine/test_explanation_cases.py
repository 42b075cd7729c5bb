"""Rules with cases, and a change of optimizer: the numbers stand, and those of the case that holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.explanation import explain
from engine.explanation_parts import Focus, Line, Number, UpdateWork
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.engine.explanations import check_line, sides_of
from tests.engine.samples import experiment_of, optimizer, trainer_of

A = 2
"""The hidden layer of the sample network."""


def step(trainer: Trainer) -> tuple[Snapshot, UpdateWork]:
    """Do a step; give the moment before its update, and how the update of W_A[2,2] is explained."""
    while trainer.stepper.micro < trainer.stepper.micro_count - 1:
        trainer.micro_step()
    before = trainer.snapshot()
    trainer.micro_step()
    after = trainer.snapshot()
    found = explain(after, trainer.stepper.dataset, A, Focus(unit=1, source=1), before).update
    assert found is not None
    for line in found.lines:
        check_line(line, (before.arena, after.arena))
    return before, found


def words(line: Line) -> str:
    return "".join(part if isinstance(part, str) else "#" for part in line.parts)


def result(line: Line) -> float:
    last = line.parts[-1]
    assert isinstance(last, Number)
    return last.value


def test_rprop_shows_whether_its_step_grew_or_shrank() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("rprop"), batch_size=None))
    signs, kept, seen = 0.0, 0.01, set()
    for _ in range(60):
        before, found = step(trainer)
        g = float(before.gradient(before.program.parameters[0])[1, 1])
        product = np.sign(g) * signs
        kept = float(np.clip(kept * {1.0: 1.2, 0.0: 1.0, -1.0: 0.5}[product], 1e-6, 50.0))
        signs = 0.0 if product < 0 else float(np.sign(g))
        lines = {words(line): line for line in found.lines}
        assert ("a ← # · # = #" in lines) == (product != 0.0)
        if product:
            note = str(lines["a ← # · # = #"].note)
            assert note == (
                "g p > 0: the sign of g has stayed" if product > 0 else "g p < 0: the sign of g has changed"
            )
        assert ("p ← 0 = #" in lines) == (product < 0)
        assert result(lines["Δw = −# sign(#) = #"]) == -kept * signs
        seen.add(product)
    assert seen == {1.0, 0.0, -1.0}


def test_radam_shows_the_case_of_its_t() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("radam")))
    for t in range(1, 9):
        _, found = step(trainer)
        *_, update, _ = found.lines
        seen = 1999.0 - 2.0 * t * 0.999**t / (1.0 - 0.999**t)
        rho = next(line for line in found.lines if words(line).startswith("ρₜ"))
        assert abs(result(rho) - seen) < 1e-6
        assert str(update.note).startswith("as ρₜ > 5" if seen > 5.0 else "as ρₜ ≤ 5")
        assert any(words(line).startswith("r²") for line in found.lines) == (seen > 5.0)


def test_the_corrections_have_the_number_of_the_update_in_them() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("adam")))
    for power in (*"¹²³⁴⁵⁶⁷⁸⁹", "¹⁰", "¹¹"):
        _, found = step(trainer)
        lines = {words(line): line for line in found.lines}
        for name in "mv":
            formula, value = sides_of(lines[f"{name}\u0302 = # / (1 − #{power}) = #"])
            assert formula == pytest.approx(value, rel=1e-12)


def test_the_numbers_stand_also_after_a_change_of_optimizer() -> None:
    experiment = experiment_of()
    trainer = trainer_of(experiment)
    for _ in range(3):
        step(trainer)
    trainer.change_pipeline(replace(experiment, optimizer=optimizer("adam")))
    before, found = step(trainer)
    assert (before.step, before.updates) == (3, 0)
    assert [words(line).partition(" ")[0] for line in found.lines] == ["m", "v", "m̂", "v̂", "Δw", "w"]
    # At t = 1 both corrections undo the mixing: Δw = −η g / (|g| + ε).
    g = float(before.gradient(before.program.parameters[0])[1, 1])
    assert np.isclose(result(found.lines[-2]), -0.03 * g / (abs(g) + 1e-8), rtol=1e-9)
