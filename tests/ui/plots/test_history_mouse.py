"""The plots over steps under the mouse: following, reading values, events, the menu."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsView, QMenu
from pytestqt.qtbot import QtBot

from engine.message import message
from engine.snapshot import Snapshot
from tests.ui.plots.histories import ALL_HISTORIES, show, with_curves
from tests.ui.plots.runs import moons, train
from ui.plots.chart import EDGE
from ui.plots.history import HistoryPanel
from ui.plots.loss import LossPanel
from ui.plots.weights import WeightsPanel


def viewport_of(panel: HistoryPanel) -> QGraphicsView:
    view = panel.chart.findChild(QGraphicsView)
    assert isinstance(view, QGraphicsView)
    return view


def place_of(panel: HistoryPanel, x_share: float) -> QPoint:
    """Give the viewport point at a share of the way along the step axis, in the middle of the height."""
    view = viewport_of(panel)
    left = 44
    return QPoint(left + round(x_share * (view.viewport().width() - left - EDGE)), view.viewport().height() // 2)


def turn_wheel(panel: HistoryPanel) -> None:
    viewport, place = viewport_of(panel).viewport(), place_of(panel, 0.5)
    no_buttons, no_keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    where = QPointF(place), QPointF(viewport.mapToGlobal(place))
    event = QWheelEvent(*where, QPoint(), QPoint(0, 120), no_buttons, no_keys, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(viewport, event)


@ALL_HISTORIES
def test_the_axes_show_all_data_and_grow_with_it(kind: type[HistoryPanel], qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, kind(), moons_run)
    (left, right), _ = panel.chart.ranges
    assert left <= 0
    assert 60 <= right < 90
    panel.show_snapshot(train(moons(), 150).snapshot())
    assert 150 <= panel.chart.ranges[0][1] < 200


def test_the_wheel_stops_following_and_the_button_takes_it_up_again(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, LossPanel(), moons_run)
    whole = panel.chart.ranges
    assert not panel.follow_button.isVisible()
    turn_wheel(panel)
    zoomed = panel.chart.ranges
    assert zoomed[0][1] - zoomed[0][0] < whole[0][1] - whole[0][0]
    assert panel.follow_button.isVisible()
    panel.show_snapshot(train(moons(), 150).snapshot())
    assert panel.chart.ranges == zoomed
    QTest.mouseClick(panel.follow_button, Qt.MouseButton.LeftButton)
    assert panel.chart.ranges[0][1] >= 150
    assert not panel.follow_button.isVisible()


def test_the_mouse_reads_values_and_leaving_brings_the_last_ones_back(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, LossPanel(), moons_run)
    before = panel.legend.text()
    steps: list[float | None] = []
    panel.hovered.connect(steps.append)
    QTest.mouseMove(viewport_of(panel).viewport(), place_of(panel, 0.5))
    step = steps[-1]
    assert step is not None
    assert 20 < step < 40
    at = round(step)
    near = "" if at in moons_run.curves.test_step else "near "
    assert panel.legend.text().startswith(f"{near}step {at}   batch {moons_run.curves.batch_loss[at]:.4f}")
    QTest.mouseMove(viewport_of(panel).viewport(), QPoint(2, 2))
    assert steps[-1] is None
    assert panel.legend.text() == before


def test_over_the_weights_the_mouse_names_the_nearest(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, WeightsPanel(), moons_run)
    QTest.mouseMove(viewport_of(panel).viewport(), place_of(panel, 0.5))
    words = panel.legend.text()
    assert words.startswith("step 3")
    assert any(title in words for p in moons_run.program.parameters for title in p.weight_titles())


def test_before_the_first_value_there_is_none_to_read(qtbot: QtBot, moons_run: Snapshot) -> None:
    late = with_curves(moons_run, test_step=moons_run.curves.test_step + 30)
    panel = show(qtbot, LossPanel(), late)
    panel.show_crosshair(5.0)
    assert "train –" in panel.legend.text()


def test_events_are_lines_with_words(qtbot: QtBot, moons_run: Snapshot) -> None:
    events = ((31, message("learning rate {value}", value=0.1)),)
    panel = show(qtbot, LossPanel(), with_curves(moons_run, events=events))
    assert panel._event_lines.points()[0].tolist() == [31.0, 31.0]
    panel.show_crosshair(31.2)
    assert "near step 31 · learning rate 0.1" in panel.legend.text()
    panel.show_crosshair(50.0)
    assert "learning rate" not in panel.legend.text()


def test_a_right_click_offers_what_works(qtbot: QtBot, moons_run: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[QMenu, QPoint]] = []
    # The offscreen platform warns about every real popup.
    monkeypatch.setattr(QMenu, "popup", lambda menu, place: opened.append((menu, place)))
    panel = show(qtbot, LossPanel(), moons_run)
    viewport, place = viewport_of(panel).viewport(), place_of(panel, 0.5)
    QTest.mouseClick(viewport, Qt.MouseButton.RightButton, pos=place)
    at = viewport.mapToGlobal(place)
    QApplication.sendEvent(viewport, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, at))
    assert opened == [(panel.menu, at)]
    words = [action.text() for action in panel.menu.actions() if not action.isSeparator()]
    assert words == ["View all", "Logarithmic axis", "Copy picture", "Save picture…", "Save data…"]


def test_the_log_button_and_the_menu_agree(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, LossPanel(), moons_run)
    panel.log_action.trigger()
    assert not panel.log_button.isChecked()
    assert not panel.chart.is_log
    QTest.mouseClick(panel.log_button, Qt.MouseButton.LeftButton)
    assert panel.log_action.isChecked()
    assert panel.chart.is_log
