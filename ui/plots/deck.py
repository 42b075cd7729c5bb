"""The row of plots: as many side by side as the window has room for; each title offers those that are hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSplitter, QWidget

from app.errors import guarded
from engine.snapshot import Snapshot
from ui.plots.base import Panel
from ui.theme import current

MIN_PANEL_WIDTH = 220
MIN_HEIGHT = 150
GAP = 12
CAPACITIES = ((1400, 4), (900, 2), (0, 1))
"""From so wide a window on, so many plots stand side by side."""


class Deck(QWidget):
    """Shows snapshots on the visible panels. A hidden panel is brought up to date when it is shown."""

    hovered = Signal(object)
    """The step under the mouse in any plot, or None."""
    step_requested = Signal(object)
    """A click at this step in any plot."""

    def __init__(self, panels: Sequence[Panel]) -> None:
        super().__init__()
        self.panels: Mapping[str, Panel] = {panel.key: panel for panel in panels}
        self._keys = list(self.panels)
        self._capacity = len(panels)
        self._snapshot: Snapshot | None = None
        self._due: list[str] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(GAP)
        self._splitter.setStyleSheet("QSplitter::handle:horizontal { background: transparent; }")
        for panel in panels:
            panel.setMinimumWidth(MIN_PANEL_WIDTH)
            self._fill_switch(panel.key)
            panel.step_requested.connect(self.step_requested)
            panel.hovered.connect(lambda step, source=panel: self._on_panel_hovered(source, step))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GAP, 2, GAP, 8)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        layout.addWidget(self._splitter)
        self.setMinimumSize(MIN_PANEL_WIDTH + 2 * GAP, MIN_HEIGHT)
        current().changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self._arrange()

    @property
    def keys(self) -> tuple[str, ...]:
        """The plots that are wanted, in order; as many of them as there is room for are visible."""
        return tuple(self._keys)

    @property
    def visible_keys(self) -> tuple[str, ...]:
        """The plots that are visible, from left to right."""
        return tuple(self._keys[: self._capacity])

    def show_panels(self, keys: Sequence[str]) -> None:
        """Say which plots are wanted, in order; keys that are unknown are passed over."""
        wanted = [key for key in dict.fromkeys(keys) if key in self.panels]
        if wanted != self._keys:
            self._keys = wanted
            self._arrange()

    def show_snapshot(self, snapshot: Snapshot | None, is_running: bool = False) -> None:
        """Draw a snapshot; None empties the plots. While running, slow plots may pass over some snapshots.

        In a run they are drawn one after another, so that the mouse has its turn in between.
        """
        self._snapshot = snapshot
        if snapshot is not None and is_running:
            # Those that still wait for the snapshot before go first.
            self._due += [key for key in self.visible_keys if key not in self._due]
            self._timer.start(0)
            return
        self._stop_waiting()
        for key in self.visible_keys:
            if snapshot is None:
                self.panels[key].clear()
            else:
                self.panels[key].show_snapshot(snapshot)

    def show_crosshair(self, step: float | None) -> None:
        """Point at a step in every plot that has steps."""
        for key in self.visible_keys:
            self.panels[key].show_crosshair(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many plots as the window has room for."""
        super().resizeEvent(event)
        width = self.window().width()
        capacity = next(count for least, count in CAPACITIES if width >= least)
        if capacity != self._capacity:
            self._capacity = capacity
            self._arrange()

    def _arrange(self) -> None:
        """Put the visible plots side by side at equal widths, up to date, and offer the others in their titles."""
        visible = self.visible_keys
        for key, panel in self.panels.items():
            if key not in visible:
                panel.hide()
                panel.setParent(self)
        for index, key in enumerate(visible):
            panel = self.panels[key]
            was_hidden = panel.isHidden()
            self._splitter.insertWidget(index, panel)
            self._splitter.setStretchFactor(index, 1)
            panel.show()
            panel.set_switchable(len(visible) < len(self.panels))
            if was_hidden and self._snapshot is not None:
                panel.show_snapshot(self._snapshot)
            elif was_hidden:
                panel.clear()
        self._splitter.setSizes([self.width()] * len(visible))

    def _stop_waiting(self) -> None:
        self._due.clear()
        self._timer.stop()

    @guarded
    def _on_timer_timeout(self) -> None:
        """Draw the plot that waits longest."""
        key = self._due.pop(0) if self._due else ""
        if not self._due:
            self._timer.stop()
        if key in self.visible_keys and self._snapshot is not None:
            self.panels[key].show_snapshot(self._snapshot, is_running=True)

    def _fill_switch(self, key: str) -> None:
        """Offer every other plot for the place of this one."""
        for other, panel in self.panels.items():
            if other != key:
                action = self.panels[key].switch_menu.addAction(panel.title)
                action.triggered.connect(lambda _, other=other: self._switch(key, other))

    def _switch(self, key: str, other: str) -> None:
        """Put another plot in the place of one, and that one in the other's place."""
        places = {key: other, other: key}
        self.show_panels([places.get(wanted, wanted) for wanted in self._keys])

    def _on_panel_hovered(self, source: Panel, step: float | None) -> None:
        for key in self.visible_keys:
            if self.panels[key] is not source:
                self.panels[key].show_crosshair(step)
        self.hovered.emit(step)

    def _on_theme_changed(self) -> None:
        for panel in self.panels.values():
            panel.show_theme(current().colors)
