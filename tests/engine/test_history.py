"""The way back: every earlier step comes back to the bit, whatever was kept of the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.history
import engine.trainer
from engine.experiment import Choice, Pipeline
from engine.history import History, Keyframe
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


def steps_in(history: History, last: int) -> list[int]:
    """Give the steps of all keyframes."""
    found = [history.before(step) for step in range(last + 1)]
    return sorted({frame.step for frame in found if frame is not None})


# ---- keyframes -------------------------------------------------------------------------------------------------------


def test_the_latest_keyframe_at_or_before_a_step_is_found() -> None:
    history = History()
    assert history.first is None
    assert history.before(3) is None
    for step in (2, 5, 9):
        history.add(frame(step), PIPELINES[0])
    assert history.first == 2
    assert [getattr(history.before(step), "step", None) for step in (1, 2, 4, 5, 8, 9, 99)] == [None, 2, 2, 5, 5, 9, 9]


def test_a_new_keyframe_replaces_one_of_the_same_step_and_drops_later_ones() -> None:
    history = History()
    for step in (0, 4, 8):
        history.add(frame(step), PIPELINES[0])
    new = frame(4)
    history.add(new, PIPELINES[0])
    assert history.before(100) is new
    assert steps_in(history, 100) == [0, 4]


@given(st.integers(1, 300), st.integers(1, 12), st.integers(1, 20))
def test_the_budget_is_kept_with_the_newest_keyframe_and_dense_ones_lately(count: int, room: int, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.history, "BUDGET_BYTES", room * 32)
        patch.setattr(engine.history, "MAX_KEYFRAMES", most)
        history = History()
        for step in range(count):
            history.add(frame(step), PIPELINES[0])
            kept = steps_in(history, count)
            assert len(kept) <= max(min(room, most), 1)
            assert kept[-1] == step
    if min(room, most) >= 4:
        assert kept[0] == 0
        assert kept[-2:] == list(range(count))[-2:]


def test_the_pipeline_of_every_step_is_known_even_where_keyframes_were_dropped() -> None:
    history = History()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.history, "MAX_KEYFRAMES", 3)
        for step in range(40):
            history.add(frame(step), PIPELINES[step // 10])
    assert [history.pipeline(step) for step in range(40)] == [PIPELINES[step // 10] for step in range(40)]
    history.cut(25)
    assert history.pipeline(30) == PIPELINES[2]
    history.cut(20)
    assert history.pipeline(30) == PIPELINES[1]


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
def test_any_earlier_step_comes_back_and_the_same_numbers_follow(
    kind: str, keyframe_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.trainer, "KEYFRAME_SECONDS", keyframe_seconds)
    trainer = trainer_of(experiment_of(rule=optimizer(kind)))
    states = recorded_run(trainer, 60)
    curves = trainer.recorder.curves()
    for step in (59, 58, 40, 41 - 1, 17, 3, 0):
        trainer.go_back(step)
        assert state_of(trainer.stepper) == states[step]
        cut = trainer.recorder.curves()
        np.testing.assert_array_equal(cut.batch_step, np.arange(step))
        np.testing.assert_array_equal(cut.batch_loss, curves.batch_loss[:step])
        assert cut.test_step.max() <= step
        assert all(steps.max() <= step for steps, _ in cut.weights.values())
    assert recorded_run(trainer, 60) == states
    np.testing.assert_array_equal(trainer.recorder.curves().batch_loss, curves.batch_loss)
    np.testing.assert_array_equal(trainer.recorder.curves().train, curves.train)


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
    assert not trainer.can_go_back


def test_what_a_step_showed_is_shown_again_on_the_way_back() -> None:
    trainer = trainer_of(experiment_of(rule=ADAM))
    run_steps(trainer, 7)
    seen = trainer.snapshot()
    run_steps(trainer, 3)
    trainer.go_back(7)
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
        patch.setattr(engine.trainer, "KEYFRAME_SECONDS", keyframe_seconds)
        patch.setattr(engine.history, "MAX_KEYFRAMES", most)
        trainer = trainer_of(experiment_of(dense_graph((2,)), rule=ADAM))
        states = recorded_run(trainer, 30, changes)
        for step in sorted(targets, reverse=True):
            if step < (trainer.history.first or 0):
                continue
            trainer.go_back(step)
            steps, updates, epoch, row, _ = state_of(trainer.stepper)
            assert (steps, epoch, row) == (states[step][0], states[step][2], states[step][3])
            size = trainer.stepper.weights.nbytes
            assert trainer.stepper.weights.tobytes() == states[step][4][:size]
            # Going back does not take back the choice of the optimizer: one of another kind begins anew.
            kind_then = [ADAM, *(changes[s].optimizer for s in sorted(changes) if s < step)][-1].kind
            if kind_then == trainer.experiment.optimizer.kind:
                assert (updates, state_of(trainer.stepper)[4]) == (states[step][1], states[step][4])
            else:
                assert updates == 0
                assert not any(kept.any() for kept in trainer.stepper.update_phase.memory.values())
            assert trainer.stepper.pipeline == trainer.experiment.pipeline


def test_after_going_back_behind_a_change_the_run_goes_on_with_the_present_pipeline() -> None:
    rate = optimizer("sgd", learning_rate=0.5)
    trainer = trainer_of(experiment_of(rule=optimizer("sgd", learning_rate=0.1)))
    states = recorded_run(trainer, 20, {10: Pipeline(method("backpropagation"), rate)})
    trainer.go_back(5)
    other = recorded_run(trainer, 5)
    assert other[0] == states[5]
    assert other[1] != states[6]
    trainer.go_back(8)
    assert state_of(trainer.stepper) == other[3]


def test_without_a_gradient_method_no_old_gradient_is_used_after_going_back() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("sgd")))
    states = recorded_run(trainer, 12, {8: Pipeline(method("none"), optimizer("sgd"))})
    assert states[9][4] == states[8][4]
    trainer.go_back(5)
    run_steps(trainer, 2)
    assert state_of(trainer.stepper)[4] == states[5][4]


def test_steps_that_are_not_recorded_are_refused_and_the_run_stays() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 3)
    state = state_of(trainer.stepper)
    for step in (4, -1):
        with pytest.raises(ValueError, match="not recorded"):
            trainer.go_back(step)
    assert state_of(trainer.stepper) == state


def test_a_short_last_batch_comes_back_too() -> None:
    trainer = trainer_of(experiment_of(dense_graph((3,), "softmax_cross_entropy", 3), Choice("iris"), batch_size=50))
    states = recorded_run(trainer, 9)
    trainer.go_back(3)
    assert len(trainer.stepper.rows) == 20
    assert recorded_run(trainer, 6) == states[3:]
