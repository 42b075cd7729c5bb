"""What the prediction plots need to know of a data set's rows and of what a network says about them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.dataset_kind import Array
from engine.datasets import Dataset

MAX_TRAIN, MAX_TEST = 600, 200
"""How many rows of either set are drawn; the rows are in a random order, so the first ones are a fair sample."""

Labels = NDArray[np.int64]


def predicted_classes(predicted: Array, classes: int) -> Labels:
    """Give the class that each prediction [n, outputs] names, or -1 where it is not finite."""
    found: Labels
    if predicted.shape[1] > 1:
        found = predicted.argmax(axis=1)
    else:
        found = np.clip(np.rint(np.nan_to_num(predicted[:, 0])), 0, classes - 1).astype(np.int64)
    found[~np.isfinite(predicted).all(axis=1)] = -1
    return found


def leaning(predicted: Array) -> Array:
    """Give 0…1 for predictions [n, 1 or 2] of two classes: 0 is surely the first, 1 the second, 0.5 the boundary."""
    second: Array = predicted[:, 0] if predicted.shape[1] == 1 else 0.5 + 0.5 * (predicted[:, 1] - predicted[:, 0])
    return second.clip(0.0, 1.0)


def labels_of(dataset: Dataset, rows: NDArray[np.int64]) -> Labels:
    """Give the true classes of rows."""
    labels: Labels = dataset.y[rows, 0].astype(np.int64)
    return labels


def targets_of(dataset: Dataset, rows: NDArray[np.int64], outputs: int) -> Array:
    """Give what a network with so many outputs should say for rows: [n, outputs], classes as 0/1 columns."""
    if dataset.class_names and outputs > 1:
        return np.asarray(dataset.y[rows] == np.arange(outputs), dtype=np.float64)
    return np.asarray(dataset.y[rows, :outputs])


def held_out(dataset: Dataset) -> NDArray[np.int64]:
    """Give the rows by which predictions are judged: the test rows, or the training rows where there are none."""
    return dataset.test if len(dataset.test) else dataset.train


def telling_features(dataset: Dataset) -> tuple[int, int]:
    """Choose the two features that part the classes best: by their variance between classes over that within them."""
    if len(dataset.feature_names) == 2 or not dataset.class_names:
        return 0, 1
    x, labels = dataset.x[dataset.train], labels_of(dataset, dataset.train)
    within, between = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for label in np.unique(labels):
        own = x[labels == label]
        within += ((own - own.mean(axis=0)) ** 2).sum(axis=0)
        between += len(own) * (own.mean(axis=0) - x.mean(axis=0)) ** 2
    ratio = np.divide(between, within, out=np.zeros_like(between), where=within > 0.0)
    first, second = sorted(np.argsort(ratio)[-2:].tolist())
    return first, second
