"""The schedules: how the learning rate η changes in the course of a run. Each is one class, one share of η over time.

All are set by the same two numbers with the same meaning: N steps after its beginning a schedule has brought η down to
γ η. A warm-up of W steps goes before any of them: η grows evenly from η/W to η, and the schedule begins after that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from engine.setting import Setting, complete


class Schedule:
    """A share of η that depends on the step. Subclasses register themselves under `name`, the one in files."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    """The rate, with x for the time since the warm-up in units of N steps."""

    def __init__(self, steps: float, factor: float, warm_up: float) -> None:
        self.steps = steps
        self.factor = factor
        self.warm_up = warm_up

    def __init_subclass__(cls) -> None:
        """Register the subclass under its name."""
        SCHEDULES[cls.name] = cls

    @property
    def formulas(self) -> tuple[str, ...]:
        """The formulas of ηₜ, the rate of the t-th update, with the warm-up; none where it is η at every step."""
        if self.formula == Constant.formula:
            return ("ηₜ = η min(1, t / W)",) if self.warm_up else ()
        if not self.warm_up:
            return "x = (t − 1) / N", f"ηₜ = {self.formula}"
        return "x = (t − 1 − W) / N", "ηₜ = η t / W where t ≤ W, later", f"ηₜ = {self.formula}"

    def rate(self, base: float, t: int) -> float:
        """Give the learning rate of the t-th update, counted from 1, for a base rate."""
        if t <= self.warm_up:
            return base * (t / self.warm_up)
        return base * self.share(t - 1 - self.warm_up)

    def share(self, k: float) -> float:
        """Give the share of the base rate k steps after the warm-up; 1 at k = 0."""
        raise NotImplementedError


SCHEDULES: dict[str, type[Schedule]] = {}


class Constant(Schedule):
    """η at every step."""

    name = "constant"
    label = "constant"
    summary = "The learning rate stays as it is."
    formula = "η"

    def share(self, k: float) -> float:
        """Give 1."""
        return 1.0


class StepDecay(Schedule):
    """γ^⌊k/N⌋: what PyTorch calls StepLR."""

    name = "step"
    label = "step"
    summary = "Every N steps the learning rate is multiplied by γ at once."
    formula = "η γ^⌊x⌋"

    def share(self, k: float) -> float:
        """Count the whole stretches of N steps."""
        return math.pow(self.factor, k // self.steps)


class ExponentialDecay(Schedule):
    """γ^(k/N): what PyTorch calls ExponentialLR, with γ per N steps."""

    name = "exponential"
    label = "exponential"
    summary = "Each step makes the learning rate smaller by the same share: by γ in N steps."
    formula = "η γˣ"

    def share(self, k: float) -> float:
        """Decay a little at each step."""
        return math.pow(self.factor, k / self.steps)


class InverseTimeDecay(Schedule):
    """1 / (1 + a k/N) with a = 1/γ − 1 (Robbins & Monro 1951 for why it converges)."""

    name = "inverse-time"
    label = "inverse time"
    summary = "The learning rate falls as one over the time: to γ η in N steps, then ever more slowly."
    formula = "η / (1 + (1/γ − 1) x)"

    def share(self, k: float) -> float:
        """Divide by what grows evenly with time."""
        return 1.0 / (1.0 + (1.0 / self.factor - 1.0) * k / self.steps)


class CosineDecay(Schedule):
    """γ + (1−γ)(1 + cos(π k/N))/2 until k = N, then γ (Loshchilov & Hutter 2017, without restarts)."""

    name = "cosine"
    label = "cosine"
    summary = "The learning rate goes down to γ η along half a wave in N steps, and stays there."
    formula = "η (γ + (1 − γ) cos²(π min(x, 1) / 2))"

    def share(self, k: float) -> float:
        """Follow half a wave."""
        wave = (1.0 + math.cos(math.pi * min(k / self.steps, 1.0))) / 2.0
        return self.factor + (1.0 - self.factor) * wave


SCHEDULE_SETTINGS = (
    Setting(
        "schedule",
        Constant.name,
        "Schedule",
        "How the learning rate η changes in the course of the run.",
        choices=tuple(SCHEDULES),
        choice_labels=tuple(schedule.label for schedule in SCHEDULES.values()),
    ),
    Setting(
        "schedule_steps",
        1000,
        "Steps N",
        "After so many steps the schedule has brought η down to γ η.",
        minimum=1,
        maximum=10**12,
        depends_on="schedule",
    ),
    Setting(
        "schedule_factor",
        0.1,
        "Factor γ",
        "The part of η that is left after N steps.",
        minimum=1e-6,
        maximum=1.0,
        depends_on="schedule",
    ),
    Setting(
        "warm_up",
        0,
        "Warm-up W",
        "During so many first steps η grows evenly to its full size; 0: full from the start.",
        minimum=0,
        maximum=10**12,
    ),
)
"""What every optimizer with a learning rate lets people set."""


def make_schedule(values: Mapping[str, object]) -> Schedule:
    """Make the schedule that an optimizer's settings choose; what is not among them has its default."""
    given = {setting.name: values[setting.name] for setting in SCHEDULE_SETTINGS if setting.name in values}
    own = complete(SCHEDULE_SETTINGS, given)
    steps, factor, warm_up = (float(str(own[name])) for name in ("schedule_steps", "schedule_factor", "warm_up"))
    return SCHEDULES[str(own["schedule"])](steps, factor, warm_up)
