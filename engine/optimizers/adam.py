"""Adam and what came of it: a running mean of g, divided by a running size of g."""

from __future__ import annotations

import math

import numpy as np

from engine.ops.call import Array
from engine.optimizers.base import Optimizer, Update, decay, epsilon, weight_decay, with_rate
from engine.setting import Setting

BETA1 = decay("beta1", 0.9, "β₁", "How slowly the mean of g forgets.")
BETA2 = decay("beta2", 0.999, "β₂", "How slowly the mean of g² forgets.")
BETAS_AND_EPSILON = (BETA1, BETA2, epsilon(1e-8))

_MEANS = "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\n"
_CORRECTED = _MEANS + "m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)\n"


class Adam(Optimizer):
    """Momentum and RMSProp with both means corrected for their start at 0 (Kingma & Ba 2015)."""

    name = "adam"
    label = "Adam"
    summary = "Momentum and a step of its own for each weight, with both means corrected for their start at 0."
    formula = _CORRECTED + "Δw = −η m̂ / (√v̂ + ε)"
    settings = with_rate(0.03, *BETAS_AND_EPSILON)
    slots = ("m", "v")

    def update(self, u: Update, t: int) -> None:
        """Update both means, correct them, divide."""
        (m, v), delta = u.slots, u.delta
        _update_means(u, self.number("beta1"), self.number("beta2"))
        _write_roots(delta, v, self.number("beta2"), t, self.number("epsilon"))
        np.divide(m, delta, out=delta)
        delta *= -self.rate(t) / (1.0 - self.number("beta1") ** t)


class AdamW(Optimizer):
    """Adam that also takes off a part of each weight, apart from g (Loshchilov & Hutter 2019)."""

    name = "adamw"
    label = "AdamW"
    summary = "Adam that also shrinks every weight a little, whatever g is."
    formula = _CORRECTED + "Δw = −η (m̂ / (√v̂ + ε) + λ w)"
    settings = with_rate(0.03, *BETAS_AND_EPSILON, weight_decay(0.01))
    slots = ("m", "v")

    def update(self, u: Update, t: int) -> None:
        """Step as Adam, and decay."""
        (m, v), delta = u.slots, u.delta
        _update_means(u, self.number("beta1"), self.number("beta2"))
        _write_roots(delta, v, self.number("beta2"), t, self.number("epsilon"))
        np.divide(m, delta, out=delta)
        delta *= 1.0 / (1.0 - self.number("beta1") ** t)
        _finish_with_decay(u, self.number("weight_decay"), self.rate(t))


class AMSGrad(Optimizer):
    """Adam that divides by the largest v so far, so that no step size grows again (Reddi, Kale & Kumar 2018)."""

    name = "amsgrad"
    label = "AMSGrad"
    summary = "Adam that remembers the largest v of each weight, so that a step size never grows again."
    formula = _MEANS + "n ← max(n, v)\nm̂ = m / (1 − β₁ᵗ),  n̂ = n / (1 − β₂ᵗ)\nΔw = −η m̂ / (√n̂ + ε)"
    settings = with_rate(0.03, *BETAS_AND_EPSILON)
    slots = ("m", "v", "n")

    def update(self, u: Update, t: int) -> None:
        """Step as Adam, with the largest v."""
        (m, v, n), delta = u.slots, u.delta
        _update_means(u, self.number("beta1"), self.number("beta2"))
        np.maximum(n, v, out=n)
        _write_roots(delta, n, self.number("beta2"), t, self.number("epsilon"))
        np.divide(m, delta, out=delta)
        delta *= -self.rate(t) / (1.0 - self.number("beta1") ** t)


class Adamax(Optimizer):
    """Adam by the largest size of g instead of its mean square (Kingma & Ba 2015, section 7.1)."""

    name = "adamax"
    label = "Adamax"
    summary = "Adam that goes by the largest |g| lately instead of the mean of g²."
    formula = "m ← β₁ m + (1 − β₁) g\nn ← max(β₂ n, |g| + ε)\nm̂ = m / (1 − β₁ᵗ)\nΔw = −η m̂ / n"
    settings = with_rate(
        0.03, BETA1, decay("beta2", 0.999, "β₂", "How slowly the largest |g| is forgotten."), epsilon(1e-8)
    )
    slots = ("m", "n")

    def update(self, u: Update, t: int) -> None:
        """Update the mean and the largest size, divide."""
        (m, n), delta, beta1 = u.slots, u.delta, self.number("beta1")
        _update_mean(m, u.g, beta1, delta)
        np.abs(u.g, out=delta)
        delta += self.number("epsilon")
        n *= self.number("beta2")
        np.maximum(n, delta, out=n)
        np.divide(m, n, out=delta)
        delta *= -self.rate(t) / (1.0 - beta1**t)


