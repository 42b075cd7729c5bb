"""Runs with an end: so many steps, to a step, to a node, and to a value that is not finite."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.experiment import Choice
from engine.program import Phase
from tests.app.runs import Frames, edit, state, step_of, values
from tests.engine.samples import experiment_of, line_experiment, optimizer

A = 2
Setup = tuple[Document, Runner]


@pytest.fixture
def setup(qtbot: QtBot) -> Iterator[Setup]:
    document = Document(Project(experiment_of(rule=optimizer("adam"))))
    runner = Runner(document)
    yield document, runner
    runner.pause()


def wait(runner: Runner, qtbot: QtBot) -> tuple[int, int]:
    qtbot.waitUntil(lambda: not runner.is_running)
    snapshot = runner.snapshot
    assert snapshot is not None
    return snapshot.step, snapshot.micro


# ---- so many steps ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [None, 4000.0])
def test_so_many_steps_and_not_one_more(setup: Setup, qtbot: QtBot, speed: float | None) -> None:
    _, runner = setup
    runner.set_speed(speed)
    told: list[str] = []
    runner.message_posted.connect(lambda words, _: told.append(str(words)))
    runner.run_steps(25)
    assert wait(runner, qtbot) == (25, 0)
    runner.micro_step()
    runner.run_steps(10)
    assert wait(runner, qtbot) == (35, 0)
    assert told == ["Paused: step 25 is reached", "Paused: step 35 is reached"]
    reached = state(runner)
    runner.reset()
    for _ in range(35):
        runner.step()
    assert values(state(runner)) == values(reached)


def test_it_goes_at_the_speed_that_is_set_and_can_be_paused(setup: Setup, qtbot: QtBot) -> None:
    _, runner = setup
    runner.set_speed(0.01)
    frames = Frames(runner)
    runner.run_steps(5)
    qtbot.waitUntil(lambda: bool(frames.snapshots))
    assert (step_of(runner), state(runner).micro) == (0, 1)
    runner.pause()
    runner.set_speed(None)
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > 6)


def test_a_stop_condition_comes_first(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    edit(document, stops=(Choice("steps", {"count": 7}),))
    runner.run_steps(20)
    assert wait(runner, qtbot) == (7, 0)


def test_in_the_past_a_step_is_replayed_to_and_the_end_of_the_past_is_no_end(setup: Setup, qtbot: QtBot) -> None:
    _, runner = setup
    for _ in range(30):
        runner.step()
    end = values(state(runner))
    runner.go_to(10)
    runner.run_steps(8)
    assert wait(runner, qtbot) == (18, 0)
    assert runner.is_past
    runner.run_to_step(30)
    assert wait(runner, qtbot) == (30, 0)
    assert not runner.is_past
    assert values(state(runner)) == end
    runner.go_to(10)
    runner.run_steps(25)
    assert wait(runner, qtbot) == (35, 0)
    assert not runner.is_past


def test_a_step_that_lies_behind_is_returned_to(setup: Setup) -> None:
    _, runner = setup
    for _ in range(4):
        runner.step()
    runner.run_to_step(2)
    assert not runner.is_running
    assert runner.is_past
    assert runner.snapshot is not None
    assert runner.snapshot.step == 2


# ---- to a node -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [None, 4000.0])
def test_to_here_is_the_next_pass_that_comes_to_the_node(setup: Setup, qtbot: QtBot, speed: float | None) -> None:
    _, runner = setup
    runner.set_speed(speed)
    told: list[str] = []
    runner.message_posted.connect(lambda words, _: told.append(str(words)))
    seen = []
    for _ in range(3):
        runner.run_to_node(A)
        step, _ = wait(runner, qtbot)
        assert runner.snapshot is not None
        assert runner.snapshot.next.node == A
        seen.append((step, runner.snapshot.next.phase))
    assert seen == [(0, Phase.FORWARD), (0, Phase.BACKWARD), (1, Phase.FORWARD)]
    assert told[0] == "Paused before forward through A · 3 tanh"
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > 4)


def test_to_a_node_that_no_step_comes_to_is_a_run(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    edit(document, stops=(Choice("steps", {"count": 9}),))
    runner.run_to_node(1)
    assert wait(runner, qtbot) == (9, 0)


# ---- what is not finite ----------------------------------------------------------------------------------------------


def diverge(document: Document, runner: Runner, qtbot: QtBot) -> None:
    document.load(Project(line_experiment(1e6)), None)
    runner.set_speed(None)
    with qtbot.waitSignal(runner.message_posted):
        runner.run()
    assert not runner.is_running


def test_the_fault_can_be_looked_at_and_left_again(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    assert runner.fault is None
    diverge(document, runner, qtbot)
    fault = runner.fault
    assert fault is not None
    assert runner.snapshot is not None
    assert (runner.snapshot.step, runner.snapshot.micro) == (fault.step, 0)
    weights = runner.snapshot.state.tobytes()
    told: list[str] = []
    runner.message_posted.connect(lambda words, _: told.append(str(words)))
    runner.go_to_fault(fault)
    assert (runner.snapshot.step, runner.snapshot.micro) == (fault.step, fault.number + 1)
    assert runner.snapshot.last is not None
    assert runner.snapshot.last.node == fault.node
    assert not np.isfinite(runner.snapshot.arena).all()
    assert told == [str(fault)]
    assert runner.fault == fault
    runner.cancel_step()
    assert (runner.snapshot.step, runner.snapshot.micro) == (fault.step, 0)
    assert runner.snapshot.state.tobytes() == weights
    assert np.isfinite(runner.snapshot.state).all()


def test_a_fault_is_none_elsewhere_nor_after_a_change(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    diverge(document, runner, qtbot)
    runner.previous()
    assert runner.fault is None
    runner.go_to_end()
    assert runner.fault is not None
    edit(document, optimizer=optimizer("sgd", learning_rate=0.01))
    assert runner.fault is None
