"""The opening: the first step of a document plays in slow motion, phase by phase, each with one sentence."""

from __future__ import annotations

from app.pace import Pace
from engine.gradients import GRADIENT_METHODS
from engine.message import Message, message
from engine.optimizers import OPTIMIZERS
from engine.phases import phase_of, phase_range
from engine.program import Phase
from engine.stepper import Stepper
from engine.timeline import Place

PHASE_SECONDS = 1.2
MOST_HALTS = 64
"""In a phase; looking at the run anew for each of thousands of passes would take longer than they do."""


class Opening(Pace):
    """The pace of the first step: every phase takes as long, and its micro-steps are spread evenly over it.

    `follow` is called after each micro-step. `words` say what the phase of the last one is.
    """

    def __init__(self, stepper: Stepper) -> None:
        super().__init__()
        self._stepper = stepper
        self.words: Message | None = None
        self.rate = 1.0 / PHASE_SECONDS

    @property
    def is_fast(self) -> bool:
        """Each micro-step is to be seen."""
        return False

    @property
    def is_over(self) -> bool:
        """Whether the step after the first one has begun."""
        return self._place > Place(1)

    @property
    def halt(self) -> Place:
        """The next place to follow it to: each micro-step, or where a phase has very many, some at once."""
        stepper = self._stepper
        phase = phase_range(stepper, stepper.micro)
        stride = max(1, len(phase) // MOST_HALTS)
        return Place(stepper.step, min(stepper.micro + stride, phase.stop))

    def follow(self) -> None:
        """Take the rate and the words of the phase that the last micro-step belongs to."""
        stepper = self._stepper
        number = (stepper.micro or stepper.micro_count) - 1
        self.rate = len(phase_range(stepper, number)) / PHASE_SECONDS
        self.words = _words(stepper, phase_of(stepper, number))

    @property
    def _place(self) -> Place:
        return Place(self._stepper.step, self._stepper.micro)


def _words(stepper: Stepper, phase: Phase) -> Message:
    """Say in one sentence what a phase does, and what of the weights."""
    program = stepper.program
    method = message(GRADIENT_METHODS[stepper.pipeline.method.kind].label)
    optimizer = message(OPTIMIZERS[stepper.pipeline.optimizer.kind].label)
    if phase is Phase.SAMPLE:
        if not program.data:
            return message("1 · Sample: nothing to draw, since the objective needs no data")
        rows, count = len(stepper.rows), len(stepper.sampler.train)
        return message("1 · Sample draws {rows} of {count} training rows", rows=rows, count=count)
    if phase is Phase.FORWARD:
        return message("2 · Forward reads the weights and changes none")
    if phase is Phase.LOSS:
        if not program.data:
            return message("3 · Loss: one number, the value of the objective at these weights")
        return message("3 · Loss: one number for the {rows} rows, the smaller the better", rows=stepper.loss_rows)
    if phase is Phase.BACKWARD:
        return message("4 · {method} computes g: no weight has changed", method=method)
    if not stepper.changes_weights:
        return message("5 · Update: nothing in these two slots changes the weights")
    if stepper.gradient_passes:
        return message("5 · {optimizer} uses g: now the weights change", optimizer=optimizer)
    if stepper.micro:
        return message("5 · {optimizer} tries other weights on a copy: it needs no g", optimizer=optimizer)
    return message("5 · {optimizer} has chosen, without a g: now the weights change", optimizer=optimizer)
