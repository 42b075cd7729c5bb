"""Computing g and using it, each by itself, as a person asks for it; and why that cannot be done now.

Neither counts as a step. What changes the run stands in its history, so that going back and forth stays exact.
"""

from __future__ import annotations

from engine.comparison import ROWS
from engine.history import PassedBatch, RepeatedUpdate
from engine.message import Message, message
from engine.stepper import Stepper
from engine.trainer import Trainer

NO_GRADIENT = message("Compute g first: there is none yet for the optimizer to use")


def why_not_compute(stepper: Stepper, *, is_running: bool = False) -> Message | None:
    """Say why no g can be computed now; None where one can. A run that goes on is paused first."""
    if not stepper.optimizer.needs_gradient:
        return message("{optimizer} needs no g, so a step computes none", optimizer=message(stepper.optimizer.label))
    if not stepper.gradient_passes:
        problem = stepper.method.problem(stepper.program)
        return problem or message("There is no gradient method that could compute g")
    if not is_running and stepper.order.is_before_update(stepper.micro):
        return message("g is computed already: what comes next is the update")
    return None


def why_not_apply(trainer: Trainer, *, is_running: bool = False) -> Message | None:
    """Say why the optimizer cannot use g now; None where it can."""
    stepper = trainer.stepper
    obstacle = stepper.update_phase.obstacle
    if obstacle is not None:
        return obstacle
    if is_running or stepper.order.is_before_update(stepper.micro):
        return None if stepper.changes_weights else NO_GRADIENT
    if not stepper.can_repeat_update:
        return NO_GRADIENT
    # To take what is in the slots now would begin with another method or memory than those that g was used with.
    return message("Resume here first: other things are in the slots here") if trainer.has_other_slots else None


def why_not_redraw(stepper: Stepper) -> Message | None:
    """Say why no other rows can be drawn for this step; None where they can."""
    if not stepper.sampler.has_data:
        return message("No data enter this network, so there is nothing to draw")
    if stepper.sampler.draws_all:
        return message("Each batch holds all rows, so there are no others to draw")
    return None


def compute_gradient(trainer: Trainer) -> None:
    """Do what is left of phases 1 to 4 of the present step; no weight changes."""
    stepper = trainer.stepper
    if why_not_compute(stepper) is None:
        trainer.micro_step()
        while stepper.micro and not stepper.order.is_before_update(stepper.micro):
            trainer.micro_step()


def apply_gradient(trainer: Trainer) -> None:
    """Let the optimizer use g: as the update of a step whose g is computed, else once more with the last step's g.

    In the past the update of a step is the recorded one. Where more was done by hand right after it, such as g applied
    again, it is done without that, and a branch begins.
    """
    stepper = trainer.stepper
    if why_not_apply(trainer) is not None:
        return
    if stepper.order.is_before_update(stepper.micro):
        if trainer.timeline.history.is_changed_by_hand(stepper.step + 1):
            trainer.timeline.branch()
        trainer.micro_step()
        return
    # Another executor would begin without a g, so it waits for the next micro-step.
    trainer.timeline.branch()
    trainer.comparison.forget()
    if stepper.repeat_update():
        trainer.timeline.add_change(RepeatedUpdate(stepper.step))
        trainer.recorder.record_event(stepper.step, message("g applied again"))
    else:
        trainer.observer.stop_words = message("g was not applied again: a weight would have become non-finite")


def redraw(trainer: Trainer) -> None:
    """Draw other rows at the same weights, and stand after phase 1; what was computed of the step is given up."""
    stepper = trainer.stepper
    if why_not_redraw(stepper) is not None:
        return
    # Rows are drawn for this step also where it has begun anew, as with another gradient method.
    if len(stepper.rows) and stepper.batch.step == stepper.step:
        gradients = int(stepper.gradient_step == stepper.step)
        trainer.branch()
        trainer.comparison.remember(ROWS)
        change = PassedBatch(stepper.step, gradients)
        change.apply(stepper)
        trainer.timeline.add_change(change)
    trainer.micro_step()
