"""The state of a run between two micro-steps, as it is stored in files: enough to go on as if never interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SavedArray:
    """A parameter with the optimizer's slots for it, or a buffer, which has none: flat numbers in row order."""

    node: int
    name: str
    shape: tuple[int, int]
    values: tuple[float, ...]
    slots: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class RunState:
    """Counters, parameters and buffers at the beginning of a step, and how many of its micro-steps are done.

    `step` counts completed updates, `updates` those of the present optimizer; `row` rows of epoch `epoch` are used;
    `loss` is the last batch's, None where there is none; `gradient_calls` counts the gradients computed in the run.
    No buffer is called like a parameter of its node.
    """

    step: int
    micro: int
    updates: int
    epoch: int
    row: int
    loss: float | None
    parameters: tuple[SavedArray, ...]
    generator: str
    buffers: tuple[SavedArray, ...] = ()
    gradient_calls: int = 0
