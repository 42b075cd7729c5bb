from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.project import Project
from tests.ui.canvas.lab import POSITIONS, Lab, experiment, make_lab, moons_graph


@pytest.fixture
def lab(qtbot: QtBot, qapp: QApplication) -> Lab:
    """The canvas with a small network at known places."""
    lab = make_lab(qapp, Project(experiment(moons_graph()), POSITIONS))
    qtbot.addWidget(lab.view, before_close_func=lambda _: lab.put_away())
    return lab
