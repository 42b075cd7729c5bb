"""The loss: of each batch, and of the whole training and test set at the weights between steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.translate import format_number, tr
from engine.recording import Curves
from engine.snapshot import Snapshot
from ui.colors import Colors
from ui.plots.drawn import pen_of
from ui.plots.ghosts import Ghosts
from ui.plots.history import HistoryPanel, Line
from ui.plots.legend import Entry
from ui.plots.series import shown_values, value_at
from ui.theme import blended

TEST_DASHES = (5.0, 3.0)
PENALTY_DASHES = (1.0, 3.0)
FAINT = 0.3
GHOSTLY = 0.55
WIDTH = 1.5
NAMES = ("batch", "train", "test", "penalty")


class LossPanel(HistoryPanel):
    """Batch loss faint behind; train solid and test dashed in front, both in the color of words.

    Where the loss has L1 or L2 terms, they are part of all three, and a dotted curve shows them apart. Behind all lie
    the train and test curves of the lines that were left.
    """

    key = "loss"
    label = "Loss"
    help = "The loss of each batch, faint, and of the whole training and test set at the weights between the steps."

    def __init__(self) -> None:
        super().__init__()
        self._ghosts = Ghosts()
        self._penalty: float | None = None
        self.ghost_curves = self.chart.add_curve(in_front=False), self.chart.add_curve(in_front=False)
        self.batch_curve = self.chart.add_curve(in_front=False)
        self.train_curve = self.chart.add_curve()
        self.test_curve = self.chart.add_curve()
        self.penalty_curve = self.chart.add_curve()
        curves = (self.batch_curve, self.train_curve, self.test_curve, self.penalty_curve)
        self._curves = dict(zip(NAMES, curves, strict=True))

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        self._pens = {
            "batch": pen_of(blended(colors.text, colors.canvas, FAINT)),
            "train": pen_of(colors.text, width=WIDTH),
            "test": pen_of(colors.text, TEST_DASHES, WIDTH),
            "penalty": pen_of(colors.dim, PENALTY_DASHES, WIDTH),
        }
        faint = blended(colors.warning, colors.canvas, GHOSTLY)
        self._ghost_pens = pen_of(faint), pen_of(faint, TEST_DASHES)
        for name, curve in self._curves.items():
            curve.set_pen(self._pens[name], is_smooth=name != "batch")
        for curve, pen in zip(self.ghost_curves, self._ghost_pens, strict=True):
            curve.set_pen(pen)
        super().show_theme(colors)

    def _draw(self, snapshot: Snapshot) -> list[Line]:
        recorded = snapshot.curves
        has_test = bool(snapshot.program.data) and len(snapshot.evaluator.dataset.test) > 0
        self._draw_ghosts(snapshot.track.ghosts, has_test)
        if not len(recorded.batch_step) and len(recorded.test_step) < 2 and not len(self._ghosts):
            return []
        steps, train, test, penalty = recorded.test_step, recorded.train, recorded.test, recorded.penalty
        self._penalty = value_at(steps, penalty, snapshot.step)
        if not self._is_running:
            self._penalty = snapshot.evaluator.penalty(snapshot.state)
            if not len(steps) or steps[-1] < snapshot.step:
                # In a run only some steps are recorded; where it stands still, the curves end at what the legend says.
                steps = np.append(steps, snapshot.step)
                train, test = np.append(train, snapshot.train_loss), np.append(test, snapshot.test_loss)
                penalty = np.append(penalty, self._penalty)
        lines = [
            Line("batch", recorded.batch_step, recorded.batch_loss),
            Line("train", steps, train),
            Line("test", steps, test),
        ]
        if not has_test:
            lines.pop()
        if penalty.any():
            lines.append(Line("penalty", steps, penalty))
        for name, curve in self._curves.items():
            drawn = next((line for line in lines if line.name == name and len(line.steps)), None)
            if drawn is None:
                curve.clear()
            else:
                self._trace(curve, drawn, density=2.0 if name == "batch" else 1.0)
        return [line for line in lines if len(line.steps)]

    def _draw_ghosts(self, curves: tuple[Curves, ...], has_test: bool) -> None:
        if self._ghosts.take(curves, self.chart.pixels_across, self.chart.is_log):
            for curve, line in zip(self.ghost_curves, self._ghosts.lines, strict=True):
                curve.set_points(line.steps, shown_values(line.values, self.chart.is_log))
        self.ghost_curves[1].setVisible(has_test)

    def _behind(self) -> Sequence[Line]:
        return self._ghosts.lines if len(self._ghosts) else ()

    def _clear_curves(self) -> None:
        self._ghosts = Ghosts()
        for curve in (*self._curves.values(), *self.ghost_curves):
            curve.clear()

    def _why_empty(self) -> str:
        return tr("Press Run or Step: the loss of each batch appears here")

    def _is_exact(self, step: int) -> bool:
        return self._is_here(step) or super()._is_exact(step)

    def _entries(self, step: int | None) -> Sequence[Entry]:
        assert self._snapshot is not None
        words = {"batch": tr("batch"), "train": tr("train"), "test": tr("test"), "penalty": tr("L1/L2 part")}
        here = self._values_here(self._snapshot) if self._is_here(step) else None
        found = []
        for line in self._lines:
            if step is None and line.name == "batch":
                continue
            value = value_at(line.steps, line.values, step or 0) if here is None else here[line.name]
            text = "–" if value is None else format_number(value)
            found.append(Entry(words[line.name], self._pens[line.name], text))
        if step is None and len(self._ghosts):
            found.append(Entry(tr("earlier lines"), self._ghost_pens[0], is_minor=True))
        return found

    def _values_here(self, snapshot: Snapshot) -> dict[str, float | None]:
        """Give what the transport and the pipeline show as well: the losses where the run stands."""
        losses = {"batch": snapshot.loss, "train": snapshot.train_loss, "test": snapshot.test_loss}
        return {**losses, "penalty": self._penalty}
