"""The predictions: the right drawing for each kind of data, and honest marks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.datasets import Dataset, make_dataset
from engine.snapshot import Snapshot
from tests.ui.plots.runs import make_trainer, train
from ui.plots.fit import CurveView, ScatterView
from ui.plots.images import ImagesView
from ui.plots.plane import PlaneView
from ui.plots.predictions import PredictionsPanel
from ui.plots.rows import held_out, labels_of, leaning, predicted_classes, telling_features
from ui.theme import current

SOFTMAX, SQUARES = "softmax_cross_entropy", "mean_squared_error"


def show(qtbot: QtBot, snapshot: Snapshot | None = None) -> PredictionsPanel:
    panel = PredictionsPanel()
    qtbot.addWidget(panel)
    panel.show_theme(current().colors)
    panel.resize(320, 220)
    panel.show()
    if snapshot is not None:
        panel.show_snapshot(snapshot)
    return panel


def run_on(name: str, outputs: int, loss: str, steps: int = 3, **settings: object) -> Snapshot:
    dataset = make_dataset(name, settings)  # type: ignore[arg-type]
    return train(make_trainer(dataset, [(4, "tanh"), (outputs, "identity")], loss), steps).snapshot()


def with_weights(snapshot: Snapshot, value: float) -> Snapshot:
    arena = snapshot.arena.copy()
    snapshot.program.region(arena, 0)[...] = value
    return replace(snapshot, arena=arena)


# ---- which drawing ---------------------------------------------------------------------------------------------------


def test_before_a_network_runs_it_says_what_will_come(qtbot: QtBot, moons_start: Snapshot) -> None:
    panel = show(qtbot)
    assert panel.empty_text != ""
    panel.show_snapshot(moons_start)
    assert panel.empty_text == ""
    panel.clear()
    assert panel.empty_text != ""
    assert panel.note.text() == ""


@pytest.mark.parametrize(
    ("name", "outputs", "loss", "kind"),
    [
        ("moons", 1, "binary_cross_entropy", PlaneView),
        ("blobs", 1, SQUARES, PlaneView),
        ("iris", 3, SOFTMAX, PlaneView),
        ("bumps", 1, SQUARES, PlaneView),
        ("sine", 1, SQUARES, CurveView),
        ("digits", 10, SOFTMAX, ImagesView),
    ],
)
def test_each_kind_of_data_has_its_drawing(qtbot: QtBot, name: str, outputs: int, loss: str, kind: type) -> None:
    panel = show(qtbot, run_on(name, outputs, loss))
    assert isinstance(panel.view, kind)
    panel.grab()


def test_numbers_from_many_inputs_are_drawn_against_the_truth(qtbot: QtBot) -> None:
    dataset = many_inputs()
    snapshot = train(make_trainer(dataset, [(1, "identity")], SQUARES), 3).snapshot()
    view = show(qtbot, snapshot).view
    assert isinstance(view, ScatterView)
    true, predicted = view.test_points.points()
    assert true == pytest.approx(dataset.y[dataset.test, 0])
    assert predicted == pytest.approx(snapshot.evaluator.predict(snapshot.state, dataset.x[dataset.test])[:, 0])


def many_inputs() -> Dataset:
    """A regression on three features, as a table of one's own would be."""
    x = np.random.default_rng(0).normal(size=(40, 3))
    rows = np.arange(40)
    return replace(
        make_dataset("plane", {}),
        key="own",
        x=x,
        y=x @ np.array([[1.0], [-2.0], [0.5]]),
        feature_names=("a", "b", "c"),
        train=rows[:30],
        test=rows[30:],
        domain=((-3.0, 3.0),) * 3,
    )


def test_other_data_brings_another_drawing(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, moons_run)
    panel.show_snapshot(run_on("sine", 1, SQUARES))
    assert isinstance(panel.view, CurveView)


# ---- what is drawn ---------------------------------------------------------------------------------------------------


def test_the_boundary_is_where_the_network_is_undecided(qtbot: QtBot, moons_run: Snapshot) -> None:
    view = show(qtbot, moons_run).view
    assert isinstance(view, PlaneView)
    x, y = view.boundary.points()
    assert len(x) > 20
    said = moons_run.evaluator.predict(moons_run.state, np.column_stack([x, y]))
    assert said == pytest.approx(0.5, abs=0.01)


def test_wrong_rows_are_crossed_and_the_note_counts_the_right_ones(qtbot: QtBot, moons_start: Snapshot) -> None:
    panel, dataset = show(qtbot, moons_start), moons_start.evaluator.dataset
    assert isinstance(panel.view, PlaneView)
    probability = moons_start.evaluator.predict(moons_start.state, dataset.x)[:, 0]
    is_wrong = (probability > 0.5) != (dataset.y[:, 0] == 1)
    x, y = panel.view.wrong.points()
    assert {*zip(x, y, strict=True)} == {(a, b) for a, b in dataset.x[is_wrong]}
    share = 100 * (1 - is_wrong[dataset.test].mean())
    assert panel.note.text() == f"test: {share:.1f} % right"


