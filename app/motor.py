"""The Motor: makes a trainer go by itself.

An executor that does many steps in one call computes on a thread of its own, a frame's time at once, while the window
draws. The numpy executor, which would fight the window for Python's lock there, computes in slices on the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import perf_counter

from PySide6.QtCore import QObject, QTimer

from app.errors import report_exception
from app.pace import Pace
from app.worker import Worker
from engine.trainer import Trainer

SLICE_SECONDS = 0.008
FRAME_SECONDS = 1 / 30
PACED_MS = 15


class Motor(QObject):
    """Drives one trainer at a time, at a pace.

    It calls `check` after what it has computed, where it may be stopped, and then `show`, given whether a frame is due
    now; `fail` when it had to stop because of an error. Between two calls nobody else may change the trainer, unless
    `interrupt` was called; where it stands may be read.
    """

    def __init__(
        self,
        check: Callable[[], None],
        show: Callable[[bool], None],
        fail: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.pace = Pace()
        self._check, self._show, self._fail = check, show, fail
        self._trainer: Trainer | None = None
        self._goal: int | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._worker = Worker(self)
        self._worker.finished.connect(self._on_worker_finished)

    @property
    def is_going(self) -> bool:
        """Whether it has a trainer to drive."""
        return self._trainer is not None

    def go(self, trainer: Trainer, goal: int | None = None) -> None:
        """Drive a trainer until stopped, as fast as it can where there is a goal: a step at which a call ends."""
        self._trainer, self._goal = trainer, goal
        self._go_on()

    def stop(self) -> None:
        """Let the trainer stand where it is."""
        self._trainer = self._goal = None
        self._timer.stop()
        self.interrupt()

    def interrupt(self) -> None:
        """End what is being computed on the other thread, and wait for that; `go` goes on."""
        if self._worker.is_busy:
            self._try(self._finish_early)

    @property
    def _is_paced(self) -> bool:
        """Whether micro-steps fall due one by one; towards a goal it goes as fast as it can."""
        return self.pace.rate is not None and self._goal is None

    def _go_on(self) -> None:
        """Compute in the way that fits what computes now."""
        trainer, goal = self._trainer, self._goal
        if trainer is None or self._worker.is_busy:
            return
        if self._is_paced or trainer.stepper.loop is None:
            interval = PACED_MS if self._is_paced else 0
            if not self._timer.isActive() or self._timer.interval() != interval:
                self.pace.begin()
                self._timer.start(interval)
            return
        self._timer.stop()

        def compute(stop: Event) -> None:
            trainer.advance(FRAME_SECONDS, goal, stop)

        self._worker.start(compute)

    def _on_worker_finished(self) -> None:
        # News of a piece of work that was waited for already may come while the next one is being done.
        if self._worker.is_done:
            self._try(self._finish_piece)

    def _on_timer_timeout(self) -> None:
        self._try(self._do_slice)

    def _try(self, work: Callable[[], None]) -> None:
        """Do some work on this thread; where it fails, stop, as it would fail the next time too."""
        try:
            work()
        except Exception as error:
            self.stop()
            self._fail()
            report_exception("the run", error)

    def _finish_early(self) -> None:
        self._worker.interrupt()
        self._check()

    def _finish_piece(self) -> None:
        self._worker.wait()
        self._check()
        if self.is_going:
            self._show(True)

    def _do_slice(self) -> None:
        if self._is_paced:
            self._do_due_micro_steps()
        elif self._trainer is not None:
            self._trainer.advance(SLICE_SECONDS, self._goal)
            self._check()
        if self.is_going:
            self._show(False)

    def _do_due_micro_steps(self) -> None:
        """Do the micro-steps that are due; what does not fit into a slice is dropped rather than owed for ever."""
        self.pace.count()
        deadline = perf_counter() + SLICE_SECONDS
        while self._trainer is not None and self.pace.take():
            self._trainer.micro_step()
            if self._trainer.stepper.micro == 0:
                self._check()
            if perf_counter() > deadline:
                self.pace.drop()
