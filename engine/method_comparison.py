"""One batch at the same weights, every gradient method: how far their g differ, and what each costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from engine.experiment import Choice
from engine.gradients import GRADIENT_METHODS, Backpropagation, GradientMethod, TypedGradient, make_gradient_method
from engine.norms import gradient_norm
from engine.present_batch import batch_of, copy_of, forward_seconds
from engine.setting import complete
from engine.snapshot import Snapshot


@dataclass(frozen=True)
class MethodResult:
    """What a method computed: NaN while it is at it."""

    kind: str
    label: str
    forward_passes: float
    """What it costs."""
    is_in_slot: bool
    norm: float = math.nan
    """‖g‖."""
    difference: float = math.nan
    """The largest |gᵢ − backpropagation's gᵢ|."""
    seconds: float = math.nan


class MethodComparison:
    """Computes g by each method that can, one pass at a time, on a copy of the run with the same rows and draws.

    The method in the slot has its settings, the others their defaults. The run itself is left alone.
    """

    def __init__(self, snapshot: Snapshot, earlier: Snapshot | None) -> None:
        self._methods = compared_methods(snapshot)
        self._copy, self._batch = copy_of(snapshot, earlier), batch_of(snapshot)
        program = snapshot.program
        self.results = [
            MethodResult(m.name, m.label, m.cost(program, snapshot.rows).forward_passes, m.name == snapshot.method)
            for m in self._methods
        ]
        self.total = sum(result.forward_passes for result in self.results)
        """What all of them cost, in forward passes."""
        self.done = 0.0
        """How much of that is done."""
        self.is_done = False
        self._passes = self._run()

    def advance(self) -> None:
        """Run one pass of one method."""
        self.is_done = next(self._passes, None) is None

    def _run(self) -> Iterator[int]:
        copy, batch, program = self._copy, self._batch, self._copy.program
        g = program.region(copy.arena, 1)
        with np.errstate(all="ignore"):
            copy.forward(batch.rows)
        exact = np.zeros_like(g)
        for number, method in enumerate(self._methods):
            count, begun_at = method.count(program), self.done
            seconds = 0.0
            g.fill(0.0)
            # What is made once, such as the copy of a copy, is no part of a gradient's price.
            with np.errstate(all="ignore"):
                method.run(copy, batch, 0)
            for done in range(count):
                begun = perf_counter()
                with np.errstate(all="ignore"):
                    method.run(copy, batch, done)
                seconds += perf_counter() - begun
                self.done = begun_at + self.results[number].forward_passes * (done + 1) / count
                if done < count - 1:
                    yield number
            if isinstance(method, Backpropagation):
                exact = g.copy()
            with np.errstate(all="ignore"):
                difference = float(np.abs(g - exact).max(initial=0.0))
            norm = gradient_norm(g)
            self.results[number] = replace(self.results[number], norm=norm, difference=difference, seconds=seconds)
            yield number


def compared_methods(snapshot: Snapshot) -> tuple[GradientMethod, ...]:
    """Give the methods that compute g of this program, backpropagation first."""
    found = []
    for kind, made in GRADIENT_METHODS.items():
        choice = Choice(kind, complete(made.settings, {}))
        choice = snapshot.pipeline.method if snapshot.method == kind else choice
        method = make_gradient_method(kind, choice.settings)
        is_fit = not isinstance(method, TypedGradient) and method.problem(snapshot.program) is None
        if is_fit and method.count(snapshot.program):
            found.append(method)
    return tuple(found)


def comparison_cost(snapshot: Snapshot) -> tuple[float, float]:
    """Give what comparing all methods costs: forward passes, and about how many seconds."""
    program, rows = snapshot.program, snapshot.rows
    passes = sum(method.cost(program, rows).forward_passes for method in compared_methods(snapshot))
    return passes, passes * forward_seconds(program, rows)
