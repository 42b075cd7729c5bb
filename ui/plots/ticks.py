"""Where axes begin and end and what stands at their ticks: pure functions of numbers."""

from __future__ import annotations

from math import ceil, floor, isfinite, log10

import numpy as np

from app.translate import format_count
from engine.dataset_kind import Array

HUGE = 1e100
"""Values beyond this are not drawn, so that differences of those that are stay finite."""
MAX_FIGURES = 4
"""So many figures after the first has a tick's mantissa at most: there is no room for more."""

_STEP_BOUNDS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_MANTISSAS = (1.0, 2.0, 5.0)
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_SLACK = 1e-9

Range = tuple[float, float]
Tick = tuple[float, str]


def step_bound(step: float) -> float:
    """Give where a step axis ends that has to show `step`: a round number, at least 10, so that it seldom moves."""
    if step <= 10.0:
        return 10.0
    power = 10.0 ** floor(log10(step) + _SLACK)
    return next(bound * power for bound in _STEP_BOUNDS if bound * power >= step * (1.0 - _SLACK))


def value_bounds(values: Array, count: int = 4) -> Range | None:
    """Give round bounds around the values for a linear axis, or None if there are none."""
    extremes = _extremes(values)
    if extremes is None:
        return None
    low, high = extremes
    if high - low <= _SLACK * max(abs(low), abs(high)):
        margin = abs(high) / 2.0 or 0.5
        low, high = low - margin, high + margin
    step = _round_step((high - low) / count)
    return floor(low / step + _SLACK) * step, ceil(high / step - _SLACK) * step


def log_bounds(values: Array) -> Range | None:
    """Give round bounds, as log₁₀, around the values above 0 for a log axis, or None if there are none."""
    extremes = _extremes(values[values > 0.0])
    if extremes is None:
        return None
    low, high = _below(log10(extremes[0])), -_below(-log10(extremes[1]), _ABOVE)
    if high - low < _SLACK:
        low, high = _below(low - 0.1), -_below(-high - 0.1, _ABOVE)
    return low, high


def padded(span: Range, share: float) -> Range:
    """Widen a range by a share of it at either end."""
    margin = share * (span[1] - span[0])
    return span[0] - margin, span[1] + margin


def step_ticks(low: float, high: float, count: int) -> list[Tick]:
    """Give at most `count` + 1 whole steps with their words."""
    step = max(_round_step((high - low) / (count + 0.5)), 1.0)
    return [(value, format_count(round(value))) for value in _multiples(low, high, step)]


def value_ticks(low: float, high: float, count: int) -> list[Tick]:
    """Give about `count` round values of a linear axis with their words."""
    step = _round_step((high - low) / count)
    last_place = _last_place(step)
    largest = max(abs(low), abs(high))
    if last_place < -4 or largest >= 1e5:
        figures = min(max(0, floor(log10(largest) + _SLACK) - last_place), MAX_FIGURES)
        return [(value, _scientific(value, figures)) for value in _multiples(low, high, step)]
    return [(value, f"{value:.{max(0, -last_place)}f}") for value in _multiples(low, high, step)]


def log_ticks(low: float, high: float, count: int) -> list[Tick]:
    """Give about `count` round values of an axis whose bounds are log₁₀ of what it shows."""
    if high - low < 1e-3:
        return []
    decades = range(floor(low + _SLACK), ceil(high - _SLACK) + 1)
    mantissas = _MANTISSAS if (high - low) * len(_MANTISSAS) <= count + 1 else _MANTISSAS[:1]
    stride = max(1, ceil((high - low) / count)) if len(mantissas) == 1 else 1
    places = [(decade + log10(m), m, decade) for decade in decades if decade % stride == 0 for m in mantissas]
    ticks = [(at, _power_text(m, decade)) for at, m, decade in places if low - _SLACK <= at <= high + _SLACK]
    return ticks if len(ticks) > 1 else _ticks_within(low, high, count)


def _ticks_within(low: float, high: float, count: int) -> list[Tick]:
    """Give at least two ticks for a log axis without two decades: the outermost of 1, 2, 5, else linear ones."""
    marks = [(k + log10(m), _power_text(m, k)) for k in range(floor(low), ceil(high) + 1) for m in _MANTISSAS]
    inside = [mark for mark in marks if low - _SLACK <= mark[0] <= high + _SLACK]
    if len(inside) > 1:
        return [inside[0], inside[-1]]
    tries = (value_ticks(10.0**low, 10.0**high, count * more) for more in (1, 2, 4, 8))
    found = next((ticks for ticks in tries if len(ticks) > 1), [])
    return [(log10(value), words) for value, words in found if value > 0.0]


def _power_text(mantissa: float, decade: int) -> str:
    if -4 < decade < 5:
        return f"{mantissa * 10.0**decade:.{max(0, -decade)}f}"
    return f"{mantissa:.0f}e{decade}"


def _last_place(step: float) -> int:
    """Give the power of ten of the last figure that the multiples of a round step need."""
    exponent = floor(log10(step) + _SLACK)
    mantissa = step / 10.0**exponent
    return exponent if abs(mantissa - round(mantissa)) < _SLACK else exponent - 1


def _scientific(value: float, figures: int) -> str:
    mantissa, exponent = f"{value:.{figures}e}".split("e")
    return f"{mantissa}e{int(exponent)}" if value else "0"


def _extremes(values: Array) -> Range | None:
    drawn = values[np.abs(values) <= HUGE]
    return (float(drawn.min()), float(drawn.max())) if drawn.size else None


def _round_step(rough: float) -> float:
    """Give the smallest of 1, 2, 2.5, 5 times a power of ten that is not below `rough`."""
    if not (isfinite(rough) and rough > 0.0):
        return 1.0
    power = 10.0 ** floor(log10(rough) + _SLACK)
    return next((m * power for m in _STEPS if m * power >= rough * (1.0 - _SLACK)), 10.0 * power)


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = ceil(low / step - _SLACK), floor(high / step + _SLACK)
    return [k * step if k else 0.0 for k in range(first, last + 1)]


_BELOW = tuple(log10(m) for m in _MANTISSAS)
_ABOVE = tuple(sorted((-at) % 1.0 for at in _BELOW))


def _below(at: float, places: tuple[float, ...] = _BELOW) -> float:
    """Give the largest round value (as log₁₀) that is not above `at`; `places` are their parts after the decade."""
    decade = floor(at + _SLACK)
    return decade + max(place for place in places if place <= at - decade + _SLACK)
