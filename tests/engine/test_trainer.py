"""The trainer: running, stepping, changes in the middle of a run, and what happens where numbers stop being finite."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.experiment import Choice
from engine.fault import Fault
from engine.graph import Graph
from engine.program import Phase
from engine.trainer import Trainer
from tests.engine.networks import chain, close, make_rows
from tests.engine.samples import (
    LINE,
    dense_graph,
    experiment_of,
    line_experiment,
    method,
    optimizer,
    run_steps,
    state_of,
    trainer_of,
)


def diverged(trainer: Trainer) -> list[bytes]:
    """Run until a value is not finite; give the weights before each step."""
    weights = []
    for _ in range(5000):
        weights.append(trainer.stepper.weights.tobytes())
        if not trainer.advance(0.0):
            return weights
    raise AssertionError("it never diverged")


def test_advance_trains_for_about_the_time_given_and_at_least_one_step() -> None:
    trainer = trainer_of(experiment_of())
    assert trainer.advance(0.0)
    assert trainer.stepper.step == 1
    begun = perf_counter()
    assert trainer.advance(0.02)
    assert 0.02 <= perf_counter() - begun < 0.5
    assert trainer.stepper.step > 2
    assert trainer.snapshot().phase is Phase.UPDATE


def test_training_makes_the_loss_smaller() -> None:
    trainer = trainer_of(experiment_of(dense_graph((8,)), rule=optimizer("adam")))
    before = trainer.snapshot()
    run_steps(trainer, 400)
    after = trainer.snapshot()
    assert after.train_loss < 0.1 < 0.5 < before.train_loss
    assert after.test_loss < 0.3


def test_a_step_of_many_passes_stops_between_them_when_the_time_is_over() -> None:
    trainer = trainer_of(experiment_of(dense_graph((60,)), way="finite-differences"))
    assert trainer.advance(0.0)
    assert (trainer.stepper.step, trainer.stepper.micro) == (0, 1)
    trainer.finish_step()
    assert (trainer.stepper.step, trainer.stepper.micro) == (1, 0)


def test_running_stepping_and_any_mixture_of_them_give_the_same_run() -> None:
    running, stepping, mixed = (trainer_of(experiment_of(rule=optimizer("adam"))) for _ in range(3))
    run_steps(running, 30)
    for _ in range(30):
        stepping.finish_step()
    for micro_steps in (1, 7, 3, 20, 2):
        for _ in range(micro_steps):
            mixed.micro_step()
        mixed.advance(0.0)
        mixed.advance(0.0)
    while mixed.stepper.step < 30:
        mixed.finish_step()
    assert state_of(running.stepper) == state_of(stepping.stepper) == state_of(mixed.stepper)
    a, b = running.recorder.curves(), mixed.recorder.curves()
    np.testing.assert_array_equal(a.batch_loss, b.batch_loss)
    np.testing.assert_array_equal(a.train, b.train)


def test_reset_begins_the_same_run_anew() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("momentum")))
    start = state_of(trainer.stepper)
    run_steps(trainer, 12)
    end = state_of(trainer.stepper)
    trainer.micro_step()
    trainer.reset()
    assert state_of(trainer.stepper) == start
    assert not trainer.timeline.can_go_back
    assert len(trainer.recorder.curves().batch_loss) == 0
    run_steps(trainer, 12)
    assert state_of(trainer.stepper) == end


def test_a_change_of_the_learning_rate_goes_on_with_weights_slots_and_step_and_is_noted() -> None:
    experiment = experiment_of(rule=optimizer("momentum"))
    trainer = trainer_of(experiment)
    run_steps(trainer, 5)
    before = state_of(trainer.stepper)
    trainer.change_pipeline(replace(experiment, optimizer=optimizer("momentum", learning_rate=0.5)))
    assert state_of(trainer.stepper) == before
    (event,) = trainer.recorder.curves().events
    assert event[0] == 5
    assert "Learning rate 0.5" in str(event[1])


def test_a_change_within_a_step_counts_for_this_step() -> None:
    experiment = experiment_of(rule=optimizer("sgd", learning_rate=0.1))
    trainer = trainer_of(experiment)
    trainer.micro_step()
    weights = trainer.stepper.weights.copy()
    trainer.change_pipeline(replace(experiment, optimizer=optimizer("sgd", learning_rate=0.7)))
    assert trainer.stepper.micro == 1
    trainer.finish_step()
    g = trainer.program.region(trainer.stepper.arena, 1)
    np.testing.assert_array_equal(trainer.stepper.weights, weights + -0.7 * g)


def test_a_change_of_the_gradient_method_keeps_weights_and_slots() -> None:
    experiment = experiment_of(rule=optimizer("adam"))
    trainer = trainer_of(experiment)
    run_steps(trainer, 5)
    before = state_of(trainer.stepper)
    trainer.change_pipeline(replace(experiment, method=method("finite-differences")))
    assert state_of(trainer.stepper) == before
    assert trainer.snapshot().gradient_step is None


@pytest.mark.parametrize("batch_size", [16, None])
def test_a_diverging_run_stops_at_its_last_finite_weights_and_says_where(batch_size: int | None) -> None:
    trainer = trainer_of(line_experiment(1e6, batch_size))
    weights = diverged(trainer)
    assert not trainer.stepper.is_finite
    words = str(trainer.find_non_finite())
    step = trainer.stepper.step
    assert step == len(weights) - 1 > 5
    assert f"Step {step + 1}, phase" in words
    assert "Mean squared error" in words or "A" in words
    assert "learning rate" in words
    assert trainer.stepper.weights.tobytes() == weights[step]
    assert np.isfinite(trainer.stepper.weights).all()
    curves = trainer.recorder.curves()
    assert len(curves.batch_loss) == step
    assert np.isfinite(curves.batch_loss).all()
    assert np.isfinite(curves.train[:-1]).all()
    assert str(curves.events[-1][1]) == words
    assert trainer.find_non_finite() is None
    assert trainer.timeline.can_go_back


def test_stepping_into_a_non_finite_value_tells_of_it_once_where_it_arose() -> None:
    trainer = trainer_of(line_experiment(1e6))
    diverged(trainer)
    words = trainer.find_non_finite()
    weights = trainer.stepper.weights.tobytes()
    told: list[Fault] = []
    while trainer.stepper.micro or not told:
        trainer.micro_step()
        if trainer.stepper.micro == 0:
            break
        found = trainer.find_non_finite()
        told += [] if found is None else [found]
        assert trainer.stepper.weights.tobytes() == weights
    assert told == [words]
    again = trainer.find_non_finite()
    assert again == words
    assert trainer.stepper.weights.tobytes() == weights


def test_a_value_that_spreads_through_a_step_is_told_of_once() -> None:
    graph = dense_graph((3,), "mean_squared_error", activation="identity")
    trainer = trainer_of(experiment_of(graph, LINE))
    trainer.stepper.weights[...] = 1e200
    told: list[str] = []
    for _ in range(trainer.stepper.micro_count - 1):
        trainer.micro_step()
        words = trainer.find_non_finite()
        told += [] if words is None else [str(words)]
    assert not np.isfinite(trainer.stepper.loss or 0.0)
    assert len(told) == 1
    assert told[0].startswith("Step 1, phase 2 Forward, B: a value became non-finite")


def test_going_back_further_and_a_smaller_learning_rate_save_a_diverged_run() -> None:
    experiment = line_experiment(1e3)
    trainer = trainer_of(experiment)
    diverged(trainer)
    trainer.find_non_finite()
    trainer.go_to(1)
    trainer.change_pipeline(replace(experiment, optimizer=optimizer("sgd", learning_rate=0.1)))
    losses = []
    for _ in range(5):
        run_steps(trainer, 40)
        losses.append(trainer.snapshot().train_loss)
    assert np.isfinite(losses).all()
    assert losses == sorted(losses, reverse=True)


def test_the_update_is_blamed_where_finite_gradients_carry_the_weights_away() -> None:
    x = np.array([[1e150], [1e150], [1e150]])
    graph, features = Graph().add("features")
    layer = ("neuron", {"activation": "identity", "bias": False, "initializer": "zeros"})
    graph = close(*chain(graph, features, [layer]), "mean_squared_error")
    experiment = experiment_of(graph, Choice("rows"), optimizer("sgd", learning_rate=1e12), batch_size=None)
    trainer = trainer_of(experiment, make_rows(x, np.full((3, 1), 1e150)))
    assert not trainer.advance(0.0)
    words = str(trainer.find_non_finite())
    assert "Step 1, phase 5 Update" in words
    assert not trainer.stepper.weights.any()


def test_where_several_steps_went_by_unseen_the_first_bad_one_is_found() -> None:
    trainer, unseen = trainer_of(line_experiment(1e6)), trainer_of(line_experiment(1e6))
    weights = diverged(trainer)
    for _ in range(len(weights) + 20):
        unseen.finish_step()
    assert str(unseen.find_non_finite()) == str(trainer.find_non_finite())
    assert state_of(unseen.stepper) == state_of(trainer.stepper)


@settings(max_examples=10)
@given(st.integers(0, 40), st.integers(0, 9))
def test_a_finite_run_is_left_as_it_is_by_the_search(steps: int, micro_steps: int) -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("adam")))
    run_steps(trainer, steps)
    for _ in range(micro_steps):
        trainer.micro_step()
    before, arena = trainer.stepper.micro, trainer.stepper.arena.tobytes()
    state = state_of(trainer.stepper)
    assert trainer.find_non_finite() is None
    assert (trainer.stepper.micro, state_of(trainer.stepper)) == (before, state)
    assert trainer.stepper.arena.tobytes() == arena


def test_weights_so_large_that_their_sum_overflows_are_no_alarm() -> None:
    trainer = trainer_of(experiment_of())
    trainer.stepper.weights[:2] = 1.5e308
    state = state_of(trainer.stepper)
    assert trainer.find_non_finite() is None
    assert state_of(trainer.stepper) == state


def test_a_snapshot_is_a_copy_that_nobody_can_write_to() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 3)
    snapshot = trainer.snapshot()
    weights, curve = snapshot.state.copy(), snapshot.curves.batch_loss.copy()
    batch = snapshot.batch.tolist()
    run_steps(trainer, 3)
    np.testing.assert_array_equal(snapshot.state, weights)
    np.testing.assert_array_equal(snapshot.curves.batch_loss, curve)
    assert snapshot.batch.tolist() == batch
    for array in (snapshot.arena, snapshot.batch):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_snapshot_tells_what_is_next_and_what_was_last() -> None:
    trainer = trainer_of(experiment_of())
    fresh = trainer.snapshot()
    assert (fresh.last, fresh.phase, fresh.next.phase, fresh.loss) == (None, None, Phase.SAMPLE, None)
    assert (fresh.rows, fresh.train_rows, fresh.gradient_norm, fresh.update_norm) == (16, 40, None, None)
    trainer.micro_step()
    drawn = trainer.snapshot()
    assert str(fresh.next.words) == "draw 16 of 40 rows"
    assert str(drawn.told) == "Drew 16 of 40 rows, batch 1 of 3 of this epoch"
    trainer.finish_step()
    done = trainer.snapshot()
    assert (done.phase, done.step, done.micro) == (Phase.UPDATE, 1, 0)
    assert done.gradient_norm == pytest.approx(np.linalg.norm(done.program.region(done.arena, 1)))
    assert done.update_norm == pytest.approx(0.1 * (done.gradient_norm or 0.0))


def test_a_graph_without_weights_can_be_run_and_stepped() -> None:
    graph, x = Graph().add("features", {"columns": ("x1",)})
    trainer = trainer_of(experiment_of(close(graph, x, "binary_cross_entropy")))
    run_steps(trainer, 5)
    trainer.finish_step()
    trainer.previous_step()
    snapshot = trainer.snapshot()
    assert snapshot.step == 5
    assert snapshot.loss is not None
    assert snapshot.gradient_step is None
