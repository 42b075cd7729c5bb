"""The mean of an epoch's minibatch gradients, each weighted by its rows, is the gradient of the whole training set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.examples import EXAMPLES, Example, load_example
from engine.datasets import Dataset, make_dataset
from engine.evaluation import Evaluator
from engine.experiment import Choice, Experiment
from engine.ops import OPS
from engine.stepper import Stepper
from tests.engine.methods import EXACT, terms
from tests.engine.networks import executor_for
from tests.engine.samples import method, optimizer
from tests.engine.strategies import MODES, Network, networks

STILL = optimizer("none")


def still(experiment: Experiment, dataset: Dataset) -> Stepper:
    """Make a stepper that computes g at each step and changes no weight."""
    experiment = replace(experiment, method=method("backpropagation"), optimizer=STILL)
    rows = min(experiment.batch_size or len(dataset.train), len(dataset.train))
    return Stepper(experiment, dataset, executor_for(experiment.graph, dataset, rows).program)


def gather(stepper: Stepper, epochs: int = 1) -> tuple[list[int], float]:
    """Compare the mean over epochs with the full gradient; give the rows of each batch, and the largest number of g."""
    program, train = stepper.program, len(stepper.sampler.train)
    before, sizes, scale = stepper.state.tobytes(), [], 0.0
    mean = np.zeros(program.parameter_span)
    with np.errstate(all="ignore"):
        while stepper.epoch < epochs:
            stepper.whole_step()
            sizes.append(len(stepper.rows))
            mean += program.region(stepper.arena, 1) * (len(stepper.rows) / train / epochs)
            scale = max(scale, terms(stepper.executor, len(stepper.rows)))
    assert stepper.state.tobytes() == before
    full = Evaluator(program.graph, stepper.dataset).gradient(stepper.state)
    # What lies between the parameters stays 0 in both.
    np.testing.assert_allclose(mean, full, rtol=0.0, atol=EXACT * scale)
    return sizes, float(np.abs(full).max(initial=0.0))


def is_the_same_in_evaluation(experiment: Experiment) -> bool:
    return not any(node.op in MODES for node in experiment.graph.nodes.values())


@pytest.mark.parametrize(
    "example",
    [one for one in EXAMPLES if is_the_same_in_evaluation(load_example(one.key).project.experiment)],
    ids=lambda example: example.key,
)
def test_it_is_so_on_every_example(example: Example) -> None:
    experiment = load_example(example.key).project.experiment
    dataset = make_dataset(experiment.data.kind, experiment.data.settings)
    for size in (experiment.batch_size, 7, None):
        stepper = still(replace(experiment, batch_size=size), dataset)
        train = len(stepper.sampler.train)
        sizes, largest = gather(stepper, epochs=2)
        per_epoch = batch_sizes(train, size)
        assert sizes == [*per_epoch, *per_epoch]
        assert largest > 1e-6


def batch_sizes(train: int, size: int | None) -> Sequence[int]:
    """Give the rows of each batch of an epoch; the last may be short."""
    size = min(size or train, train)
    return [size] * (train // size) + [train % size] * (train % size > 0)


@given(networks(20), st.integers(1, 17))
def test_it_is_so_for_random_networks_and_batches_of_any_size(network: Network, size: int) -> None:
    experiment = Experiment(network.graph, Choice("rows"), method("backpropagation"), STILL, size, network.seed)
    stepper = still(experiment, network.dataset)
    assert gather(stepper)[0] == batch_sizes(len(network.dataset.train), size)


def test_the_networks_that_are_other_functions_in_evaluation_are_left_out() -> None:
    # Their gradient in training depends on the mask, or on the batch, and has no such mean.
    mixing = {name for name, op in OPS.items() if op.category == "Layers"} - {"dense", "neuron", "layer_norm"}
    assert set(MODES) == mixing
