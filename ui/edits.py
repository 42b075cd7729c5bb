"""Edits that several widgets offer. Each is one undo step of the document, named for people."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from app.document import Document
from app.project import Position, Project
from app.translate import format_count, tr
from engine.datasets import DATASETS, columns, make_dataset
from engine.experiment import Choice, Experiment
from engine.gradients import GRADIENT_METHODS
from engine.graph import Graph, Node
from engine.ops.data import Features
from engine.optimizers import OPTIMIZERS
from engine.program import Parameter
from engine.setting import Setting, SettingValue, complete
from ui.canvas.operations import with_graph, with_positions
from ui.canvas.verdict import judge_of

_NODE_GAP = (220.0, 400.0)
"""Nodes closer than this, across and down, would cover each other."""
_MAX_NAMED = 4
"""So many parameters are named; of more, only how many numbers they are is told."""


class Kind(Protocol):
    """What can stand in a slot of the experiment."""

    @property
    def label(self) -> str:
        """Its name for people."""

    @property
    def summary(self) -> str:
        """One sentence on it."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What can be set."""


def change_graph(document: Document, label: str, graph: Graph, merge: Hashable | None = None) -> None:
    """Give the document another graph; positions of nodes that are gone go too."""
    document.edit(label, with_graph(document.project, graph), merge)


def add_node(document: Document, op: str, near: int | None = None, *, connects: bool = True) -> int:
    """Add a node to the right of `near`, or of all nodes, where there is room, and give its id.

    It is wired to `near` where that fits, if it `connects`.
    """
    project = document.project
    graph, id_ = project.experiment.graph.add(op)
    if near is not None and connects:
        graph = judge_of(project.experiment).connected(graph, near, id_)
    label = tr("Add {name}", name=tr(graph.node(id_).kind.label))
    document.edit(label, with_positions(with_graph(project, graph), {id_: _free_place(project, near)}))
    return id_


def choose_data(document: Document, kind: str) -> None:
    """Take another data set with its default settings."""
    data = _first_choice(DATASETS, kind)
    label = tr("Take data set {kind}", kind=tr(DATASETS[kind].label))
    _change(document, label, _with_data(document.project.experiment, data))


def set_data(document: Document, name: str, value: SettingValue) -> None:
    """Change a setting of the data set."""
    label, data = _with_setting(DATASETS, document.project.experiment.data, name, value)
    _change(document, label, _with_data(document.project.experiment, data), ("data", name))


def choose_method(document: Document, kind: str) -> None:
    """Put another gradient method into its slot, with its default settings."""
    method = _first_choice(GRADIENT_METHODS, kind)
    label = tr("Take gradient method {kind}", kind=tr(GRADIENT_METHODS[kind].label))
    _change(document, label, replace(document.project.experiment, method=method))


def set_method(document: Document, name: str, value: SettingValue) -> None:
    """Change a setting of the gradient method."""
    label, method = _with_setting(GRADIENT_METHODS, document.project.experiment.method, name, value)
    _change(document, label, replace(document.project.experiment, method=method), ("method", name))


def choose_optimizer(document: Document, kind: str) -> None:
    """Put another optimizer into its slot, with its default settings."""
    optimizer = _first_choice(OPTIMIZERS, kind)
    label = tr("Take optimizer {kind}", kind=tr(OPTIMIZERS[kind].label))
    _change(document, label, replace(document.project.experiment, optimizer=optimizer))


def set_optimizer(document: Document, name: str, value: SettingValue) -> None:
    """Change a setting of the optimizer."""
    label, optimizer = _with_setting(OPTIMIZERS, document.project.experiment.optimizer, name, value)
    _change(document, label, replace(document.project.experiment, optimizer=optimizer), ("optimizer", name))


def set_batch_size(document: Document, size: int | None) -> None:
    """Change the batch size; None stands for all training rows."""
    _change(document, tr("Change batch size"), replace(document.project.experiment, batch_size=size), "batch_size")


def set_seed(document: Document, seed: int) -> None:
    """Change the seed of the run."""
    _change(document, tr("Change seed"), replace(document.project.experiment, seed=seed), "seed")


def set_pinned(document: Document, parameters: Sequence[Parameter], is_pinned: bool) -> None:
    """Pin parameters, so that no update changes them, or let them go again."""
    experiment = document.project.experiment
    keys = {(parameter.node, parameter.name) for parameter in parameters}
    pinned = experiment.pinned | keys if is_pinned else experiment.pinned - keys
    _change(document, pin_words(parameters, is_pinned), replace(experiment, pinned=pinned))


def pin_words(parameters: Sequence[Parameter], is_pinned: bool) -> str:
    """Name the undo step that pins parameters or lets them go: "Pin W_A, b_A"."""
    names = ", ".join(parameter.title for parameter in parameters)
    if len(parameters) > _MAX_NAMED:
        names = tr("{count} parameters", count=format_count(sum(parameter.size for parameter in parameters)))
    return tr("Pin {names}", names=names) if is_pinned else tr("Unpin {names}", names=names)


def setting_label(settings: Sequence[Setting], name: str, owner: str) -> str:
    """Name the undo step that changes a setting of something."""
    labels = {setting.name: tr(setting.label) for setting in settings}
    return tr("Change {setting} of {owner}", setting=labels[name], owner=owner)


def node_words(node: Node) -> str:
    """Give what a node is called in lists: its letter and what it is, "A · 4 tanh", or what it is alone."""
    return tr(node.full_words)


def _change(document: Document, label: str, experiment: Experiment, merge: Hashable | None = None) -> None:
    document.edit(label, replace(document.project, experiment=experiment), merge)


def _first_choice(kinds: Mapping[str, Kind], kind: str) -> Choice:
    """Choose a kind with its default settings."""
    return Choice(kind, complete(kinds[kind].settings, {}))


def _with_setting(kinds: Mapping[str, Kind], choice: Choice, name: str, value: SettingValue) -> tuple[str, Choice]:
    """Name the undo step that changes a setting of what is chosen, and give the choice with it."""
    kind = kinds[choice.kind]
    label = setting_label(kind.settings, name, tr(kind.label))
    return label, replace(choice, settings={**choice.settings, name: value})


def _with_data(experiment: Experiment, data: Choice) -> Experiment:
    """Exchange the data set; feature columns that the new one does not have are no longer chosen."""
    known = columns(make_dataset(data.kind, data.settings))
    graph = experiment.graph
    for node in experiment.graph.nodes.values():
        chosen = node.settings.get("columns")
        if issubclass(node.kind, Features) and isinstance(chosen, tuple) and not set(chosen) <= set(known):
            graph = graph.set(node.id, {"columns": tuple(column for column in chosen if column in known)})
    return replace(experiment, graph=graph, data=data)


def _free_place(project: Project, near: int | None) -> Position:
    places = list(project.positions.values())
    if near is not None and near in project.positions:
        x, y = project.positions[near]
    else:
        x, y = max((x for x, _ in places), default=-_NODE_GAP[0]), min((y for _, y in places), default=0.0)
    x += _NODE_GAP[0]
    while any(abs(x - other_x) < _NODE_GAP[0] and abs(y - other_y) < _NODE_GAP[1] for other_x, other_y in places):
        y += _NODE_GAP[1]
    return x, y
