"""How a run goes on: after an edit of the graph or the data with the weights carried over, or from a file."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping

import numpy as np

from engine import rng
from engine.kept import Kept, without_memory
from engine.message import EngineError, message
from engine.ops.call import Array
from engine.program import Parameter
from engine.run_state import RunState, SavedArray
from engine.stepper import Stepper
from engine.timeline import MAX_REDONE_PASSES
from engine.trainer import Trainer


def continue_run(old: Trainer, new: Trainer) -> None:
    """Let `new`, of an edited experiment, go on where `old` stands.

    Parameters are found again by (node, name): of equal shape with the optimizer's slots; of another shape, the
    overlapping block, the rest initialized. Those of deleted nodes are kept for when undo brings the node back.
    """
    # What came after a place in the past stays as curves.
    old.branch()
    before, after = old.stepper, new.stepper
    # A population is one of whole networks: what it once held of a node that is gone fits no present member.
    gone = old.kept if before.optimizer.needs_gradient else without_memory(old.kept)
    kept: Kept = {**gone, **_learned(old)}
    same_optimizer = (
        old.experiment.optimizer.kind == new.experiment.optimizer.kind
        and before.update_phase.memory.keys() == after.update_phase.memory.keys()
    )
    if not same_optimizer:
        kept = without_memory(kept)
    found = [_carry_over(parameter, new, kept) for parameter in new.program.parameters]
    for buffer in new.program.buffers:
        saved, _ = kept.get((buffer.node, buffer.name), (None, {}))
        into = new.program.view(after.arena, buffer.value, 0)
        if saved is not None and saved.shape == into.shape:
            into[...] = saved
    # So where a part of the networks is new, a population begins anew around the weights.
    keeps_memory = same_optimizer and (after.optimizer.needs_gradient or all(found))
    if not keeps_memory and not after.optimizer.needs_gradient:
        after.update_phase.empty_memory()
    after.step = before.step
    after.updates = before.updates if keeps_memory else 0
    after.gradient_calls = before.gradient_calls
    after.epoch, after.row = before.epoch, before.row
    if (
        old.experiment.data != new.experiment.data
        or before.seed != after.seed
        or len(before.sampler.train) != len(after.sampler.train)
    ):
        # Which rows of this epoch are still to come is known of the old order only.
        after.epoch, after.row = before.epoch + (before.row > 0), 0
    new.kept = kept
    new.observer.recorder = old.recorder
    new.recorder.follow(new.program)
    new.begin_segment(old.timeline.ghosts)
    _record_changes(old, new)


def save_run(trainer: Trainer, nodes: Container[int] | None = None) -> RunState:
    """Give the run as it is stored, of these nodes only; from the past, as it is at the end of the line.

    Within a step its weights are still those of the beginning.
    """
    if trainer.timeline.is_past:
        place = trainer.timeline.place
        trainer.go_to_end()
        state = save_run(trainer, nodes)
        trainer.go_to(place.step, place.micro)
        return state
    stepper, program = trainer.stepper, trainer.program
    memory = stepper.update_phase.memory
    arrays = tuple(
        SavedArray(
            parameter.node,
            parameter.name,
            parameter.shape,
            _flat(program.weights(stepper.arena, parameter)),
            {name: _flat(program.part(array, parameter)) for name, array in memory.items()},
        )
        for parameter in program.parameters
        if nodes is None or parameter.node in nodes
    )
    views = [(buffer, program.view(stepper.arena, buffer.value, 0)) for buffer in program.buffers]
    buffers = tuple(
        SavedArray(buffer.node, buffer.name, (view.shape[0], view.shape[1]), _flat(view))
        for buffer, view in views
        if nodes is None or buffer.node in nodes
    )
    loss = stepper.loss if stepper.loss is not None and math.isfinite(stepper.loss) else None
    if stepper.loss_step != stepper.step and stepper.loss_rows != _rows_before(stepper, stepper.row):
        # A batch was drawn and left out since: how many rows the loss is of could not be found again.
        loss = None
    return RunState(
        step=stepper.step,
        micro=stepper.micro,
        updates=stepper.updates,
        epoch=stepper.epoch,
        row=stepper.row,
        loss=loss,
        parameters=arrays,
        buffers=buffers,
        gradient_calls=stepper.gradient_calls,
        generator=rng.GENERATOR_VERSION,
    )


def load_run(trainer: Trainer, state: RunState) -> None:
    """Let a new trainer go on from a stored run as if never stopped. Raises EngineError where it does not fit."""
    stepper, program = trainer.stepper, trainer.program
    memory = stepper.update_phase.memory
    saved = {(array.node, array.name): array for array in (*state.parameters, *state.buffers)}
    counters = (state.step, state.micro, state.updates, state.epoch, state.row)
    if min(counters) < 0 or state.row >= len(stepper.sampler.train) or state.micro >= stepper.micro_count:
        raise EngineError(message("the stored run does not fit the data set or the graph"))
    views = {(b.node, b.name): program.view(stepper.arena, b.value, 0) for b in program.buffers}
    own = {(p.node, p.name): program.weights(stepper.arena, p) for p in program.parameters}
    for key, view in {**views, **own}.items():
        array = saved.get(key)
        if array is None or not _fits(array, view, memory if key in own else {}):
            owner = program.graph.node(key[0]).words
            words = message("the stored run does not fit the graph at {name} of {node}", name=key[1], node=owner)
            raise EngineError(words)
    for buffer in program.buffers:
        if min(saved[buffer.node, buffer.name].values) < buffer.least:
            owner = program.graph.node(buffer.node).words
            bound = "the stored {name} of {node} must be at least {least:g}"
            raise EngineError(message(bound, name=buffer.name, node=owner, least=buffer.least))
    for key, view in {**views, **own}.items():
        view.flat[:] = saved[key].values
    for parameter in program.parameters:
        for name, kept in memory.items():
            program.part(kept, parameter).flat[:] = saved[parameter.node, parameter.name].slots[name]
    stepper.step, stepper.updates, stepper.epoch, stepper.row = state.step, state.updates, state.epoch, state.row
    stepper.gradient_calls = state.gradient_calls
    stepper.forget_results()
    if state.loss is not None:
        stepper.loss, stepper.loss_step = state.loss, state.step - 1
        stepper.loss_rows = _rows_before(stepper, state.row)
    trainer.restart_recording()
    with np.errstate(all="ignore"):
        for _ in range(state.micro if state.micro <= MAX_REDONE_PASSES else 0):
            stepper.micro_step()


def _rows_before(stepper: Stepper, row: int) -> int:
    """Give how many rows the batch had that ended at a row of its epoch."""
    used = row or len(stepper.dataset.train)
    return used % stepper.sampler.batch_rows or stepper.sampler.batch_rows


def _record_changes(old: Trainer, new: Trainer) -> None:
    """Mark in the curves what changes the losses by itself."""
    before, after = old.experiment, new.experiment
    if before.data != after.data:
        words = message("data: {data}", data=message(new.stepper.dataset.label))
        new.recorder.record_event(new.stepper.step, words)
    elif before.batch_size != after.batch_size:
        words = message("batch size: {rows}", rows=new.stepper.sampler.batch_rows)
        new.recorder.record_event(new.stepper.step, words)


def _learned(trainer: Trainer) -> Kept:
    """Copy all buffers and weights, with what the optimizer keeps for them."""
    program, arena, memory = trainer.program, trainer.stepper.arena, trainer.stepper.update_phase.memory
    learned: dict[tuple[int, str], tuple[Array, Mapping[str, Array]]] = {
        (p.node, p.name): (
            program.weights(arena, p).copy(),
            {name: program.part(array, p).copy() for name, array in memory.items()},
        )
        for p in program.parameters
    }
    for buffer in program.buffers:
        learned[buffer.node, buffer.name] = (program.view(arena, buffer.value, 0).copy(), {})
    return learned


def _carry_over(parameter: Parameter, new: Trainer, kept: Kept) -> bool:
    """Give a parameter its kept numbers; tell whether all of it, with the optimizer's memory, was there."""
    if (parameter.node, parameter.name) not in kept:
        return False
    weights, memory = kept[parameter.node, parameter.name]
    program, stepper = new.program, new.stepper
    _copy_overlap(weights, program.weights(stepper.arena, parameter))
    if weights.shape != parameter.shape:
        return False
    for name, array in memory.items():
        program.part(stepper.update_phase.memory[name], parameter)[...] = array
    return memory.keys() == stepper.update_phase.memory.keys()


def _fits(array: SavedArray, view: Array, memory: Mapping[str, Array]) -> bool:
    lengths = {len(array.values), *map(len, array.slots.values())}
    return array.shape == view.shape and lengths == {view.size} and set(array.slots) == set(memory)


def _copy_overlap(source: Array, into: Array) -> None:
    rows, columns = (min(a, b) for a, b in zip(source.shape, into.shape, strict=True))
    into[:rows, :columns] = source[:rows, :columns]


def _flat(array: Array) -> tuple[float, ...]:
    return tuple(array.reshape(-1).tolist())
