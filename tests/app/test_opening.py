"""The first step in slow motion: five phases of equal length, a sentence for each, once for each document.

The clock is the test's own: the run asks it what is due whenever its timer ticks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app import pace
from app.document import Document
from app.opening import PHASE_SECONDS
from app.project import Breakpoint, Project
from app.runner import Runner
from engine.experiment import Experiment
from engine.program import Phase
from tests.app.runs import edit, state, step_of
from tests.engine.samples import experiment_of, optimizer

SENTENCES = (
    "1 · Sample draws 16 of 40 training rows",
    "2 · Forward reads the weights and changes none",
    "3 · Loss: one number for the 16 rows, the smaller the better",
    "4 · Backpropagation computes g: no weight has changed",
    "5 · SGD uses g: now the weights change",
)


class Clock:
    """A clock that stands still until it is set forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(pace, "perf_counter", lambda: self.now)


class Start:
    """A document just opened, with a runner that begins slowly."""

    def __init__(self, clock: Clock, experiment: Experiment | None = None) -> None:
        self.clock = clock
        self.document = Document(Project(experiment or experiment_of()))
        self.runner = Runner(self.document)
        self.runner.has_slow_start = True

    def place(self) -> tuple[int, int]:
        """Where the run stands after all that is due now."""
        self.runner._motor._timer.timeout.emit()
        found = state(self.runner)
        return found.step, found.micro

    def words(self) -> str:
        return str(self.runner.words)

    def follow(self) -> list[tuple[float, int, str]]:
        """Go on by hundredths of a second until the next step; give each micro-step's time, number and sentence."""
        begun = self.clock.now
        seen: list[tuple[float, int, str]] = []
        for tick in range(2000):
            self.clock.now = begun + tick * 0.01
            step, micro = self.place()
            done = step * 1000 + micro
            if not seen or done != seen[-1][1]:
                seen.append((tick * 0.01, done, self.words()))
            if (step, micro) >= (1, 1):
                break
        return seen


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def start(clock: Clock, qtbot: QtBot) -> Iterator[Start]:
    made = Start(clock)
    yield made
    made.runner.pause()


def test_each_phase_takes_as_long_with_its_micro_steps_spread_evenly(start: Start) -> None:
    start.runner.set_speed(None)
    start.runner.run()
    seen = start.follow()
    stepper = start.runner._training.trainer.stepper if start.runner._training.trainer else None
    assert stepper is not None
    phases = [stepper.describe(number).phase for number in range(stepper.micro_count)]
    assert len(seen) == len(phases) + 1
    for number, (time, _, words) in enumerate(seen[:-1]):
        phase = phases[number]
        within = number - phases.index(phase)
        due = PHASE_SECONDS * (phase - 1 + within / phases.count(phase))
        assert time == pytest.approx(due, abs=0.03)
        assert words == SENTENCES[phase - 1]
    assert seen[-1][0] == pytest.approx(5 * PHASE_SECONDS, abs=0.03)
    assert start.runner.words is None


def test_then_the_run_goes_on_at_the_speed_that_is_set(start: Start, qtbot: QtBot) -> None:
    start.runner.set_speed(None)
    start.runner.run()
    start.follow()
    qtbot.waitUntil(lambda: step_of(start.runner) > 50)
    assert start.runner.is_running


def test_a_slow_speed_comes_back_after_it(start: Start) -> None:
    start.runner.set_speed(0.5)
    start.runner.run()
    start.follow()
    reached = start.place()
    start.clock.now += 1.9
    assert start.place() == reached
    start.clock.now += 0.2
    assert start.place() == (reached[0], reached[1] + 1)


def test_it_happens_once_for_each_document(start: Start, qtbot: QtBot) -> None:
    start.runner.run()
    assert start.place() == (0, 1)
    start.runner.pause()
    assert start.words() == "None"
    start.runner.reset()
    start.runner.set_speed(None)
    start.runner.run()
    qtbot.waitUntil(lambda: step_of(start.runner) > 20)
    start.document.load(Project(experiment_of()), None)
    start.runner.run()
    assert start.place() == (0, 1)
    assert start.words() == SENTENCES[0]


