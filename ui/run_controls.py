"""What can be done with the run now, and what the actions for it are called then."""

from __future__ import annotations

from collections.abc import Callable

from app.runner import Runner
from app.translate import tr
from ui.actions import Actions
from ui.gradient_controls import GradientControls
from ui.icons import show_icon

ALWAYS = ("run", "run-steps", "run-to-step", "step", "next-phase", "micro-step", "reset", "new-weights")
"""What can be done wherever a run stands."""
BACK = ("previous", "previous-phase", "previous-micro-step", "start")


class RunControls:
    """Carries out the actions of the run and keeps them enabled where they can do something."""

    def __init__(self, actions: Actions, runner: Runner) -> None:
        self._actions, self._runner = actions, runner
        self._gradient = GradientControls(actions, runner)
        self._shown: tuple[bool, ...] = ()

    @property
    def tasks(self) -> dict[str, Callable[[], object]]:
        """What each action does, by its name."""
        runner = self._runner
        return {
            "run": lambda: runner.pause() if runner.is_running else runner.run(),
            "step": runner.step,
            "next-phase": runner.next_phase,
            "micro-step": runner.micro_step,
            "previous": runner.previous,
            "previous-phase": runner.previous_phase,
            "previous-micro-step": runner.previous_micro_step,
            "start": runner.go_to_start,
            "now": runner.go_to_end,
            "resume": runner.branch,
            "reset": runner.reset,
            **self._gradient.tasks,
        }

    def show_state(self) -> None:
        """Enable what can be done now, and say on the action what it will do."""
        self._gradient.show_state()
        runner, actions = self._runner, self._actions
        state = (runner.is_running, runner.is_past, runner.can_run, runner.can_go_back, runner.can_resume)
        if state == self._shown:
            return
        self._shown = state
        words = tr("Replay") if runner.is_past else tr("Run")
        actions["run"].setText(tr("Pause") if runner.is_running else words)
        actions.explain("run", tr("Do the same steps again, up to the last one") if runner.is_past else "")
        show_icon(actions["run"], "pause" if runner.is_running else "run")
        for names, can in (
            (ALWAYS, runner.can_run),
            (BACK, runner.can_go_back),
            (("now",), runner.is_past),
            (("resume",), runner.can_resume),
        ):
            for name in names:
                actions[name].setEnabled(can)
