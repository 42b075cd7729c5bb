"""What the Train menu has beside stepping: runs with an end, and how the first one begins."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.runner import Runner
from app.settings import UserSettings
from ui.actions import Actions
from ui.run_popup import STEP, STEPS, RunPopup


class RunMenu(QObject):
    """Carries out these actions. `button` is the one below which a number is asked for; `begun`: a run goes there."""

    begun = Signal()

    def __init__(self, actions: Actions, runner: Runner, settings: UserSettings, button: QWidget) -> None:
        super().__init__(button)
        self._actions, self._runner, self._settings, self._button = actions, runner, settings, button
        self.steps, self.step = RunPopup(STEPS, button), RunPopup(STEP, button)
        self.steps.accepted.connect(self._on_steps_accepted)
        self.step.accepted.connect(self._on_step_accepted)
        actions["slow-start"].setChecked(settings.slow_start)
        runner.has_slow_start = settings.slow_start

    @property
    def tasks(self) -> dict[str, Callable[[], object]]:
        """What each action does, by its name."""
        return {
            "run-steps": lambda: self.steps.open_below(self._button, self._settings.run_steps),
            "run-to-step": lambda: self.step.open_below(self._button, self._next_round_step()),
            "slow-start": self._choose_start,
        }

    def _next_round_step(self) -> int:
        """Propose a step: in the past the end of it, else the next one with a round number."""
        snapshot = self._runner.snapshot
        step, end = (0, 0) if snapshot is None else (snapshot.step, snapshot.track.end)
        if step < end:
            return end
        unit = int(10 ** max(len(str(step)) - 1, 2))
        return (step // unit + 1) * unit

    def _choose_start(self) -> None:
        self._settings.slow_start = self._runner.has_slow_start = self._actions["slow-start"].isChecked()

    def _on_steps_accepted(self, count: int) -> None:
        self._settings.run_steps = count
        self.begun.emit()
        self._runner.run_steps(count)

    def _on_step_accepted(self, step: int) -> None:
        self.begun.emit()
        self._runner.run_to_step(step)
