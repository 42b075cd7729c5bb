"""Random edits of projects for the tests of undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from app.project import Project
from engine.experiment import Choice
from engine.graph import Graph, GraphError
from engine.ops import OPS
from tests.engine.samples import experiment_of, optimizer

KINDS = sorted(name for name, op in OPS.items() if op.category)
CHOICES: dict[str, tuple[Any, ...]] = {
    "data": (Choice("xor"), Choice("circles"), Choice("line", {"rows": 50})),
    "method": (Choice("backpropagation"), Choice("none")),
    "optimizer": (optimizer("sgd"), optimizer("sgd", learning_rate=0.5), optimizer("adam")),
    "batch_size": (None, 1, 32),
    "seed": (1, 2),
    "pinned": (frozenset(), frozenset({(2, "W"), (99, "b")})),
    "stops": ((), (Choice("steps"),)),
}

Edit = Callable[[Project], Project]


def first_project() -> Project:
    """Make a project of five nodes with their positions."""
    experiment = experiment_of()
    return Project(experiment, {id_: (100.0 * id_, 0.0) for id_ in experiment.graph.nodes})


def with_graph(project: Project, graph: Graph) -> Project:
    return replace(project, experiment=replace(project.experiment, graph=graph))


def add(kind: str, x: float) -> Edit:
    def edit(project: Project) -> Project:
        graph, id_ = project.experiment.graph.add(kind)
        return replace(with_graph(project, graph), positions={**project.positions, id_: (x, 50.0)})

    return edit


def remove(picks: list[int]) -> Edit:
    def edit(project: Project) -> Project:
        gone = {pick_node(project, pick) for pick in picks}
        positions = {id_: place for id_, place in project.positions.items() if id_ not in gone}
        return replace(with_graph(project, project.experiment.graph.remove(gone)), positions=positions)

    return edit


def rename(pick: int, name: str) -> Edit:
    return lambda project: with_graph(project, project.experiment.graph.rename(pick_node(project, pick), name))


def widen(pick: int, units: int) -> Edit:
    def edit(project: Project) -> Project:
        dense = [id_ for id_, node in project.experiment.graph.nodes.items() if node.op == "dense"]
        return with_graph(project, project.experiment.graph.set(dense[pick % len(dense)], {"units": units}))

    return edit


def connect(source: int, target: int, port: str) -> Edit:
    def edit(project: Project) -> Project:
        graph = project.experiment.graph
        return with_graph(project, graph.connect(pick_node(project, source), pick_node(project, target), port))

    return edit


def disconnect(pick: int) -> Edit:
    def edit(project: Project) -> Project:
        edges = project.experiment.graph.edges
        return with_graph(project, project.experiment.graph.disconnect([edges[pick % len(edges)]]))

    return edit


def move(picks: list[int], x: float) -> Edit:
    def edit(project: Project) -> Project:
        moved = {pick_node(project, pick): (x, 0.0) for pick in picks}
        return replace(project, positions={**project.positions, **moved})

    return edit


def choose(name: str, value: Any) -> Edit:
    return lambda project: replace(project, experiment=replace(project.experiment, **{name: value}))


def pick_node(project: Project, pick: int) -> int:
    ids = sorted(project.experiment.graph.nodes)
    return ids[pick % len(ids)]


def edited(project: Project, edit: Edit) -> Project:
    """Give the project after an edit; the same one where the edit cannot be."""
    try:
        return edit(project)
    except (GraphError, ZeroDivisionError):
        return project


PICKS = st.integers(0, 20)
EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(add, st.sampled_from(KINDS), st.sampled_from((0.0, 8.0))),
    st.builds(remove, st.lists(PICKS, min_size=1, max_size=3)),
    st.builds(rename, PICKS, st.sampled_from(("A", "B", "hidden", ""))),
    st.builds(widen, PICKS, st.integers(1, 4)),
    st.builds(connect, PICKS, PICKS, st.sampled_from(("in", "prediction", "target"))),
    st.builds(disconnect, PICKS),
    st.builds(move, st.lists(PICKS, min_size=1, max_size=3), st.sampled_from((0.0, 8.0, 16.0))),
    st.sampled_from([(name, value) for name, values in CHOICES.items() for value in values]).map(
        lambda choice: choose(*choice)
    ),
)
