"""Runs with an end, phase steps and the slow first step, from the window's menu and keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app import pace
from app.settings import RUN_STEPS, SLOW_START, UserSettings
from engine.program import Phase
from tests.ui.conftest import WindowMaker
from tests.ui.gestures import node_item
from ui.main_window import MainWindow
from ui.run_popup import RunPopup

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
quiet = pytest.mark.qt_log_ignore("plugin does not support", extend=True)


@pytest.fixture
def moons(window: MainWindow) -> MainWindow:
    window.files.open_example("two-moons")
    window.runner.set_speed(None)
    window.canvas.setFocus()
    return window


def open_popup(window: MainWindow, name: str) -> RunPopup:
    window.actions_[name].trigger()
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, RunPopup)
    return popup


def step_of(window: MainWindow) -> int:
    assert window.runner.snapshot is not None
    return window.runner.snapshot.step


# ---- so many steps ---------------------------------------------------------------------------------------------------


@quiet
def test_a_number_is_asked_for_below_the_run_button_and_remembered(moons: MainWindow, qtbot: QtBot) -> None:
    popup = open_popup(moons, "run-steps")
    assert popup.go.text() == "Run 100 steps"
    run = moons.transport.run
    assert (popup.pos() - run.mapToGlobal(QPoint(0, run.height()))).manhattanLength() < 12
    assert popup.focusWidget() is popup.number
    QTest.keyClicks(popup.number, "250")
    assert popup.go.text() == "Run 250 steps"
    QTest.keyClick(popup.number, Qt.Key.Key_Return)
    assert QApplication.activePopupWidget() is None
    assert moons.runner.is_running
    qtbot.waitUntil(lambda: not moons.runner.is_running)
    assert step_of(moons) == 250
    assert moons.status.words == "Paused: step 250 is reached"
    popup = open_popup(moons, "run-steps")
    assert popup.go.text() == "Run 250 steps"
    assert moons.settings.run_steps == 250
    QTest.mouseClick(popup.go, LEFT)
    qtbot.waitUntil(lambda: not moons.runner.is_running)
    assert step_of(moons) == 500


@quiet
def test_what_is_no_number_of_steps_runs_nothing_and_esc_closes(moons: MainWindow) -> None:
    popup = open_popup(moons, "run-steps")
    QTest.keyClicks(popup.number, "-3")
    QTest.keyClick(popup.number, Qt.Key.Key_Return)
    assert popup.isVisible()
    assert not popup.go.isEnabled()
    assert not moons.runner.is_running
    QTest.keyClick(popup.number, Qt.Key.Key_Escape)
    assert popup.go.isEnabled()
    QTest.keyClick(popup.number, Qt.Key.Key_Escape)
    assert QApplication.activePopupWidget() is None
    assert step_of(moons) == 0


@quiet
def test_a_number_beyond_all_numbers_is_refused_like_any_other(moons: MainWindow) -> None:
    popup = open_popup(moons, "run-steps")
    QTest.keyClicks(popup.number, "1e999")
    QTest.keyClick(popup.number, Qt.Key.Key_Return)
    assert not popup.go.isEnabled()
    assert not moons.runner.is_running
    popup.close()


@quiet
def test_to_a_step_ahead_and_back(moons: MainWindow, qtbot: QtBot) -> None:
    popup = open_popup(moons, "run-to-step")
    assert popup.go.text() == "Run to step 100"
    QTest.mouseClick(popup.go, LEFT)
    qtbot.waitUntil(lambda: not moons.runner.is_running)
    assert step_of(moons) == 100
    popup = open_popup(moons, "run-to-step")
    assert popup.go.text() == "Run to step 200"
    QTest.keyClicks(popup.number, "40")
    QTest.mouseClick(popup.go, LEFT)
    assert step_of(moons) == 40
    assert moons.runner.is_past
    popup = open_popup(moons, "run-to-step")
    assert popup.go.text() == "Run to step 100"
    QTest.mouseClick(popup.go, LEFT)
    qtbot.waitUntil(lambda: not moons.runner.is_running)
    assert (step_of(moons), moons.runner.is_past) == (100, False)


# ---- phases ----------------------------------------------------------------------------------------------------------


def test_shift_and_an_arrow_go_by_phases_unless_a_node_is_selected(moons: MainWindow) -> None:
    seen = []
    for _ in range(5):
        QTest.keyClick(moons.canvas, Qt.Key.Key_Right, SHIFT)
        assert moons.runner.snapshot is not None
        seen.append(moons.runner.snapshot.phase)
    assert seen == list(Phase)
    assert step_of(moons) == 1
    QTest.keyClick(moons.canvas, Qt.Key.Key_Left, SHIFT)
    assert moons.runner.snapshot is not None
    assert moons.runner.snapshot.phase is Phase.BACKWARD
    place = (step_of(moons), moons.runner.snapshot.micro)
    moons.canvas.select([2])
    x = node_item(moons, 2).x()
    QTest.keyClick(moons.canvas, Qt.Key.Key_Right, SHIFT)
    assert node_item(moons, 2).x() == x + 1
    assert (step_of(moons), moons.runner.snapshot.micro) == place


# ---- both inits ------------------------------------------------------------------------------------------------------


def test_one_button_repeats_the_run_and_the_other_begins_another(moons: MainWindow) -> None:
    assert moons.runner.snapshot is not None
    first = moons.runner.snapshot.state.tobytes()
    buttons = {button.text(): button for button in moons.transport.findChildren(QPushButton)}
    moons.runner.step()
    QTest.mouseClick(buttons["Same init"], LEFT)
    assert step_of(moons) == 0
    assert moons.runner.snapshot.state.tobytes() == first
    moons.runner.step()
    QTest.mouseClick(buttons["New init"], LEFT)
    assert step_of(moons) == 0
    assert moons.runner.snapshot.state.tobytes() != first
    assert "same initial weights" in buttons["Same init"].toolTip()
    assert "other initial weights: another seed" in buttons["New init"].toolTip()
    assert {moons.actions_[name].text() for name in ("reset", "new-weights")} == {"Same init", "New init"}


@pytest.mark.parametrize(("width", "words"), [(1440, "Same init"), (1280, "Same init"), (1040, "")])
def test_their_words_have_room_from_1280_on(moons: MainWindow, width: int, words: str) -> None:
    moons.resize(width, 720)
    QApplication.processEvents()
    assert moons.transport.reset.text() == words
    assert moons.transport.micro_step.text() == ("Micro-step" if words else "Micro")
    assert moons.transport.losses.geometry().right() < moons.transport.width()


# ---- the slow first step ---------------------------------------------------------------------------------------------


def test_the_first_run_tells_of_each_phase_in_the_headline(
    moons: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [50.0]
    monkeypatch.setattr(pace, "perf_counter", lambda: now[0])
    moons.actions_["slow-start"].trigger()
    assert moons.settings.slow_start
    moons.files.open_example("two-moons")
    QTest.keyClick(moons.canvas, Qt.Key.Key_Space)
    seen: list[str] = []

    def sentence() -> str:
        now[0] += 0.03
        words = moons.canvas.headline.words.text()
        if words not in seen:
            seen.append(words)
        return words

    qtbot.waitUntil(lambda: sentence().startswith("Training"), timeout=30_000)
    assert seen[1:6] == [
        "1 · Sample draws 32 of 240 training rows",
        "2 · Forward reads the weights and changes none",
        "3 · Loss: one number for the 32 rows, the smaller the better",
        "4 · Backpropagation computes g: no weight has changed",
        "5 · Adam uses g: now the weights change",
    ]
    assert moons.canvas.headline.words.text().endswith("animation is skipped at this speed")
    assert moons.runner.is_running


def test_space_pauses_it_and_space_again_goes_on_at_full_pace(moons: MainWindow, qtbot: QtBot) -> None:
    moons.actions_["slow-start"].trigger()
    moons.files.open_example("two-moons")
    QTest.keyClick(moons.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: moons.canvas.headline.words.text().startswith("1 · Sample draws"))
    assert moons.transport.run.text() == "Pause"
    QTest.keyClick(moons.canvas, Qt.Key.Key_Space)
    assert not moons.runner.is_running
    QTest.keyClick(moons.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: step_of(moons) > 20)


def test_it_is_on_at_first_and_can_be_switched_off_for_good(make_window: WindowMaker, tmp_path: object) -> None:
    assert SLOW_START.default is True
    assert RUN_STEPS.default == 100
    window = make_window()
    assert not window.runner.has_slow_start
    assert not window.actions_["slow-start"].isChecked()
    window.actions_["slow-start"].trigger()
    assert window.runner.has_slow_start
    assert UserSettings(f"{tmp_path}/settings.ini").slow_start


# ---- the keys after a choice -----------------------------------------------------------------------------------------


@pytest.fixture
def quick_clicks(qapp: QApplication) -> Iterator[None]:
    """A click soon after the one that opened a list counts: it is no part of a double click."""
    interval = qapp.doubleClickInterval()
    qapp.setDoubleClickInterval(1)
    yield
    qapp.setDoubleClickInterval(interval)


@quiet
@pytest.mark.usefixtures("quick_clicks")
def test_after_a_choice_with_the_mouse_space_runs(moons: MainWindow, qtbot: QtBot) -> None:
    box = moons.pipeline.optimizer.kind
    QTest.mouseClick(box, LEFT)
    view = box.view()
    qtbot.waitUntil(view.isVisible)
    row = view.visualRect(box.model().index(box.findData("sgd"), 0)).center()

    def choose() -> bool:
        QTest.mouseMove(view.viewport(), row)
        QTest.mouseClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, row)
        return moons.document.project.experiment.optimizer.kind == "sgd"

    qtbot.waitUntil(choose)
    focus = moons.focusWidget()
    assert focus is moons.canvas
    QTest.keyClick(focus, Qt.Key.Key_Space)
    assert moons.runner.is_running


@quiet
def test_a_choice_with_keys_keeps_the_focus_where_it_is(moons: MainWindow) -> None:
    box = moons.pipeline.method.kind
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert moons.document.project.experiment.method.kind != "backpropagation"
    assert moons.focusWidget() is box
