"""Functions that several ops compute: the logistic function, softmax, and the normal distribution's share below z."""

from __future__ import annotations

import math

import numpy as np

from engine.ops.call import Array

STEP = 0.5
"""The width of a strip of the sum in `normal_share`; narrower ones change nothing in float64."""
MIDDLES = tuple((STEP * (strip + 0.5)) ** 2 for strip in range(12))
"""The squared middles of the strips, as far as e^−t² counts."""


def sigmoid(z: Array, out: Array) -> None:
    """Write 1 / (1 + e^-z) into `out`, with all digits in both tails; where e^-z overflows to ∞, that is 0."""
    np.negative(z, out=out)
    np.exp(out, out=out)
    out += 1.0
    np.reciprocal(out, out=out)


def softmax(z: Array, out: Array) -> None:
    """Write the softmax of each row of z into `out`, shifted by the row's maximum so that nothing overflows."""
    np.subtract(z, z.max(axis=1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=1, keepdims=True)


def normal_share(z: Array, out: Array) -> None:
    """Write Φ(z) = ½ (1 + erf(z/√2)) into `out`, to 1e-15 and with nearly all digits in the lower tail.

    With x = |z|/√2, ½ erfc x = x e^−x² / π · ∫ e^−t² / (t² + x²) dt over t > 0. The midpoint rule gives this integral
    to e^−(π/h)², about 1e-17 for strips of h = ½, once the pole at t = ix is made up for by 1 / (1 + e^(2πx/h)), for
    x < π/h (Matta and Reichel, Mathematics of Computation 25, 1971, with the nodes moved by half a strip). All terms
    are positive, so no digit is lost.
    """
    x = np.minimum(np.abs(z), 60.0)  # e^−1800 is 0, and so is what ∞ would make NaN
    square = 0.5 * x * x
    x *= math.sqrt(0.5)
    term, total = np.empty_like(x), np.zeros_like(x)
    for middle in MIDDLES:
        np.add(square, middle, out=term)
        np.divide(math.exp(-middle), term, out=term)
        total += term
    total *= x
    total *= STEP / math.pi
    total *= np.exp(-square)
    pole = 1.0 / (1.0 + np.exp(2.0 * math.pi / STEP * x))
    pole *= x < math.pi / STEP
    total += pole
    np.subtract(1.0, total, out=out)
    np.copyto(out, total, where=z < 0.0)
