"""A canvas with the Node tab beside it, around a real document and runner."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.project import Project
from engine.experiment import Experiment
from engine.ops.call import Array
from tests.ui.canvas.lab import POSITIONS, Lab, experiment, make_lab, moons_graph
from ui.canvas.node_item import NodeItem
from ui.inspector import Inspector
from ui.node_page import NodePage
from ui.parameter_list import ParameterList, PinButton


class Desk(Lab):
    """The canvas with a Node tab beside it."""

    inspector: Inspector

    @property
    def experiment(self) -> Experiment:
        return self.document.project.experiment

    def parameters(self, *ids: int) -> ParameterList:
        self.view.select(ids)
        assert isinstance(self.inspector.page, NodePage)
        return self.inspector.page.parameters

    def card(self, node: int) -> NodeItem:
        return self.view._scene.nodes[node]

    def weights(self) -> dict[str, Array]:
        snapshot = self.runner.snapshot
        assert snapshot is not None
        return {p.title: snapshot.weights(p).copy() for p in snapshot.program.parameters}

    def changed_by(self, steps: int) -> set[str]:
        """Give the parameters that some steps change."""
        before = self.weights()
        for _ in range(steps):
            self.runner.step()
        return {title for title, values in self.weights().items() if not np.array_equal(values, before[title])}

    def words(self) -> str:
        labels = self.inspector.page.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisibleTo(self.inspector))


def make_desk(qtbot: QtBot, app: QApplication) -> Desk:
    """Make a desk with the small network of the canvas's tests."""
    lab = make_lab(app, Project(experiment(moons_graph()), POSITIONS))
    desk = Desk(lab.document, lab.runner, lab.view)
    qtbot.addWidget(desk.view, before_close_func=lambda _: desk.put_away())
    desk.inspector = Inspector(desk.document, desk.runner)
    desk.inspector.resize(320, 900)
    qtbot.addWidget(desk.inspector)
    desk.view.selection_changed.connect(desk.inspector.show_selection)
    with qtbot.waitExposed(desk.inspector):
        desk.inspector.show()
    return desk


def click(button: PinButton) -> None:
    """Click a pin with the mouse."""
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
