"""The genetic algorithm solves XOR with forward passes alone: the gradient method in its slot is never called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.continuation import load_run, save_run
from engine.experiment import Choice, Experiment
from engine.gradients import Backpropagation, ForwardMode
from engine.program import Phase
from engine.reference import Reference
from engine.storage import Stored, read_document, write_document
from engine.trainer import Trainer
from tests.engine.samples import dense_graph, experiment_of, optimizer, run_steps, state_of, trainer_of

MARK = -123.5
"""What stands in g from the start: a number that no gradient is."""
STEPS = 200
MEMBERS = 50


def experiment(seed: int = 1, batch_size: int | None = None) -> Experiment:
    """Make a 2-8-1 tanh network on XOR with binary cross-entropy; backpropagation stands in the other slot."""
    graph = dense_graph((8,), "binary_cross_entropy", activation="tanh")
    made = experiment_of(graph, Choice("xor"), optimizer("genetic-algorithm", population=MEMBERS), seed=seed)
    return replace(made, batch_size=batch_size)


def marked(trainer: Trainer) -> Trainer:
    trainer.program.region(trainer.stepper.arena, 1).fill(MARK)
    return trainer


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_solves_xor_and_calls_no_gradient_method(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a gradient was asked for")

    for owner, name in ((Reference, "backward"), (Reference, "backward_step"), (Reference, "tangent")):
        monkeypatch.setattr(owner, name, refuse)
    for method in (Backpropagation, ForwardMode):
        monkeypatch.setattr(method, "run", refuse)
        monkeypatch.setattr(method, "compute", refuse)
    trainer = marked(trainer_of(experiment(seed)))
    start = trainer.snapshot()
    assert start.train_loss > 0.5
    assert not start.is_method_called
    run_steps(trainer, STEPS)
    end = trainer.snapshot()
    assert end.train_loss < 0.05
    assert end.test_loss < 0.1
    assert not end.is_method_called
    assert end.gradient_calls == trainer.stepper.gradient_calls == 0
    assert end.gradient_norm is None
    assert end.gradient_step is None
    assert (trainer.program.region(trainer.stepper.arena, 1) == MARK).all()
    dataset = trainer.stepper.dataset
    told = trainer.evaluator.predict(end.state, dataset.x[dataset.test]) > 0.5
    assert np.mean(told == dataset.y[dataset.test]) > 0.95


@pytest.mark.parametrize("batch_size", [None, 32])
def test_running_and_stepping_are_equal_to_the_bit(batch_size: int | None) -> None:
    running, stepping = (marked(trainer_of(experiment(batch_size=batch_size))) for _ in range(2))
    for _ in range(6):
        run_steps(running, 1)
        phases = []
        before = stepping.stepper.weights.tobytes()
        for _ in range(stepping.stepper.micro_count):
            assert stepping.stepper.weights.tobytes() == before
            stepping.micro_step()
            phases.append(stepping.snapshot(exact=False).phase)
        assert Phase.BACKWARD not in phases
        assert phases.count(Phase.UPDATE) == MEMBERS + 1
        assert stepping.stepper.micro == 0
        assert state_of(stepping.stepper) == state_of(running.stepper)
        assert stepping.stepper.arena.tobytes() == running.stepper.arena.tobytes()
    assert (stepping.program.region(stepping.stepper.arena, 1) == MARK).all()


@pytest.mark.parametrize("batch_size", [None, 32])
def test_going_back_and_on_is_equal_to_the_bit(batch_size: int | None) -> None:
    trainer = trainer_of(experiment(batch_size=batch_size))
    states = [state_of(trainer.stepper)]
    for _ in range(12):
        run_steps(trainer, 1)
        states.append(state_of(trainer.stepper))
    assert len(set(states)) == len(states)
    for step in (11, 7, 0, 3):
        if step < trainer.stepper.step:
            trainer.go_to(step)
            assert state_of(trainer.stepper) == states[step]
        run_steps(trainer, 4 if step == 0 else 1)
        assert state_of(trainer.stepper) == states[trainer.stepper.step]
    # From the middle of a generation, too.
    for _ in range(20):
        trainer.micro_step()
    trainer.previous_step()
    assert state_of(trainer.stepper) == states[trainer.stepper.step]
    assert trainer.stepper.gradient_calls == 0


@pytest.mark.parametrize("place", ["between steps", "after the sample", "among the members", "before the update"])
def test_a_run_goes_on_from_a_file_equal_to_the_bit(place: str) -> None:
    trainer = trainer_of(experiment(batch_size=32))
    run_steps(trainer, 4)
    count = trainer.stepper.micro_count
    done = {"between steps": 0, "after the sample": 1, "among the members": count - 20, "before the update": count - 1}
    for _ in range(done[place]):
        trainer.micro_step()
    stored = read_document(write_document(Stored(trainer.experiment, save_run(trainer))))
    assert stored.run is not None
    again = trainer_of(stored.experiment)
    load_run(again, stored.run)
    assert again.stepper.micro == trainer.stepper.micro == done[place]
    if place in ("among the members", "before the update"):
        np.testing.assert_array_equal(again.stepper.update_phase.losses, trainer.stepper.update_phase.losses)
    for _ in range(3):
        for one in (trainer, again):
            one.finish_step()
        # What lies between the parameters in the arena is no part of a run, and not in files.
        assert save_run(again) == save_run(trainer)
    assert again.stepper.gradient_calls == 0
