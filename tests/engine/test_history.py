"""The way back: every earlier step comes back to the bit, whatever was kept of the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.history
import engine.timeline
from engine.continuation import save_run
from engine.experiment import Choice, Pipeline
from engine.history import History, PipelineChange
from engine.keyframe import Keyframe
from engine.trainer import Trainer
from tests.engine.samples import State, dense_graph, experiment_of, method, optimizer, run_steps, state_of, trainer_of

ADAM = optimizer("adam")
PIPELINES: list[Pipeline] = [
    Pipeline(method("backpropagation"), ADAM),
    Pipeline(method("backpropagation"), optimizer("adam", learning_rate=0.2)),
    Pipeline(method("backpropagation"), optimizer("momentum")),
    Pipeline(method("none"), optimizer("momentum")),
    Pipeline(method("finite-differences"), optimizer("rmsprop")),
]


def frame(step: int, numbers: int = 4) -> Keyframe:
    return Keyframe(step, step, 0, 0, step, np.full(numbers, float(step)))


def history_of(*steps: int) -> History:
    history = History(frame(steps[0]), PIPELINES[0])
    for step in steps[1:]:
        history.add(frame(step))
    return history


def steps_in(history: History) -> list[int]:
    """Give the steps of all keyframes."""
    return [frame.step for frame in history.keyframes]


# ---- keyframes and changes -------------------------------------------------------------------------------------------


def test_the_latest_keyframe_at_or_before_a_step_is_found() -> None:
    history = history_of(2, 5, 9)
    assert history.first == 2
    assert [getattr(history.before(step), "step", None) for step in (1, 2, 4, 5, 8, 9, 99)] == [None, 2, 2, 5, 5, 9, 9]


def test_a_new_keyframe_replaces_one_of_the_same_step() -> None:
    history, new = history_of(0, 4), frame(4)
    history.add(new)
    assert history.before(100) is new
    assert steps_in(history) == [0, 4]


@given(st.integers(2, 400), st.integers(0, 12))
def test_thinning_out_keeps_the_first_and_the_last_and_equal_distances(count: int, times: int) -> None:
    history = history_of(*range(count))
    interval = history.interval
    for _ in range(times):
        size, length = history.size, len(history.keyframes)
        if length > 2:
            assert history.thin_out()
            assert history.size < size
            assert history.interval == 2 * interval
            interval = history.interval
    steps = steps_in(history)
    assert (steps[0], steps[-1]) == (0, count - 1)
    assert len(set(np.diff(steps[:-1]).tolist())) <= 1


def test_where_nothing_else_is_left_the_first_goes_and_then_nothing() -> None:
    history = history_of(0, 4)
    change = PipelineChange(3, PIPELINES[2])
    history.add_change(PipelineChange(5, PIPELINES[1]), frame(5))
    history = history_of(0, 2)
    history.add_change(change, frame(3))
    history.add_change(PipelineChange(7, PIPELINES[3]), frame(7))
    while history.thin_out():
        pass
    assert steps_in(history) == [7]
    assert (history.first, history.pipeline(7), history.pipeline(99)) == (7, PIPELINES[3], PIPELINES[3])
    assert not history.thin_out()


def test_the_pipeline_and_the_changes_of_every_step_are_known_also_in_a_fork() -> None:
    history = history_of(0)
    changes = [PipelineChange(step, PIPELINES[k]) for step, k in ((10, 1), (20, 2), (20, 1), (30, 3))]
    for change in changes:
        history.add_change(change, frame(change.step))
    assert [history.pipeline(step) for step in (0, 9, 10, 19, 20, 29, 30, 99)] == [
        PIPELINES[k] for k in (0, 0, 1, 1, 1, 1, 3, 3)
    ]
    assert history.changes_at(20) == changes[1:3]
    assert [history.next_change(step, 35) for step in (0, 9, 10, 20, 30)] == [10, 10, 20, 30, 35]
    assert history.next_change(0, 4) == 4
    fork = history.fork(25)
    fork.add_change(PipelineChange(26, PIPELINES[4]), frame(26))
    assert (fork.pipeline(99), history.pipeline(99)) == (PIPELINES[4], PIPELINES[3])
    assert (steps_in(fork), steps_in(history)) == ([0, 10, 20, 26], [0, 10, 20, 30])


# ---- a run and its way back ------------------------------------------------------------------------------------------


def recorded_run(trainer: Trainer, count: int, changes: dict[int, Pipeline] | None = None) -> list[State]:
    """Run so many steps and give the states between them; before some of them, then change the pipeline."""
    states = []
    for step in range(count):
        states.append(state_of(trainer.stepper))
        if changes and step in changes:
            used = changes[step]
            trainer.change_pipeline(replace(trainer.experiment, method=used.method, optimizer=used.optimizer))
        run_steps(trainer, 1) if trainer.stepper.method.name != "finite-differences" else trainer.finish_step()
    return [*states, state_of(trainer.stepper)]


@pytest.mark.parametrize("keyframe_seconds", [0.0, 1e-3, 1e9])
@pytest.mark.parametrize("kind", ["sgd", "momentum", "rmsprop", "adam"])
def test_any_step_comes_back_there_and_back_and_the_curves_stay(
    kind: str, keyframe_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.history, "KEYFRAME_SECONDS", keyframe_seconds)
    trainer = trainer_of(experiment_of(rule=optimizer(kind)))
    states = recorded_run(trainer, 60)
    curves = trainer.recorder.curves()
    for step in (59, 58, 40, 3, 0, 17, 41, 60):
        trainer.go_to(step)
        assert state_of(trainer.stepper) == states[step]
        assert trainer.timeline.is_past is (step < 60)
    trainer.go_to(0)
    assert recorded_run(trainer, 60) == states
    assert not trainer.timeline.is_past
    again = trainer.recorder.curves()
    np.testing.assert_array_equal(again.batch_loss, curves.batch_loss)
    np.testing.assert_array_equal(again.train, curves.train)


def test_a_branch_has_the_curves_up_to_where_it_begins_and_the_old_line_keeps_its_own() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 60)
    curves = trainer.recorder.curves()
    trainer.go_to(41)
    trainer.branch()
    cut = trainer.recorder.curves()
    np.testing.assert_array_equal(cut.batch_step, np.arange(41))
    np.testing.assert_array_equal(cut.batch_loss, curves.batch_loss[:41])
    assert cut.test_step.max() <= 41
    assert all(steps.max() <= 41 for steps, _ in cut.weights.values())
    (ghost,) = trainer.timeline.ghosts
    np.testing.assert_array_equal(ghost.batch_loss, curves.batch_loss)
    run_steps(trainer, 19)
    np.testing.assert_array_equal(trainer.recorder.curves().batch_loss, curves.batch_loss)


def test_previous_step_goes_to_the_beginning_of_this_one_then_of_the_one_before() -> None:
    trainer = trainer_of(experiment_of(rule=ADAM))
    states = recorded_run(trainer, 5)
    for _ in range(3):
        trainer.micro_step()
    trainer.previous_step()
    assert (trainer.stepper.micro, state_of(trainer.stepper)) == (0, states[5])
    for step in (4, 3, 2, 1, 0):
        trainer.previous_step()
        assert state_of(trainer.stepper) == states[step]
    assert not trainer.timeline.can_go_back


def test_what_a_step_showed_is_shown_again_on_the_way_back() -> None:
    trainer = trainer_of(experiment_of(rule=ADAM))
    run_steps(trainer, 7)
    seen = trainer.snapshot()
    run_steps(trainer, 3)
    trainer.go_to(7)
    again = trainer.snapshot()
    assert (again.loss, again.gradient_norm, again.update_norm) == (seen.loss, seen.gradient_norm, seen.update_norm)
    assert again.batch.tolist() == seen.batch.tolist()
    assert again.last == seen.last
    assert again.arena.tobytes() == seen.arena.tobytes()


def test_previous_micro_step_takes_back_one_micro_step_after_the_other() -> None:
    trainer = trainer_of(experiment_of(rule=ADAM, batch_size=20))
    run_steps(trainer, 4)

    def look() -> tuple[int, int, float | None, list[int], bytes]:
        s = trainer.stepper
        return s.step, s.micro, s.loss, s.rows.tolist(), s.arena.tobytes()

    seen = []
    for _ in range(2 * trainer.stepper.micro_count + 3):
        seen.append(look())
        trainer.micro_step()
    for past in reversed(seen):
        trainer.previous_micro_step()
        assert look() == past


@settings(max_examples=15)
@given(
    st.dictionaries(st.integers(1, 29), st.sampled_from(PIPELINES), min_size=1, max_size=4),
    st.lists(st.integers(0, 30), min_size=1, max_size=4),
    st.sampled_from((0.0, 1e9)),
    st.integers(2, 9),
)
def test_the_way_back_leads_through_changes_of_the_pipeline(
    changes: dict[int, Pipeline], targets: list[int], keyframe_seconds: float, most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.history, "KEYFRAME_SECONDS", keyframe_seconds)
        patch.setattr(engine.timeline, "MAX_KEYFRAMES", most)
        trainer = trainer_of(experiment_of(dense_graph((2,)), rule=ADAM))
        states = recorded_run(trainer, 30, changes)
        for step in changes:
            # What is kept of a step is the state after what was changed at it.
            trainer.go_to(step)
            states[step] = state_of(trainer.stepper)
            assert states[step][4][: trainer.stepper.weights.nbytes] == trainer.stepper.weights.tobytes()
        for step in targets:
            trainer.go_to(step)
            assert state_of(trainer.stepper) == states[step]
            then = [Pipeline(method("backpropagation"), ADAM), *(changes[s] for s in sorted(changes) if s <= step)]
            assert trainer.stepper.pipeline == then[-1]
        trainer.go_to_end()
        assert state_of(trainer.stepper) == states[30]
        assert trainer.stepper.pipeline == trainer.experiment.pipeline


def test_a_change_in_the_past_begins_a_branch_and_resuming_there_takes_what_is_in_the_slots_now() -> None:
    slow, fast = optimizer("sgd", learning_rate=0.1), optimizer("sgd", learning_rate=0.5)
    trainer = trainer_of(experiment_of(rule=slow))
    states = recorded_run(trainer, 20, {10: Pipeline(method("backpropagation"), fast)})
    trainer.go_to(5)
    assert recorded_run(trainer, 3) == states[5:9]
    trainer.go_to(5)
    trainer.branch()
    assert trainer.stepper.pipeline.optimizer == fast
    run_steps(trainer, 1)
    assert state_of(trainer.stepper) != states[6]
    trainer.go_to_line(0)
    assert state_of(trainer.stepper) == states[20]
    trainer.go_to(8)
    trainer.change_pipeline(replace(trainer.experiment, optimizer=slow))
    assert (trainer.timeline.is_past, trainer.timeline.number, len(trainer.timeline.others)) == (False, 2, 2)
    run_steps(trainer, 2)
    assert state_of(trainer.stepper) == states[10]


def test_steps_that_are_not_kept_are_refused_and_the_run_stays() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 3)
    state = state_of(trainer.stepper)
    for step in (4, -1):
        with pytest.raises(ValueError, match="not kept"):
            trainer.go_to(step)
    with pytest.raises(ValueError, match="not kept"):
        trainer.go_to_line(1)
    assert state_of(trainer.stepper) == state


def test_a_file_saved_in_the_past_holds_the_end_of_the_line_and_the_run_stays_in_the_past() -> None:
    trainer = trainer_of(experiment_of(rule=ADAM))
    run_steps(trainer, 9)
    trainer.micro_step()
    now = save_run(trainer)
    trainer.go_to(4, 2)
    state, micro = state_of(trainer.stepper), trainer.stepper.micro
    assert save_run(trainer) == now
    assert (state_of(trainer.stepper), trainer.stepper.micro, trainer.timeline.is_past) == (state, micro, True)


def test_a_short_last_batch_comes_back_too() -> None:
    trainer = trainer_of(experiment_of(dense_graph((3,), "softmax_cross_entropy", 3), Choice("iris"), batch_size=50))
    states = recorded_run(trainer, 9)
    trainer.go_to(3)
    assert len(trainer.stepper.rows) == 20
    assert recorded_run(trainer, 6) == states[3:]
