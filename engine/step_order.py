"""The micro-steps of a step, in order: what the stepper does, a snapshot tells and a person stops at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from engine.message import Message
from engine.program import Phase


class Part(Enum):
    """The kinds of micro-steps, in the order in which a step has them."""

    SAMPLE = "sample"
    INSTRUCTION = "instruction"
    GRADIENT_PASS = "gradient pass"
    CANDIDATE = "candidate"
    UPDATE = "update"


@dataclass(frozen=True)
class StepOrder:
    """How many micro-steps of each kind a step has: one sample, these, and one update."""

    instructions: int
    gradient_passes: int
    candidates: int

    @property
    def count(self) -> int:
        """How many micro-steps a step has."""
        return 2 + self.instructions + self.passes

    @property
    def passes(self) -> int:
        """How many passes of the gradient method and candidates of the optimizer there are."""
        return self.gradient_passes + self.candidates

    def place(self, number: int) -> tuple[Part, int]:
        """Give the kind of a micro-step, numbered from 0, and its number among those of its kind."""
        if number == 0:
            return Part.SAMPLE, 0
        number -= 1
        parts = (
            (Part.INSTRUCTION, self.instructions),
            (Part.GRADIENT_PASS, self.gradient_passes),
            (Part.CANDIDATE, self.candidates),
        )
        for part, count in parts:
            if number < count:
                return part, number
            number -= count
        return Part.UPDATE, 0

    def is_amid_gradient(self, micro: int) -> bool:
        """Tell whether, where `micro` micro-steps are done, some passes of the gradient method are and some are not."""
        part, number = self.place(micro)
        return part is Part.GRADIENT_PASS and number > 0

    def is_before_update(self, micro: int) -> bool:
        """Tell whether, where `micro` micro-steps are done, the update comes next."""
        return self.place(micro)[0] is Part.UPDATE

    def passes_done(self, micro: int) -> int:
        """Give how many passes are done where `micro` micro-steps are."""
        return min(max(micro - 1 - self.instructions, 0), self.passes)


@dataclass(frozen=True)
class MicroStep:
    """One micro-step: its phase, the node that it is about, and what it does in one line."""

    phase: Phase
    node: int | None
    words: Message
