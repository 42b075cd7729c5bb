"""The ways out of the past: replay, back to now, a branch, and the lines that were left."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.gestures import LEFT
from tests.ui.travels import END, losses, open_trained, press, press_track, same_numbers, shown
from ui.edits import change_graph, choose_optimizer, set_optimizer
from ui.main_window import MainWindow


@pytest.fixture
def trained(window: MainWindow) -> MainWindow:
    """Give a window with a run of 40 steps."""
    return open_trained(window)


def test_replay_does_the_same_steps_and_stops_at_now(trained: MainWindow, qtbot: QtBot) -> None:
    end = shown(trained)
    run = trained.transport.run
    press_track(trained, 10)
    assert run.text() == "Replay"
    assert trained.actions_["run"].text() == "Replay"
    assert "same steps again" in run.toolTip()
    QTest.mouseClick(run, LEFT)
    assert run.text() == "Pause"
    qtbot.waitUntil(lambda: not trained.runner.is_running)
    assert shown(trained).step == END
    assert same_numbers(shown(trained), end)
    assert run.text() == "Run"
    assert "same steps again" not in run.toolTip()
    assert not trained.timeline.is_past


def test_resume_here_begins_a_branch_and_leaves_a_ghost_in_the_loss_plot(trained: MainWindow) -> None:
    panel, strip = losses(trained), trained.timeline
    assert "earlier lines" not in panel.legend.text()
    press_track(trained, 10)
    old = shown(trained).curves
    press(strip.resume)
    assert not strip.is_past
    assert strip.slider.maximum() == 10
    assert strip.place.text() == "step 10"
    steps, values = panel.ghost_curves[0].points()
    assert steps[:-1] == pytest.approx(old.test_step)
    assert 10.0 ** values[:-1] == pytest.approx(old.train)
    assert panel.chart.ranges[0][1] > END, "the old curve is in view"
    assert panel.legend.text().count("earlier lines") == 1
    trained.runner.step()
    assert strip.place.text() == "step 11"


def test_back_to_now_returns_to_the_end(trained: MainWindow) -> None:
    end = shown(trained)
    press_track(trained, 10)
    press(trained.timeline.now)
    assert shown(trained).step == END
    assert same_numbers(shown(trained), end)
    assert "In the past" not in trained.timeline.words.text()
    assert not trained.timeline.resume.isEnabled()
    assert not trained.timeline.now.isEnabled()


def test_the_branches_menu_goes_to_the_end_of_another_line(trained: MainWindow) -> None:
    strip = trained.timeline
    press_track(trained, 10)
    press(strip.resume)
    assert strip.branches.isEnabled()
    strip.branch_menu.aboutToShow.emit()
    (entry,) = strip.branch_menu.actions()
    assert entry.text() == "Line 1 · to step 40 · Backpropagation → Adam 0.03"
    entry.trigger()
    assert shown(trained).step == END
    strip.branch_menu.aboutToShow.emit()
    assert [action.text() for action in strip.branch_menu.actions()] == [
        "Line 2 · to step 10 · Backpropagation → Adam 0.03"
    ]


def test_another_learning_rate_in_the_past_begins_a_branch(trained: MainWindow) -> None:
    press_track(trained, 10)
    set_optimizer(trained.document, "learning_rate", 0.5)
    strip = trained.timeline
    assert not strip.is_past
    assert strip.slider.maximum() == 10
    assert strip.branches.isEnabled()
    assert trained.transport.run.text() == "Run"
    assert trained.actions_["run"].text() == "Run"
    assert len(losses(trained).ghost_curves[0].points()[0]) > 0


def test_the_window_says_that_a_replay_goes_on(trained: MainWindow) -> None:
    press_track(trained, 10)
    trained.runner.set_speed(0.5)
    QTest.mouseClick(trained.transport.run, LEFT)
    assert trained.timeline.words.text() == "Replaying: the same steps once more, up to step 40"
    QTest.mouseClick(trained.transport.run, LEFT)
    assert trained.timeline.words.text().startswith("In the past: Resume Here")


def test_an_edit_of_the_network_in_the_past_leaves_the_old_curves_too(trained: MainWindow) -> None:
    press_track(trained, 10)
    graph = trained.document.project.experiment.graph
    change_graph(trained.document, "more units", graph.set(2, {"units": 5}))
    assert not trained.runner.is_past
    assert shown(trained).step == 10
    assert losses(trained).ghost_curves[0].points()[0][-2] >= END - 16, "as far as losses were recorded"


def test_the_headline_of_a_fast_replay_does_not_call_it_training(trained: MainWindow) -> None:
    press_track(trained, 10)
    headline, graph = trained.canvas.headline, trained.document.project.experiment.graph
    headline.show_moment(trained.runner.snapshot, (), graph, is_calm=True)
    assert headline.words.text() == "The same steps once more · step 10 of 40 · animation is skipped"


def test_where_other_slots_held_then_the_bar_shows_them_and_lets_nothing_be_changed(trained: MainWindow) -> None:
    bar = trained.pipeline
    set_optimizer(trained.document, "learning_rate", 0.5)
    choose_optimizer(trained.document, "genetic-algorithm")
    trained.runner.step()
    assert (bar.optimizer.kind.value(), bar.optimizer.kind.isEnabled()) == ("genetic-algorithm", True)
    press_track(trained, 10)
    assert (bar.optimizer.kind.value(), bar.optimizer.rate.value()) == ("adam", 0.03)
    assert not bar.optimizer.kind.isEnabled()
    assert not bar.optimizer.rate.isEnabled()
    assert not bar.method.kind.isEnabled()
    assert "with the settings of then" in trained.timeline.words.text()
    press(trained.timeline.resume)
    assert (bar.optimizer.kind.value(), bar.optimizer.kind.isEnabled()) == ("genetic-algorithm", True)
    assert bar.method.kind.isEnabled()
