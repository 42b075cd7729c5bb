"""What is compared at one moment: two g at the same weights, and the batch's loss before and after the update."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.compiled import COMPILED, is_available, load
from engine.executors import EXECUTORS
from engine.experiment import REFERENCE, Choice
from engine.gradient_use import apply_gradient, compute_gradient, redraw
from engine.ops.call import Array
from engine.reference import Reference
from engine.trainer import Trainer
from tests.engine.samples import experiment_of, method, optimizer, run_steps, trainer_of
from tests.engine.test_modes import noisy

BOTH = [
    REFERENCE,
    pytest.param(COMPILED, marks=pytest.mark.skipif(not is_available(), reason="numba has no wheel for every system")),
]


def g_of(trainer: Trainer) -> Array:
    return trainer.program.region(trainer.stepper.arena, 1).copy()


def put(trainer: Trainer, way: str, **settings: float) -> None:
    trainer.change_pipeline(replace(trainer.experiment, method=method(way, **settings)))


def computed() -> Trainer:
    """Stand before the update of step 3, by backpropagation."""
    trainer = trainer_of(experiment_of(rule=optimizer("adam")))
    run_steps(trainer, 2)
    compute_gradient(trainer)
    return trainer


# ---- two g at the same weights ---------------------------------------------------------------------------------------


def test_the_g_of_another_method_is_compared_with_the_one_before() -> None:
    trainer = computed()
    before = g_of(trainer)
    assert trainer.snapshot().gradient_change is None
    put(trainer, "finite-differences")
    assert trainer.snapshot().gradient_change is None
    compute_gradient(trainer)
    snapshot, after = trainer.snapshot(), g_of(trainer)
    change = snapshot.gradient_change
    assert change is not None
    assert (change.what, change.method, change.passes) == ("method", "backpropagation", (2.0, 26.0))
    assert change.norms == pytest.approx((np.linalg.norm(before), np.linalg.norm(after)))
    assert change.cosine == pytest.approx(1.0)
    assert change.largest == np.abs(before - after).max()
    words = f"agrees with that of Backpropagation to {change.largest:.1g}, at 26 forward passes instead of 2"
    assert str(snapshot.told) == f"Finite differences: g {words}"
    trainer.micro_step()
    assert trainer.snapshot().gradient_change is None


def test_a_noisy_g_does_not_agree() -> None:
    trainer = computed()
    before = g_of(trainer)
    put(trainer, "spsa")
    compute_gradient(trainer)
    snapshot, after = trainer.snapshot(), g_of(trainer)
    cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
    told = str(snapshot.told)
    assert told.startswith("SPSA: its g and that of Backpropagation are ")
    assert told.endswith(f"cosine {cosine:.2f}")


def test_the_g_of_other_rows_is_compared_with_the_one_before() -> None:
    trainer = computed()
    before = g_of(trainer)
    redraw(trainer)
    assert trainer.snapshot().gradient_change is None
    compute_gradient(trainer)
    snapshot, after = trainer.snapshot(), g_of(trainer)
    change = snapshot.gradient_change
    assert change is not None
    cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
    assert change.what == "rows"
    assert change.cosine == pytest.approx(cosine)
    told = str(snapshot.told)
    assert told.startswith("Same weights, other rows: ‖g‖ ")
    assert told.endswith(f"cosine {cosine:.2f}: g depends on the batch")


def test_a_g_of_zeros_has_no_angle() -> None:
    trainer = computed()
    trainer.change_pipeline(replace(trainer.experiment, method=Choice("typed", {"g": "0"})))
    compute_gradient(trainer)
    change = trainer.snapshot().gradient_change
    assert change is not None
    assert change.cosine is None
    assert "cosine" not in str(trainer.snapshot().told)


def test_where_both_differ_nothing_is_compared() -> None:
    trainer = computed()
    put(trainer, "forward-mode")
    redraw(trainer)
    compute_gradient(trainer)
    assert trainer.snapshot().gradient_change is None


def test_the_same_method_put_back_is_no_other_one() -> None:
    trainer = computed()
    put(trainer, "forward-mode")
    put(trainer, "backpropagation")
    compute_gradient(trainer)
    assert trainer.snapshot().gradient_change is None


def test_other_settings_of_a_method_are_compared_too() -> None:
    trainer = computed()
    put(trainer, "finite-differences")
    compute_gradient(trainer)
    put(trainer, "finite-differences", h=1e-3)
    compute_gradient(trainer)
    assert str(trainer.snapshot().told).startswith("Finite differences: g agrees with the one before to ")


@pytest.mark.parametrize("leave", ["place", "weights", "line"])
def test_elsewhere_and_at_other_weights_it_is_dropped(leave: str) -> None:
    trainer = computed()
    redraw(trainer)
    if leave == "weights":
        parameter = trainer.program.parameters[0]
        trainer.change_weights(parameter, np.zeros(parameter.shape))
    elif leave == "place":
        trainer.go_to(1)
        trainer.go_to_end()
    else:
        trainer.go_to(1)
        trainer.branch()
        trainer.go_to_line(0)
    compute_gradient(trainer)
    assert trainer.stepper.gradient_step == 2
    assert trainer.snapshot().gradient_change is None


# ---- the batch's loss before and after -------------------------------------------------------------------------------


def loss_on_a_fresh_program(trainer: Trainer) -> float:
    """Find the loss of the last step's rows at the weights of now in another way."""
    stepper = trainer.stepper
    fresh = Reference(trainer_of(trainer.experiment).program)
    np.copyto(fresh.program.state(fresh.arena), stepper.state)
    fresh.load(stepper.sampler.tables.by_column, stepper.rows)
    fresh.draw(stepper.batch)
    return fresh.forward(len(stepper.rows))


