"""The StopWatch: which conditions of a run hold, and when one begins to."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from engine.executors import NO_LIMIT, LossLimit
from engine.experiment import Choice
from engine.message import Message, listed, message
from engine.stopping.base import Progress, StopCondition, make_stop_condition


class StopWatch:
    """The conditions of a run. A condition stops it when it begins to hold, and again only after it ceased to hold.

    So a run that is started again after a stop goes on, and a condition that holds already where the watch begins, such
    as 100 steps at step 500, does not stop it at once. What cannot be told there counts as not holding, so the progress
    that a condition begins with should have the losses of both whole sets.
    """

    def __init__(self, stops: Sequence[Choice], progress: Progress) -> None:
        self.conditions: tuple[StopCondition, ...] = ()
        """Of each kind one at most."""
        self._holding: set[str] = set()
        self.change(stops, progress)

    def change(self, stops: Sequence[Choice], progress: Progress) -> None:
        """Take other conditions in the middle of a run: what is new or set otherwise begins here, the others go on."""
        before = {condition.name: condition for condition in self.conditions}
        conditions = []
        for stop in stops:
            condition = make_stop_condition(stop.kind, stop.settings)
            old = before.get(condition.name)
            if old is not None and old.values == condition.values:
                condition = old
            else:
                self._begin(condition, progress)
            conditions.append(condition)
        self.conditions = tuple(conditions)
        self._holding &= {condition.name for condition in conditions}

    def restart(self, progress: Progress) -> None:
        """Begin anew where the run stands: it was reset, has gone back in time or has another network or other data."""
        for condition in self.conditions:
            condition.reset()
            self._begin(condition, progress)

    @property
    def goes_by_sets(self) -> bool:
        """Whether a condition goes by losses of the whole sets, so that `check` has to follow each of them."""
        return any(condition.goes_by_sets for condition in self.conditions)

    def next_due(self, step: int, step_of: Callable[[int], int]) -> float:
        """Give the next step at which a condition begins to hold by counting alone; ∞ where none does."""
        return min((due for due in (c.due(step_of) for c in self.conditions) if due > step), default=math.inf)

    @property
    def limit(self) -> LossLimit:
        """What ends a stretch of steps, after which `check_stretch` is called, where a condition begins to hold."""
        bounded = [c for c in self.conditions if c.batch_bound > -math.inf]
        return LossLimit(bounded[0].batch_bound, bounded[0].name in self._holding) if bounded else NO_LIMIT

    def check_stretch(self, before: Progress, last: Progress) -> Message | None:
        """Say why the run stops after the last step of a stretch that went no further than `next_due` and `limit`.

        In it nothing began to hold earlier. What ceased to hold shows at its last step but one, `before`.
        """
        self.check(before)
        return self.check(last)

    def check(self, progress: Progress) -> Message | None:
        """Say why the run stops after this step; None where it goes on. Call once after each step."""
        reasons = []
        for condition in self.conditions:
            holds = condition.holds(progress)
            if holds and condition.name not in self._holding:
                reasons.append(condition.words(progress))
            self._note(condition, holds)
        return message("Stopped: {reasons}", reasons=listed(reasons)) if reasons else None

    def _begin(self, condition: StopCondition, progress: Progress) -> None:
        self._note(condition, condition.holds(progress) or False)

    def _note(self, condition: StopCondition, holds: bool | None) -> None:
        if holds:
            self._holding.add(condition.name)
        elif holds is not None:
            self._holding.discard(condition.name)
