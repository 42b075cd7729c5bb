"""The place of the plots. They come once the window is shown, as importing pyqtgraph takes a second."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.translate import tr
from engine.snapshot import Snapshot


class Deck(Protocol):
    """What the plots can do (ui.plots.deck)."""

    hovered: SignalInstance
    step_requested: SignalInstance

    @property
    def keys(self) -> tuple[str, ...]:
        """The plots that are wanted."""

    def show_panels(self, keys: tuple[str, ...]) -> None:
        """Say which plots are wanted."""

    def show_snapshot(self, snapshot: Snapshot | None, is_running: bool = False) -> None:
        """Draw a snapshot."""

    def show_crosshair(self, step: float | None) -> None:
        """Point at a step."""


class PlotArea(QWidget):
    """Holds the deck of plots, from when it is loaded; until then it keeps what there is to show."""

    hovered = Signal(object)
    """The step under the mouse in any plot, or None."""
    step_requested = Signal(object)
    """A person clicked at this step, an int that may need more than 32 bits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._deck: Deck | None = None
        self._snapshot: Snapshot | None = None
        self._keys: tuple[str, ...] = ()
        self._waiting = QLabel(tr("Loading the plots…"))
        self._waiting.setProperty("role", "dim")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._waiting)
        self.setMinimumHeight(150)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.load)

    @property
    def keys(self) -> tuple[str, ...]:
        """The plots that are wanted, in order."""
        return self._keys if self._deck is None else self._deck.keys

    def load_soon(self) -> None:
        """Load the plots when the window has drawn itself."""
        self._timer.start(50)

    def load(self) -> None:
        """Load the plots now."""
        if self._deck is not None:
            return
        # By name, as an import statement up there would be the second that this module exists to spare.
        deck = import_module("ui.plots").create_deck()
        self._waiting.hide()
        self._column.addWidget(deck)
        self._deck = cast(Deck, deck)
        self._deck.hovered.connect(self.hovered)
        self._deck.step_requested.connect(self.step_requested)
        if self._keys:
            self._deck.show_panels(self._keys)
        self._deck.show_snapshot(self._snapshot)

    def show_panels(self, keys: tuple[str, ...]) -> None:
        """Say which plots are wanted, in order."""
        self._keys = keys
        if self._deck is not None:
            self._deck.show_panels(keys)

    def show_crosshair(self, step: float | None) -> None:
        """Point at a step."""
        if self._deck is not None:
            self._deck.show_crosshair(step)

    def show_snapshot(self, snapshot: Snapshot | None, is_running: bool = False) -> None:
        """Draw a snapshot."""
        self._snapshot = snapshot
        if self._deck is not None and self.isVisible():
            self._deck.show_snapshot(snapshot, is_running)
