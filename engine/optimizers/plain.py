"""The optimizers that go down the gradient with one learning rate for all weights."""

from __future__ import annotations

import numpy as np

from engine.optimizers.base import Optimizer, Update, decay, with_rate


class NoOptimizer(Optimizer):
    """Leaves the weights as they are: Δw = 0."""

    name = "none"
    label = "none"
    summary = "Nothing changes the weights: g, if it is computed, is not used, and the loss stays flat."
    formula = "Δw = 0"

    def update(self, u: Update, t: int) -> None:
        """Write zeros."""
        u.delta.fill(0.0)


class SGD(Optimizer):
    """Goes straight down the gradient: Δw = −η g (Robbins & Monro 1951)."""

    name = "sgd"
    label = "SGD"
    summary = "Stochastic gradient descent: one step against the gradient of this batch."
    formula = "Δw = −η g"
    settings = with_rate(0.1)

    def update(self, u: Update, t: int) -> None:
        """Write −η g."""
        np.multiply(u.g, -self.rate(t), out=u.delta)


MOMENTUM = decay("momentum", 0.9, "Momentum μ", "The part of the speed that is kept.")


class Momentum(Optimizer):
    """Keeps rolling: v ← μ v + g, Δw = −η v (Polyak 1964)."""

    name = "momentum"
    label = "Momentum"
    summary = "SGD that keeps a part μ of its last speed."
    formula = "v ← μ v + g\nΔw = −η v"
    settings = with_rate(0.05, MOMENTUM)
    slots = ("v",)

    def update(self, u: Update, t: int) -> None:
        """Roll on."""
        (v,) = u.slots
        v *= self.number("momentum")
        v += u.g
        np.multiply(v, -self.rate(t), out=u.delta)


class Nesterov(Optimizer):
    """Looks ahead: v ← μ v + g, Δw = −η (g + μ v) (Nesterov 1983; in this form Sutskever et al. 2013)."""

    name = "nesterov"
    label = "Nesterov"
    summary = "Momentum that looks ahead: it goes where the speed is about to carry it, and so overshoots less."
    formula = "v ← μ v + g\nΔw = −η (g + μ v)"
    settings = with_rate(0.05, MOMENTUM)
    slots = ("v",)

    def update(self, u: Update, t: int) -> None:
        """Roll on, and a part of the next step further."""
        (v,), delta, mu = u.slots, u.delta, self.number("momentum")
        v *= mu
        v += u.g
        np.multiply(v, mu, out=delta)
        delta += u.g
        delta *= -self.rate(t)
