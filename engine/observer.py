"""What is noted of a run after each step: curves, losses of the whole sets at fixed steps, and what stops it."""

from __future__ import annotations

import math
from dataclasses import replace
from time import perf_counter

import numpy as np

from engine.evaluation import Evaluator
from engine.executors import LossLimit, Steps
from engine.experiment import Experiment
from engine.message import Message
from engine.norms import gradient_norm
from engine.ops.call import Array
from engine.recording import Recorder
from engine.stepper import Stepper
from engine.stopping import Progress, StopWatch

EARLY_STEPS = 20
"""During these first steps the losses of the whole sets are recorded at every step."""
EARLY_POINTS = 8
"""Then they are recorded at least so many times until the steps are twice as many, as a run changes most at first."""
LOSS_SHARE = 4
"""Later, recording them costs about one part in so many of the training."""
LOSS_POINTS = 128
"""After so many of them they are recorded half as often, and so on: a long run costs no more."""
NOTED_BYTES = 1 << 24
"""States that are to be recorded after a stretch of steps take no more memory, where there are several."""
NOTED_SECONDS = 0.01
"""Recording them takes about so long at most, as a run cannot be paused meanwhile."""


class Observer:
    """Follows a stepper. `stop_words` say why a stop condition ends the run here; None where none does."""

    def __init__(self, experiment: Experiment, stepper: Stepper, evaluator: Evaluator) -> None:
        self._experiment, self._stepper, self._evaluator = experiment, stepper, evaluator
        program = stepper.program
        rows = len(stepper.dataset.x) if program.data else 1
        least = max(10, math.ceil(LOSS_SHARE * rows / (3 * stepper.sampler.batch_rows)))
        # A power of two, as the distances of recorded weights are: both stop a stretch of steps at the same places.
        self._interval = 1 << (least - 1).bit_length()
        self._ranges = {node: program.layer_range(node) for node in program.layers}
        self._watch = StopWatch(experiment.stops, self._progress(None))
        self._note_seconds = NOTED_SECONDS
        self.stop_words: Message | None = None
        self.recorder: Recorder
        self.restart()

    @property
    def losses(self) -> tuple[float, float]:
        """The losses of the whole training and test set at the present weights."""
        return self._evaluator.losses(self._stepper.state)[:2]

    @property
    def has_conditions(self) -> bool:
        """Whether anything may stop the run."""
        return bool(self._watch.conditions)

    def restart(self) -> None:
        """Begin the curves anew at the present state."""
        self.recorder = Recorder()
        self.recorder.follow(self._stepper.program)
        self._note_state(self._stepper.step, self._stepper.state)

    def fork(self, step: int) -> None:
        """Record from here on into curves of their own, which begin as these up to `step` do."""
        self.recorder = self.recorder.fork(step)

    def restart_watch(self) -> None:
        """Let the stop conditions look at the run anew: what holds already does not stop it."""
        self.stop_words = None
        if self.has_conditions:
            self._watch.restart(self._progress(self.losses))

    def change(self, experiment: Experiment) -> None:
        """Take over an experiment with other stop conditions or pins."""
        old, self._experiment = self._experiment, experiment
        if old.stops != experiment.stops:
            self._watch.change(experiment.stops, self._progress(self.losses))

    @property
    def limit(self) -> LossLimit:
        """What ends a stretch of steps before `next_end`."""
        return self._watch.limit

    def next_end(self) -> float:
        """Give the next step at which a stretch has to end, as a condition may begin to hold there; ∞ for none."""
        step = self._stepper.step
        due = self._watch.next_due(step, self._step_of)
        return min(due, self._next_note(step)) if self._watch.goes_by_sets else due

    def next_notes(self, count: int) -> tuple[int, list[int]]:
        """Give at which of the next `count` steps something is recorded of the state, and to how many steps to keep.

        That is fewer than `count` where what is recorded would take too much memory or time at once.
        """
        begun = step = self._stepper.step
        notes: list[int] = []
        most = min(NOTED_BYTES // max(self._stepper.state.nbytes, 1), NOTED_SECONDS // self._note_seconds)
        while (step := self._next_note(step)) <= begun + count:
            notes.append(step)
            if len(notes) >= most:
                return step - begun, notes
        return count, notes

    def note_step(self) -> None:
        """Record the step just completed."""
        stepper = self._stepper
        g = stepper.program.region(stepper.arena, 1)
        norms = {} if stepper.gradient_step is None else {n: gradient_norm(g[r]) for n, r in self._ranges.items()}
        self.recorder.record_step(stepper.step - 1, stepper.loss or 0.0, norms)
        losses = self._note_state(stepper.step, stepper.state)
        if self.has_conditions and stepper.is_finite:
            self._note_stop(self._watch.check(self._progress(losses)))

    def note_steps(self, steps: Steps) -> None:
        """Record a stretch of steps that has just been completed; `next_end` and `limit` were not before its end."""
        stepper = self._stepper
        norms = dict(zip(self._ranges, steps.norms.T, strict=True))
        self.recorder.record_steps(stepper.step - len(steps.losses), steps.losses, norms)
        losses = None
        for step, state in zip(steps.noted.tolist(), steps.states, strict=True):
            losses = self._note_state(step, state)
        last = self._progress(losses if stepper.step in steps.noted[-1:] else None)
        if not self.has_conditions or not steps.is_finite:
            return
        if len(steps.losses) == 1:
            self._note_stop(self._watch.check(last))
        else:
            epoch = last.epoch if stepper.row else last.epoch - 1
            before = replace(self._progress(None), step=last.step - 1, epoch=epoch, batch_loss=float(steps.losses[-2]))
            self._note_stop(self._watch.check_stretch(before, last))

    def note_change(self, before: Array) -> None:
        """Record that the weights are no longer those of the state `before`, at the same step: the curves jump there.

        Before the first step there is nothing to jump from: the curves begin at the new weights.
        """
        step, known = self._stepper.step, self.recorder.curves()
        if not (known.test_step < step).any():
            self.restart()
            for event in known.events:
                self.recorder.record_event(*event)
            return
        for state in (before, self._stepper.state):
            self.recorder.record_weights(step, self._stepper.program, state, is_due=True)
            self.recorder.record_losses(step, *self._evaluator.losses(state))

    def _note_stop(self, words: Message | None) -> None:
        if words is not None:
            self.stop_words = words
            self.recorder.record_event(self._stepper.step, words)

    def _next_note(self, step: int) -> int:
        """Give the next step after which weights or losses of the whole sets are recorded."""
        interval = self._interval_at(step + 1)
        due = step + 1 if step < EARLY_STEPS else (step // interval + 1) * interval
        return min(due, self.recorder.next_weights(step))

    def _note_state(self, step: int, state: Array) -> tuple[float, float] | None:
        """Record the weights after `step` updates, and at some steps the losses of the whole sets: give them then."""
        begun = perf_counter()
        self.recorder.record_weights(step, self._stepper.program, state)
        if step > EARLY_STEPS and step % self._interval_at(step):
            return None
        losses = self._evaluator.losses(state)
        self.recorder.record_losses(step, *losses)
        self._note_seconds = perf_counter() - begun
        return losses[:2]

    def _interval_at(self, step: int) -> int:
        """Give the distance of recorded losses, which grows with the length of the run."""
        early = 1 << max((step // EARLY_POINTS).bit_length() - 1, 0)
        return min(early, self._interval << (step // (self._interval * LOSS_POINTS)).bit_length())

    def _step_of(self, epochs: int) -> int:
        """Give the step at which so many epochs are completed; where they are already, one that is not ahead."""
        stepper = self._stepper
        rows, batch = len(stepper.sampler.train), stepper.sampler.batch_rows
        left = math.ceil((rows - stepper.row) / batch) + (epochs - stepper.epoch - 1) * math.ceil(rows / batch)
        return stepper.step + left

    def _progress(self, losses: tuple[float, float] | None) -> Progress:
        stepper = self._stepper
        train, test = losses or (None, None)
        return Progress(stepper.step, stepper.epoch, stepper.loss, train, test, self._full_gradient_norm)

    def _full_gradient_norm(self) -> float:
        program, pinned = self._stepper.program, self._experiment.pinned
        g = self._evaluator.gradient(self._stepper.state)
        free = [program.part(g, p).reshape(-1) for p in program.parameters if (p.node, p.name) not in pinned]
        return gradient_norm(np.concatenate(free)) if free else 0.0
