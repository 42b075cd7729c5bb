"""The fault that was found last, for as long as it can be looked at."""

from __future__ import annotations

from engine.fault import Fault
from engine.timeline import Place

Line = tuple[object, int, int]


class KnownFault:
    """A fault with the line of the run that it belongs to, as the runner tells lines apart."""

    def __init__(self) -> None:
        self._fault: Fault | None = None
        self._line: Line | None = None

    def note(self, fault: Fault | None, line: Line) -> None:
        """Take a fault that was found; None changes nothing."""
        if fault is not None:
            self._fault, self._line = fault, line

    def forget(self) -> None:
        """Let it be over."""
        self._fault = None

    def at(self, place: Place, line: Line) -> Fault | None:
        """Give the fault where the run stands at the beginning of its step or right behind it."""
        fault = self._fault
        if fault is None or self._line is None or line[:2] != self._line[:2]:
            return None
        return fault if place in (Place(fault.step), Place(fault.step, fault.number + 1)) else None
