"""Which kernel computes each optimizer's rule, and the update phase of a run as flat numbers for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.clipping import CLIPPING_SETTINGS, ClipNorm, ClipValue, NoClipping
from engine.compiled import kernels_adam as adam
from engine.compiled import kernels_adaptive as adaptive
from engine.compiled import kernels_descent as descent
from engine.compiled.executor import Compiled
from engine.compiled.jit import Kernel
from engine.compiled.kernels_update import (
    CLIP_NORM,
    CLIP_VALUE,
    LIMIT,
    NO_CLIPPING,
    RATE,
    RECORD,
    SETTINGS,
    run_update,
    update,
)
from engine.executors import PinnedNames
from engine.ops.call import Array
from engine.optimizers import Optimizer
from engine.program import MAX_SLOTS, PARAMETER_LANES, Program, padded
from engine.schedules import SCHEDULE_SETTINGS, Constant

RULES: Mapping[str, Kernel] = {
    "none": descent.none,
    "sgd": descent.sgd,
    "momentum": descent.momentum,
    "nesterov": descent.nesterov,
    "adagrad": adaptive.adagrad,
    "rmsprop": adaptive.rmsprop,
    "adadelta": adaptive.adadelta,
    "rprop": adaptive.rprop,
    "adam": adam.adam,
    "adamw": adam.adamw,
    "amsgrad": adam.amsgrad,
    "adamax": adam.adamax,
    "nadam": adam.nadam,
    "radam": adam.radam,
    "lion": descent.lion,
}
CLIPPINGS = {NoClipping.name: NO_CLIPPING, ClipNorm.name: CLIP_NORM, ClipValue.name: CLIP_VALUE}
RATE_SETTING = "learning_rate"
COMMON = {RATE_SETTING, *(setting.name for setting in (*SCHEDULE_SETTINGS, *CLIPPING_SETTINGS))}
"""The settings that are no rule's own."""

Parts = Sequence[tuple[int, int]]


def is_missing(kind: str) -> bool:
    """Tell whether an optimizer has no kernel; its updates are done by numpy."""
    return kind not in RULES


class Rule:
    """An optimizer bound to an executor's arena: `words` and `numbers` are what `kernels_update.update` reads."""

    def __init__(self, executor: Compiled, optimizer: Optimizer, pinned: PinnedNames) -> None:
        self._executor, self._optimizer = executor, optimizer
        program, values = executor.program, optimizer.values
        clipping = CLIPPINGS[str(values.get("clipping", NoClipping.name))]
        regions = [program.buffer_span + number * program.parameter_span for number in range(4 + MAX_SLOTS)]
        weights, gradient, delta, *slots, clipped = regions
        free, fixed = _parts(program, pinned)
        words = [weights, gradient, clipped, delta, *slots, gradient if clipping == NO_CLIPPING else clipped]
        words += [program.parameter_span, len(optimizer.slots), clipping, RULES[optimizer.name].address]
        words += [RECORD, len(free), len(fixed), *(word for part in (*free, *fixed) for word in part)]
        self.words: NDArray[np.int64] = np.array(words, np.int64)
        own = [optimizer.number(s.name) for s in optimizer.settings if s.name not in COMMON]
        self.numbers: Array = np.zeros(SETTINGS + len(own))
        self.numbers[LIMIT] = optimizer.number("clip_limit") if "clip_limit" in values else 1.0
        self.numbers[SETTINGS:] = own
        self.address: int = update.address
        self._has_rate = RATE_SETTING in values

    def rates(self, t: int, count: int) -> Array:
        """Give the learning rates of `count` updates, the first of them the t-th; 0 where a rule has none."""
        optimizer = self._optimizer
        if not self._has_rate:
            return np.zeros(count)
        if optimizer.values["schedule"] == Constant.name and t > optimizer.number("warm_up"):
            return np.full(count, optimizer.rate(t))
        return np.array([optimizer.rate(number) for number in range(t, t + count)])

    def apply(self, t: int) -> None:
        """Turn g into Δw and add it: the t-th update, with the same arithmetic as in a run of many steps."""
        self.numbers[RATE] = self.rates(t, 1)[0]
        run_update(self._executor.memory, self.words, self.numbers, self.address, t)


def _parts(program: Program, pinned: PinnedNames) -> tuple[Parts, Parts]:
    """Give start and length of the parts that updates change, neighbors as one, and of the pinned ones."""
    free: list[tuple[int, int]] = []
    fixed: list[tuple[int, int]] = []
    for parameter in program.parameters:
        start, length = parameter.offset, padded(parameter.size, PARAMETER_LANES)
        if (parameter.node, parameter.name) in pinned:
            fixed.append((start, length))
        elif free and sum(free[-1]) == start:
            free[-1] = (free[-1][0], free[-1][1] + length)
        else:
            free.append((start, length))
    return free, fixed
