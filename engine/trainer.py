"""The Trainer: a run with what it leaves behind: curves, the way back, where numbers stopped being finite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter

import numpy as np

from engine.datasets import Dataset
from engine.evaluation import Evaluator
from engine.executors import EXECUTORS, StepLoop
from engine.experiment import Experiment, Pipeline
from engine.history import History, Keyframe
from engine.message import Message
from engine.narration import blame, change_words
from engine.norms import are_finite
from engine.observer import Observer
from engine.ops.call import Array
from engine.program import Program
from engine.recording import Recorder
from engine.snapshot import Snapshot, take_snapshot
from engine.stepper import Stepper
from engine.update_phase import UpdatePhase

KEYFRAME_SECONDS = 0.02
"""A keyframe is kept after so much computing: going back then has no more than this to compute again."""
MAX_REDONE_PASSES = 2000
"""So many micro-steps are done again to stand in the middle of a step; with more it begins anew."""

Kept = Mapping[tuple[int, str], tuple[Array, Mapping[str, Array]]]
"""Buffers and weights, these with what the optimizer keeps for them, by (node, name)."""


class Trainer:
    """A run of an experiment."""

    def __init__(self, experiment: Experiment, dataset: Dataset, program: Program) -> None:
        self.experiment = experiment
        self.stepper = Stepper(experiment, dataset, program)
        self.evaluator = Evaluator(experiment.graph, dataset)
        self.kept: Kept = {}
        """Parameters of nodes that are gone, so that undo brings them back as they were."""
        self.observer = Observer(experiment, self.stepper, self.evaluator)
        self._executor = experiment.pipeline.executor
        self._loop: StepLoop | None = None
        self._looped: UpdatePhase | None = None
        self._step_seconds = 0.0
        self.begin_segment()

    @property
    def program(self) -> Program:
        """What is run."""
        return self.stepper.program

    @property
    def can_go_back(self) -> bool:
        """Whether an earlier state is recorded."""
        first = self.history.first
        return first is not None and (self.stepper.step > first or self.stepper.micro > 0)

    def reset(self) -> None:
        """Go back to step 0 with the initial weights of the seed; forget everything recorded."""
        self.kept = {}
        self.stepper.reset()
        self.restart_recording()

    def change_pipeline(self, experiment: Experiment) -> None:
        """Go on with another gradient method or optimizer, or other settings of them; weights and step stay."""
        old, self.experiment = self.experiment, experiment
        self.observer.change(experiment)
        if old.pipeline == experiment.pipeline:
            return
        begins_anew = self.stepper.set_pipeline(self._pipeline)
        if begins_anew:
            self.kept = without_memory(self.kept)
        self._keep(is_pinned=begins_anew)
        words = change_words(old, experiment, self.program)
        if words is not None:
            self.recorder.record_event(self.stepper.step, words)

    def change_executor(self, name: str) -> None:
        """Let another executor compute from here on, from the beginning of the step."""
        self._executor = name
        self.evaluator.change_executor(name)
        before = self.stepper.pipeline
        self.stepper.set_pipeline(self._pipeline)
        if self.stepper.pipeline != before:
            self._keep()

    def micro_step(self) -> None:
        """Do the next micro-step."""
        begun = self.stepper.step
        with np.errstate(all="ignore"):
            self.stepper.micro_step()
            if self.stepper.step != begun:
                self.observer.note_step()
        if self.stepper.step != begun and self.stepper.is_finite:
            self._keep()

    def finish_step(self) -> None:
        """Do the rest of the present step, or a whole one if none has begun."""
        begun = self.stepper.step
        while self.stepper.step == begun:
            self.micro_step()

    def advance(self, seconds: float, until: int | None = None) -> bool:
        """Train for about this long and at least one pass, or until a step or a stop condition is reached.

        Gives False where a value has become non-finite.

        Whole steps go through in one piece; a step of many passes stops between them when the time is over.
        """
        deadline = perf_counter() + seconds
        stepper, observer = self.stepper, self.observer
        with np.errstate(all="ignore"):
            while True:
                begun = stepper.step
                loop = None if stepper.micro else self._step_loop()
                is_finite = True
                if loop is not None:
                    is_finite = self._run(loop, deadline, until)
                elif stepper.micro or not stepper.is_short:
                    stepper.micro_step()
                else:
                    stepper.whole_step()
                now = perf_counter()
                if stepper.step != begun:
                    if loop is None:
                        observer.note_step()
                        is_finite = stepper.is_finite
                    if not is_finite:
                        return False
                    if now > self._kept_at + KEYFRAME_SECONDS or observer.stop_words is not None:
                        self._keep()
                if now >= deadline or stepper.step == until or observer.stop_words is not None:
                    if not stepper.micro:
                        stepper.last = stepper.describe(stepper.micro_count - 1)
                    return True

    def take_stop(self) -> Message | None:
        """Say once why a stop condition ends the run here."""
        words, self.observer.stop_words = self.observer.stop_words, None
        return words

    def go_back(self, step: int) -> None:
        """Return to the state after `step` updates, exactly; what came later is forgotten. Raises ValueError."""
        # From a keyframe before it, the step itself is computed again: its batch, loss and g are shown as they were.
        # A step of many passes is not computed twice where its end is kept.
        frame = self.history.before(step)
        if self.stepper.is_short or frame is None or frame.step != step:
            frame = self.history.before(step - 1) or frame
        if frame is None or step > self.stepper.step:
            raise ValueError(f"step {step} is not recorded")
        self._replay(frame, step)
        kept = self.history.before(step)
        if kept is not None and kept.step == step:
            # Another optimizer may have begun here, with empty slots.
            self.stepper.overlay(kept, self.history.pipeline(step))
        self.stepper.set_pipeline(self._pipeline)
        self.recorder.cut(step)
        self._keep()
        self.observer.restart_watch()

    def previous_step(self) -> None:
        """Return to the beginning of the present step, or of the one before if it has not begun."""
        self.go_back(self.stepper.step if self.stepper.micro else self.stepper.step - 1)

    def previous_micro_step(self) -> None:
        """Return to before the last micro-step; where too many would have to be done again, to before the first."""
        target = self.stepper.micro - 1 if self.stepper.micro else self.stepper.micro_count - 1
        self.previous_step()
        if target > MAX_REDONE_PASSES:
            return
        with np.errstate(all="ignore"):
            for _ in range(target):
                self.stepper.micro_step()

    def find_non_finite(self) -> Message | None:
        """Where a value is not finite, say where it arose first, in a run that stands at the last finite weights.

        Within a step the run stays where it is, so that the value can be looked at, and only the micro-step at which
        it arose gives words. Gives None where all is finite.
        """
        stepper = self.stepper
        if stepper.micro:
            last = stepper.micro - 1
            is_new = not stepper.is_finite_after(last) and all(map(stepper.is_finite_after, range(last)))
            return self._blame(last, stepper.step) if is_new else None
        if stepper.is_finite:
            return None
        frame = self.history.before(stepper.step)
        assert frame is not None, "the first state of a segment is always kept"
        self._replay(frame, stepper.step)
        begun = stepper.step - 1
        self.go_back(begun)
        with np.errstate(all="ignore"):
            for number in range(stepper.micro_count):
                stepper.micro_step()
                if not stepper.is_finite_after(number):
                    break
        words = self._blame(number, begun)
        self.go_back(begun)
        self.recorder.record_event(begun, words)
        return words

    def _blame(self, number: int, step: int) -> Message:
        stepper = self.stepper
        is_buffer = not are_finite(self.program.buffer_region(stepper.arena))
        moves = stepper.step > 0 and stepper.changes_weights and not is_buffer
        largest = float(np.abs(stepper.weights).max(initial=0.0))
        return blame(self.program, stepper.describe(number), step, largest, stepper.optimizer if moves else None)

    def snapshot(self, exact: bool = True) -> Snapshot:
        """Copy what a window shows; unless `exact`, the whole sets' losses are the last recorded ones."""
        curves = self.recorder.curves()
        if exact or not len(curves.train):
            return take_snapshot(self.stepper, self.evaluator, curves, self.observer.losses)
        return take_snapshot(self.stepper, self.evaluator, curves, (float(curves.train[-1]), float(curves.test[-1])))

    def begin_segment(self) -> None:
        """Begin the way back anew at the present state."""
        self.history = History()
        self._keep()
        self.observer.restart_watch()

    def restart_recording(self) -> None:
        """Begin the curves and the way back anew at the present state."""
        self.observer.restart()
        self.begin_segment()

    @property
    def recorder(self) -> Recorder:
        """The curves of the run."""
        return self.observer.recorder

    @property
    def _pipeline(self) -> Pipeline:
        """What the experiment puts into the slots, on the chosen executor."""
        return replace(self.experiment.pipeline, executor=self._executor)

    def _step_loop(self) -> StepLoop | None:
        """Give what does many steps in one call, if the executor can do so with what is in the slots."""
        stepper = self.stepper
        if self._looped is not stepper.update_phase:
            self._looped = stepper.update_phase
            self._loop = EXECUTORS[stepper.pipeline.executor].loop(stepper) if stepper.is_short else None
        return self._loop

    def _run(self, loop: StepLoop, deadline: float, until: int | None) -> bool:
        """Do as many steps in one call as fit into the time, up to the next one after which something is recorded.

        Gives False where a value has become non-finite.
        """
        begun, step = perf_counter(), self.stepper.step
        count = self.observer.next_note() - step
        if until is not None:
            count = min(count, until - step)
        if self._step_seconds:
            count = int(min(count, (deadline - begun) / self._step_seconds))
        steps = loop.run(max(count, 1), self.observer.limit)
        self._step_seconds = (perf_counter() - begun) / len(steps.losses)
        self.observer.note_steps(steps)
        return steps.is_finite

    def _keep(self, *, is_pinned: bool = False) -> None:
        self.history.add(self.stepper.save(), self.stepper.pipeline, is_pinned=is_pinned)
        self._kept_at = perf_counter()

    def _replay(self, frame: Keyframe, step: int) -> None:
        """Compute the run again from a keyframe up to a step, or to where a value becomes non-finite."""
        stepper = self.stepper
        stepper.restore(frame, self.history.pipeline(frame.step))
        with np.errstate(all="ignore"):
            while stepper.step < step and stepper.is_finite:
                stepper.set_pipeline(self.history.pipeline(stepper.step))
                loop = self._step_loop()
                if loop is None:
                    stepper.whole_step()
                else:
                    loop.run(self.history.next_change(stepper.step, step) - stepper.step)
                stepper.last = stepper.describe(stepper.micro_count - 1)


def without_memory(kept: Kept) -> Kept:
    """Give kept parameters for another optimizer, which begins with an empty memory."""
    return {key: (weights, {}) for key, (weights, _) in kept.items()}
