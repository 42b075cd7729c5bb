"""The transport: buttons that do what the actions do, a speed in words, counters that stay in their place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from tests.ui.canvas.lab import POSITIONS, A, experiment, moons_graph
from ui.edits import change_graph, choose_method
from ui.main_window import MainWindow
from ui.pipeline import NARROWEST as PIPELINE_NARROWEST
from ui.theme import install_theme
from ui.transport import HEIGHT, NARROW, NARROWEST, ROOMY, SPEEDS, TIGHT, WIDE, Transport, speed_words

LEFT = Qt.MouseButton.LeftButton
NAMES = ("reset", "new-weights", "previous", "run", "step", "micro-step")


class Bench:
    """A transport with a real runner."""

    def __init__(self, qtbot: QtBot) -> None:
        self.document = Document(Project(experiment(moons_graph()), POSITIONS))
        self.runner = Runner(self.document)
        self.actions = {name: QAction(name.capitalize()) for name in NAMES}
        self.triggered: list[str] = []
        for name, action in self.actions.items():
            action.triggered.connect(lambda _checked=False, name=name: self.triggered.append(name))
        self.transport = Transport(self.actions, self.runner)
        self.transport.resize(1100, HEIGHT)
        self.speeds: list[object] = []
        self.transport.speed_changed.connect(self.speeds.append)
        qtbot.addWidget(self.transport)
        with qtbot.waitExposed(self.transport):
            self.transport.show()


class ToolTipChanges(QObject):
    """Counts how often a widget's tooltip is set."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count and let pass."""
        self.count += event.type() == QEvent.Type.ToolTipChange
        return False


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Bench:
    install_theme(qapp)
    return Bench(qtbot)


def test_each_button_triggers_its_action_once(bench: Bench) -> None:
    t = bench.transport
    for button in (t.reset, t.new_weights, t.previous, t.run, t.step, t.micro_step):
        QTest.mouseClick(button, LEFT)
    assert bench.triggered == list(NAMES)


def test_a_button_is_as_able_as_its_action(bench: Bench) -> None:
    bench.actions["previous"].setEnabled(False)
    assert not bench.transport.previous.isEnabled()
    QTest.mouseClick(bench.transport.previous, LEFT)
    assert bench.triggered == []
    bench.actions["previous"].setEnabled(True)
    assert bench.transport.previous.isEnabled()


def test_run_becomes_pause_without_moving_anything(bench: Bench) -> None:
    run = bench.transport.run
    before = (run.width(), bench.transport.step.x())
    assert run.text() == "Run"
    bench.runner.run()
    QApplication.sendPostedEvents()
    assert run.text() == "Pause"
    assert (run.width(), bench.transport.step.x()) == before
    bench.runner.pause()
    assert run.text() == "Run"


def test_the_counters_show_step_epoch_and_both_losses(bench: Bench) -> None:
    for _ in range(16):
        bench.runner.step()
    snapshot = bench.runner.snapshot
    assert snapshot is not None
    assert bench.transport.place.text() == f"step 16 · epoch {snapshot.epoch}"
    assert bench.transport.losses.text() == f"train {snapshot.train_loss:.4f} test {snapshot.test_loss:.4f}"


def test_without_a_network_the_counters_are_empty(bench: Bench) -> None:
    change_graph(bench.document, "remove", bench.document.project.experiment.graph.remove([A]))
    assert bench.transport.place.text() == "no network to run"
    assert bench.transport.losses.text().strip() == ""


def test_the_micro_step_button_says_what_comes_next(bench: Bench) -> None:
    snapshot = bench.runner.snapshot
    assert snapshot is not None
    assert str(snapshot.next.words) in bench.transport.micro_step.toolTip()
    bench.runner.micro_step()
    again = bench.runner.snapshot
    assert again is not None
    assert str(again.next.words) in bench.transport.micro_step.toolTip()


@pytest.mark.parametrize(
    ("speed", "count", "words"),
    [
        (0.5, 11, "0.5 micro-steps/s"),
        (2, 11, "2 micro-steps/s"),
        (20, 10, "2.0 steps/s"),
        (600, 10, "60 steps/s"),
        (None, 10, "maximum"),
    ],
)
def test_speeds_in_words(speed: float | None, count: int, words: str) -> None:
    assert speed_words(speed, count) == words


def test_keys_on_the_slider_choose_a_speed(bench: Bench) -> None:
    slider = bench.transport.speed
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert bench.speeds == [0.5]
    assert bench.transport.speed_label.text() == "0.5 micro-steps/s"
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert bench.speeds == [0.5, 1]
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert bench.speeds == [0.5, 1, None]
    assert bench.transport.speed_label.text() == "maximum"


