"""The optimizers: what turns g into Δw, simplest first. Each is one class and changes nothing but its slots and Δw.

All follow the form that PyTorch documents. `t` counts updates from 1. Arrays are flat and of equal length, so that the
same rule serves one parameter's range and the whole region.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.message import EngineError, message
from engine.ops.base import Array
from engine.setting import Setting, SettingValue, complete

MAX_SLOTS = 3
"""The most arrays of the parameters' size that any optimizer keeps."""


def learning_rate(default: float) -> Setting:
    """Declare a learning rate with this default."""
    return Setting(
        "learning_rate", default, "Learning rate", "How far one step goes: the factor η.", minimum=0.0, maximum=1e12
    )


def decay(name: str, default: float, label: str, help_: str) -> Setting:
    """Declare a factor from 0 to just below 1."""
    return Setting(name, default, label, help_, minimum=0.0, maximum=0.999999)


EPSILON = Setting("epsilon", 1e-8, "ε", "Keeps the division from 0.", positive=True, maximum=1.0)


class Optimizer:
    """An update rule. Subclasses with a `name` register themselves; `name` is the one in files."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    settings: ClassVar[tuple[Setting, ...]] = ()
    slots: ClassVar[tuple[str, ...]] = ()
    """The names of the arrays that it keeps from step to step; all begin at 0."""

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        self.values: Mapping[str, SettingValue] = complete(self.settings, settings or {})
        self._numbers = {name: float(value) for name, value in self.values.items() if isinstance(value, int | float)}

    def __init_subclass__(cls) -> None:
        """Register the subclass under its name."""
        if cls.name:
            OPTIMIZERS[cls.name] = cls

    def number(self, name: str) -> float:
        """Give the value of a numeric setting."""
        return self._numbers[name]

    def update(self, g: Array, slots: tuple[Array, ...], t: int, delta: Array) -> None:
        """Write Δw into `delta` and the new slots into `slots`; `g` stays as it is."""
        raise NotImplementedError


OPTIMIZERS: dict[str, type[Optimizer]] = {}


class NoOptimizer(Optimizer):
    """Leaves the weights as they are: Δw = 0."""

    name = "none"
    label = "none"
    summary = "Computes g every step and changes no weight."
    formula = "Δw = 0"

    def update(self, g: Array, slots: tuple[Array, ...], t: int, delta: Array) -> None:
        """Write zeros."""
        delta.fill(0.0)


class SGD(Optimizer):
    """Goes straight down the gradient: Δw = −η g."""

    name = "sgd"
    label = "SGD"
    summary = "Stochastic gradient descent: one step against the gradient of this batch."
    formula = "Δw = −η g"
    settings = (learning_rate(0.1),)

    def update(self, g: Array, slots: tuple[Array, ...], t: int, delta: Array) -> None:
        """Write −η g."""
        np.multiply(g, -self.number("learning_rate"), out=delta)


class Momentum(Optimizer):
    """Keeps rolling: v ← μ v + g, Δw = −η v (Polyak 1964)."""

    name = "momentum"
    label = "Momentum"
    summary = "SGD that keeps a part μ of its last speed."
    formula = "v ← μ v + g\nΔw = −η v"
    settings = (learning_rate(0.05), decay("momentum", 0.9, "Momentum μ", "The part of the speed that is kept."))
    slots = ("v",)

    def update(self, g: Array, slots: tuple[Array, ...], t: int, delta: Array) -> None:
        """Roll on."""
        (v,) = slots
        v *= self.number("momentum")
        v += g
        np.multiply(v, -self.number("learning_rate"), out=delta)


class RMSProp(Optimizer):
    """Divides by a running root mean square: s ← ρ s + (1−ρ) g², Δw = −η g / (√s + ε) (Hinton 2012)."""

    name = "rmsprop"
    label = "RMSProp"
    summary = "Gives each weight its own step, by the size that its gradient had lately."
    formula = "s ← ρ s + (1 − ρ) g²\nΔw = −η g / (√s + ε)"
    settings = (learning_rate(0.01), decay("decay", 0.99, "Decay ρ", "How slowly the mean square forgets."), EPSILON)
    slots = ("s",)

    def update(self, g: Array, slots: tuple[Array, ...], t: int, delta: Array) -> None:
        """Scale by the running root mean square."""
        (s,), rho = slots, self.number("decay")
        np.multiply(g, g, out=delta)
        delta *= 1.0 - rho
        s *= rho
        s += delta
        np.sqrt(s, out=delta)
        delta += self.number("epsilon")
        np.divide(g, delta, out=delta)
        delta *= -self.number("learning_rate")


class Adam(Optimizer):
    """Momentum and RMSProp with both means corrected for their start at 0 (Kingma & Ba 2015)."""

    name = "adam"
    label = "Adam"
    summary = "Momentum and a step of its own for each weight, with both means corrected for their start at 0."
    formula = (
        "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\nm̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)\nΔw = −η m̂ / (√v̂ + ε)"
    )
    settings = (
        learning_rate(0.03),
        decay("beta1", 0.9, "β₁", "How slowly the mean of g forgets."),
        decay("beta2", 0.999, "β₂", "How slowly the mean of g² forgets."),
        EPSILON,
    )
    slots = ("m", "v")

    def update(self, g: Array, slots: tuple[Array, ...], t: int, delta: Array) -> None:
        """Update both means, correct them, divide."""
        m, v = slots
        beta1, beta2 = self.number("beta1"), self.number("beta2")
        np.multiply(g, 1.0 - beta1, out=delta)
        m *= beta1
        m += delta
        np.multiply(g, g, out=delta)
        delta *= 1.0 - beta2
        v *= beta2
        v += delta
        np.sqrt(v, out=delta)
        delta *= 1.0 / math.sqrt(1.0 - beta2**t)
        delta += self.number("epsilon")
        np.divide(m, delta, out=delta)
        delta *= -self.number("learning_rate") / (1.0 - beta1**t)


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
