"""The Frames: when a moment of a run is shown, at its rate and not twice."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from app.motor import FRAME_SECONDS
from engine.snapshot import Snapshot
from engine.trainer import Trainer

FIGURES_SECONDS = 0.1
"""In a fast run figures change so far apart: more often nobody can read them, and drawing them takes time."""


class Frames:
    """Takes snapshots of a trainer, of which `shown` is the last, and hands them to `show` and `show_figures`."""

    def __init__(
        self, show: Callable[[Snapshot | None], None], show_figures: Callable[[Snapshot | None], None]
    ) -> None:
        self.shown: Snapshot | None = None
        self._show, self._show_figures = show, show_figures
        self._figures_at = 0.0
        self._shown_at = 0.0
        self._shown_in = 0.0

    def is_due(self, trainer: Trainer) -> bool:
        """Tell whether it is time for a frame, and the run has gone on since the last one."""
        # Frames of a very large network take long: at least as much time goes to the run.
        if perf_counter() - self._shown_at < max(FRAME_SECONDS, 2 * self._shown_in):
            return False
        shown, stepper = self.shown, trainer.stepper
        return shown is None or (shown.step, shown.micro) != (stepper.step, stepper.micro)

    def show(self, snapshot: Snapshot | None, *, is_fast: bool = False) -> None:
        """Show a moment; in a fast run not always in figures."""
        begun = perf_counter()
        self.shown = snapshot
        self._show(snapshot)
        if not is_fast or begun - self._figures_at >= FIGURES_SECONDS:
            self._figures_at = begun
            self._show_figures(snapshot)
        self._shown_at = perf_counter()
        self._shown_in = self._shown_at - begun
