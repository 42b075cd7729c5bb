"""The plots: one file for each, and the list of them. Importing this package takes a second, as pyqtgraph does."""

from __future__ import annotations

from ui.plots.base import Panel
from ui.plots.deck import Deck
from ui.plots.gradients import GradientsPanel
from ui.plots.loss import LossPanel
from ui.plots.predictions import PredictionsPanel
from ui.plots.weights import WeightsPanel

PANELS: tuple[type[Panel], ...] = (LossPanel, PredictionsPanel, GradientsPanel, WeightsPanel)
"""Every plot, in the order in which they stand side by side."""


def create_deck() -> Deck:
    """Make the row with every plot."""
    return Deck([panel() for panel in PANELS])
