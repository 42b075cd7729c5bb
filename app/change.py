"""What one edit changed in a project: only the entries that differ, so that a long undo history stays small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from app.project import Position, Project
from engine.experiment import Experiment
from engine.graph import Edge, Graph, Node

Entry = TypeVar("Entry")
Settled = tuple[int, Experiment]
"""The next id of a node, and the experiment without its graph."""


@dataclass(frozen=True)
class Entries(Generic[Entry]):
    """The entries of a mapping that differ, before and after; one that is missing on a side was not there."""

    before: Mapping[int, Entry]
    after: Mapping[int, Entry]

    @classmethod
    def between(cls, before: Mapping[int, Entry], after: Mapping[int, Entry]) -> Entries[Entry]:
        """Compare two mappings."""
        if before is after:
            return cls({}, {})
        return cls(
            {key: value for key, value in before.items() if key not in after or after[key] != value},
            {key: value for key, value in after.items() if key not in before or before[key] != value},
        )

    def apply(self, mapping: Mapping[int, Entry], back: bool) -> Mapping[int, Entry]:
        """Give the mapping as it was on the other side; the same object where nothing differs."""
        source, result = (self.after, self.before) if back else (self.before, self.after)
        if not source and not result:
            return mapping
        return {**{key: value for key, value in mapping.items() if key not in source}, **result}


@dataclass(frozen=True)
class EdgeRun:
    """The stretch of the list of wires that differs; their order counts, so it is kept."""

    start: int
    before: tuple[Edge, ...]
    after: tuple[Edge, ...]

    @classmethod
    def between(cls, before: tuple[Edge, ...], after: tuple[Edge, ...]) -> EdgeRun:
        """Cut off what both lists begin and end with."""
        shorter = min(len(before), len(after))
        start = next((i for i in range(shorter) if before[i] != after[i]), shorter)
        end = next((i for i in range(shorter - start) if before[-1 - i] != after[-1 - i]), shorter - start)
        return cls(start, before[start : len(before) - end], after[start : len(after) - end])

    def apply(self, edges: tuple[Edge, ...], back: bool) -> tuple[Edge, ...]:
        """Give the list as it was on the other side."""
        source, result = (self.after, self.before) if back else (self.before, self.after)
        return (*edges[: self.start], *result, *edges[self.start + len(source) :])


@dataclass(frozen=True)
class Change:
    """The difference between two projects, applied forwards or back."""

    nodes: Entries[Node]
    edges: EdgeRun
    positions: Entries[Position]
    settled: tuple[Settled, Settled]

    @classmethod
    def between(cls, before: Project, after: Project) -> Change:
        """Compare two projects."""
        old, new = before.experiment, after.experiment
        return cls(
            Entries.between(old.graph.nodes, new.graph.nodes),
            EdgeRun.between(old.graph.edges, new.graph.edges),
            Entries.between(before.positions, after.positions),
            (_settled(before), _settled(after)),
        )

    def apply(self, project: Project, back: bool = False) -> Project:
        """Give the project on the other side. An experiment that the change does not touch stays the same object."""
        positions = self.positions.apply(project.positions, back)
        edges = self.edges
        if (
            not (edges.before or edges.after or self.nodes.before or self.nodes.after)
            and self.settled[0] == self.settled[1]
        ):
            return replace(project, positions=positions)
        next_id, settled = self.settled[0 if back else 1]
        old = project.experiment.graph
        graph = replace(
            old, nodes=self.nodes.apply(old.nodes, back), edges=edges.apply(old.edges, back), next_id=next_id
        )
        graph = old if graph == old else graph
        return Project(replace(settled, graph=graph), positions)


def _settled(project: Project) -> Settled:
    experiment = project.experiment
    return experiment.graph.next_id, replace(experiment, graph=Graph())
