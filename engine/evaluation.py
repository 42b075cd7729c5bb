"""Questions to a network at given weights: losses of whole sets, predictions, responses of nodes. It trains nothing.

The evaluator runs the same graph as a second Program, in evaluation mode, with an arena of its own. It shares only the
values of parameters and buffers.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from engine.compiler import compile_graph
from engine.datasets import Dataset, feature_matrix
from engine.executor import Executor
from engine.executors import EXECUTORS, executor_for
from engine.graph import Graph
from engine.ops.call import Array
from engine.ops.loss_primitives import LossPrimitive
from engine.program import DataInput, Program
from engine.reference import Reference

CHUNK_ROWS = 1024
FEW_ROWS = 16
"""For networks so large that the usual chunk would not fit into memory."""


def data_table(dataset: Dataset, entry: DataInput, x: Array, y: Array) -> Array:
    """Give a data input's values for raw inputs `x` and targets `y` as [columns, rows]."""
    if entry.columns is not None:
        return np.ascontiguousarray(feature_matrix(dataset, x, entry.columns).T)
    if entry.encoding == "one-hot":
        return np.ascontiguousarray((y == np.arange(len(dataset.class_names))).T.astype(np.float64))
    return np.ascontiguousarray(y.T)


class Evaluator:
    """Answers for one graph and data set; `state` is always that of the training program: buffers and parameters.

    Any thread may ask; one waits for the other.
    """

    def __init__(self, graph: Graph, dataset: Dataset) -> None:
        roomy = compile_graph(graph, dataset, CHUNK_ROWS, is_training=False).program
        program = roomy or compile_graph(graph, dataset, FEW_ROWS, is_training=False).program
        if program is None:
            raise ValueError("only a graph that compiles can be evaluated")
        self.dataset = dataset
        self._program: Program = program
        self._executor: Executor = Reference(program)
        self._lock = Lock()
        self._tables = tuple(data_table(dataset, entry, dataset.x, dataset.y) for entry in program.data)

    def change_executor(self, name: str) -> None:
        """Let another executor compute from here on, where it can."""
        executor = EXECUTORS[executor_for(self._program, name)].make(self._program)
        with self._lock:
            self._executor = executor

    @property
    def predicts(self) -> bool:
        """Whether the graph ends in a comparison with targets; an objective has no predictions."""
        return len(self._program.data_loss.inputs) == 2

    def loss(self, state: Array, split: str) -> float:
        """Give the loss over all rows of "train" or "test"; NaN where there is none.

        Where no data enter the loss is one number, that of "train", and there is none to test.
        """
        chosen = self.dataset.train if split == "train" else self.dataset.test
        if not self._program.data:
            chosen = chosen[: 1 if split == "train" else 0]
        if not len(chosen):
            return float("nan")
        total = 0.0
        with self._lock, np.errstate(all="ignore"):
            self._share(state)
            for rows in self._chunks(len(chosen)):
                part = chosen[rows]
                self._executor.load(self._tables, part)
                total += self._executor.forward(len(part)) * len(part)
        return total / len(chosen)

    def penalty(self, state: Array) -> float:
        """Give the part of the loss that its L1 and L2 terms make; 0 where it has none."""
        value = self._program.penalty
        if value is None:
            return 0.0
        number = next(k for k, i in enumerate(self._program.instructions) if i.output is value)
        with self._lock, np.errstate(all="ignore"):
            self._share(state)
            self._executor.forward_step(1, number)
            return float(self._program.view(self._executor.arena, value, 1)[0, 0])

    def gradient(self, state: Array) -> Array:
        """Give the gradient of the loss over all training rows, in the layout of the parameters.

        It is that of evaluation: nothing is dropped, and Batch norm goes by its running statistics.
        """
        program = self._program
        chosen = self.dataset.train if program.data else self.dataset.train[:1]
        total = np.zeros(program.parameter_span)
        with self._lock, np.errstate(all="ignore"):
            self._share(state)
            for rows in self._chunks(len(chosen)):
                part = chosen[rows]
                self._executor.load(self._tables, part)
                self._executor.forward(len(part))
                self._executor.backward(len(part))
                total += program.region(self._executor.arena, 1) * (len(part) / len(chosen))
        return total

    def predict(self, state: Array, x: Array) -> Array:
        """Give the predictions [n, outputs] for raw inputs `x` [n, features]: probabilities or values."""
        raw = self._values(state, x, (self._program.prediction.node,))
        op = self._program.data_loss.op
        assert isinstance(op, LossPrimitive)
        with np.errstate(all="ignore"):
            return op.predict(raw[self._program.prediction.node])

    def responses(self, state: Array, x: Array, nodes: Sequence[int]) -> dict[int, Array]:
        """Give the outputs of nodes for raw inputs `x` [n, features], each [n, columns], plain ones as declared."""
        return self._values(state, x, nodes)

    def _values(self, state: Array, x: Array, nodes: Sequence[int]) -> dict[int, Array]:
        outputs = {node: self._program.outputs[node] for node in nodes}
        batch = {node: value for node, value in outputs.items() if value.shape.rows is None}
        found = {node: np.empty((len(x), value.shape.columns)) for node, value in batch.items()}
        targets = np.zeros((len(x), self.dataset.y.shape[1]))
        with self._lock, np.errstate(all="ignore"):
            self._share(state)
            for rows in self._chunks(len(x)):
                count = rows.stop - rows.start
                self._load(x[rows], targets[rows])
                self._executor.forward(count)
                for node, value in batch.items():
                    found[node][rows] = self._program.view(self._executor.arena, value, count)
            for node in outputs.keys() - batch.keys():
                found[node] = self._program.view(self._executor.arena, outputs[node], 0).copy()
        return found

    def _share(self, state: Array) -> None:
        np.copyto(self._program.state(self._executor.arena), state)

    def _load(self, x: Array, y: Array) -> None:
        every: NDArray[np.int64] = np.arange(len(x), dtype=np.int64)
        tables = tuple(data_table(self.dataset, entry, x, y) for entry in self._program.data)
        self._executor.load(tables, every)

    def _chunks(self, count: int) -> list[slice]:
        size = self._program.rows
        return [slice(start, min(start + size, count)) for start in range(0, count, size)]
