"""Whole networks against PyTorch: loss and every gradient to 1e-12."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.datasets import Dataset
from engine.gradcheck import check_gradient
from engine.graph import Graph
from tests.engine.networks import chain, close, executor_for, gradient, make_rows, set_batch, set_weights

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "torch_reference.json").read_text("ascii"))
NETWORKS: dict[str, dict[str, Any]] = {network["name"]: network for network in REFERENCE["networks"]}


def layers(*shapes: tuple[int, str]) -> tuple[Graph, int]:
    """Make features and a chain of Dense of (units, activation)."""
    graph, x = Graph().add("features")
    return chain(graph, x, [("dense", {"units": units, "activation": activation}) for units, activation in shapes])


def tanh_logits() -> Graph:
    return close(*layers((4, "tanh"), (2, "tanh"), (1, "identity")), "binary_cross_entropy")


def sigmoid_probabilities() -> Graph:
    return close(*layers((3, "sigmoid"), (1, "sigmoid")), "binary_cross_entropy", {"predictions": "probabilities"})


def relu_classes() -> Graph:
    return close(*layers((8, "relu"), (3, "identity")), "softmax_cross_entropy")


def identity_regression() -> Graph:
    graph, x = Graph().add("features")
    first = {"units": 4, "activation": "identity", "bias": False}
    return close(
        *chain(graph, x, [("dense", first), ("dense", {"units": 2, "activation": "identity"})]), "mean_squared_error"
    )


def skip_connections() -> Graph:
    graph, x = Graph().add("features")
    graph, a = chain(graph, x, [("dense", {"units": 3, "activation": "tanh"})])
    graph, b = chain(graph, a, [("dense", {"units": 3, "activation": "identity"}), ("sigmoid", {})])
    graph, shares = chain(graph, a, [("softmax", {})])
    graph, added = graph.add("add")
    for source in (a, b, shares):
        graph = graph.connect(source, added, "in")
    graph, joined = graph.add("concat")
    for source in (x, added, a):
        graph = graph.connect(source, joined, "in")
    graph, c = chain(graph, joined, [("dense", {"units": 4, "activation": "relu"})])
    graph, d = graph.add("dense", {"units": 2, "activation": "identity", "bias": False})
    return close(graph.connect(c, d, "in").connect(b, d, "in"), d, "mean_squared_error")


def one_neuron() -> Graph:
    graph, x = Graph().add("features")
    return close(*chain(graph, x, [("neuron", {"activation": "identity"})]), "binary_cross_entropy")


GRAPHS = (tanh_logits, sigmoid_probabilities, relu_classes, identity_regression, skip_connections, one_neuron)
each_graph = pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)


def rows_for(reference: dict[str, Any]) -> Dataset:
    """Make the data set whose encoded targets are the reference's."""
    x, y = np.array(reference["x"]), np.array(reference["y"])
    if set(np.unique(y)) != {0.0, 1.0}:
        return make_rows(x, y)
    if y.shape[1] == 1:
        return make_rows(x, y, class_count=2)
    return make_rows(x, y.argmax(axis=1)[:, None], class_count=y.shape[1])


def test_the_reference_covers_these_networks() -> None:
    assert [make.__name__ for make in GRAPHS] == list(NETWORKS)


@each_graph
@pytest.mark.parametrize("spare", [0, 40])
def test_loss_and_gradients_agree_with_pytorch(make: Any, spare: int) -> None:
    reference = NETWORKS[make.__name__]
    executor = executor_for(make(), rows_for(reference), len(reference["x"]) + spare)
    set_weights(executor, reference["weights"])
    rows = set_batch(executor, reference["x"], reference["y"])
    loss, gradients = gradient(executor, rows)
    assert loss == pytest.approx(reference["loss"], rel=1e-12)
    assert set(gradients) == set(reference["gradients"])
    for title, ours in gradients.items():
        theirs = np.array(reference["gradients"][title])
        assert ours.shape == theirs.shape
        assert (np.abs(ours - theirs) <= 1e-12 * np.maximum(1.0, np.abs(theirs))).all(), title


@each_graph
def test_the_gradient_check_agrees_too(make: Any) -> None:
    reference = NETWORKS[make.__name__]
    executor = executor_for(make(), rows_for(reference), len(reference["x"]))
    set_weights(executor, reference["weights"])
    found = check_gradient(executor, set_batch(executor, reference["x"], reference["y"]))
    assert found.ok, found.error
    assert found.kinks == 0
    assert sum(p.compared for p in found.parameters) == executor.program.parameter_count
