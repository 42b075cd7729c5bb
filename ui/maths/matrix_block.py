"""One of the three matrices of a parameter: what it is called and holds."""

from __future__ import annotations

from dataclasses import dataclass

from app.translate import tr
from engine.explanation_parts import Mark, State
from engine.ops.call import Array


@dataclass(frozen=True, eq=False)
class Block:
    """One of the three matrices: its letter, its numbers and how they stand."""

    letter: str
    values: Array
    mark: Mark
    missing: str
    """What stands in place of numbers that are not there."""

    @property
    def is_stale(self) -> bool:
        """Whether the numbers belong to weights that have moved on."""
        return self.mark.state is State.STALE

    @property
    def title(self) -> str:
        """The letter, and that it is stale."""
        return self.stale_title if self.is_stale else self.letter

    @property
    def stale_title(self) -> str:
        """The title once it is stale."""
        return tr("{letter} stale", letter=self.letter)
