"""Write tests/data/torch_reference.json: what PyTorch says about whole networks, in float64.

Run once, by hand, and never by the tests; PyTorch is no dependency of the project, so the result is kept:

    python3.11 -m venv torch-venv && torch-venv/bin/pip install torch==2.13.0
    torch-venv/bin/python tests/data/make_torch_reference.py

It was run with CPython 3.11.7 and PyTorch 2.13.0 (CPU) on Linux x86-64. Numbers are written with all their digits, so
that reading the file gives the same bits.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

FILE = Path(__file__).with_name("torch_reference.json")

Weights = dict[str, Tensor]


def dense(w: Weights, name: str, x: Tensor) -> Tensor:
    """Compute xW + b."""
    z = x @ w[f"W_{name}"]
    return z + w[f"b_{name}"] if f"b_{name}" in w else z


def tanh_logits(w: Weights, x: Tensor, y: Tensor) -> Tensor:
    """2-4-2-1, tanh, binary cross-entropy of logits."""
    hidden = torch.tanh(dense(w, "B", torch.tanh(dense(w, "A", x))))
    return functional.binary_cross_entropy_with_logits(dense(w, "C", hidden), y)


def sigmoid_probabilities(w: Weights, x: Tensor, y: Tensor) -> Tensor:
    """2-3-1, sigmoid, binary cross-entropy of probabilities."""
    return functional.binary_cross_entropy(torch.sigmoid(dense(w, "B", torch.sigmoid(dense(w, "A", x)))), y)


def relu_classes(w: Weights, x: Tensor, y: Tensor) -> Tensor:
    """4-8-3, ReLU, softmax cross-entropy."""
    return functional.cross_entropy(dense(w, "B", torch.relu(dense(w, "A", x))), y)


def identity_regression(w: Weights, x: Tensor, y: Tensor) -> Tensor:
    """3-4-2, identity, the first layer without bias, mean squared error over both outputs."""
    return functional.mse_loss(dense(w, "B", dense(w, "A", x)), y)


def skip_connections(w: Weights, x: Tensor, y: Tensor) -> Tensor:
    """Use two layers' values several times each: Add, Concat, and activations as nodes of their own."""
    a = torch.tanh(dense(w, "A", x))
    b = torch.sigmoid(dense(w, "B", a))
    added = a + b + torch.softmax(a, dim=1)
    c = torch.relu(dense(w, "C", torch.cat([x, added, a], dim=1)))
    return functional.mse_loss(dense(w, "D", torch.cat([c, b], dim=1)), y)


def one_neuron(w: Weights, x: Tensor, y: Tensor) -> Tensor:
    """Logistic regression."""
    return functional.binary_cross_entropy_with_logits(dense(w, "A", x), y)


Network = Callable[[Weights, Tensor, Tensor], Tensor]
NETWORKS: list[tuple[Network, int, int, int, dict[str, tuple[int, int, bool]]]] = [
    (tanh_logits, 5, 2, 1, {"A": (2, 4, True), "B": (4, 2, True), "C": (2, 1, True)}),
    (sigmoid_probabilities, 4, 2, 1, {"A": (2, 3, True), "B": (3, 1, True)}),
    (relu_classes, 6, 4, 3, {"A": (4, 8, True), "B": (8, 3, True)}),
    (identity_regression, 3, 3, 2, {"A": (3, 4, False), "B": (4, 2, True)}),
    (skip_connections, 5, 2, 2, {"A": (2, 3, True), "B": (3, 3, True), "C": (8, 4, True), "D": (7, 2, False)}),
    (one_neuron, 3, 2, 1, {"A": (2, 1, True)}),
]
"""Each with its rows, features, outputs, and its layers as (inputs, units, bias)."""


def run_network(
    network: Network, rows: int, features: int, outputs: int, layers: dict[str, tuple[int, int, bool]]
) -> dict[str, object]:
    """Draw weights and a batch, and let PyTorch differentiate."""

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape).mul(1e4).round().div(1e4)

    w: Weights = {}
    for name, (inputs, units, bias) in layers.items():
        w[f"W_{name}"] = draw(inputs, units).requires_grad_()
        if bias:
            w[f"b_{name}"] = draw(1, units).requires_grad_()
    x = draw(rows, features)
    if network in (tanh_logits, sigmoid_probabilities, one_neuron):
        y = (torch.arange(rows) % 2).reshape(rows, 1).to(torch.float64)
    elif network is relu_classes:
        y = functional.one_hot(torch.arange(rows) % outputs, outputs).to(torch.float64)
    else:
        y = draw(rows, outputs)
    loss = network(w, x, y)
    loss.backward()
    gradients = {name: value.grad.tolist() for name, value in w.items() if value.grad is not None}
    return {
        "name": network.__name__,
        "x": x.tolist(),
        "y": y.tolist(),
        "weights": {name: value.tolist() for name, value in w.items()},
        "loss": loss.item(),
        "gradients": gradients,
    }


def write(value: object, indent: str = "") -> str:
    """Write JSON with a line for each innermost entry, for readers and for diffs."""
    line = json.dumps(value, allow_nan=False)
    if len(line) <= 300 - len(indent) or not isinstance(value, dict | list):
        return line
    inner = indent + " "
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + write(item, inner) for item in value) + f"\n{indent}]"
    entries = (f"{inner}{json.dumps(key)}: {write(item, inner)}" for key, item in value.items())
    return "{\n" + ",\n".join(entries) + f"\n{indent}}}"


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    torch.set_num_threads(1)
    reference = {
        "made_with": {"torch": torch.__version__, "python": ".".join(map(str, sys.version_info[:3]))},
        "networks": [run_network(*network) for network in NETWORKS],
    }
    FILE.write_text(write(reference) + "\n", encoding="ascii")
