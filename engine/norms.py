"""The size of an array of numbers, and whether it has one."""

from __future__ import annotations

import math

import numpy as np

from engine.ops.call import Array


def are_finite(numbers: Array) -> bool:
    """Tell whether all numbers of a flat array are finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(np.add.reduce(numbers))
    # A sum is finite only where all its terms are; that of very large ones may not be, so look again then.
    return math.isfinite(total) or bool(np.isfinite(numbers).all())


def gradient_norm(gradient: Array) -> float:
    """Give ‖g‖, the square root of the sum of squares; scaled first where the squares would overflow."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = float(gradient.dot(gradient))
    if math.isfinite(squares):
        return math.sqrt(squares)
    largest = float(np.abs(gradient).max())
    return largest * gradient_norm(gradient / largest) if math.isfinite(largest) else largest
