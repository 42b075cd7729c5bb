"""The optimizers that give each weight a step of its own."""

from __future__ import annotations

import numpy as np

from engine.ops.call import Array
from engine.optimizers.base import Optimizer, Update, decay, epsilon, with_rate
from engine.setting import Setting


class AdaGrad(Optimizer):
    """Divides by the root of all squares so far: s ← s + g², Δw = −η g / (√s + ε) (Duchi, Hazan & Singer 2011)."""

    name = "adagrad"
    label = "AdaGrad"
    summary = "Gives each weight its own step, the smaller the more gradient it has ever had."
    formula = "s ← s + g²\nΔw = −η g / (√s + ε)"
    settings = with_rate(0.1, epsilon(1e-10))
    slots = ("s",)

    def update(self, u: Update, t: int) -> None:
        """Scale by the root of the sum of squares."""
        (s,) = u.slots
        np.multiply(u.g, u.g, out=u.delta)
        s += u.delta
        _scale_by_root(u, s, self.number("epsilon"), self.rate(t))


class RMSProp(Optimizer):
    """Divides by a running root mean square: s ← ρ s + (1−ρ) g², Δw = −η g / (√s + ε) (Hinton 2012)."""

    name = "rmsprop"
    label = "RMSProp"
    summary = "Gives each weight its own step, by the size that its gradient had lately."
    formula = "s ← ρ s + (1 − ρ) g²\nΔw = −η g / (√s + ε)"
    settings = with_rate(0.01, decay("decay", 0.99, "Decay ρ", "How slowly the mean square forgets."), epsilon(1e-8))
    slots = ("s",)

    def update(self, u: Update, t: int) -> None:
        """Scale by the running root mean square."""
        (s,), delta, rho = u.slots, u.delta, self.number("decay")
        np.multiply(u.g, u.g, out=delta)
        delta *= 1.0 - rho
        s *= rho
        s += delta
        _scale_by_root(u, s, self.number("epsilon"), self.rate(t))


class AdaDelta(Optimizer):
    """Makes its steps as large as the last ones were, in units of w (Zeiler 2012)."""

    name = "adadelta"
    label = "AdaDelta"
    summary = "RMSProp that finds the size of its steps by itself, from those that it took lately."
    formula = "s ← ρ s + (1 − ρ) g²\nd = g √(r + ε) / √(s + ε)\nr ← ρ r + (1 − ρ) d²\nΔw = −η d"
    settings = with_rate(
        1.0,
        decay("decay", 0.9, "Decay ρ", "How slowly both mean squares forget."),
        Setting(
            "epsilon", 1e-6, "ε", "Keeps the division from 0, and is where the steps begin.", positive=True, maximum=1.0
        ),
    )
    slots = ("s", "r")

    def update(self, u: Update, t: int) -> None:
        """Scale by the ratio of both running roots."""
        s, r = u.slots
        g, delta, rho, eps = u.g, u.delta, self.number("decay"), self.number("epsilon")
        np.multiply(g, g, out=delta)
        delta *= 1.0 - rho
        s *= rho
        s += delta
        np.add(s, eps, out=delta)
        np.sqrt(delta, out=delta)
        g /= delta
        np.add(r, eps, out=delta)
        np.sqrt(delta, out=delta)
        delta *= g
        np.multiply(delta, delta, out=g)
        g *= 1.0 - rho
        r *= rho
        r += g
        delta *= -self.rate(t)


class Rprop(Optimizer):
    """Goes by the sign of g alone, with a step a for each weight that grows and shrinks (Riedmiller & Braun 1993).

    A step of 0 stands for a weight that has had none yet. Where the sign of g has changed, the weight waits once, as
    in PyTorch (the variant iRprop− of Igel & Hüsken 2000).
    """

    name = "rprop"
    label = "Rprop"
    summary = "Uses only the sign of g: steps grow while it stays and shrink where it changes. For whole batches."
    formula = (
        "a ← a η₊ where g p > 0\na ← a η₋ where g p < 0\na ← min(max(a, a₋), a₊)\n"
        "p ← g, or 0 where g p < 0\nΔw = −a sign(p)"
    )
    settings = (
        Setting("first_step", 0.01, "First step a", "How far each weight goes at first.", positive=True, maximum=1e6),
        Setting("growth", 1.2, "Growth η₊", "The factor of a step while the sign stays.", minimum=1.0, maximum=10.0),
        Setting("shrinkage", 0.5, "Shrinkage η₋", "The factor where the sign changes.", positive=True, maximum=1.0),
        Setting("smallest_step", 1e-6, "Smallest a₋", "No step is smaller.", positive=True, maximum=1e6),
        Setting("largest_step", 50.0, "Largest a₊", "No step is larger.", positive=True, maximum=1e6),
    )
    slots = ("p", "a")

    def update(self, u: Update, t: int) -> None:
        """Compare signs with those of the step before, change the steps, go."""
        (p, a), g, delta = u.slots, u.g, u.delta
        np.copyto(a, self.number("first_step"), where=a == 0.0)
        # The signs are multiplied, as the product of the numbers may underflow to 0.
        np.sign(p, out=p)
        np.sign(g, out=delta)
        p *= delta
        has_changed = p < 0.0
        np.multiply(a, self.number("growth"), out=a, where=p > 0.0)
        np.multiply(a, self.number("shrinkage"), out=a, where=has_changed)
        np.clip(a, self.number("smallest_step"), self.number("largest_step"), out=a)
        np.copyto(g, 0.0, where=has_changed)
        np.copyto(p, g)
        np.sign(g, out=delta)
        delta *= a
        np.negative(delta, out=delta)


def _scale_by_root(u: Update, s: Array, eps: float, rate: float) -> None:
    """Write Δw = −η g / (√s + ε)."""
    delta = u.delta
    np.sqrt(s, out=delta)
    delta += eps
    np.divide(u.g, delta, out=delta)
    delta *= -rate
