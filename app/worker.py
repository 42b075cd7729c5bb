"""A thread that computes while the window draws."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from threading import Thread

from PySide6.QtCore import QObject, Signal

from engine.interrupt import Interrupt

SWITCH_SECONDS = 0.0005


class Worker(QObject):
    """Does one piece of work at a time on a thread of its own; nobody else may change what it works on meanwhile.

    `finished`: after each piece, in the thread of whoever listens.
    """

    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Between two calls of compiled code the other thread waits so long for Python's lock, if this one holds it.
        sys.setswitchinterval(SWITCH_SECONDS)
        self._thread: Thread | None = None
        self._error: BaseException | None = None
        self._interrupt = Interrupt()
        self._is_done = False

    @property
    def is_busy(self) -> bool:
        """Whether a piece of work was begun that `wait` has not seen the end of."""
        return self._thread is not None

    @property
    def is_done(self) -> bool:
        """Whether that piece is done, so that `wait` does not take long."""
        return self._is_done

    def start(self, work: Callable[[Interrupt], object]) -> None:
        """Begin a piece of work, which ends early when the interrupt that it gets is set."""
        assert self._thread is None, "one piece of work at a time"
        self._interrupt.clear()
        self._is_done = False
        thread = Thread(target=self._do, args=(work,), name="training", daemon=True)
        # The collector would destroy widgets in the wrong thread; it catches up when the work is done.
        gc.disable()
        try:
            thread.start()
        except BaseException:
            gc.enable()
            raise
        self._thread = thread

    def ask_to_end(self) -> None:
        """Ask for an early end; `wait` waits for it, and `finished` tells of it."""
        self._interrupt.set()

    def wait(self) -> None:
        """Wait for the end of the work. Raises what it has raised."""
        if self._thread is None:
            return
        self._thread.join()
        self._thread = None
        self._is_done = False
        gc.enable()
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _do(self, work: Callable[[Interrupt], object]) -> None:
        try:
            work(self._interrupt)
        except BaseException as error:
            self._error = error
        self._is_done = True
        self.finished.emit()
