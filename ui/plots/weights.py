"""The weights over the steps: each one's path while they are few, else how they spread in each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtWidgets import QMenu, QToolButton

from app.translate import format_number, tr
from engine.snapshot import Snapshot
from ui.plots.chart import Chart
from ui.plots.drawn import EMPTY, faded
from ui.plots.history import HistoryPanel, Line
from ui.plots.layers import Layer, layers_of
from ui.plots.legend import Entry
from ui.plots.series import joined, shown_values, value_at

OUTER, INNER = 0.12, 0.3
QUANTILE_NAMES = ("min", "25 %", "median", "75 %", "max")


class LayerCurves:
    """What a chart shows of one layer: all its paths as one curve, or two bands and the median."""

    def __init__(self, chart: Chart, layer: Layer) -> None:
        self.layer = layer
        self.outer, self.inner = chart.add_curve(in_front=False), chart.add_curve(in_front=False)
        self.line = chart.add_curve()
        for band, opacity in ((self.outer, OUTER), (self.inner, INNER)):
            band.set_fill(faded(layer.style.color, opacity))

    def show_paths(self, paths: Sequence[Line]) -> None:
        """Draw each weight's path; the steps of a layer's weights are the same."""
        x, y = joined(paths[0].steps, np.stack([path.values for path in paths]))
        self.line.set_pen(self.layer.pen(width=1.0), is_smooth=True)
        self.line.set_points(x, shown_values(y, is_log=False))
        self.outer.clear()
        self.inner.clear()

    def show_quantiles(self, quantiles: Sequence[Line]) -> None:
        """Draw the spread: least to greatest, first to third quartile, median."""
        steps = quantiles[0].steps
        values = [shown_values(line.values, is_log=False) for line in quantiles]
        known = np.isfinite(values).all(axis=0)
        for band, low, high in ((self.outer, 0, 4), (self.inner, 1, 3)):
            band.set_band(steps[known], values[low][known], values[high][known])
        self.line.set_pen(self.layer.pen(), is_smooth=True)
        self.line.set_points(steps, values[2])

    def clear(self) -> None:
        """Draw nothing."""
        for curve in (self.outer, self.inner, self.line):
            curve.clear()

    def remove_from(self, chart: Chart) -> None:
        """Take the curves off the chart."""
        for curve in (self.outer, self.inner, self.line):
            chart.remove(curve)


class WeightsPanel(HistoryPanel):
    """The weights of all layers or of the one chosen."""

    key = "weights"
    label = "Weights by layer"
    help = "Up to 64 weights: the path of each. More: least to greatest, the middle half, and the median of each layer."
    has_log = False

    def __init__(self) -> None:
        super().__init__()
        self.curves: dict[int, LayerCurves] = {}
        self._layers: Mapping[int, Layer] = {}
        self._chosen: int | None = None
        self._has_paths = False
        self._pointed_value: float | None = None
        self.choice_button = self.add_button("", tr("Which layers are drawn"))
        self.choice_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choice_button.setStyleSheet(self.choice_button.styleSheet() + "QToolButton { padding-right: 18px; }")
        self._choices = QMenu(self)
        self._choices.aboutToShow.connect(self._on_choices_about_to_show)
        self.choice_button.setMenu(self._choices)
        self._show_choice()

    def choose_layer(self, node: int | None) -> None:
        """Draw one layer only, or all."""
        self._chosen = node
        self._show_choice()
        self._refresh()

    def _draw(self, snapshot: Snapshot) -> list[Line]:
        layers = layers_of(snapshot.program)
        if layers != self._layers:
            self._replace_curves(layers)
        paths = self._paths(snapshot)
        self._has_paths = bool(paths)
        lines: list[Line] = []
        for node, curves in self.curves.items():
            found = paths.get(node) if paths else self._quantiles(snapshot, node)
            if not found or self._chosen not in (None, node):
                curves.clear()
                continue
            if self._has_paths:
                curves.show_paths(found)
            else:
                curves.show_quantiles(found)
            lines += found
        return lines if any(len(line.steps) > 1 for line in lines) else []

    def _paths(self, snapshot: Snapshot) -> dict[int, list[Line]]:
        """Give each weight's path by layer; empty where there are too many to be recorded one by one."""
        paths: dict[int, list[Line]] = {}
        for parameter in snapshot.program.parameters:
            steps, values = snapshot.curves.weights.get(parameter.title, (EMPTY, EMPTY))
            if not len(steps):
                return {}
            names = parameter.weight_titles()
            columns = zip(names, values.T, strict=True)
            paths.setdefault(parameter.node, []).extend(Line(name, steps, column) for name, column in columns)
        return paths

    def _quantiles(self, snapshot: Snapshot, node: int) -> list[Line]:
        steps, values = snapshot.curves.weight_quantiles.get(node, (EMPTY, EMPTY))
        if not len(steps):
            return []
        title = self._layers[node].title
        return [Line(f"{title} {name}", steps, values[:, k]) for k, name in enumerate(QUANTILE_NAMES)]

    def _replace_curves(self, layers: Mapping[int, Layer]) -> None:
        for curves in self.curves.values():
            curves.remove_from(self.chart)
        self._layers = layers
        self.curves = {node: LayerCurves(self.chart, layer) for node, layer in layers.items()}
        if self._chosen not in layers:
            self._chosen = None
        self._show_choice()

    def _show_choice(self) -> None:
        self.choice_button.setText(tr("all") if self._chosen is None else self._layers[self._chosen].title)
        self.choice_button.setVisible(len(self._layers) > 1)

    def _on_choices_about_to_show(self) -> None:
        self._choices.clear()
        for node, title in [(None, tr("all")), *((node, layer.title) for node, layer in self._layers.items())]:
            action = self._choices.addAction(title)
            action.setCheckable(True)
            action.setChecked(node == self._chosen)
            action.triggered.connect(lambda _, chosen=node: self.choose_layer(chosen))

    def _clear_curves(self) -> None:
        for curves in self.curves.values():
            curves.clear()

    def _why_empty(self) -> str:
        if self._snapshot is not None and not self._snapshot.program.layers:
            return tr("No node has weights")
        return tr("Press Run or Step: the paths of the weights appear here")

    def _entries(self, step: int | None) -> Sequence[Entry]:
        found = []
        for node, layer in self._layers.items():
            if self._chosen in (None, node):
                text = "" if self._has_paths or step is None else self._median_text(layer.title, step)
                found.append(Entry(layer.title, layer.pen(), text))
        return found

    def _median_text(self, title: str, step: int) -> str:
        name = f"{title} {QUANTILE_NAMES[2]}"
        line = next((line for line in self._lines if line.name == name), None)
        value = None if line is None else value_at(line.steps, line.values, step)
        return "–" if value is None else format_number(value, signed=True)

    def _details_at(self, step: int) -> Sequence[str]:
        nearest = self._nearest(step) if self._has_paths and self._pointed_value is not None else None
        return () if nearest is None else (f"{nearest[0]} {format_number(nearest[1], signed=True)}",)

    def _nearest(self, step: int) -> tuple[str, float] | None:
        """Give the weight whose path is nearest to the mouse at a step, and its value there."""
        values = ((line.name, value_at(line.steps, line.values, step)) for line in self._lines)
        known = [(name, value) for name, value in values if value is not None and np.isfinite(value)]
        pointed = self._pointed_value or 0.0
        return min(known, key=lambda entry: abs(entry[1] - pointed), default=None)

    def _on_chart_hovered(self, point: tuple[float, float] | None) -> None:
        self._pointed_value = None if point is None else point[1]
        super()._on_chart_hovered(point)
