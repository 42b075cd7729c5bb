"""The data sets: each is one function with its declaration above it.

Splitting, standardizing and plotting ranges are the same for every set and done in `engine.datasets`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

import resources
from engine.dataset_kind import SEED, STANDARDIZE, TEST_SHARE, Array, DatasetKind, Draws, Samples, Task, parse_table
from engine.setting import Setting

XOR_MARGIN = 0.1
CIRCLE_RADII = (0.8, 0.4)
PLANE_SLOPES = (0.6, -0.4)
BUMPS = ((-0.5, 0.5, 1.0), (0.5, 0.4, -1.0), (0.1, -0.5, 0.8))
"""Centers and heights of the Gaussian bumps: (x₁, x₂, height)."""
BUMP_WIDTH = 0.3
SPECIES = ("setosa", "versicolor", "virginica")
DIGITS = tuple("0123456789")

KINDS: dict[str, DatasetKind] = {}
"""Every data set by key, in the order in which they are shown."""


def dataset(
    key: str, label: str, task: Task, summary: str, settings: Sequence[Setting]
) -> Callable[[Callable[[Draws], Samples]], Callable[[Draws], Samples]]:
    """Declare the data set that the decorated function makes."""

    def register(generate: Callable[[Draws], Samples]) -> Callable[[Draws], Samples]:
        KINDS[key] = DatasetKind(key, label, summary, task, (*settings, TEST_SHARE, SEED), generate)
        return generate

    return register


def _rows(default: int) -> Setting:
    return Setting("rows", default, "Rows", "Training and test rows together.", minimum=10, maximum=20_000)


def _input_noise(default: float) -> Setting:
    words = "Standard deviation of the Gaussian noise added to each coordinate; the class stays."
    return Setting("noise", default, "Noise", words, minimum=0.0, maximum=1.0)


def _target_noise(default: float) -> Setting:
    words = "Standard deviation of the Gaussian noise added to the target."
    return Setting("noise", default, "Noise", words, minimum=0.0, maximum=1.0)


def _classes_of(x: Array, labels: NDArray[np.int64], class_names: tuple[str, ...]) -> Samples:
    return Samples(x, labels[:, np.newaxis].astype(np.float64), ("x1", "x2"), class_names)


def _read_table(name: str, class_names: tuple[str, ...]) -> tuple[tuple[str, ...], Array, Array]:
    return parse_table(resources.read_text("datasets", name), name, class_names)


def _polar(radius: Array, angle: Array) -> Array:
    """Give the points (r cos θ, r sin θ) as [rows, 2] from [rows, 1] each."""
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


@dataset(
    "xor",
    "XOR",
    "classification",
    "Two classes in opposite corners: no straight line can part them, so a hidden layer is needed.",
    (_rows(200), _input_noise(0.0)),
)
def generate_xor(draws: Draws) -> Samples:
    """Fill the four quadrants of [-1, 1]² in turn, `XOR_MARGIN` away from the axes; class 1 where the signs differ."""
    labels = draws.labels(2)
    first = np.where(draws.labels(4) < 2, 1.0, -1.0)
    signs = np.stack([first, np.where(labels == 0, first, -first)], axis=1)
    x = signs * draws.uniform(XOR_MARGIN, 1.0, columns=2)
    return _classes_of(x + draws.noise(2), labels, ("same signs", "different signs"))


@dataset(
    "circles",
    "Circles",
    "classification",
    "A ring around a ring: easy once a hidden layer, or x₁² and x₂², can see the distance from the middle.",
    (_rows(300), _input_noise(0.05)),
)
def generate_circles(draws: Draws) -> Samples:
    """Place points on two circles around the origin with the radii `CIRCLE_RADII`."""
    labels = draws.labels(2)
    radius = np.array(CIRCLE_RADII)[labels][:, np.newaxis]
    x = _polar(radius, draws.uniform(0.0, 2.0 * np.pi))
    return _classes_of(x + draws.noise(2), labels, ("outer", "inner"))


@dataset(
    "moons",
    "Two moons",
    "classification",
    "Two half circles that reach into each other: the boundary has to bend twice.",
    (_rows(300), _input_noise(0.05)),
)
def generate_moons(draws: Draws) -> Samples:
    """Place points on two half circles of radius 2/3, the upper around (-1/3, -1/6), the lower around (1/3, 1/6)."""
    labels = draws.labels(2)
    side = np.where(labels == 0, 1.0, -1.0)[:, np.newaxis]
    x = side * (_polar(np.full_like(side, 2.0 / 3.0), draws.uniform(0.0, np.pi)) - np.array([1.0 / 3.0, 1.0 / 6.0]))
    return _classes_of(x + draws.noise(2), labels, ("upper", "lower"))


@dataset(
    "spirals",
    "Spirals",
    "classification",
    "Arms wound around each other: a hard one, for larger networks and better optimizers.",
    (
        _rows(400),
        _input_noise(0.02),
        Setting("arms", 2, "Arms", "Number of spiral arms; each is a class.", minimum=2, maximum=3),
        Setting("turns", 1.25, "Turns", "How often an arm winds around the middle.", minimum=0.25, maximum=3.0),
    ),
)
def generate_spirals(draws: Draws) -> Samples:
    """Place points on spirals: radius r from 0.05 to 1 at the angle 2π(turns·r + arm/arms)."""
    arms = draws.whole("arms")
    labels = draws.labels(arms)
    radius = draws.uniform(0.05, 1.0)
    angle = 2.0 * np.pi * (draws.number("turns") * radius + labels[:, np.newaxis] / arms)
    return _classes_of(_polar(radius, angle) + draws.noise(2), labels, tuple(f"arm {arm + 1}" for arm in range(arms)))


@dataset(
    "blobs",
    "Gaussian blobs",
    "classification",
    "Round clouds of points: one layer is enough while they keep apart.",
    (
        _rows(300),
        Setting("noise", 0.15, "Spread", "Standard deviation of each cloud.", minimum=0.0, maximum=1.0),
        Setting("classes", 2, "Classes", "Number of clouds; each is a class.", minimum=2, maximum=5),
    ),
)
def generate_blobs(draws: Draws) -> Samples:
    """Scatter points around centers spread evenly on the circle of radius 0.6, the first at 45°."""
    classes = draws.whole("classes")
    labels = draws.labels(classes)
    angle = np.pi / 4.0 + 2.0 * np.pi * labels[:, np.newaxis] / classes
    x = _polar(np.full_like(angle, 0.6), angle) + draws.noise(2)
    return _classes_of(x, labels, tuple(f"blob {blob + 1}" for blob in range(classes)))


@dataset(
    "line",
    "Line",
    "regression",
    "Points along a straight line: linear regression, with one weight and one bias to find.",
    (
        _rows(50),
        _target_noise(0.1),
        Setting("slope", 0.8, "Slope", "The weight to be found.", minimum=-5.0, maximum=5.0),
        Setting("intercept", 0.2, "Intercept", "The bias to be found.", minimum=-5.0, maximum=5.0),
    ),
)
def generate_line(draws: Draws) -> Samples:
    """Draw x in [-1, 1) and y = slope·x + intercept."""
    x = draws.uniform(-1.0, 1.0)
    return Samples(x, draws.number("slope") * x + draws.number("intercept") + draws.noise(), ("x",))


@dataset(
    "sine",
    "Sine",
    "regression",
    "A wave over one input: watch how hidden units bend a line into a curve.",
    (
        _rows(200),
        _target_noise(0.05),
        Setting("periods", 1.0, "Periods", "Number of full waves between -1 and 1.", minimum=0.25, maximum=4.0),
    ),
)
def generate_sine(draws: Draws) -> Samples:
    """Draw x in [-1, 1) and y = sin(π·periods·x)."""
    x = draws.uniform(-1.0, 1.0)
    return Samples(x, np.sin(np.pi * draws.number("periods") * x) + draws.noise(), ("x",))


@dataset(
    "plane",
    "Plane",
    "regression",
    "A tilted plane over two inputs: a single neuron without a bend in it can fit it.",
    (_rows(300), _target_noise(0.05)),
)
def generate_plane(draws: Draws) -> Samples:
    """Draw x in [-1, 1)² and y = 0.6·x₁ − 0.4·x₂, which is `PLANE_SLOPES`."""
    x = draws.uniform(-1.0, 1.0, columns=2)
    return Samples(x, x[:, :1] * PLANE_SLOPES[0] + x[:, 1:] * PLANE_SLOPES[1] + draws.noise(), ("x1", "x2"))


@dataset(
    "bumps",
    "Gaussian bumps",
    "regression",
    "Two hills and a hollow over two inputs: a surface for a network to copy.",
    (_rows(400), _target_noise(0.05)),
)
def generate_bumps(draws: Draws) -> Samples:
    """Draw x in [-1, 1)² and y = Σ height·exp(−‖x − center‖² / (2·0.3²)) over `BUMPS`."""
    x = draws.uniform(-1.0, 1.0, columns=2)
    y = draws.noise()
    for first, second, height in BUMPS:
        squared = ((x - np.array([first, second])) ** 2).sum(axis=1, keepdims=True)
        y += height * np.exp(-squared / (2.0 * BUMP_WIDTH**2))
    return Samples(x, y, ("x1", "x2"))


@dataset(
    "iris",
    "Iris",
    "classification",
    "150 flowers of three species by the size of their petals and sepals (Fisher, 1936).",
    (STANDARDIZE,),
)
def generate_iris(draws: Draws) -> Samples:
    """Read Fisher's iris measurements, in centimeters."""
    features, x, y = _read_table("iris.csv", SPECIES)
    return Samples(x, y, features, SPECIES, extent=None)


@dataset(
    "digits",
    "Handwritten digits",
    "classification",
    "1797 handwritten digits as 8×8 images: 64 inputs, ten classes.",
    (),
)
def generate_digits(draws: Draws) -> Samples:
    """Read the digits; a pixel is 0 (paper) to 1 (ink)."""
    features, x, y = _read_table("digits.csv", DIGITS)
    return Samples(x / 16.0, y, features, DIGITS, image_shape=(8, 8), extent=(0.0, 1.0))
