"""Runs that end by themselves, and long steps that are given up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.experiment import Choice
from tests.app.runs import edit, state, step_of
from tests.engine.samples import dense_graph, experiment_of

AT_25 = Choice("steps", {"count": 25})


@pytest.fixture
def setup(qapp: object) -> Iterator[tuple[Document, Runner, list[tuple[str, bool]]]]:
    document = Document(Project(experiment_of()))
    runner = Runner(document)
    posted: list[tuple[str, bool]] = []
    runner.message_posted.connect(lambda words, is_problem: posted.append((str(words), is_problem)))
    yield document, runner, posted
    runner.pause()


Setup = tuple[Document, Runner, list[tuple[str, bool]]]


@pytest.mark.parametrize("speed", [None, 4000.0])
def test_a_run_stops_where_a_condition_holds_says_why_and_goes_on_when_run_again(
    setup: Setup, qtbot: QtBot, speed: float | None
) -> None:
    document, runner, posted = setup
    edit(document, stops=(AT_25,))
    runner.set_speed(speed)
    runner.run()
    qtbot.waitUntil(lambda: not runner.is_running)
    assert runner.place == (25, 0)
    assert posted == [("Stopped: step 25 is reached", False)]
    assert str(runner.words) == posted[0][0]
    assert runner.snapshot is not None
    assert runner.snapshot.step == 25
    assert [(step, str(words)) for step, words in runner.snapshot.curves.events] == [(25, posted[0][0])]
    runner.run()
    assert runner.words is None
    qtbot.waitUntil(lambda: runner.place[0] > 60)
    assert runner.is_running


def test_a_condition_that_is_changed_during_a_run_counts_from_then_on(setup: Setup, qtbot: QtBot) -> None:
    document, runner, _ = setup
    for _ in range(30):
        runner.step()
    edit(document, stops=(AT_25,))
    assert step_of(runner) == 30
    runner.run()
    qtbot.waitUntil(lambda: runner.place[0] > 40)
    edit(document, stops=(Choice("steps", {"count": 10**6}), Choice("loss-below", {"of": "batch", "bound": 100.0})))
    assert runner.is_running
    document.undo_stack.undo()
    assert document.project.experiment.stops == (AT_25,)
    runner.pause()
    runner.reset()
    runner.run()
    qtbot.waitUntil(lambda: not runner.is_running)
    assert runner.place == (25, 0)


def test_stop_conditions_change_no_number_of_the_run(setup: Setup) -> None:
    document, runner, _ = setup
    for _ in range(12):
        runner.step()
    plain = state(runner)
    runner.reset()
    edit(document, stops=(Choice("gradient-norm", {"bound": 1e-9}), Choice("plateau", {"steps": 5, "share": 0.5})))
    for _ in range(12):
        runner.step()
    assert state(runner) == plain


def test_a_long_step_that_is_given_up_leaves_the_run_at_its_beginning(setup: Setup, qtbot: QtBot) -> None:
    document, runner, _ = setup
    document.load(Project(experiment_of(dense_graph((600,)), way="finite-differences")), None)
    before = state(runner)
    runner.step()
    qtbot.waitUntil(lambda: runner.place[1] > 20)
    assert runner.snapshot is not None
    assert not runner.snapshot.is_step_short
    runner.cancel_step()
    assert not runner.is_running
    assert runner.place == (0, 0)
    assert state(runner) == before
    runner.step()
    qtbot.waitUntil(lambda: not runner.is_running)
    assert runner.place == (1, 0)
    assert state(runner).gradient_calls == 1