def test_the_slider_goes_to_where_it_is_pressed_and_follows_the_mouse(bench: Bench) -> None:
    slider = bench.transport.speed
    left, no_keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    middle = slider.rect().center().y()
    bench.transport.show_speed(SPEEDS[0])
    QTest.mousePress(slider, left, no_keys, QPoint(slider.width() - 2, middle))
    assert (slider.value(), bench.speeds) == (slider.maximum(), [None])
    QTest.mouseMove(slider, QPoint(slider.width() // 2, middle))
    assert slider.value() == pytest.approx(slider.maximum() / 2, abs=1)
    QTest.mouseMove(slider, QPoint(-20, middle))
    QTest.mouseRelease(slider, left, no_keys, QPoint(-20, middle))
    assert (slider.value(), bench.speeds[-1]) == (0, SPEEDS[0])


@pytest.mark.parametrize(("speed", "is_skipped"), [(0.5, False), (20, False), (50, True), (5000, True), (None, True)])
def test_it_is_said_beside_a_speed_that_animation_is_skipped(
    bench: Bench, speed: float | None, is_skipped: bool
) -> None:
    t = bench.transport
    t.show_speed(speed)
    assert t.speed_note.isVisible() is is_skipped
    assert t.speed_note.text() == "animation skipped"
    assert ("animation is skipped" in t.speed.toolTip()) is is_skipped


def test_at_full_speed_the_passes_of_a_long_step_are_seen(bench: Bench) -> None:
    graph = bench.document.project.experiment.graph.set(A, {"units": 200})
    change_graph(bench.document, "more units", graph)
    choose_method(bench.document, "finite-differences")
    assert bench.runner.snapshot is not None
    assert not bench.runner.snapshot.is_step_short
    assert bench.transport.speed_label.text() == "maximum"
    assert not bench.transport.speed_note.isVisible()


def test_dragging_the_slider_chooses_speeds_on_the_way(bench: Bench) -> None:
    slider = bench.transport.speed
    bench.transport.show_speed(0.5)
    start = QPoint(7, slider.height() // 2)
    QTest.mousePress(slider, LEFT, Qt.KeyboardModifier.NoModifier, start)
    for x in range(12, slider.width(), 4):
        QTest.mouseMove(slider, QPoint(x, start.y()))
    QTest.mouseRelease(slider, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(slider.width() - 2, start.y()))
    assert bench.speeds[-1] is None
    passed = [speed for speed in bench.speeds if isinstance(speed, int | float)]
    assert passed == sorted(passed)
    assert len(passed) > 3


@pytest.mark.parametrize("speed", SPEEDS)
def test_showing_a_speed_tells_nobody(bench: Bench, speed: float | None) -> None:
    bench.transport.show_speed(speed)
    assert SPEEDS[bench.transport.speed.value()] == speed
    assert bench.speeds == []


@pytest.mark.parametrize("width", [NARROWEST, TIGHT, NARROW, WIDE, ROOMY, 1200])
def test_nothing_is_clipped(bench: Bench, width: int) -> None:
    t = bench.transport
    t.resize(width, HEIGHT)
    bench.runner.step()
    QApplication.sendPostedEvents()
    parts = [t.reset, t.new_weights, t.previous, t.run, t.step, t.micro_step, t.speed, t.speed_label, t.losses]
    row = [part for part in parts if part.isVisible()]
    for widget in row:
        assert widget.width() >= widget.minimumSizeHint().width()
    for one, next_ in zip(row, row[1:], strict=False):
        assert one.geometry().right() < next_.geometry().left()
    assert t.losses.geometry().right() < width
    assert t.reset.x() >= 0
    for counter in (t.place, t.losses):
        assert QFontMetrics(counter.font()).horizontalAdvance(counter.text()) <= counter.width()


def test_the_tooltip_of_a_button_without_words_begins_with_its_name(window: MainWindow) -> None:
    t = window.transport
    for width, begins in ((1040, True), (1440, False)):
        window.resize(width, 640)
        assert [button.text() == "" for button in (t.reset, t.new_weights, t.previous)] == [begins, begins, True]
        assert t.reset.toolTip().startswith("Same init\nBack to step 0") is begins
        assert t.new_weights.toolTip().startswith("New init\nBack to step 0") is begins
        assert t.previous.toolTip().startswith("Previous Step\nBack in time")
        assert t.step.toolTip().startswith("One whole step")


def test_after_a_click_on_the_speed_space_still_runs_and_pauses(window: MainWindow) -> None:
    window.files.open_example("two-moons")
    window.canvas.setFocus()
    QTest.mouseClick(window.transport.speed, LEFT)
    focus = window.focusWidget()
    assert focus is window.canvas
    QTest.keyClick(focus, Qt.Key.Key_Space)
    assert window.runner.is_running
    QTest.keyClick(focus, Qt.Key.Key_Space)
    assert not window.runner.is_running


def test_the_window_may_be_as_narrow_as_the_transport_and_the_pipeline_allow(window: MainWindow) -> None:
    window.setMinimumSize(1040, 640)
    window.resize(1040, 640)
    window.files.open_example("two-moons")
    assert window.transport.width() >= NARROWEST
    assert window.pipeline.width() >= PIPELINE_NARROWEST


def test_the_same_next_micro_step_is_not_told_anew(bench: Bench) -> None:
    changes = ToolTipChanges(bench.transport.micro_step)
    for _ in range(3):
        bench.transport.show_snapshot(bench.runner.snapshot)
    assert changes.count == 0
    bench.runner.micro_step()
    assert changes.count == 1
