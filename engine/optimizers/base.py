"""What an optimizer is: settings, slots, formula and update rule in one class, with what all of them have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.clipping import CLIPPING_SETTINGS, make_clipping
from engine.message import EngineError, message
from engine.ops.call import Array
from engine.schedules import SCHEDULE_SETTINGS, make_schedule
from engine.setting import Configured, Setting


@dataclass(frozen=True)
class Update:
    """What an update reads and writes: flat arrays of equal length, of one parameter's range or of the whole region.

    `g` is the gradient as clipped, in an array of its own, so that a rule may use it up as work space.
    """

    w: Array
    """The weights: read, never written."""
    g: Array
    slots: tuple[Array, ...]
    """What the optimizer keeps from step to step: read and written."""
    delta: Array
    """Where Δw goes."""


class Optimizer(Configured):
    """An update rule. Subclasses with a `name` register themselves; `name` is the one in files."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    slots: ClassVar[tuple[str, ...]] = ()
    """The names of the arrays that it keeps from step to step; all begin at 0."""
    needs_gradient: ClassVar[bool] = True
    """Whether it uses g; else the gradient method is not called."""

    def __init__(self, given: Mapping[str, object] | None = None) -> None:
        super().__init__(given)
        self._schedule = make_schedule(self.values)
        self._clipping = make_clipping(self.values)

    def __init_subclass__(cls) -> None:
        """Register the subclass under its name."""
        if cls.name:
            OPTIMIZERS[cls.name] = cls

    def rate(self, t: int) -> float:
        """Give η for the t-th update, counted from 1: the learning rate as the schedule has it."""
        return self._schedule.rate(self.number("learning_rate"), t)

    @property
    def formulas(self) -> str:
        """The formula of the rule, after those of clipping and schedule, whose ĝ and ηₜ it has in place of g and η."""
        clipping, schedule, rule = self._clipping.formula, self._schedule.formulas, self.formula
        if clipping:
            rule = re.sub(r"\bg", "ĝ", rule)
        if schedule:
            rule = rule.replace("η", "ηₜ")
        return "\n".join((*filter(None, (clipping,)), *schedule, rule))

    @property
    def memory(self) -> tuple[str, ...]:
        """The names of all that it keeps from step to step, arrays with the parameters' layout: its slots."""
        return self.slots

    def clip(self, g: Array) -> None:
        """Make ĝ, which the rule uses in place of g, of a copy of the whole gradient."""
        self._clipping.clip(g)

    def update(self, u: Update, t: int) -> None:
        """Write Δw and the new slots. `t` counts updates from 1."""
        raise NotImplementedError


OPTIMIZERS: dict[str, type[Optimizer]] = {}


def learning_rate(default: float) -> Setting:
    """Declare a learning rate with this default."""
    return Setting(
        "learning_rate", default, "Learning rate", "How far one step goes: the factor η.", minimum=0.0, maximum=1e12
    )


def with_rate(default: float, *own: Setting) -> tuple[Setting, ...]:
    """Declare the settings of a rule with a learning rate: the rate, what is the rule's own, schedule and clipping."""
    return (learning_rate(default), *own, *SCHEDULE_SETTINGS, *CLIPPING_SETTINGS)


def decay(name: str, default: float, label: str, help_: str) -> Setting:
    """Declare a factor from 0 to just below 1."""
    return Setting(name, default, label, help_, minimum=0.0, maximum=0.999999)


def epsilon(default: float) -> Setting:
    """Declare the ε of a division."""
    return Setting("epsilon", default, "ε", "Keeps the division from 0.", positive=True, maximum=1.0)


def weight_decay(default: float) -> Setting:
    """Declare a decoupled weight decay."""
    return Setting(
        "weight_decay",
        default,
        "Weight decay λ",
        "The part of each weight, times η, that is taken off at every step, whatever g is.",
        minimum=0.0,
        maximum=1e6,
    )


def descent_label(batch_rows: int, train_rows: int) -> str:
    """Give the name that SGD goes by with batches of this size: one rule, three names."""
    if batch_rows >= train_rows:
        return "Gradient descent"
    return "SGD" if batch_rows == 1 else "Minibatch SGD"


def make_optimizer(kind: str, settings: Mapping[str, object]) -> Optimizer:
    """Make an optimizer by its name. Raises EngineError for an unknown one, SettingError for a value out of place."""
    if kind not in OPTIMIZERS:
        raise EngineError(message("there is no optimizer called {name}", name=repr(kind)))
    return OPTIMIZERS[kind](settings)
