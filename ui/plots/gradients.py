"""The size of g in each layer, step by step: where it vanishes or explodes on its way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtGui import QColor, QPen

from app.translate import format_number, tr
from engine.dataset_kind import Array
from engine.gradients import NoGradient
from engine.norms import gradient_norm
from engine.snapshot import Snapshot
from ui.colors import Colors
from ui.plots.drawn import EMPTY, Curve, pen_of
from ui.plots.history import HistoryPanel, Line
from ui.plots.layers import Layer, layers_of
from ui.plots.legend import Entry
from ui.plots.series import lone_points, reach_of, shown_values, smoothed, value_at, with_gaps
from ui.theme import blended, current

FAINT = 0.3
DOT = 4.0


class GradientsPanel(HistoryPanel):
    """Two curves a layer: ‖g‖ of each batch, faint, and its running mean; with gaps where a step computed no g."""

    key = "gradients"
    label = "Gradient norm by layer"
    help = "The length of each layer's part of g: of each batch, faint, and as a running mean."

    def __init__(self) -> None:
        super().__init__()
        self._layers: Mapping[int, Layer] = {}
        self.raw_curves: dict[int, Curve] = {}
        self.curves: dict[int, Curve] = {}
        self.dots = self.chart.add_marks("o", DOT)
        """The norms without a neighbor, to which no line can be drawn."""
        self._reach = 0.0

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        self._style_curves(colors)
        super().show_theme(colors)

    def _draw(self, snapshot: Snapshot) -> list[Line]:
        layers = layers_of(snapshot.program)
        if layers != self._layers:
            self._replace_curves(layers)
        # The loss is recorded at every step.
        self._reach = reach_of(snapshot.curves.batch_step)
        lines, dots = [], []
        for node, layer in layers.items():
            steps, norms = snapshot.curves.gradient_norms.get(node, (EMPTY, EMPTY))
            drawn = Line(layer.title, *with_gaps(steps, norms, self._reach))
            self._trace(self.raw_curves[node], drawn)
            self._trace(self.curves[node], Line(layer.title, drawn.steps, smoothed(drawn.values)), density=0.5)
            x, y = lone_points(drawn.steps, drawn.values)
            dots.append((x, shown_values(y, self.chart.is_log)))
            if len(steps):
                lines.append(Line(layer.title, steps, norms))
        self._show_dots([layer.style.color for layer in layers.values()], dots)
        return lines

    def _show_dots(self, colors: Sequence[str], dots: Sequence[tuple[Array, Array]]) -> None:
        fills = [QColor(color) for color, (x, _) in zip(colors, dots, strict=True) for _ in x]
        if not fills:
            self.dots.clear()
            return
        x, y = (np.concatenate(parts) for parts in zip(*dots, strict=True))
        self.dots.set_styled_points(x, y, [QPen(fill) for fill in fills], fills)

    def _replace_curves(self, layers: Mapping[int, Layer]) -> None:
        for curve in (*self.raw_curves.values(), *self.curves.values()):
            self.chart.remove(curve)
        self.raw_curves = {node: self.chart.add_curve(in_front=False) for node in layers}
        self.curves = {node: self.chart.add_curve() for node in layers}
        self._layers = layers
        self._style_curves(current().colors)

    def _style_curves(self, colors: Colors) -> None:
        for node, layer in self._layers.items():
            self.raw_curves[node].set_pen(pen_of(blended(layer.style.color, colors.canvas, FAINT)))
            self.curves[node].set_pen(layer.pen(), is_smooth=True)

    def _clear_curves(self) -> None:
        for curve in (*self.raw_curves.values(), *self.curves.values()):
            curve.clear()
        self.dots.clear()

    def _why_empty(self) -> str:
        if self._snapshot is not None and not self._snapshot.program.layers:
            return tr("No node has weights, so there is no gradient to draw")
        if self._snapshot is not None and self._snapshot.method == NoGradient.name:
            return tr("The gradient method is none: no gradient is computed, so there is nothing to draw")
        if self._snapshot is not None and not self._snapshot.is_method_called:
            return tr("The gradient method is not called, so there is no gradient to draw")
        return tr("Press Run or Step: the norm of each layer's gradient appears here")

    def _is_exact(self, step: int) -> bool:
        return self._is_here(step) or super()._is_exact(step)

    def _entries(self, step: int | None) -> Sequence[Entry]:
        by_title = {layer.title: layer for layer in self._layers.values()}
        found = []
        for line in self._lines:
            layer = by_title[line.name]
            value = self._norm_here(layer.node) if self._is_here(step) else self._norm_at(line, step or 0)
            found.append(Entry(line.name, layer.pen(), "–" if value is None else format_number(value)))
        return found

    def _norm_here(self, node: int) -> float | None:
        """Give the norm of a layer's part of the g that the pipeline shows; None where there is no g."""
        snapshot = self._snapshot
        if snapshot is None or snapshot.gradient_norm is None or not snapshot.is_method_called:
            return None
        program = snapshot.program
        return gradient_norm(program.region(snapshot.arena, 1)[program.layer_range(node)])

    def _norm_at(self, line: Line, step: int) -> float | None:
        return value_at(line.steps, line.values, step, self._reach)
