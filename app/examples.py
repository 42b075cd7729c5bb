"""The examples that ship with the program, in the order in which they teach.

`tests/data/make_examples.py` wrote their files.
"""

from __future__ import annotations

from dataclasses import dataclass

import resources
from app.files import SUFFIX, SavedFile, read_text
from engine.dataset_kind import Task


@dataclass(frozen=True)
class Example:
    """An example's key and its words in English, which are shown through `tr`."""

    key: str
    title: str
    summary: str
    category: Task

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
)
"""The first one is shown when the program opens."""


def load_example(key: str) -> SavedFile:
    """Read an example. Raises FileNotFoundError, naming those that there are, when there is none of this key."""
    return read_text(resources.read_text("examples", key + SUFFIX))
