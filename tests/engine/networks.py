"""Networks set up by hand for tests: a graph, a small data set for it, and an executor with chosen numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from engine.compiler import compile_graph
from engine.data_tables import data_table
from engine.datasets import Dataset
from engine.executor import Executor
from engine.graph import Graph
from engine.ops.call import Array
from engine.reference import Reference


def make_rows(x: ArrayLike, y: ArrayLike, class_count: int = 0) -> Dataset:
    """Make a data set of these rows, all but the first fifth for training; with classes, `y` is their indices."""
    x, y = np.array(x, np.float64), np.array(y, np.float64)
    rows = np.arange(len(x), dtype=np.int64)
    test = len(x) // 5
    return Dataset(
        key="rows",
        label="Rows",
        task="classification" if class_count else "regression",
        x=x,
        y=y,
        feature_names=tuple(f"f{i}" for i in range(x.shape[1])),
        class_names=tuple(f"c{i}" for i in range(class_count)),
        train=rows[test:],
        test=rows[:test],
        domain=tuple((float(low), float(high)) for low, high in zip(x.min(axis=0), x.max(axis=0), strict=True)),
    )


def chain(graph: Graph, source: int, layers: Sequence[tuple[str, Mapping[str, object]]]) -> tuple[Graph, int]:
    """Add nodes one after another behind `source`; give the graph and the last one."""
    for op, settings in layers:
        graph, id_ = graph.add(op, settings)
        graph = graph.connect(source, id_, "in")
        source = id_
    return graph, source


def close(graph: Graph, prediction: int, loss: str, settings: Mapping[str, object] | None = None) -> Graph:
    """Add the target and the loss."""
    graph, target = graph.add("target")
    graph, end = graph.add(loss, settings)
    return graph.connect(prediction, end, "prediction").connect(target, end, "target")


def executor_for(graph: Graph, dataset: Dataset, rows: int) -> Reference:
    """Compile for up to `rows` rows. Fails the test where the graph has problems."""
    compilation = compile_graph(graph, dataset, rows)
    assert compilation.program is not None, [str(problem.words) for problem in compilation.problems]
    return Reference(compilation.program)


def set_batch(executor: Reference, x: ArrayLike, y: ArrayLike) -> int:
    """Write a batch into the arena as the network will read it, targets encoded already; give its count of rows."""
    x, y = np.array(x, np.float64), np.array(y, np.float64)
    for entry in executor.program.data:
        view = executor.program.view(executor.arena, entry.value, len(x))
        view[...] = y if entry.columns is None else x
    return len(x)


def load_rows(executor: Executor, dataset: Dataset, rows: ArrayLike) -> None:
    """Load rows of the data set as training does."""
    tables = tuple(data_table(dataset, entry, dataset.x, dataset.y) for entry in executor.program.data)
    executor.load(tables, np.asarray(rows, np.int64))


def set_weights(executor: Reference, weights: Mapping[str, ArrayLike]) -> None:
    """Write all parameters, by title."""
    assert set(weights) == {p.title for p in executor.program.parameters}
    for parameter in executor.program.parameters:
        executor.program.weights(executor.arena, parameter)[...] = np.array(weights[parameter.title])


def draw_weights(executor: Reference, seed: int, spread: float = 0.7) -> None:
    """Draw all parameters from a normal distribution."""
    rng = np.random.default_rng(seed)
    for parameter in executor.program.parameters:
        view = executor.program.weights(executor.arena, parameter)
        view[...] = rng.normal(scale=spread, size=view.shape)


def gradient(executor: Reference, rows: int) -> tuple[float, dict[str, Array]]:
    """Run forward and backward; give the loss and a copy of each parameter's gradient."""
    loss = executor.forward(rows)
    executor.backward(rows)
    program = executor.program
    return loss, {p.title: program.gradient(executor.arena, p).copy() for p in program.parameters}
