"""The plots of a run that stands in its past, and of one that has left lines behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.translate import format_number
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.engine.samples import trainer_of
from tests.ui.plots.histories import ALL_HISTORIES, show
from tests.ui.plots.runs import moons, train
from ui.plots.gradients import GradientsPanel
from ui.plots.history import HistoryPanel
from ui.plots.legend import Entry, Legend
from ui.plots.loss import LossPanel
from ui.theme import current


def gone_back(step: int, micro: int = 0) -> Snapshot:
    """Give a run of 60 steps that stands at an earlier one."""
    trainer = train(moons(), 60)
    trainer.go_to(step, micro)
    return trainer.snapshot()


def branched(step: int, more: int) -> Snapshot:
    """Give a run that left a line of 60 steps at `step` and went on from there."""
    trainer = train(moons(), 60)
    trainer.go_to(step)
    trainer.branch()
    return train(trainer, more).snapshot()


def with_penalty() -> Trainer:
    trainer = moons()
    graph = trainer.experiment.graph.set(trainer.program.loss.node, {"l2": 0.1})
    return trainer_of(replace(trainer.experiment, graph=graph), trainer.stepper.dataset)


def loss_panel(qtbot: QtBot, snapshot: Snapshot) -> LossPanel:
    panel = show(qtbot, LossPanel(), snapshot)
    assert isinstance(panel, LossPanel)
    return panel


# ---- the past --------------------------------------------------------------------------------------------------------


@ALL_HISTORIES
def test_a_line_marks_where_the_run_stands_and_the_curves_stay(
    kind: type[HistoryPanel], qtbot: QtBot, moons_run: Snapshot
) -> None:
    panel = show(qtbot, kind(), moons_run)
    assert panel.chart.here is None
    whole = panel.chart.ranges
    panel.show_snapshot(gone_back(20))
    assert panel.chart.here == 20
    assert panel.chart.ranges == whole
    panel.clear()
    assert panel.chart.here is None


def test_the_legends_say_what_holds_at_the_present_step(qtbot: QtBot) -> None:
    snapshot = gone_back(20)
    assert f"train {snapshot.train_loss:.4f}" in loss_panel(qtbot, snapshot).legend.text()
    panel = show(qtbot, GradientsPanel(), snapshot)
    steps, norms = snapshot.curves.gradient_norms[2]
    assert steps[19] == snapshot.gradient_step == 19
    assert panel.legend.text().startswith(f"A {norms[19]:.4f}")
    panel.show_snapshot(gone_back(20, micro=6))
    assert panel.legend.text().startswith(f"A {norms[19]:.4f}")
    panel.show_snapshot(gone_back(0))
    assert panel.legend.text().startswith("A –")


def test_the_penalty_is_that_of_the_present_weights_recorded_or_not(qtbot: QtBot) -> None:
    trainer = train(with_penalty(), 61)
    for step, is_recorded in ((61, False), (20, True), (33, False)):
        trainer.go_to(step)
        snapshot = trainer.snapshot()
        assert (step in snapshot.curves.test_step) is is_recorded
        weights = [snapshot.weights(p) for p in snapshot.program.parameters if p.name == "W"]
        expected = 0.1 / 2 * sum(float((w**2).sum()) for w in weights)
        assert expected == pytest.approx(snapshot.evaluator.penalty(snapshot.state))
        assert f"part {format_number(expected)}" in loss_panel(qtbot, snapshot).legend.text()


# ---- lines that were left --------------------------------------------------------------------------------------------


def test_a_line_that_was_left_lies_behind_with_train_and_test(qtbot: QtBot) -> None:
    snapshot = branched(20, 5)
    (ghost,) = snapshot.track.ghosts
    panel = loss_panel(qtbot, snapshot)
    for curve, values in zip(panel.ghost_curves, (ghost.train, ghost.test), strict=True):
        x, y = curve.points()
        assert x[:-1] == pytest.approx(ghost.test_step)
        assert 10.0 ** y[:-1] == pytest.approx(values)
        assert np.isnan(x[-1])
    panel.log_button.click()
    assert panel.ghost_curves[0].points()[1][:-1] == pytest.approx(ghost.train)


def test_two_lines_are_two_curves_and_one_entry(qtbot: QtBot) -> None:
    trainer = train(moons(), 60)
    for step in (40, 20):
        trainer.go_to(step)
        trainer.branch()
    panel = loss_panel(qtbot, train(trainer, 3).snapshot())
    assert np.isnan(panel.ghost_curves[0].points()[0]).sum() == 2
    assert panel.legend.text().count("earlier lines") == 1
    panel.show_crosshair(10.0)
    assert "earlier lines" not in panel.legend.text()


def test_a_branch_at_the_start_shows_what_was_left(qtbot: QtBot) -> None:
    panel = loss_panel(qtbot, branched(0, 0))
    assert panel.empty_text == ""
    assert panel.chart.ranges[0][1] >= 48, "as far as losses were recorded"


def test_the_same_lines_are_not_drawn_anew(qtbot: QtBot) -> None:
    snapshot = branched(20, 5)
    panel = loss_panel(qtbot, snapshot)
    panel.show_snapshot(snapshot)
    drawn = panel.ghost_curves[0].points()[0]
    panel.show_snapshot(replace(snapshot, track=replace(snapshot.track, ghosts=tuple(snapshot.track.ghosts))))
    assert panel.ghost_curves[0].points()[0] is drawn
    panel.show_snapshot(replace(snapshot, track=replace(snapshot.track, ghosts=())))
    assert len(panel.ghost_curves[0].points()[0]) == 0
    assert "earlier lines" not in panel.legend.text()


def test_a_line_that_went_astray_does_not_press_the_present_one_flat(qtbot: QtBot) -> None:
    snapshot = branched(20, 5)
    (ghost,) = snapshot.track.ghosts
    before = loss_panel(qtbot, snapshot).chart.ranges[1]
    astray = replace(ghost, train=np.geomspace(1.0, 1e90, len(ghost.train)))
    panel = loss_panel(qtbot, replace(snapshot, track=replace(snapshot.track, ghosts=(astray,))))
    assert panel.chart.ranges[1][1] <= before[1] + 0.5


def test_where_there_is_little_room_the_entry_for_earlier_lines_goes_first(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show_theme(current().colors)
    entries = [Entry("train", value="0.1234"), Entry("earlier lines", is_minor=True)]
    legend.show_entries(entries)
    assert legend._fitting(400.0) == entries
    assert legend._fitting(100.0) == entries[:1]
