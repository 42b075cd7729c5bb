"""Recorded series made ready to be drawn: pure functions of arrays."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engine.dataset_kind import Array
from ui.plots.ticks import HUGE

MAX_POINTS = 2000
"""How many points a drawn curve has at most; with more, each bucket shows its lowest and highest."""
SPAN = 10.0
"""Over about so many points a running mean reaches."""
REACH = 2.0
"""How many of a series' own distances may lie between two points that belong together."""
_BLOCK = 256


def thin(x: Array, y: Array, limit: int = MAX_POINTS) -> tuple[Array, Array]:
    """Keep at most `limit` points: of each bucket the lowest and the highest, so that no peak is lost.

    A bucket with a value that is not a number keeps that one, so that gaps stay too.
    """
    if len(x) <= limit:
        return x, y
    size = -(-2 * len(x) // (limit - 2))
    whole = len(x) // size * size
    blocks = y[:whole].reshape(-1, size)
    picks = np.stack([blocks.argmin(axis=1), blocks.argmax(axis=1)], axis=1)
    picks.sort(axis=1)
    picks += np.arange(0, whole, size)[:, np.newaxis]
    rest = y[whole:]
    last = sorted({whole + int(rest.argmin()), whole + int(rest.argmax())}) if len(rest) else []
    kept = np.append(picks.ravel(), last).astype(np.intp)
    return x[kept], y[kept]


def smoothed(values: Array, span: float = SPAN) -> Array:
    """Give the exponential running mean: Σ βᵏ vᵢ₋ₖ / Σ βᵏ with β = 1 − 1/span, over the values up to each point.

    What is too far out to be drawn does not count. The division corrects the bias of the beginning. What is drawn once
    never changes, as only earlier values count.
    """
    known = np.abs(values) <= HUGE
    blocks = -(-len(values) // _BLOCK)
    beta = 1.0 - 1.0 / span
    if known.all():
        terms = np.zeros((1, blocks * _BLOCK))
        terms[0, : len(values)] = values
    else:
        terms = np.zeros((2, blocks * _BLOCK))
        terms[0, : len(values)] = np.where(known, values, 0.0)
        terms[1, : len(values)] = known
    powers, whole = _decay(blocks, span)
    sums = np.cumsum(terms.reshape(len(terms), blocks, _BLOCK) / powers, axis=2) * powers
    for block in range(1, blocks):
        sums[:, block] += beta * powers * sums[:, block - 1, -1:]
    total, *weights = sums.reshape(len(terms), -1)[:, : len(values)]
    weight = weights[0] if weights else whole[: len(values)]
    mean = np.full(len(values), np.nan)
    np.divide(total, weight, out=mean, where=known)
    return mean


@lru_cache(maxsize=64)
def _decay(blocks: int, span: float) -> tuple[Array, Array]:
    """Give βᵏ over a block, and Σ βᵏ over as many values as there are up to each point, where none is missing."""
    beta = 1.0 - 1.0 / span
    powers: Array = beta ** np.arange(_BLOCK, dtype=np.float64)
    whole: Array = (1.0 - beta ** np.arange(1, blocks * _BLOCK + 1, dtype=np.float64)) * span
    return powers, whole


def shown_values(y: Array, is_log: bool) -> Array:
    """Give what is drawn for `y`: itself or its log₁₀, with NaN for what cannot be shown."""
    known = np.where(np.abs(y) <= HUGE, y, np.nan)
    if not is_log:
        return known
    return np.log10(known, out=np.full_like(known, np.nan), where=known > 0.0)


def count_hidden(y: Array) -> int:
    """Count the values that a log axis cannot show because they are 0 or less."""
    return int(np.count_nonzero(y <= 0.0))


def count_huge(y: Array) -> int:
    """Count the finite values that are too far out to be drawn."""
    return int(np.count_nonzero(np.isfinite(y) & (np.abs(y) > HUGE)))


def value_at(steps: Array, values: Array, step: float, reach: float = np.inf) -> float | None:
    """Give the value recorded last at or before `step`; None before the first, and more than `reach` after one."""
    index = int(np.searchsorted(steps, step, side="right")) - 1
    return float(values[index]) if index >= 0 and step - steps[index] <= reach else None


def has_step(steps: Array, step: int) -> bool:
    """Tell whether a series has the number of this very step, and not a mean over several."""
    index = int(np.searchsorted(steps, step))
    # The first point of an averaged series stands for an even number of consecutive steps.
    return index < len(steps) and steps[index] == step and float(steps[0]).is_integer()


def reach_of(steps: Array) -> float:
    """Give how far apart neighbors of a series may lie that is recorded at every step of these."""
    return REACH * (float(np.median(np.diff(steps))) if len(steps) > 1 else 1.0)


def with_gaps(steps: Array, values: Array, reach: float) -> tuple[Array, Array]:
    """Put a NaN between neighbors that lie further apart than `reach`: in between nothing was recorded."""
    after = np.flatnonzero(np.diff(steps) > reach) + 1
    if not len(after):
        return steps, values
    return np.insert(steps, after, steps[after]), np.insert(values, after, np.nan)


def lone_points(x: Array, y: Array) -> tuple[Array, Array]:
    """Give the points that have no neighbor to draw a line to."""
    known = np.concatenate([[False], np.isfinite(y), [False]])
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    return x[alone], y[alone]


def joined(steps: Array, curves: Array) -> tuple[Array, Array]:
    """Chain curves [count, points] into one with a gap after each, so that one item draws them all."""
    count, points = curves.shape
    y = np.full((count, points + 1), np.nan)
    y[:, :points] = curves
    return np.tile(np.append(steps, np.nan), count), y.ravel()
