"""Computing g and using it in a run of the document: long steps go on in slices, and nothing is done twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.experiment import Choice, Experiment
from engine.program import Phase
from engine.snapshot import Snapshot
from tests.app.runs import edit
from tests.engine.samples import dense_graph, experiment_of, method


def setup_of(experiment: Experiment) -> tuple[Document, Runner]:
    document = Document(Project(experiment_of()))
    runner = Runner(document)
    document.load(Project(experiment), None)
    return document, runner


def shown(runner: Runner) -> Snapshot:
    assert runner.snapshot is not None
    return runner.snapshot


@pytest.mark.parametrize("begun", [0, 5])
def test_a_long_g_is_computed_in_slices_and_the_run_stops_before_the_update(qtbot: QtBot, begun: int) -> None:
    _, runner = setup_of(experiment_of(dense_graph((60,)), way="finite-differences"))
    before = shown(runner).state
    for _ in range(begun):
        runner.micro_step()
    runner.gradient.compute()
    assert runner.is_running
    runner.pause()
    assert runner.place[0] == 0
    runner.gradient.compute()
    qtbot.waitUntil(lambda: not runner.is_running)
    snapshot = shown(runner)
    assert (snapshot.step, snapshot.gradient_step, snapshot.next.phase) == (0, 0, Phase.UPDATE)
    np.testing.assert_array_equal(snapshot.state, before)
    runner.gradient.compute()
    assert (runner.is_running, runner.place) == (False, (0, snapshot.micro))
    runner.gradient.apply()
    assert runner.place == (1, 0)
    assert not np.array_equal(shown(runner).state, before)


@pytest.mark.parametrize(("then", "now"), [(3000, 2000), (2000, 3000), (3000, 1), (1, 3000)])
def test_at_the_end_of_another_line_the_g_of_the_slots_of_now_is_computed(qtbot: QtBot, then: int, now: int) -> None:
    document, runner = setup_of(replace(experiment_of(), method=Choice("spsa", {"samples": then})))
    runner.step()
    qtbot.waitUntil(lambda: not runner.is_running)
    runner.go_to(0)
    edit(document, method=Choice("spsa", {"samples": now}))
    runner.micro_step()
    runner.go_to_line(0)
    before = shown(runner).state
    runner.gradient.compute()
    assert runner.is_running == (now > 1)
    qtbot.waitUntil(lambda: not runner.is_running)
    snapshot = shown(runner)
    assert (snapshot.step, snapshot.gradient_step, snapshot.next.phase) == (1, 1, Phase.UPDATE)
    assert snapshot.pipeline.method.settings["samples"] == now
    np.testing.assert_array_equal(snapshot.state, before)


def test_after_a_long_g_a_step_stops_where_a_step_ends(qtbot: QtBot) -> None:
    _, runner = setup_of(experiment_of(dense_graph((60,)), way="finite-differences"))
    runner.gradient.compute()
    qtbot.waitUntil(lambda: not runner.is_running)
    runner.step()
    qtbot.waitUntil(lambda: not runner.is_running)
    assert runner.place == (1, 0)


def test_without_a_network_there_is_nothing_to_do(qapp: object) -> None:
    document, runner = setup_of(experiment_of())
    edit(document, graph=document.project.experiment.graph.remove([2]))
    for action in (runner.gradient.compute, runner.gradient.apply, runner.gradient.redraw):
        action()
    assert runner.snapshot is None
    assert runner.gradient.obstacles == (None, None, None)


def test_what_stops_g_from_being_applied_again_is_told(qapp: object, qtbot: QtBot) -> None:
    document, runner = setup_of(experiment_of())
    runner.step()
    edit(document, method=method("none"))
    assert [str(words) for words in runner.gradient.obstacles] == [
        "There is no gradient method that could compute g",
        "Compute g first: there is none yet for the optimizer to use",
        "None",
    ]
