"""Write tests/data/torch_optimizers.npz: what PyTorch's optimizers do in 1,000 steps on four functions, in float64.

Run by hand, and never by the tests; PyTorch is no dependency of the project, so the result is kept:

    python3.11 -m venv torch-venv && torch-venv/bin/pip install torch==2.13.0 numpy
    torch-venv/bin/python tests/data/make_torch_optimizers.py

It was run with CPython 3.11.7 and PyTorch 2.13.0 (CPU) on Linux x86-64. `runs` is a JSON text: with what the file was
made, and of each run its optimizer, function, settings and slots. The arrays of a run are called
`optimizer/function/…`: `w`, [1001, 2], and `slots`, [1001, slots, 2], before the first step and after each; `g`,
[1000, 2], at each step.
"""

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, optim

FILE = Path(__file__).with_name("torch_optimizers.npz")
STEPS = 1000


def bowl(w: Tensor) -> Tensor:
    """Compute an ill-conditioned bowl, turned against the axes."""
    return 10.0 * (w[0] + w[1]) ** 2 + 0.1 * (w[0] - w[1] - 1.0) ** 2


def rosenbrock(w: Tensor) -> Tensor:
    """Compute Rosenbrock's curved valley."""
    return (1.0 - w[0]) ** 2 + 100.0 * (w[1] - w[0] ** 2) ** 2


def himmelblau(w: Tensor) -> Tensor:
    """Compute Himmelblau's function of four minima."""
    return (w[0] ** 2 + w[1] - 11.0) ** 2 + (w[0] + w[1] ** 2 - 7.0) ** 2


def waves(w: Tensor) -> Tensor:
    """Compute waves in a shallow bowl: gradients that are small and change their sign."""
    return torch.sin(3.0 * w[0]) * torch.cos(2.0 * w[1]) + 0.1 * (w[0] ** 2 + w[1] ** 2)


FUNCTIONS: dict[str, tuple[Callable[[Tensor], Tensor], list[float]]] = {
    "bowl": (bowl, [1.5, -0.75]),
    "rosenbrock": (rosenbrock, [-1.2, 1.0]),
    "himmelblau": (himmelblau, [0.5, -0.25]),
    "waves": (waves, [2.0, -1.5]),
}

Settings = dict[str, float]
Kind = tuple[Callable[[Tensor, Settings], optim.Optimizer], tuple[str, ...], list[Settings]]


def betas(s: Settings) -> tuple[float, float]:
    """Give both of Adam's factors."""
    return s["beta1"], s["beta2"]


def rate(values: float, **others: float) -> Settings:
    """Give settings with this learning rate."""
    return {"learning_rate": values, **others}


