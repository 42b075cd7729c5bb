"""Write tests/data/torch_normalization.json: what PyTorch says about batch norm and layer norm, in float64.

Run by hand, and never by the tests; PyTorch is no dependency of the project, so the result is kept:

    python3.11 -m venv torch-venv && torch-venv/bin/pip install torch==2.13.0
    torch-venv/bin/python -m tests.data.make_torch_normalization

It was run with CPython 3.11.7 and PyTorch 2.13.0 (CPU) on Linux x86-64. Numbers are written with all their digits, so
that reading the file gives the same bits.

Each run is of a 2-3-2 network with the norm and a tanh between its layers: two steps of training on batches of unequal
size with a step of SGD after each, then a batch in evaluation.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from tests.data.make_torch_reference import write

FILE = Path(__file__).with_name("torch_normalization.json")
RATE = 0.5
BATCHES = (5, 2, 4)
"""The rows of each batch; the last one is evaluated."""

Weights = dict[str, Tensor]
Norm = Callable[[Tensor, Weights, bool], Tensor]


def draw(*shape: int) -> Tensor:
    """Draw numbers with few digits."""
    return torch.randn(shape).mul(1e4).round().div(1e4)


def run(norm: Norm, running: dict[str, Tensor]) -> list[dict[str, object]]:
    """Train for all batches but the last, which is evaluated; `running` is what the norm keeps from step to step."""
    w = {"W_A": draw(2, 3), "b_A": draw(1, 3), "gain_B": draw(1, 3), "shift_B": draw(1, 3)}
    w |= {"W_C": draw(3, 2), "b_C": draw(1, 2)}
    found: list[dict[str, object]] = []
    for number, rows in enumerate(BATCHES):
        is_training = number < len(BATCHES) - 1
        x, y = draw(rows, 2), draw(rows, 2)
        w = {title: value.detach().requires_grad_() for title, value in w.items()}
        hidden = torch.tanh(norm(x @ w["W_A"] + w["b_A"], w, is_training))
        loss = functional.mse_loss(hidden @ w["W_C"] + w["b_C"], y)
        gradients = dict(zip(w, torch.autograd.grad(loss, list(w.values())), strict=True))
        found.append(
            {
                "is_training": is_training,
                "x": x.tolist(),
                "y": y.tolist(),
                "weights": {title: value.tolist() for title, value in w.items()},
                "loss": loss.item(),
                "gradients": {title: value.tolist() for title, value in gradients.items()},
                "buffers": {name: value.tolist() for name, value in running.items()},
            }
        )
        w = {title: value - RATE * gradients[title] for title, value in w.items()}
    return found


def run_batch_norm(epsilon: float, momentum: float) -> dict[str, object]:
    """Run batch norm from the running mean 0 and the running variance 1."""
    running = {"running_mean": torch.zeros(3), "running_variance": torch.ones(3)}

    def norm(x: Tensor, w: Weights, is_training: bool) -> Tensor:
        mean, variance = running["running_mean"], running["running_variance"]
        gain, shift = w["gain_B"][0], w["shift_B"][0]
        return functional.batch_norm(x, mean, variance, gain, shift, is_training, momentum, epsilon)

    steps = run(norm, running)
    return {"op": "batch_norm", "settings": {"epsilon": epsilon, "momentum": momentum}, "steps": steps}


def run_layer_norm(epsilon: float) -> dict[str, object]:
    """Run layer norm."""

    def norm(x: Tensor, w: Weights, is_training: bool) -> Tensor:
        return functional.layer_norm(x, (3,), w["gain_B"][0], w["shift_B"][0], epsilon)

    return {"op": "layer_norm", "settings": {"epsilon": epsilon}, "steps": run(norm, {})}


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(3)
    torch.set_num_threads(1)
    reference = {
        "made_with": {"torch": torch.__version__, "python": ".".join(map(str, sys.version_info[:3]))},
        "runs": [run_batch_norm(1e-5, 0.1), run_batch_norm(0.02, 0.7), run_layer_norm(1e-5), run_layer_norm(0.02)],
    }
    FILE.write_text(write(reference) + "\n", encoding="ascii")
