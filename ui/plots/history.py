"""What the plots over steps share: following, the log switch, the crosshair, events, and marks where numbers end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QElapsedTimer
from PySide6.QtGui import QAction, QColor

from app.translate import format_count, tr
from engine.dataset_kind import Array
from engine.message import Message
from engine.recording import Curves
from engine.snapshot import Snapshot
from ui.colors import Colors
from ui.plots.base import Panel
from ui.plots.chart import Chart
from ui.plots.drawn import Curve, pen_of
from ui.plots.export import save_data_as
from ui.plots.legend import SEPARATOR, Entry
from ui.plots.series import count_hidden, count_huge, has_step, shown_values, thin
from ui.plots.ticks import HUGE, log_bounds, step_bound, value_bounds

EVENT_REACH = 0.015
"""How near to an event, as a share of the axis, the mouse shows its words."""
MARGIN = 0.02
"""How much of the axis's length lies beyond its round bounds, so that curves and words at the ends are whole."""
LEGEND_MS = 100
"""In a run the legend's figures change so far apart: more often nobody can read them."""
HEADROOM = 0.94
"""Where, as a share of the height, marks of what is not finite lie."""


@dataclass(frozen=True, eq=False)
class Line:
    """A recorded series: a name for tables, steps and values of equal length."""

    name: str
    steps: Array
    values: Array


