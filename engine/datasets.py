"""Data sets ready for training: rows, their training and test split, and the columns a network can be given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.dataset_generators import KINDS
from engine.dataset_kind import Array, DatasetError, DatasetKind, Draws, Samples, Task
from engine.message import message
from engine.rng import Stream, permutation
from engine.setting import SettingValue, complete

Rows = NDArray[np.int64]

DATASETS: Mapping[str, DatasetKind] = MappingProxyType(KINDS)
"""Every data set by key, in the order in which they are shown."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """The rows of a data set; the arrays cannot be written to.

    `x` is [rows, features], the raw inputs. `y` is [rows, outputs] for regression; for classification it is [rows, 1]
    and holds the class's index. `class_names` is empty for regression. `train` and `test` are row numbers in a random
    order: disjoint, and together every row. `domain` gives each feature's (low, high) for plots; no row is outside it.
    `image_shape` is (height, width) where the features are the pixels of an image, row by row.
    """

    key: str
    label: str
    task: Task
    x: Array
    y: Array
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    train: Rows
    test: Rows
    domain: tuple[tuple[float, float], ...]
    image_shape: tuple[int, int] | None = None


@dataclass(frozen=True)
class Column:
    """An input column computed from the raw features: its words and its formula on [n, features], giving [n]."""

    label: str
    compute: Callable[[Array], Array]


_COLUMNS: Mapping[tuple[str, ...], Mapping[str, Column]] = {
    ("x",): {
        "x": Column("x", lambda x: x[:, 0]),
        "x^2": Column("x²", lambda x: x[:, 0] ** 2),
        "sin(x)": Column("sin x", lambda x: np.sin(x[:, 0])),
    },
    ("x1", "x2"): {
        "x1": Column("x₁", lambda x: x[:, 0]),
        "x2": Column("x₂", lambda x: x[:, 1]),
        "x1^2": Column("x₁²", lambda x: x[:, 0] ** 2),
        "x2^2": Column("x₂²", lambda x: x[:, 1] ** 2),
        "x1*x2": Column("x₁x₂", lambda x: x[:, 0] * x[:, 1]),
        "sin(x1)": Column("sin x₁", lambda x: np.sin(x[:, 0])),
        "sin(x2)": Column("sin x₂", lambda x: np.sin(x[:, 1])),
    },
}


def make_dataset(kind: str, settings: Mapping[str, SettingValue]) -> Dataset:
    """Make the data set `DATASETS[kind]`; settings not given have their defaults.

    The same settings always give the same rows and split; the last few data sets are kept, so asking again is cheap.
    Raises DatasetError for an unknown kind and SettingError for an unknown setting or a value out of its bounds.
    """
    if kind not in DATASETS:
        raise DatasetError(message("there is no data set {kind}", kind=repr(kind)))
    return _make(kind, tuple(complete(DATASETS[kind].settings, settings).items()))


def columns(dataset: Dataset) -> tuple[str, ...]:
    """List the keys of the columns that a network can be given, the raw features first."""
    return tuple(_columns_of(dataset.feature_names))


def column_label(dataset: Dataset, column: str) -> str:
    """Give the words for a column: `x1^2` is shown as x₁². Raises DatasetError for a column that the set has not."""
    return _column(dataset, column).label


def feature_matrix(dataset: Dataset, x: Array, columns: Sequence[str]) -> Array:
    """Compute columns of raw inputs: of the set's own rows, or of any others such as a grid for a decision boundary.

    `x` is [n, features], the result [n, len(columns)]. Raises DatasetError for a column that the set has not.
    """
    result = np.empty((len(x), len(columns)))
    for index, column in enumerate(columns):
        result[:, index] = _column(dataset, column).compute(x)
    return result


@lru_cache(maxsize=8)
def _columns_of(feature_names: tuple[str, ...]) -> Mapping[str, Column]:
    computed = _COLUMNS.get(feature_names)
    if computed is not None:
        return computed
    return {name: Column(name.replace("_", " "), _pick(index)) for index, name in enumerate(feature_names)}


def _pick(index: int) -> Callable[[Array], Array]:
    return lambda x: x[:, index]


def _column(dataset: Dataset, column: str) -> Column:
    found = _columns_of(dataset.feature_names).get(column)
    if found is None:
        label = message(dataset.label)
        raise DatasetError(message("{dataset} has no column {column}", dataset=label, column=repr(column)))
    return found


@lru_cache(maxsize=8)
def _make(key: str, items: tuple[tuple[str, SettingValue], ...]) -> Dataset:
    kind = DATASETS[key]
    draws = Draws(dict(items))
    samples = kind.generate(draws)
    labels = samples.y[:, 0].astype(np.int64) if samples.class_names else np.zeros(len(samples.y), np.int64)
    train, test = _split(labels, draws.number("test_share"), draws.whole("seed"))
    x = _standardized(samples.x, train) if draws.flag("standardize") else samples.x
    for array in (x, samples.y, train, test):
        array.setflags(write=False)
    return Dataset(
        key=key,
        label=kind.label,
        task=kind.task,
        x=x,
        y=samples.y,
        feature_names=samples.feature_names,
        class_names=samples.class_names,
        train=train,
        test=test,
        domain=_domain(x, samples),
        image_shape=samples.image_shape,
    )


def _split(labels: NDArray[np.int64], share: float, seed: int) -> tuple[Rows, Rows]:
    """Split the rows so that every class has its share of test rows; give (train, test) in a random order.

    round(share·rows) test rows go to the classes by largest remainder. Unless the share is 0, each class keeps at least
    one row on either side.
    """
    counts = np.bincount(labels)
    quotas = share * counts
    test_counts = np.floor(quotas).astype(np.int64)
    missing = round(share * len(labels)) - int(test_counts.sum())
    test_counts[np.argsort(test_counts - quotas, kind="stable")[:missing]] += 1
    if share > 0:
        test_counts = np.clip(test_counts, 1, counts - 1)
    chosen = permutation(seed, Stream.SPLIT, 0, len(labels))
    is_test = np.zeros(len(labels), dtype=np.bool_)
    for label, count in enumerate(test_counts):
        is_test[chosen[labels[chosen] == label][:count]] = True
    # In the order of `chosen`, a class would turn up among the training rows only after its test rows were taken.
    order = permutation(seed, Stream.SPLIT, 1, len(labels))
    return order[~is_test[order]], order[is_test[order]]


def _standardized(x: Array, train: Rows) -> Array:
    """Shift and scale to mean 0 and standard deviation 1 over the training rows; the test rows have no say in it."""
    known = x[train]
    deviation = known.std(axis=0)
    deviation[deviation == 0.0] = 1.0
    standardized: Array = (x - known.mean(axis=0)) / deviation
    return standardized


def _domain(x: Array, samples: Samples) -> tuple[tuple[float, float], ...]:
    """Give each feature's plotting range: the data's, rounded outward to tenths, and at least the set's extent."""
    lows, highs = np.floor(x.min(axis=0) * 10.0) / 10.0, np.ceil(x.max(axis=0) * 10.0) / 10.0
    if samples.extent is not None:
        lows, highs = np.minimum(lows, samples.extent[0]), np.maximum(highs, samples.extent[1])
    return tuple(zip(lows.tolist(), highs.tolist(), strict=True))
