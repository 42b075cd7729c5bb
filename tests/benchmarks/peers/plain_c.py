"""Simple loops in C."""

from __future__ import annotations

from tests.benchmarks.c_library import CTraining
from tests.benchmarks.problem import Problem


def begin(problem: Problem) -> CTraining:
    """Build it and begin. Raises UnavailableError without a compiler."""
    return CTraining("plain.c", problem)
