"""What a stop condition is, and what it looks at.

An experiment has any number of conditions, of each kind one at most; the first that begins to hold stops the run. A
value that is not finite always stops a run: that is no kind of condition, and no condition holds for such a value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.message import EngineError, Message, message
from engine.setting import Configured


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: what the conditions look at after each step.

    The losses of the whole sets are evaluated at some steps only, and None at the others. `batch_loss` is that of the
    step just completed, before its update, and None where there is none.
    """

    step: int
    """How many steps are completed."""
    epoch: int
    """How many epochs are completed."""
    batch_loss: float | None
    train_loss: float | None
    test_loss: float | None
    gradient_norm: Callable[[], float]
    """Computes ‖g‖ of the full training set at the present weights. Costly: called only where `train_loss` is known."""


class StopCondition(Configured):
    """What ends a run. Subclasses with a `name` register themselves; `name` is the one in files."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    summary: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Register the subclass under its name."""
        if cls.name:
            STOP_CONDITIONS[cls.name] = cls

    def holds(self, progress: Progress) -> bool | None:
        """Say whether the condition holds; None where that cannot be told at this step."""
        raise NotImplementedError

    def due(self, step_of: Callable[[int], int]) -> float:
        """Give the step at which the condition begins to hold by counting alone; ∞ where it goes by losses.

        `step_of` gives the step at which so many epochs are completed.
        """
        return math.inf

    @property
    def batch_bound(self) -> float:
        """What the loss of a batch has to be below for the condition to hold; −∞ where it does not go by that."""
        return -math.inf

    @property
    def goes_by_sets(self) -> bool:
        """Whether it goes by losses of the whole sets."""
        return True

    def words(self, progress: Progress) -> Message:
        """Say what is the case where the condition holds, as the reason for which a run stopped."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget what was seen of the run, which does not go on from there."""


STOP_CONDITIONS: dict[str, type[StopCondition]] = {}


def make_stop_condition(kind: str, settings: Mapping[str, object]) -> StopCondition:
    """Make a condition by its name. Raises EngineError for an unknown one, SettingError for a value out of place."""
    if kind not in STOP_CONDITIONS:
        raise EngineError(message("there is no stop condition called {name}", name=repr(kind)))
    return STOP_CONDITIONS[kind](settings)
