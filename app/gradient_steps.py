"""Computing g and using it, each by itself, in a run that may be going on."""

from __future__ import annotations

from collections.abc import Callable

from engine.gradient_use import (
    apply_gradient,
    compute_gradient,
    redraw,
    why_not_apply,
    why_not_compute,
    why_not_redraw,
)
from engine.message import Message
from engine.timeline import Place
from engine.trainer import Trainer

Act = Callable[[Callable[[Trainer], None]], None]


class GradientSteps:
    """What can be done between whole steps.

    `trainer` gives what is run, None where there is none; `act` pauses, does something and shows it; `proceed` goes on
    to a place, where that takes long.
    """

    def __init__(
        self,
        trainer: Callable[[], Trainer | None],
        is_running: Callable[[], bool],
        act: Act,
        proceed: Callable[[Callable[[Trainer], Place]], None],
    ) -> None:
        self._trainer, self._is_running, self._act, self._proceed = trainer, is_running, act, proceed

    @property
    def obstacles(self) -> tuple[Message | None, Message | None, Message | None]:
        """Why g cannot be computed, g not be used, and no other rows be drawn now; None where that can be done."""
        trainer, is_running = self._trainer(), self._is_running()
        if trainer is None:
            return None, None, None
        stepper = trainer.stepper
        return (
            why_not_compute(stepper, is_running=is_running),
            why_not_apply(trainer, is_running=is_running),
            why_not_redraw(stepper),
        )

    def compute(self) -> None:
        """Do phases 1 to 4 of the present step and stop before its update; a long one can be paused."""
        self._act(_begin_gradient)
        self._proceed(_end_of_long_gradient)

    def apply(self) -> None:
        """Let the optimizer use g: as this step's update, or once more with the last step's g."""
        self._act(apply_gradient)

    def redraw(self) -> None:
        """Draw other rows for the present step, at the same weights."""
        self._act(redraw)


def _begin_gradient(trainer: Trainer) -> None:
    """Do all of a short one. What is in the slots when a step begins tells how long it is, and where g ends."""
    stepper = trainer.stepper
    if not stepper.micro and why_not_compute(stepper) is None:
        trainer.micro_step()
    if stepper.is_short:
        compute_gradient(trainer)


def _end_of_long_gradient(trainer: Trainer) -> Place:
    stepper = trainer.stepper
    if stepper.is_short or why_not_compute(stepper) is not None:
        return trainer.timeline.place
    return Place(stepper.step, stepper.micro_count - 1)
