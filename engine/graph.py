"""The graph that people draw: nodes by id and edges between their ports. A value: every edit makes a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heapify, heappop, heappush
from string import ascii_uppercase

from engine.message import EngineError, Message, listed, message
from engine.ops import Op, get_op
from engine.setting import SettingValue, complete


class GraphError(EngineError):
    """An edit that the graph cannot take, with words for people."""


@dataclass(frozen=True)
class Node:
    """A node: what it is, its settings (complete and checked) and, where it has parameters, the letter it goes by."""

    id: int
    op: str
    settings: Mapping[str, SettingValue]
    name: str = ""

    @property
    def kind(self) -> type[Op]:
        """Give the class of the node's op."""
        return get_op(self.op)

    def build(self) -> Op:
        """Make the op with this node's settings."""
        return self.kind(self.settings)

    @property
    def words(self) -> Message:
        """Give the title as a part of a sentence: a kind is translated, a name is not."""
        return message("{name}", name=self.name) if self.name else message(self.kind.label)

    @property
    def full_words(self) -> Message:
        """Give its letter and what it is, "A · 4 tanh", or what it is alone."""
        if not self.name:
            return message(self.kind.label)
        return message("{name} · {caption}", name=self.name, caption=self.build().caption())

    @property
    def title(self) -> str:
        """Give what the node is called in sentences: its name, or else what it is."""
        return self.name or self.kind.label


@dataclass(frozen=True)
class Edge:
    """A wire from a node's output to a port of another node; their order counts at a many-port."""

    source: int
    target: int
    port: str


