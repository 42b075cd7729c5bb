"""Going back and forth, branching, saving and loading where g was applied again or rows were redrawn: all is exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.compiled import COMPILED, is_available, load
from engine.continuation import load_run, save_run
from engine.experiment import REFERENCE
from engine.gradient_use import apply_gradient, compute_gradient, redraw, why_not_apply
from engine.trainer import Trainer
from tests.engine.samples import experiment_of, method, optimizer, run_steps, state_of, trainer_of
from tests.engine.test_gradient_use import BOTH, numbers, trainer_on
from tests.engine.test_modes import noisy


def change_run(trainer: Trainer) -> None:
    """Do steps with all of it in between."""
    run_steps(trainer, 4)
    apply_gradient(trainer)
    apply_gradient(trainer)
    run_steps(trainer, 3)
    compute_gradient(trainer)
    redraw(trainer)
    compute_gradient(trainer)
    apply_gradient(trainer)
    apply_gradient(trainer)
    trainer.micro_step()
    redraw(trainer)
    redraw(trainer)
    run_steps(trainer, 4)


@pytest.mark.parametrize("executor", BOTH)
@pytest.mark.parametrize("way", ["backpropagation", "forward-mode", "spsa"])
def test_going_back_and_forward_over_it_finds_the_same_numbers(executor: str, way: str) -> None:
    trainer = trainer_on(executor, noisy("adam", way))
    change_run(trainer)
    end, known = numbers(trainer), {}
    for step in range(trainer.stepper.step, 0, -1):
        trainer.go_to(step)
        known[step] = numbers(trainer)
    trainer.go_to(0)
    for step in range(1, len(known) + 1):
        trainer.finish_step()
        assert numbers(trainer) == known[step], step
    assert numbers(trainer) == end
    trainer.go_to(2)
    run_steps(trainer, len(known) - 2)
    assert numbers(trainer) == end


@pytest.mark.parametrize("executor", BOTH)
def test_in_the_past_applying_g_again_begins_a_branch(executor: str) -> None:
    trainer = trainer_on(executor, experiment_of(rule=optimizer("adam")))
    run_steps(trainer, 8)
    end = numbers(trainer)
    trainer.go_to(5)
    apply_gradient(trainer)
    assert (trainer.timeline.number, trainer.timeline.is_past, trainer.stepper.updates) == (1, False, 6)
    branched = numbers(trainer)
    run_steps(trainer, 2)
    trainer.go_to(5)
    assert numbers(trainer) == branched
    trainer.go_to_line(0)
    assert numbers(trainer) == end


@pytest.mark.parametrize("executor", BOTH)
@pytest.mark.parametrize("change", [apply_gradient, redraw])
def test_in_the_past_g_is_applied_without_what_was_done_by_hand_after_it(
    executor: str, change: Callable[[Trainer], None]
) -> None:
    trainer, plain = (trainer_on(executor, experiment_of(rule=optimizer("adam"))) for _ in range(2))
    run_steps(trainer, 4)
    change(trainer)
    change(trainer)
    run_steps(trainer, 3)
    end = numbers(trainer)
    trainer.go_to(3)
    compute_gradient(trainer)
    assert trainer.timeline.is_past
    apply_gradient(trainer)
    run_steps(plain, 4)
    assert (trainer.timeline.number, trainer.timeline.is_past, trainer.stepper.updates) == (1, False, 4)
    assert numbers(trainer) == numbers(plain)
    run_steps(trainer, 2)
    run_steps(plain, 2)
    assert numbers(trainer) == numbers(plain)
    trainer.go_to_line(0)
    assert numbers(trainer) == end


def test_in_the_past_a_recorded_update_is_no_change() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("adam")))
    run_steps(trainer, 3)
    trainer.change_pipeline(replace(trainer.experiment, optimizer=optimizer("sgd")))
    run_steps(trainer, 3)
    for step in (0, 2):
        trainer.go_to(step)
        compute_gradient(trainer)
        apply_gradient(trainer)
        assert (trainer.timeline.number, trainer.timeline.is_past, trainer.stepper.step) == (0, True, step + 1)


@pytest.mark.skipif(not is_available(), reason="numba has no wheel for every system")
def test_where_another_executor_computed_g_it_is_applied_again_by_that_one() -> None:
    trainer = trainer_on(REFERENCE, experiment_of(rule=optimizer("adam")))
    run_steps(trainer, 4)
    load()
    trainer.change_executor(COMPILED)
    run_steps(trainer, 4)
    trainer.go_to(3)
    assert why_not_apply(trainer) is None
    apply_gradient(trainer)
    assert (trainer.stepper.updates, trainer.stepper.pipeline.executor) == (4, REFERENCE)
    run_steps(trainer, 3)
    end = numbers(trainer)
    assert trainer.stepper.pipeline.executor == COMPILED
    trainer.go_to(2)
    run_steps(trainer, 4)
    assert numbers(trainer) == end


@pytest.mark.parametrize("executor", BOTH)
def test_a_run_saved_right_after_goes_on_equal_to_the_bit(executor: str) -> None:
    experiment = noisy("adam")
    trainer = trainer_on(executor, experiment)
    run_steps(trainer, 4)
    for change in (apply_gradient, compute_gradient, redraw, compute_gradient, apply_gradient, apply_gradient):
        change(trainer)
        again = trainer_on(executor, experiment)
        load_run(again, save_run(trainer))
        assert (again.stepper.step, again.stepper.micro) == (trainer.stepper.step, trainer.stepper.micro)
        copy = trainer_on(executor, experiment)
        load_run(copy, save_run(again))
        for one in (again, copy):
            one.finish_step()
            run_steps(one, 5)
        assert state_of(again.stepper) == state_of(copy.stepper)
    load_run(again := trainer_on(executor, experiment), save_run(trainer))
    for one in (again, trainer):
        one.finish_step()
        run_steps(one, 5)
    assert state_of(again.stepper) == state_of(trainer.stepper)


def test_the_rows_of_a_stored_loss_are_never_wrong() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 2)
    trainer.micro_step()
    redraw(trainer)
    assert trainer.snapshot().loss_rows == 16
    trainer.previous_micro_step()
    state = save_run(trainer)
    assert (state.row, state.loss) == (0, None)
    run_steps(trainer, 1)
    again = trainer_of(experiment_of())
    load_run(again, save_run(trainer))
    assert (again.snapshot().loss, again.snapshot().loss_rows) == (trainer.stepper.loss, 16)


def test_another_method_in_the_slot_takes_the_old_g_away() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 2)
    trainer.change_pipeline(replace(trainer.experiment, method=method("spsa")))
    assert why_not_apply(trainer) is not None
