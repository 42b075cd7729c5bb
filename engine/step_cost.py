"""What a step costs: one forward pass, what the gradient method does, and the optimizer's candidates."""

from __future__ import annotations

from dataclasses import dataclass

from engine.gradients import Cost, GradientMethod, NoGradient
from engine.optimizers import Optimizer, Search
from engine.program import Program

SHORT_CALLS = 2000
"""A step of no more calls of primitives is done in one piece,"""
MAC_SHARE = 1e-4
"""with a multiply-add counted as such a part of a call: about a nanosecond against some microseconds."""


@dataclass(frozen=True)
class StepCost:
    """The parts of a step's cost, each as forward passes and multiply-adds."""

    evaluation: Cost
    gradient: Cost
    candidates: Cost

    @property
    def forward_passes(self) -> float:
        """All of it in forward passes."""
        return sum(part.forward_passes for part in (self.evaluation, self.gradient, self.candidates))

    @property
    def macs(self) -> int:
        """All of it in multiply-adds."""
        return sum(part.macs for part in (self.evaluation, self.gradient, self.candidates))


def is_called(method: GradientMethod, optimizer: Optimizer, program: Program) -> bool:
    """Tell whether a step calls the gradient method: the optimizer needs a g, and the method can compute it."""
    return optimizer.needs_gradient and not isinstance(method, NoGradient) and method.problem(program) is None


def step_cost(method: GradientMethod, optimizer: Optimizer, program: Program) -> StepCost:
    """Give what a step of a full batch costs."""
    macs = program.macs(program.rows)
    gradient = method.cost(program, program.rows) if is_called(method, optimizer, program) else Cost(0.0, 0)
    candidates = optimizer.passes if isinstance(optimizer, Search) and optimizer.problem(program) is None else 0
    return StepCost(Cost(1.0, macs), gradient, Cost(float(candidates), candidates * macs))


def is_short(cost: StepCost, program: Program) -> bool:
    """Tell whether a step takes some milliseconds only, or no longer than a backward sweep, which is not cut up."""
    if cost.gradient.forward_passes <= 2.0 and not cost.candidates.forward_passes:
        return True
    return cost.forward_passes * len(program.instructions) + cost.macs * MAC_SHARE <= SHORT_CALLS
