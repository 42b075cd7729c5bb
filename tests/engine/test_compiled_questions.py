"""Questions to a run on kernels: its own update to the bit, also after many steps in one call, and its own rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba", reason="without numba everything runs on the reference executor")

from engine.compiled import COMPILED, load
from engine.experiment import Experiment
from engine.input_gradient import input_gradient
from engine.method_comparison import MethodComparison
from engine.optimizer_comparison import can_compare, losses_after, propose
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.engine.moments import around_an_update, dropping
from tests.engine.samples import experiment_of, optimizer, run_steps, trainer_of

load()

EXPERIMENTS = {"adam": experiment_of(rule=optimizer("adam")), "dropout": dropping()}


def around(experiment: Experiment) -> tuple[Trainer, Snapshot, Snapshot]:
    trainer = trainer_of(experiment)
    trainer.change_executor(COMPILED)
    run_steps(trainer, 5)
    before, after = around_an_update(trainer)
    assert after.executor == COMPILED
    return trainer, before, after


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_updates_and_losses_are_the_runs_own(name: str) -> None:
    trainer, before, after = around(EXPERIMENTS[name])
    arena = trainer.stepper.arena.tobytes()
    made = after.program.region(after.arena, 2)
    for snapshot, earlier in ((before, None), (after, before)):
        assert can_compare(snapshot)
        proposals = tuple(propose(snapshot, earlier))
        own = next(proposal for proposal in proposals if proposal.is_own)
        assert own.delta.tobytes() == made.tobytes()
        assert all(np.isfinite(list(losses_after(snapshot, earlier, proposals))))
    still = replace(own, delta=np.zeros_like(own.delta))
    assert list(losses_after(before, None, (still,))) == [before.loss]
    assert trainer.stepper.arena.tobytes() == arena


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_rows_that_a_call_of_many_steps_left_are_those_that_are_asked_about(name: str) -> None:
    trainer = trainer_of(EXPERIMENTS[name])
    trainer.change_executor(COMPILED)
    run_steps(trainer, 6)
    fast = trainer.snapshot()
    slow, _, after = around(EXPERIMENTS[name])
    dataset = slow.stepper.dataset
    assert fast.step == after.step
    np.testing.assert_allclose(
        input_gradient(fast, dataset, 1), input_gradient(after, dataset, 1), rtol=1e-9, atol=1e-15
    )
    for snapshot in (fast, after):
        comparison = MethodComparison(snapshot, None)
        while not comparison.is_done:
            comparison.advance()
        assert after.gradient_norm is not None
        assert comparison.results[0].norm == pytest.approx(after.gradient_norm, rel=1e-9)
        assert comparison.results[1].difference < 1e-13
