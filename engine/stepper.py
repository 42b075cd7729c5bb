"""The Stepper: what a step is. Five phases, cut into micro-steps that stepping and running both go through.

1 Sample draws the next rows of the epoch's order. 2 Forward computes each value, 3 Loss one number. 4 Backward is the
gradient method's: it fills g, and no weight changes. 5 Update is the optimizer's: it turns g into Δw and adds it, and
only here do weights change, all at once. What a step draws depends on the seed, the epoch and the row alone, so any
stretch of a run can be computed again and is equal to the bit. Nothing is recorded here.
"""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np

from engine.datasets import Dataset
from engine.executor import Batch, Executor
from engine.executors import EXECUTORS, StepLoop
from engine.experiment import Experiment, Pipeline
from engine.gradients import make_gradient_method
from engine.initial_values import write_initial_values
from engine.norms import are_finite
from engine.ops.call import Array
from engine.optimizers import Optimizer, descent_label, make_optimizer
from engine.program import MAX_SLOTS, Program
from engine.sampler import Rows, Sampler
from engine.step_cost import is_called, is_short, step_cost
from engine.step_order import MicroStep, Part, StepOrder
from engine.step_words import Drawn, StepWords
from engine.update_phase import Reuse, UpdatePhase


class Stepper:
    """A program with its arena, the two slots of the pipeline and the counters of a run."""

    def __init__(self, experiment: Experiment, dataset: Dataset, program: Program) -> None:
        self.program = program
        self.executor: Executor = EXECUTORS[experiment.pipeline.executor].make(program)
        self.dataset = dataset
        self.seed = experiment.seed
        self.sampler = Sampler(program, dataset, experiment.batch_size, experiment.seed)
        self.pipeline = experiment.pipeline
        self._loop: StepLoop | None
        self._make_pipeline()
        self.last: MicroStep | None
        self.loss: float | None
        self.loss_step: int | None
        self.loss_rows: int
        self.penalty: float | None
        """The L1 and L2 terms of the loss, where it has any."""
        self.gradient_step: int | None
        self.gradient_seconds: float
        """How long the gradient method took for the present g."""
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
    def state(self) -> Array:
        """The flat buffers and parameters: all that the network has learned."""
        return self.program.state(self.arena)

    @property
    def optimizer(self) -> Optimizer:
        """What stands in the optimizer's slot."""
        return self.update_phase.optimizer

    @property
    def changes_weights(self) -> bool:
        """Whether phase 5 changes anything: an optimizer can, and has a g if it needs one."""
        return self.update_phase.can_change_weights and (self.gradient_passes > 0 or not self.optimizer.needs_gradient)

    @property
    def gradient_passes(self) -> int:
        """How many passes of the gradient method a step has; 0 where it is not called."""
        return self.order.gradient_passes

    @property
    def micro_count(self) -> int:
        """How many micro-steps a step has."""
        return self.order.count

    @property
    def loop(self) -> StepLoop | None:
        """What does many whole steps in one call; None where the executor cannot, or where a step is long."""
        if self._loop is None and self.is_short:
            self._loop = EXECUTORS[self.pipeline.executor].loop(self)
        return self._loop

    def set_pipeline(self, pipeline: Pipeline) -> bool:
        """Put a gradient method and an optimizer into the two slots; weights and step stay.

        Another gradient method or executor begins the step anew, without a g; so does any change around a search, whose
        candidates would be others. Another kind of optimizer begins with an empty memory; gives True then.
        """
        if pipeline == self.pipeline:
            return False
        old, old_phase, old_order = self.pipeline, self.update_phase, self.order
        self.pipeline = pipeline
        if pipeline.executor != old.executor:
            executor = EXECUTORS[pipeline.executor].make(self.program)
            np.copyto(executor.arena, self.executor.arena)
            self.executor = executor
        self._make_pipeline()
        is_other_way = (pipeline.method, pipeline.executor) != (old.method, old.executor)
        if is_other_way or self.order != old_order or self.order.candidates:
            self._begin_anew()
        is_other = (
            pipeline.optimizer.kind != old.optimizer.kind or self.update_phase.memory.keys() != old_phase.memory.keys()
        )
        if is_other:
            self.updates = 0
            for slot in self.program.slots(self.arena, MAX_SLOTS):
                slot.fill(0.0)
        elif self.update_phase.memory:
            self.update_phase.take_memory(old_phase)
        return is_other

    def set_weights(self, node: int, name: str, values: Array) -> None:
        """Give a parameter other values, [rows, columns]; a step that has begun begins anew."""
        parameter = next(p for p in self.program.parameters if (p.node, p.name) == (node, name))
        self.program.weights(self.arena, parameter)[...] = values
        self._begin_anew()

    def reset(self) -> None:
        """Go to step 0 with the seed's initial weights."""
        self.arena.fill(0.0)
        self.update_phase.empty_memory()
        write_initial_values(self.program, self.arena, self.seed)
        self.step = self.updates = self.epoch = self.row = self.gradient_calls = 0
        self.forget_results()

    def forget_results(self) -> None:
        """Stand before the first micro-step of a step, with nothing computed yet."""
        self.micro = 0
        self.rows: Rows = np.zeros(0, np.int64)
        self.batch = Batch(0, self.seed, 0)
        self.last = None
        self.loss = self.loss_step = self.penalty = self.gradient_step = self.update_step = None
        self.loss_rows = 0
        self.gradient_seconds = 0.0
        self._reuse: Reuse | None = None
        self._passed_over: int | None = None

    @property
    def reuse(self) -> Reuse | None:
        """How the g of the last step was applied again; None where it was not."""
        return self._reuse if self._reuse is not None and self._reuse.step == self.step else None

    @property
    def can_repeat_update(self) -> bool:
        """Whether a step is complete and its g is there, with an optimizer that can use it once more."""
        is_there = self.step > 0 and self.micro == 0 and self.gradient_step == self.step - 1
        return is_there and self.optimizer.needs_gradient and self.changes_weights

    def announce(self, number: int) -> MicroStep:
        """Say what a micro-step will do."""
        return self._words.announce(number, self.row)

    def describe(self, number: int) -> MicroStep:
        """Say what a micro-step has done."""
        is_other, has_old = self._passed_over == self.step, self.gradient_step is not None
        return self._words.describe(number, self.arena, Drawn(self.row, len(self.rows), is_other, has_old))

    def micro_step(self, *, is_told: bool = True) -> None:
        """Do the next micro-step; describe it in `last` if `is_told`, as that can take as long as a pass does."""
        number = self.micro
        part, index = self.order.place(number)
        self.micro += 1
        if part is Part.SAMPLE:
            self._sample()
        elif part is Part.INSTRUCTION:
            self.executor.forward_step(self.batch.rows, index)
            if index == self.order.instructions - 1:
                self.note_loss(float(self.program.view(self.arena, self.program.loss, self.batch.rows)[0, 0]))
        elif part is Part.GRADIENT_PASS:
            self._gradient_pass(index)
        elif part is Part.CANDIDATE:
            self.update_phase.try_candidate(self.batch, self.loss or 0.0, self.updates + 1, index)
        elif part is Part.UPDATE:
            self._update()
        self.last = self.describe(number) if is_told else self.last

    def whole_step(self) -> None:
        """Do a step from its first micro-step to its last: the same arithmetic without stops."""
        self._sample()
        self.note_loss(self.executor.forward(self.batch.rows))
        if self.gradient_passes:
            begun = perf_counter()
            self.method.compute(self.executor, self.batch)
            self.gradient_seconds = perf_counter() - begun
            self.gradient_step = self.step
        for number in range(self.update_phase.passes):
            self.update_phase.try_candidate(self.batch, self.loss or 0.0, self.updates + 1, number)
        self._update()

    def repeat_update(self) -> bool:
        """Let the optimizer make another Δw of the last step's g, and add it; no gradient is computed.

        Ask `can_repeat_update` first. The step is not counted, the update is. Gives False where a number would become
        non-finite: then nothing has changed.
        """
        kept, reuse = self.arena.copy(), self.reuse
        if reuse is None:
            moved = self.program.region(kept, 2) if self.update_step == self.step - 1 else 0.0
            reuse = Reuse(self.step, 0, self.weights - moved)
        with np.errstate(all="ignore"):
            self.update_phase.apply(self.batch, self.loss or 0.0, self.updates + 1)
        if not self.is_finite:
            np.copyto(self.arena, kept)
            return False
        self.update_step = self.step - 1
        self.updates += 1
        self._reuse = Reuse(self.step, reuse.count + 1, reuse.weights)
        self.last = self._words.describe_repeat()
        return True

    def pass_over(self) -> None:
        """Give up what is computed of this step, and leave out the batch that comes next in the epoch's order."""
        self._begin_anew()
        self._passed_over = self.step
        self._use(self.sampler.count(self.row))

    @property
    def is_finite(self) -> bool:
        """Whether the loss and all that lasts is finite: buffers, weights, g, Δw and what the optimizer keeps."""
        lasting = self.program.lasting(self.arena, len(self.optimizer.slots))
        memory = () if self.optimizer.needs_gradient else self.update_phase.memory.values()
        is_finite = all(map(are_finite, (lasting, *memory)))
        return is_finite and (self.loss is None or math.isfinite(self.loss))

    def _begin_anew(self) -> None:
        """Stand at the beginning of the step again, without a g."""
        self.micro = 0
        self.last = self.gradient_step = None
        if self.loss_step == self.step:
            self.loss = self.loss_step = self.penalty = None
        self.program.region(self.arena, 1).fill(0.0)

    def _make_pipeline(self) -> None:
        method, optimizer = self.pipeline.method, self.pipeline.optimizer
        self.method = make_gradient_method(method.kind, method.settings)
        made = make_optimizer(optimizer.kind, optimizer.settings)
        rule = EXECUTORS[self.pipeline.executor].rule(self.executor, made, self.pipeline.pinned)
        self.update_phase = UpdatePhase(self.executor, made, self.pipeline.pinned, rule)
        called = is_called(self.method, made, self.program)
        passes = self.method.count(self.program) if called else 0
        self.order = StepOrder(len(self.program.instructions), passes, self.update_phase.passes)
        descent = descent_label(self.sampler.batch_rows, len(self.dataset.train))
        self._words = StepWords(self.program, self.sampler, self.method, self.update_phase, self.order, descent)
        self.is_short = is_short(step_cost(self.method, made, self.program), self.program)
        self._loop = None

    def _sample(self) -> None:
        """Draw the next rows of the epoch's order, and what is random for them."""
        self.rows = self.sampler.rows(self.epoch, self.row)
        self.batch = Batch(len(self.rows), self.seed, self.step)
        self.executor.load(self.sampler.tables.by_column, self.rows)
        self.executor.draw(self.batch)

    def note_loss(self, loss: float) -> None:
        """Hold on to the loss of this step's batch and its penalties."""
        self.loss, self.loss_step, self.loss_rows = loss, self.step, len(self.rows)
        penalty = self.program.penalty
        self.penalty = None if penalty is None else float(self.program.view(self.arena, penalty, 0)[0, 0])

    def _gradient_pass(self, number: int) -> None:
        begun = perf_counter()
        self.method.run(self.executor, self.batch, number)
        self.gradient_seconds = perf_counter() - begun + (self.gradient_seconds if number else 0.0)
        if number == self.gradient_passes - 1:
            self.gradient_step = self.step

    def _update(self) -> None:
        """Change the weights, where there is what it takes, and the buffers; count the step and the rows used."""
        if self.changes_weights:
            self.update_phase.apply(self.batch, self.loss or 0.0, self.updates + 1)
            self.update_step = self.step
            self.updates += 1
        self.executor.update_buffers(self.batch.rows)
        self.gradient_calls += self.gradient_step == self.step
        self.step += 1
        self.micro = 0
        self._use(len(self.rows))

    def _use(self, rows: int) -> None:
        """Count rows of the epoch as used."""
        self.row += rows
        if self.row >= len(self.sampler.train):
            self.epoch, self.row = self.epoch + 1, 0
