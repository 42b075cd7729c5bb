"""Random networks for hypothesis: graphs that compile, with branches, merges, shared parameters and modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from engine.datasets import Dataset
from engine.executor import Batch
from engine.graph import Graph
from engine.ops.layers import ACTIVATIONS
from engine.reference import Reference
from engine.setting import Setting
from tests.engine.networks import close, draw_weights, executor_for, load_rows, make_rows

ACTIVATION_NODES = tuple(ACTIVATIONS)
LOSSES: tuple[tuple[str, dict[str, object]], ...] = (
    ("mean_squared_error", {}),
    ("mean_squared_error", {"l1": 0.02, "l2": 0.1}),
    ("binary_cross_entropy", {"predictions": "logits"}),
    ("binary_cross_entropy", {"predictions": "probabilities"}),
    ("softmax_cross_entropy", {}),
    ("softmax_cross_entropy", {"l2": 0.05}),
    ("mean_absolute_error", {}),
    ("huber", {"delta": 0.5}),
    ("hinge", {}),
)
CLASSES = {"binary_cross_entropy": 2, "hinge": 2}
"""How many classes the targets of a loss for one output have."""
NORMALIZING: dict[str, object] = {"epsilon": 0.3}
"""Numbers that are nearly equal are normalized so steeply, with a small ε, that no finite difference resolves it."""
STEADY = ("dense", "neuron", "activation", "add", "concat", "shared matrix", "shared row", "layer_norm")
MODES = ("batch_norm", "dropout")


@dataclass(frozen=True)
class Network:
    """A graph that compiles, its data set, and a seed for its weights."""

    graph: Graph
    dataset: Dataset
    seed: int

    def executor(self, rows: int) -> Reference:
        """Compile for at most `rows` rows, draw weights and masks, and load the data set's first rows."""
        executor = executor_for(self.graph, self.dataset, rows)
        draw_weights(executor, self.seed)
        for parameter in executor.program.parameters:
            # As initializers do: what many layers make of a number would grow out of all bounds.
            executor.program.weights(executor.arena, parameter)[...] /= np.sqrt(parameter.shape[0])
        load_rows(executor, self.dataset, np.arange(rows))
        executor.draw(Batch(rows, self.seed, 0))
        return executor

    @property
    def shared(self) -> tuple[int, ...]:
        """The Parameters that several nodes use."""
        uses = [edge.source for edge in self.graph.edges]
        return tuple(id_ for id_, node in self.graph.nodes.items() if node.op == "parameter" and uses.count(id_) > 1)


def drawn_choices(settings: Sequence[Setting]) -> st.SearchStrategy[dict[str, object]]:
    """Search over the choices of all settings that have any."""
    return st.fixed_dictionaries(
        {s.name: st.sampled_from(s.choices) for s in settings if s.choices and isinstance(s.default, str)}
    )


@st.composite
def networks(draw: st.DrawFn, most_nodes: int = 12, least_nodes: int = 4, has_modes: bool = False) -> Network:
    """Draw a network of so many nodes, all of which lead to the loss.

    Inner nodes take their inputs from any nodes before them, so values and parameters are used several times; what
    nobody uses in the end enters the last layer. `has_modes` lets in what mixes the rows of a batch or is random, and
    so is another function in evaluation: Batch norm and Dropout.
    """
    seed = draw(st.integers(0, 2**32 - 1))
    feature_count = draw(st.integers(1, 4))
    loss, loss_settings = draw(st.sampled_from(LOSSES))
    several = draw(st.integers(1, 3))
    classes = several + 2 if loss == "softmax_cross_entropy" else CLASSES.get(loss, 0)
    outputs = 1 if classes == 2 else classes or several

    graph, x = Graph().add("features")
    columns = {x: feature_count}
    size = draw(st.integers(least_nodes, most_nodes)) - 3
    while len(graph.nodes) < size:
        graph = _add_inner(draw, graph, columns, STEADY + MODES * has_modes, size)
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


def _add_inner(draw: st.DrawFn, graph: Graph, columns: dict[int, int], kinds: tuple[str, ...], size: int) -> Graph:
    """Add an inner node, and where it uses a Parameter that is not there yet, and has room, this too; note columns."""
    known = list(columns)
    kind = draw(st.sampled_from(kinds))
    first = draw(st.sampled_from(known))
    if kind.startswith("shared"):
        return _add_sharing(draw, graph, columns, first, kind, size)
    if kind in ("activation", "layer_norm", *MODES):
        op = draw(st.sampled_from(ACTIVATION_NODES)) if kind == "activation" else kind
        settings = NORMALIZING if kind.endswith("norm") else {}
        graph, id_ = graph.add(op, settings)
        columns[id_] = columns[first]
        return graph.connect(first, id_, "in")
    fitting = [id_ for id_ in known if columns[id_] == columns[first]] if kind == "add" else known
    sources = draw(st.lists(st.sampled_from(fitting), min_size=1, max_size=3, unique=True))
    if kind in ("dense", "neuron"):
        settings = {"activation": draw(st.sampled_from(ACTIVATION_NODES)), "bias": draw(st.booleans())}
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


def _add_sharing(draw: st.DrawFn, graph: Graph, columns: dict[int, int], source: int, kind: str, size: int) -> Graph:
    """Add a product with a matrix, or a product or sum with a row: of a Parameter that others may use as well."""
    shape = (1, columns[source]) if kind == "shared row" else (columns[source], draw(st.integers(1, 4)))
    parameters = {id_: node.settings for id_, node in graph.nodes.items() if node.op == "parameter"}
    fitting = [id_ for id_, own in parameters.items() if (own["rows"], own["columns"]) == shape]
    if not fitting and len(graph.nodes) + 2 > size:
        return graph
    if fitting:
        parameter = draw(st.sampled_from(fitting))
    else:
        graph, parameter = graph.add("parameter", {"rows": shape[0], "columns": shape[1]})
    op = "matmul" if kind == "shared matrix" else draw(st.sampled_from(("multiply", "add", "add_bias")))
    x, w = {"matmul": ("x", "W"), "add_bias": ("x", "b")}.get(op, ("in", "in"))
    graph, id_ = graph.add(op)
    columns[id_] = shape[1]
    return graph.connect(source, id_, x).connect(parameter, id_, w)
