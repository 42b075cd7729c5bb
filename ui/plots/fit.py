"""Predictions as curves over one input, or against the true values where there are too many inputs to draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout

from app.translate import tr
from engine.dataset_kind import Array
from engine.datasets import Dataset, column_label, columns
from engine.evaluation import Evaluator
from ui.colors import Colors, series_style
from ui.plots.chart import Chart
from ui.plots.drawn import RING_SIZE, RING_WIDTH, Curve, Marks, faded, pen_of
from ui.plots.legend import Entry, Symbol
from ui.plots.rows import MAX_TEST, MAX_TRAIN, targets_of
from ui.plots.ticks import Range, padded, value_bounds, value_ticks
from ui.plots.views import PredictionView
from ui.theme import current

CURVE_POINTS = 300
POINT_SIZE = 5.5


class ChartView(PredictionView):
    """A chart with filled points for training rows and hollow ones for test rows."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(dataset)
        self._asked: tuple[Evaluator, Array] | None = None
        self._train, self._test = dataset.train[:MAX_TRAIN], dataset.test[:MAX_TEST]
        self.chart = Chart(value_ticks)
        self.chart.set_name(tr("Predictions"))
        self.train_points = self.chart.add_marks("o", POINT_SIZE)
        self.test_points = self.chart.add_marks("o", POINT_SIZE)
        self.batch = self.chart.add_marks("o", RING_SIZE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.chart)

    def show_predictions(self, evaluator: Evaluator, weights: Array) -> None:
        """Draw the predictions at these weights."""
        self._asked = (evaluator, weights)
        self._refresh()

    def show_batch(self, rows: NDArray[np.int64]) -> None:
        """Put rings around the points of these rows."""
        if self._asked is not None:
            self._place(self.batch, rows[np.isin(rows, self._train)])

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        self.chart.show_theme(colors)
        self.train_points.set_style(None, faded(colors.text, 0.45))
        self.test_points.set_style(pen_of(colors.text), QColor(colors.canvas))
        self.batch.set_style(pen_of(colors.forward_text, width=RING_WIDTH), None)

    def entries(self) -> Sequence[Entry]:
        """Tell the points apart."""
        colors = current().colors
        found = [Entry(tr("train"), Symbol("o", pen_of(faded(colors.text, 0.0)), faded(colors.text, 0.45)))]
        if len(self._test):
            found.append(Entry(tr("test"), Symbol("o", pen_of(colors.text), QColor(colors.canvas))))
        return found

    def follow(self) -> None:
        """Show the whole of the data."""
        self.chart.follow()

    def _refresh(self) -> None:
        raise NotImplementedError

    def _place(self, marks: Marks, rows: NDArray[np.int64]) -> None:
        """Put marks where the points of rows are."""
        raise NotImplementedError


class CurveView(ChartView):
    """What the network gives over its one input, a curve for each output, among the data."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(dataset)
        self.curves: list[Curve] = []
        self.chart.name_axes(tr(column_label(dataset, columns(dataset)[0])), tr("target"))
        self.chart.set_bounds(dataset.domain[0], _bounds_of(dataset.y))
        self.chart.range_changed.connect(self._refresh)

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        super().show_theme(colors)
        self._style_curves()

    def entries(self) -> Sequence[Entry]:
        """Name the curve as well."""
        accent = pen_of(current().colors.accent, width=2.0)
        return [Entry(tr("prediction"), accent), *super().entries()]

    def _refresh(self) -> None:
        if self._asked is None:
            return
        evaluator, weights = self._asked
        x = np.linspace(*self.chart.ranges[0], CURVE_POINTS)
        predicted = evaluator.predict(weights, x[:, np.newaxis])
        if predicted.shape[1] != len(self.curves):
            self._replace_curves(predicted.shape[1])
        for curve, values in zip(self.curves, predicted.T, strict=True):
            curve.set_points(x, np.clip(values, -1e9, 1e9))

    def _replace_curves(self, outputs: int) -> None:
        for curve in self.curves:
            self.chart.remove(curve)
        self.curves = [self.chart.add_curve() for _ in range(outputs)]
        self._style_curves()
        for marks, rows in ((self.train_points, self._train), (self.test_points, self._test)):
            self._place(marks, rows)

    def _place(self, marks: Marks, rows: NDArray[np.int64]) -> None:
        targets = targets_of(self.dataset, rows, len(self.curves))
        marks.set_points(np.repeat(self.dataset.x[rows, 0], targets.shape[1]), targets.ravel())

    def _style_curves(self) -> None:
        for index, curve in enumerate(self.curves):
            style = series_style(index)
            alone = len(self.curves) == 1
            color = current().colors.accent if alone else style.color
            curve.set_pen(pen_of(color, () if alone else style.dashes, 2.0), is_smooth=True)


class ScatterView(ChartView):
    """Predicted against true values: the nearer to the diagonal, the better."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(dataset)
        self.diagonal = self.chart.add_curve(in_front=False)
        self.chart.name_axes(tr("true"), tr("predicted"))
        self._span = _bounds_of(dataset.y)
        self.chart.set_bounds(self._span, self._span)

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        super().show_theme(colors)
        self.diagonal.set_pen(pen_of(colors.accent))
        self.diagonal.set_points(np.array(self._span), np.array(self._span))

    def _refresh(self) -> None:
        if self._asked is not None:
            for marks, rows in ((self.train_points, self._train), (self.test_points, self._test)):
                self._place(marks, rows)

    def _place(self, marks: Marks, rows: NDArray[np.int64]) -> None:
        assert self._asked is not None
        evaluator, weights = self._asked
        predicted = evaluator.predict(weights, self.dataset.x[rows])
        targets = targets_of(self.dataset, rows, predicted.shape[1])
        marks.set_points(targets.ravel(), predicted.ravel())


def _bounds_of(values: Array) -> Range:
    """Give round bounds of values with a tenth more on either side."""
    return padded(value_bounds(values) or (0.0, 1.0), 0.1)
