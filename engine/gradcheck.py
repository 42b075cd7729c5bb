"""The gradient check: backpropagation against central differences, on a copy of a run's numbers.

The rule is |a − n| ≤ 1e-7 · max(‖a‖∞, |L|) with h = 6e-6 · max(1, |w|), for each number a of g and its difference n. It
compares with the size of the whole gradient: a bound relative to each number would mark correct networks wrong, as the
rounding of L is the same for all. Numbers whose two points lie on different sides of a kink are counted apart.

Near a minimum, where g and L have all but vanished, and behind probabilities so near to 1 that their last bits decide
the loss, float64 cannot resolve a difference so finely. So the scale is at least what rounding makes of it, to first
order: a value v that is wrong by a part ε of itself moves L by ε |v ∂L/∂v|.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.executor import Executor
from engine.ops.call import Array, Mask
from engine.program import Parameter
from engine.reference import Reference

BOUND = 1e-7
NUDGE = 6e-6
"""About the cube root of float64's rounding, where a central difference is most exact."""
ROUNDING = 2.0**-51 / (2.0 * NUDGE) / BOUND
"""What rounding a number near 1 inside the loss by its last place, at both points, does to a difference, as a scale."""


@dataclass(frozen=True)
class ParameterCheck:
    """What was found for one parameter: its worst |a − n|, how many numbers were compared, how many were at kinks."""

    parameter: Parameter
    error: float
    compared: int
    kinks: int


@dataclass(frozen=True)
class GradientCheck:
    """What was found: `scale` is max(‖a‖∞, |L|) or what rounding allows, and `error` the worst |a − n| / scale."""

    scale: float
    parameters: tuple[ParameterCheck, ...]

    @property
    def error(self) -> float:
        """The worst of all parameters; NaN where a number is not finite."""
        return float(np.max([p.error for p in self.parameters], initial=0.0)) / self.scale

    @property
    def bound(self) -> float:
        """The largest error of a right gradient."""
        return BOUND

    @property
    def ok(self) -> bool:
        """Whether all numbers agree."""
        return self.error <= BOUND

    @property
    def kinks(self) -> int:
        """How many numbers could not be compared, because a kink lies between their two points."""
        return sum(p.kinks for p in self.parameters)


def check_gradient(executor: Executor, rows: int, most: int | None = None) -> GradientCheck:
    """Check the gradient at the executor's weights for the `rows` rows that it has loaded; it stays as it is.

    Costs two forward passes a weight. `most` bounds how many weights of each parameter are nudged, spread evenly.
    """
    program = executor.program
    copy = Reference(program)
    np.copyto(copy.arena, executor.arena)
    with np.errstate(all="ignore"):
        loss = copy.forward(rows)
        copy.backward(rows)
        g = program.region(copy.arena, 1).copy()
        scale = gradient_scale(copy, rows, loss)
        return GradientCheck(scale, tuple(_check(copy, rows, g, p, most) for p in program.parameters))


def gradient_scale(copy: Reference, rows: int, loss: float) -> float:
    """Give what the errors of g's numbers are to be compared with, after a forward and a backward pass."""
    largest = float(np.abs(copy.program.region(copy.arena, 1)).max(initial=0.0))
    return float(np.max([largest, abs(loss), ROUNDING * _magnitude(copy, rows)]))


def _magnitude(copy: Reference, rows: int) -> float:
    """Give 1 + Σ |v ∂L/∂v| over all computed values, after a backward pass."""
    program, total = copy.program, 1.0
    for instruction in program.instructions:
        adjoint = program.adjoint(copy.arena, instruction.output, rows)
        if adjoint is not None:
            total += float(np.abs(program.view(copy.arena, instruction.output, rows) * adjoint).sum())
    return total


def _check(copy: Reference, rows: int, g: Array, parameter: Parameter, most: int | None) -> ParameterCheck:
    count = parameter.size if most is None else min(most, parameter.size)
    chosen: NDArray[np.int64] = parameter.offset + np.arange(count) * parameter.size // count
    errors, kinks = [0.0], 0
    for place in chosen:
        numeric = central_difference(copy, rows, int(place), NUDGE)
        if numeric is None:
            kinks += 1
        else:
            errors.append(abs(float(g[place]) - numeric))
    return ParameterCheck(parameter, float(np.max(errors)), count - kinks, kinks)


def central_difference(copy: Reference, rows: int, place: int, nudge: float) -> float | None:
    """Give (L(w + h) − L(w − h)) / 2h for the weight at a place of the flat parameters, with h = nudge · max(1, |w|).

    None where the two points lie on different sides of a kink. The weight is as before then; computed values are not.
    """
    weights = copy.program.region(copy.arena, 0)
    kept = float(weights[place])
    h = nudge * max(1.0, abs(kept))
    above, pieces_above = _nudged(copy, rows, place, kept + h)
    below, pieces_below = _nudged(copy, rows, place, kept - h)
    weights[place] = kept
    if not all(np.array_equal(a, b) for a, b in zip(pieces_above, pieces_below, strict=True)):
        return None
    return (above - below) / ((kept + h) - (kept - h))


def _nudged(copy: Reference, rows: int, place: int, weight: float) -> tuple[float, list[Mask]]:
    """Give the loss with one weight moved, and on which pieces of functions with kinks its values lie."""
    copy.program.region(copy.arena, 0)[place] = weight
    loss = copy.forward(rows)
    calls = zip(copy.program.instructions, copy.plan(rows).forward, strict=True)
    pieces = [instruction.op.pieces(call) for instruction, (_, call) in calls]
    return loss, [piece for piece in pieces if piece is not None]
