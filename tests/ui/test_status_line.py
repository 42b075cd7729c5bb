"""The status bar: what was said last can be read, gives way when a run begins, and leaves room in a narrow window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QStatusTipEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.project import Project
from engine.experiment import Choice
from tests.engine.samples import dense_graph, experiment_of, trainer_of
from ui import status_line
from ui.main_window import MainWindow
from ui.status_line import StatusLine
from ui.theme import install_theme

LONG = "Stopped: the loss on the test rows has not become less in the last hundred steps, by more than a ten-thousandth"


@pytest.fixture
def status(qtbot: QtBot, qapp: QApplication) -> StatusLine:
    install_theme(qapp)
    made = StatusLine(QLabel("executor: reference (numpy)"))
    made.resize(1400, 30)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def executor(status: StatusLine) -> QLabel:
    (label,) = (label for label in status.findChildren(QLabel) if label.text().startswith("executor"))
    return label


def test_a_message_takes_the_place_of_a_tip(status: StatusLine) -> None:
    status.showMessage("Choose one of the shipped networks")
    assert status.shown_words == ""
    status.say("Saved it")
    assert status.currentMessage() == ""
    assert status.shown_words == "Saved it"


def test_the_executor_gives_way_and_then_the_end_of_the_message(status: StatusLine) -> None:
    status.say(LONG)
    assert executor(status).isVisible()
    assert status.shown_words == LONG
    needed = status.fontMetrics().horizontalAdvance(LONG)
    status.resize(needed + 60, 30)
    assert not executor(status).isVisible()
    assert status.shown_words == LONG
    status.resize(needed // 2, 30)
    assert status.shown_words.endswith("…")
    assert LONG.startswith(status.shown_words[:-1])
    status.say("Short")
    assert status.shown_words == "Short"
    assert executor(status).isVisible()


@pytest.mark.parametrize("size", [(1040, 600), (1040, 640), (1280, 720)])
def test_in_a_narrow_window_the_bar_and_a_step_s_progress_are_whole(
    window: MainWindow, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window.resize(*size)
    window.document.load(Project(experiment_of(dense_graph((600,)), way="finite-differences")), None)
    window.perform("step")
    qtbot.waitUntil(lambda: window.status.cancel.isVisible())
    window.status.say(LONG)
    window.runner.pause()
    QApplication.sendPostedEvents()
    assert window.width() == size[0], "a message makes no window wider"
    for part in (window.status.progress_words, window.status.progress, window.status.cancel):
        corner = part.mapTo(window, QPoint(part.width(), part.height()))
        assert part.isVisible()
        assert corner.x() <= window.width()
        assert corner.y() <= window.height()
        assert part.width() >= part.sizeHint().width() or part is window.status.progress
    assert len(window.status.shown_words) > 40


def test_what_ended_a_run_is_no_longer_said_when_it_goes_on(window: MainWindow, qtbot: QtBot) -> None:
    for name in ("run", "step", "micro-step"):
        window.document.load(Project(experiment_of(stops=(Choice("steps", {"count": 3}),))), None)
        window.perform("run")
        qtbot.waitUntil(lambda: not window.runner.is_running)
        assert window.status.shown_words == "Stopped: step 3 is reached"
        window.actions_[name].trigger()
        assert window.status.words == "", name
        window.runner.pause()


def test_the_tip_on_an_action_goes_when_the_action_is_taken(window: MainWindow) -> None:
    QApplication.sendEvent(window, QStatusTipEvent("Choose one of the shipped networks"))
    assert window.status.currentMessage() != ""
    window.actions_["fit"].trigger()
    assert window.status.currentMessage() == ""


# ---- how fast a run is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "micro_steps", "asked", "words"),
    [
        (2.0, 1, 0.5, "0.5 micro-steps/s"),
        (0.5, 4, 8.0, "8.0 micro-steps/s"),
        (1.0, 30, None, "3.0 steps/s"),
        (1.0, 30, 30.0, "3.0 steps/s"),
        (1.0, 30, 50.0, "3.0 steps/s, slower than set"),
        (1.0, 25_000, None, "2\N{NARROW NO-BREAK SPACE}500 steps/s"),
    ],
)
def test_the_speed_is_measured_and_said_to_be_slower_where_it_is(
    status: StatusLine,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    micro_steps: int,
    asked: float | None,
    words: str,
) -> None:
    now = [10.0]
    monkeypatch.setattr(status_line, "monotonic", lambda: now[0])
    snapshot = trainer_of(experiment_of()).snapshot()
    order = replace(snapshot.order, instructions=5, gradient_passes=3, candidates=0)
    begun = replace(snapshot, order=order)
    assert begun.micro_count == 10
    status.show_speed(begun, True, asked)
    now[0] += seconds
    status.show_speed(replace(begun, step=micro_steps // 10, micro=micro_steps % 10), True, asked)
    assert status._speed.text() == words
    status.show_speed(begun, False, asked)
    assert status._speed.text() == ""
