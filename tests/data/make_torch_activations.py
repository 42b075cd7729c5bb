"""Write tests/data/torch_activations_losses.json: what PyTorch says about activations and losses, in float64.

Run by hand, and never by the tests; PyTorch is no dependency of the project, so the result is kept:

    python3.11 -m venv torch-venv && torch-venv/bin/pip install torch==2.13.0
    torch-venv/bin/python -m tests.data.make_torch_activations

It was run with CPython 3.11.7 and PyTorch 2.13.0 (CPU) on Linux x86-64. Numbers are written with all their digits, so
that reading the file gives the same bits. PyTorch has no hinge loss for scores and no objective: these two are written
out below and differentiated by it.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from tests.data.make_torch_reference import write

FILE = Path(__file__).with_name("torch_activations_losses.json")

Settings = dict[str, float | str]
Function = Callable[[Tensor], Tensor]
Comparison = Callable[[Tensor, Tensor], Tensor]

Z = [
    [-40.0, -12.5, -6.5, -3.0, -1.3, -0.75, -0.3, -1e-9],
    [1e-9, 0.2, 0.8, 1.7, 3.1, 7.0, 15.5, 38.0],
]
"""Arguments of activations, from one tail to the other."""
ADJOINT = [[1.0, -0.5, 2.0, 0.3, -1.2, 0.7, -0.1, 0.9], [-0.4, 1.1, 0.6, -2.0, 0.2, 1.5, -0.8, 1.0]]
TANGENT = [[-0.6, 1.4, 0.5, -1.0, 0.8, 0.1, -1.7, 0.4], [1.3, -0.2, 0.9, 1.0, -0.5, -1.1, 2.0, 0.7]]

ACTIVATIONS: list[tuple[str, Settings, Function]] = [
    ("identity", {}, lambda z: z),
    ("tanh", {}, torch.tanh),
    ("sigmoid", {}, torch.sigmoid),
    ("relu", {}, functional.relu),
    ("leaky_relu", {}, functional.leaky_relu),
    ("leaky_relu", {"slope": 0.2}, partial(functional.leaky_relu, negative_slope=0.2)),
    ("elu", {}, functional.elu),
    ("elu", {"alpha": 1.7}, partial(functional.elu, alpha=1.7)),
    ("gelu", {}, functional.gelu),
    ("gelu", {"form": "tanh"}, partial(functional.gelu, approximate="tanh")),
    ("silu", {}, functional.silu),
    ("softplus", {}, partial(functional.softplus, threshold=100.0)),  # from its threshold on, PyTorch gives z itself
    ("softmax", {}, partial(functional.softmax, dim=1)),
    ("sin", {}, torch.sin),
]


def hinge(p: Tensor, y: Tensor) -> Tensor:
    """Compute the mean of max(0, 1 − s p)."""
    return functional.relu(1.0 - (2.0 * y - 1.0) * p).mean()


LOSSES: list[tuple[str, Settings, int, Comparison]] = [
    ("mean_squared_error", {}, 2, functional.mse_loss),
    ("mean_absolute_error", {}, 2, functional.l1_loss),
    ("huber", {}, 2, functional.huber_loss),
    ("huber", {"delta": 0.3}, 2, partial(functional.huber_loss, delta=0.3)),
    ("binary_cross_entropy", {"predictions": "logits"}, 1, functional.binary_cross_entropy_with_logits),
    (
        "binary_cross_entropy",
        {"predictions": "probabilities"},
        1,
        lambda z, y: functional.binary_cross_entropy(torch.sigmoid(z), y),
    ),
    ("softmax_cross_entropy", {}, 3, functional.cross_entropy),
    ("hinge", {}, 1, hinge),
    ("objective", {}, 2, lambda p, _y: p.mean()),
]
"""Each with the number of outputs that it is given here; probabilities come from a sigmoid."""


def draw(*shape: int) -> Tensor:
    """Draw numbers of four decimals."""
    return torch.randn(shape).mul(1e4).round().div(1e4)


def make_batch(rows: int) -> tuple[Tensor, dict[str, Tensor], dict[int, Tensor]]:
    """Draw inputs, the weights of a 2-2-3 network, and targets for 1, 2 and 3 outputs."""
    weights = {"W_A": draw(2, 2), "b_A": draw(1, 2), "W_B": draw(2, 3), "b_B": draw(1, 3)}
    targets = {
        1: (torch.arange(rows) % 2).reshape(rows, 1).to(torch.float64),
        2: draw(rows, 2),
        3: functional.one_hot(torch.arange(rows) % 3, 3).to(torch.float64),
    }
    return draw(rows, 2), weights, targets


def run_activation(function: Function) -> dict[str, object]:
    """Give the values, the adjoint of z for that of a, and the tangent of a for that of z."""
    z = torch.tensor(Z, requires_grad=True)
    a, a_tangent = torch.func.jvp(function, (z,), (torch.tensor(TANGENT),))
    a.backward(torch.tensor(ADJOINT))
    assert z.grad is not None
    return {"a": a.tolist(), "z_adjoint": z.grad.tolist(), "a_tangent": a_tangent.tolist()}


def run_networks(
    function: Function, x: Tensor, weights: dict[str, Tensor], targets: dict[int, Tensor]
) -> list[dict[str, object]]:
    """Give for each loss the loss and two gradients of the network with the activation after its first layer."""
    found = []
    for name, settings, outputs, compare in LOSSES:
        w = {title: value.clone().requires_grad_() for title, value in weights.items()}
        hidden = function(x @ w["W_A"] + w["b_A"])
        loss = compare((hidden @ w["W_B"] + w["b_B"])[:, :outputs], targets[outputs])
        g_a, g_b = torch.autograd.grad(loss, [w["W_A"], w["W_B"]])
        entry = {"loss": name, "settings": settings, "outputs": outputs, "L": loss.item()}
        found.append({**entry, "W_A": g_a.tolist(), "W_B": g_b[:, :outputs].tolist()})
    return found


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(2)
    torch.set_num_threads(1)
    x, weights, targets = make_batch(5)
    reference = {
        "made_with": {"torch": torch.__version__, "python": ".".join(map(str, sys.version_info[:3]))},
        **{"z": Z, "adjoint": ADJOINT, "tangent": TANGENT, "x": x.tolist()},
        "weights": {title: value.tolist() for title, value in weights.items()},
        "targets": {outputs: y.tolist() for outputs, y in targets.items()},
        "activations": [
            {
                **{"name": name, "settings": settings, **run_activation(function)},
                "networks": run_networks(function, x, weights, targets),
            }
            for name, settings, function in ACTIVATIONS
        ],
    }
    FILE.write_text(write(reference) + "\n", encoding="ascii")
