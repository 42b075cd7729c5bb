"""Rings around the drawn rows in the predictions, and one scale for both axes of a plane."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.dataset_kind import Array
from engine.datasets import make_dataset
from engine.program import Phase
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.ui.plots.runs import BATCH, make_trainer, moons
from tests.ui.plots.test_predictions import many_inputs
from ui.plots.chart import Chart
from ui.plots.drawn import Marks
from ui.plots.fit import ChartView
from ui.plots.plane import PlaneView
from ui.plots.predictions import PredictionsPanel
from ui.theme import current


def show(qtbot: QtBot, snapshot: Snapshot, width: int = 320, height: int = 220) -> PredictionsPanel:
    panel = PredictionsPanel()
    qtbot.addWidget(panel)
    panel.show_theme(current().colors)
    panel.resize(width, height)
    panel.show()
    panel.show_snapshot(snapshot)
    return panel


def rings(panel: PredictionsPanel) -> Array:
    """Give the points that have a ring, sorted."""
    assert isinstance(panel.view, PlaneView | ChartView)
    marks: Marks = panel.view.batch
    if not marks.item.isVisible():
        return np.empty((0, 2))
    return in_order(np.stack(marks.points(), axis=1))


def in_order(points: Array) -> Array:
    return points[np.lexsort(points.T)]


def rows_of(trainer: Trainer) -> Array:
    """Give the drawn rows as points."""
    dataset = trainer.stepper.dataset
    return in_order(dataset.x[trainer.snapshot().batch])


def test_the_drawn_rows_have_rings_from_phase_1_until_other_rows_are_drawn(qtbot: QtBot) -> None:
    trainer = moons()
    panel = show(qtbot, trainer.snapshot())
    assert len(rings(panel)) == 0
    batches = []
    for _ in range(2 * trainer.stepper.micro_count):
        trainer.micro_step()
        panel.show_snapshot(trainer.snapshot())
        assert len(rings(panel)) == BATCH
        assert np.array_equal(rings(panel), rows_of(trainer))
        if trainer.snapshot().phase is Phase.SAMPLE:
            batches.append(rings(panel))
    assert not np.array_equal(batches[0], batches[1])
    panel.clear()
    panel.show_snapshot(trainer.snapshot())
    assert np.array_equal(rings(panel), rows_of(trainer))


def test_a_slow_run_has_rings_and_a_fast_one_none_until_it_pauses(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.plots.predictions.INTERVAL_S", 0.0)
    trainer = moons()
    panel = show(qtbot, trainer.snapshot())
    trainer.micro_step()
    panel.show_snapshot(trainer.snapshot(), is_running=True)
    assert len(rings(panel)) == BATCH
    for _ in range(3):
        trainer.finish_step()
        panel.show_snapshot(trainer.snapshot(), is_running=True)
        assert len(rings(panel)) == 0
    panel.show_snapshot(trainer.snapshot())
    assert np.array_equal(rings(panel), rows_of(trainer))


def test_rings_stand_on_the_points_of_a_curves_data(qtbot: QtBot) -> None:
    dataset = make_dataset("line", {})
    trainer = make_trainer(dataset, [(1, "identity")], "mean_squared_error")
    panel = show(qtbot, trainer.snapshot())
    trainer.micro_step()
    panel.show_snapshot(trainer.snapshot())
    batch = trainer.snapshot().batch
    assert np.array_equal(rings(panel), in_order(np.stack([dataset.x[batch, 0], dataset.y[batch, 0]], axis=1)))


def test_rings_follow_predictions_that_are_drawn_against_the_truth(qtbot: QtBot) -> None:
    dataset = many_inputs()
    trainer = make_trainer(dataset, [(1, "identity")], "mean_squared_error")
    panel = show(qtbot, trainer.snapshot())
    for _ in range(2):
        trainer.finish_step()
        snapshot = trainer.snapshot()
        panel.show_snapshot(snapshot)
        predicted = snapshot.evaluator.predict(snapshot.state, dataset.x[snapshot.batch])[:, 0]
        expected = in_order(np.stack([dataset.y[snapshot.batch, 0], predicted], axis=1))
        assert rings(panel) == pytest.approx(expected)


@pytest.mark.parametrize("size", [(320, 220), (590, 150), (1200, 160), (200, 400)])
def test_a_plane_of_two_alike_features_has_one_scale_in_every_shape(qtbot: QtBot, size: tuple[int, int]) -> None:
    trainer = moons()
    panel = show(qtbot, trainer.snapshot(), *size)
    assert isinstance(panel.view, PlaneView)
    chart: Chart = panel.view.chart
    (left, right), (low, high) = chart.ranges
    area = chart._box.rect()
    assert (right - left) / area.width() == pytest.approx((high - low) / area.height(), rel=0.01)
    domain = trainer.stepper.dataset.domain
    assert left <= domain[0][0] < domain[0][1] <= right
    assert low <= domain[1][0] < domain[1][1] <= high