def test_pause_stands_in_the_middle_and_the_next_run_goes_at_once(start: Start, qtbot: QtBot) -> None:
    start.runner.set_speed(None)
    start.runner.run()
    start.place()
    start.clock.now += 1.25
    assert start.place() == (0, 2)
    start.runner.pause()
    assert (state(start.runner).step, state(start.runner).micro) == (0, 2)
    start.runner.run()
    assert start.runner.words is None
    qtbot.waitUntil(lambda: step_of(start.runner) > 20)


def test_a_step_and_another_speed_end_it(start: Start, qtbot: QtBot) -> None:
    start.runner.run()
    start.place()
    start.runner.step()
    assert (state(start.runner).step, start.runner.is_running, start.runner.words) == (1, False, None)
    start.document.load(Project(experiment_of()), None)
    start.runner.run()
    start.place()
    start.runner.set_speed(None)
    assert start.runner.words is None
    qtbot.waitUntil(lambda: step_of(start.runner) > 20)


def test_not_where_something_is_computed_nor_for_a_stored_run_nor_for_a_run_to_somewhere(
    start: Start, qtbot: QtBot
) -> None:
    start.runner.set_speed(None)
    start.runner.micro_step()
    start.runner.run()
    qtbot.waitUntil(lambda: step_of(start.runner) > 3)
    start.runner.pause()
    stored = state(start.runner)
    start.document.load(start.document.project, None)
    start.runner.load_state(stored)
    start.runner.run()
    qtbot.waitUntil(lambda: step_of(start.runner) > stored.step + 3)
    start.document.load(start.document.project, None)
    start.runner.run_steps(5)
    qtbot.waitUntil(lambda: not start.runner.is_running)
    assert state(start.runner).step == 5


def test_without_the_setting_a_run_begins_at_once(start: Start, qtbot: QtBot) -> None:
    start.runner.has_slow_start = False
    start.runner.set_speed(None)
    start.runner.run()
    qtbot.waitUntil(lambda: step_of(start.runner) > 20)


def test_a_breakpoint_holds_in_it(start: Start) -> None:
    start.runner.breakpoints.set([Breakpoint(2, Phase.BACKWARD)], True)
    start.runner.run()
    for tick in range(600):
        start.clock.now = 100.0 + tick * 0.01
        start.place()
        if not start.runner.is_running:
            break
    assert start.words() == "Paused before backward through A · 3 tanh (breakpoint)"
    assert start.runner.snapshot is not None
    assert start.runner.snapshot.next.node == 2


def test_an_edit_of_the_network_ends_it_and_the_run_goes_on(start: Start, qtbot: QtBot) -> None:
    start.runner.set_speed(None)
    start.runner.run()
    start.place()
    graph = start.document.project.experiment.graph
    edit(start.document, graph=graph.set(2, {"units": 5}))
    assert start.runner.words is None
    qtbot.waitUntil(lambda: step_of(start.runner) > 20)


@pytest.mark.parametrize(
    ("changes", "computes_g", "words"),
    [
        (
            {"rule": optimizer("genetic-algorithm")},
            False,
            "5 · Genetic algorithm has chosen, without a g: now the weights change",
        ),
        ({"rule": optimizer("none")}, True, "5 · Update: nothing in these two slots changes the weights"),
        ({"way": "none"}, False, "5 · Update: nothing in these two slots changes the weights"),
        ({"way": "forward-mode"}, True, "5 · SGD uses g: now the weights change"),
    ],
)
def test_the_last_sentence_is_true_of_what_is_in_the_slots(
    clock: Clock, qtbot: QtBot, changes: dict[str, Any], computes_g: bool, words: str
) -> None:
    start = Start(clock, experiment_of(**changes))
    start.runner.run()
    seen = start.follow()
    start.runner.pause()
    assert [each[2] for each in seen if each[1] == 1000] == [words]
    assert any(each[2].endswith("computes g: no weight has changed") for each in seen) is computes_g
