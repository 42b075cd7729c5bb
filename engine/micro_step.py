"""The smallest part of a step that a person can stop at."""

from __future__ import annotations

from dataclasses import dataclass

from engine.message import Message
from engine.program import Phase


@dataclass(frozen=True)
class MicroStep:
    """One micro-step: its phase, the node that it is about, and what it does in one line."""

    phase: Phase
    node: int | None
    words: Message
