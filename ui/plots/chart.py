"""The surface that curves are drawn on: pyqtgraph's view box between two axes, with our ticks and following."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QLabel, QVBoxLayout, QWidget

from ui.colors import Colors
from ui.plots.drawn import Curve, Marks
from ui.plots.series import MAX_POINTS
from ui.plots.ticks import Range, Tick, log_ticks, padded, step_ticks, value_ticks
from ui.theme import ui_font

AXIS_WIDTH = 44
AXIS_HEIGHT = 18
TICK_SPACING = 24
HALF_LABEL = 8.0
"""Half the height of a tick's words: pyqtgraph leaves out those that are not wholly inside."""
EDGE = 16
"""How far, in px, a tick's words may reach beyond the axis: as far as there is room, so that they are not cut off."""
MIN_WIDTH = 200
BEHIND = -1000.0
"""Behind the view box, which pyqtgraph puts at -100."""
STEP_TICK_SPACING, VALUE_TICK_SPACING = 64, 44

# By default pyqtgraph drops mouse moves that follow each other quickly, so that the last place would be missed.
pg.setConfigOptions(mouseRateLimit=-1)

Ticks = Callable[[float, float, int], list[Tick]]


class Chart(QWidget):
    """Curves over two axes. It shows the bounds it was given last, until the user zooms or pans.

    Mouse: wheel zooms at the cursor, a drag pans, a right drag stretches, both also over one axis alone.
    """

    following_changed = Signal(bool)
    hovered = Signal(object)
    """The point under the mouse as (x, y) in shown values, or None when the mouse has left."""
    range_changed = Signal()
    """Another part of the plane is in view, by whatever cause."""
    clicked = Signal(object)
    """The point (x, y) of a click that was no drag."""
    menu_requested = Signal(QPoint)
    """A right click, at this global position."""

    def __init__(self, x_ticks: Ticks = step_ticks) -> None:
        super().__init__()
        self._x_ticks = x_ticks
        self._is_log = False
        self._is_following = True
        self._bounds: tuple[Range, Range] | None = None
        self._view = pg.GraphicsView()
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self._view.viewport().installEventFilter(self)
        self._box = pg.ViewBox(enableMenu=False, defaultPadding=0.0)
        self._box.disableAutoRange()
        grid = pg.GraphicsLayout()
        grid.setContentsMargins(0, 0, EDGE, 0)
        grid.setSpacing(0)
        self._left, self._bottom = pg.AxisItem("left"), pg.AxisItem("bottom")
        for axis in (self._left, self._bottom):
            axis.setStyle(tickLength=0, tickTextOffset=4, autoExpandTextSpace=False, hideOverlappingLabels=EDGE)
            axis.setStyle(tickFont=ui_font(-2))
            axis.setZValue(BEHIND)
            axis.linkToView(self._box)
        self._left.setGrid(255)
        self._left.setWidth(AXIS_WIDTH)
        self._bottom.setHeight(AXIS_HEIGHT)
        grid.addItem(self._left, 0, 0)
        grid.addItem(self._box, 0, 1)
        grid.addItem(self._bottom, 1, 1)
        self._view.setCentralItem(grid)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self._names = [QLabel(self._view) for _ in range(2)]
        for name in self._names:
            name.setFont(ui_font(-2))
            name.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._crosshair = pg.InfiniteLine(angle=90)
        self._here = pg.InfiniteLine(angle=90)
        for line in (self._crosshair, self._here):
            line.hide()
            self._box.addItem(line, ignoreBounds=True)
        self._box.sigRangeChanged.connect(self._place_ticks)
        self._box.sigResized.connect(self._on_box_resized)
        self._box.sigRangeChangedManually.connect(self._on_box_range_changed_manually)
        self._view.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self._view.scene().sigMouseClicked.connect(self._on_scene_mouse_clicked)

    @property
    def is_following(self) -> bool:
        """Whether the whole of the data stays in view."""
        return self._is_following

    @property
    def is_log(self) -> bool:
        """Whether the vertical axis is logarithmic; curves are then given as log₁₀."""
        return self._is_log

    @property
    def ranges(self) -> tuple[Range, Range]:
        """The horizontal and vertical range in view."""
        (left, right), (low, high) = self._box.viewRange()
        return (left, right), (low, high)

    @property
    def pixels_across(self) -> int:
        """How wide the area between the axes is, at least `MIN_WIDTH` before it has been laid out."""
        return max(MIN_WIDTH, min(int(self._box.rect().width()), MAX_POINTS // 2))

    def follow(self) -> None:
        """Show the whole of the data again, now and later."""
        self._set_following(True)
        self._show_bounds()

    def set_log(self, is_log: bool) -> None:
        """Make the vertical axis logarithmic or linear, and follow again: the old range has another meaning now."""
        self._is_log = is_log
        self._bounds = None
        self._set_following(True)

    def set_name(self, name: str) -> None:
        """Say to screen readers what this is a plot of."""
        for widget in (self._view, self._view.viewport()):
            widget.setAccessibleName(name)

    def name_axes(self, across: str, up: str) -> None:
        """Write the axes' names into the corners at their ends."""
        for label, name, words in zip(self._names, (across, up), ("{name} →", "↑ {name}"), strict=True):
            label.setText(words.format(name=name))
            label.adjustSize()
        self._place_ticks()

    def set_square(self, is_square: bool) -> None:
        """Draw both axes at one scale, showing more than the bounds where that needs it."""
        self._box.setAspectLocked(is_square)

    def set_bounds(self, x: Range, y: Range) -> None:
        """Say what following shows. A little more is shown above and below, so that words at the ends are whole."""
        if (x, y) != self._bounds:
            self._bounds = (x, y)
            if self._is_following:
                self._show_bounds()

    def add_curve(self, *, in_front: bool = True, connect: str = "finite") -> Curve:
        """Add an empty curve; with `connect="pairs"` each two points are a line of their own."""
        curve = Curve(connect)
        self.add_item(curve, 1.0 if in_front else 0.0)
        return curve

    def add_marks(self, symbol: str, size: float) -> Marks:
        """Add an empty set of marks of one size in pixels."""
        marks = Marks(symbol, size)
        self.add_item(marks.item, 3.0)
        return marks

    def add_item(self, item: QGraphicsItem, z: float) -> None:
        """Add any other graphics item, in the axes' coordinates."""
        item.setZValue(z)
        self._box.addItem(item, ignoreBounds=True)

    def remove(self, curve: Curve) -> None:
        """Take a curve away."""
        self._box.removeItem(curve)

    def show_crosshair(self, x: float | None) -> None:
        """Draw a vertical line at `x`, or none."""
        self._crosshair.setVisible(x is not None)
        if x is not None:
            self._crosshair.setPos(x)

    def show_here(self, x: float | None) -> None:
        """Mark where the run stands, or nothing."""
        self._here.setVisible(x is not None)
        if x is not None:
            self._here.setPos(x)

    @property
    def here(self) -> float | None:
        """Where it marks that the run stands."""
        return float(self._here.value()) if self._here.isVisible() else None

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        self._view.setBackground(colors.canvas)
        self._here.setPen(pg.mkPen(colors.accent))
        self._crosshair.setPen(pg.mkPen(colors.dim))
        for axis in (self._left, self._bottom):
            axis.setPen(pg.mkPen(None))
            axis.setTextPen(pg.mkPen(colors.dim))
            axis.setTickPen(pg.mkPen(colors.grid))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice when the mouse leaves."""
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        return super().eventFilter(watched, event)

    def _show_bounds(self) -> None:
        if self._bounds is not None:
            across, up = self._bounds
            room = max(self._box.rect().height() - 2 * HALF_LABEL, HALF_LABEL)
            self._box.setRange(xRange=across, yRange=padded(up, HALF_LABEL / room), padding=0.0)

    def _set_following(self, is_following: bool) -> None:
        if is_following != self._is_following:
            self._is_following = is_following
            self.following_changed.emit(is_following)

    def _place_ticks(self) -> None:
        (left, right), (low, high) = self._box.viewRange()
        area = self._box.rect()
        spacing = STEP_TICK_SPACING if self._x_ticks is step_ticks else VALUE_TICK_SPACING
        across, up = max(1, int(area.width() / spacing)), max(1, int(area.height() / TICK_SPACING))
        vertical = log_ticks if self._is_log else value_ticks
        self._bottom.setTicks([self._x_ticks(left, right, across)])
        self._left.setTicks([vertical(low, high, up)])
        place = self._box.mapRectToScene(area).toRect()
        across_name, up_name = self._names
        across_name.move(place.right() - across_name.width() - 4, place.bottom() - across_name.height() - 1)
        up_name.move(place.left() + 5, place.top() + 1)
        self.range_changed.emit()

    def _on_box_resized(self) -> None:
        if self._is_following:
            self._show_bounds()
        self._place_ticks()

    def _on_box_range_changed_manually(self) -> None:
        self._set_following(False)

    def _on_scene_mouse_moved(self, position: QPointF) -> None:
        if self._box.sceneBoundingRect().contains(position):
            point = self._box.mapSceneToView(position)
            self.hovered.emit((point.x(), point.y()))
        else:
            self.hovered.emit(None)

    def _on_scene_mouse_clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_requested.emit(event.screenPos().toPoint())
        elif event.button() == Qt.MouseButton.LeftButton and self._box.sceneBoundingRect().contains(event.scenePos()):
            point = self._box.mapSceneToView(event.scenePos())
            self.clicked.emit((point.x(), point.y()))
