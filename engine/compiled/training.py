"""Whole steps of a run in chunks of thousands: a Stepper's steps without Python between them."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from engine.compiled.executor import Compiled
from engine.compiled.loading import input_places
from engine.compiled.rules import Rule, is_missing
from engine.compiled.step_loop import BATCH_ROW, EPOCH, IS_FINITE, LAYER, MASK_WORDS, ROW, Plan, Work, run_steps
from engine.executor import Batch, Executor
from engine.executors import NO_LIMIT, LossLimit, Steps
from engine.interrupt import Interrupt
from engine.ops.base import Primitive
from engine.ops.dropout import Dropout
from engine.program import ROW_LANES, Instruction, Program, padded
from engine.step_cost import step_cost
from engine.stepper import Stepper
from engine.update_phase import UpdatePhase

NO_EPOCH = -1
NEVER = Interrupt()


def can_run(stepper: Stepper) -> bool:
    """Tell whether a stepper's whole steps can be done here: on kernels and by backpropagation."""
    drawing = [i.op for i in stepper.program.instructions if type(i.op).draw is not Primitive.draw]
    return (
        isinstance(stepper.executor, Compiled)
        and stepper.method.is_reverse
        and stepper.gradient_passes > 0
        and not is_missing(stepper.optimizer.name)
        and all(isinstance(op, Dropout) for op in drawing)
    )


class Training:
    """Runs a stepper's whole steps. Ask `can_run` first, and again after each change of the stepper's pipeline."""

    def __init__(self, stepper: Stepper) -> None:
        self._stepper = stepper
        program, train = stepper.program, stepper.sampler.train
        masks = [i.scratch[0].shape for i in program.instructions if isinstance(i.op, Dropout)]
        longest = max([len(train), *(shape.columns * (shape.rows or program.rows) for shape in masks)])
        self._work = Work(
            state=np.array([0, 0, NO_EPOCH, 0, 1], np.int64),
            order=np.zeros(len(train), np.int64),
            starts=np.zeros(padded(program.rows, ROW_LANES), np.int64),
            bits=np.zeros(longest + 3, np.uint64),
            keys=np.zeros(len(train) + 3, np.uint64),
            ends=np.zeros(2 * len(train) + 2, np.int64),
        )
        self._update_phase: UpdatePhase | None = None

    def run(
        self, count: int, limit: LossLimit = NO_LIMIT, notes: Sequence[int] = (), interrupt: Interrupt | None = None
    ) -> Steps:
        """Do `count` whole steps, at least one, from the beginning of one; fewer as engine.executors.StepLoop says.

        All that a whole step leaves is left as by the last one; how long its gradient took is a share of the mean step.
        """
        stepper, state = self._stepper, self._work.state
        assert stepper.micro == 0, "a step that has begun is finished in micro-steps"
        if self._update_phase is not stepper.update_phase:
            self._update_phase = stepper.update_phase
            self._rule = Rule(_executor(stepper), stepper.optimizer, stepper.pipeline.pinned)
            self._plan = _plan(stepper, self._rule)
            cost = step_cost(stepper.method, stepper.optimizer, stepper.program)
            self._gradient_share = cost.gradient.forward_passes / cost.forward_passes
        plan, rule, t = self._plan, self._rule, stepper.updates + 1
        losses, norms = np.empty(count), np.empty((count, len(plan.layers)))
        state[EPOCH], state[ROW] = stepper.epoch, stepper.row
        rates = rule.rates(t, count) if plan.update else np.zeros(count)
        memory = _executor(stepper).memory
        begun = perf_counter()
        first, bound, is_below = stepper.step, limit.bound, limit.is_below
        end = (interrupt or NEVER).word
        noted = np.array(notes, np.int64)
        states = np.empty((len(noted), len(stepper.state)))
        done = run_steps(
            memory,
            plan,
            self._work,
            rule.words,
            rule.numbers,
            first,
            t,
            rates,
            bound,
            is_below,
            end,
            losses,
            norms,
            noted,
            states,
        )
        seconds = (perf_counter() - begun) / done
        self._leave(done, float(losses[done - 1]))
        stepper.gradient_seconds = seconds * self._gradient_share
        passed = int(np.searchsorted(noted, stepper.step, side="right"))
        return Steps(losses[:done], norms[:done], bool(state[IS_FINITE]), noted[:passed], states[:passed])

    def _leave(self, done: int, loss: float) -> None:
        """Bring the stepper to where as many whole steps would have brought it."""
        stepper, state = self._stepper, self._work.state
        first = int(state[BATCH_ROW])
        rows = self._work.order[first : first + stepper.sampler.batch_rows].copy()
        rows.flags.writeable = False
        last = stepper.step = stepper.step + done - 1
        stepper.rows, stepper.batch = rows, Batch(len(rows), stepper.seed, last)
        stepper.note_loss(loss)
        stepper.gradient_step = last
        stepper.gradient_calls += done
        if stepper.changes_weights:
            stepper.update_step = last
            stepper.updates += done
        stepper.step = last + 1
        stepper.epoch, stepper.row = int(state[EPOCH]), int(state[ROW])


def _executor(stepper: Stepper) -> Compiled:
    executor: Executor = stepper.executor
    assert isinstance(executor, Compiled)
    return executor


def _plan(stepper: Stepper, rule: Rule) -> Plan:
    """Write down what the loop reads, for what is in the stepper's slots now."""
    tape, program, sampler = _executor(stepper).tape, stepper.program, stepper.sampler
    dropouts = [(i, i.op) for i in program.instructions if isinstance(i.op, Dropout)]
    masks = [_mask(instruction, program, tape.stride, stepper.seed) for instruction, _ in dropouts]
    return Plan(
        words=tape.words,
        forward=tape.forward,
        backward=tape.backward,
        numbers=tape.numbers,
        loss=tape.loss,
        stride=tape.stride,
        batch_rows=sampler.batch_rows,
        seed=stepper.seed,
        table=sampler.tables.by_row,
        inputs=input_places(program),
        train=np.array(sampler.train, np.int64),
        masks=np.array(masks, np.int64).reshape(-1, MASK_WORDS),
        mask_rates=np.array([op.rate for _, op in dropouts], np.float64),
        layers=np.array(_layers(program), np.int64).reshape(-1, LAYER),
        buffers=program.buffer_span,
        lasting=len(program.lasting(stepper.arena, len(stepper.optimizer.slots))),
        update=rule.address if stepper.changes_weights else 0,
    )


def _mask(instruction: Instruction, program: Program, stride: int, seed: int) -> list[int]:
    value = instruction.scratch[0]
    shape, place = value.shape, program.offsets[value.index]
    steps = [1, stride] if shape.rows is None else [shape.columns, 1]
    return [place, shape.rows or 0, shape.columns, *steps, seed | instruction.node << 32]


def _layers(program: Program) -> list[tuple[int, int]]:
    """Give where the gradient of each node with parameters begins, and how long it is."""
    found: list[tuple[int, int]] = []
    for node in program.layers:
        own = program.layer_range(node)
        found.append((program.buffer_span + program.parameter_span + own.start, own.stop - own.start))
    return found
