"""The Timeline: where a run stands in what is kept of it, and how it gets elsewhere.

A run goes along a *line*. Standing before its end is standing in the past: from there the same steps are computed
again, with every change at its step, on the executor of then, and are equal to the bit. Changing something there begins
a branch: a line of its own, which is the old one up to this step. The old line stays and can be gone back to.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from engine.experiment import Pipeline
from engine.history import Change, History
from engine.keyframe import Keyframe, restore_keyframe, take_keyframe
from engine.message import Message
from engine.narration import slot_words
from engine.observer import Observer
from engine.recording import Curves, Recorder
from engine.stepper import Stepper

BUDGET_BYTES = 256 * 2**20
MAX_KEYFRAMES = 4096
MAX_LINES = 8
MAX_REDONE_PASSES = 2000
"""So many micro-steps are done again to stand in the middle of a step; with more it begins anew."""


@dataclass(frozen=True, order=True)
class Place:
    """A moment of a line: so many updates, and so many micro-steps of the next step."""

    step: int
    micro: int = 0


@dataclass(frozen=True, eq=False)
class Line:
    """A line on which the run does not stand."""

    number: int
    history: History
    recorder: Recorder
    end: Place
    curves: Curves

    @property
    def pipeline(self) -> Pipeline:
        """What is in the slots at its end."""
        return self.history.pipeline(self.end.step)


@dataclass(frozen=True)
class Track:
    """What a window shows of a timeline: from which step to which it goes, and whether the run stands in its past.

    `lines` are the number, the last step and what was in the slots at the end of the other lines that can be gone to;
    `ghosts` the curves of all others.
    """

    first: int
    end: int
    is_past: bool
    lines: tuple[tuple[int, int, Message], ...]
    ghosts: tuple[Curves, ...]
    has_other_slots: bool = False
    """Whether, in the past or at the end of another line, the slots hold something else than is to go on."""
    is_set_by_hand: bool = False
    """Whether weights were set by hand after the last update."""


class Timeline:
    """The lines of a run. `number` names the one on which it stands; lines are counted in the order of their making."""

    def __init__(self, stepper: Stepper, observer: Observer, ghosts: tuple[Curves, ...] = ()) -> None:
        self._stepper, self._observer = stepper, observer
        self._ghosts = ghosts
        self.history = History(take_keyframe(stepper), stepper.pipeline)
        self.number = self._last_number = 0
        self.others: list[Line] = []
        """The lines that were left, the one left last at the end."""
        self._end: Place | None = None
        self._kept_at = perf_counter()

    @property
    def place(self) -> Place:
        """Where the run stands."""
        return Place(self._stepper.step, self._stepper.micro)

    @property
    def end(self) -> Place:
        """How far the line goes."""
        return self._end or self.place

    @property
    def is_past(self) -> bool:
        """Whether the run stands at a step that it had gone beyond."""
        return self._end is not None

    @property
    def track(self) -> Track:
        """What a window shows."""
        lines = tuple((line.number, line.end.step, slot_words(line.pipeline)) for line in self.others)
        is_set = self.history.has_set_weights(self._stepper.step)
        return Track(self.history.first, self.end.step, self.is_past, lines, self.ghosts, is_set_by_hand=is_set)

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier place."""
        return self.place != Place(self.history.first)

    @property
    def ghosts(self) -> tuple[Curves, ...]:
        """The curves of the other lines, also of those from before the present segment."""
        return (*self._ghosts, *(line.curves for line in self.others))[-MAX_LINES:]

    def nearest(self, step: int) -> int:
        """Give the nearest step of this line."""
        return min(max(step, self.history.first), self.end.step)

    @property
    def size(self) -> int:
        """How many bytes all lines take, roughly; arrays that they share count in each."""
        return self.history.size + sum(line.history.size for line in self.others)

    def keep(self) -> None:
        """Keep the present state, at the end of the line."""
        self.history.add(take_keyframe(self._stepper))
        self._keep_to_budget()

    def keep_when_due(self, now: float) -> None:
        """Keep the present state when enough has been computed since the last one."""
        if now > self._kept_at + self.history.interval:
            self.keep()

    def add_change(self, change: Change) -> None:
        """Keep a change that was made at the end of the line."""
        self.history.add_change(change, take_keyframe(self._stepper))
        self._keep_to_budget()

    def go_to(self, place: Place) -> None:
        """Stand at a place of this line, exactly; what its last step computed stands there too. Raises ValueError."""
        self._leave_end()
        if not self.history.first <= place.step <= self.end.step:
            self._arrive_at_end()
            raise ValueError(f"step {place.step} is not kept")
        self._go_to_step(place.step)
        self._do_micro_steps(place.micro)
        self._arrive_at_end()

    def next_stop(self) -> int:
        """Give the next step of the past at which something was changed, or the end of the line."""
        return self.history.next_change(self._stepper.step, self.end.step)

    def redo_changes(self) -> None:
        """After a step in the past, change what was changed then; at the end of the line the past is over."""
        for change in self.history.changes_at(self._stepper.step):
            change.apply(self._stepper)
        self._arrive_at_end()

    def branch(self) -> None:
        """Let what comes next be another line than what came next before, if anything did."""
        if self._end is None:
            return
        step = self._stepper.step
        left = self._left_line()
        self.history = left.history.fork(step)
        self._observer.fork(step)
        self._last_number += 1
        self.number = self._last_number
        self.others = [*self.others, left][-MAX_LINES:]
        self._end = None
        self.keep()
        self._observer.restart_watch()

    def switch(self, number: int) -> None:
        """Go to the end of another line. Raises ValueError where it is not there any more."""
        line = next((line for line in self.others if line.number == number), None)
        if line is None:
            raise ValueError(f"line {number} is not kept")
        self._leave_end()
        self.others = [other for other in self.others if other is not line] + [self._left_line()]
        self.number, self.history, self._observer.recorder, self._end = (
            line.number,
            line.history,
            line.recorder,
            line.end,
        )
        self._restore(self._frame_for(line.end.step))
        self._replay(line.end.step)
        self._do_micro_steps(line.end.micro)
        self._arrive_at_end()

    def cut(self, step: int) -> None:
        """Forget what came after `step` updates on this line, and stand there."""
        self._leave_end()
        self._go_to_step(step)
        self.history = self.history.fork(step)
        self._observer.recorder.cut(step)
        self._end = None
        self.keep()

    def find_non_finite(self) -> int:
        """At the end of a line with values that are not finite, go to the last step with none and forget what follows.

        Gives the step.
        """
        end = self._stepper.step
        self._restore(self._frame_for(end))
        self._replay(end)
        step = self._stepper.step - 1
        self.cut(step)
        return step

    def _replay(self, step: int) -> None:
        """Compute the run again up to a step, or to where a value becomes non-finite."""
        stepper = self._stepper
        with np.errstate(all="ignore"):
            while stepper.step < step and stepper.is_finite:
                if stepper.loop is None:
                    stepper.whole_step()
                else:
                    stepper.loop.run(self.history.next_change(stepper.step, step) - stepper.step)
                stepper.last = stepper.describe(stepper.micro_count - 1)
                for change in self.history.changes_at(stepper.step):
                    change.apply(stepper)

    def _restore(self, frame: Keyframe) -> None:
        """Stand at a keyframe."""
        restore_keyframe(self._stepper, frame, self.history.pipeline(frame.step))

    def _go_to_step(self, step: int) -> None:
        """Stand at a step of this line, from a keyframe, or from here where that is nearer."""
        frame = self._frame_for(step)
        stepper = self._stepper
        if stepper.micro or not frame.step <= stepper.step <= step - 1:
            self._restore(frame)
        self._replay(step)

    def _frame_for(self, step: int) -> Keyframe:
        """Choose where to begin: before the step, as its batch, loss and g are to be seen as they were.

        A step of many passes is not computed twice where its end is kept.
        """
        last, before = self.history.before(step), self.history.before(step - 1)
        assert last is not None, "the first state is always kept"
        return last if before is None or (last.step == step and not self._stepper.is_short) else before

    def _leave_end(self) -> None:
        if self._end is None:
            self.keep()
            self._end = self.place

    def _arrive_at_end(self) -> None:
        if self._end is not None and self._stepper.step == self._end.step:
            self._end = None
            # Conditions may have been set in the past, which begin here.
            self._observer.restart_watch()

    def _do_micro_steps(self, count: int) -> None:
        with np.errstate(all="ignore"):
            for _ in range(count if count <= MAX_REDONE_PASSES else 0):
                self._stepper.micro_step()

    def _left_line(self) -> Line:
        recorder = self._observer.recorder
        return Line(self.number, self.history, recorder, self.end, recorder.curves())

    def _keep_to_budget(self) -> None:
        self._kept_at = perf_counter()
        if len(self.history.keyframes) > MAX_KEYFRAMES:
            self.history.thin_out()
        while self.size > BUDGET_BYTES and self._make_room():
            pass

    def _make_room(self) -> bool:
        """Thin out the lines that were left before the one on which the run stands; the oldest goes first."""
        while self.others:
            if self.others[0].history.thin_out():
                return True
            del self.others[0]
        return self.history.thin_out()
