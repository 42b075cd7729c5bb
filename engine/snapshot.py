"""The Snapshot: all that a window shows of a run at one moment. Immutable; its arrays are read-only copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation import Evaluator
from engine.message import Message
from engine.ops.base import Array
from engine.program import Parameter, Phase, Program
from engine.recording import Curves


@dataclass(frozen=True)
class MicroStep:
    """One micro-step: its phase, the node that it is about, and what it does in one line."""

    phase: Phase
    node: int | None
    words: Message


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
    step: int
    epoch: int
    micro: int
    micro_count: int
    last: MicroStep | None
    next: MicroStep
    loss: float | None
    loss_step: int | None
    loss_rows: int
    gradient_norm: float | None
    gradient_step: int | None
    update_norm: float | None
    update_step: int | None
    train_loss: float
    test_loss: float
    method: str
    """The gradient method's name."""
    curves: Curves

    @property
    def phase(self) -> Phase | None:
        """The phase of the last micro-step."""
        return None if self.last is None else self.last.phase

    @property
    def rows(self) -> int:
        """How many rows the drawn batch has; before the first, how many it will have."""
        return len(self.batch) or self.batch_rows

    @property
    def parameters(self) -> Array:
        """The flat parameter region."""
        return self.program.region(self.arena, 0)

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
