"""Real runs for the tests of the plots."""

from __future__ import annotations

from collections.abc import Sequence

from engine.compiler import compile_graph
from engine.datasets import Dataset, make_dataset
from engine.experiment import Choice, Experiment
from engine.graph import Graph
from engine.trainer import Trainer

BATCH = 32


def make_trainer(
    dataset: Dataset,
    layers: Sequence[tuple[int, str]],
    loss: str,
    *,
    method: str = "backpropagation",
    learning_rate: float = 0.3,
) -> Trainer:
    """Make the trainer of a chain of dense layers (units, activation) with SGD."""
    graph, last = Graph().add("features")
    for units, activation in layers:
        graph, node = graph.add("dense", {"units": units, "activation": activation})
        graph, last = graph.connect(last, node, "in"), node
    graph, target = graph.add("target")
    graph, end = graph.add(loss)
    graph = graph.connect(last, end, "prediction").connect(target, end, "target")
    compilation = compile_graph(graph, dataset, BATCH)
    assert compilation.program is not None, compilation.problems
    experiment = Experiment(
        graph, Choice(dataset.key), Choice(method), Choice("sgd", {"learning_rate": learning_rate}), BATCH
    )
    return Trainer(experiment, dataset, compilation.program)


def train(trainer: Trainer, steps: int) -> Trainer:
    """Do whole steps."""
    for _ in range(steps):
        trainer.finish_step()
    return trainer


def moons(method: str = "backpropagation", learning_rate: float = 0.3) -> Trainer:
    """Two moons, a small tanh network: 2-4-2-1."""
    layers = [(4, "tanh"), (2, "tanh"), (1, "identity")]
    return make_trainer(
        make_dataset("moons", {}), layers, "binary_cross_entropy", method=method, learning_rate=learning_rate
    )
