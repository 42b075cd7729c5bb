"""The words at the axes: they are whole, or not there."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPicture
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.snapshot import Snapshot
from tests.ui.plots.histories import show, with_batches
from ui.plots.history import HistoryPanel
from ui.plots.loss import LossPanel


def words_of(panel: HistoryPanel) -> list[tuple[QRectF, str]]:
    """Give what the step axis paints and where, in px of the view."""
    axis: pg.AxisItem = panel.chart._bottom
    picture = QPicture()
    with QPainter(picture) as painter:
        painter.setFont(axis.style["tickFont"])
        return [(axis.mapRectToScene(place), words) for place, _, words in axis.generateDrawSpecs(painter)[2]]


@pytest.mark.parametrize("width", [220, 260, 300, 350, 480])
@pytest.mark.parametrize("steps", [10, 1_000, 10_000, 60_000])
def test_the_words_at_the_end_of_the_step_axis_are_whole(
    qtbot: QtBot, moons_run: Snapshot, width: int, steps: int
) -> None:
    panel = show(qtbot, LossPanel(), with_batches(moons_run, np.linspace(1.0, 0.1, steps + 1)))
    panel.resize(width, 200)
    QApplication.sendPostedEvents()
    found = words_of(panel)
    assert len(found) >= 2
    assert all(place.left() >= 0.0 and place.right() <= panel.chart.width() for place, _ in found), found


def test_a_narrow_plot_says_where_its_axis_ends(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, LossPanel(), with_batches(moons_run, np.linspace(1.0, 0.1, 10_001)))
    panel.resize(260, 200)
    QApplication.sendPostedEvents()
    assert words_of(panel)[-1][1] == "10\N{NARROW NO-BREAK SPACE}000"
