"""Computing g and using it, each by itself: what moves, what stays as it is, and that the way back stays exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.compiled import COMPILED, is_available, load
from engine.executors import EXECUTORS
from engine.experiment import REFERENCE, Experiment
from engine.gradient_use import (
    apply_gradient,
    compute_gradient,
    redraw,
    why_not_apply,
    why_not_compute,
    why_not_redraw,
)
from engine.gradients import GRADIENT_METHODS
from engine.ops.call import Array
from engine.optimizers import Update, make_optimizer
from engine.program import Phase
from engine.trainer import Trainer
from tests.engine.samples import experiment_of, optimizer, run_steps, state_of, trainer_of
from tests.engine.test_modes import noisy

BOTH = [
    REFERENCE,
    pytest.param(COMPILED, marks=pytest.mark.skipif(not is_available(), reason="numba has no wheel for every system")),
]


def trainer_on(executor: str, experiment: Experiment) -> Trainer:
    if executor == COMPILED and COMPILED not in EXECUTORS:
        load()
    trainer = trainer_of(experiment)
    trainer.change_executor(executor)
    return trainer


def numbers(trainer: Trainer) -> tuple[object, ...]:
    """Give all that decides how the run goes on, and g and Δw."""
    stepper = trainer.stepper
    regions = [stepper.program.region(stepper.arena, k).tobytes() for k in (1, 2)]
    return (state_of(stepper), stepper.micro, stepper.gradient_step, stepper.gradient_calls, *regions)


def g_of(trainer: Trainer) -> Array:
    return trainer.program.region(trainer.stepper.arena, 1).copy()


def lasting(trainer: Trainer) -> bytes:
    """Give weights, buffers and slots."""
    return state_of(trainer.stepper)[-1]


# ---- computing g -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("executor", BOTH)
@pytest.mark.parametrize("way", [name for name in GRADIENT_METHODS if name != "none"])
def test_computing_g_stops_before_the_update_and_changes_nothing_that_lasts(executor: str, way: str) -> None:
    trainer = trainer_on(executor, noisy("adam", way))
    run_steps(trainer, 2)
    before = lasting(trainer)
    for done in (0, 3):
        for _ in range(done):
            trainer.micro_step()
        compute_gradient(trainer)
        stepper = trainer.stepper
        assert (stepper.step, stepper.gradient_step, stepper.announce(stepper.micro).phase) == (2, 2, Phase.UPDATE)
        assert lasting(trainer) == before
        computed = g_of(trainer)
        trainer.previous_step()
    other = trainer_on(executor, noisy("adam", way))
    run_steps(other, 3)
    np.testing.assert_array_equal(g_of(other), computed)
    words = why_not_compute(other.stepper)
    compute_gradient(other)
    assert words is None
    assert str(why_not_compute(other.stepper)) == "g is computed already: what comes next is the update"


@pytest.mark.parametrize(
    ("rule", "way", "words"),
    [
        ("genetic-algorithm", "backpropagation", "Genetic algorithm needs no g, so a step computes none"),
        ("adam", "none", "There is no gradient method that could compute g"),
    ],
)
def test_where_a_step_calls_no_gradient_method_no_g_can_be_computed(rule: str, way: str, words: str) -> None:
    trainer = trainer_of(experiment_of(rule=optimizer(rule), way=way))
    assert str(why_not_compute(trainer.stepper)) == str(why_not_compute(trainer.stepper, is_running=True)) == words
    compute_gradient(trainer)
    assert (trainer.stepper.step, trainer.stepper.micro) == (0, 0)


# ---- using g ---------------------------------------------------------------------------------------------------------


def test_a_computed_g_is_applied_as_the_update_of_its_step() -> None:
    one, other = (trainer_of(experiment_of(rule=optimizer("adam"))) for _ in range(2))
    assert str(why_not_apply(one)) == "Compute g first: there is none yet for the optimizer to use"
    compute_gradient(one)
    apply_gradient(one)
    run_steps(other, 1)
    assert numbers(one) == numbers(other)


@pytest.mark.parametrize("executor", BOTH)
@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam", "adamw", "rprop", "lion"])
def test_applying_g_again_is_one_more_update_by_the_rule_with_the_same_g(executor: str, kind: str) -> None:
    rule = optimizer(kind)
    trainer = trainer_on(executor, experiment_of(rule=rule))
    run_steps(trainer, 4)
    stepper, g = trainer.stepper, g_of(trainer)
    weights, made = stepper.weights.copy(), make_optimizer(kind, rule.settings)
    memory = tuple(array.copy() for array in stepper.update_phase.memory.values())
    epoch = stepper.epoch, stepper.row
    for t in (5, 6):
        assert why_not_apply(trainer) is None
        apply_gradient(trainer)
        trial = Update(weights, g.copy(), memory, np.empty_like(weights))
        made.update(trial, t)
        weights += trial.delta
        np.testing.assert_allclose(stepper.weights, weights, rtol=1e-12, atol=1e-15)
        for kept, found in zip(memory, stepper.update_phase.memory.values(), strict=True):
            np.testing.assert_allclose(found, kept, rtol=1e-12, atol=1e-15)
        np.testing.assert_array_equal(g_of(trainer), g)
        assert (stepper.step, stepper.updates, stepper.gradient_step, stepper.gradient_calls) == (4, t, 3, 4)
        assert (stepper.epoch, stepper.row) == epoch
    told = trainer.snapshot()
    assert told.reuse is not None
    assert told.reuse.count == 2
    assert "turned the same g into another Δw and added it; no gradient was computed" in str(told.told)
    assert [str(words) for _, words in trainer.recorder.curves().events] == ["g applied again"]


@pytest.mark.parametrize(
    ("rule", "way", "words"),
    [
        ("genetic-algorithm", "backpropagation", "Genetic algorithm uses no g"),
        ("none", "backpropagation", "There is no optimizer that could use g"),
        ("adam", "none", "Compute g first: there is none yet for the optimizer to use"),
    ],
)
def test_where_nothing_uses_g_it_is_not_applied(rule: str, way: str, words: str) -> None:
    trainer = trainer_of(experiment_of(rule=optimizer(rule), way=way))
    for _ in range(trainer.stepper.micro_count):
        assert str(why_not_apply(trainer)) == words
        before = numbers(trainer)
        apply_gradient(trainer)
        assert numbers(trainer) == before
        trainer.micro_step()


def test_where_everything_is_pinned_g_moves_nothing() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 1)
    every = frozenset((p.node, p.name) for p in trainer.program.parameters)
    trainer.change_pipeline(replace(trainer.experiment, pinned=every))
    before = numbers(trainer)
    apply_gradient(trainer)
    assert numbers(trainer) == before
    assert str(why_not_apply(trainer)) == "Every parameter is pinned, so no g moves any"


def test_between_the_phases_there_is_no_whole_g_to_apply() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 2)
    for _ in range(trainer.stepper.micro_count - 1):
        trainer.micro_step()
        before, is_ready = numbers(trainer), trainer.snapshot().next.phase is Phase.UPDATE
        assert (why_not_apply(trainer) is None) is is_ready
        if not is_ready:
            apply_gradient(trainer)
            assert numbers(trainer) == before


def test_g_is_not_applied_again_where_a_weight_would_become_non_finite() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("sgd", learning_rate=0.1)))
    run_steps(trainer, 3)
    trainer.change_pipeline(replace(trainer.experiment, optimizer=optimizer("sgd", learning_rate=1e12)))
    trainer.program.region(trainer.stepper.arena, 1)[:] *= 1e300
    before = numbers(trainer)
    apply_gradient(trainer)
    assert numbers(trainer) == before
    assert str(trainer.take_stop()) == "g was not applied again: a weight would have become non-finite"
    assert trainer.find_non_finite() is None
    assert trainer.stepper.step == 3


def test_at_the_end_of_another_line_g_is_applied_after_resuming_only() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("adam")))
    run_steps(trainer, 6)
    trainer.go_to(3)
    trainer.change_pipeline(replace(trainer.experiment, optimizer=optimizer("sgd")))
    run_steps(trainer, 2)
    trainer.go_to_line(0)
    assert str(why_not_apply(trainer)) == "Resume here first: other things are in the slots here"


# ---- other rows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("executor", BOTH)
def test_other_rows_are_the_next_ones_of_the_epoch_at_the_same_weights(executor: str) -> None:
    trainer = trainer_on(executor, noisy("adam"))
    run_steps(trainer, 1)
    before = lasting(trainer)
    order = trainer.stepper.sampler.rows(0, 0)
    compute_gradient(trainer)
    first = trainer.stepper.rows.copy()
    calls = trainer.snapshot().gradient_calls
    redraw(trainer)
    stepper = trainer.stepper
    assert lasting(trainer) == before
    assert (stepper.step, stepper.micro, stepper.epoch, stepper.row) == (1, 1, 0, 32)
    assert not set(stepper.rows.tolist()) & {*first.tolist(), *order.tolist()}
    assert trainer.snapshot().gradient_calls == calls
    assert (stepper.gradient_step, stepper.loss_step) == (None, None)
    words = "Drew 8 other rows of 40 at the same weights, batch 3 of 3 of this epoch"
    assert str(trainer.snapshot().told) == words
    redraw(trainer)
    assert (stepper.step, stepper.micro, stepper.epoch, stepper.row) == (1, 1, 1, 0)
    assert lasting(trainer) == before


def test_before_any_rows_are_drawn_for_a_step_none_are_left_out() -> None:
    trainer, other = (trainer_of(experiment_of()) for _ in range(2))
    run_steps(trainer, 1)
    run_steps(other, 1)
    redraw(trainer)
    other.micro_step()
    assert numbers(trainer) == numbers(other)


def test_a_batch_of_all_rows_leaves_no_others_to_draw() -> None:
    trainer = trainer_of(experiment_of(batch_size=None))
    assert str(why_not_redraw(trainer.stepper)) == "Each batch holds all rows, so there are no others to draw"
    trainer.micro_step()
    before = numbers(trainer)
    redraw(trainer)
    assert numbers(trainer) == before
