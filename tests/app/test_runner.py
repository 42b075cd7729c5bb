"""The runner: frames at their rate, pauses at once, steps there and back, and errors that do not end a run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from pytestqt.qtbot import QtBot

from app.document import Document
from app.motor import FRAME_SECONDS
from app.project import Project
from app.runner import Runner
from engine.trainer import Trainer
from tests.app.runs import Frames, state, step_of, values
from tests.engine.samples import experiment_of, line_experiment, optimizer

Setup = tuple[Document, Runner]


@pytest.fixture
def setup(qtbot: QtBot) -> Iterator[Setup]:
    """A document of a 2-3-1 network on XOR, and its runner."""
    document = Document(Project(experiment_of(rule=optimizer("adam"))))
    runner = Runner(document)
    yield document, runner
    runner.pause()


# ---- running ---------------------------------------------------------------------------------------------------------


def test_a_run_goes_on_by_itself_and_shows_one_frame_after_the_other(setup: Setup, qtbot: QtBot) -> None:
    _, runner = setup
    frames = Frames(runner)
    with qtbot.waitSignal(runner.state_changed):
        runner.run()
    qtbot.waitUntil(lambda: len(frames.times) >= 6)
    runner.pause()
    assert all(later - earlier >= 0.9 * FRAME_SECONDS for earlier, later in pairwise(frames.times[:-1]))
    assert frames.steps() == sorted(frames.steps())
    assert frames.steps()[-1] > 6
    assert runner.snapshot is frames.snapshots[-1]


def test_pause_stops_a_run_at_full_speed_within_a_tenth_of_a_second(setup: Setup, qtbot: QtBot) -> None:
    _, runner = setup
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > 20)
    stopped: list[float] = []
    runner.state_changed.connect(lambda: stopped.append(perf_counter()))
    asked = perf_counter()
    QTimer.singleShot(0, runner.pause)
    qtbot.waitUntil(lambda: bool(stopped))
    assert stopped[0] - asked < 0.1
    assert not runner.is_running
    step, snapshot = step_of(runner), runner.snapshot
    for _ in range(50):
        QCoreApplication.processEvents()
    assert step_of(runner) == step
    assert snapshot is runner.snapshot
    assert snapshot is not None
    assert snapshot.step == step


def test_a_slow_run_keeps_to_its_speed_and_draws_nothing_between_micro_steps(setup: Setup, qtbot: QtBot) -> None:
    _, runner = setup
    runner.set_speed(8.0)
    frames = Frames(runner)
    begun = perf_counter()
    runner.run()
    qtbot.waitUntil(lambda: len(frames.times) >= 4)
    done = [s.step * s.micro_count + s.micro for s in frames.snapshots if s is not None]
    assert all(earlier < later for earlier, later in pairwise(done))
    assert all(count <= 1 + 8.0 * (time - begun) for count, time in zip(done, frames.times, strict=True))


def test_even_the_first_micro_step_of_a_very_slow_run_is_shown_at_once(setup: Setup, qtbot: QtBot) -> None:
    _, runner = setup
    runner.set_speed(0.01)
    frames = Frames(runner)
    runner.run()
    qtbot.waitUntil(lambda: bool(frames.snapshots))
    assert runner.snapshot is not None
    assert (runner.snapshot.step, runner.snapshot.micro) == (0, 1)


def test_the_speed_can_be_changed_during_a_run(setup: Setup, qtbot: QtBot) -> None:
    _, runner = setup
    runner.set_speed(0.01)
    runner.run()
    qtbot.waitUntil(lambda: state(runner).micro == 1)
    runner.set_speed(3000.0)
    qtbot.waitUntil(lambda: step_of(runner) >= 3)
    runner.set_speed(None)
    qtbot.waitUntil(lambda: step_of(runner) >= 100)
    runner.pause()
    assert state(runner).micro == 0


@pytest.mark.parametrize("speed", [None, 2000.0])
def test_a_run_is_the_same_at_any_speed(setup: Setup, qtbot: QtBot, speed: float | None) -> None:
    document, runner = setup
    runner.set_speed(speed)
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) >= 15)
    runner.pause()
    end = state(runner)
    runner.reset()
    for _ in range(end.step):
        runner.step()
    assert state(runner) == end


def test_run_and_pause_may_be_asked_for_twice(setup: Setup) -> None:
    _, runner = setup
    for _ in range(2):
        runner.run()
        assert runner.is_running
    for _ in range(2):
        runner.pause()
        assert not runner.is_running


# ---- stepping --------------------------------------------------------------------------------------------------------


def test_steps_and_micro_steps_there_and_back(setup: Setup) -> None:
    _, runner = setup

    def place() -> tuple[int, int]:
        snapshot = runner.snapshot
        assert snapshot is not None
        return snapshot.step, snapshot.micro

    start = values(state(runner))
    assert not runner.can_go_back
    runner.micro_step()
    assert place() == (0, 1)
    runner.step()
    runner.step()
    assert place() == (2, 0)
    now = values(state(runner))
    runner.previous_micro_step()
    assert runner.snapshot is not None
    assert place() == (1, runner.snapshot.micro_count - 1)
    runner.previous()
    assert place() == (1, 0)
    runner.previous()
    assert place() == (0, 0)
    assert not runner.can_go_back
    runner.previous()
    runner.previous_micro_step()
    assert place() == (0, 0)
    assert values(state(runner)) == now != start


def test_stepping_pauses_a_run(setup: Setup, qtbot: QtBot) -> None:
    _, runner = setup
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > 5)
    before = step_of(runner)
    runner.step()
    assert not runner.is_running
    assert step_of(runner) == before + 1


# ---- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [None, 4000.0])
def test_a_value_that_is_not_finite_pauses_and_says_where(setup: Setup, qtbot: QtBot, speed: float | None) -> None:
    document, runner = setup
    document.load(Project(line_experiment(1e6)), None)
    runner.set_speed(speed)
    with qtbot.waitSignal(runner.message_posted) as posted:
        runner.run()
    words, is_problem = posted.args or []
    assert is_problem
    assert not runner.is_running
    assert runner.snapshot is not None
    assert np.isfinite(runner.snapshot.state).all()
    assert f"Step {runner.snapshot.step + 1}, phase" in str(words)
    assert np.isfinite(runner.snapshot.curves.batch_loss).all()
    assert len(runner.snapshot.curves.batch_loss) == runner.snapshot.step > 3
    assert runner.can_go_back


def test_an_error_in_a_slice_is_reported_and_pauses_a_run_that_can_go_on(
    setup: Setup, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, runner = setup
    advance, failures = Trainer.advance, iter([True])

    def advance_or_fail(trainer: Trainer, seconds: float, until: int | None = None) -> bool:
        if next(failures, False):
            raise RuntimeError("once")
        return advance(trainer, seconds, until)

    monkeypatch.setattr(Trainer, "advance", advance_or_fail)
    with qtbot.captureExceptions() as caught:
        runner.run()
        qtbot.waitUntil(lambda: not runner.is_running)
    assert [str(error) for _, error, _ in caught] == ["once"]
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > 0)
