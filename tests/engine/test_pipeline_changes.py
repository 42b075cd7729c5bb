"""What a change of the two slots does to a run, also when going back over it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import timeline
from engine.program import Phase
from engine.trainer import Trainer
from tests.engine.samples import experiment_of, method, optimizer, trainer_of


def weights_of(trainer: Trainer) -> np.ndarray:
    """Copy the weights."""
    return trainer.stepper.weights.copy()


def run(trainer: Trainer, steps: int) -> None:
    """Do whole steps."""
    for _ in range(steps):
        trainer.finish_step()


@pytest.mark.parametrize("frames", [timeline.MAX_KEYFRAMES, 6])
def test_going_back_over_another_optimizer_and_back_is_exact(monkeypatch: pytest.MonkeyPatch, frames: int) -> None:
    monkeypatch.setattr(timeline, "MAX_KEYFRAMES", frames)
    adam = experiment_of(rule=optimizer("adam"))
    trainer = trainer_of(adam)
    run(trainer, 10)
    trainer.change_pipeline(replace(adam, optimizer=optimizer("sgd")))
    trainer.change_pipeline(adam)
    after: dict[int, np.ndarray] = {}
    for step in range(11, 40):
        run(trainer, 1)
        after[step] = weights_of(trainer)
    for step in (30, 15, 11):
        trainer.go_to(step)
        assert np.array_equal(weights_of(trainer), after[step]), step
    trainer.go_to(10)
    run(trainer, 5)
    assert np.array_equal(weights_of(trainer), after[15])


@pytest.mark.parametrize("rule", ["adam", "momentum", "sgd"])
def test_without_a_gradient_no_weight_changes(rule: str) -> None:
    experiment = experiment_of(rule=optimizer(rule))
    trainer = trainer_of(experiment)
    run(trainer, 5)
    before, updates = weights_of(trainer), trainer.stepper.updates
    trainer.change_pipeline(replace(experiment, method=method("none")))
    run(trainer, 5)
    snapshot = trainer.snapshot()
    assert np.array_equal(weights_of(trainer), before)
    assert trainer.stepper.updates == updates
    assert (snapshot.step, snapshot.update_step, snapshot.gradient_step) == (10, 4, None)
    assert snapshot.last is not None
    assert str(snapshot.last.words) == "No update: there is no g to use, so no weight has changed"


def test_without_an_optimizer_g_is_computed_and_no_weight_changes() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("none")))
    before = weights_of(trainer)
    run(trainer, 3)
    snapshot = trainer.snapshot()
    assert np.array_equal(weights_of(trainer), before)
    assert (snapshot.gradient_step, snapshot.update_step) == (2, None)
    assert snapshot.last is not None
    assert str(snapshot.last.words) == "No update: there is no optimizer, so no weight has changed"


@pytest.mark.parametrize(
    ("size", "words"),
    [(None, "Gradient descent turned"), (16, "Minibatch SGD turned"), (1, "SGD turned")],
)
def test_sgd_goes_by_the_name_for_its_batch(size: int | None, words: str) -> None:
    trainer = trainer_of(experiment_of(batch_size=size))
    run(trainer, 1)
    last = trainer.snapshot().last
    assert last is not None
    assert str(last.words).startswith(words)


@pytest.mark.parametrize("way", ["backpropagation", "finite-differences"])
def test_the_norm_of_g_is_not_told_while_g_is_being_computed(way: str) -> None:
    trainer = trainer_of(experiment_of(way=way))
    run(trainer, 2)
    told: dict[Phase, list[bool]] = {}
    for _ in range(trainer.stepper.micro_count - 1):
        trainer.micro_step()
        snapshot = trainer.snapshot()
        assert snapshot.phase is not None
        told.setdefault(snapshot.phase, []).append(snapshot.gradient_norm is not None)
    assert all(told[Phase.FORWARD])
    assert told[Phase.BACKWARD] == [False] * (len(told[Phase.BACKWARD]) - 1) + [True]
