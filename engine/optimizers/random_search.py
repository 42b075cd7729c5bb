"""Random search: weights near w are tried, and the best of them taken if they do better than w."""

from __future__ import annotations

import numpy as np

from engine.ops.call import Array
from engine.optimizers.search import Search, Trial
from engine.rng import Stream
from engine.setting import Setting


class RandomSearch(Search):
    """Tries normal steps around w and takes the best where it is better than w (Matyas, "Random optimization", 1965).

    It keeps nothing from step to step: its candidates are a function of the seed, the step and their numbers.
    """

    name = "random-search"
    label = "Random search"
    summary = "Tries weights around w at random, and goes to the best of them if the loss is lower there."
    formula = "wᵢ = w + σ nᵢ,  Lᵢ = L(wᵢ),  i = 1 … K\nLᵢ least:  Δw = wᵢ − w where Lᵢ < L(w)\nelse:  Δw = 0"
    settings = (
        Setting("candidates", 10, "Candidates K", "How many are tried at each step.", minimum=1, maximum=200),
        Setting(
            "radius",
            0.1,
            "Radius σ",
            "How far from w they lie: the standard deviation of each number.",
            positive=True,
            maximum=1e6,
        ),
    )

    @property
    def passes(self) -> int:
        """The number of candidates."""
        return int(self.number("candidates"))

    def candidate(self, trial: Trial, number: int, out: Array) -> None:
        """Write w + σ n."""
        np.add(trial.w, self._step(trial, number), out=out)

    def choose(self, trial: Trial) -> None:
        """Go to the best candidate, the first of equal ones, or stay."""
        best = int(np.argmin(trial.losses))
        if trial.losses[best] < trial.loss:
            np.copyto(trial.delta, self._step(trial, best))
        else:
            trial.delta.fill(0.0)

    def _step(self, trial: Trial, number: int) -> Array:
        return self.number("radius") * trial.batch.stream(Stream.EXPLORATION, number).normal(trial.w.size)
