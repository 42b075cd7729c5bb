"""Where the parts of the window stand, and how much room each has at each width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from ui.palette import Palette

COMPACT_WIDTH = 1340
"""Below this width the palette is a rail of icons and the side panel is narrower."""
NARROW_WIDTH = 1100
"""Below this width the side panel only comes when it is asked for."""
PLOTS_HEIGHT = 190
LOW_PLOTS_HEIGHT = 150
"""The plots' height in a window lower than LOW_HEIGHT, whose canvas needs the room more."""
LOW_HEIGHT = 680
PLOTS_SHARE = 0.22
"""So much of the window's height have the plots, where that is more."""


@dataclass(frozen=True)
class Bars:
    """What goes across the window at a fixed height: two at the top, and the timeline below the plots."""

    top: QWidget
    pipeline: QWidget
    timeline: QWidget


class Workspace(QWidget):
    """Top bar, pipeline bar, and below them the palette; beside it the canvas, side panel, plots and timeline."""

    def __init__(
        self, parent: QWidget, bars: Bars, palette: Palette, canvas: QWidget, side: QWidget, plots: QWidget
    ) -> None:
        super().__init__(parent)
        self._palette = palette
        self._side = side
        self._width_class = ""
        self._wants_side = True
        self._body, self._upper = _splitter(Qt.Orientation.Horizontal), _splitter(Qt.Orientation.Horizontal)
        self._right = _splitter(Qt.Orientation.Vertical)
        right = QWidget()
        # From the outside in, as each move gives all that is in a widget its style anew.
        _fill_column(self, bars.top, bars.pipeline, self._body)
        _fill_splitter(self._body, palette, right, stretched=1)
        _fill_column(right, self._right, bars.timeline)
        _fill_splitter(self._right, self._upper, plots, stretched=0)
        _fill_splitter(self._upper, canvas, side, stretched=0)

    def show_side(self, is_wanted: bool) -> None:
        """Show or hide the side panel as a person wants it, at this width and all others."""
        self._wants_side = is_wanted
        self._side.setVisible(is_wanted)

    def fit_width(self) -> bool:
        """Give each part the room that it needs at the window's width; True if that is another layout than before."""
        width, height = self.window().width(), self.window().height()
        name = "narrow" if width < NARROW_WIDTH else "compact" if width < COMPACT_WIDTH else "wide"
        if name == self._width_class:
            return False
        self._width_class = name
        self._palette.set_compact(name != "wide")
        self._side.setVisible(self._wants_side and name != "narrow")
        left, right = (190, 320) if name == "wide" else (60, 286)
        plots = LOW_PLOTS_HEIGHT if height < LOW_HEIGHT else max(PLOTS_HEIGHT, round(PLOTS_SHARE * height))
        self._body.setSizes([left, width - left])
        self._upper.setSizes([width - left - right, right])
        self._right.setSizes([height - plots, plots])
        return True

    def reset(self) -> None:
        """Forget how a person has moved the borders, and what was hidden."""
        self._width_class = ""
        self._wants_side = True
        self.fit_width()


def make_top(buttons: Sequence[QAction], examples: QAction, transport: QWidget) -> QWidget:
    """Make the bar above all: file and edit buttons, the examples, and the transport."""
    top = QWidget()
    top.setFixedHeight(46)
    row = QHBoxLayout(top)
    row.setContentsMargins(12, 0, 12, 0)
    row.setSpacing(4)
    for action in (*buttons, examples):
        button = QToolButton()
        button.setDefaultAction(action)
        # A click leaves the focus, and with it the keys, on the canvas.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(button)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    row.addWidget(transport, 1)
    return top


def _fill_column(widget: QWidget, *parts: QWidget) -> None:
    """Put parts below each other; those whose height is not fixed share the room."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        column.addWidget(part)


def _splitter(orientation: Qt.Orientation) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(1)
    return splitter


def _fill_splitter(splitter: QSplitter, *parts: QWidget, stretched: int) -> None:
    """Put parts beside each other; the one of this index takes the room that comes with a larger window."""
    for part in parts:
        splitter.addWidget(part)
    splitter.setStretchFactor(stretched, 1)
