"""Random networks for hypothesis: graphs that compile, with branches, merges and values used several times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from engine.datasets import Dataset
from engine.graph import Graph
from engine.ops.layers import ACTIVATIONS
from engine.reference import Reference
from tests.engine.networks import close, draw_weights, executor_for, load_rows, make_rows

ACTIVATION_NODES = tuple(ACTIVATIONS)
LOSSES: tuple[tuple[str, dict[str, object]], ...] = (
    ("mean_squared_error", {}),
    ("binary_cross_entropy", {"predictions": "logits"}),
    ("binary_cross_entropy", {"predictions": "probabilities"}),
    ("softmax_cross_entropy", {}),
    ("mean_absolute_error", {}),
    ("huber", {"delta": 0.5}),
    ("hinge", {}),
)
CLASSES = {"binary_cross_entropy": 2, "hinge": 2}
"""How many classes the targets of a loss for one output have."""


@dataclass(frozen=True)
class Network:
    """A graph that compiles, its data set, and a seed for its weights."""

    graph: Graph
    dataset: Dataset
    seed: int

    def executor(self, rows: int) -> Reference:
        """Compile for at most `rows` rows, draw weights and load the data set's first rows."""
        executor = executor_for(self.graph, self.dataset, rows)
        draw_weights(executor, self.seed)
        load_rows(executor, self.dataset, np.arange(rows))
        return executor


@st.composite
def networks(draw: st.DrawFn, most_nodes: int = 12) -> Network:
    """Draw a network of 4 to `most_nodes` nodes, all of which lead to the loss.

    Inner nodes take their inputs from any nodes before them, so values are used several times; what nobody uses in the
    end enters the last layer.
    """
    seed = draw(st.integers(0, 2**32 - 1))
    feature_count = draw(st.integers(1, 4))
    loss, loss_settings = draw(st.sampled_from(LOSSES))
    several = draw(st.integers(1, 3))
    classes = several + 2 if loss == "softmax_cross_entropy" else CLASSES.get(loss, 0)
    outputs = 1 if classes == 2 else classes or several

    graph, x = Graph().add("features")
    columns = {x: feature_count}
    for _ in range(draw(st.integers(0, most_nodes - 4))):
        graph = _add_inner(draw, graph, columns)
    loose = [id_ for id_ in columns if not any(edge.source == id_ for edge in graph.edges)]
    last = "sigmoid" if loss_settings.get("predictions") == "probabilities" else "identity"
    graph, end = graph.add("dense", {"units": outputs, "activation": last})
    for source in loose:
        graph = graph.connect(source, end, "in")
    graph = close(graph, end, loss, loss_settings)

    rng = np.random.default_rng(seed)
    rows = draw(st.integers(5, 20))
    y = rng.integers(classes, size=(rows, 1)) if classes else rng.normal(size=(rows, outputs))
    return Network(graph, make_rows(rng.normal(size=(rows, feature_count)), y, classes), seed)


def _add_inner(draw: st.DrawFn, graph: Graph, columns: dict[int, int]) -> Graph:
    """Add one inner node; note its columns."""
    known = list(columns)
    kind = draw(st.sampled_from(("dense", "neuron", "activation", "add", "concat")))
    first = draw(st.sampled_from(known))
    bias = draw(st.booleans())
    if kind == "activation":
        graph, id_ = graph.add(draw(st.sampled_from(ACTIVATION_NODES)))
        columns[id_] = columns[first]
        return graph.connect(first, id_, "in")
    fitting = [id_ for id_ in known if columns[id_] == columns[first]] if kind == "add" else known
    sources = draw(st.lists(st.sampled_from(fitting), min_size=1, max_size=3, unique=True))
    if kind in ("dense", "neuron"):
        settings: dict[str, object] = {"activation": draw(st.sampled_from(ACTIVATION_NODES)), "bias": bias}
        width = 1
        if kind == "dense":
            width = draw(st.integers(1, 4))
            settings["units"] = width
        graph, id_ = graph.add(kind, settings)
    else:
        graph, id_ = graph.add(kind)
        width = columns[first] if kind == "add" else sum(columns[source] for source in sources)
    columns[id_] = width
    for source in sources:
        graph = graph.connect(source, id_, "in")
    return graph
