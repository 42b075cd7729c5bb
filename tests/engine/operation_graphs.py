"""Random graphs of single operations for hypothesis: rows and plain values, values used again, shared parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from engine.compiler import compile_graph
from engine.graph import Graph
from tests.engine.networks import make_rows
from tests.engine.strategies import Network

SINGLE = ("tanh", "sigmoid", "softplus", "softmax", "sin", "cos", "square", "relu", "sum", "mean", "slice", "dense")
PAIRS = {"subtract": ("a", "b"), "matmul": ("x", "W"), "add_bias": ("x", "b")}
MANY = ("add", "multiply", "concat")
FORMULAS = (
    "a / (1 + b**2)",
    "p*a - b*q**2",
    "exp(-a**2) + p*b",
    "log(2 + sin(a)) * abs(b + p)",
    "sqrt(1 + a*a)**tanh(b)",
)


@st.composite
def operation_graphs(draw: st.DrawFn, most_operations: int = 20) -> Network:
    """Draw a graph of up to 40 nodes or so, all of which lead to an objective; data may enter or not.

    A node takes its inputs from any nodes before it, so values and parameters are used several times.
    """
    seed = draw(st.integers(0, 2**32 - 1))
    columns = draw(st.integers(1, 4))
    dataset = make_rows(np.random.default_rng(seed).normal(size=(8, columns)), np.zeros((8, 1)))
    graph, first = Graph().add("parameter", {"columns": columns})
    known = [first]
    for op in draw(st.lists(st.sampled_from(("features", "parameter", "constant")), max_size=3)):
        size = {"rows": draw(st.integers(1, 3)), "columns": draw(st.sampled_from((1, columns)))}
        graph, id_ = graph.add(op, {} if op == "features" else size)
        known.append(id_)
    for _ in range(draw(st.integers(1, most_operations))):
        more, id_ = _with_operation(draw, graph, known)
        # What does not fit together is not wanted here, so the compiler is asked.
        if id_ in compile_graph(more, dataset, 8).shapes:
            graph = more
            known.append(id_)
    return Network(_closed(graph, known), dataset, seed)


def _with_operation(draw: st.DrawFn, graph: Graph, known: Sequence[int]) -> tuple[Graph, int]:
    source = st.sampled_from(known)
    op = draw(st.sampled_from((*SINGLE, *PAIRS, *MANY, *MANY, "expression")))
    settings: dict[str, object] = {}
    if op in ("sum", "mean"):
        settings["over"] = draw(st.sampled_from(("features", "rows", "all")))
    elif op == "slice":
        settings["start"] = draw(st.integers(0, 1))
        settings["stop"] = draw(st.integers(1, 3))
    elif op == "dense":
        settings["units"] = draw(st.integers(1, 3))
    elif op == "expression":
        settings = {"formula": draw(st.sampled_from(FORMULAS)), "inputs": "a, b", "start": ""}
    graph, id_ = graph.add(op, settings)
    if op in PAIRS:
        for port in PAIRS[op]:
            graph = graph.connect(draw(source), id_, port)
        return graph, id_
    least, most = {"expression": (2, 2)}.get(op, (2, 3) if op in MANY else (1, 1))
    for wire in draw(st.lists(source, min_size=min(least, len(known)), max_size=most, unique=True)):
        graph = graph.connect(wire, id_, "in")
    return graph, id_


def _closed(graph: Graph, known: Sequence[int]) -> Graph:
    """Add up the means of all that leads nowhere, and make the sum the objective."""
    graph, total = graph.add("add")
    for loose in known:
        if not any(edge.source == loose for edge in graph.edges):
            graph, mean = graph.add("mean", {"over": "all"})
            graph = graph.connect(loose, mean, "in").connect(mean, total, "in")
    graph, end = graph.add("objective")
    return graph.connect(total, end, "value")
