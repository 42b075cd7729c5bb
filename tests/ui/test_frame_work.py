"""A frame that shows nothing new costs nothing: no repaint, no tooltip, no measuring."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from tests.ui.canvas.lab import POSITIONS, experiment, moons_graph
from ui.pipeline import HEIGHT, PipelineBar
from ui.theme import install_theme


class Events(QObject):
    """Counts the events of some types that widgets get."""

    def __init__(self, widgets: list[QWidget], *types: QEvent.Type) -> None:
        super().__init__()
        self._types = types
        self.count = 0
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count and let pass."""
        self.count += event.type() in self._types
        return False


@pytest.fixture
def runner(qapp: QApplication) -> Runner:
    install_theme(qapp)
    return Runner(Document(Project(experiment(moons_graph()), POSITIONS), qapp))


@pytest.fixture
def bar(qtbot: QtBot, runner: Runner) -> PipelineBar:
    bar = PipelineBar(Document(Project(experiment(moons_graph()), POSITIONS), runner), runner)
    bar.resize(1440, HEIGHT)
    qtbot.addWidget(bar)
    with qtbot.waitExposed(bar):
        bar.show()
    return bar


def test_the_same_snapshot_again_paints_and_tells_nothing(bar: PipelineBar, runner: Runner) -> None:
    runner.step()
    bar.grab()
    QCoreApplication.sendPostedEvents()
    events = Events([bar, *bar.findChildren(QWidget)], QEvent.Type.UpdateRequest, QEvent.Type.ToolTipChange)
    paints = Events([bar, *bar.findChildren(QWidget)], QEvent.Type.Paint)
    for _ in range(3):
        bar.show_snapshot(runner.snapshot)
        QCoreApplication.sendPostedEvents()
    assert (events.count, paints.count) == (0, 0)
    runner.step()
    QCoreApplication.sendPostedEvents()
    assert events.count > 0
    assert paints.count > 0