class HistoryPanel(Panel):
    """A plot with steps along the horizontal axis. Subclasses draw their curves and say what stands beside them."""

    has_log: ClassVar[bool] = True
    """Whether the vertical axis can be logarithmic; it then is so at first."""

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None
        self._is_running = False
        self._since_legend = QElapsedTimer()
        self._lines: list[Line] = []
        self._pointed: float | None = None
        self._events: tuple[tuple[int, Message], ...] = ()
        self.chart = Chart()
        self.chart.set_name(tr(self.label))
        self.frame.plot_layout().addWidget(self.chart, 1)
        self._event_lines = self.chart.add_curve(in_front=False, connect="pairs")
        self._bad_marks = self.chart.add_marks("x", 9.0)
        self.follow_button = self.add_button(tr("Follow"), tr("Show the whole run again, now and as it goes on"))
        self.follow_button.hide()
        self.log_button = self.add_button(tr("log"), tr("Logarithmic vertical axis"), checkable=True)
        self.log_button.setVisible(self.has_log)
        self.log_button.setChecked(self.has_log)
        self.chart.set_log(self.has_log)
        self.view_action = QAction(tr("View all"), self)
        self.log_action = QAction(tr("Logarithmic axis"), self)
        self.log_action.setCheckable(True)
        self.log_action.setChecked(self.has_log)
        self.log_action.setVisible(self.has_log)
        self.menu.insertActions(self.copy_action, [self.view_action, self.log_action])
        self.menu.insertSeparator(self.copy_action)
        self.data_action = self.menu.addAction(tr("Save data…"))
        self.view_action.triggered.connect(self.chart.follow)
        self.log_action.toggled.connect(self.log_button.setChecked)
        self.log_button.toggled.connect(self.log_action.setChecked)
        self.data_action.triggered.connect(self._on_data_action_triggered)
        self.follow_button.clicked.connect(self.chart.follow)
        self.log_button.toggled.connect(self._on_log_button_toggled)
        self.chart.following_changed.connect(self._on_chart_following_changed)
        self.chart.hovered.connect(self._on_chart_hovered)
        self.chart.clicked.connect(self._on_chart_clicked)
        self.chart.menu_requested.connect(self.open_menu)

    def show_snapshot(self, snapshot: Snapshot, is_running: bool = False) -> None:
        """Draw what was recorded up to this snapshot."""
        if not self._is_running:
            self._since_legend.invalidate()
        self._snapshot, self._is_running = snapshot, is_running
        self._refresh()

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        super().show_theme(colors)
        self.chart.show_theme(colors)
        self._event_lines.set_pen(pen_of(colors.warning, (2, 3)))
        self._bad_marks.set_style(pen_of(colors.canvas), QColor(colors.error))
        self._refresh()

    def show_crosshair(self, step: float | None) -> None:
        """Point at a step: the legend then shows the values there."""
        self._pointed = step
        self.chart.show_crosshair(step)
        self._refresh_legend()

    def clear(self) -> None:
        """Forget the run."""
        self._snapshot = None
        self._refresh()

    def table(self) -> list[tuple[str, ...]]:
        """Give every recorded value: the series, the step and the value."""
        rows: list[tuple[str, ...]] = [("series", "step", "value")]
        for line in self._lines:
            points = zip(line.steps.tolist(), line.values.tolist(), strict=True)
            rows += [(line.name, repr(step), repr(value)) for step, value in points]
        return rows

    def _draw(self, snapshot: Snapshot) -> list[Line]:
        """Fill the curves and give all series drawn; none where there is nothing to draw yet."""
        raise NotImplementedError

    def _clear_curves(self) -> None:
        """Empty the curves."""
        raise NotImplementedError

    def _why_empty(self) -> str:
        """Say what will be drawn here."""
        raise NotImplementedError

    def _entries(self, step: int | None) -> Sequence[Entry]:
        """Give the legend with the values at `step`, or those where the run stands."""
        raise NotImplementedError

    def _is_here(self, step: int | None) -> bool:
        """Tell whether what is read is where the run stands, so that the snapshot has the exact numbers."""
        is_there = self._snapshot is not None and self._snapshot.step == step and not self._is_running
        return step is None or is_there

    def _is_exact(self, step: int) -> bool:
        """Tell whether the values read at a step are those of that very step."""
        return all(has_step(line.steps, step) for line in self._lines)

    def _words_at(self, step: int) -> str:
        """Give the words for the step pointed at."""
        near = EVENT_REACH * (self.chart.ranges[0][1] - self.chart.ranges[0][0])
        told = [tr(words) for at, words in self._events if abs(at - step) <= near]
        count = format_count(step)
        place = tr("step {step}", step=count) if self._is_exact(step) else tr("near step {step}", step=count)
        return SEPARATOR.join([place, *self._details_at(step), *told[:1]])

    def _details_at(self, step: int) -> Sequence[str]:
        """Give what else there is to read at a step."""
        return ()

    def _trace(self, curve: Curve, line: Line, density: float = 2.0) -> None:
        """Draw a series into a curve with at most so many points a pixel."""
        x, y = thin(line.steps, line.values, int(density * self.chart.pixels_across))
        curve.set_points(x, shown_values(y, self.chart.is_log))

    def _refresh(self) -> None:
        self._lines = [] if self._snapshot is None else self._draw(self._snapshot)
        self.frame.show_words("" if self._lines else self._why_empty())
        self.data_action.setEnabled(bool(self._lines))
        if self._snapshot is None or not self._lines:
            self._clear_curves()
            self._events = ()
        else:
            self._set_bounds()
            self._mark(self._snapshot.curves)
        is_past = self._snapshot is not None and self._snapshot.track.is_past
        self.chart.show_here(float(self._snapshot.step) if self._snapshot is not None and is_past else None)
        if not self._is_running or not self._since_legend.isValid() or self._since_legend.elapsed() >= LEGEND_MS:
            self._since_legend.start()
            self._refresh_legend()

    def _refresh_legend(self) -> None:
        if not self._lines:
            self.legend.show_entries(())
        elif self._pointed is not None:
            step = round(self._pointed)
            self.legend.show_entries(self._entries(step), self._words_at(step), is_reading=True)
        else:
            self.legend.show_entries(self._entries(None), self._words_on_hidden())

    def _words_on_hidden(self) -> str:
        """Say how many values are not drawn, and why."""
        hidden = sum(count_hidden(line.values) for line in self._lines) if self.chart.is_log else 0
        huge = sum(count_huge(line.values) for line in self._lines)
        words = (
            tr("{count} values ≤ 0 hidden", count=format_count(hidden)) if hidden else "",
            tr("{count} beyond 1e{power} hidden", count=format_count(huge), power=round(log10(HUGE))) if huge else "",
        )
        return SEPARATOR.join(filter(None, words))

    def _behind(self) -> Sequence[Line]:
        """Give what lies behind the curves and is to be in view with them."""
        return ()

    def _set_bounds(self) -> None:
        behind = self._behind()
        ends = [float(line.steps[-1]) for line in self._lines] + [float(np.nanmax(line.steps)) for line in behind]
        end = step_bound(max(ends))
        values = np.concatenate([line.values for line in self._lines])
        if behind:
            # One that went astray must not press the present curves flat.
            top = np.max(values, initial=-np.inf, where=np.isfinite(values))
            values = np.concatenate([values, *(np.minimum(line.values, top) for line in behind)])
        span = log_bounds(values) if self.chart.is_log else value_bounds(values)
        self.chart.set_bounds((-MARGIN * end, (1.0 + MARGIN) * end), span or (0.0, 1.0))

    def _mark(self, curves: Curves) -> None:
        """Draw a vertical line for each event, and ✖ near the top where a series is not finite."""
        self._events = curves.events
        low, high = self.chart.ranges[1]
        steps = np.array([step for step, _ in self._events], dtype=np.float64)
        self._event_lines.set_points(np.repeat(steps, 2), np.tile([low, high], len(steps)))
        bad = np.concatenate([line.steps[~np.isfinite(line.values)] for line in self._lines])
        self._bad_marks.set_points(bad, np.full(len(bad), low + HEADROOM * (high - low)))

    def _on_data_action_triggered(self) -> None:
        save_data_as(self, self.table(), self.title)

    def _on_log_button_toggled(self, is_log: bool) -> None:
        self.chart.set_log(is_log)
        self._refresh()

    def _on_chart_following_changed(self, is_following: bool) -> None:
        self.follow_button.setVisible(not is_following)

    def _on_chart_clicked(self, point: tuple[float, float]) -> None:
        if self._lines:
            self.step_requested.emit(max(round(point[0]), 0))

    def _on_chart_hovered(self, point: tuple[float, float] | None) -> None:
        step = None if point is None else max(point[0], 0.0)
        self.show_crosshair(step)
        self.hovered.emit(step)
