"""Which candidate of a gradient-free optimizer won: read off the micro-steps in which they were tried."""

from __future__ import annotations

import math

from engine.message import Message, message
from engine.program import Phase
from engine.snapshot import Snapshot


class TrialLog:
    """The losses of the candidates of one step, as snapshots tell of them one after another."""

    def __init__(self) -> None:
        self._step: int | None = None
        self._found: dict[int, tuple[Message, float]] = {}

    def note(self, snapshot: Snapshot) -> None:
        """Take what a snapshot tells of the candidate tried last, if it does."""
        order = snapshot.order
        if snapshot.micro and snapshot.step != self._step:
            self._step, self._found = snapshot.step, {}
        last = snapshot.last
        if not order.candidates or last is None or last.phase is not Phase.UPDATE or not snapshot.micro:
            return
        title = last.words.arguments.get("candidate")
        if isinstance(title, Message):
            loss = last.words.arguments.get("loss", math.inf)
            number = snapshot.passes_done - order.gradient_passes - 1
            self._found[number] = (title, loss if isinstance(loss, float) else math.inf)

    def words(self, snapshot: Snapshot) -> tuple[Message, ...]:
        """Say which of the candidates is the best so far, or, after the update, of all; nothing of other steps."""
        step = snapshot.step if snapshot.micro else snapshot.step - 1
        count = snapshot.order.candidates
        if not count or not self._found or step != self._step:
            return ()
        title, loss = min(self._found.values(), key=lambda entry: entry[1])
        if not math.isfinite(loss):
            return ()
        if len(self._found) == count:
            words = "Of all {count}, {candidate} has the least loss on this batch: L = {loss:.4g}."
            return (message(words, count=count, candidate=title, loss=loss),)
        words = "The best of the {count} seen so far is {candidate}: L = {loss:.4g}."
        return (message(words, count=len(self._found), candidate=title, loss=loss),)
