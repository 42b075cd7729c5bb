"""The actions that compute g and use it, each by itself: enabled where they can do something, and why not elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from app.runner import Runner
from app.translate import tr
from ui.actions import Actions

NAMES = ("compute-gradient", "apply-gradient", "redraw")


class GradientControls:
    """Carries these actions out and says in their tooltips what keeps them from being done."""

    def __init__(self, actions: Actions, runner: Runner) -> None:
        self._actions, self._runner = actions, runner
        self._shown: tuple[object, ...] = ()

    @property
    def tasks(self) -> dict[str, Callable[[], object]]:
        """What each action does, by its name."""
        gradient = self._runner.gradient
        return dict(zip(NAMES, (gradient.compute, gradient.apply, gradient.redraw), strict=True))

    def show_state(self) -> None:
        """Enable what can be done now."""
        obstacles = self._runner.gradient.obstacles
        state = (self._runner.can_run, *obstacles)
        if state == self._shown:
            return
        self._shown = state
        for name, obstacle in zip(NAMES, obstacles, strict=True):
            self._actions[name].setEnabled(self._runner.can_run and obstacle is None)
            self._actions.explain(name, "" if obstacle is None else tr(obstacle))
