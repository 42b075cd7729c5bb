"""Going on: after an edit with the weights carried over, and from a stored run as if it had never stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.continuation import continue_run, load_run, save_run
from engine.experiment import Choice, Experiment
from engine.graph import Graph
from engine.message import EngineError
from engine.ops.call import Array
from engine.run_state import RunState
from engine.storage import Stored, read_document, write_document
from engine.trainer import Trainer
from tests.engine.samples import XOR, dense_graph, experiment_of, method, optimizer, run_steps, state_of, trainer_of

ADAM = optimizer("adam")
KINDS = ("none", "sgd", "momentum", "rmsprop", "adam")


def started(steps: int = 7, graph: Graph | None = None, kind: str = "adam", batch_size: int | None = 16) -> Trainer:
    trainer = trainer_of(experiment_of(graph or dense_graph((3, 4)), rule=optimizer(kind), batch_size=batch_size))
    run_steps(trainer, steps)
    return trainer


def edited(old: Trainer, **changes: Any) -> Trainer:
    """Give the trainer that goes on after an edit of the experiment."""
    new = trainer_of(replace(old.experiment, **changes))
    continue_run(old, new)
    return new


def arrays(trainer: Trainer) -> dict[tuple[int, str], list[Array]]:
    """Give the weights and slots of each parameter, as copies."""
    program, arena, memory = trainer.program, trainer.stepper.arena, trainer.stepper.update_phase.memory
    return {
        (p.node, p.name): [
            program.weights(arena, p).copy(),
            *(program.part(kept, p).copy() for kept in memory.values()),
        ]
        for p in program.parameters
    }


def assert_same(a: list[Array], b: list[Array]) -> None:
    assert len(a) == len(b)
    for one, other in zip(a, b, strict=True):
        np.testing.assert_array_equal(one, other)


# ---- after an edit ---------------------------------------------------------------------------------------------------


def test_an_edit_that_changes_no_shape_keeps_weights_slots_and_counters() -> None:
    old = started()
    before, state = arrays(old), state_of(old.stepper)
    new = edited(old, graph=old.experiment.graph.set(2, {"activation": "relu"}).rename(3, "hidden"))
    assert all(np.any(slot) for _, *slots in before.values() for slot in slots)
    for key, found in arrays(new).items():
        assert_same(found, before[key])
    assert state_of(new.stepper) == state


@pytest.mark.parametrize("units", [2, 3, 6])
def test_of_a_layer_of_another_width_the_overlapping_block_is_kept(units: int) -> None:
    old = started()
    before = arrays(old)
    new = edited(old, graph=old.experiment.graph.set(2, {"units": units}))
    after, fresh = arrays(new), arrays(trainer_of(new.experiment))
    kept = min(units, 3)
    np.testing.assert_array_equal(after[2, "W"][0][:, :kept], before[2, "W"][0][:, :kept])
    np.testing.assert_array_equal(after[2, "W"][0][:, kept:], fresh[2, "W"][0][:, kept:])
    np.testing.assert_array_equal(after[3, "W"][0][:kept], before[3, "W"][0][:kept])
    np.testing.assert_array_equal(after[3, "W"][0][kept:], fresh[3, "W"][0][kept:])
    assert_same(after[4, "W"], before[4, "W"])
    if units != 3:
        for key in ((2, "W"), (2, "b"), (3, "W")):
            assert not any(slot.any() for slot in after[key][1:])


def test_weights_of_a_deleted_node_come_back_with_it_until_reset() -> None:
    old = started(graph=dense_graph((3, 4)))
    whole, before = old.experiment.graph, arrays(old)
    shortcut = whole.remove([3]).connect(2, 4, "in")
    without = edited(old, graph=shortcut)
    assert (3, "W") not in arrays(without)
    run_steps(without, 3)
    back = edited(without, graph=whole)
    assert_same(arrays(back)[3, "W"], before[3, "W"])
    without.reset()
    again = edited(without, graph=whole)
    assert_same(arrays(again)[3, "W"], arrays(trainer_of(again.experiment))[3, "W"])


def test_slots_of_a_deleted_node_do_not_become_those_of_another_optimizer() -> None:
    old = started(graph=dense_graph((3, 4)))
    whole, before = old.experiment.graph, arrays(old)
    without = edited(old, graph=whole.remove([3]).connect(2, 4, "in"))
    without.change_pipeline(replace(without.experiment, optimizer=optimizer("rmsprop")))
    back = edited(without, graph=whole)
    weights, slot = arrays(back)[3, "W"]
    np.testing.assert_array_equal(weights, before[3, "W"][0])
    assert not slot.any()
    run_steps(back, 5)
    assert np.isfinite(back.stepper.weights).all()


def test_an_edit_together_with_another_optimizer_keeps_weights_and_no_slots() -> None:
    old = started()
    before = arrays(old)
    new = edited(old, graph=old.experiment.graph.set(3, {"activation": "relu"}), optimizer=optimizer("momentum"))
    for key, (weights, slot) in arrays(new).items():
        np.testing.assert_array_equal(weights, before[key][0])
        assert not slot.any()
    assert (new.stepper.step, new.stepper.updates) == (7, 0)


@settings(max_examples=15)
@given(st.integers(1, 40), st.lists(st.tuples(st.integers(1, 5), st.integers(1, 45)), min_size=1, max_size=5))
def test_another_batch_size_in_the_middle_of_an_epoch_draws_no_row_twice(
    first: int, edits: list[tuple[int, int]]
) -> None:
    trainer = trainer_of(experiment_of(batch_size=first))
    drawn: dict[int, list[int]] = {}

    def step() -> None:
        epoch = trainer.stepper.epoch
        run_steps(trainer, 1)
        drawn.setdefault(epoch, []).extend(trainer.stepper.rows.tolist())

    for steps, batch_size in edits:
        for _ in range(steps):
            step()
        trainer = edited(trainer, batch_size=batch_size)
    for _ in range(40):
        if trainer.stepper.row:
            step()
    rows = sorted(trainer.stepper.dataset.train.tolist())
    assert all(sorted(of_epoch) == rows for of_epoch in drawn.values())
    assert sorted(drawn) == list(range(trainer.stepper.epoch))


@pytest.mark.parametrize("changes", [{"data": Choice("circles", {"rows": 50})}, {"seed": 9}])
def test_other_data_or_another_seed_begins_the_next_epoch(changes: dict[str, Any]) -> None:
    old = started(steps=4)
    assert (old.stepper.epoch, old.stepper.row) == (1, 16)
    new = edited(old, **changes)
    assert (new.stepper.step, new.stepper.epoch, new.stepper.row) == (4, 2, 0)
    np.testing.assert_array_equal(new.stepper.weights, old.stepper.weights)
    between = edited(started(steps=3), **changes)
    assert (between.stepper.epoch, between.stepper.row) == (1, 0)


def test_curves_go_on_and_the_way_back_begins_at_the_edit() -> None:
    old = started()
    new = edited(old, graph=old.experiment.graph.set(2, {"units": 5}))
    assert not new.timeline.can_go_back
    run_steps(new, 3)
    assert new.recorder.curves().batch_step.tolist() == list(range(10))
    states = state_of(new.stepper)
    new.previous_step()
    run_steps(new, 1)
    assert state_of(new.stepper) == states
    for _ in range(3):
        new.previous_step()
    assert not new.timeline.can_go_back
    assert new.stepper.step == 7


def test_an_edit_within_a_step_begins_this_step_anew() -> None:
    old = started()
    state = state_of(old.stepper)
    for _ in range(4):
        old.micro_step()
    new = edited(old, graph=old.experiment.graph.set(2, {"activation": "relu"}))
    assert (new.stepper.micro, state_of(new.stepper)) == (0, state)


# ---- from a file -----------------------------------------------------------------------------------------------------


def through_a_file(experiment: Experiment, state: RunState) -> RunState:
    stored = read_document(write_document(Stored(experiment, state)))
    assert stored.run is not None
    return stored.run


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("way", "micro_steps"), [("backpropagation", 0), ("backpropagation", 5), ("none", 2)])
def test_a_stored_run_goes_on_to_the_bit(kind: str, way: str, micro_steps: int) -> None:
    experiment = experiment_of(rule=optimizer(kind), way=way)
    trainer, other = trainer_of(experiment), trainer_of(experiment)
    run_steps(trainer, 11)
    for _ in range(micro_steps):
        trainer.micro_step()
    load_run(other, through_a_file(experiment, save_run(trainer)))
    assert state_of(other.stepper) == state_of(trainer.stepper)
    assert other.stepper.micro == trainer.stepper.micro == micro_steps
    assert other.stepper.loss == trainer.stepper.loss
    assert other.stepper.last == trainer.stepper.last or not micro_steps
    for _ in range(20):
        trainer.finish_step()
        other.finish_step()
        assert state_of(other.stepper) == state_of(trainer.stepper)
        assert other.stepper.loss == trainer.stepper.loss


def test_a_stored_run_goes_on_between_two_finite_differences() -> None:
    experiment = experiment_of(rule=ADAM, way="finite-differences")
    trainer, other = trainer_of(experiment), trainer_of(experiment)
    for _ in range(trainer.stepper.micro_count + 10):
        trainer.micro_step()
    load_run(other, save_run(trainer))
    trainer.finish_step()
    other.finish_step()
    assert state_of(other.stepper) == state_of(trainer.stepper)


def test_a_loaded_run_can_only_go_back_to_where_it_was_stored() -> None:
    trainer, other = started(11), started(0)
    load_run(other, save_run(trainer))
    assert not other.timeline.can_go_back
    run_steps(other, 2)
    other.go_to(11)
    assert state_of(other.stepper) == state_of(trainer.stepper)


def test_a_run_is_loaded_over_one_that_has_begun() -> None:
    trainer, other = started(11), started(4)
    other.micro_step()
    load_run(other, save_run(trainer))
    assert (other.stepper.micro, state_of(other.stepper)) == (0, state_of(trainer.stepper))
    assert other.recorder.curves().batch_step.tolist() == []


def misfits() -> dict[str, RunState]:
    state = save_run(started(3))
    first = state.parameters[0]
    more = replace(first, shape=(2, 4), values=first.values + (0.0, 0.0))
    rest = state.parameters[1:]
    return {
        "row": replace(state, row=40),
        "negative row": replace(state, row=-1),
        "micro": replace(state, micro=99),
        "negative step": replace(state, step=-1),
        "missing": replace(state, parameters=rest),
        "shape": replace(state, parameters=(more, *rest)),
        "too few numbers": replace(state, parameters=(replace(first, values=first.values[:-1]), *rest)),
        "slots": replace(state, parameters=(replace(first, slots={"v": first.slots["v"]}), *rest)),
        "short slot": replace(state, parameters=(replace(first, slots={**first.slots, "m": (1.0,)}), *rest)),
        "other optimizer": save_run(started(3, kind="momentum")),
        "other graph": save_run(started(3, graph=dense_graph((3,)))),
    }


@pytest.mark.parametrize("name", sorted(misfits()))
def test_a_run_that_does_not_fit_is_refused_in_words_and_the_trainer_goes_on(name: str) -> None:
    trainer, undisturbed = started(2), started(2)
    with pytest.raises(EngineError, match="the stored run does not fit") as caught:
        load_run(trainer, misfits()[name])
    assert str(caught.value.message)
    assert state_of(trainer.stepper) == state_of(undisturbed.stepper)
    run_steps(trainer, 5)
    run_steps(undisturbed, 5)
    assert state_of(trainer.stepper) == state_of(undisturbed.stepper)


def test_a_run_within_a_gradient_method_that_is_gone_is_refused() -> None:
    state = save_run(started(3))
    trainer = trainer_of(Experiment(dense_graph((3, 4)), XOR, method("none"), ADAM, 16))
    with pytest.raises(EngineError):
        load_run(trainer, replace(state, micro=trainer.stepper.micro_count))
