"""What the status line offers where a value is not finite: to see it, to go back before it, and its node."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ui.edits import set_optimizer
from ui.main_window import MainWindow
from ui.status_line import StatusLine

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def diverged(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window with a run that has paused by itself, before the first value that is not finite."""
    window.files.open_example("linear-regression")
    set_optimizer(window.document, "learning_rate", 1e6)
    window.runner.set_speed(None)
    with qtbot.waitSignal(window.runner.message_posted):
        window.runner.run()
    return window


def place(window: MainWindow) -> tuple[int, int]:
    assert window.runner.snapshot is not None
    return window.runner.snapshot.step, window.runner.snapshot.micro


def message_of(window: MainWindow) -> QPoint:
    return window.status._words.rect().center()


def test_the_value_is_shown_on_its_node_and_then_the_way_back_is_offered(diverged: MainWindow) -> None:
    window, fault = diverged, diverged.runner.fault
    assert fault is not None
    status = window.status
    assert status.offer.isVisible()
    assert status.offer.text() == "Show the Value"
    assert "non-finite" in status.words
    words = status.words
    QTest.mouseClick(status.offer, LEFT)
    assert place(window) == (fault.step, fault.number + 1)
    assert window.canvas.selected_nodes() == (fault.node,)
    assert status.words == words
    assert status.offer.text() == "Go to the Step Before"
    QTest.mouseClick(status.offer, LEFT)
    assert place(window) == (fault.step, 0)
    assert window.runner.snapshot is not None
    assert np.isfinite(window.runner.snapshot.state).all()
    assert status.offer.text() == "Show the Value"


def test_a_click_on_the_message_selects_the_node_that_is_blamed(diverged: MainWindow) -> None:
    fault = diverged.runner.fault
    assert fault is not None
    assert diverged.canvas.selected_nodes() == ()
    QTest.mouseClick(diverged.status._words, LEFT, Qt.KeyboardModifier.NoModifier, message_of(diverged))
    assert diverged.canvas.selected_nodes() == (fault.node,)
    assert fault.node is not None
    seen = diverged.canvas.mapFromScene(diverged.canvas._scene.nodes_rect([fault.node]).center())
    assert diverged.canvas.viewport().rect().contains(seen)


def test_it_is_gone_when_it_is_no_longer_true(diverged: MainWindow) -> None:
    status = diverged.status
    set_optimizer(diverged.document, "learning_rate", 0.01)
    assert not status.offer.isVisible()
    assert status.words == ""


def test_it_is_gone_elsewhere_and_comes_back_there(diverged: MainWindow) -> None:
    status, words = diverged.status, diverged.status.words
    diverged.actions_["previous"].trigger()
    assert not status.offer.isVisible()
    assert status.words == ""
    diverged.actions_["now"].trigger()
    assert status.words == words
    assert status.offer.isVisible()
    diverged.actions_["reset"].trigger()
    assert not status.offer.isVisible()


def test_another_message_takes_the_offer_with_it(diverged: MainWindow) -> None:
    diverged.status.say("Saved it")
    assert not diverged.status.offer.isVisible()


def test_stepping_into_it_offers_the_way_back(diverged: MainWindow) -> None:
    fault = diverged.runner.fault
    assert fault is not None
    for _ in range(fault.number + 1):
        diverged.actions_["micro-step"].trigger()
    assert diverged.status.offer.text() == "Go to the Step Before"
    assert diverged.status.offer.isVisible()
    diverged.actions_["micro-step"].trigger()
    assert not diverged.status.offer.isVisible()


@pytest.mark.parametrize("width", [1040, 1440])
def test_the_button_has_room_and_the_message_the_rest(diverged: MainWindow, width: int) -> None:
    diverged.resize(width, 720)
    status: StatusLine = diverged.status
    assert status.offer.width() >= status.offer.minimumSizeHint().width()
    assert status.offer.geometry().right() < status._words.x()
    assert status.shown_words.startswith("Step")
