"""Small graphs, experiments and trainers for tests of a run."""

from __future__ import annotations

from collections.abc import Sequence

from engine.compiler import compile_graph
from engine.datasets import Dataset, make_dataset
from engine.experiment import Choice, Experiment
from engine.gradients import GRADIENT_METHODS
from engine.graph import Graph
from engine.optimizers import OPTIMIZERS
from engine.setting import SettingValue, complete
from engine.stepper import Stepper
from engine.trainer import Trainer
from tests.engine.networks import chain, close

XOR = Choice("xor", {"rows": 50})
"""40 training rows and 10 for testing."""
LINE = Choice("line", {"rows": 50})

State = tuple[int, int, int, int, bytes]


def optimizer(kind: str, **settings: SettingValue) -> Choice:
    """Choose an optimizer, with all its settings."""
    return Choice(kind, complete(OPTIMIZERS[kind].settings, settings))


def method(kind: str, **settings: float) -> Choice:
    """Choose a gradient method, with all its settings."""
    return Choice(kind, complete(GRADIENT_METHODS[kind].settings, settings))


def dense_graph(
    hidden: Sequence[int] = (3,), loss: str = "binary_cross_entropy", outputs: int = 1, activation: str = "tanh"
) -> Graph:
    """Make features, hidden layers, an output layer without activation, target and loss: nodes 1, 2, 3, …."""
    graph, x = Graph().add("features")
    layers: list[tuple[str, dict[str, object]]] = [("dense", {"units": n, "activation": activation}) for n in hidden]
    graph, end = chain(graph, x, [*layers, ("dense", {"units": outputs, "activation": "identity"})])
    return close(graph, end, loss)


def experiment_of(
    graph: Graph | None = None,
    data: Choice = XOR,
    rule: Choice | None = None,
    way: str = "backpropagation",
    batch_size: int | None = 16,
    seed: int = 1,
    stops: tuple[Choice, ...] = (),
) -> Experiment:
    """Make an experiment: a 2-3-1 network on XOR with SGD, unless told otherwise."""
    rule = rule or optimizer("sgd")
    return Experiment(graph or dense_graph(), data, method(way), rule, batch_size, seed, stops=stops)


def line_experiment(learning_rate: float, batch_size: int | None = 16) -> Experiment:
    """Make a linear regression with SGD."""
    return experiment_of(
        dense_graph((), "mean_squared_error"),
        LINE,
        optimizer("sgd", learning_rate=learning_rate),
        batch_size=batch_size,
    )


def dataset_of(experiment: Experiment) -> Dataset:
    """Make the experiment's data set."""
    return make_dataset(experiment.data.kind, experiment.data.settings)


def trainer_of(experiment: Experiment, dataset: Dataset | None = None) -> Trainer:
    """Make a trainer. Fails the test where the graph has problems."""
    dataset = dataset or dataset_of(experiment)
    rows = min(experiment.batch_size or len(dataset.train), len(dataset.train))
    compilation = compile_graph(experiment.graph, dataset, rows)
    assert compilation.program is not None, [str(problem.words) for problem in compilation.problems]
    return Trainer(experiment, dataset, compilation.program)


def stepper_of(experiment: Experiment, dataset: Dataset | None = None) -> Stepper:
    """Make a stepper. Fails the test where the graph has problems."""
    return trainer_of(experiment, dataset).stepper


def state_of(stepper: Stepper) -> State:
    """Give all that decides how a run goes on, at the beginning of a step."""
    memory = stepper.update_phase.memory.values()
    numbers = b"".join(array.tobytes() for array in (stepper.state, *memory))
    return stepper.step, stepper.updates, stepper.epoch, stepper.row, numbers


def run_steps(trainer: Trainer, count: int) -> None:
    """Do whole steps, as a full-speed run does them."""
    end = trainer.stepper.step + count
    while trainer.stepper.step < end:
        assert trainer.advance(0.0)
