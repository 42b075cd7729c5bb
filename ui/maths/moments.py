"""The moment that the Maths tab shows, and the one before its update."""

from __future__ import annotations

from engine.snapshot import Snapshot


class Moments:
    """`now` is the present snapshot; `before` the last one before an update, from which the one after it is known."""

    def __init__(self) -> None:
        self.now: Snapshot | None = None
        self.before: Snapshot | None = None

    def take(self, snapshot: Snapshot | None) -> None:
        """Go on to another moment."""
        last = self.now
        if snapshot is None or last is None or last.program is not snapshot.program:
            self.before = None
        elif snapshot.step == last.step + 1 or (snapshot.reuse is not None and snapshot.updates == last.updates + 1):
            self.before = last
        elif snapshot.step != last.step:
            self.before = None
        self.now = snapshot
