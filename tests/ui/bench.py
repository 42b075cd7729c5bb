"""A pipeline bar with a real document and runner."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.experiment import Experiment
from engine.graph import Graph
from engine.program import Phase
from engine.snapshot import Snapshot
from tests.ui.canvas.lab import POSITIONS, experiment, moons_graph
from ui.pill import Pill
from ui.pipeline import HEIGHT, PipelineBar


class Bench:
    """The bar under test; it is as wide as in the usual window."""

    def __init__(self, qtbot: QtBot, graph: Graph | None = None) -> None:
        self.document = Document(Project(experiment(graph or moons_graph()), POSITIONS))
        self.runner = Runner(self.document)
        self.bar = PipelineBar(self.document, self.runner)
        self.bar.resize(1440, HEIGHT)
        qtbot.addWidget(self.bar)
        with qtbot.waitExposed(self.bar):
            self.bar.show()

    @property
    def experiment(self) -> Experiment:
        return self.document.project.experiment

    @property
    def pills(self) -> dict[Phase, Pill]:
        bar = self.bar
        return {
            Phase.SAMPLE: bar.data.sample,
            Phase.FORWARD: bar.evaluate.forward,
            Phase.LOSS: bar.evaluate.compare,
            Phase.BACKWARD: bar.method.backward,
            Phase.UPDATE: bar.optimizer.update_pill,
        }

    @property
    def snapshot(self) -> Snapshot:
        snapshot = self.runner.snapshot
        assert snapshot is not None
        return snapshot

    def lit(self) -> list[Phase]:
        """Give the phases whose pills are lit."""
        return [phase for phase, pill in self.pills.items() if pill.is_active]

    def go_to(self, phase: Phase) -> None:
        """Go to the last micro-step of a phase."""
        for _ in range(100):
            self.runner.micro_step()
            if self.snapshot.phase is phase and self.snapshot.next.phase is not phase:
                return
        raise AssertionError(phase)


def commit(field: QWidget, text: str) -> None:
    """Type a text into a field and press Enter."""
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
