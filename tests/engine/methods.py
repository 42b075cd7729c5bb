"""Gradients by one method or another, and how nearly two of them must agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.executor import Executor
from engine.gradients.base import weight_at, weight_offset
from engine.ops.call import Array
from engine.program import Program

EXACT = 1e-12
"""The part of the largest number in which two exact gradients may differ."""

Numbers = NDArray[np.int64]


def spread_out(program: Program, most: int) -> Numbers:
    """Choose up to `most` weights by number, some of each parameter, spread evenly over it."""
    if program.parameter_count <= most:
        return np.arange(program.parameter_count)
    share, start, chosen = most // len(program.parameters), 0, []
    for parameter in program.parameters:
        count = min(parameter.size, share)
        chosen.append(start + np.arange(count) * parameter.size // count)
        start += parameter.size
    return np.concatenate(chosen)


def reverse_mode(executor: Executor, rows: int, chosen: Numbers) -> Array:
    """Give ∂L/∂w of the chosen weights for the loaded rows, from one backward pass."""
    program, arena = executor.program, executor.arena
    for parameter in program.parameters:
        program.gradient(arena, parameter).fill(np.nan)
    executor.forward(rows)
    executor.backward(rows)
    return program.region(arena, 1)[[weight_offset(program, int(number)) for number in chosen]]


def forward_mode(executor: Executor, rows: int, chosen: Numbers) -> Array:
    """Give ∂L/∂w of the chosen weights for the loaded rows, from one sweep of tangents each."""
    executor.forward(rows)
    found = [executor.tangent(rows, *weight_at(executor.program, int(number))) for number in chosen]
    return np.array(found, np.float64)


def terms(executor: Executor, rows: int) -> float:
    """Give the largest number that has a part in g, after a backward pass: an adjoint, or a number of g itself.

    Where large terms cancel out in g, they decide how much of it is rounding.
    """
    program, arena = executor.program, executor.arena
    adjoints = [program.adjoint(arena, i.output, rows) for i in program.instructions]
    parts = [*(program.gradient(arena, p) for p in program.parameters), *adjoints]
    return float(np.max([np.abs(part).max(initial=0.0) for part in parts if part is not None]))
