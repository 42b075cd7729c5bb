"""Going back and forth in the run of a window, with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from engine.snapshot import Snapshot
from tests.ui.gestures import LEFT, NO_KEYS
from ui.main_window import MainWindow
from ui.plots.deck import Deck
from ui.plots.loss import LossPanel

END = 40


def shown(window: MainWindow) -> Snapshot:
    snapshot = window.runner.snapshot
    assert snapshot is not None
    return snapshot


def same_numbers(one: Snapshot, other: Snapshot) -> bool:
    """Tell whether weights, g and Δw are equal to the bit."""
    views = (one.weights, other.weights), (one.gradient, other.gradient), (one.update, other.update)
    return all((a(p) == b(p)).all() for p in one.program.parameters for a, b in views)


def deck(window: MainWindow) -> Deck:
    found = window.plots.findChild(Deck)
    assert isinstance(found, Deck)
    return found


def losses(window: MainWindow) -> LossPanel:
    panel = deck(window).panels["loss"]
    assert isinstance(panel, LossPanel)
    return panel


def place(window: MainWindow, step: float) -> QPoint:
    slider = window.timeline.slider
    return QPoint(round(slider.place_of(step)), slider.height() // 2)


def settle(window: MainWindow) -> None:
    """Let the run go where the handle is."""
    for _ in range(100):
        QApplication.processEvents()
        if shown(window).step == window.timeline.slider.value():
            break


def press_track(window: MainWindow, step: int) -> None:
    """Click on the track and wait until the run is there."""
    QTest.mouseClick(window.timeline.slider, LEFT, NO_KEYS, place(window, step))
    settle(window)


def press(button: QToolButton) -> None:
    QTest.mouseClick(button, LEFT)


def open_trained(window: MainWindow) -> MainWindow:
    """Open an example and do 40 steps."""
    window.files.open_example("two-moons")
    for _ in range(END):
        window.runner.step()
    return window
