"""Several lines of one run: what is looked at stays as it was, and what goes on does so with the slots of now."""

from __future__ import annotations

from dataclasses import replace

from engine.continuation import continue_run
from engine.experiment import Choice
from engine.trainer import Trainer
from tests.engine.samples import experiment_of, optimizer, run_steps, state_of, trainer_of


def changed_in_the_past() -> Trainer:
    """Make a run of 20 steps of SGD and 20 of Adam that stands at step 10."""
    trainer = trainer_of(experiment_of(rule=optimizer("sgd")))
    run_steps(trainer, 20)
    trainer.change_pipeline(replace(trainer.experiment, optimizer=optimizer("adam")))
    run_steps(trainer, 20)
    trainer.go_to(10)
    return trainer


def test_a_reset_in_the_past_begins_with_what_is_in_the_slots_now() -> None:
    trainer, other = changed_in_the_past(), trainer_of(experiment_of(rule=optimizer("adam")))
    trainer.reset()
    for each in (trainer, other):
        run_steps(each, 5)
    assert state_of(trainer.stepper) == state_of(other.stepper)
    assert trainer.timeline.ghosts == ()


def test_looking_at_another_line_changes_nothing_of_it() -> None:
    trainer = changed_in_the_past()
    trainer.go_to_end()
    end, events = state_of(trainer.stepper), trainer.recorder.curves().events
    trainer.go_to(10)
    trainer.change_pipeline(replace(trainer.experiment, optimizer=optimizer("momentum")))
    run_steps(trainer, 3)
    trainer.go_to_line(0)
    assert (state_of(trainer.stepper), trainer.has_other_slots) == (end, True)
    trainer.go_to_line(1)
    trainer.go_to_line(0)
    assert state_of(trainer.stepper) == end
    assert trainer.recorder.curves().events == events
    run_steps(trainer, 1)
    assert trainer.stepper.optimizer.name == "momentum"


def test_an_edit_of_the_batch_in_the_past_takes_no_memory_of_another_optimizer() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("adam")))
    run_steps(trainer, 20)
    trainer.change_pipeline(replace(trainer.experiment, optimizer=optimizer("adamw")))
    run_steps(trainer, 20)
    trainer.go_to(10)
    new = trainer_of(replace(trainer.experiment, batch_size=8))
    continue_run(trainer, new)
    assert new.stepper.updates == 0
    assert not any(kept.any() for kept in new.stepper.update_phase.memory.values())
    assert [str(words) for _, words in new.recorder.curves().events] == ["optimizer: AdamW", "batch size: 8"]


def test_a_condition_set_in_the_past_begins_at_the_end() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 20)
    trainer.go_to(5)
    stops = (Choice("steps", {"count": 10}),)
    trainer.change_pipeline(replace(trainer.experiment, stops=stops))
    trainer.go_to_end()
    run_steps(trainer, 5)
    assert trainer.take_stop() is None
