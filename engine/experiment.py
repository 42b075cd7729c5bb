"""The Experiment: all that decides a run, and no pixels. A value: every edit makes a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.graph import Graph
from engine.setting import SettingValue

MAX_SEED = 2**32 - 1
REFERENCE = "reference"
"""The executor that is always there."""


@dataclass(frozen=True)
class Choice:
    """One entry of a list of kinds, with its settings (complete and checked)."""

    kind: str
    settings: Mapping[str, SettingValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Pipeline:
    """What is in the two slots, which parameters, by (node, name), no update changes, and what computes it all."""

    method: Choice
    optimizer: Choice
    pinned: frozenset[tuple[int, str]] = frozenset()
    executor: str = REFERENCE


@dataclass(frozen=True)
class Experiment:
    """Graph, data, both slots of the pipeline, batch size (None: all training rows), seed, pins and stop conditions.

    `pinned` holds (node, name) of the parameters that no update changes; `stops` what ends a run by itself.
    """

    graph: Graph
    data: Choice
    method: Choice
    optimizer: Choice
    batch_size: int | None = 32
    seed: int = 1
    pinned: frozenset[tuple[int, str]] = frozenset()
    stops: tuple[Choice, ...] = ()

    @property
    def pipeline(self) -> Pipeline:
        """What a run can exchange at any step."""
        return Pipeline(self.method, self.optimizer, self.pinned)