@dataclass(frozen=True)
class Graph:
    """Nodes by id and the edges between them; acyclic by construction. Ids are never used again."""

    nodes: Mapping[int, Node] = field(default_factory=dict)
    edges: tuple[Edge, ...] = ()
    next_id: int = 1

    def add(self, op: str, settings: Mapping[str, object] | None = None, name: str | None = None) -> tuple[Graph, int]:
        """Give the graph with one more node, and its id. Without a name, an op with parameters gets a free letter."""
        kind = get_op(op)
        if name is None:
            name = self.free_name() if kind.lettered else ""
        self._check_name(name, self.next_id)
        node = Node(self.next_id, op, complete(kind.settings, settings or {}), name)
        return replace(self, nodes={**self.nodes, node.id: node}, next_id=self.next_id + 1), node.id

    def remove(self, ids: Iterable[int]) -> Graph:
        """Give the graph without these nodes and the wires at them."""
        gone = set(ids)
        nodes = {id_: node for id_, node in self.nodes.items() if id_ not in gone}
        edges = tuple(e for e in self.edges if e.source not in gone and e.target not in gone)
        return replace(self, nodes=nodes, edges=edges)

    def set(self, id_: int, settings: Mapping[str, object]) -> Graph:
        """Give the graph with some settings of a node changed. Raises SettingError for a value that does not fit."""
        node = self.node(id_)
        checked = complete(node.kind.settings, {**node.settings, **settings})
        return replace(self, nodes={**self.nodes, id_: replace(node, settings=checked)})

    def rename(self, id_: int, name: str) -> Graph:
        """Give the graph with a node called otherwise; names of nodes differ from each other."""
        self._check_name(name, id_)
        return replace(self, nodes={**self.nodes, id_: replace(self.node(id_), name=name)})

    def connect(self, source: int, target: int, port: str) -> Graph:
        """Give the graph with one more wire; on a taken single port it replaces the wire there.

        Raises GraphError, with words, where no such wire can be.
        """
        tail, head = self.node(source), self.node(target)
        ports = {p.name: p for p in head.kind.ports}
        if port not in ports:
            raise GraphError(message("{node} has no input {port}", node=head.words, port=repr(port)))
        if not tail.kind.has_output:
            raise GraphError(message("{node} has no output", node=tail.words))
        edge = Edge(source, target, port)
        if edge in self.edges:
            raise GraphError(message("{source} is connected there already", source=tail.words))
        if source == target:
            raise GraphError(message("A node cannot feed itself"))
        if source in self.descendants(target):
            raise GraphError(
                message(
                    "This would close a circle: {source} already depends on {target}",
                    source=tail.words,
                    target=head.words,
                )
            )
        edges = self.edges
        if not ports[port].many:
            edges = tuple(e for e in edges if (e.target, e.port) != (target, port))
        return replace(self, edges=(*edges, edge))

    def disconnect(self, edges: Iterable[Edge]) -> Graph:
        """Give the graph without these wires."""
        gone = set(edges)
        return replace(self, edges=tuple(e for e in self.edges if e not in gone))

    def node(self, id_: int) -> Node:
        """Give a node. Raises GraphError if there is none of this id."""
        if id_ not in self.nodes:
            raise GraphError(message("there is no node {id}", id=id_))
        return self.nodes[id_]

    def inputs(self, target: int, port: str) -> tuple[int, ...]:
        """Give the nodes wired to a port, in the order of the wires."""
        return self._sources.get((target, port), ())

    def descendants(self, id_: int) -> frozenset[int]:
        """Give all nodes that depend on this one, itself apart."""
        return self._reach(id_, {e: (e.source, e.target) for e in self.edges})

    def ancestors(self, id_: int) -> frozenset[int]:
        """Give all nodes that this one depends on, itself apart."""
        return self._reach(id_, {e: (e.target, e.source) for e in self.edges})

    def order(self) -> tuple[int, ...]:
        """Give all node ids, each after those it depends on and otherwise by id. Raises GraphError on a circle."""
        waits_for = dict.fromkeys(self.nodes, 0)
        onward: dict[int, list[int]] = {id_: [] for id_ in self.nodes}
        for edge in self.edges:
            waits_for[edge.target] += 1
            onward[edge.source].append(edge.target)
        ready = [id_ for id_, count in waits_for.items() if count == 0]
        heapify(ready)
        done: list[int] = []
        while ready:
            id_ = heappop(ready)
            done.append(id_)
            for target in onward[id_]:
                waits_for[target] -= 1
                if waits_for[target] == 0:
                    heappush(ready, target)
        if len(done) < len(self.nodes):
            titles = [node.words for node in _circle(self, self.nodes.keys() - done)]
            shown = titles[:MAX_LISTED] + [message("…")] * (len(titles) > MAX_LISTED)
            raise GraphError(message("the wires run in a circle through {nodes}", nodes=listed(shown)))
        return tuple(done)

    @cached_property
    def _sources(self) -> Mapping[tuple[int, str], tuple[int, ...]]:
        found: dict[tuple[int, str], tuple[int, ...]] = {}
        for edge in self.edges:
            place = (edge.target, edge.port)
            found[place] = (*found.get(place, ()), edge.source)
        return found

    def free_name(self) -> str:
        """Give the first of A … Z, A2 … Z2, … that no node goes by."""
        taken = {node.name for node in self.nodes.values()}
        round_ = 1
        while True:
            for letter in ascii_uppercase:
                name = letter if round_ == 1 else f"{letter}{round_}"
                if name not in taken:
                    return name
            round_ += 1

    def _reach(self, start: int, hops: Mapping[Edge, tuple[int, int]]) -> frozenset[int]:
        onward: dict[int, list[int]] = {}
        for near, far in hops.values():
            onward.setdefault(near, []).append(far)
        found: dict[int, None] = {}
        frontier = [start]
        while frontier:
            for far in onward.get(frontier.pop(), ()):
                if far not in found:
                    found[far] = None
                    frontier.append(far)
        return frozenset(found)

    def _check_name(self, name: str, id_: int) -> None:
        if len(name) > MAX_NAME:
            raise GraphError(_too_long(name))
        if name and any(node.name == name for node in self.nodes.values() if node.id != id_):
            raise GraphError(message("another node is called {name} already", name=name))


MAX_NAME = 40
MAX_LISTED = 8


def _circle(graph: Graph, stuck: set[int]) -> list[Node]:
    """Give one circle among nodes that each wait for another of them, in the direction of the wires."""
    waits_for = {e.target: e.source for e in graph.edges if e.source in stuck and e.target in stuck}
    trail = [min(stuck)]
    seen = {trail[0]: 0}
    while (before := waits_for[trail[-1]]) not in seen:
        seen[before] = len(trail)
        trail.append(before)
    circle = trail[seen[before] :][::-1]
    start = circle.index(min(circle))
    return [graph.nodes[id_] for id_ in circle[start:] + circle[:start]]


def _too_long(name: str) -> Message:
    return message("a name has at most {count} characters; {name}… has more", count=MAX_NAME, name=name[:12])
