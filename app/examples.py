"""The examples that ship with the program, in the order in which they teach.

`tests/data/make_examples.py` wrote their files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import resources
from app.files import SUFFIX, SavedFile, read_text

Category = Literal["classification", "regression", "function"]
"""What an example learns: what its data set asks for, or, where no data enter, the least value of a function."""


@dataclass(frozen=True)
class Example:
    """An example's key and its words in English, which are shown through `tr`."""

    key: str
    title: str
    summary: str
    category: Category

    @property
    def file_name(self) -> str:
        """The name of its file in resources/examples."""
        return self.key + SUFFIX


EXAMPLES: tuple[Example, ...] = (
    Example(
        "one-neuron",
        "One neuron",
        "One neuron turns a line until it parts two clouds of points: two weights and a bias, small enough to follow.",
        "classification",
    ),
    Example(
        "linear-regression",
        "Linear regression",
        "One weight and one bias go down the gradient to the straight line that fits the points best.",
        "regression",
    ),
    Example(
        "valley",
        "Valley",
        "Two numbers and no data: momentum falls into a curved valley and rolls along its floor to the lowest point.",
        "function",
    ),
    Example(
        "logistic-regression",
        "Logistic regression",
        "One neuron on two moons finds the best straight line, and that line still gets some points wrong.",
        "classification",
    ),
    Example(
        "xor",
        "XOR",
        "No straight line parts these corners; eight hidden units bend the boundary until it does.",
        "classification",
    ),
    Example(
        "xor-genetic",
        "XOR by a genetic algorithm",
        "The same network, but 50 versions of its weights compete, and the better ones have children: the gradient "
        "method is never called.",
        "classification",
    ),
    Example(
        "circles",
        "Circles",
        "Given x₁² and x₂², one neuron parts a ring from the ring inside it: good features can replace a layer.",
        "classification",
    ),
    Example(
        "two-moons",
        "Two moons",
        "Two small hidden layers, few enough units to follow each δ on its way back.",
        "classification",
    ),
    Example(
        "spirals",
        "Two spirals",
        "Two arms wound around each other need more units, another layer and good first weights.",
        "classification",
    ),
    Example(
        "three-spirals",
        "Three spirals",
        "Three classes take three outputs, which softmax turns into probabilities that add up to 1.",
        "classification",
    ),
    Example(
        "sine-regression",
        "Sine wave",
        "Sixteen hidden units, each a bent line, add up to a wave.",
        "regression",
    ),
    Example(
        "forward-mode",
        "Forward mode",
        "The chain rule run forwards: the same g as by backpropagation, but it takes a sweep for each of 13 weights.",
        "regression",
    ),
    Example(
        "weight-penalty",
        "Weight penalty",
        "Twenty noisy points and 673 weights: the L2 penalty keeps the curve smooth. With λ₂ = 0 it bends to the "
        "noise, and after 2,000 steps the test loss is two to four times as high.",
        "regression",
    ),
    Example(
        "bumps-regression",
        "Hills and a hollow",
        "A network copies a surface over two inputs from noisy samples of its height.",
        "regression",
    ),
    Example(
        "iris",
        "Iris flowers",
        "Four measurements of a flower tell which of three species it is.",
        "classification",
    ),
    Example(
        "digits",
        "Handwritten digits",
        "64 pixels go in and ten classes come out: about 2,400 weights, and the steps are the same.",
        "classification",
    ),
    Example(
        "two-branches",
        "Two branches",
        "Two layers read the same inputs side by side; on the way back each gets its own part of δ.",
        "classification",
    ),
    Example(
        "skip-connection",
        "Skip connection",
        "A wire leads around a layer, and on the way back the gradients of both paths add up.",
        "classification",
    ),
    Example(
        "batch-norm",
        "Batch norm",
        "With Batch norm, two sigmoid layers learn the rings in about 200 steps. Without it, their loss does not "
        "move in 3,000.",
        "classification",
    ),
)
"""The first one is shown when the program opens."""


def load_example(key: str) -> SavedFile:
    """Read an example. Raises FileNotFoundError, naming those that there are, when there is none of this key."""
    return read_text(resources.read_text("examples", key + SUFFIX))
