"""Looking at runs from outside, for the tests of the runner."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any

from app.document import Document
from app.runner import Runner
from engine.run_state import RunState
from engine.snapshot import Snapshot


class Frames:
    """The frames of a runner with the time of each."""

    def __init__(self, runner: Runner) -> None:
        self.times: list[float] = []
        self.snapshots: list[Snapshot | None] = []
        runner.frame_ready.connect(self._on_runner_frame_ready)

    def _on_runner_frame_ready(self, snapshot: Snapshot | None) -> None:
        self.times.append(perf_counter())
        self.snapshots.append(snapshot)

    def steps(self) -> list[int]:
        return [snapshot.step for snapshot in self.snapshots if snapshot is not None]


def edit(document: Document, **changes: Any) -> None:
    """Change entries of the experiment."""
    document.edit("edit", replace(document.project, experiment=replace(document.project.experiment, **changes)))


def state(runner: Runner) -> RunState:
    """Give the present state of the run."""
    found = runner.save_state()
    assert found is not None
    return found


def values(state: RunState) -> dict[tuple[int, str], tuple[float, ...]]:
    """Give the weights by node and name."""
    return {(array.node, array.name): array.values for array in state.parameters}


def step_of(runner: Runner) -> int:
    return state(runner).step
