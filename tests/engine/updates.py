"""Updates of optimizers on arrays of their own, and functions to minimize with gradients by hand."""

from __future__ import annotations

import numpy as np

from engine.ops.call import Array
from engine.optimizers import Optimizer, Update


def new_slots(optimizer: Optimizer, size: int) -> tuple[Array, ...]:
    """Make the slots of a run that begins."""
    return tuple(np.zeros(size) for _ in optimizer.slots)


def update(optimizer: Optimizer, g: Array, slots: tuple[Array, ...], t: int, w: Array | None = None) -> Array:
    """Clip g as the optimizer is set, update the slots in place and give Δw; w is 0 unless it is given."""
    clipped, delta = g.copy(), np.full_like(g, np.nan)
    optimizer.clip(clipped)
    optimizer.update(Update(np.zeros_like(g) if w is None else w, clipped, slots, delta), t)
    return delta


class Function:
    """A smooth function of two numbers with a start, its least value and what it is called."""

    start: tuple[float, float]
    least = 0.0

    @staticmethod
    def value(a: float, b: float) -> float:
        """Give f(a, b)."""
        raise NotImplementedError

    @staticmethod
    def slope(a: float, b: float) -> tuple[float, float]:
        """Give both partial derivatives."""
        raise NotImplementedError


class Bowl(Function):
    """An ill-conditioned quadratic, turned against the axes."""

    start = (1.5, -0.75)

    @staticmethod
    def value(a: float, b: float) -> float:
        return 10.0 * (a + b) ** 2 + 0.1 * (a - b - 1.0) ** 2

    @staticmethod
    def slope(a: float, b: float) -> tuple[float, float]:
        steep, flat = 20.0 * (a + b), 0.2 * (a - b - 1.0)
        return steep + flat, steep - flat


class Rosenbrock(Function):
    """A curved valley (Rosenbrock 1960)."""

    start = (-1.2, 1.0)

    @staticmethod
    def value(a: float, b: float) -> float:
        return (1.0 - a) ** 2 + 100.0 * (b - a * a) ** 2

    @staticmethod
    def slope(a: float, b: float) -> tuple[float, float]:
        valley = b - a * a
        return -2.0 * (1.0 - a) - 400.0 * a * valley, 200.0 * valley


class Himmelblau(Function):
    """Four minima (Himmelblau 1972)."""

    start = (0.5, -0.25)

    @staticmethod
    def value(a: float, b: float) -> float:
        return (a * a + b - 11.0) ** 2 + (a + b * b - 7.0) ** 2

    @staticmethod
    def slope(a: float, b: float) -> tuple[float, float]:
        p, q = a * a + b - 11.0, a + b * b - 7.0
        return 4.0 * a * p + 2.0 * q, 2.0 * p + 4.0 * b * q


class Waves(Function):
    """Waves in a shallow bowl; the least value is that of the minimum nearest to the start."""

    start = (2.0, -1.5)
    least = -0.09475

    @staticmethod
    def value(a: float, b: float) -> float:
        return float(np.sin(3.0 * a) * np.cos(2.0 * b) + 0.1 * (a * a + b * b))

    @staticmethod
    def slope(a: float, b: float) -> tuple[float, float]:
        return (
            float(3.0 * np.cos(3.0 * a) * np.cos(2.0 * b) + 0.2 * a),
            float(-2.0 * np.sin(3.0 * a) * np.sin(2.0 * b) + 0.2 * b),
        )


class Beale(Function):
    """Flat far out, with sharp corners (Beale 1958)."""

    start = (1.0, 1.0)

    @staticmethod
    def value(a: float, b: float) -> float:
        return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2

    @staticmethod
    def slope(a: float, b: float) -> tuple[float, float]:
        p, q, r = 1.5 - a + a * b, 2.25 - a + a * b**2, 2.625 - a + a * b**3
        by_a = 2.0 * (p * (b - 1.0) + q * (b**2 - 1.0) + r * (b**3 - 1.0))
        return by_a, 2.0 * a * (p + 2.0 * b * q + 3.0 * b**2 * r)


class Booth(Function):
    """A tilted quadratic with its minimum at (1, 3)."""

    start = (-2.0, -1.0)

    @staticmethod
    def value(a: float, b: float) -> float:
        return (a + 2.0 * b - 7.0) ** 2 + (2.0 * a + b - 5.0) ** 2

    @staticmethod
    def slope(a: float, b: float) -> tuple[float, float]:
        p, q = a + 2.0 * b - 7.0, 2.0 * a + b - 5.0
        return 2.0 * p + 4.0 * q, 4.0 * p + 2.0 * q


FUNCTIONS: dict[str, type[Function]] = {f.__name__.lower(): f for f in Function.__subclasses__()}
