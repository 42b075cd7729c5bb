"""Explanations after g was applied again: values belong to the weights before all that, and nothing is guessed."""

from __future__ import annotations

import numpy as np
import pytest

from engine.explanation import explain
from engine.explanation_marks import arena_of_values
from engine.explanation_parts import Explanation, Focus, Number, State
from engine.gradient_use import apply_gradient, compute_gradient
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.engine.explanations import check_line, lines_of, numbers_of, sides_of
from tests.engine.samples import experiment_of, optimizer, run_steps, trainer_of

A = 2


def applied_again(kind: str) -> tuple[Trainer, list[Snapshot]]:
    """Give the moments before the update of step 4, after it, and after g was applied a second and a third time."""
    trainer = trainer_of(experiment_of(rule=optimizer(kind)))
    run_steps(trainer, 3)
    compute_gradient(trainer)
    moments = [trainer.snapshot()]
    for _ in range(3):
        apply_gradient(trainer)
        moments.append(trainer.snapshot())
    return trainer, moments


def explained(trainer: Trainer, snapshot: Snapshot, earlier: Snapshot | None) -> Explanation:
    return explain(snapshot, trainer.stepper.dataset, A, Focus(unit=1, source=1), earlier)


@pytest.mark.parametrize("kind", ["sgd", "adam"])
@pytest.mark.parametrize("which", [2, 3])
def test_values_stand_with_the_weights_that_they_were_computed_with(kind: str, which: int) -> None:
    trainer, moments = applied_again(kind)
    before, now = moments[0], moments[which]
    for earlier in (None, moments[0], moments[which - 1]):
        weights = before.program.region(arena_of_values(now, earlier), 0)
        np.testing.assert_allclose(weights, before.program.region(before.arena, 0), rtol=1e-12)
        found = explained(trainer, now, earlier)
        assert {work.forward.state for work in found.works} == {State.STALE}
        assert all(work.forward_lines for work in found.works)
        known = {round(n.value, 9) for line in lines_of(explained(trainer, before, None)) for n in numbers_of(line)}
        for line in lines_of(found):
            assert {round(n.value, 9) for n in numbers_of(line)} <= known, line
            sides = [side for side in sides_of(line) if side is not None]
            assert sides == pytest.approx(sides[-1:] * len(sides), rel=1e-9)


@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam"])
def test_the_moment_right_before_explains_the_update_with_the_same_g(kind: str) -> None:
    trainer, moments = applied_again(kind)
    for before, after in zip(moments[1:], moments[2:], strict=False):
        found = explained(trainer, after, before)
        assert found.update is not None
        assert found.update.lines
        for line in found.update.lines:
            check_line(line, (before.arena, after.arena))
        result = found.update.lines[-1].parts[-1]
        assert isinstance(result, Number)
        assert result.value == after.weights(after.program.parameters[0])[1, 1]
        assert {m.gradient_mark.state for m in found.matrices} == {State.STALE}
        assert {m.gradient_mark.step for m in found.matrices} == {3}


def test_a_moment_further_back_explains_no_update_with_the_same_g() -> None:
    trainer, moments = applied_again("adam")
    for earlier in (None, moments[0], moments[1]):
        update = explained(trainer, moments[3], earlier).update
        assert update is not None
        assert update.lines == ()
        assert all(slot.before is None for slot in update.slots)


def test_later_updates_of_adam_are_explained_as_its_own_count_goes_on() -> None:
    trainer, _ = applied_again("adam")
    run_steps(trainer, 1)
    compute_gradient(trainer)
    before = trainer.snapshot()
    trainer.micro_step()
    after = trainer.snapshot()
    update = explained(trainer, after, before).update
    assert update is not None
    assert len(update.lines) > 3
    for line in update.lines:
        check_line(line, (before.arena, after.arena))
