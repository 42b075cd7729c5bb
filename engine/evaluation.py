"""Questions to a network at given weights: losses of whole sets, predictions, responses of nodes. It trains nothing.

The evaluator runs the same graph as a second Program, in evaluation mode, with an arena of its own. It shares only the
values of parameters and buffers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.compiler import compile_graph
from engine.data_tables import data_table, tables_of
from engine.datasets import Dataset
from engine.executor import Executor
from engine.executors import EXECUTORS, executor_for
from engine.graph import Graph
from engine.ops.call import Array
from engine.ops.loss_primitives import LossPrimitive
from engine.program import Program
from engine.reference import Reference

CHUNK_ROWS = 1024
FEW_ROWS = 16
"""For networks so large that the usual chunk would not fit into memory."""


class Losses(NamedTuple):
    """The losses of the whole training and test set, NaN where there is none, and what of both the penalties make."""

    train: float
    test: float
    penalty: float


class _Asked:
    """An executor with a program in evaluation mode, which answers one thread after another."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._lock = Lock()

    @contextmanager
    def at(self, state: Array) -> Iterator[Executor]:
        """Give the executor with these buffers and parameters, for oneself."""
        with self._lock, np.errstate(all="ignore"):
            np.copyto(self._executor.program.state(self._executor.arena), state)
            yield self._executor


class Evaluator:
    """Answers for one graph and data set; `state` is always that of the training program: buffers and parameters.

    Any thread may ask. One that asks for losses of whole sets waits for another that does, and so for other questions.
    """

    def __init__(self, graph: Graph, dataset: Dataset) -> None:
        self.dataset = dataset
        self._program = _program(graph, dataset, CHUNK_ROWS)
        self._tables = tables_of(dataset, self._program)
        # Where no data enter, the loss is that of one row, and there is none to test.
        train, test = (dataset.train, dataset.test) if self._program.data else (dataset.train[:1], dataset.test[:0])
        self._sets = {"train": train, "test": test}
        self._for_values = _Asked(Reference(self._program))
        self._for_losses = self._for_values
        """The losses of whole sets have an executor of their own where that is faster; values do not wait for it."""

    def change_executor(self, name: str) -> None:
        """Let another executor compute from here on, where it can."""
        kind = EXECUTORS[executor_for(self._program, name)]
        self._for_values = self._for_losses = _Asked(kind.make(self._program))
        if kind.set_rows is not None and kind.set_rows < self._program.rows:
            self._for_losses = _Asked(kind.make(_program(self._program.graph, self.dataset, kind.set_rows)))

    @property
    def predicts(self) -> bool:
        """Whether the graph ends in a comparison with targets; an objective has no predictions."""
        return len(self._program.data_loss.inputs) == 2

    def loss(self, state: Array, split: str) -> float:
        """Give the loss over all rows of "train" or "test"; NaN where there is none.

        Where no data enter the loss is one number, that of "train", and there is none to test.
        """
        with self._for_losses.at(state) as executor:
            return executor.mean_losses(self._tables, (self._sets[split],))[0]

    def losses(self, state: Array) -> Losses:
        """Give the losses of both sets, and the part of them that the L1 and L2 terms make."""
        with self._for_losses.at(state) as executor:
            train, test = executor.mean_losses(self._tables, tuple(self._sets.values()))
            # It does not depend on the rows, so the last forward pass has left it.
            value = executor.program.penalty
            penalty = 0.0 if value is None else float(executor.program.view(executor.arena, value, 0)[0, 0])
        return Losses(train, test, penalty)

    def penalty(self, state: Array) -> float:
        """Give the part of the loss that its L1 and L2 terms make; 0 where it has none."""
        value = self._program.penalty
        if value is None:
            return 0.0
        number = next(k for k, i in enumerate(self._program.instructions) if i.output is value)
        with self._for_values.at(state) as executor:
            executor.forward_step(1, number)
            return float(self._program.view(executor.arena, value, 1)[0, 0])

    def gradient(self, state: Array) -> Array:
        """Give the gradient of the loss over all training rows, in the layout of the parameters.

        It is that of evaluation: nothing is dropped, and Batch norm goes by its running statistics.
        """
        program = self._program
        chosen = self._sets["train"]
        total = np.zeros(program.parameter_span)
        with self._for_values.at(state) as executor:
            for rows in self._chunks(len(chosen)):
                part = chosen[rows]
                executor.load(self._tables.by_column, part)
                executor.forward(len(part))
                executor.backward(len(part))
                total += program.region(executor.arena, 1) * (len(part) / len(chosen))
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
        with self._for_values.at(state) as executor:
            for rows in self._chunks(len(x)):
                count = rows.stop - rows.start
                self._load(executor, x[rows], targets[rows])
                executor.forward(count)
                for node, value in batch.items():
                    found[node][rows] = self._program.view(executor.arena, value, count)
            for node in outputs.keys() - batch.keys():
                found[node] = self._program.view(executor.arena, outputs[node], 0).copy()
        return found

    def _load(self, executor: Executor, x: Array, y: Array) -> None:
        every: NDArray[np.int64] = np.arange(len(x), dtype=np.int64)
        executor.load(tuple(data_table(self.dataset, entry, x, y) for entry in self._program.data), every)

    def _chunks(self, count: int) -> list[slice]:
        size = self._program.rows
        return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def _program(graph: Graph, dataset: Dataset, rows: int) -> Program:
    """Compile a graph in evaluation mode. Raises ValueError where it has problems."""
    roomy = compile_graph(graph, dataset, rows, is_training=False).program
    program = roomy or compile_graph(graph, dataset, FEW_ROWS, is_training=False).program
    if program is None:
        raise ValueError("only a graph that compiles can be evaluated")
    return program
