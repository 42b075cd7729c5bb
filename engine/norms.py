"""The size of an array of numbers."""

from __future__ import annotations

import math

import numpy as np

from engine.ops.call import Array


def gradient_norm(gradient: Array) -> float:
    """Give ‖g‖, the square root of the sum of squares; scaled first where the squares would overflow."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = float(gradient.dot(gradient))
    if math.isfinite(squares):
        return math.sqrt(squares)
    largest = float(np.abs(gradient).max())
    return largest * gradient_norm(gradient / largest) if math.isfinite(largest) else largest
