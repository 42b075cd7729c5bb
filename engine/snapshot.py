"""The Snapshot: all that a window shows of a run at one moment. Immutable; its arrays are read-only copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.comparison import GradientChange
from engine.evaluation import Evaluator
from engine.experiment import Pipeline
from engine.message import Message
from engine.narration import after_update_words, gradient_change_words
from engine.norms import gradient_norm
from engine.ops.call import Array
from engine.program import Parameter, Phase, Program
from engine.recording import Curves
from engine.step_order import MicroStep, StepOrder
from engine.stepper import Stepper
from engine.timeline import Track
from engine.update_phase import Reuse


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A run between two micro-steps.

    `step` counts completed updates; `micro` of `micro_count` micro-steps of the next one are done. The `…_step` numbers
    say at which step's weights the loss, g and Δw were computed (None: never), to tell stale ones from fresh ones.
    """

    program: Program
    evaluator: Evaluator
    arena: Array
    batch: NDArray[np.int64]
    batch_rows: int
    train_rows: int
    seed: int
    """The seed of the run, of which its random numbers are made."""
    step: int
    updates: int
    """How many updates the optimizer in the slot has made: its t is one more at the next."""
    epoch: int
    micro: int
    order: StepOrder
    last: MicroStep | None
    next: MicroStep
    loss: float | None
    loss_step: int | None
    loss_rows: int
    penalty: float | None
    """The L1 and L2 terms of `loss`; None where it has none."""
    gradient_norm: float | None
    gradient_step: int | None
    update_norm: float | None
    update_step: int | None
    train_loss: float
    test_loss: float
    pipeline: Pipeline
    """What is in the slots where the run stands, and what computes."""
    is_step_short: bool
    """Whether a step goes through in one piece; a long one shows how far it is, and can be cancelled."""
    is_method_called: bool
    """Whether a step calls the gradient method: not for an optimizer that needs none, nor where it cannot work."""
    gradient_calls: int
    """How many gradients the run has computed."""
    gradient_seconds: float
    """How long the present g took."""
    curves: Curves
    track: Track
    reuse: Reuse | None
    """How the last step's g was applied again; None where it was not."""
    batch_loss_after: float | None
    """The loss of the last step's rows at the weights of now, to compare with `loss`; known right after an update."""
    gradient_change: GradientChange | None
    """How g differs from the one computed before at the same weights; None where there is none to compare with."""

    @property
    def told(self) -> Message | None:
        """What to tell of the last micro-step, with what can be compared now; None where nothing was done."""
        if self.last is None:
            return None
        if self.gradient_change is not None and self.next.phase is Phase.UPDATE:
            return gradient_change_words(self.gradient_change, self.method)
        if self.loss is None or self.batch_loss_after is None:
            return self.last.words
        draws_others = self.batch_rows < self.train_rows
        times = 0 if self.reuse is None else self.reuse.count
        return after_update_words(self.last.words, self.loss, self.batch_loss_after, times, draws_others=draws_others)

    @property
    def method(self) -> str:
        """The gradient method's name."""
        return self.pipeline.method.kind

    @property
    def executor(self) -> str:
        """The name of what computes."""
        return self.pipeline.executor

    @property
    def phase(self) -> Phase | None:
        """The phase of the last micro-step."""
        return None if self.last is None else self.last.phase

    @property
    def rows(self) -> int:
        """How many rows the drawn batch has; before the first, how many it will have."""
        return len(self.batch) or self.batch_rows

    @property
    def micro_count(self) -> int:
        """How many micro-steps a step has."""
        return self.order.count

    @property
    def passes(self) -> int:
        """How many passes a step has: the gradient method's in phase 4, or a gradient-free optimizer's in phase 5."""
        return self.order.passes

    @property
    def passes_done(self) -> int:
        """How many of them are done in the step that has begun."""
        return self.order.passes_done(self.micro)

    @property
    def has_changed_weights(self) -> bool:
        """Whether the last step has: it computed a Δw, and that is not 0."""
        return self.update_step == self.step - 1 and self.update_norm != 0.0

    @property
    def state(self) -> Array:
        """The flat buffers and parameters, for questions to the evaluator."""
        return self.program.state(self.arena)

    def is_next_to(self, other: Snapshot | None) -> bool:
        """Tell whether at most one micro-step of the same run lies between the two."""
        if other is None or other.program is not self.program:
            return False
        return abs((self.step - other.step) * self.micro_count + self.micro - other.micro) <= 1

    def weights(self, parameter: Parameter) -> Array:
        """Give a parameter as [rows, columns]."""
        return self.program.weights(self.arena, parameter)

    def gradient(self, parameter: Parameter) -> Array:
        """Give the parameter's part of g as [rows, columns]."""
        return self.program.gradient(self.arena, parameter)

    def update(self, parameter: Parameter) -> Array:
        """Give the parameter's part of Δw as [rows, columns]."""
        return self.program.update(self.arena, parameter)

    def activation(self, node: int) -> Array:
        """Give a node's output for the drawn rows as [rows, columns]."""
        return self.program.view(self.arena, self.program.outputs[node], self.rows)


def take_snapshot(
    stepper: Stepper,
    evaluator: Evaluator,
    curves: Curves,
    losses: tuple[float, float],
    track: Track,
    batch_loss_after: float | None = None,
    gradient_change: GradientChange | None = None,
) -> Snapshot:
    """Copy what a window shows of a run; `losses` are those of the whole training and test set."""
    program, arena = stepper.program, stepper.arena.copy()
    arena.flags.writeable = False
    # In the middle of phase 4 the numbers of two gradients stand side by side.
    has_gradient = stepper.gradient_step is not None and not stepper.order.is_amid_gradient(stepper.micro)
    return Snapshot(
        program=program,
        evaluator=evaluator,
        arena=arena,
        batch=stepper.rows,
        batch_rows=stepper.sampler.batch_rows,
        train_rows=len(stepper.sampler.train),
        seed=stepper.seed,
        step=stepper.step,
        updates=stepper.updates,
        epoch=stepper.epoch,
        micro=stepper.micro,
        order=stepper.order,
        last=stepper.last,
        next=stepper.announce(stepper.micro),
        loss=stepper.loss,
        loss_step=stepper.loss_step,
        loss_rows=stepper.loss_rows,
        penalty=stepper.penalty,
        gradient_norm=gradient_norm(program.region(arena, 1)) if has_gradient else None,
        gradient_step=stepper.gradient_step if has_gradient else None,
        update_norm=None if stepper.update_step is None else gradient_norm(program.region(arena, 2)),
        update_step=stepper.update_step,
        train_loss=losses[0],
        test_loss=losses[1],
        pipeline=stepper.pipeline,
        is_step_short=stepper.is_short,
        is_method_called=stepper.gradient_passes > 0,
        gradient_calls=stepper.gradient_calls + (stepper.gradient_step == stepper.step),
        gradient_seconds=stepper.gradient_seconds,
        curves=curves,
        track=track,
        reuse=stepper.reuse,
        batch_loss_after=batch_loss_after,
        gradient_change=gradient_change,
    )
