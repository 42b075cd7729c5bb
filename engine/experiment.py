"""The Experiment: all that decides a run, and no pixels. A value: every edit makes a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.graph import Graph
from engine.setting import SettingValue

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class Choice:
    """One entry of a list of kinds, with its settings (complete and checked)."""

    kind: str
    settings: Mapping[str, SettingValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Experiment:
    """Graph, data, both slots of the pipeline, batch size (None: all training rows) and seed."""

    graph: Graph
    data: Choice
    method: Choice
    optimizer: Choice
    batch_size: int | None = 32
    seed: int = 1
