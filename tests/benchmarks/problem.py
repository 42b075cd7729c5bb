"""A workload as numbers alone, so that a peer without our engine can do the same steps. Needs numpy only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """What is trained and how: the sizes of a dense network, both kinds of its functions and its optimizer."""

    key: str
    sizes: tuple[int, ...]
    activation: str
    """Of the hidden layers: "tanh" or "relu"."""
    loss: str
    """"mean_squared_error", or "softmax_cross_entropy" of logits and one-hot targets."""
    optimizer: str
    """"sgd", or "adam" with β₁ = 0.9, β₂ = 0.999, ε = 1e-8."""
    rate: float
    batch: int


@dataclass(frozen=True, eq=False)
class Problem:
    """A network with its data, its first weights, and which rows each step draws."""

    network: Network
    x: Array
    """[rows, inputs]"""
    y: Array
    """[rows, outputs]"""
    order: NDArray[np.int64]
    """[steps, batch]: the rows of each step; after the last one it goes on with the first."""
    weights: tuple[tuple[Array, Array], ...]
    """W [in, out] and b [out] of each layer."""

    @property
    def flat_weights(self) -> Array:
        """W and b of one layer after another."""
        return np.concatenate([array.ravel() for layer in self.weights for array in layer])

    def write(self, folder: Path) -> Path:
        """Write it as `<key>.npz` and give the file."""
        path = folder / f"{self.network.key}.npz"
        network = np.array(json.dumps(asdict(self.network)))
        np.savez(path, network=network, x=self.x, y=self.y, order=self.order, weights=self.flat_weights)
        return path


def read_problem(path: Path) -> Problem:
    """Read what `Problem.write` has written."""
    with np.load(path) as file:
        fields = json.loads(str(file["network"]))
        network = Network(**{**fields, "sizes": tuple(fields["sizes"])})
        return Problem(network, file["x"], file["y"], file["order"], split_weights(file["weights"], network.sizes))


def split_weights(flat: Array, sizes: tuple[int, ...]) -> tuple[tuple[Array, Array], ...]:
    """Give W and b of each layer of what `flat_weights` has put together."""
    layers, start = [], 0
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        middle, end = start + inputs * outputs, start + (inputs + 1) * outputs
        layers.append((flat[start:middle].reshape(inputs, outputs), flat[middle:end]))
        start = end
    return tuple(layers)


class Training(Protocol):
    """A peer at work on one problem, at its first step when it is made."""

    def run(self, steps: int) -> float:
        """Do some steps in one call, and give the loss of the last one's batch, before its update."""


class UnavailableError(Exception):
    """Why a peer cannot do a problem here, in words."""
