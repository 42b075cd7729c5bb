"""The experiment in a document, but for its graph, to and fro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.datasets import DATASETS
from engine.experiment import MAX_SEED, Choice, Experiment
from engine.gradients import GRADIENT_METHODS
from engine.graph import MAX_NAME, Graph
from engine.json_text import fault
from engine.message import message
from engine.optimizers import OPTIMIZERS
from engine.records import ChoiceRecord, ExperimentRecord, PinRecord
from engine.setting import Setting
from engine.stopping import STOP_CONDITIONS
from engine.storage.checks import MAX_COUNT, check_range, find_kind, read_settings


def read_experiment(record: ExperimentRecord, graph: Graph) -> Experiment:
    """Read all that is decided about the runs of a graph. Raises FileError with the place and the reason."""
    data = {name: kind.settings for name, kind in DATASETS.items()}
    methods = {name: method.settings for name, method in GRADIENT_METHODS.items()}
    optimizers = {name: optimizer.settings for name, optimizer in OPTIMIZERS.items()}
    if record.batch_size is not None:
        check_range(record.batch_size, 1, MAX_COUNT, "$.experiment.batch_size", message("the batch size"))
    check_range(record.seed, 0, MAX_SEED, "$.experiment.seed", message("the seed"))
    return Experiment(
        graph,
        _choice(record.data, data, "$.experiment.data"),
        _choice(record.gradient_method, methods, "$.experiment.gradient_method"),
        _choice(record.optimizer, optimizers, "$.experiment.optimizer"),
        record.batch_size,
        record.seed,
        _pinned(record.pinned, graph),
        _stops(record.stops),
    )


def _pinned(records: Sequence[PinRecord], graph: Graph) -> frozenset[tuple[int, str]]:
    # Which parameters a node has shows only when the graph is compiled, so any name is kept.
    pinned: set[tuple[int, str]] = set()
    for index, record in enumerate(records):
        place = f"$.experiment.pinned[{index}]"
        find_kind(record.node, graph.nodes, f"{place}.node")
        check_range(len(record.name), 1, MAX_NAME, f"{place}.name", message("the length of a name"))
        if (record.node, record.name) in pinned:
            words = message("the parameter {name} of node {id} is pinned twice", name=record.name, id=record.node)
            raise fault(place, words)
        pinned.add((record.node, record.name))
    return frozenset(pinned)


def _stops(records: Sequence[ChoiceRecord]) -> tuple[Choice, ...]:
    conditions = {name: condition.settings for name, condition in STOP_CONDITIONS.items()}
    stops: dict[str, Choice] = {}
    for index, record in enumerate(records):
        place = f"$.experiment.stops[{index}]"
        stop = _choice(record, conditions, place)
        if stop.kind in stops:
            raise fault(f"{place}.kind", message("there are two stop conditions {name}", name=repr(stop.kind)))
        stops[stop.kind] = stop
    return tuple(stops.values())


def _choice(record: ChoiceRecord, kinds: Mapping[str, Sequence[Setting]], place: str) -> Choice:
    if record.kind not in kinds:
        words = message("{name} is not one of {choices}", name=repr(record.kind), choices=", ".join(kinds))
        raise fault(f"{place}.kind", words)
    return Choice(record.kind, read_settings(kinds[record.kind], record.settings, f"{place}.settings"))


def experiment_record(experiment: Experiment) -> ExperimentRecord:
    """Give an experiment as it is stored, without the pins of nodes that are gone."""
    pinned = sorted(pin for pin in experiment.pinned if pin[0] in experiment.graph.nodes)
    return ExperimentRecord(
        _choice_record(experiment.data),
        _choice_record(experiment.method),
        _choice_record(experiment.optimizer),
        experiment.batch_size,
        experiment.seed,
        [PinRecord(node, name) for node, name in pinned],
        [_choice_record(stop) for stop in experiment.stops],
    )


def _choice_record(choice: Choice) -> ChoiceRecord:
    return ChoiceRecord(choice.kind, dict(choice.settings))
