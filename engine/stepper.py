"""The Stepper: what a step is. Five phases, cut into micro-steps that stepping and running both go through.

1 Sample draws the next rows of the epoch's order. 2 Forward computes each value, 3 Loss one number. 4 Backward is the
gradient method's: it fills g, and no weight changes. 5 Update is the optimizer's: it turns g into Δw and adds it, and
only here do weights change, all at once. What a step draws depends on the seed, the epoch and the row alone, so any
stretch of a run can be computed again and is equal to the bit. Nothing is recorded here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine import rng
from engine.datasets import Dataset
from engine.evaluation import data_table
from engine.experiment import Choice, Experiment
from engine.gradients import make_gradient_method
from engine.history import Keyframe, Pipeline
from engine.initializers import INITIALIZERS
from engine.message import Message, message
from engine.ops.base import Array
from engine.optimizers import MAX_SLOTS, SGD, NoOptimizer, Update, descent_label, make_optimizer
from engine.program import Parameter, Phase, Program
from engine.reference import Reference
from engine.snapshot import MicroStep

PARAMETERS_A_NODE = 16
"""Room for so many parameters of a node in the index of the initial random stream."""


class Stepper:
    """A program with its arena, the two slots of the pipeline and the counters of a run."""

    def __init__(self, experiment: Experiment, dataset: Dataset, program: Program) -> None:
        self.program = program
        self.executor = Reference(program)
        self.dataset = dataset
        self.seed = experiment.seed
        self.train = dataset.train if program.data else dataset.train[:1]
        """The rows that an epoch goes through. Where no data enter there is nothing to draw: each step is an epoch."""
        count = len(self.train)
        self.batch_rows = min(experiment.batch_size or count, count)
        self._tables = tuple(data_table(dataset, entry, dataset.x, dataset.y) for entry in program.data)
        self._order: tuple[int, NDArray[np.int64]] = (-1, self.train)
        self.pipeline: Pipeline = (experiment.method, experiment.optimizer)
        self._make_pipeline()
        self.last: MicroStep | None
        self.loss: float | None
        self.loss_step: int | None
        self.loss_rows: int
        self.gradient_step: int | None
        self.update_step: int | None
        self.reset()

    @property
    def arena(self) -> Array:
        """All numbers of the run."""
        return self.executor.arena

    @property
    def weights(self) -> Array:
        """The flat parameter region."""
        return self.program.region(self.arena, 0)

    @property
    def slots(self) -> tuple[Array, ...]:
        """The flat slots of the optimizer."""
        return self.program.slots(self.arena, len(self.optimizer.slots))

    @property
    def changes_weights(self) -> bool:
        """Whether phase 5 changes anything: there is a g, and an optimizer to use it."""
        return self.method.count(self.program) > 0 and not isinstance(self.optimizer, NoOptimizer)

    @property
    def is_computing_gradient(self) -> bool:
        """Whether some passes of the gradient method are done, and some are not."""
        return 0 < self.micro - 1 - len(self.program.instructions) < self.method.count(self.program)

    @property
    def micro_count(self) -> int:
        """How many micro-steps a step has: sample, each instruction, each pass of the gradient method, update."""
        return 2 + len(self.program.instructions) + self.method.count(self.program)

    def set_pipeline(self, method: Choice, optimizer: Choice) -> None:
        """Put a gradient method and an optimizer into the two slots; weights and step stay.

        Another gradient method begins the step anew, without a g; another kind of optimizer begins with empty slots.
        """
        old_method, old_optimizer = self.pipeline
        if (method, optimizer) == self.pipeline:
            return
        self.pipeline = (method, optimizer)
        self._make_pipeline()
        if method != old_method:
            self.micro = 0
            self.last = self.gradient_step = None
            self.program.region(self.arena, 1).fill(0.0)
        if optimizer.kind != old_optimizer.kind:
            self.updates = 0
            for slot in self.program.slots(self.arena, MAX_SLOTS):
                slot.fill(0.0)

    def reset(self) -> None:
        """Go to step 0 with the seed's initial weights."""
        self.arena.fill(0.0)
        for parameter in self.program.parameters:
            self.initialize(parameter)
        self.step = self.updates = self.epoch = self.row = 0
        self.forget_results()

    def forget_results(self) -> None:
        """Stand before the first micro-step of a step, with nothing computed yet."""
        self.micro = 0
        self.rows: NDArray[np.int64] = np.zeros(0, np.int64)
        self.last = None
        self.loss = self.loss_step = self.gradient_step = self.update_step = None
        self.loss_rows = 0

    def initialize(self, parameter: Parameter) -> None:
        """Draw a parameter's initial values, a function of the seed, the node and the parameter's place in it."""
        place = [p.name for p in self.program.parameters if p.node == parameter.node].index(parameter.name)
        index = parameter.node * PARAMETERS_A_NODE + place
        values = INITIALIZERS[parameter.initializer].draw(parameter.shape, self.seed, index)
        self.program.weights(self.arena, parameter)[...] = values + parameter.mean

    def describe(self, number: int) -> MicroStep:
        """Say what a micro-step is."""
        program = self.program
        if number == 0:
            count = min(self.batch_rows, len(self.train) - self.row)
            words = message("Sample: drew {rows} of {total} rows", rows=count, total=len(self.train))
            if not program.data:
                words = message("Sample: no data enter here, so there is nothing to draw")
            return MicroStep(Phase.SAMPLE, None, words)
        number -= 1
        if number < len(program.instructions):
            instruction = program.instructions[number]
            title, formula = program.graph.node(instruction.node).words, message(instruction.op.forward_formula)
            if instruction.output is program.loss:
                words = message("Loss: one number for the whole batch, {formula}", formula=formula)
                return MicroStep(Phase.LOSS, instruction.node, words)
            words = message("Forward through {node}: {formula}", node=title, formula=formula)
            return MicroStep(Phase.FORWARD, instruction.node, words)
        number -= len(program.instructions)
        if number < self.method.count(program):
            return MicroStep(Phase.BACKWARD, self.method.node(program, number), self.method.words(program, number))
        return MicroStep(Phase.UPDATE, None, self._update_words())

    def micro_step(self) -> None:
        """Do the next micro-step."""
        self.last = self.describe(self.micro)
        number, size = self.micro - 1, len(self.program.instructions)
        passes = self.method.count(self.program)
        self.micro += 1
        if number < 0:
            self._sample()
        elif number < size:
            self.executor.forward_step(len(self.rows), number)
            if number == size - 1:
                self._note_loss(float(self.program.view(self.arena, self.program.loss, len(self.rows))[0, 0]))
        elif number < size + passes:
            self.method.run(self.executor, len(self.rows), number - size)
            if number == size + passes - 1:
                self.gradient_step = self.step
        else:
            self._update()

    def whole_step(self) -> None:
        """Do a step from its first micro-step to its last: the same arithmetic without stops."""
        self._sample()
        rows = len(self.rows)
        self._note_loss(self.executor.forward(rows))
        if self.method.count(self.program):
            self.method.compute(self.executor, rows)
            self.gradient_step = self.step
        self._update()

    @property
    def is_finite(self) -> bool:
        """Whether the loss and all that has parameters' layout is finite: weights, g, Δw and slots."""
        numbers = self.arena[: (3 + len(self.optimizer.slots)) * self.program.parameter_span]
        with np.errstate(over="ignore", invalid="ignore"):
            total = float(np.add.reduce(numbers))
        # A sum is finite only where all its terms are; that of very large ones may not be, so look again then.
        is_finite = math.isfinite(total) or bool(np.isfinite(numbers).all())
        return is_finite and (self.loss is None or math.isfinite(self.loss))

    def is_finite_after(self, number: int) -> bool:
        """Tell whether what a micro-step of this step has written is finite."""
        return all(bool(np.isfinite(array).all()) for array in self._written(number))

    def _written(self, number: int) -> Sequence[Array]:
        program, rows = self.program, len(self.rows)
        number -= 1
        if number < 0:
            return ()
        if number < len(program.instructions):
            return (program.view(self.arena, program.instructions[number].output, rows),)
        number -= len(program.instructions)
        if number < self.method.count(program):
            return self.method.written(self.executor, rows, number)
        return (self.weights, *self.slots)

    def save(self) -> Keyframe:
        """Copy the state; it must be between two steps, or before the update of one, when the weights are still old."""
        state = np.concatenate([self.weights, *self.slots])
        state.flags.writeable = False
        return Keyframe(self.step, self.updates, self.epoch, self.row, state)

    def restore(self, frame: Keyframe, pipeline: Pipeline) -> None:
        """Go to a saved state, with the gradient method and optimizer of then."""
        self.arena.fill(0.0)
        self.overlay(frame, pipeline)
        self.forget_results()

    def overlay(self, frame: Keyframe, pipeline: Pipeline) -> None:
        """Take the weights, slots and counters of a saved state; batch, loss, g and Δw stay as they are."""
        self.set_pipeline(*pipeline)
        parts = np.split(frame.state, 1 + len(self.optimizer.slots))
        for region, part in zip((self.weights, *self.slots), parts, strict=True):
            np.copyto(region, part)
        self.step, self.updates, self.epoch, self.row = frame.step, frame.updates, frame.epoch, frame.row

    def _make_pipeline(self) -> None:
        method, optimizer = self.pipeline
        self.method = make_gradient_method(method.kind, method.settings)
        self.optimizer = make_optimizer(optimizer.kind, optimizer.settings)
        program, arena = self.program, self.arena
        self._changes = Update(self.weights, program.clipped_gradient(arena), self.slots, program.region(arena, 2))

    def _sample(self) -> None:
        """Draw the next rows of the epoch's order; each row comes once an epoch, so the last batch may be short."""
        if self._order[0] != self.epoch:
            train = self.train
            order = train[rng.permutation(self.seed, rng.Stream.BATCH_ORDER, self.epoch, len(train))]
            order.flags.writeable = False
            self._order = (self.epoch, order)
        self.rows = self._order[1][self.row : self.row + self.batch_rows]
        self.executor.load(self._tables, self.rows)

    def _note_loss(self, loss: float) -> None:
        self.loss, self.loss_step, self.loss_rows = loss, self.step, len(self.rows)

    def _update_words(self) -> Message:
        if isinstance(self.optimizer, NoOptimizer):
            return message("No update: there is no optimizer, so no weight has changed")
        if not self.changes_weights:
            return message("No update: there is no g to use, so no weight has changed")
        label = descent_label(self.batch_rows, len(self.dataset.train)) if isinstance(self.optimizer, SGD) else ""
        words = "Update: {optimizer} turned g into Δw and added it to the weights"
        return message(words, optimizer=message(label or self.optimizer.label))

    def _update(self) -> None:
        """Turn g into Δw and add it, where there are both g and an optimizer; count the step and the rows used."""
        if self.changes_weights:
            changes = self._changes
            self.optimizer.clip(self.program.region(self.arena, 1), changes.g)
            self.optimizer.update(changes, self.updates + 1)
            np.add(changes.w, changes.delta, out=changes.w)
            self.update_step = self.step
            self.updates += 1
        self.step += 1
        self.micro = 0
        self.row += len(self.rows)
        if self.row >= len(self.train):
            self.epoch, self.row = self.epoch + 1, 0
