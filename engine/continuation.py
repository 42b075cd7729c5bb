"""How a run goes on: after an edit of the graph or the data with the weights carried over, or from a file."""

from __future__ import annotations

import math
from collections.abc import Container

import numpy as np

from engine import rng
from engine.message import EngineError, message
from engine.ops.base import Array
from engine.program import Parameter
from engine.run_state import RunState, SavedArray
from engine.trainer import MAX_REDONE_PASSES, Kept, Trainer, without_slots


def continue_run(old: Trainer, new: Trainer) -> None:
    """Let `new`, of an edited experiment, go on where `old` stands.

    Parameters are found again by (node, name): of equal shape with the optimizer's slots; of another shape, the
    overlapping block, the rest initialized. Those of deleted nodes are kept for when undo brings the node back.
    """
    kept: Kept = {**old.kept, **_parameters(old)}
    same_optimizer = old.experiment.optimizer.kind == new.experiment.optimizer.kind
    if not same_optimizer:
        kept = without_slots(kept)
    before, after = old.stepper, new.stepper
    for parameter in new.program.parameters:
        if (found := kept.get((parameter.node, parameter.name))) is not None:
            weights, slots = found
            _copy_overlap(weights, new.program.weights(after.arena, parameter))
            if weights.shape == parameter.shape:
                for number, slot in enumerate(slots):
                    new.program.slot(after.arena, parameter, number)[...] = slot
    after.step = before.step
    after.updates = before.updates if same_optimizer else 0
    after.epoch, after.row = before.epoch, before.row
    if old.experiment.data != new.experiment.data or before.seed != after.seed or len(before.train) != len(after.train):
        # Which rows of this epoch are still to come is known of the old order only.
        after.epoch, after.row = before.epoch + (before.row > 0), 0
    new.kept = kept
    new.recorder = old.recorder
    new.recorder.follow(new.program)
    new.begin_segment()
    _record_changes(old, new)


def save_run(trainer: Trainer, nodes: Container[int] | None = None) -> RunState:
    """Give the run as it is stored, of these nodes only. Within a step its weights are still those of the beginning."""
    stepper, program = trainer.stepper, trainer.program
    names = stepper.optimizer.slots
    arrays = tuple(
        SavedArray(
            parameter.node,
            parameter.name,
            parameter.shape,
            _flat(program.weights(stepper.arena, parameter)),
            {name: _flat(program.slot(stepper.arena, parameter, number)) for number, name in enumerate(names)},
        )
        for parameter in program.parameters
        if nodes is None or parameter.node in nodes
    )
    loss = stepper.loss if stepper.loss is not None and math.isfinite(stepper.loss) else None
    return RunState(
        stepper.step, stepper.micro, stepper.updates, stepper.epoch, stepper.row, loss, arrays, rng.GENERATOR_VERSION
    )


def load_run(trainer: Trainer, state: RunState) -> None:
    """Let a new trainer go on from a stored run as if never stopped. Raises EngineError where it does not fit."""
    stepper, program = trainer.stepper, trainer.program
    saved = {(array.node, array.name): array for array in state.parameters}
    counters = (state.step, state.micro, state.updates, state.epoch, state.row)
    if min(counters) < 0 or state.row >= len(stepper.train) or state.micro >= stepper.micro_count:
        raise EngineError(message("the stored run does not fit the data set or the graph"))
    for parameter in program.parameters:
        array = saved.get((parameter.node, parameter.name))
        if array is None or not _fits(array, parameter, stepper.optimizer.slots):
            raise EngineError(
                message("the stored run does not fit the graph at {parameter}", parameter=parameter.title)
            )
    for parameter in program.parameters:
        array = saved[parameter.node, parameter.name]
        program.weights(stepper.arena, parameter).flat[:] = array.values
        for number, name in enumerate(stepper.optimizer.slots):
            program.slot(stepper.arena, parameter, number).flat[:] = array.slots[name]
    stepper.step, stepper.updates, stepper.epoch, stepper.row = state.step, state.updates, state.epoch, state.row
    stepper.forget_results()
    trainer.restart_recording()
    if state.loss is not None:
        used = state.row or len(stepper.dataset.train)
        stepper.loss, stepper.loss_step = state.loss, state.step - 1
        stepper.loss_rows = used % stepper.batch_rows or stepper.batch_rows
    with np.errstate(all="ignore"):
        for _ in range(state.micro if state.micro <= MAX_REDONE_PASSES else 0):
            stepper.micro_step()


def _record_changes(old: Trainer, new: Trainer) -> None:
    """Mark in the curves what changes the losses by itself."""
    before, after = old.experiment, new.experiment
    if before.data != after.data:
        words = message("data: {data}", data=message(new.stepper.dataset.label))
        new.recorder.record_event(new.stepper.step, words)
    elif before.batch_size != after.batch_size:
        words = message("batch size: {rows}", rows=new.stepper.batch_rows)
        new.recorder.record_event(new.stepper.step, words)


def _parameters(trainer: Trainer) -> Kept:
    count = len(trainer.stepper.optimizer.slots)
    program, arena = trainer.program, trainer.stepper.arena

    def copies(parameter: Parameter) -> tuple[Array, tuple[Array, ...]]:
        slots = tuple(program.slot(arena, parameter, number).copy() for number in range(count))
        return program.weights(arena, parameter).copy(), slots

    return {(p.node, p.name): copies(p) for p in program.parameters}


def _fits(array: SavedArray, parameter: Parameter, slots: tuple[str, ...]) -> bool:
    lengths = {len(array.values), *map(len, array.slots.values())}
    return array.shape == parameter.shape and lengths == {parameter.size} and set(array.slots) == set(slots)


def _copy_overlap(source: Array, into: Array) -> None:
    rows, columns = (min(a, b) for a, b in zip(source.shape, into.shape, strict=True))
    into[:rows, :columns] = source[:rows, :columns]


def _flat(array: Array) -> tuple[float, ...]:
    return tuple(array.reshape(-1).tolist())
