"""Networks that do one thing in training and another in evaluation: Dropout's masks, Batch norm's buffers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.continuation import continue_run, load_run, save_run
from engine.experiment import Experiment
from engine.gradients import GRADIENT_METHODS
from engine.graph import Graph
from engine.ops.call import Array
from engine.optimizers import OPTIMIZERS
from engine.program import Phase
from engine.trainer import Trainer
from tests.engine.networks import chain, close
from tests.engine.samples import experiment_of, method, optimizer, run_steps, state_of, trainer_of


def noisy_graph(units: int = 6) -> Graph:
    """Make Features – Dense – Batch norm – tanh – Dropout – Dense of one – Layer norm aside – cross-entropy."""
    graph, x = Graph().add("features")
    graph, end = chain(
        graph,
        x,
        [
            ("dense", {"units": units, "activation": "identity"}),
            ("batch_norm", {}),
            ("tanh", {}),
            ("dropout", {"rate": 0.4}),
            ("dense", {"units": units}),
            ("layer_norm", {}),
            ("dense", {"units": 1, "activation": "identity"}),
        ],
    )
    return close(graph, end, "binary_cross_entropy", {"l2": 0.01, "l1": 0.001})


def noisy(rule: str = "adam", way: str = "backpropagation", **changes: object) -> Experiment:
    return replace(experiment_of(noisy_graph(), rule=optimizer(rule), way=way), **changes)  # type: ignore[arg-type]


def buffers(trainer: Trainer) -> Array:
    return trainer.program.buffer_region(trainer.stepper.arena)


def masks(trainer: Trainer) -> bytes:
    """Give what Dropout has drawn for the present batch."""
    program, rows = trainer.program, len(trainer.stepper.rows)
    drop = next(i for i in program.instructions if i.op.name == "dropout")
    return program.view(trainer.stepper.arena, drop.scratch[0], rows).tobytes()


@pytest.mark.parametrize("way", GRADIENT_METHODS)
def test_buffers_and_weights_change_in_phase_5_only(way: str) -> None:
    trainer = trainer_of(noisy(way=way))
    for _ in range(2):
        known, weights = buffers(trainer).copy(), trainer.stepper.weights.copy()
        while True:
            following = trainer.stepper.describe(trainer.stepper.micro).phase
            trainer.micro_step()
            if following is Phase.UPDATE:
                break
            assert buffers(trainer).tobytes() == known.tobytes()
            assert trainer.stepper.weights.tobytes() == weights.tobytes()
        assert buffers(trainer).tobytes() != known.tobytes()
        assert (trainer.stepper.weights.tobytes() == weights.tobytes()) == (way == "none")


def test_without_an_optimizer_the_batches_still_move_the_buffers_and_no_weight() -> None:
    trainer = trainer_of(noisy("none"))
    known, weights = buffers(trainer).copy(), trainer.stepper.weights.tobytes()
    run_steps(trainer, 3)
    assert trainer.stepper.weights.tobytes() == weights
    assert not np.array_equal(buffers(trainer), known)


def test_masks_are_drawn_in_phase_1_and_are_a_function_of_seed_and_step() -> None:
    trainer, again = trainer_of(noisy()), trainer_of(noisy())
    seen = []
    for _ in range(4):
        trainer.micro_step()
        drawn = masks(trainer)
        while trainer.stepper.micro:
            assert masks(trainer) == drawn
            trainer.micro_step()
        seen.append(drawn)
    assert len(set(seen)) == 4
    trainer.go_to(2)
    trainer.micro_step()
    assert masks(trainer) == seen[2]
    run_steps(again, 3)
    again.micro_step()
    assert masks(again) == seen[3]
    other = trainer_of(noisy(seed=2))
    other.micro_step()
    assert masks(other) != seen[0]


def test_a_perturbed_pass_sees_the_masks_of_its_step() -> None:
    exact, nudged, forwards = (
        trainer_of(noisy(way=way)) for way in ("backpropagation", "finite-differences", "forward-mode")
    )
    gradients = []
    for trainer in (exact, nudged, forwards):
        trainer.finish_step()
        gradients.append(trainer.program.region(trainer.stepper.arena, 1).copy())
    scale = np.abs(gradients[0]).max()
    assert np.abs(gradients[0] - gradients[1]).max() <= 1e-7 * max(scale, 1.0)
    assert np.abs(gradients[0] - gradients[2]).max() <= 1e-12 * max(scale, 1.0)


def test_evaluation_drops_nothing_and_goes_by_the_running_statistics() -> None:
    trainer = trainer_of(noisy())
    run_steps(trainer, 40)
    x = trainer.stepper.dataset.x[:7]
    before = trainer.stepper.arena.tobytes()
    whole = trainer.evaluator.predict(trainer.stepper.state, x)
    alone = np.concatenate([trainer.evaluator.predict(trainer.stepper.state, row[np.newaxis]) for row in x])
    # Each row's prediction is its own: with the statistics of a batch it would depend on the others.
    np.testing.assert_allclose(whole, alone, rtol=1e-13)
    assert trainer.evaluator.predict(trainer.stepper.state, x).tobytes() == whole.tobytes()
    assert trainer.stepper.arena.tobytes() == before
    other = trainer.stepper.state.copy()
    other[: trainer.program.buffer_span] += 0.5
    assert not np.allclose(trainer.evaluator.predict(other, x), whole)


@pytest.mark.parametrize("rule", [*(name for name in OPTIMIZERS if name != "none")])
def test_running_stepping_going_back_and_files_give_the_same_bits(rule: str) -> None:
    experiment = noisy(rule)
    running, stepping = trainer_of(experiment), trainer_of(experiment)
    states = []
    for _ in range(12):
        states.append(state_of(running.stepper))
        run_steps(running, 1)
        stepping.finish_step()
        assert state_of(stepping.stepper) == state_of(running.stepper)
    running.go_to(5)
    running.branch()
    assert state_of(running.stepper) == states[5]
    for _ in range(running.stepper.micro_count - 1):
        running.micro_step()
    assert running.snapshot().gradient_calls == (6 if running.stepper.gradient_passes else 0)
    loaded = trainer_of(experiment)
    load_run(loaded, save_run(running))
    assert loaded.stepper.micro == running.stepper.micro
    assert loaded.stepper.gradient_calls == running.stepper.gradient_calls
    running.finish_step()
    loaded.finish_step()
    assert state_of(running.stepper) == states[6]
    # What lies between the parameters of the arena is no part of a run, and not in files.
    assert save_run(loaded) == save_run(running)
    running.reset()
    assert state_of(running.stepper) == states[0]


def test_an_edit_carries_buffers_over_where_their_shape_stays() -> None:
    old = trainer_of(noisy())
    run_steps(old, 5)
    same = trainer_of(replace(old.experiment, graph=old.experiment.graph.set(5, {"rate": 0.1})))
    continue_run(old, same)
    assert buffers(same).tobytes() == buffers(old).tobytes()
    wider = trainer_of(replace(old.experiment, graph=old.experiment.graph.set(2, {"units": 9})))
    continue_run(old, wider)
    fresh = trainer_of(wider.experiment)
    assert buffers(wider).tobytes() == buffers(fresh).tobytes()


def test_the_penalty_is_told_apart_from_what_the_data_make_of_the_loss() -> None:
    trainer = trainer_of(noisy("sgd", method=method("backpropagation")))
    trainer.finish_step()
    snapshot = trainer.snapshot()
    weights = [p for p in trainer.program.parameters if p.name == "W"]
    trainer.go_to(0)
    w = np.concatenate([trainer.program.weights(trainer.stepper.arena, p).reshape(-1) for p in weights])
    penalty = 0.001 * np.abs(w).sum() + 0.005 * (w * w).sum()
    assert snapshot.penalty == pytest.approx(penalty, rel=1e-12)
    assert trainer.evaluator.penalty(trainer.stepper.state) == pytest.approx(penalty, rel=1e-12)
    assert snapshot.curves.penalty[0] == pytest.approx(penalty, rel=1e-12)
    plain = trainer_of(replace(trainer.experiment, graph=trainer.experiment.graph.set(10, {"l1": 0.0, "l2": 0.0})))
    for split in ("train", "test"):
        total = trainer.evaluator.loss(trainer.stepper.state, split)
        assert total == pytest.approx(plain.evaluator.loss(plain.stepper.state, split) + penalty, rel=1e-12)
    assert plain.snapshot().penalty is None
