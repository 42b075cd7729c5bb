"""Predictions over a plane of two features: regions of classes with their boundary, or a map of values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout

from app.translate import format_number, tr
from engine.dataset_kind import Array
from engine.datasets import Dataset, column_label, columns
from engine.evaluation import Evaluator
from ui.colors import Colors, series_style
from ui.plots.chart import Chart
from ui.plots.drawn import RING_SIZE, RING_WIDTH, Marks, pen_of
from ui.plots.field import FieldItem, Pixels, class_shades, crossings, place, signed_shades
from ui.plots.legend import Entry, Symbol
from ui.plots.rows import MAX_TEST, MAX_TRAIN, labels_of, leaning, predicted_classes
from ui.plots.ticks import Range, value_ticks
from ui.plots.views import PredictionView
from ui.theme import current

CELLS = 48 * 48
"""About how many points of the plane are asked for."""
SHAPES = ("o", "d", "s", "t", "star")
POINT_SIZE, WRONG_SIZE = 6.5, 9.0


class PlaneView(PredictionView):
    """The plane of two features, the others at their mean over the training rows; it fills what is in view."""

    def __init__(self, dataset: Dataset, features: tuple[int, int]) -> None:
        super().__init__(dataset)
        self.features = features
        self._asked: tuple[Evaluator, Array] | None = None
        self._mean = dataset.x[dataset.train].mean(axis=0)
        self._train, self._test = dataset.train[:MAX_TRAIN], dataset.test[:MAX_TEST]
        self._drawn = np.concatenate([self._train, self._test])
        self.chart = Chart(value_ticks)
        self.chart.set_name(tr("Predictions"))
        self.chart.set_bounds(dataset.domain[features[0]], dataset.domain[features[1]])
        # Features of one kind keep their true proportions.
        self.chart.set_square(columns(dataset)[:2] == ("x1", "x2"))
        across, up = (tr(column_label(dataset, columns(dataset)[feature])) for feature in features)
        self.chart.name_axes(across, up)
        self.field = FieldItem()
        self.chart.add_item(self.field, -2.0)
        self.boundary = self.chart.add_curve(connect="pairs")
        self.points = [self.chart.add_marks(shape, POINT_SIZE) for shape in self._shapes()]
        self.wrong = self.chart.add_marks("x", WRONG_SIZE)
        self.batch = self.chart.add_marks("o", RING_SIZE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.chart)
        self.chart.range_changed.connect(self._refresh)

    def show_predictions(self, evaluator: Evaluator, weights: Array) -> None:
        """Color the plane and mark the rows that are classified wrongly."""
        self._asked = (evaluator, weights)
        self._refresh()
        if self.dataset.class_names:
            predicted = evaluator.predict(weights, self.dataset.x[self._drawn])
            classes = predicted_classes(predicted, len(self.dataset.class_names))
            is_wrong = classes != labels_of(self.dataset, self._drawn)
            self._place_marks(self.wrong, self._drawn[is_wrong])

    def show_batch(self, rows: NDArray[np.int64]) -> None:
        """Put rings around the points of these rows."""
        self._place_marks(self.batch, rows[np.isin(rows, self._train)])

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        self.chart.show_theme(colors)
        self._tints = self._class_tints(colors)
        self._shades = self._make_shades(colors)
        self.boundary.set_pen(pen_of(colors.text, width=1.5), is_smooth=True)
        self.batch.set_style(pen_of(colors.forward_text, width=RING_WIDTH), None)
        self.wrong.set_style(pen_of(colors.canvas), QColor(colors.error))
        self._place_points(colors)
        self._refresh()

    def entries(self) -> Sequence[Entry]:
        """Name the classes, or give the ends of the scale; then what filled, hollow and crossed points are."""
        colors = current().colors
        if self.dataset.class_names:
            found = [
                Entry(tr(name), Symbol(shape, pen_of(tint), QColor(tint)))
                for name, shape, tint in zip(self.dataset.class_names, self._shapes(), self._tints, strict=True)
            ]
        else:
            ends = zip((colors.negative, colors.positive), self._scale(), strict=True)
            found = [Entry(format_number(value, 2), Symbol("s", pen_of(tint), QColor(tint))) for tint, value in ends]
        if len(self._test):
            found.append(Entry(tr("test"), Symbol("o", pen_of(colors.text))))
        found.append(Entry(tr("drawn"), Symbol("o", pen_of(colors.forward_text, width=RING_WIDTH)), is_minor=True))
        if self.dataset.class_names:
            found.append(Entry(tr("wrong"), Symbol("x", pen_of(colors.error, width=2.0))))
        return found

    def follow(self) -> None:
        """Show the whole of the data."""
        self.chart.follow()

    def _shapes(self) -> Sequence[str]:
        count = len(self.dataset.class_names)
        return [SHAPES[k % len(SHAPES)] for k in range(count)] if count else SHAPES[:1]

    def _class_tints(self, colors: Colors) -> list[str]:
        count = len(self.dataset.class_names)
        return [colors.negative, colors.positive] if count == 2 else [series_style(k).color for k in range(count)]

    def _make_shades(self, colors: Colors) -> Pixels:
        return class_shades(self._tints, colors.canvas) if len(self._tints) > 2 else signed_shades(colors)

    def _scale(self) -> Range:
        """Give the values at the ends of the color scale: even around 0 where the data has both signs."""
        y = self.dataset.y[self.dataset.train, 0]
        low, high = float(y.min()), float(y.max())
        if low < 0.0 < high:
            high = max(-low, high)
            return -high, high
        return (low, high) if low < high else (low - 1.0, high + 1.0)

    def _refresh(self) -> None:
        if self._asked is None:
            return
        x_range, y_range = self.chart.ranges
        x, y = _grid(x_range, y_range, self.chart.width() / max(1, self.chart.height()))
        inputs = np.tile(self._mean, (len(x) * len(y), 1))
        inputs[:, self.features[0]] = np.tile(x, len(y))
        inputs[:, self.features[1]] = np.repeat(y, len(x))
        evaluator, weights = self._asked
        predicted = evaluator.predict(weights, inputs)
        classes = len(self.dataset.class_names)
        if classes > 2:
            pixels = self._region_pixels(predicted, classes)
        else:
            values = leaning(predicted) if classes else predicted[:, 0]
            low, high = (0.0, 1.0) if classes else self._scale()
            pixels = self._shades[place(values, low, high)]
            if classes:
                self.boundary.set_points(*crossings(values.reshape(len(y), len(x)), 0.5, x, y))
        self.field.show_pixels(pixels.reshape(len(y), len(x)), x_range, y_range)

    def _region_pixels(self, predicted: Array, classes: int) -> Pixels:
        """Color each point by its class, the surer the stronger; what is not finite stays bare."""
        chosen = predicted_classes(predicted, classes)
        sureness = (predicted.max(axis=1) - 1.0 / classes) / (1.0 - 1.0 / classes)
        levels = place(0.25 + 0.75 * sureness, 0.0, 1.0)
        levels[chosen < 0] = 0
        return np.asarray(self._shades[chosen, levels])

    def _place_marks(self, marks: Marks, rows: NDArray[np.int64]) -> None:
        across, up = self.features
        marks.set_points(self.dataset.x[rows, across], self.dataset.x[rows, up])

    def _place_points(self, colors: Colors) -> None:
        """Draw the rows: training rows filled, test rows hollow, in their class's shape and tint."""
        scale, pixels = self._scale(), signed_shades(colors, strength=1.0)
        for index, marks in enumerate(self.points):
            rows = self._drawn
            if self.dataset.class_names:
                rows = rows[labels_of(self.dataset, rows) == index]
                tints = [QColor(self._tints[index])] * len(rows)
            else:
                places = place(self.dataset.y[rows, 0], *scale)
                tints = [QColor(int(pixels[shade])) for shade in places]
            is_test = np.isin(rows, self._test)
            across, up = self.features
            marks.set_styled_points(
                self.dataset.x[rows, across],
                self.dataset.x[rows, up],
                [pen_of(tint if hollow else colors.canvas) for tint, hollow in zip(tints, is_test, strict=True)],
                [QColor(colors.canvas) if hollow else tint for tint, hollow in zip(tints, is_test, strict=True)],
            )


def _grid(x: Range, y: Range, aspect: float) -> tuple[Array, Array]:
    """Spread about `CELLS` points over the ranges, as dense across as up in a view of this width / height."""
    across = int(np.clip(np.sqrt(CELLS * aspect), 24, 96))
    return np.linspace(*x, across), np.linspace(*y, max(24, CELLS // across))
