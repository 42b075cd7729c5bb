"""The Fault: where a value first became non-finite in a run that is kept from there."""

from __future__ import annotations

from dataclasses import dataclass

from engine.message import Message


@dataclass(frozen=True)
class Fault:
    """Micro-step `number`, from 0, of the step after `step` updates gave a value that is not finite.

    `node` is the one that it was about, if it was about one; `words` say so, and the likely cause.
    """

    step: int
    number: int
    node: int | None
    words: Message

    def __str__(self) -> str:
        """Give the English sentence."""
        return str(self.words)