def test_every_row_is_drawn_in_the_mark_of_its_class(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel, dataset = show(qtbot, moons_run), moons_run.evaluator.dataset
    assert isinstance(panel.view, PlaneView)
    assert [len(marks.points()[0]) for marks in panel.view.points] == np.bincount(dataset.y[:, 0].astype(int)).tolist()
    assert panel.legend.text() == "upper   lower   test   drawn   wrong"


def test_the_curve_is_what_the_network_gives(qtbot: QtBot) -> None:
    snapshot = run_on("sine", 1, SQUARES)
    panel = show(qtbot, snapshot)
    assert isinstance(panel.view, CurveView)
    x, y = panel.view.curves[0].points()
    assert y == pytest.approx(snapshot.evaluator.predict(snapshot.state, x[:, np.newaxis])[:, 0])
    dataset = snapshot.evaluator.dataset
    assert panel.view.train_points.points()[0] == pytest.approx(dataset.x[dataset.train, 0])
    error = snapshot.evaluator.predict(snapshot.state, dataset.x[dataset.test]) - dataset.y[dataset.test]
    assert panel.note.text() == f"test: RMS error {np.sqrt((error**2).mean()):.4f}"


def test_under_each_image_stands_what_the_network_says(qtbot: QtBot) -> None:
    snapshot = run_on("digits", 10, SOFTMAX, steps=40)
    view = show(qtbot, snapshot).view
    assert isinstance(view, ImagesView)
    rows = snapshot.evaluator.dataset.test[: len(view.predicted)]
    said = snapshot.evaluator.predict(snapshot.state, snapshot.evaluator.dataset.x[rows]).argmax(axis=1)
    assert view.predicted.tolist() == said.tolist()


def test_of_many_features_the_telling_two_are_drawn_and_others_can_be_chosen(qtbot: QtBot) -> None:
    snapshot = run_on("iris", 3, SOFTMAX)
    panel = show(qtbot, snapshot)
    assert telling_features(snapshot.evaluator.dataset) == (2, 3)
    assert isinstance(panel.view, PlaneView)
    assert panel.view.features == (2, 3)
    assert panel.choice_button.isVisible()
    panel.choice_button.menu().aboutToShow.emit()
    across = panel.choice_button.menu().actions()[0].menu()
    assert isinstance(across, QMenu)
    assert not across.actions()[3].isEnabled()
    across.actions()[0].trigger()
    assert panel.view.features == (0, 3)
    x, y = panel.view.points[0].points()
    rows = snapshot.evaluator.dataset.x
    assert set(zip(x, y, strict=True)) <= set(zip(rows[:, 0], rows[:, 3], strict=True))


def test_two_features_leave_nothing_to_choose(qtbot: QtBot, moons_run: Snapshot) -> None:
    assert not show(qtbot, moons_run).choice_button.isVisible()


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf, 1e300])
@pytest.mark.parametrize(
    ("name", "outputs", "loss"),
    [
        ("moons", 1, "binary_cross_entropy"),
        ("moons", 1, SQUARES),
        ("iris", 3, SOFTMAX),
        ("bumps", 1, SQUARES),
        ("sine", 1, SQUARES),
        ("digits", 10, SOFTMAX),
    ],
)
def test_no_weights_upset_the_predictions(qtbot: QtBot, name: str, outputs: int, loss: str, value: float) -> None:
    panel = show(qtbot, with_weights(run_on(name, outputs, loss, steps=1), value))
    panel.grab()
    assert panel.note.text() != ""


def test_without_test_rows_the_training_rows_are_judged(qtbot: QtBot) -> None:
    panel = show(qtbot, run_on("moons", 1, "binary_cross_entropy", test_share=0.0))
    assert panel.note.text().startswith("train: ")
    assert "test" not in panel.legend.text()


# ---- when it is drawn ------------------------------------------------------------------------------------------------


def test_a_run_is_drawn_at_most_fifteen_times_a_second_and_a_pause_always(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, moons_start: Snapshot
) -> None:
    now = 100.0
    monkeypatch.setattr("ui.plots.predictions.monotonic", lambda: now)
    panel = show(qtbot)
    panel.show_snapshot(moons_start, is_running=True)
    first = panel.note.text()
    now += 0.05
    constant = with_weights(moons_start, 0.0)
    panel.show_snapshot(constant, is_running=True)
    assert panel.note.text() == first
    now += 0.02
    panel.show_snapshot(constant, is_running=True)
    assert panel.note.text() == "test: 50.0 % right" != first
    panel.show_snapshot(moons_start, is_running=False)
    assert panel.note.text() == first


def test_zooming_colors_what_comes_into_view_and_follow_goes_back(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, moons_run)
    assert isinstance(panel.view, PlaneView)
    chart = panel.view.chart
    whole = chart.ranges
    chart._box.sigRangeChangedManually.emit(chart._box.state["mouseEnabled"])
    chart._box.setRange(xRange=(0.0, 0.5), yRange=(0.0, 0.25), padding=0.0)
    (left, right), (low, high) = chart.ranges
    area = panel.view.field.boundingRect()
    assert area.left() < left < right < area.right() < left + 1.1 * (right - left)
    assert area.top() < low < high < area.bottom() < low + 1.1 * (high - low)
    assert panel.follow_button.isVisible()
    QTest.mouseClick(panel.follow_button, Qt.MouseButton.LeftButton)
    assert chart.ranges == whole


# ---- what rows and answers mean --------------------------------------------------------------------------------------


def test_answers_name_classes_and_what_is_not_finite_names_none() -> None:
    assert predicted_classes(np.array([[0.2], [0.8], [np.nan]]), 2).tolist() == [0, 1, -1]
    assert predicted_classes(np.array([[0.1, 0.7, 0.2], [np.inf, 0.0, 0.0]]), 3).tolist() == [1, -1]


def test_two_outputs_lean_as_one_does() -> None:
    assert leaning(np.array([[0.25]])).tolist() == [0.25]
    assert leaning(np.array([[0.75, 0.25], [0.0, 1.0]])).tolist() == [0.25, 1.0]


def test_held_out_rows_are_the_test_rows(moons_run: Snapshot) -> None:
    dataset = moons_run.evaluator.dataset
    assert held_out(dataset) is dataset.test
    assert labels_of(dataset, dataset.test).tolist() == dataset.y[dataset.test, 0].tolist()
