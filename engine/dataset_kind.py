"""What a data set is: its declaration, the rows that a generator makes, and where its random numbers come from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.message import EngineError, message
from engine.rng import Stream, normal, uniform
from engine.setting import Setting, SettingValue

Array = NDArray[np.float64]
Task = Literal["classification", "regression"]

SEED = Setting(
    "seed",
    1,
    "Seed",
    "Another seed gives another split and, where rows are drawn, other rows.",
    minimum=0,
    maximum=2**32 - 1,
)
TEST_SHARE = Setting(
    "test_share",
    0.2,
    "Test share",
    "Share of the rows that is kept for testing and never trained on; each class is shared out alike.",
    minimum=0.0,
    maximum=0.9,
)
STANDARDIZE = Setting(
    "standardize",
    True,
    "Standardize",
    "Shift and scale each feature to mean 0 and standard deviation 1, measured on the training rows only.",
)


class DatasetError(EngineError):
    """There is no such data set or column, or a packaged table is damaged."""


@dataclass(frozen=True)
class Samples:
    """What a generator makes: `x` is [rows, features]; `y` is [rows, outputs], or class indices as [rows, 1].

    `extent` is the range that plots of every feature show at least; None stands for the range of the data.
    """

    x: Array
    y: Array
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    image_shape: tuple[int, int] | None = None
    extent: tuple[float, float] | None = (-1.1, 1.1)


class Draws:
    """The settings of one data set and its random numbers, each draw from a stream of its own.

    The first rows stay the same when more rows are asked for, and the points below the noise when the noise changes.
    """

    def __init__(self, values: Mapping[str, SettingValue]) -> None:
        self._values = values
        self._drawn = 0

    def number(self, name: str) -> float:
        """Give the value of a number setting."""
        value = self._values[name]
        if not isinstance(value, int | float):
            raise TypeError(f"{name} is {value!r}, not a number")
        return value

    def whole(self, name: str) -> int:
        """Give the value of a whole-number setting."""
        return int(self.number(name))

    def flag(self, name: str) -> bool:
        """Tell whether the set has a yes-or-no setting of this name and it is on."""
        return self._values.get(name) is True

    def labels(self, classes: int) -> NDArray[np.int64]:
        """Deal the rows out to the classes in turn: 0, 1, …, 0, 1, … Shape [rows]."""
        return np.arange(self.whole("rows"), dtype=np.int64) % classes

    def uniform(self, low: float, high: float, columns: int = 1) -> Array:
        """Draw uniform numbers in [low, high). Shape [rows, columns]."""
        count = self.whole("rows") * columns
        return low + (high - low) * uniform(self.whole("seed"), Stream.DATA, self._next(), count).reshape(-1, columns)

    def noise(self, columns: int = 1) -> Array:
        """Draw normal numbers of mean 0 whose standard deviation is the noise setting. Shape [rows, columns]."""
        count = self.whole("rows") * columns
        drawn = normal(self.whole("seed"), Stream.DATA, self._next(), count).reshape(-1, columns)
        return self.number("noise") * drawn

    def _next(self) -> int:
        self._drawn += 1
        return self._drawn


@dataclass(frozen=True)
class DatasetKind:
    """A data set that can be chosen: its words, its settings and the function that makes its rows."""

    key: str
    label: str
    summary: str
    task: Task
    settings: tuple[Setting, ...]
    generate: Callable[[Draws], Samples]


def parse_table(text: str, name: str, class_names: tuple[str, ...]) -> tuple[tuple[str, ...], Array, Array]:
    """Read a CSV table of numbers whose last column, `class`, is one of the class names.

    Gives (feature names, x [rows, features], class indices [rows, 1]). Raises DatasetError, with the line, for anything
    else: a missing value, a number that is not finite, an unknown class, an empty line, no rows. `name` is the file's.
    """
    header, *lines = text.removesuffix("\n").split("\n")
    features = tuple(header.split(",")[:-1])
    if header.split(",")[-1] != "class" or not features or not all(features) or len(set(features)) < len(features):
        raise DatasetError(message("{name}, line 1: column names are needed, the last one class", name=name))
    if not lines:
        raise DatasetError(message("{name} has no rows", name=name))
    index_of = {class_name: index for index, class_name in enumerate(class_names)}
    x = np.empty((len(lines), len(features)))
    y = np.empty((len(lines), 1))
    for row, line in enumerate(lines):
        try:
            *numbers, label = line.split(",")
            x[row] = _finite_numbers(numbers, len(features))
            y[row] = index_of[label]
        except (ValueError, KeyError) as error:
            words = message(
                "{name}, line {line}: {count} finite numbers and one of the classes are needed, not {text}",
                name=name,
                line=row + 2,
                count=len(features),
                text=repr(line),
            )
            raise DatasetError(words) from error
    return features, x, y


def _finite_numbers(words: list[str], count: int) -> list[float]:
    numbers = [float(word) for word in words]
    if len(numbers) != count or not all(math.isfinite(number) for number in numbers):
        raise ValueError(f"{count} finite numbers are needed")
    return numbers