class NAdam(Optimizer):
    """Adam with Nesterov's look ahead and a momentum that grows to β₁ (Dozat 2016).

    The slot c holds 1 − μ₁ μ₂ … μₜ, by which m is corrected; so each weight's correction begins with the weight.
    """

    name = "nadam"
    label = "NAdam"
    summary = "Adam that looks ahead as Nesterov does, with a momentum that grows at the beginning."
    formula = (
        _MEANS + "μₜ = β₁ (1 − 0.96^(ψ t) / 2)\nc ← 1 − μₜ (1 − c),  d = 1 − μₜ₊₁ (1 − c)\n"
        "m̂ = (1 − μₜ) g / c + μₜ₊₁ m / d\nv̂ = v / (1 − β₂ᵗ)\nΔw = −η m̂ / (√v̂ + ε)"
    )
    settings = with_rate(
        0.03,
        *BETAS_AND_EPSILON,
        Setting(
            "momentum_decay", 0.004, "ψ", "How fast the momentum μ grows from β₁/2 to β₁.", minimum=0.0, maximum=1e6
        ),
    )
    slots = ("m", "v", "c")

    def update(self, u: Update, t: int) -> None:
        """Update both means, correct m for now and the next step, divide."""
        (m, v, c), g, delta = u.slots, u.g, u.delta
        _update_means(u, self.number("beta1"), self.number("beta2"))
        now, then = self._momentum(t), self._momentum(t + 1)
        np.subtract(1.0, c, out=c)
        c *= now
        # c is the product of the μ's here; it becomes 1 − the product at the end.
        np.multiply(c, -then, out=delta)
        delta += 1.0
        np.divide(m, delta, out=delta)
        delta *= then
        np.subtract(1.0, c, out=c)
        g *= 1.0 - now
        g /= c
        delta += g
        _write_roots(g, v, self.number("beta2"), t, self.number("epsilon"))
        delta /= g
        delta *= -self.rate(t)

    def _momentum(self, t: int) -> float:
        return self.number("beta1") * (1.0 - 0.5 * math.pow(0.96, t * self.number("momentum_decay")))


class RAdam(Optimizer):
    """Adam that divides by √v̂ only once v is known well enough, and then by its right r (Liu et al. 2020)."""

    name = "radam"
    label = "RAdam"
    summary = "Adam that begins as momentum and trusts v the more, the more gradients it has seen."
    formula = (
        _MEANS + "m̂ = m / (1 − β₁ᵗ)\n"
        "ρ∞ = 2 / (1 − β₂) − 1\nρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)\n"
        "r² = (ρₜ−4) (ρₜ−2) ρ∞ / ((ρ∞−4) (ρ∞−2) ρₜ)\n"
        "ρₜ > 5:  Δw = −η r m̂ √(1−β₂ᵗ) / (√v + ε)\nelse:  Δw = −η m̂"
    )
    settings = with_rate(0.03, *BETAS_AND_EPSILON)
    slots = ("m", "v")

    def update(self, u: Update, t: int) -> None:
        """Update both means, and divide once that is sound."""
        (m, v), delta, beta2 = u.slots, u.delta, self.number("beta2")
        _update_means(u, self.number("beta1"), beta2)
        scale = -self.rate(t) / (1.0 - self.number("beta1") ** t)
        last = 2.0 / (1.0 - beta2) - 1.0
        seen = last - 2.0 * t * beta2**t / (1.0 - beta2**t)
        if seen > 5.0:
            np.sqrt(v, out=delta)
            delta += self.number("epsilon")
            np.divide(m, delta, out=delta)
            trust = (seen - 4.0) * (seen - 2.0) * last / ((last - 4.0) * (last - 2.0) * seen)
            delta *= scale * math.sqrt(trust) * math.sqrt(1.0 - beta2**t)
        else:
            np.multiply(m, scale, out=delta)


class Lion(Optimizer):
    """Goes by the sign of a mean of g, every weight equally far (Chen et al. 2023)."""

    name = "lion"
    label = "Lion"
    summary = "Moves every weight equally far, by the sign of a mean of g, and shrinks it a little."
    formula = "c = β₁ m + (1 − β₁) g\nm ← β₂ m + (1 − β₂) g\nΔw = −η (sign(c) + λ w)"
    settings = with_rate(
        0.003,
        decay("beta1", 0.9, "β₁", "How much of the sign the past decides."),
        decay("beta2", 0.99, "β₂", "How slowly the mean of g forgets."),
        weight_decay(0.01),
    )
    slots = ("m",)

    def update(self, u: Update, t: int) -> None:
        """Take the sign of one mean, keep another."""
        (m,), g, delta, beta1 = u.slots, u.g, u.delta, self.number("beta1")
        g *= 1.0 - beta1
        np.multiply(m, beta1, out=delta)
        delta += g
        np.sign(delta, out=delta)
        g *= (1.0 - self.number("beta2")) / (1.0 - beta1)
        m *= self.number("beta2")
        m += g
        _finish_with_decay(u, self.number("weight_decay"), self.rate(t))


def _update_mean(mean: Array, new: Array, beta: float, work: Array) -> None:
    """Mix something new into a running mean: mean ← β mean + (1 − β) new. `work` may be `new`."""
    np.multiply(new, 1.0 - beta, out=work)
    mean *= beta
    mean += work


def _update_means(u: Update, beta1: float, beta2: float) -> None:
    """Mix g into the first slot and g² into the second."""
    _update_mean(u.slots[0], u.g, beta1, u.delta)
    np.multiply(u.g, u.g, out=u.delta)
    _update_mean(u.slots[1], u.delta, beta2, u.delta)


def _write_roots(into: Array, v: Array, beta2: float, t: int, eps: float) -> None:
    """Write √v̂ + ε, with v̂ = v / (1 − β₂ᵗ)."""
    np.sqrt(v, out=into)
    into *= 1.0 / math.sqrt(1.0 - beta2**t)
    into += eps


def _finish_with_decay(u: Update, share: float, rate: float) -> None:
    """Make Δw = −η (d + λ w) of the d in its place; g is used up for it."""
    delta = u.delta
    np.multiply(u.w, share, out=u.g)
    delta += u.g
    delta *= -rate
