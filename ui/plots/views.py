"""What every way to draw predictions is, and what is said beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from app.translate import format_number, tr
from engine.dataset_kind import Array
from engine.datasets import Dataset
from engine.evaluation import Evaluator
from ui.colors import Colors
from ui.plots.legend import Entry
from ui.plots.rows import held_out, labels_of, predicted_classes, targets_of


class PredictionView(QWidget):
    """Draws what a network at given weights says about a data set."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__()
        self.dataset = dataset

    def show_predictions(self, evaluator: Evaluator, weights: Array) -> None:
        """Draw the predictions at these weights."""
        raise NotImplementedError

    def show_batch(self, rows: NDArray[np.int64]) -> None:
        """Put rings around the points of these rows, those of the present batch; where there are no points, nothing."""

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        raise NotImplementedError

    def entries(self) -> Sequence[Entry]:
        """Give the legend."""
        return ()

    def lead(self) -> str:
        """Give the words left of the legend."""
        return ""

    def follow(self) -> None:
        """Show all again, after zooming."""


def verdict(dataset: Dataset, evaluator: Evaluator, weights: Array) -> str:
    """Say how good the predictions are on the rows that were not trained on, where there are such."""
    rows = held_out(dataset)
    predicted = evaluator.predict(weights, dataset.x[rows])
    name = tr("test") if len(dataset.test) else tr("train")
    if dataset.class_names:
        right = predicted_classes(predicted, len(dataset.class_names)) == labels_of(dataset, rows)
        return tr("{rows}: {share} % right", rows=name, share=f"{100.0 * right.mean():.1f}")
    error = predicted - targets_of(dataset, rows, predicted.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        size = float(np.sqrt((error**2).mean()))
    return tr("{rows}: RMS error {size}", rows=name, size=format_number(size))
