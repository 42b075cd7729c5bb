"""The plots over steps: what they draw, what they say while empty, and what they make of hostile numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QPainter, QPicture
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.datasets import make_dataset
from engine.graph import Graph
from engine.snapshot import Snapshot
from tests.engine.samples import experiment_of, optimizer, trainer_of
from tests.ui.plots.histories import ALL_HISTORIES, show, with_batches, with_curves
from tests.ui.plots.runs import make_trainer, moons, train
from ui.plots.gradients import GradientsPanel
from ui.plots.history import HistoryPanel
from ui.plots.loss import LossPanel
from ui.plots.weights import WeightsPanel
from ui.theme import current

# ---- empty -----------------------------------------------------------------------------------------------------------


@ALL_HISTORIES
def test_an_empty_plot_says_what_will_fill_it(kind: type[HistoryPanel], qtbot: QtBot, moons_start: Snapshot) -> None:
    assert show(qtbot, kind()).empty_text.startswith("Press Run or Step")
    assert show(qtbot, kind(), moons_start).empty_text.startswith("Press Run or Step")


@ALL_HISTORIES
def test_a_run_replaces_the_words_and_clearing_brings_them_back(
    kind: type[HistoryPanel], qtbot: QtBot, moons_run: Snapshot
) -> None:
    panel = show(qtbot, kind(), moons_run)
    assert panel.empty_text == ""
    assert panel.legend.text() != ""
    panel.clear()
    assert panel.empty_text != ""
    assert panel.legend.text() == ""


def test_without_a_gradient_method_the_gradient_plot_says_why_it_is_empty(qtbot: QtBot) -> None:
    snapshot = train(moons(method="none"), 3).snapshot()
    assert "The gradient method is none" in show(qtbot, GradientsPanel(), snapshot).empty_text


def test_where_the_optimizer_needs_no_gradient_the_gradient_plot_says_so(qtbot: QtBot) -> None:
    trainer = moons()
    trainer.change_pipeline(replace(trainer.experiment, optimizer=optimizer("genetic-algorithm", population=4)))
    snapshot = train(trainer, 3).snapshot()
    assert "is not called" in show(qtbot, GradientsPanel(), snapshot).empty_text


# ---- what is drawn ---------------------------------------------------------------------------------------------------


def test_the_loss_curves_are_the_recorded_ones(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, LossPanel(), moons_run)
    panel.show_snapshot(moons_run, is_running=True)
    assert isinstance(panel, LossPanel)
    recorded = moons_run.curves
    for curve, steps, values in (
        (panel.batch_curve, recorded.batch_step, recorded.batch_loss),
        (panel.train_curve, recorded.test_step, recorded.train),
        (panel.test_curve, recorded.test_step, recorded.test),
    ):
        x, y = curve.points()
        assert x == pytest.approx(steps)
        assert 10.0**y == pytest.approx(values)
    panel.log_button.click()
    assert panel.batch_curve.points()[1] == pytest.approx(recorded.batch_loss)


def test_in_a_paused_run_the_loss_curves_end_at_what_the_legend_says(qtbot: QtBot, moons_run: Snapshot) -> None:
    snapshot = replace(moons_run, step=61, train_loss=0.25, test_loss=0.5)
    panel = show(qtbot, LossPanel(), snapshot)
    assert isinstance(panel, LossPanel)
    assert panel.legend.text() == "train 0.2500   test 0.5000"
    for curve, value in ((panel.train_curve, 0.25), (panel.test_curve, 0.5)):
        x, y = curve.points()
        assert x[-1] == 61
        assert 10.0 ** y[-1] == pytest.approx(value)
    panel.chart.hovered.emit((61.0, 0.0))
    assert "train 0.2500   test 0.5000" in panel.legend.text()
    panel.show_snapshot(snapshot, is_running=True)
    assert panel.train_curve.points()[0][-1] == moons_run.curves.test_step[-1] < 61


@pytest.mark.parametrize("height", [150, 190, 240])
@pytest.mark.parametrize("values", [(0.1, 1.0), (0.2, 0.5), (0.31, 0.39), (1e-6, 1e3)])
def test_the_loss_axis_has_words_at_two_places_at_least_however_low_the_plot(
    qtbot: QtBot, moons_run: Snapshot, height: int, values: tuple[float, float]
) -> None:
    snapshot = with_batches(moons_run, np.array(values))
    snapshot = with_curves(snapshot, test_step=np.array([0.0, 1.0]), train=np.array(values), test=np.array(values))
    panel = show(qtbot, LossPanel(), replace(snapshot, step=1))
    panel.resize(420, height)
    QApplication.sendPostedEvents()
    assert len(words_drawn_at(panel.chart._left)) >= 2


def words_drawn_at(axis: pg.AxisItem) -> list[str]:
    """Give the words that the axis paints: it leaves out those that would be cut off."""
    picture = QPicture()
    with QPainter(picture) as painter:
        painter.setFont(axis.style["tickFont"])
        return [words for _, _, words in axis.generateDrawSpecs(painter)[2]]


def test_screen_readers_hear_what_a_plot_is_of(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, LossPanel(), moons_run)
    assert panel.chart._view.accessibleName() == panel.chart._view.viewport().accessibleName() == "Loss"


def test_the_legend_of_the_loss_has_the_losses_of_the_snapshot(qtbot: QtBot, moons_run: Snapshot) -> None:
    snapshot = replace(moons_run, train_loss=0.0458, test_loss=0.0467)
    assert show(qtbot, LossPanel(), snapshot).legend.text() == "train 0.0458   test 0.0467"


def test_each_layer_has_a_gradient_curve_and_its_letter(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, GradientsPanel(), moons_run)
    assert isinstance(panel, GradientsPanel)
    assert list(panel.raw_curves) == list(moons_run.program.layers)
    for node, curve in panel.raw_curves.items():
        steps, norms = moons_run.curves.gradient_norms[node]
        x, y = curve.points()
        assert x == pytest.approx(steps)
        assert 10.0**y == pytest.approx(norms)
    assert [entry.split(" ")[0] for entry in panel.legend.text().split("   ")] == ["A", "B", "C"]


def test_few_weights_are_drawn_as_paths(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, WeightsPanel(), moons_run)
    assert isinstance(panel, WeightsPanel)
    first = moons_run.program.layers[0]
    drawn = panel.curves[first].line.points()[1]
    paths = [moons_run.curves.weights[p.title][1].T for p in moons_run.program.parameters if p.node == first]
    assert drawn[np.isfinite(drawn)] == pytest.approx(np.concatenate(paths).ravel())
    assert len(panel.curves[first].outer.points()[0]) == 0


def test_many_weights_are_drawn_as_bands(qtbot: QtBot) -> None:
    trainer = make_trainer(make_dataset("moons", {}), [(40, "tanh"), (1, "identity")], "binary_cross_entropy")
    snapshot = train(trainer, 5).snapshot()
    panel = show(qtbot, WeightsPanel(), snapshot)
    assert isinstance(panel, WeightsPanel)
    for node, curves in panel.curves.items():
        quantiles = snapshot.curves.weight_quantiles[node][1]
        assert curves.line.points()[1] == pytest.approx(quantiles[:, 2])
        assert curves.outer.points()[1] == pytest.approx(np.concatenate([quantiles[:, 0], quantiles[::-1, 4]]))
        assert curves.inner.points()[1] == pytest.approx(np.concatenate([quantiles[:, 1], quantiles[::-1, 3]]))


def test_one_layer_can_be_chosen(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, WeightsPanel(), moons_run)
    assert isinstance(panel, WeightsPanel)
    first, second, _ = moons_run.program.layers
    menu = panel.choice_button.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["all", "A", "B", "C"]
    menu.actions()[2].trigger()
    assert panel.choice_button.text() == "B"
    assert len(panel.curves[first].line.points()[0]) == 0
    assert len(panel.curves[second].line.points()[0]) > 0
    assert panel.legend.text() == "B"


def test_a_long_run_is_drawn_with_few_points_and_all_its_peaks(qtbot: QtBot, moons_run: Snapshot) -> None:
    values = np.random.default_rng(0).uniform(0.5, 1.0, 50_000)
    values[31_234] = 7.0
    panel = show(qtbot, LossPanel(), with_batches(moons_run, values))
    assert isinstance(panel, LossPanel)
    x, y = panel.batch_curve.points()
    assert len(x) <= 2000
    assert 10.0 ** y.max() == pytest.approx(7.0)


# ---- hostile numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        [0.5],
        [0.5, 0.5, 0.5],
        [0.0, 0.0],
        [-1.0, -2.0],
        [np.nan],
        [np.nan, np.inf, -np.inf],
        [1e-300, 1e300],
        [1.0, np.nan, 2.0, np.inf, 3.0],
        [5e-324, 5e-324],
    ],
    ids=str,
)
@pytest.mark.parametrize("is_log", [True, False])
def test_no_numbers_upset_a_plot(qtbot: QtBot, moons_run: Snapshot, values: list[float], is_log: bool) -> None:
    panel = show(qtbot, LossPanel(), moons_run)
    panel.log_button.setChecked(is_log)
    none = np.zeros(0)
    panel.show_snapshot(with_curves(with_batches(moons_run, np.array(values)), test_step=none, train=none, test=none))
    panel.grab()
    (left, right), (low, high) = panel.chart.ranges
    assert left < right
    assert low < high
    assert np.isfinite([left, right, low, high]).all()


def test_what_is_not_finite_is_marked_where_it_happened(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, LossPanel(), with_batches(moons_run, np.array([1.0, np.nan, 2.0, np.inf, 3.0])))
    x, y = panel._bad_marks.points()
    assert x.tolist() == [1.0, 3.0]
    assert (y < panel.chart.ranges[1][1]).all()


def test_a_log_axis_says_how_many_values_it_hides(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, LossPanel(), with_batches(moons_run, np.array([1.0, 0.0, -2.0, 3.0, 0.0])))
    assert panel.legend.text().startswith("3 values ≤ 0 hidden")
    panel.log_button.click()
    assert "hidden" not in panel.legend.text()


@pytest.mark.parametrize("is_log", [True, False])
def test_values_that_are_too_large_to_be_drawn_are_counted(qtbot: QtBot, moons_run: Snapshot, is_log: bool) -> None:
    panel = show(qtbot, LossPanel(), with_batches(moons_run, np.array([1.0, 1e101, 1e99, 3e200, np.inf])))
    panel.log_button.setChecked(is_log)
    assert panel.legend.text().startswith("2 beyond 1e100 hidden")


def test_the_table_has_every_recorded_value(qtbot: QtBot, moons_run: Snapshot) -> None:
    header, *rows = show(qtbot, LossPanel(), moons_run).table()
    assert header == ("series", "step", "value")
    batch = [float(value) for series, _, value in rows if series == "batch"]
    assert batch == moons_run.curves.batch_loss.tolist()


@ALL_HISTORIES
def test_both_themes_draw_otherwise(kind: type[HistoryPanel], qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, kind(), moons_run)
    light = panel.grab().toImage()
    current().set_mode("dark")
    panel.show_theme(current().colors)
    assert panel.grab().toImage() != light


def test_penalties_are_drawn_apart_where_there_are_some(qtbot: QtBot, moons_run: Snapshot) -> None:
    without = show(qtbot, LossPanel(), moons_run)
    assert isinstance(without, LossPanel)
    assert "L1/L2" not in without.legend.text()
    trainer = moons()
    graph = trainer.experiment.graph
    loss = trainer.program.loss.node
    regular = trainer_of(replace(trainer.experiment, graph=graph.set(loss, {"l2": 0.1})), trainer.stepper.dataset)
    snapshot = train(regular, 5).snapshot()
    panel = show(qtbot, LossPanel(), snapshot)
    assert isinstance(panel, LossPanel)
    steps, values = panel.penalty_curve.points()
    np.testing.assert_allclose(10.0**values, snapshot.curves.penalty)
    np.testing.assert_allclose(steps, snapshot.curves.test_step)
    assert "L1/L2 part" in panel.legend.text()


def test_layers_without_a_letter_are_told_apart(qtbot: QtBot) -> None:
    graph, first = Graph().add("parameter", {})
    graph, second = graph.add("parameter", {}, name="")
    graph, third = graph.add("parameter", {}, name="")
    graph, formula = graph.add("expression", {"formula": "(x - w) ** 2 + y * z", "inputs": "x, y, z"})
    graph, goal = graph.add("objective")
    for source in (first, second, third):
        graph = graph.connect(source, formula, "in")
    trainer = trainer_of(experiment_of(graph.connect(formula, goal, "value")))
    panel = show(qtbot, WeightsPanel(), train(trainer, 3).snapshot())
    assert panel.legend.text() == f"A   Parameter {second}   Parameter {third}   B"
