"""Pinned parameters keep their numbers: no optimizer changes them, and going back over a pin is exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import timeline
from engine.continuation import continue_run, load_run, save_run
from engine.experiment import Experiment
from engine.ops.call import Array
from engine.optimizers import OPTIMIZERS
from engine.setting import SettingValue
from engine.storage import Stored, read_document, write_document
from engine.trainer import Trainer
from tests.engine.samples import dense_graph, experiment_of, optimizer, run_steps, state_of, stepper_of, trainer_of

A, B = 2, 3
W_A, B_A, W_B, B_B = (A, "W"), (A, "b"), (B, "W"), (B, "b")
ALL = frozenset({W_A, B_A, W_B, B_B})
SMALL: dict[str, dict[str, SettingValue]] = {
    "genetic-algorithm": {"population": 6, "mutation_rate": 0.5},
    "random-search": {"candidates": 6},
}
"""Settings with which a search takes few passes."""
CHANGING = sorted(name for name in OPTIMIZERS if name != "none")
BY_GRADIENT = [name for name in CHANGING if OPTIMIZERS[name]({}).needs_gradient]


def experiment_with(rule: str, *pinned: tuple[int, str], **settings: SettingValue) -> Experiment:
    """Make a 2-3-1 network on XOR with pins."""
    chosen = optimizer(rule, **{**SMALL.get(rule, {}), **settings})
    return replace(experiment_of(dense_graph((3,)), rule=chosen), pinned=frozenset(pinned))


def weights_of(trainer: Trainer) -> dict[tuple[int, str], Array]:
    """Copy each parameter."""
    arena = trainer.stepper.arena
    return {(p.node, p.name): trainer.program.weights(arena, p).copy() for p in trainer.program.parameters}


def memory_of(trainer: Trainer, key: tuple[int, str]) -> dict[str, Array]:
    """Copy what the optimizer keeps for a parameter."""
    parameter = next(p for p in trainer.program.parameters if (p.node, p.name) == key)
    memory = trainer.stepper.update_phase.memory
    return {name: trainer.program.part(array, parameter).copy() for name, array in memory.items()}


def same(one: dict[tuple[int, str], Array], other: dict[tuple[int, str], Array]) -> set[tuple[int, str]]:
    """Give the parameters that are equal to the bit."""
    return {key for key, values in one.items() if values.tobytes() == other[key].tobytes()}


@pytest.mark.parametrize("rule", CHANGING)
def test_no_optimizer_changes_what_is_pinned_and_each_changes_the_rest(rule: str) -> None:
    trainer = trainer_of(experiment_with(rule, W_A, B_B))
    before = weights_of(trainer)
    run_steps(trainer, 6)
    for _ in range(2 * trainer.stepper.micro_count):
        trainer.micro_step()
    assert trainer.stepper.step == 8
    assert same(before, weights_of(trainer)) == {W_A, B_B}
    snapshot = trainer.snapshot()
    updates = {(p.node, p.name): trainer.program.update(snapshot.arena, p) for p in trainer.program.parameters}
    assert not updates[W_A].any()
    assert not updates[B_B].any()


@pytest.mark.parametrize("rule", BY_GRADIENT)
def test_the_slots_of_what_is_pinned_stay_and_g_is_still_computed(rule: str) -> None:
    experiment = experiment_with(rule)
    trainer = trainer_of(experiment)
    run_steps(trainer, 5)
    trainer.change_pipeline(replace(experiment, pinned=frozenset({W_A})))
    before, other = memory_of(trainer, W_A), memory_of(trainer, W_B)
    run_steps(trainer, 5)
    for name, kept in memory_of(trainer, W_A).items():
        assert np.array_equal(kept, before[name]), name
    assert all(not np.array_equal(now, other[name]) for name, now in memory_of(trainer, W_B).items())
    parameter = next(p for p in trainer.program.parameters if (p.node, p.name) == W_A)
    assert trainer.program.gradient(trainer.stepper.arena, parameter).all()


def test_clipping_by_norm_goes_by_the_length_of_what_is_free() -> None:
    limit, rate = 1e-3, 0.5
    trainer = trainer_of(experiment_with("sgd", W_A, learning_rate=rate, clipping="norm", clip_limit=limit))
    run_steps(trainer, 1)
    program, arena = trainer.program, trainer.stepper.arena
    g = {(p.node, p.name): program.gradient(arena, p) for p in program.parameters}
    delta = {(p.node, p.name): program.update(arena, p) for p in program.parameters}
    length = np.sqrt(sum(float((g[key] ** 2).sum()) for key in ALL - {W_A}))
    assert length > limit
    for key in ALL - {W_A}:
        np.testing.assert_allclose(delta[key], -rate * g[key] * limit / length, rtol=1e-14)


@pytest.mark.parametrize("rule", CHANGING)
def test_where_all_is_pinned_nothing_changes_and_the_words_say_so(rule: str) -> None:
    trainer = trainer_of(experiment_with(rule, *ALL))
    before = weights_of(trainer)
    run_steps(trainer, 3)
    assert same(before, weights_of(trainer)) == ALL
    snapshot = trainer.snapshot()
    assert (snapshot.step, snapshot.update_step, trainer.stepper.updates) == (3, None, 0)
    assert snapshot.last is not None
    assert str(snapshot.last.words) == "No update: every parameter is pinned, so no weight has changed"


@pytest.mark.parametrize("rule", CHANGING)
def test_pins_of_parameters_that_are_not_there_change_no_bit_of_a_run(rule: str) -> None:
    with_pins, without = (trainer_of(experiment_with(rule, *pins)) for pins in (((99, "W"), (A, "gone")), ()))
    for trainer in (with_pins, without):
        run_steps(trainer, 5)
    assert state_of(with_pins.stepper) == state_of(without.stepper)


@pytest.mark.parametrize("rule", CHANGING)
@pytest.mark.parametrize("frames", [timeline.MAX_KEYFRAMES, 4])
def test_going_back_over_pins_is_exact(monkeypatch: pytest.MonkeyPatch, rule: str, frames: int) -> None:
    monkeypatch.setattr(timeline, "MAX_KEYFRAMES", frames)
    free = experiment_with(rule)
    pinned = replace(free, pinned=frozenset({W_A, B_B}))
    trainer = trainer_of(free)
    after = {}
    for step in range(1, 19):
        if step == 5:
            trainer.change_pipeline(pinned)
        if step == 8:
            for _ in range(trainer.stepper.micro_count - 2):
                trainer.micro_step()
            trainer.change_pipeline(replace(free, pinned=frozenset({B_A})))
        if step == 11:
            trainer.micro_step()
            trainer.change_pipeline(replace(free, pinned=ALL))
        if step == 14:
            trainer.change_pipeline(free)
        trainer.finish_step()
        after[step] = state_of(trainer.stepper)
    for step in (18, 15, 13, 12, 11, 10, 9, 8, 7, 5):
        trainer.go_to(step)
        assert state_of(trainer.stepper) == after[step], step


def test_what_is_unpinned_goes_on_from_where_it_was() -> None:
    experiment = experiment_with("momentum", W_A)
    trainer = trainer_of(experiment)
    start = weights_of(trainer)
    run_steps(trainer, 4)
    trainer.change_pipeline(replace(experiment, pinned=frozenset()))
    assert same(start, weights_of(trainer)) == {W_A}
    run_steps(trainer, 1)
    assert same(start, weights_of(trainer)) == set()
    assert trainer.stepper.updates == 5
    events = [(step, str(words)) for step, words in trainer.recorder.curves().events]
    assert events == [(4, "freed: W_A")]


def test_a_pin_holds_at_once_also_in_the_middle_of_a_step() -> None:
    """One that is set when g is already computed holds in the update of that very step."""
    experiment = experiment_with("adam")
    trainer = trainer_of(experiment)
    run_steps(trainer, 2)
    before = weights_of(trainer)
    for _ in range(trainer.stepper.micro_count - 1):
        trainer.micro_step()
    trainer.change_pipeline(replace(experiment, pinned=frozenset({W_B})))
    trainer.micro_step()
    assert trainer.stepper.step == 3
    assert same(before, weights_of(trainer)) == {W_B}


@pytest.mark.parametrize("rule", sorted(SMALL))
def test_a_search_looks_only_at_weights_that_hold_the_pinned_ones(rule: str) -> None:
    """Each loss is that of a candidate whose pinned numbers are those of w; w goes to one of them."""
    trainer = trainer_of(experiment_with(rule, W_A, B_A, B_B))
    for _ in range(trainer.stepper.micro_count - 1):
        trainer.micro_step()
    losses = trainer.stepper.update_phase.losses.copy()
    trainer.micro_step()
    probe = stepper_of(experiment_with(rule))
    probe.arena[: len(probe.state)] = trainer.stepper.state
    probe.micro_step()
    reached = probe.executor.forward(probe.batch.rows)
    assert reached == pytest.approx(min(losses), rel=1e-12)


def test_a_file_keeps_the_pins_of_the_nodes_that_there_are_and_the_run_goes_on_with_them() -> None:
    experiment = experiment_with("adam", W_A, B_B, (99, "W"))
    trainer = trainer_of(experiment)
    run_steps(trainer, 4)
    stored = read_document(write_document(Stored(experiment, save_run(trainer))))
    assert stored.experiment.pinned == {W_A, B_B}
    assert stored.run is not None
    loaded = trainer_of(stored.experiment)
    load_run(loaded, stored.run)
    run_steps(trainer, 3)
    run_steps(loaded, 3)
    assert state_of(loaded.stepper) == state_of(trainer.stepper)


def test_a_pin_comes_back_with_the_node_that_undo_brings_back() -> None:
    """The run goes on without the node, whose pin waits, and with it as if it had never been gone."""
    experiment = experiment_with("sgd", W_A)
    trainer = trainer_of(experiment)
    run_steps(trainer, 2)
    before = weights_of(trainer)[W_A]
    graph = experiment.graph.remove([A]).connect(1, B, "in")
    without = trainer_of(replace(experiment, graph=graph))
    continue_run(trainer, without)
    run_steps(without, 2)
    again = trainer_of(experiment)
    continue_run(without, again)
    run_steps(again, 2)
    assert np.array_equal(weights_of(again)[W_A], before)
    assert not np.array_equal(weights_of(again)[B_A], weights_of(trainer)[B_A])
