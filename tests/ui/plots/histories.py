"""Showing a plot in a test, and snapshots with curves of one's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.dataset_kind import Array
from engine.recording import Curves
from engine.snapshot import Snapshot
from ui.plots.gradients import GradientsPanel
from ui.plots.history import HistoryPanel
from ui.plots.loss import LossPanel
from ui.plots.weights import WeightsPanel
from ui.theme import current

ALL_HISTORIES = pytest.mark.parametrize("kind", [LossPanel, GradientsPanel, WeightsPanel])


def show(qtbot: QtBot, panel: HistoryPanel, snapshot: Snapshot | None = None) -> HistoryPanel:
    qtbot.addWidget(panel)
    panel.show_theme(current().colors)
    panel.resize(320, 220)
    panel.show()
    if snapshot is None:
        panel.clear()
    else:
        panel.show_snapshot(snapshot)
    QApplication.sendPostedEvents()
    return panel


def with_curves(snapshot: Snapshot, **changes: object) -> Snapshot:
    curves: Curves = replace(snapshot.curves, **changes)  # type: ignore[arg-type]
    return replace(snapshot, curves=curves)


def with_batches(snapshot: Snapshot, values: Array) -> Snapshot:
    steps = np.arange(len(values), dtype=np.float64)
    return with_curves(snapshot, batch_step=steps, batch_loss=values)
