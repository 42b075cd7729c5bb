"""How far g lies from central differences as their step h shrinks: the U-curve of truncation and rounding.

With a large h the difference is not the slope yet: its error falls as h². With a tiny h the two losses agree in all but
their last bits, and dividing by 2h makes that rounding large: the error grows as 1/h. Between them lies the best h.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.experiment import REFERENCE
from engine.gradcheck import BOUND, central_difference, gradient_scale
from engine.gradients import GRADIENT_METHODS, Backpropagation
from engine.message import Message, grouped, message
from engine.ops.call import Array
from engine.present_batch import copy_of, has_gradient
from engine.program import Parameter
from engine.reference import Reference
from engine.snapshot import Snapshot

MOST_WEIGHTS = 64
EXACT = 1e-12
"""An error of no more than this at the largest h is none of truncation."""
STEPS: Array = 10.0 ** -np.arange(1.0, 12.25, 0.5)
"""The steps h, relative to max(1, |w|): two a decade, from 0.1 down to 1e-12."""


class ErrorCurve:
    """The largest error over some weights for each h, computed one weight and h at a time on a copy of the run.

    Costs two forward passes each. g is the run's where it is there for this batch, else backpropagation's on the copy.
    """

    def __init__(self, snapshot: Snapshot, earlier: Snapshot | None, parameters: Sequence[Parameter]) -> None:
        copy = copy_of(snapshot, earlier, REFERENCE)
        assert isinstance(copy, Reference)
        self._copy, self._rows = copy, snapshot.rows
        with np.errstate(all="ignore"):
            loss = copy.forward(self._rows)
            copy.backward(self._rows)
            self.scale = gradient_scale(copy, self._rows, loss)
        """What errors are relative to, as in the gradient check."""
        is_own = has_gradient(snapshot)
        self.method = GRADIENT_METHODS[snapshot.method].label if is_own else Backpropagation.label
        """What computed g."""
        self._g = snapshot.program.region(snapshot.arena if is_own else copy.arena, 1).copy()
        self.places = _spread(parameters)
        """Which weights are compared, by their places in the flat parameters."""
        self.errors: Array = np.full(len(STEPS), np.nan)
        """The largest relative error for each h; NaN where no weight could be compared."""
        self.kinks: NDArray[np.int64] = np.zeros(len(STEPS), np.int64)
        """For each h, how many weights had a kink between their two points and were left out."""
        self.done = 0

    @property
    def count(self) -> int:
        """How many times `advance` is to be called."""
        return len(self.places) * len(STEPS)

    @property
    def is_done(self) -> bool:
        """Whether all is compared."""
        return self.done == self.count

    def advance(self) -> None:
        """Compare one weight at one h."""
        weight, number = divmod(self.done, len(STEPS))
        place = int(self.places[weight])
        with np.errstate(all="ignore"):
            numeric = central_difference(self._copy, self._rows, place, float(STEPS[number]))
            if numeric is None:
                self.kinks[number] += 1
            else:
                error = abs(float(self._g[place]) - numeric) / self.scale
                self.errors[number] = np.fmax(self.errors[number], math.inf if math.isnan(error) else error)
        self.done += 1

    @property
    def best(self) -> int | None:
        """The number of the h with the least error; None where nothing could be compared."""
        return int(np.nanargmin(self.errors)) if np.isfinite(self.errors).any() else None

    @property
    def agrees(self) -> bool:
        """Whether g is the derivative, by the rule of the gradient check, at the best h."""
        return self.best is not None and float(self.errors[self.best]) <= BOUND

    def words(self) -> tuple[Message, ...]:
        """Say what was found, one thing a sentence."""
        best = self.best
        if best is None:
            if self.kinks.any():
                return (message("Every weight has a kink between its two points: nothing can be compared here."),)
            return (message("The loss is not a finite number here: nothing can be compared."),)
        error, h = float(self.errors[best]), brief(float(STEPS[best]))
        method = message(self.method)
        found = message("{method}: g agrees to {error} at h = {h}.", method=method, error=brief(error), h=h)
        if error == 0.0:
            found = message("{method}: g agrees to the last bit at h = {h}.", method=method, h=h)
        elif not self.agrees:
            words = "{method}: g differs by {error} at best, at h = {h}: it is not the exact derivative."
            found = message(words, method=method, error=brief(error), h=h)
        return (found, *self._parabola_words(), *self._kink_words())

    def _parabola_words(self) -> tuple[Message, ...]:
        if not self.errors[0] <= EXACT or self.kinks[0]:
            return ()
        words = "The loss is a parabola in each of these weights, where no h is too large: there is only rounding."
        return (message(words),)

    def _kink_words(self) -> tuple[Message, ...]:
        if not self.kinks.any():
            return ()
        words = (
            "Kinks: at h = {h}, {kinks} of {count} weights have one between their two points, and are left out there; "
            "a difference across a kink is no derivative."
        )
        worst = int(self.kinks.argmax())
        kinks, count = grouped(int(self.kinks[worst])), grouped(len(self.places))
        return (message(words, h=brief(float(STEPS[worst])), kinks=kinks, count=count),)


def brief(value: float) -> str:
    """Write a power of ten with one figure before it: 3e-11."""
    if value == 0.0 or not math.isfinite(value):
        return f"{value:g}"
    digits, _, power = f"{value:.0e}".partition("e")
    return f"{digits}e{int(power)}"


def _spread(parameters: Sequence[Parameter]) -> NDArray[np.int64]:
    """Choose weights of all these parameters, spread evenly."""
    places = np.concatenate([np.arange(p.offset, p.offset + p.size, dtype=np.int64) for p in parameters])
    count = min(len(places), MOST_WEIGHTS)
    chosen: NDArray[np.int64] = places[np.arange(count) * len(places) // count]
    return chosen
