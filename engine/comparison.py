"""What can be compared at one moment: g with another one at the same weights, and a batch's loss before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.experiment import Choice
from engine.norms import gradient_norm
from engine.ops.call import Array
from engine.program import Phase
from engine.stepper import Stepper

METHOD = "method"
ROWS = "rows"
"""What may differ between two g at the same weights: how they were computed, or for which rows."""


@dataclass(frozen=True)
class GradientChange:
    """How g differs from the one computed before at the same weights.

    `what` is METHOD or ROWS. `method` is the name of the gradient method of then, `passes` its cost in forward passes;
    `norms` are ‖g‖ then and now, `largest` the largest absolute difference of two numbers. The cosine of the angle
    between them is None where one of them is 0 or not finite.
    """

    what: str
    method: str
    passes: tuple[float, float]
    norms: tuple[float, float]
    cosine: float | None
    largest: float

    @property
    def is_same(self) -> bool:
        """Whether both are the same g but for rounding and the error of a difference quotient."""
        return self.largest <= 1e-3 * max(self.norms)


@dataclass(frozen=True, eq=False)
class _Former:
    what: str
    step: int
    method: Choice
    passes: float
    g: Array


class Comparison:
    """Holds on to g where a step begins anew at the same weights, until they move or the run goes elsewhere."""

    def __init__(self, stepper: Stepper) -> None:
        self._stepper = stepper
        self._former: _Former | None = None

    def remember(self, what: str) -> None:
        """Before the step begins anew with another method or other rows, keep its g if that is complete.

        One that was kept before stays where the same thing differs again.
        """
        stepper, former = self._stepper, self._former
        if stepper.gradient_step == stepper.step:
            g = stepper.program.region(stepper.arena, 1).copy()
            self._former = _Former(what, stepper.step, stepper.pipeline.method, self._passes(), g)
        elif former is not None and (former.what, former.step) != (what, stepper.step):
            self._former = None

    def forget(self) -> None:
        """Compare with nothing."""
        self._former = None

    def gradient_change(self) -> GradientChange | None:
        """Compare the g of this step with the one that is held, where both are there."""
        former, stepper = self._former, self._stepper
        if former is None or not former.step == stepper.step == stepper.gradient_step:
            return None
        if former.what == METHOD and former.method == stepper.pipeline.method:
            return None
        g = stepper.program.region(stepper.arena, 1)
        norms = gradient_norm(former.g), gradient_norm(g)
        with np.errstate(all="ignore"):
            cosine = float(former.g.dot(g) / np.float64(norms[0]) / np.float64(norms[1]))
            largest = float(np.abs(former.g - g).max(initial=0.0))
        known = cosine if np.isfinite(cosine) else None
        return GradientChange(former.what, former.method.kind, (former.passes, self._passes()), norms, known, largest)

    def _passes(self) -> float:
        return self._stepper.method.cost(self._stepper.program, self._stepper.program.rows).forward_passes


def loss_after_update(stepper: Stepper) -> float | None:
    """Give the loss of the last step's rows at the weights of now, found on a copy: nothing of the run changes.

    What was drawn for the rows is as in the step. None where the run does not stand right after an update.
    """
    is_after = stepper.last is not None and stepper.last.phase is Phase.UPDATE and stepper.micro == 0
    if not is_after or not len(stepper.rows) or not stepper.loss_step == stepper.update_step == stepper.step - 1:
        return None
    with np.errstate(all="ignore"):
        return stepper.executor.probe(refresh=True).forward(len(stepper.rows))
