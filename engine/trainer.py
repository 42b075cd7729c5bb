"""The Trainer: a run with what it leaves behind: curves, the way back, where numbers stopped being finite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from time import perf_counter

import numpy as np

from engine.datasets import Dataset
from engine.evaluation import Evaluator
from engine.experiment import Experiment
from engine.gradients import GRADIENT_METHODS, gradient_norm
from engine.history import History, Keyframe
from engine.message import Message, listed, message
from engine.ops.base import Array
from engine.optimizers import OPTIMIZERS
from engine.program import Phase, Program
from engine.recording import Recorder
from engine.snapshot import MicroStep, Snapshot
from engine.stepper import Stepper

KEYFRAME_SECONDS = 0.02
"""A keyframe is kept after so much computing: going back then has no more than this to compute again."""
EARLY_STEPS = 20
"""During these first steps the losses of the whole sets are recorded at every step."""
LOSS_SHARE = 4
"""Later, recording them costs about one part in so many of the training."""

Kept = Mapping[tuple[int, str], tuple[Array, tuple[Array, ...]]]
"""Weights and slots of parameters by (node, name)."""


class Trainer:
    """A run of an experiment."""

    def __init__(self, experiment: Experiment, dataset: Dataset, program: Program) -> None:
        self.experiment = experiment
        self.stepper = Stepper(experiment, dataset, program)
        self.evaluator = Evaluator(experiment.graph, dataset)
        self.kept: Kept = {}
        """Parameters of nodes that are gone, so that undo brings them back as they were."""
        self._ranges = {node: _range_of(program, node) for node in program.layers}
        rows = len(dataset.x)
        self._loss_interval = max(10, math.ceil(LOSS_SHARE * rows / (3 * self.stepper.batch_rows)))
        self.restart_recording()

    @property
    def program(self) -> Program:
        """What is run."""
        return self.stepper.program

    @property
    def can_go_back(self) -> bool:
        """Whether an earlier state is recorded."""
        first = self.history.first
        return first is not None and (self.stepper.step > first or self.stepper.micro > 0)

    @property
    def is_in_one_piece(self) -> bool:
        """Whether a step is short: the gradient method makes no more passes than a backward sweep."""
        return self.stepper.method.count(self.program) <= len(self.program.backward)

    def reset(self) -> None:
        """Go back to step 0 with the initial weights of the seed; forget everything recorded."""
        self.kept = {}
        self.stepper.reset()
        self.restart_recording()

    def change_pipeline(self, experiment: Experiment) -> None:
        """Go on with another gradient method or optimizer, or other settings of them; weights and step stay."""
        old, self.experiment = self.experiment, experiment
        if old.optimizer.kind != experiment.optimizer.kind:
            self.kept = {key: (weights, ()) for key, (weights, _) in self.kept.items()}
        self.stepper.set_pipeline(experiment.method, experiment.optimizer)
        self._keep()
        self.recorder.record_event(self.stepper.step, _change_words(old, experiment))

    def micro_step(self) -> None:
        """Do the next micro-step."""
        begun = self.stepper.step
        with np.errstate(all="ignore"):
            self.stepper.micro_step()
            if self.stepper.step != begun:
                self._record()
        if self.stepper.step != begun and self.stepper.is_finite:
            self._keep()

    def finish_step(self) -> None:
        """Do the rest of the present step, or a whole one if none has begun."""
        begun = self.stepper.step
        while self.stepper.step == begun:
            self.micro_step()

    def advance(self, seconds: float) -> bool:
        """Train for about this long and at least one pass. Gives False where a value has become non-finite.

        Whole steps go through in one piece; a step of many passes stops between them when the time is over.
        """
        deadline = perf_counter() + seconds
        stepper = self.stepper
        with np.errstate(all="ignore"):
            while True:
                begun = stepper.step
                if stepper.micro or not self.is_in_one_piece:
                    stepper.micro_step()
                else:
                    stepper.whole_step()
                now = perf_counter()
                if stepper.step != begun:
                    self._record()
                    if not stepper.is_finite:
                        return False
                    if now > self._kept_at + KEYFRAME_SECONDS:
                        self._keep()
                if now >= deadline:
                    if not stepper.micro:
                        stepper.last = stepper.describe(stepper.micro_count - 1)
                    return True

    def go_back(self, step: int) -> None:
        """Return to the state after `step` updates, exactly; what came later is forgotten. Raises ValueError."""
        # From a keyframe before it, the step itself is computed again: its batch, loss and g are shown as they were.
        frame = self.history.before(step - 1) or self.history.before(step)
        if frame is None or step > self.stepper.step:
            raise ValueError(f"step {step} is not recorded")
        self._replay(frame, step)
        self.stepper.set_pipeline(self.experiment.method, self.experiment.optimizer)
        self.recorder.cut(step)
        self._keep()

    def previous_step(self) -> None:
        """Return to the beginning of the present step, or of the one before if it has not begun."""
        self.go_back(self.stepper.step if self.stepper.micro else self.stepper.step - 1)

    def previous_micro_step(self) -> None:
        """Return to before the last micro-step."""
        target = self.stepper.micro - 1 if self.stepper.micro else self.stepper.micro_count - 1
        self.previous_step()
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
            return _blame(self.program, stepper.describe(last), stepper.step) if is_new else None
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
        words = _blame(self.program, stepper.describe(number), begun)
        self.go_back(begun)
        self.recorder.record_event(begun, words)
        return words

    def snapshot(self, exact: bool = True) -> Snapshot:
        """Copy what a window shows; unless `exact`, the whole sets' losses are the last recorded ones."""
        stepper, program = self.stepper, self.program
        arena = stepper.arena.copy()
        arena.flags.writeable = False
        curves = self.recorder.curves()
        if exact or not len(curves.train):
            train, test = (self.evaluator.loss(stepper.weights, split) for split in ("train", "test"))
        else:
            train, test = float(curves.train[-1]), float(curves.test[-1])
        return Snapshot(
            program=program,
            evaluator=self.evaluator,
            arena=arena,
            batch=stepper.rows,
            batch_rows=stepper.batch_rows,
            train_rows=len(stepper.dataset.train),
            step=stepper.step,
            epoch=stepper.epoch,
            micro=stepper.micro,
            micro_count=stepper.micro_count,
            last=stepper.last,
            next=stepper.describe(stepper.micro),
            loss=stepper.loss,
            loss_step=stepper.loss_step,
            gradient_norm=None if stepper.gradient_step is None else gradient_norm(program.region(arena, 1)),
            gradient_step=stepper.gradient_step,
            update_norm=None if stepper.update_step is None else gradient_norm(program.region(arena, 2)),
            update_step=stepper.update_step,
            train_loss=train,
            test_loss=test,
            method=self.experiment.method.kind,
            curves=curves,
        )

    def begin_segment(self) -> None:
        """Begin the way back anew at the present state."""
        self.history = History()
        self._keep()

    def restart_recording(self) -> None:
        """Begin the curves and the way back anew at the present state."""
        self.recorder = Recorder()
        self.recorder.follow(self.program)
        self.begin_segment()
        self._record_state()

    def _keep(self) -> None:
        self.history.add(self.stepper.save(), self.stepper.pipeline)
        self._kept_at = perf_counter()

    def _record(self) -> None:
        """Record the step just completed."""
        stepper = self.stepper
        g = self.program.region(stepper.arena, 1)
        norms = {} if stepper.gradient_step is None else {n: gradient_norm(g[r]) for n, r in self._ranges.items()}
        self.recorder.record_step(stepper.step - 1, stepper.loss or 0.0, norms)
        self._record_state()

    def _record_state(self) -> None:
        stepper = self.stepper
        self.recorder.record_weights(stepper.step, self.program, stepper.arena)
        if stepper.step <= EARLY_STEPS or stepper.step % self._loss_interval == 0:
            train, test = (self.evaluator.loss(stepper.weights, split) for split in ("train", "test"))
            self.recorder.record_losses(stepper.step, train, test)

    def _replay(self, frame: Keyframe, step: int) -> None:
        """Compute the run again from a keyframe up to a step, or to where a value becomes non-finite."""
        stepper = self.stepper
        stepper.restore(frame, self.history.pipeline(frame.step))
        with np.errstate(all="ignore"):
            while stepper.step < step and stepper.is_finite:
                stepper.set_pipeline(*self.history.pipeline(stepper.step))
                stepper.whole_step()
                stepper.last = stepper.describe(stepper.micro_count - 1)


