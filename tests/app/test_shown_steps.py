"""What a run shows of its steps at a speed: each phase where it can be followed, else completed steps only."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.snapshot import Snapshot
from tests.engine.samples import experiment_of


@pytest.mark.parametrize(("steps_per_second", "shows_phases"), [(2, True), (10, False), (25, False), (100, False)])
def test_steps_that_nobody_can_follow_are_shown_when_they_are_complete(
    qtbot: QtBot, qapp: object, steps_per_second: int, shows_phases: bool
) -> None:
    runner = Runner(Document(Project(experiment_of())))
    runner.step()
    count = runner.snapshot.micro_count if runner.snapshot else 0
    runner.set_speed(steps_per_second * count)
    shown: list[int] = []

    def note(snapshot: Snapshot | None) -> None:
        if snapshot is not None and runner.is_running:
            shown.append(snapshot.micro)

    runner.frame_ready.connect(note)
    runner.run()
    qtbot.waitUntil(lambda: runner.place[0] > 4 and len(shown) > 4, timeout=10_000)
    runner.pause()
    assert any(shown) is shows_phases
