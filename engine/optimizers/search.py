"""Optimizers without a gradient: they try other weights and look at the loss. The gradient method is not called."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from engine.executor import Batch
from engine.message import Message, message
from engine.ops.call import Array
from engine.optimizers.base import Optimizer
from engine.program import Program


@dataclass(frozen=True)
class Trial:
    """What a step of a search works with. All arrays have the parameters' layout, but for `losses`."""

    w: Array
    """The weights: read, never written."""
    memory: tuple[Array, ...]
    """What the optimizer keeps from step to step, in the order of its `memory`: read and written."""
    losses: Array
    """The loss of each candidate on this batch, [passes]; +∞ where it is not finite."""
    delta: Array
    """Where Δw goes."""
    batch: Batch
    """What the step has drawn; all that is random here is a function of it."""
    t: int
    """Counts updates from 1; at 1 the memory is empty."""
    loss: float
    """The loss at w on this batch, as phase 3 has it."""


class Search(Optimizer):
    """An optimizer that needs forward passes only, one for each candidate.

    Whoever runs it may hold weights fast: then a candidate is tried, and Δw is added, with these weights as in w.
    """

    needs_gradient: ClassVar[bool] = False

    def problem(self, program: Program) -> Message | None:
        """Say why it cannot search the weights of this program; None where it can."""
        return None

    @property
    def passes(self) -> int:
        """The number of candidates that are tried at each step."""
        raise NotImplementedError

    def candidate(self, trial: Trial, number: int, out: Array) -> None:
        """Write the weights of a candidate into `out`; they are a function of the trial and the number alone."""
        raise NotImplementedError

    def choose(self, trial: Trial) -> None:
        """Write Δw, and what is kept for the next step, once all losses are known."""
        raise NotImplementedError

    def candidate_title(self, number: int) -> Message:
        """Give what a candidate is called: "candidate 3 of 10"."""
        return message("candidate {number} of {count}", number=number + 1, count=self.passes)

    def pass_words(self, losses: Array, number: int) -> Message:
        """Say in one line how the candidate of this number did; the losses up to it are known."""
        loss, least = float(losses[number]), float(losses[: number + 1].min())
        title = self.candidate_title(number)
        if not math.isfinite(loss):
            return message("Tried {candidate}: its L is not a finite number. No weight has changed.", candidate=title)
        words = "Tried {candidate}: L = {loss:.4g}, the least so far {least:.4g}. No weight has changed."
        return message(words, candidate=title, loss=loss, least=least)
