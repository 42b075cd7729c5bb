"""Something that fails, and what the tests of errors read."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.errors import ErrorReporter, guarded

Heard = list[BaseException]
"""The errors that came out at the other end of the hooks."""


def log_of(reporter: ErrorReporter) -> str:
    assert reporter.log_path is not None
    return reporter.log_path.read_text("utf-8")


class Painter(QObject):
    """Fails whenever it is asked to paint."""

    asked = Signal(int)

    @guarded
    def paint(self) -> None:
        raise ValueError("no more ink")

    @guarded
    def paint_many(self, count: int, *, color: str = "teal") -> None:
        raise ValueError(f"no more ink for {count} in {color}")
