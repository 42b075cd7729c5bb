"""What an edit changed: enough to go forwards and back, and no more than that."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.change import Change, EdgeRun
from app.project import Project
from engine.experiment import Experiment
from engine.graph import Edge, Graph
from tests.app.projects import CHOICES, EDITS, Edit, choose, edited, first_project, with_graph
from tests.engine.samples import dense_graph

EDGES = st.lists(st.builds(Edge, st.integers(1, 4), st.integers(5, 8), st.just("in")), unique=True, max_size=8).map(
    tuple
)


@given(st.lists(EDITS, max_size=6), st.lists(EDITS, max_size=6))
def test_a_change_leads_from_one_project_to_the_other_and_back(first: list[Edit], then: list[Edit]) -> None:
    before = first_project()
    for edit in first:
        before = edited(before, edit)
    after = before
    for edit in then:
        after = edited(after, edit)
    change = Change.between(before, after)
    assert change.apply(before) == after
    assert change.apply(after, back=True) == before


@given(EDGES, EDGES)
def test_a_run_of_wires_keeps_their_order_and_nothing_that_both_sides_share_at_the_ends(
    before: tuple[Edge, ...], after: tuple[Edge, ...]
) -> None:
    run = EdgeRun.between(before, after)
    assert run.apply(before, back=False) == after
    assert run.apply(after, back=True) == before
    if run.before and run.after:
        assert run.before[0] != run.after[0]
        assert run.before[-1] != run.after[-1]


def other_values() -> dict[str, list[Project]]:
    """Give for each field of the three values the first project with another value there."""
    project = first_project()
    graph = dense_graph((3,))
    parts = {
        "nodes": graph.set(2, {"units": 7}),
        "edges": graph.disconnect([graph.edges[0]]),
        "next_id": replace(graph, next_id=99),
    }
    return {
        **{name: [with_graph(project, part)] for name, part in parts.items()},
        **{name: [choose(name, value)(project) for value in values] for name, values in CHOICES.items()},
        "positions": [replace(project, positions={**project.positions, 1: (7.0, 7.0)})],
    }


FIELDS = {f.name for kind in (Graph, Experiment, Project) for f in fields(kind)} - {"graph", "experiment"}


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_field_of_a_project_is_covered(name: str) -> None:
    before = first_project()
    different = [after for after in other_values()[name] if after != before]
    assert different
    for after in different:
        assert Change.between(before, after).apply(before) == after


def test_only_the_entries_that_differ_are_kept() -> None:
    graph = Graph()
    for _ in range(300):
        graph, _ = graph.add("tanh")
    for id_ in range(2, 301):
        graph = graph.connect(id_ - 1, id_, "in")
    graph, dense = graph.add("dense")
    before = replace(with_graph(first_project(), graph), positions={id_: (0.0, 0.0) for id_ in graph.nodes})
    change = Change.between(before, with_graph(before, graph.set(dense, {"units": 2})))
    assert list(change.nodes.before) == list(change.nodes.after) == [dense]
    assert (change.edges.before, change.edges.after) == ((), ())
    assert (change.positions.before, change.positions.after) == ({}, {})
    change = Change.between(before, with_graph(before, graph.disconnect([Edge(150, 151, "in")])))
    assert (change.edges.before, change.edges.after) == ((Edge(150, 151, "in"),), ())
    change = Change.between(before, with_graph(before, graph.remove([dense])))
    assert (list(change.nodes.before), list(change.nodes.after)) == ([dense], [])


def test_what_a_change_does_not_touch_stays_the_same_object() -> None:
    before = first_project()
    moved = replace(before, positions={**before.positions, 1: (9.0, 9.0)})
    there = Change.between(before, moved).apply(before)
    assert there.experiment is before.experiment
    assert Change.between(before, moved).apply(there, back=True).experiment is before.experiment
    reseeded = replace(before, experiment=replace(before.experiment, seed=9))
    after = Change.between(before, reseeded).apply(before)
    assert after.experiment.graph is before.experiment.graph
    assert after.positions is before.positions
