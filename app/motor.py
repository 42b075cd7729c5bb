"""The Motor: makes a trainer go by itself.

An executor that does many steps in one call computes on a thread of its own while the window draws, and is interrupted
for each frame. The numpy executor, which would fight the window for Python's lock there, computes in slices on the GUI
thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer

from app.errors import report_exception
from app.pace import Pace
from app.worker import Worker
from engine.interrupt import Interrupt
from engine.timeline import Place
from engine.trainer import Trainer

SLICE_SECONDS = 0.008
FRAME_SECONDS = 1 / 30
FRAME_MS = round(1000 * FRAME_SECONDS)
PACED_MS = 15
STEP_SECONDS = 0.125
"""Where a step takes no longer, nobody can follow its phases: only completed ones are shown."""


class Motor(QObject):
    """Drives one trainer at a time, at a pace.

    It calls `check` after what it has computed, where it may be stopped, and then `show`, given whether a frame is due
    now; `fail` when it had to stop because of an error. Between two calls nobody else may change the trainer, unless
    `interrupt` was called; where it stands may be read.

    `halt` is the next place at which it calls `check`, exactly there, None for none; `check` may give it another one.
    """

    def __init__(
        self,
        pace: Pace,
        check: Callable[[], None],
        show: Callable[[bool], None],
        fail: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.pace = pace
        self._check, self._show, self._fail = check, show, fail
        self.halt: Place | None = None
        self._trainer: Trainer | None = None
        self._hurries = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._frame_timer = QTimer(self, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._worker = Worker(self)
        self._frame_timer.timeout.connect(self._worker.ask_to_end)
        self._worker.finished.connect(self._on_worker_finished)

    @property
    def is_going(self) -> bool:
        """Whether it has a trainer to drive."""
        return self._trainer is not None

    def go(self, trainer: Trainer, halt: Place | None = None, *, hurries: bool = False) -> None:
        """Drive a trainer until stopped, at its pace or, where it hurries, as fast as it can."""
        self._trainer, self.halt, self._hurries = trainer, halt, hurries
        self._go_on()

    def set_pace(self, pace: Pace) -> None:
        """Go at another pace from here on."""
        self.pace = pace
        pace.begin()

    def stop(self) -> None:
        """Let the trainer stand where it is."""
        self._trainer = self.halt = None
        self._timer.stop()
        self._frame_timer.stop()
        self.interrupt()

    def interrupt(self) -> None:
        """End what is being computed on the other thread, and wait for that; `go` goes on."""
        if self._worker.is_busy:
            self._try(self._finish_early)

    @property
    def _is_paced(self) -> bool:
        """Whether micro-steps fall due one by one."""
        return self.pace.rate is not None and not self._hurries

    @property
    def _is_near(self) -> bool:
        """Whether the place to halt is in the present step, so that it goes there by micro-steps."""
        return self._trainer is not None and self.halt is not None and self._trainer.stepper.step >= self.halt.step

    @property
    def _has_arrived(self) -> bool:
        return self._trainer is not None and self.halt is not None and self._trainer.timeline.place >= self.halt

    def _go_on(self) -> None:
        """Compute in the way that fits what computes now."""
        trainer = self._trainer
        if trainer is None or self._worker.is_busy:
            return
        if self._is_paced or self._is_near or trainer.stepper.loop is None:
            self._frame_timer.stop()
            interval = PACED_MS if self._is_paced else 0
            if not self._timer.isActive() or self._timer.interval() != interval:
                self.pace.begin()
                self._timer.start(interval)
            return
        self._timer.stop()
        until = None if self.halt is None else self.halt.step

        def compute(interrupt: Interrupt) -> None:
            trainer.advance(math.inf, until, interrupt)

        self._worker.start(compute)
        if not self._frame_timer.isActive():
            self._frame_timer.start()

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
        self._worker.ask_to_end()
        self._worker.wait()
        self._check()

    def _finish_piece(self) -> None:
        self._worker.wait()
        self._check()
        if self.is_going:
            self._show(True)

    def _do_slice(self) -> None:
        if self._is_paced:
            self._do_due_micro_steps()
        elif self._is_near:
            self._do_micro_steps()
        elif self._trainer is not None:
            self._trainer.advance(SLICE_SECONDS, None if self.halt is None else self.halt.step)
            self._check()
        if self.is_going:
            self._show(False)
            # After the halt it may go in another way.
            self._go_on()

    def _do_due_micro_steps(self) -> None:
        """Do the micro-steps that are due; what there is no time for is dropped rather than owed for ever."""
        self.pace.count()
        deadline = perf_counter() + SLICE_SECONDS
        while self._trainer is not None:
            if self._may_skip and self.pace.take(self._trainer.stepper.micro_count):
                self._trainer.advance(0.0, self._trainer.stepper.step + 1)
                self._check()
            elif not (self._may_skip and self._passes_steps) and self.pace.take():
                self._do_micro_step(self._trainer)
            else:
                return
            if perf_counter() > deadline:
                self.pace.drop_old()
                return

    @property
    def _may_skip(self) -> bool:
        """Whether the present step, where all of it is due, can be done in one piece, which is faster."""
        stepper = None if self._trainer is None else self._trainer.stepper
        return stepper is not None and self.pace.is_fast and not (stepper.micro or self._is_near) and stepper.is_short

    @property
    def _passes_steps(self) -> bool:
        """Whether steps go by so fast that each frame shows a completed one."""
        rate, trainer = self.pace.rate, self._trainer
        return rate is not None and trainer is not None and rate * STEP_SECONDS >= trainer.stepper.micro_count

    def _do_micro_steps(self) -> None:
        """Do micro-steps in the step where it is to halt, for the time of a slice."""
        deadline = perf_counter() + SLICE_SECONDS
        while self._trainer is not None and self._is_near and perf_counter() <= deadline:
            self._do_micro_step(self._trainer)

    def _do_micro_step(self, trainer: Trainer) -> None:
        trainer.micro_step()
        if trainer.stepper.micro == 0 or self._has_arrived:
            self._check()
