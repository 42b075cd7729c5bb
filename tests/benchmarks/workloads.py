"""The workloads, defined once through the engine; every peer gets the same rows, orders and first weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine import rng
from engine.compiler import compile_graph
from engine.data_tables import data_table
from engine.datasets import DATASETS, Dataset, make_dataset
from engine.experiment import Choice, Experiment
from engine.graph import Graph
from engine.optimizers import OPTIMIZERS
from engine.program import Program
from engine.sampler import Sampler
from engine.setting import SettingValue, complete
from engine.stepper import Stepper
from tests.benchmarks.problem import Network, Problem

STEPS = 1000
"""So many steps have rows of their own; the engine draws on, the others begin again."""
SEED = 1

MAIN = (
    Network("W1", (2, 4, 2, 1), "tanh", "mean_squared_error", "sgd", 0.1, 10),
    Network("W2", (2, 8, 8, 1), "tanh", "mean_squared_error", "adam", 0.01, 32),
    Network("W3", (64, 32, 10), "relu", "softmax_cross_entropy", "adam", 0.001, 32),
    Network("W4", (784, 128, 10), "relu", "softmax_cross_entropy", "adam", 0.001, 64),
)
DEPTHS = (1, 2, 4, 8, 16, 32)


def growing(depth: int) -> Network:
    """Give W2 with so many hidden layers of 8 units; with two it is W2."""
    return replace(MAIN[1], key=f"depth{depth}", sizes=(2, *(8,) * depth, 1))


NETWORKS: Mapping[str, Network] = {n.key: n for n in (*MAIN, *map(growing, DEPTHS))}


def graph_of(network: Network) -> Graph:
    """Make the network as a graph: features, dense layers, target and loss."""
    graph, source = Graph().add("features")
    *hidden, last = network.sizes[1:]
    for units, activation in [*((n, network.activation) for n in hidden), (last, "identity")]:
        graph, layer = graph.add("dense", {"units": units, "activation": activation})
        graph, source = graph.connect(source, layer, "in"), layer
    graph, target = graph.add("target")
    graph, loss = graph.add(network.loss)
    return graph.connect(source, loss, "prediction").connect(target, loss, "target")


def data_of(network: Network) -> Choice:
    """Choose the data set, for those networks whose inputs one of ours has; each epoch is a whole number of batches."""
    if network.sizes[0] == 2:
        rows: dict[str, SettingValue] = {"rows": 500 if network.batch == 10 else 640}
        return Choice("bumps", complete(DATASETS["bumps"].settings, rows))
    return Choice("digits", complete(DATASETS["digits"].settings, {}))


def dataset_of(network: Network) -> Dataset:
    """Make the rows; those of a last, short batch are left out, as some libraries are compiled for one batch size."""
    dataset = make_dataset(data_of(network).kind, data_of(network).settings)
    if network.sizes[0] not in (2, 64):
        dataset = _noise(dataset, network.sizes[0])
    return replace(dataset, train=dataset.train[: len(dataset.train) // network.batch * network.batch])


def experiment_of(network: Network) -> Experiment:
    """Make the experiment."""
    settings = complete(OPTIMIZERS[network.optimizer].settings, {"learning_rate": network.rate})
    return Experiment(
        graph_of(network),
        data_of(network),
        Choice("backpropagation"),
        Choice(network.optimizer, settings),
        network.batch,
        SEED,
    )


def program_of(network: Network, dataset: Dataset) -> Program:
    """Compile it. Raises ValueError where it has problems."""
    compilation = compile_graph(graph_of(network), dataset, network.batch)
    if compilation.program is None:
        raise ValueError([str(problem.words) for problem in compilation.problems])
    return compilation.program


def stepper_of(network: Network) -> Stepper:
    """Make a stepper at step 0."""
    dataset = dataset_of(network)
    return Stepper(experiment_of(network), dataset, program_of(network, dataset))


def problem_of(network: Network) -> Problem:
    """Give the workload as numbers alone."""
    dataset = dataset_of(network)
    program = program_of(network, dataset)
    stepper = Stepper(experiment_of(network), dataset, program)
    y, x = sorted((data_table(dataset, e, dataset.x, dataset.y).T for e in program.data), key=lambda t: t.shape[1])
    arrays = [program.weights(stepper.arena, p).copy() for p in program.parameters]
    weights = tuple((w, b[0]) for w, b in zip(arrays[::2], arrays[1::2], strict=True))
    return Problem(network, np.ascontiguousarray(x), np.ascontiguousarray(y), _order(stepper.sampler, STEPS), weights)


def _order(sampler: Sampler, steps: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Give the rows of the first steps."""
    batches = len(sampler.train) // sampler.batch_rows
    rows = [sampler.rows(step // batches, step % batches * sampler.batch_rows) for step in range(steps)]
    return np.array(rows)


def _noise(dataset: Dataset, features: int) -> Dataset:
    """Give as many random features in place of a data set's own, for a network larger than any of our sets."""
    rows = len(dataset.x)
    x = rng.uniform(SEED, rng.Stream.DATA, 0, rows * features).reshape(rows, features)
    names = tuple(f"f{number}" for number in range(features))
    return replace(dataset, x=x, feature_names=names, domain=((0.0, 1.0),) * features, image_shape=None)