USUAL = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
QUICK = {"beta1": 0.5, "beta2": 0.95, "epsilon": 1e-4}
RPROP = {"first_step": 0.01, "growth": 1.2, "shrinkage": 0.5, "smallest_step": 1e-6, "largest_step": 50.0}
KINDS: dict[str, Kind] = {
    "sgd": (
        lambda w, s: optim.SGD([w], lr=s["learning_rate"]),
        (),
        [rate(0.01), rate(0.001), rate(0.01), rate(0.05)],
    ),
    "momentum": (
        lambda w, s: optim.SGD([w], lr=s["learning_rate"], momentum=s["momentum"]),
        ("momentum_buffer",),
        [rate(r, momentum=mu) for r, mu in ((0.005, 0.9), (0.0005, 0.8), (0.002, 0.9), (0.02, 0.5))],
    ),
    "nesterov": (
        lambda w, s: optim.SGD([w], lr=s["learning_rate"], momentum=s["momentum"], nesterov=True),
        ("momentum_buffer",),
        [rate(r, momentum=mu) for r, mu in ((0.005, 0.9), (0.0005, 0.8), (0.002, 0.9), (0.02, 0.5))],
    ),
    "adagrad": (
        lambda w, s: optim.Adagrad([w], lr=s["learning_rate"], eps=s["epsilon"]),
        ("sum",),
        [rate(0.1, epsilon=1e-10), rate(0.05, epsilon=1e-3), rate(0.5, epsilon=1e-10), rate(0.1, epsilon=1e-8)],
    ),
    "rmsprop": (
        lambda w, s: optim.RMSprop([w], lr=s["learning_rate"], alpha=s["decay"], eps=s["epsilon"]),
        ("square_avg",),
        [
            rate(r, decay=rho, epsilon=e)
            for r, rho, e in ((0.01, 0.99, 1e-8), (0.002, 0.9, 1e-3), (0.02, 0.99, 1e-8), (0.01, 0.5, 1e-5))
        ],
    ),
    "adadelta": (
        lambda w, s: optim.Adadelta([w], lr=s["learning_rate"], rho=s["decay"], eps=s["epsilon"]),
        ("square_avg", "acc_delta"),
        [
            rate(r, decay=rho, epsilon=e)
            for r, rho, e in ((1.0, 0.9, 1e-6), (0.5, 0.95, 1e-5), (1.0, 0.9, 1e-4), (2.0, 0.5, 1e-6))
        ],
    ),
    "rprop": (
        lambda w, s: optim.Rprop(
            [w],
            lr=s["first_step"],
            etas=(s["shrinkage"], s["growth"]),
            step_sizes=(s["smallest_step"], s["largest_step"]),
        ),
        ("prev", "step_size"),
        [RPROP, {**RPROP, "growth": 1.1, "largest_step": 0.1}, {**RPROP, "smallest_step": 0.001}, RPROP],
    ),
    "adam": (
        lambda w, s: optim.Adam([w], lr=s["learning_rate"], betas=betas(s), eps=s["epsilon"]),
        ("exp_avg", "exp_avg_sq"),
        [rate(0.03, **USUAL), rate(0.01, **QUICK), rate(0.1, **USUAL), rate(0.03, **QUICK)],
    ),
    "adamw": (
        lambda w, s: optim.AdamW(
            [w], lr=s["learning_rate"], betas=betas(s), eps=s["epsilon"], weight_decay=s["weight_decay"]
        ),
        ("exp_avg", "exp_avg_sq"),
        [
            rate(0.03, **USUAL, weight_decay=0.01),
            rate(0.01, **QUICK, weight_decay=0.1),
            rate(0.1, **USUAL, weight_decay=0.0),
            rate(0.03, **QUICK, weight_decay=1.0),
        ],
    ),
    "amsgrad": (
        lambda w, s: optim.Adam([w], lr=s["learning_rate"], betas=betas(s), eps=s["epsilon"], amsgrad=True),
        ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"),
        [rate(0.03, **USUAL), rate(0.01, **QUICK), rate(0.1, **USUAL), rate(0.03, **QUICK)],
    ),
    "adamax": (
        lambda w, s: optim.Adamax([w], lr=s["learning_rate"], betas=betas(s), eps=s["epsilon"]),
        ("exp_avg", "exp_inf"),
        [rate(0.03, **USUAL), rate(0.01, **QUICK), rate(0.1, **USUAL), rate(0.03, **QUICK)],
    ),
    "nadam": (
        lambda w, s: optim.NAdam(
            [w], lr=s["learning_rate"], betas=betas(s), eps=s["epsilon"], momentum_decay=s["momentum_decay"]
        ),
        ("exp_avg", "exp_avg_sq", "mu_product"),
        [
            rate(0.03, **USUAL, momentum_decay=0.004),
            rate(0.01, **QUICK, momentum_decay=0.1),
            rate(0.1, **USUAL, momentum_decay=0.0),
            rate(0.03, **QUICK, momentum_decay=0.004),
        ],
    ),
    "radam": (
        lambda w, s: optim.RAdam([w], lr=s["learning_rate"], betas=betas(s), eps=s["epsilon"]),
        ("exp_avg", "exp_avg_sq"),
        [rate(0.003, **USUAL), rate(0.001, **QUICK), rate(0.01, **USUAL), rate(0.03, **QUICK)],
    ),
}
"""By our name: how PyTorch's optimizer is made of our settings, its state by PyTorch's names in the order of our slots,
and the settings for each of the functions."""


def slots_of(optimizer: optim.Optimizer, w: Tensor, names: tuple[str, ...]) -> list[list[float]]:
    """Give the optimizer's state as our slots have it, which begin at 0."""
    state = optimizer.state[w]
    slots = []
    for name in names:
        value = state.get(name)
        if value is None:
            slots.append([0.0] * len(w))
        elif name == "mu_product":
            # One number for all weights; ours is what m is corrected by, for each weight.
            slots.append([1.0 - value.item()] * len(w))
        else:
            slots.append(value.tolist())
    return slots


def run(kind: str, function: str, settings: Settings) -> dict[str, list[object]]:
    """Minimize for STEPS steps; give the weights and slots before the first and after each, and each gradient."""
    make, names, _ = KINDS[kind]
    compute, start = FUNCTIONS[function]
    w = torch.tensor(start, requires_grad=True)
    optimizer = make(w, settings)
    found: dict[str, list[object]] = {"w": [w.tolist()], "g": [], "slots": [slots_of(optimizer, w, names)]}
    for _ in range(STEPS):
        optimizer.zero_grad()
        compute(w).backward()
        assert w.grad is not None
        found["g"].append(w.grad.tolist())
        optimizer.step()
        found["w"].append(w.tolist())
        found["slots"].append(slots_of(optimizer, w, names))
    assert all(map(math.isfinite, w.tolist())), (kind, function)
    return found


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    runs, arrays = [], {}
    for kind, (_, slots, choices) in KINDS.items():
        for function, settings in zip(FUNCTIONS, choices, strict=True):
            runs.append({"kind": kind, "function": function, "settings": settings, "slots": slots})
            found = run(kind, function, settings)
            arrays.update({f"{kind}/{function}/{name}": np.array(rows, np.float64) for name, rows in found.items()})
    made_with = {"torch": torch.__version__, "python": ".".join(map(str, sys.version_info[:3]))}
    about = json.dumps({"made_with": made_with, "runs": runs}, allow_nan=False)
    np.savez_compressed(FILE, allow_pickle=False, runs=np.array(about), **arrays)
