"""The timeline: going to any step by mouse and keys, in the plots too, and what the window says in the past."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.gestures import LEFT, NO_KEYS
from tests.ui.plots.test_history_mouse import place_of, viewport_of
from tests.ui.test_frame_work import Events
from tests.ui.travels import END, deck, losses, open_trained, place, press, press_track, settle, shown
from ui.edits import set_optimizer
from ui.main_window import MainWindow
from ui.plots.history import HistoryPanel


@pytest.fixture
def trained(window: MainWindow) -> MainWindow:
    """Give a window with a run of 40 steps."""
    return open_trained(window)


# ---- going to a step -------------------------------------------------------------------------------------------------


def test_a_click_on_the_track_goes_there_and_the_window_says_so(trained: MainWindow) -> None:
    before = shown(trained)
    press_track(trained, 10)
    snapshot, strip = shown(trained), trained.timeline
    assert snapshot.step == 10
    assert snapshot.train_loss == pytest.approx(float(snapshot.curves.train[10]))
    assert snapshot.train_loss != before.train_loss
    assert strip.is_past
    assert strip.slider.value() == 10
    assert strip.place.text().split() == ["step", "10", "of", "40"]
    assert trained.transport.place.text() == "step 10 of 40"
    assert "In the past" in strip.words.text()
    assert strip.resume.isEnabled()
    assert strip.now.isEnabled()
    assert not strip.branches.isEnabled()


def test_a_drag_follows_the_mouse_and_goes_to_the_last_place_only_once_a_frame(trained: MainWindow) -> None:
    slider, steps = trained.timeline.slider, list[int]()
    trained.runner.frame_ready.connect(lambda snapshot: steps.append(snapshot.step))
    QTest.mousePress(slider, LEFT, NO_KEYS, place(trained, END))
    settle(trained)
    assert steps == [], "the handle was gripped and has not moved"
    for step in (35, 30, 25):
        QTest.mouseMove(slider, place(trained, step))
    settle(trained)
    assert steps == [25]
    for step in (20, 15, 12):
        QTest.mouseMove(slider, place(trained, step))
        settle(trained)
    assert steps == [25, 20, 15, 12]
    QTest.mouseMove(slider, place(trained, -5))
    QTest.mouseRelease(slider, LEFT, NO_KEYS, place(trained, -5))
    settle(trained)
    assert shown(trained).step == 0
    QTest.mouseMove(slider, place(trained, 30))
    settle(trained)
    assert shown(trained).step == 0, "nothing is held any more"


def test_the_keys_of_the_slider_go_step_by_step_and_to_both_ends(trained: MainWindow) -> None:
    slider = trained.timeline.slider
    slider.setFocus()
    for key, step in (
        (Qt.Key.Key_Left, END - 1),
        (Qt.Key.Key_Left, END - 2),
        (Qt.Key.Key_Right, END - 1),
        (Qt.Key.Key_PageDown, END - 3),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_End, END),
    ):
        QTest.keyClick(slider, key)
        settle(trained)
        assert shown(trained).step == step
    assert not trained.runner.is_past


def test_home_and_end_on_the_canvas_go_to_the_start_and_back_to_now(trained: MainWindow) -> None:
    trained.canvas.setFocus()
    QTest.keyClick(trained.canvas, Qt.Key.Key_Home)
    assert (shown(trained).step, trained.runner.is_past) == (0, True)
    assert not trained.actions_["start"].isEnabled()
    QTest.keyClick(trained.canvas, Qt.Key.Key_End)
    assert (shown(trained).step, trained.runner.is_past) == (END, False)
    assert not trained.actions_["now"].isEnabled()


def test_home_and_end_stay_with_text_fields(trained: MainWindow) -> None:
    field = next(field for field in trained.findChildren(QLineEdit) if field.isVisible())
    field.setFocus()
    QTest.keyClicks(field, "12")
    QTest.keyClick(field, Qt.Key.Key_Home)
    assert shown(trained).step == END
    assert field.cursorPosition() == 0


def test_pressing_the_track_pauses_a_run(trained: MainWindow, qtbot: QtBot) -> None:
    trained.runner.run()
    qtbot.waitUntil(lambda: shown(trained).step > END)
    press_track(trained, 10)
    assert not trained.runner.is_running
    assert shown(trained).step == pytest.approx(10, abs=2)
    assert trained.timeline.is_past


def test_a_click_in_a_plot_goes_to_that_step_and_a_drag_does_not(trained: MainWindow) -> None:
    panel = losses(trained)
    viewport, half = viewport_of(panel).viewport(), place_of(panel, 0.5)
    QTest.mousePress(viewport, LEFT, NO_KEYS, half)
    QTest.mouseMove(viewport, half + QPoint(30, 0))
    QTest.mouseRelease(viewport, LEFT, NO_KEYS, half + QPoint(30, 0))
    assert not trained.runner.is_past
    panel.chart.follow()
    QTest.mouseClick(viewport, LEFT, NO_KEYS, half)
    (left, right), _ = panel.chart.ranges
    assert shown(trained).step == pytest.approx((left + right) / 2, abs=1)
    assert trained.timeline.is_past


def test_the_past_is_marked_in_every_plot_over_steps(trained: MainWindow) -> None:
    histories = [panel for panel in deck(trained).panels.values() if isinstance(panel, HistoryPanel)]
    assert len(histories) == 3
    press_track(trained, 10)
    assert {panel.chart.here for panel in histories} == {10.0}
    assert losses(trained).batch_curve.points()[0][-1] == END - 1, "the curves beyond stay"
    press(trained.timeline.now)
    assert {panel.chart.here for panel in histories} == {None}


def test_the_crosshair_is_one_in_plots_and_timeline(trained: MainWindow) -> None:
    panel, slider = losses(trained), trained.timeline.slider
    QTest.mouseMove(slider, place(trained, 20))
    assert "step 20" in panel.legend.text()
    QApplication.sendEvent(slider, QEvent(QEvent.Type.Leave))
    assert "step" not in panel.legend.text()


# ---- what it says, and what it costs ---------------------------------------------------------------------------------


def test_the_tooltip_tells_the_step_and_its_event(trained: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    press_track(trained, 10)
    set_optimizer(trained.document, "learning_rate", 0.5)
    for _ in range(10):
        trained.runner.step()
    # The offscreen platform warns about every real tooltip.
    monkeypatch.setattr(QSlider, "event", lambda _slider, _event: True)
    slider = trained.timeline.slider
    for step, told in ((10, True), (16, False)):
        at = place(trained, step)
        QApplication.sendEvent(slider, QHelpEvent(QEvent.Type.ToolTip, at, slider.mapToGlobal(at)))
        assert slider.toolTip().startswith(f"step {step}")
        assert ("learning rate" in slider.toolTip().lower()) is told


def test_the_track_paints_its_events(trained: MainWindow) -> None:
    slider = trained.timeline.slider
    slider.show_track(0, 40, 40, ())
    before = slider.grab().toImage()
    slider.show_track(0, 40, 40, ((20, shown(trained).next.words),))
    after, ratio = slider.grab().toImage(), slider.devicePixelRatio()
    tick = (QPointF(slider.place_of(20), slider.height() / 2 - 5) * ratio).toPoint()
    assert before.pixelColor(tick) != after.pixelColor(tick)


def test_without_a_network_the_timeline_is_empty(window: MainWindow) -> None:
    assert not window.timeline.slider.isEnabled()
    assert window.timeline.place.text() == ""
    for name in ("start", "now", "resume"):
        assert not window.actions_[name].isEnabled()


@pytest.mark.parametrize("size", [(1040, 640), (1280, 720), (1440, 900)])
def test_nothing_moves_and_nothing_is_cut_off_while_the_handle_does(trained: MainWindow, size: tuple[int, int]) -> None:
    trained.resize(*size)
    QApplication.processEvents()
    strip = trained.timeline
    parts = [strip.slider, strip.place, strip.resume, strip.now, strip.branches]
    before = [part.geometry() for part in parts]
    for step in (0, 9, END):
        trained.runner.go_to(step)
        QApplication.processEvents()
        assert [part.geometry() for part in parts] == before
        assert strip.place.fontMetrics().horizontalAdvance(strip.place.text()) <= strip.place.width()
        assert strip.words.text()
        assert not strip.words.text().endswith("…")
    for one, other in zip(parts, parts[1:], strict=False):
        assert one.geometry().right() < other.geometry().left()
    assert strip.branches.geometry().right() < strip.width()
    assert strip.slider.width() > 250


def test_frames_of_a_run_need_no_layout(trained: MainWindow) -> None:
    strip = trained.timeline
    QApplication.processEvents()
    events = Events([strip, *strip.findChildren(QWidget)], QEvent.Type.LayoutRequest, QEvent.Type.ToolTipChange)
    for _ in range(3):
        trained.runner.step()
        QApplication.processEvents()
    assert events.count == 0
    paints = Events([strip, *strip.findChildren(QWidget)], QEvent.Type.Paint)
    strip.show_snapshot(trained.runner.snapshot)
    QApplication.processEvents()
    assert paints.count == 0
