"""The `.bplab` format: an experiment and the state of its run as JSON text, and back.

One document: `{"format": "backprop-lab", "version": 1, "graph": …, "experiment": …, "layout": …, "view": …, "run": …}`.
Layout and view are the application's; here they are only kept. Reading trusts nothing: whatever is wrong is a FileError
with the place and the reason, and what was read is as sound as what the Graph's own edits give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from engine.datasets import DATASETS
from engine.experiment import MAX_SEED, Choice, Experiment
from engine.gradients import GRADIENT_METHODS
from engine.graph import MAX_NAME, Edge, Graph, GraphError, Node
from engine.json_text import FileError, fault, parse, write
from engine.message import Message, message
from engine.ops import OPS, Op
from engine.optimizers import OPTIMIZERS
from engine.records import (
    FORMAT,
    VERSION,
    ArrayRecord,
    ChoiceRecord,
    DocumentRecord,
    EdgeRecord,
    ExperimentRecord,
    GraphRecord,
    NodeRecord,
    RunRecord,
    decode,
    migrate,
)
from engine.rng import GENERATOR_VERSION
from engine.run_state import RunState, SavedArray
from engine.setting import Setting, SettingError, SettingValue

__all__ = ["FileError", "Stored", "read_document", "write_document"]

MAX_NODES = 10_000
MAX_EDGES = 100_000
MAX_ID = 2**31 - 1
MAX_COUNT = 10**15


@dataclass(frozen=True)
class Stored:
    """What a file holds. Layout and view are plain JSON values that the application knows how to read."""

    experiment: Experiment
    run: RunState | None = None
    layout: Mapping[str, object] = field(default_factory=dict)
    view: Mapping[str, object] = field(default_factory=dict)


# ---- reading ---------------------------------------------------------------------------------------------------------


def read_document(text: str) -> Stored:
    """Read a document of this or an older version. Raises FileError with the place and the reason.

    Whether the arrays of the run fit the graph shows only when it is compiled, so the trainer checks that.
    """
    record = decode(migrate(parse(text)), DocumentRecord, "$")
    graph = _graph(record.graph)
    return Stored(
        _experiment(record.experiment, graph),
        None if record.run is None else _run(record.run, graph),
        record.layout,
        record.view,
    )


def _graph(record: GraphRecord) -> Graph:
    _check_range(len(record.nodes), 0, MAX_NODES, "$.graph.nodes", message("the number of nodes"))
    _check_range(len(record.edges), 0, MAX_EDGES, "$.graph.edges", message("the number of wires"))
    nodes: dict[int, Node] = {}
    names: set[str] = set()
    for index, node_record in enumerate(record.nodes):
        place = f"$.graph.nodes[{index}]"
        node = _node(node_record, place)
        if node.id in nodes:
            raise fault(f"{place}.id", message("there are two nodes {id}", id=node.id))
        if node.name in names:
            raise fault(f"{place}.name", message("another node is called {name} already", name=node.name))
        nodes[node.id] = node
        names |= {node.name} - {""}
    what = message("the next id, which is above all others,")
    _check_range(record.next_id, max(nodes, default=0) + 1, MAX_ID, "$.graph.next_id", what)
    graph = Graph(nodes, _edges(record.edges, nodes), record.next_id)
    try:
        graph.order()
    except GraphError as error:
        raise fault("$.graph.edges", error.message) from error
    return graph


def _node(record: NodeRecord, place: str) -> Node:
    _check_range(record.id, 1, MAX_ID - 1, f"{place}.id", message("an id"))
    _check_range(len(record.name), 0, MAX_NAME, f"{place}.name", message("the length of a name"))
    # What belongs to no section of the palette is a part of other nodes and none of its own.
    if record.op not in OPS or not OPS[record.op].category:
        raise fault(f"{place}.op", message("there is no kind of node called {name}", name=repr(record.op)))
    settings = _settings(OPS[record.op].settings, record.settings, f"{place}.settings")
    return Node(record.id, record.op, settings, record.name)


def _edges(records: Sequence[EdgeRecord], nodes: Mapping[int, Node]) -> tuple[Edge, ...]:
    edges: dict[Edge, None] = {}
    taken: set[tuple[int, str]] = set()
    for index, record in enumerate(records):
        place = f"$.graph.edges[{index}]"
        source, target = _kind(record.source, nodes, f"{place}.from"), _kind(record.target, nodes, f"{place}.to")
        if not source.has_output:
            raise fault(f"{place}.from", message("{node} has no output", node=nodes[record.source].title))
        port = next((port for port in target.ports if port.name == record.port), None)
        if port is None:
            words = message("{node} has no input {port}", node=nodes[record.target].words, port=repr(record.port))
            raise fault(f"{place}.port", words)
        edge = Edge(record.source, record.target, record.port)
        if edge in edges:
            raise fault(place, message("the same wire stands here twice"))
        if not port.many and (edge.target, edge.port) in taken:
            words = message("{node} takes one wire at {port}", node=nodes[edge.target].words, port=message(port.label))
            raise fault(place, words)
        edges[edge] = None
        taken.add((edge.target, edge.port))
    return tuple(edges)


def _kind(id_: int, nodes: Mapping[int, Node], place: str) -> type[Op]:
    if id_ not in nodes:
        raise fault(place, message("there is no node {id}", id=id_))
    return nodes[id_].kind


def _experiment(record: ExperimentRecord, graph: Graph) -> Experiment:
    data = {name: kind.settings for name, kind in DATASETS.items()}
    methods = {name: method.settings for name, method in GRADIENT_METHODS.items()}
    optimizers = {name: optimizer.settings for name, optimizer in OPTIMIZERS.items()}
    if record.batch_size is not None:
        _check_range(record.batch_size, 1, MAX_COUNT, "$.experiment.batch_size", message("the batch size"))
    _check_range(record.seed, 0, MAX_SEED, "$.experiment.seed", message("the seed"))
    return Experiment(
        graph,
        _choice(record.data, data, "$.experiment.data"),
        _choice(record.gradient_method, methods, "$.experiment.gradient_method"),
        _choice(record.optimizer, optimizers, "$.experiment.optimizer"),
        record.batch_size,
        record.seed,
    )


def _choice(record: ChoiceRecord, kinds: Mapping[str, Sequence[Setting]], place: str) -> Choice:
    if record.kind not in kinds:
        words = message("{name} is not one of {choices}", name=repr(record.kind), choices=", ".join(kinds))
        raise fault(f"{place}.kind", words)
    return Choice(record.kind, _settings(kinds[record.kind], record.settings, f"{place}.settings"))


def _settings(declared: Sequence[Setting], given: Mapping[str, object], place: str) -> dict[str, SettingValue]:
    known = {setting.name: setting.default for setting in declared}
    for name in given:
        if name not in known:
            raise fault(f"{place}.{name}", message("there is no such setting here"))
    for setting in declared:
        if setting.name in given:
            try:
                known[setting.name] = setting.check(given[setting.name])
            except SettingError as error:
                raise fault(f"{place}.{setting.name}", error.message) from error
    return known


def _run(record: RunRecord, graph: Graph) -> RunState:
    if record.generator != GENERATOR_VERSION:
        words = message("the run used random numbers of the kind {name}, unknown here", name=repr(record.generator))
        raise fault("$.run.generator", words)
    for name in ("step", "micro", "updates", "epoch", "row"):
        _check_range(getattr(record, name), 0, MAX_COUNT, f"$.run.{name}", message("a counter"))
    arrays: dict[tuple[int, str], SavedArray] = {}
    for index, item in enumerate(record.parameters):
        place = f"$.run.parameters[{index}]"
        array = _array(item, place)
        _kind(array.node, graph.nodes, f"{place}.node")
        if (array.node, array.name) in arrays:
            words = message("the parameter {name} of node {id} stands here twice", name=array.name, id=array.node)
            raise fault(place, words)
        arrays[array.node, array.name] = array
    return RunState(
        step=record.step,
        micro=record.micro,
        updates=record.updates,
        epoch=record.epoch,
        row=record.row,
        loss=record.loss,
        parameters=tuple(arrays.values()),
        generator=record.generator,
    )


def _array(record: ArrayRecord, place: str) -> SavedArray:
    for index, length in enumerate(record.shape):
        _check_range(length, 1, MAX_COUNT, f"{place}.shape[{index}]", message("a length"))
    count = record.shape[0] * record.shape[1]
    arrays = {f"{place}.slots.{name}": values for name, values in record.slots.items()}
    for where, values in {f"{place}.values": record.values, **arrays}.items():
        if len(values) != count:
            raise fault(where, message("{need} numbers are needed, not {got}", need=count, got=len(values)))
    return SavedArray(record.node, record.name, record.shape, record.values, record.slots)


def _check_range(value: int, low: int, high: int, place: str, what: Message) -> None:
    if not low <= value <= high:
        words = message("{what} must be from {low} to {high}, not {value}", what=what, low=low, high=high, value=value)
        raise fault(place, words)


# ---- writing ---------------------------------------------------------------------------------------------------------


def write_document(stored: Stored) -> str:
    """Write a document of this version. Raises FileError for a number that is not finite, as in a run that diverged."""
    experiment, run = stored.experiment, stored.run
    graph = experiment.graph
    record = DocumentRecord(
        FORMAT,
        VERSION,
        GraphRecord(
            [NodeRecord(node.id, node.op, node.name, dict(node.settings)) for _, node in sorted(graph.nodes.items())],
            [EdgeRecord(edge.source, edge.target, edge.port) for edge in graph.edges],
            graph.next_id,
        ),
        ExperimentRecord(
            _choice_record(experiment.data),
            _choice_record(experiment.method),
            _choice_record(experiment.optimizer),
            experiment.batch_size,
            experiment.seed,
        ),
        dict(stored.layout),
        dict(stored.view),
        None if run is None else _run_record(run),
    )
    return write(msgspec.to_builtins(record))


def _choice_record(choice: Choice) -> ChoiceRecord:
    return ChoiceRecord(choice.kind, dict(choice.settings))


def _run_record(run: RunState) -> RunRecord:
    arrays = [ArrayRecord(a.node, a.name, a.shape, a.values, dict(a.slots)) for a in run.parameters]
    return RunRecord(
        generator=run.generator,
        step=run.step,
        micro=run.micro,
        updates=run.updates,
        epoch=run.epoch,
        row=run.row,
        loss=run.loss,
        parameters=arrays,
    )
