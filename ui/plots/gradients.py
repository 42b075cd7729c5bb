"""The size of g in each layer, step by step: where it vanishes or explodes on its way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.translate import format_number, tr
from engine.gradients import NoGradient
from engine.snapshot import Snapshot
from ui.colors import Colors
from ui.plots.drawn import EMPTY, Curve, pen_of
from ui.plots.history import HistoryPanel, Line
from ui.plots.layers import Layer, layers_of
from ui.plots.legend import Entry
from ui.plots.series import smoothed, value_at
from ui.theme import blended, current

FAINT = 0.3


class GradientsPanel(HistoryPanel):
    """Two curves a layer: ‖g‖ of each batch, faint, and its running mean."""

    key = "gradients"
    label = "Gradient norm by layer"
    help = "The length of each layer's part of g: of each batch, faint, and as a running mean."

    def __init__(self) -> None:
        super().__init__()
        self._layers: Mapping[int, Layer] = {}
        self.raw_curves: dict[int, Curve] = {}
        self.curves: dict[int, Curve] = {}

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        self._style_curves(colors)
        super().show_theme(colors)

    def _draw(self, snapshot: Snapshot) -> list[Line]:
        layers = layers_of(snapshot.program)
        if layers != self._layers:
            self._replace_curves(layers)
        lines = []
        for node, layer in layers.items():
            steps, norms = snapshot.curves.gradient_norms.get(node, (EMPTY, EMPTY))
            line = Line(layer.title, steps, norms)
            self._trace(self.raw_curves[node], line)
            self._trace(self.curves[node], Line(layer.title, steps, smoothed(norms)), density=0.5)
            if len(steps):
                lines.append(line)
        return lines

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

    def _why_empty(self) -> str:
        if self._snapshot is not None and not self._snapshot.program.layers:
            return tr("No node has weights, so there is no gradient to draw")
        if self._snapshot is not None and self._snapshot.method == NoGradient.name:
            return tr("The gradient method is none: no gradient is computed, so there is nothing to draw")
        if self._snapshot is not None and not self._snapshot.is_method_called:
            return tr("The gradient method is not called, so there is no gradient to draw")
        return tr("Press Run or Step: the norm of each layer's gradient appears here")

    def _entries(self, step: float | None) -> Sequence[Entry]:
        by_title = {layer.title: layer for layer in self._layers.values()}
        found = []
        if step is None and self._snapshot is not None and self._snapshot.track.is_past:
            step = self._snapshot.step - 1.0
        for line in self._lines:
            value = line.values[-1] if step is None else value_at(line.steps, line.values, step)
            text = "–" if value is None else format_number(value)
            found.append(Entry(line.name, by_title[line.name].pen(), text))
        return found
