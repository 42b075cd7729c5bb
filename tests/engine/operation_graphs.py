"""Random graphs of single operations for hypothesis: rows and plain values, values used again, shared parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from engine.compiler import compile_graph
from engine.graph import Graph
from engine.ops import OPS, Op
from tests.engine.networks import chain, make_rows
from tests.engine.strategies import ACTIVATION_NODES, NORMALIZING, Network, drawn_choices

KINDS = tuple(op for op in OPS.values() if op.category in ("Activations", "Layers", "Math"))
"""What is put into the graphs: an op that is added comes by itself."""
DATA = ("parameter", "parameter", "constant")
SETTINGS: dict[str, st.SearchStrategy[dict[str, object]]] = {
    "slice": st.fixed_dictionaries({"start": st.integers(0, 1), "stop": st.integers(1, 3)}),
    "dense": st.fixed_dictionaries({"units": st.integers(1, 3)}),
    "power": st.fixed_dictionaries({"exponent": st.sampled_from((-0.5, 0.3, 1.5))}),
    "batch_norm": st.just(NORMALIZING),
    "layer_norm": st.just(NORMALIZING),
    "expression": st.fixed_dictionaries(
        {
            "formula": st.sampled_from(
                (
                    "a / (1 + b**2)",
                    "p*a - b*q**2",
                    "exp(-a**2) + p*b",
                    "log(2 + sin(a)) * abs(b + p)",
                    "sqrt(1 + a*a)**tanh(b)",
                )
            ),
            "inputs": st.just("a, b"),
            "start": st.just(""),
        }
    ),
}
"""Settings beyond the choices, by op."""
POSITIVE: tuple[str, dict[str, object]] = ("expression", {"formula": "1 + a*a", "inputs": "a", "start": ""})
GUARDS: dict[tuple[str, str], tuple[str, dict[str, object]]] = {
    ("log", "in"): POSITIVE,
    ("sqrt", "in"): POSITIVE,
    ("power", "in"): POSITIVE,
    ("divide", "b"): POSITIVE,
    ("exp", "in"): ("tanh", {}),
}
"""The node that stands before a port through which not every number may come."""
WIRES = {"expression": (2, 2), "dense": (1, 2), "neuron": (1, 2)}
"""How many wires a port for many takes, by op; others take two or three."""
ATTEMPTS = 4
"""So many nodes are tried for each that a graph is to have; most that do not fit are rows of unequal length."""
ROOM = 8
"""The least size of a graph for data to enter it."""


@st.composite
def operation_graphs(draw: st.DrawFn, most_nodes: int = 40) -> Network:
    """Draw a graph of 5 to `most_nodes` nodes, all of which lead to an objective; data may enter or not.

    A node takes its inputs from any nodes before it, so values and parameters are used several times. Dropout and Batch
    norm are in training.
    """
    seed = draw(st.integers(0, 2**32 - 1))
    columns = draw(st.integers(1, 4))
    size = draw(st.integers(5, most_nodes))
    dataset = make_rows(np.random.default_rng(seed).normal(size=(8, columns)), np.zeros((8, 1)))
    graph, first = Graph().add("parameter", {"columns": columns})
    graph, second = chain(graph, first, [(draw(st.sampled_from(ACTIVATION_NODES)), {})])
    known = [first, second]
    if size >= ROOM and draw(st.booleans()):
        graph, x = graph.add("features")
        known.append(x)
    for _ in range(ATTEMPTS * size):
        if _closed_size(graph, known) >= size:
            break
        more, id_ = _with_node(draw, graph, known, columns)
        # What does not fit together is not wanted here, so the compiler is asked.
        if _closed_size(more, [*known, id_]) <= size and id_ in compile_graph(more, dataset, 8).shapes:
            graph = more
            known.append(id_)
    return Network(_closed(graph, known), dataset, seed)


def _with_node(draw: st.DrawFn, graph: Graph, known: Sequence[int], columns: int) -> tuple[Graph, int]:
    choices: tuple[str | type[Op], ...] = (*DATA, *KINDS)
    kind = draw(st.sampled_from(choices))
    if isinstance(kind, str):
        return graph.add(kind, {"rows": draw(st.integers(1, 3)), "columns": draw(st.sampled_from((1, columns)))})
    settings = {**draw(drawn_choices(kind.settings)), **draw(SETTINGS.get(kind.name, st.just({})))}
    graph, id_ = graph.add(kind.name, settings)
    for port in kind.ports:
        least, most = WIRES.get(kind.name, (2, 3)) if port.many else (1, 1)
        least = min(least, len(known))
        for wire in draw(st.lists(st.sampled_from(known), min_size=least, max_size=most, unique=True)):
            guard = GUARDS.get((kind.name, port.name))
            source = wire
            if guard is not None:
                graph, source = chain(graph, wire, [guard])
            graph = graph.connect(source, id_, port.name)
    return graph, id_


def _loose(graph: Graph, known: Sequence[int]) -> list[int]:
    sources = {edge.source for edge in graph.edges}
    return [id_ for id_ in known if id_ not in sources]


def _closed_size(graph: Graph, known: Sequence[int]) -> int:
    """Give how many nodes there will be in the end."""
    return len(graph.nodes) + len(_loose(graph, known)) + 2


def _closed(graph: Graph, known: Sequence[int]) -> Graph:
    """Add up the means of all that leads nowhere, and make the sum the objective."""
    graph, total = graph.add("add")
    for loose in _loose(graph, known):
        graph, mean = graph.add("mean", {"over": "all"})
        graph = graph.connect(loose, mean, "in").connect(mean, total, "in")
    graph, end = graph.add("objective")
    return graph.connect(total, end, "value")
