"""How fast a run goes by itself: how many micro-steps are due at a moment."""

from __future__ import annotations

from time import perf_counter

FAST = 30.0
"""From so many micro-steps a second on, a frame holds several."""
DEBT_SECONDS = 0.2
"""What was due during one slow frame is made up for; what was due before is not."""


class Pace:
    """A rate in micro-steps a second, None for as fast as can be, and what is owed of it."""

    def __init__(self) -> None:
        self.rate: float | None = None
        self._owed = 0.0
        self._counted_at = 0.0

    @property
    def is_fast(self) -> bool:
        """Whether the single micro-steps go by too fast to be followed."""
        return self.rate is None or self.rate >= FAST

    def begin(self) -> None:
        """Let the first micro-step be due now."""
        self._counted_at, self._owed = perf_counter(), 1.0

    def count(self) -> None:
        """Add what has become due since the last count."""
        now = perf_counter()
        self._owed += (now - self._counted_at) * (self.rate or 0.0)
        self._counted_at = now

    def take(self, count: int = 1) -> bool:
        """Take so many micro-steps, where they are due; give False where they are not."""
        if self._owed < count:
            return False
        self._owed -= count
        return True

    def drop(self) -> None:
        """Forget the whole micro-steps that are owed, as for another rate."""
        self._owed %= 1.0

    def drop_old(self) -> None:
        """Forget what is owed for longer than DEBT_SECONDS, as there is no time for it."""
        self._owed = min(self._owed, max((self.rate or 0.0) * DEBT_SECONDS, 1.0))