@pytest.mark.parametrize("executor", BOTH)
@pytest.mark.parametrize("way", ["backpropagation", "finite-differences"])
def test_the_loss_after_the_update_is_that_of_the_same_rows_and_masks(executor: str, way: str) -> None:
    if executor == COMPILED and COMPILED not in EXECUTORS:
        load()
    trainer = trainer_of(noisy("adam", way))
    trainer.change_executor(executor)
    for change in (Trainer.finish_step, Trainer.finish_step, Trainer.finish_step, apply_gradient, apply_gradient):
        change(trainer)
        snapshot = trainer.snapshot()
        assert snapshot.batch_loss_after == pytest.approx(loss_on_a_fresh_program(trainer), rel=1e-12)
        assert snapshot.batch_loss_after != snapshot.loss


def test_looking_at_the_loss_changes_nothing() -> None:
    trainer = trainer_of(noisy("adam"))
    run_steps(trainer, 3)
    arena, batch = trainer.stepper.arena.copy(), trainer.recorder.curves().batch_loss.copy()
    assert trainer.snapshot().batch_loss_after is not None
    np.testing.assert_array_equal(trainer.stepper.arena, arena)
    np.testing.assert_array_equal(trainer.recorder.curves().batch_loss, batch)


def test_it_is_known_right_after_an_update_and_not_in_a_fast_run() -> None:
    trainer = trainer_of(experiment_of())
    assert trainer.snapshot().batch_loss_after is None
    run_steps(trainer, 2)
    assert trainer.snapshot(exact=False).batch_loss_after is None
    assert trainer.snapshot().batch_loss_after is not None
    trainer.micro_step()
    assert trainer.snapshot().batch_loss_after is None
    trainer.change_pipeline(replace(trainer.experiment, optimizer=optimizer("none")))
    trainer.finish_step()
    assert trainer.snapshot().batch_loss_after is None


@pytest.mark.parametrize(("batch_size", "ending"), [(16, "; the next step draws other rows"), (None, "")])
def test_the_sentence_after_the_update_tells_both_losses(batch_size: int | None, ending: str) -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("adam"), batch_size=batch_size))
    run_steps(trainer, 1)
    snapshot = trainer.snapshot()
    losses = f"{snapshot.loss} → {snapshot.batch_loss_after}"
    assert str(snapshot.told) == f"Adam turned g into Δw and added it · same batch {losses}{ending}"
