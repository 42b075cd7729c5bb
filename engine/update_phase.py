"""Phase 5: what turns g into Δw and adds it. The optimizer with its memory, and pins that keep weights as they are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.executor import Batch, Executor
from engine.executors import PinnedNames, Rule
from engine.message import Message, message
from engine.ops.call import Array
from engine.optimizers import SGD, NoOptimizer, Optimizer, Search, Trial, Update
from engine.program import PARAMETER_LANES, padded


@dataclass(frozen=True, eq=False)
class Reuse:
    """The g of the step before `step` was applied `count` times more; the values lying there belong to `weights`."""

    step: int
    count: int
    weights: Array


class UpdatePhase:
    """An optimizer bound to the arena of a run. `memory` is what the optimizer keeps, flat arrays by name.

    Pinned parameters are left out of everything: of clipping, of the optimizer's slots, of Δw. A gradient-free
    optimizer tries its candidates one after another on a copy; that, too, changes no weight.
    """

    def __init__(self, executor: Executor, optimizer: Optimizer, pinned: PinnedNames, rule: Rule | None = None) -> None:
        program, arena = executor.program, executor.arena
        self.optimizer = optimizer
        self._executor = executor
        self._rule = rule
        self._w = program.region(arena, 0)
        self._g = program.region(arena, 1)
        self._delta = program.region(arena, 2)
        self._clipped = program.clipped_gradient(arena)
        spans = {p: (p.offset, p.offset + padded(p.size, PARAMETER_LANES)) for p in program.parameters}
        self._fixed = [slice(*span) for p, span in spans.items() if (p.node, p.name) in pinned]
        self._free = _gaps(self._fixed, program.parameter_span)
        self.memory: Mapping[str, Array]
        self.losses: Array = np.zeros(0)
        """The losses of a gradient-free optimizer's candidates in this step."""
        self.problem: Message | None = None
        """Why the optimizer cannot change the weights of this program."""
        if isinstance(optimizer, Search):
            self.problem = optimizer.problem(program)
            names = () if self.problem else optimizer.memory
            self.memory = {name: np.zeros(program.parameter_span) for name in names}
            self.losses = np.full(optimizer.passes if self.can_change_weights else 0, math.inf)
            # What a search draws has numbers for the padding too, which stays 0.
            self._fixed += [
                slice(p.offset + p.size, span[1]) for p, span in spans.items() if span[1] > p.offset + p.size
            ]
        else:
            self.memory = dict(zip(optimizer.memory, program.slots(arena, len(optimizer.memory)), strict=True))
        self._updates = [
            Update(self._w[free], self._clipped[free], tuple(m[free] for m in self.memory.values()), self._delta[free])
            for free in self._free
        ]

    @property
    def passes(self) -> int:
        """How many candidates are tried at each step; 0 for an optimizer that uses g."""
        return len(self.losses)

    @property
    def can_change_weights(self) -> bool:
        """Whether there is an optimizer that changes weights, given a g if it needs one, and a weight that is free."""
        return not isinstance(self.optimizer, NoOptimizer) and self.problem is None and bool(self._free)

    @property
    def obstacle(self) -> Message | None:
        """Why no g, whatever it is, would change a weight; None where one can."""
        if isinstance(self.optimizer, NoOptimizer):
            return message("There is no optimizer that could use g")
        if not self.optimizer.needs_gradient:
            return message("{optimizer} uses no g", optimizer=message(self.optimizer.label))
        return None if self._free else message("Every parameter is pinned, so no g moves any")

    def take_memory(self, other: UpdatePhase) -> None:
        """Go on with what another one has kept, of the same optimizer; arrays of the same names."""
        for name, array in self.memory.items():
            np.copyto(array, other.memory[name])

    def empty_memory(self) -> None:
        """Let the optimizer begin anew."""
        for array in self.memory.values():
            array.fill(0.0)

    def try_candidate(self, batch: Batch, loss: float, t: int, number: int) -> None:
        """Look at the loss of one candidate's weights, on a copy."""
        optimizer, trial = self.optimizer, self._trial(batch, loss, t)
        assert isinstance(optimizer, Search)
        if number == 0:
            self.losses.fill(math.inf)
        probe = self._executor.probe(refresh=number == 0)
        weights = probe.program.region(probe.arena, 0)
        optimizer.candidate(trial, number, weights)
        for fixed in self._fixed:
            weights[fixed] = self._w[fixed]
        found = probe.forward(batch.rows)
        self.losses[number] = found if math.isfinite(found) else math.inf

    def apply(self, batch: Batch, loss: float, t: int) -> None:
        """Turn g, or what the candidates' losses say, into Δw and add it: the t-th update."""
        optimizer = self.optimizer
        if isinstance(optimizer, Search):
            optimizer.choose(self._trial(batch, loss, t))
            # Where nothing is tried, nothing would keep what members inherit within bounds.
            for member in self.memory.values():
                for fixed in self._fixed:
                    member[fixed] = self._w[fixed]
        elif self._rule is not None:
            self._rule.apply(t)
            return
        else:
            np.copyto(self._clipped, self._g)
            for fixed in self._fixed:
                self._clipped[fixed] = 0.0
            optimizer.clip(self._clipped)
            for update in self._updates:
                optimizer.update(update, t)
        for fixed in self._fixed:
            self._delta[fixed] = 0.0
        np.add(self._w, self._delta, out=self._w)

    def pass_words(self, number: int) -> Message:
        """Say in one line how a candidate did."""
        assert isinstance(self.optimizer, Search)
        return self.optimizer.pass_words(self.losses, number)

    def words(self, descent: str, *, has_gradient: bool) -> Message:
        """Say in one line what the update has done. `descent` is what SGD is called with this batch."""
        if isinstance(self.optimizer, NoOptimizer):
            return message("No update: there is no optimizer, so no weight has changed")
        if self.problem is not None:
            return self.problem
        if not self._free:
            return message("No update: every parameter is pinned, so no weight has changed")
        if isinstance(self.optimizer, Search):
            words = "{optimizer} went by the losses of its {count} candidates; no g was needed"
            if not self._delta.any():
                words = "None of the {count} candidates of {optimizer} was better, so no weight has changed"
            return message(words, optimizer=message(self.optimizer.label), count=self.passes)
        if not has_gradient:
            return message("No update: there is no g to use, so no weight has changed")
        return message("{optimizer} turned g into Δw and added it", optimizer=self._label(descent))

    def repeat_words(self, descent: str) -> Message:
        """Say in one line what an update has done with a g that had been used before."""
        words = "{optimizer} turned the same g into another Δw and added it; no gradient was computed"
        return message(words, optimizer=self._label(descent))

    def _label(self, descent: str) -> Message:
        return message(descent if isinstance(self.optimizer, SGD) else self.optimizer.label)

    def _trial(self, batch: Batch, loss: float, t: int) -> Trial:
        return Trial(self._w, tuple(self.memory.values()), self.losses, self._delta, batch, t, loss)


def _gaps(fixed: list[slice], length: int) -> list[slice]:
    """Give the ranges between those that are fixed."""
    ends = [0, *(part.stop for part in fixed)]
    starts = [*(part.start for part in fixed), length]
    return [slice(end, start) for end, start in zip(ends, starts, strict=True) if end < start]
