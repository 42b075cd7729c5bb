"""The state of a run in a document, to and fro."""

from __future__ import annotations

from collections.abc import Mapping

from engine.graph import Graph
from engine.json_text import fault
from engine.message import Message, message
from engine.records import ArrayRecord, BufferRecord, RunRecord
from engine.rng import GENERATOR_VERSION
from engine.run_state import RunState, SavedArray
from engine.storage.checks import MAX_COUNT, check_range, find_kind


def read_run(record: RunRecord, graph: Graph) -> RunState:
    """Read the run of a graph. Raises FileError with the place and the reason."""
    if record.generator != GENERATOR_VERSION:
        words = message("the run used random numbers of the kind {name}, unknown here", name=repr(record.generator))
        raise fault("$.run.generator", words)
    for name in ("step", "micro", "updates", "epoch", "row", "gradient_calls"):
        check_range(getattr(record, name), 0, MAX_COUNT, f"$.run.{name}", message("a counter"))
    taken: set[tuple[int, str]] = set()

    def read(item: BufferRecord, slots: Mapping[str, tuple[float, ...]], place: str, what: Message) -> SavedArray:
        array = _array(item, slots, place)
        find_kind(array.node, graph.nodes, f"{place}.node")
        if (array.node, array.name) in taken:
            words = message("{what} {name} of node {id} stands here twice", what=what, name=array.name, id=array.node)
            raise fault(place, words)
        taken.add((array.node, array.name))
        return array

    parameters, buffers = enumerate(record.parameters), enumerate(record.buffers)
    return RunState(
        step=record.step,
        micro=record.micro,
        updates=record.updates,
        epoch=record.epoch,
        row=record.row,
        loss=record.loss,
        parameters=tuple(read(p, p.slots, f"$.run.parameters[{i}]", message("the parameter")) for i, p in parameters),
        generator=record.generator,
        buffers=tuple(read(b, {}, f"$.run.buffers[{i}]", message("the buffer")) for i, b in buffers),
        gradient_calls=record.gradient_calls,
    )


def _array(record: BufferRecord, slots: Mapping[str, tuple[float, ...]], place: str) -> SavedArray:
    for index, length in enumerate(record.shape):
        check_range(length, 1, MAX_COUNT, f"{place}.shape[{index}]", message("a length"))
    count = record.shape[0] * record.shape[1]
    arrays = {f"{place}.slots.{name}": values for name, values in slots.items()}
    for where, values in {f"{place}.values": record.values, **arrays}.items():
        if len(values) != count:
            raise fault(where, message("{need} numbers are needed, not {got}", need=count, got=len(values)))
    return SavedArray(record.node, record.name, record.shape, record.values, slots)


def run_record(run: RunState) -> RunRecord:
    """Give a run as it is stored."""
    return RunRecord(
        generator=run.generator,
        step=run.step,
        micro=run.micro,
        updates=run.updates,
        epoch=run.epoch,
        row=run.row,
        loss=run.loss,
        parameters=[ArrayRecord(a.node, a.name, a.shape, a.values, dict(a.slots)) for a in run.parameters],
        buffers=[BufferRecord(a.node, a.name, a.shape, a.values) for a in run.buffers],
        gradient_calls=run.gradient_calls,
    )
