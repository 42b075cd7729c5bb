"""The Trainer: a run with what it leaves behind: curves, the way back, where numbers stopped being finite."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np

from engine.comparison import METHOD, Comparison, loss_after_update
from engine.datasets import Dataset
from engine.evaluation import Evaluator
from engine.executors import StepLoop, executor_for
from engine.experiment import Experiment, Pipeline
from engine.fault import Fault
from engine.history import PipelineChange, WeightChange
from engine.interrupt import Interrupt
from engine.kept import Kept, without_memory
from engine.message import Message, message
from engine.narration import change_words
from engine.non_finite import find_non_finite
from engine.observer import Observer
from engine.ops.call import Array
from engine.program import Parameter, Program
from engine.recording import Curves, Recorder
from engine.snapshot import Snapshot, take_snapshot
from engine.stepper import Stepper
from engine.timeline import Place, Timeline

STRETCH_SECONDS = 0.05
"""A call of many steps takes about so long at most: what it leaves for the curves has to fit into memory."""


class Trainer:
    """A run of an experiment."""

    def __init__(self, experiment: Experiment, dataset: Dataset, program: Program) -> None:
        self.experiment = experiment
        self.stepper = Stepper(experiment, dataset, program)
        self.evaluator = Evaluator(experiment.graph, dataset)
        self.kept: Kept = {}
        """Parameters of nodes that are gone, so that undo brings them back as they were."""
        self.observer = Observer(experiment, self.stepper, self.evaluator)
        self.comparison = Comparison(self.stepper)
        self._executor = self.stepper.pipeline.executor
        self._step_seconds = 0.0
        self.begin_segment()

    @property
    def program(self) -> Program:
        """What is run."""
        return self.stepper.program

    @property
    def has_other_slots(self) -> bool:
        """Whether the slots hold something else than is to go on: in the past, or at the end of another line."""
        return self._experiment_then() != self.experiment

    @property
    def recorder(self) -> Recorder:
        """The curves of the run."""
        return self.observer.recorder

    def reset(self) -> None:
        """Go back to step 0 with the initial weights of the seed; forget everything recorded."""
        self.kept = {}
        # In the past the slots hold what they held then.
        self.comparison.forget()
        self.stepper.set_pipeline(self._pipeline)
        self.stepper.reset()
        self.restart_recording()

    def change_pipeline(self, experiment: Experiment) -> None:
        """Go on with another gradient method or optimizer, or other settings of them; weights and step stay.

        In the past that begins a branch.
        """
        old, self.experiment = self.experiment, experiment
        self.observer.change(experiment)
        if old.pipeline != experiment.pipeline:
            self.timeline.branch()
            self._take_pipeline()

    def change_executor(self, name: str) -> None:
        """Let another executor compute from the next step on, where it can; the past stays as it was."""
        self._executor = executor_for(self.program, name)
        self.evaluator.change_executor(name)
        if not self.stepper.micro:
            self._take_pipeline()

    def change_weights(self, parameter: Parameter, values: Array) -> None:
        """Give a parameter other values, [rows, columns], by hand. In the past that begins a branch.

        Raises ValueError where one is not finite.
        """
        if not np.isfinite(values).all():
            raise ValueError("a weight is a finite number")
        self.branch()
        self.comparison.forget()
        change = WeightChange(self.stepper.step, parameter.node, parameter.name, values.copy())
        before = self.stepper.state.copy()
        change.apply(self.stepper)
        self.timeline.add_change(change)
        self.observer.note_change(before)
        # What the run has reached so far, such as a plateau, was reached with other weights.
        self.observer.restart_watch()
        self.recorder.record_event(self.stepper.step, message("{name} set by hand", name=message(parameter.title)))

    def branch(self) -> None:
        """Go on from a place in the past with what is in the slots now, on a line of its own."""
        self.timeline.branch()
        self._take_pipeline()

    def micro_step(self) -> None:
        """Do the next micro-step."""
        begun, is_past = self.stepper.step, self.timeline.is_past
        if not self.stepper.micro:
            self._take_pipeline()
        with np.errstate(all="ignore"):
            self.stepper.micro_step()
            if self.stepper.step == begun:
                return
            if is_past:
                self.timeline.redo_changes()
            else:
                self.observer.note_step()
                if self.stepper.is_finite:
                    self.timeline.keep()

    def finish_step(self) -> None:
        """Do the rest of the present step, or a whole one if none has begun."""
        begun = self.stepper.step
        while self.stepper.step == begun:
            self.micro_step()

    def advance(self, seconds: float, until: int | None = None, interrupt: Interrupt | None = None) -> bool:
        """Train for about this long and at least one pass, or until a step or a stop condition is reached.

        In the past, the same steps are done again, up to the end of the line. Gives False where a value has become
        non-finite. Another thread can end it early by the interrupt.

        Whole steps go through in one piece; a step of many passes stops between them when the time is over.
        """
        deadline = perf_counter() + seconds
        stepper, observer, timeline = self.stepper, self.observer, self.timeline
        is_past = timeline.is_past
        with np.errstate(all="ignore"):
            while True:
                begun = stepper.step
                if not stepper.micro:
                    self._take_pipeline()
                loop = None if stepper.micro else stepper.loop
                is_finite = True
                if loop is not None:
                    is_finite = self._run(loop, deadline, until, interrupt)
                elif stepper.micro or not stepper.is_short:
                    stepper.micro_step(is_told=False)
                else:
                    stepper.whole_step()
                now = perf_counter()
                is_interrupted = interrupt is not None and interrupt.is_set
                has_ended = now >= deadline or stepper.step == until or is_interrupted
                if stepper.step != begun:
                    if is_past:
                        stepper.last = stepper.describe(stepper.micro_count - 1)
                        timeline.redo_changes()
                        has_ended = has_ended or not timeline.is_past
                    else:
                        if loop is None:
                            observer.note_step()
                            is_finite = stepper.is_finite
                        if not is_finite:
                            return False
                        if observer.stop_words is not None:
                            timeline.keep()
                            has_ended = True
                        timeline.keep_when_due(now)
                if has_ended:
                    if stepper.micro or not is_past:
                        stepper.last = stepper.describe((stepper.micro or stepper.micro_count) - 1)
                    return True

    def take_stop(self) -> Message | None:
        """Say once why a stop condition ends the run here."""
        words, self.observer.stop_words = self.observer.stop_words, None
        return words

    def go_to(self, step: int, micro: int = 0) -> None:
        """Stand after `step` updates of this line, exactly, and at a micro-step of the next. Raises ValueError."""
        self.comparison.forget()
        self.timeline.go_to(Place(step, micro))

    def go_to_end(self) -> None:
        """Return from the past."""
        end = self.timeline.end
        self.go_to(end.step, end.micro)

    def go_to_line(self, number: int) -> None:
        """Go to the end of another line. Raises ValueError."""
        self.comparison.forget()
        self.timeline.switch(number)

    def previous_step(self) -> None:
        """Return to the beginning of the present step, or of the one before if it has not begun."""
        self.go_to(self.stepper.step if self.stepper.micro else self.stepper.step - 1)

    def previous_micro_step(self) -> None:
        """Return to before the last micro-step; where too many would have to be done again, to before the first."""
        if self.stepper.micro:
            self.go_to(self.stepper.step, self.stepper.micro - 1)
        else:
            self.previous_step()
            self.go_to(self.stepper.step, self.stepper.micro_count - 1)

    def find_non_finite(self) -> Fault | None:
        """Where a value is not finite, say where it arose first; see engine.non_finite."""
        return find_non_finite(self.stepper, self.timeline, self.observer)

    def snapshot(self, exact: bool = True) -> Snapshot:
        """Copy what a window shows; unless `exact`, the whole sets' losses are the last recorded ones."""
        curves, track = self.recorder.curves(), self.timeline.track
        track = replace(track, has_other_slots=self.has_other_slots)
        known = int(np.searchsorted(curves.test_step, self.stepper.step, side="right")) - 1
        is_recorded = known >= 0 and not exact
        losses = (float(curves.train[known]), float(curves.test[known])) if is_recorded else self.observer.losses
        after = loss_after_update(self.stepper) if exact else None
        change = self.comparison.gradient_change()
        return take_snapshot(self.stepper, self.evaluator, curves, losses, track, after, change)

    def begin_segment(self, ghosts: tuple[Curves, ...] = ()) -> None:
        """Begin the way back anew at the present state."""
        self.timeline = Timeline(self.stepper, self.observer, ghosts)
        self.observer.restart_watch()

    def restart_recording(self) -> None:
        """Begin the curves and the way back anew at the present state."""
        self.observer.restart()
        self.begin_segment()

    def _take_pipeline(self) -> None:
        """Unless in the past, let the slots hold what the experiment says, and keep what that changes.

        At the end of a line this waits until the run goes on, so that looking at the line changes nothing of it.
        """
        stepper, experiment = self.stepper, self.experiment
        after = self._pipeline
        if self.timeline.is_past or stepper.pipeline == after:
            return
        old = self._experiment_then()
        self._step_seconds = 0.0
        if stepper.pipeline.method != after.method:
            self.comparison.remember(METHOD)
        if stepper.set_pipeline(after):
            self.kept = without_memory(self.kept)
        self.timeline.add_change(PipelineChange(stepper.step, after))
        words = None if old == experiment else change_words(old, experiment, self.program)
        if words is not None:
            self.recorder.record_event(stepper.step, words)

    def _experiment_then(self) -> Experiment:
        """Give the experiment with what is in the slots where the run stands."""
        then = self.stepper.pipeline
        return replace(self.experiment, method=then.method, optimizer=then.optimizer, pinned=then.pinned)

    @property
    def _pipeline(self) -> Pipeline:
        """What the slots are to hold now."""
        return replace(self.experiment.pipeline, executor=self._executor)

    def _run(self, loop: StepLoop, deadline: float, until: int | None, interrupt: Interrupt | None) -> bool:
        """Do as many steps in one call as fit into the time, up to the next one after which something is to be done.

        Gives False where a value has become non-finite.
        """
        begun, step, is_past = perf_counter(), self.stepper.step, self.timeline.is_past
        end = self.timeline.next_stop() if is_past else self.observer.next_end()
        count = (end if until is None else min(end, until)) - step
        # How long a step takes is known after the first one.
        seconds = min(deadline - begun, STRETCH_SECONDS)
        count = max(int(min(count, seconds / self._step_seconds)), 1) if self._step_seconds else 1
        if is_past:
            steps = loop.run(count, interrupt=interrupt)
        else:
            count, notes = self.observer.next_notes(count)
            steps = loop.run(count, self.observer.limit, notes, interrupt)
        self._step_seconds = (perf_counter() - begun) / len(steps.losses)
        if not is_past:
            self.observer.note_steps(steps)
        return steps.is_finite