def _range_of(program: Program, node: int) -> slice:
    own = [p for p in program.parameters if p.node == node]
    return slice(own[0].offset, own[-1].offset + own[-1].size)


def _change_words(old: Experiment, new: Experiment) -> Message:
    if old.method != new.method:
        return message("gradient method: {name}", name=message(GRADIENT_METHODS[new.method.kind].label))
    if old.optimizer.kind != new.optimizer.kind:
        return message("optimizer: {name}", name=message(OPTIMIZERS[new.optimizer.kind].label))
    kind, settings, before = OPTIMIZERS[new.optimizer.kind], new.optimizer.settings, old.optimizer.settings
    changed = [
        message("{setting} {value}", setting=message(s.label), value=settings[s.name])
        for s in kind.settings
        if before.get(s.name) != settings.get(s.name)
    ]
    return message("{optimizer}: {settings}", optimizer=message(kind.label), settings=listed(changed))


def _blame(program: Program, what: MicroStep, step: int) -> Message:
    node = message("") if what.node is None else program.graph.node(what.node).words
    if what.phase is Phase.UPDATE:
        return message(
            "Step {step}, phase 5 Update: a weight, or a number that the optimizer keeps, became non-finite. "
            "The learning rate is probably too large.",
            step=step + 1,
        )
    name = {Phase.FORWARD: "2 Forward", Phase.LOSS: "3 Loss", Phase.BACKWARD: "4 Backward"}[what.phase]
    return message(
        "Step {step}, phase {phase}, {node}: a value became non-finite, with the weights still finite but very large. "
        "The learning rate is probably too large.",
        step=step + 1,
        phase=name,
        node=node,
    )
