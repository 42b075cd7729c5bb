"""Edits, undo and files while there is a run: it goes on with its weights, or waits until it can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.experiment import Choice
from engine.graph import Graph
from engine.message import EngineError, Message
from tests.app.runs import edit, state, step_of, values
from tests.engine.samples import dense_graph, experiment_of, method, optimizer, trainer_of

Setup = tuple[Document, Runner]


@pytest.fixture
def setup(qtbot: QtBot) -> Iterator[Setup]:
    """A document of a 2-3-1 network on XOR, and its runner."""
    document = Document(Project(experiment_of(rule=optimizer("adam"))))
    runner = Runner(document)
    yield document, runner
    runner.pause()


def broken(graph: Graph) -> Graph:
    """Cut the wire into the loss."""
    return graph.disconnect([edge for edge in graph.edges if edge.port == "prediction"])


def test_a_run_survives_an_edit_of_the_graph_with_its_weights(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > 30)
    before = state(runner)
    edit(document, graph=document.project.experiment.graph.set(2, {"units": 5}))
    after = state(runner)
    assert runner.is_running
    assert after.step == before.step
    w, wider = values(before)[2, "W"], values(after)[2, "W"]
    np.testing.assert_array_equal(np.reshape(wider, (2, 5))[:, :3], np.reshape(w, (2, 3)))
    assert values(after)[3, "b"] == values(before)[3, "b"]
    qtbot.waitUntil(lambda: step_of(runner) > after.step)


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 7},
        {"seed": 5},
        {"data": Choice("circles", {"rows": 50})},
        {"optimizer": optimizer("sgd")},
        {"method": method("none")},
    ],
)
def test_a_run_survives_every_other_edit_too(setup: Setup, qtbot: QtBot, changes: dict[str, Any]) -> None:
    document, runner = setup
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > 10)
    before = state(runner)
    edit(document, **changes)
    assert (step_of(runner), values(state(runner))) == (before.step, values(before))
    qtbot.waitUntil(lambda: step_of(runner) > before.step + 10)
    assert runner.is_running


def test_a_problem_pauses_and_undo_brings_the_run_back_with_its_weights(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    posted: list[Message] = []
    runner.message_posted.connect(lambda words, _is_problem: posted.append(words))
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > 10)
    before = state(runner)
    with qtbot.waitSignal(runner.problems_changed):
        edit(document, graph=broken(document.project.experiment.graph))
    assert (runner.is_running, runner.can_run, runner.can_go_back, runner.snapshot) == (False, False, False, None)
    assert [str(problem.words) for problem in runner.compilation.problems if not problem.is_warning]
    assert ["problem" in str(words) for words in posted] == [True]
    for action in (runner.run, runner.step, runner.micro_step, runner.previous):
        action()
    assert not runner.is_running
    edit(document, optimizer=optimizer("adam", learning_rate=0.5))
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert runner.can_run
    assert state(runner) == replace(before, micro=0, loss=None)
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > before.step)


def test_reset_while_the_graph_is_broken_forgets_the_weights(setup: Setup) -> None:
    document, runner = setup
    start = values(state(runner))
    runner.step()
    edit(document, graph=broken(document.project.experiment.graph))
    runner.reset()
    document.undo_stack.undo()
    assert (step_of(runner), values(state(runner))) == (0, start)


def test_moving_a_node_computes_and_shows_nothing(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    compilation, snapshot = runner.compilation, runner.snapshot
    with qtbot.assertNotEmitted(runner.frame_ready):
        document.edit("Move", replace(document.project, positions={1: (4.0, 4.0)}))
    assert runner.compilation is compilation
    assert runner.snapshot is snapshot


def test_loading_another_project_begins_at_step_0_paused(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    start = values(state(runner))
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > 10)
    document.load(document.project, "same.bplab")
    assert not runner.is_running
    assert (step_of(runner), values(state(runner))) == (0, start)


def test_a_stored_run_is_taken_up_and_one_that_does_not_fit_is_refused(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    for _ in range(3):
        runner.step()
    stored = state(runner)
    runner.reset()
    with qtbot.waitSignals([runner.state_changed, runner.frame_ready]):
        runner.load_state(stored)
    assert state(runner) == stored
    edit(document, graph=dense_graph((9,)))
    with pytest.raises(EngineError):
        runner.load_state(stored)
    runner.step()
    assert step_of(runner) == 4


def test_another_seed_at_the_beginning_of_a_long_run_leaves_its_curves(qapp: object) -> None:
    document = Document(Project(experiment_of()))
    runner = Runner(document)
    for _ in range(5):
        runner.step()
    first = runner.snapshot
    runner.go_to_start()
    edit(document, seed=7)
    snapshot = runner.snapshot
    assert first is not None
    assert snapshot is not None
    assert (snapshot.step, snapshot.track.is_past, len(snapshot.track.ghosts)) == (0, False, 1)
    assert snapshot.track.ghosts[0].batch_loss.tolist() == first.curves.batch_loss.tolist()
    fresh = trainer_of(document.project.experiment)
    assert snapshot.state.tobytes() == fresh.stepper.state.tobytes()
