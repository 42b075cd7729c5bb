"""A graphics view to move about in: zoom at the cursor, pan by middle button or Space and drag."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView

from ui.canvas.geometry import clamp_zoom

WHEEL_FACTOR = 1.0015
"""The zoom of one eighth of a degree of the wheel."""
FIT_MARGIN = 24.0
"""Free space around what is fitted into the view, unless that is so small that a share of it is less."""
FIT_MARGIN_SHARE = 0.08
MAX_FIT_ZOOM = 1.25
FOLLOW_PAUSE_MS = 4000
"""A view that a person has just moved stays where it is for so long."""


class NavigableView(QGraphicsView):
    """Zooms between 25 % and 300 % and pans; edits nothing."""

    run_requested = Signal()
    """Space was pressed and let go without panning: run or pause."""

    def __init__(self, scene: QGraphicsScene) -> None:
        super().__init__(scene)
        self._pan_from: QPoint | None = None
        self._space_is_down = False
        self._has_panned = False
        self._since_moved = QElapsedTimer()
        self._fit_zoom: float | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)

    @property
    def zoom(self) -> float:
        """The zoom, 1 for 100 %."""
        return self.transform().m11()

    @property
    def center(self) -> QPointF:
        """The scene point in the middle."""
        return self.mapToScene(self.viewport().rect().center())

    def set_zoom(self, zoom: float, at: QPoint | None = None) -> None:
        """Zoom; the scene point under a point of the viewport, the middle by default, stays there."""
        at = self.viewport().rect().center() if at is None else at
        before = self.mapToScene(at)
        zoom = clamp_zoom(zoom)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self._scroll(self.mapFromScene(before) - at)

    def set_view(self, zoom: float, center: QPointF) -> None:
        """Zoom and move so that a scene point is in the middle."""
        self._fit_zoom = None
        self.set_zoom(zoom)
        self.centerOn(center)

    def show_rect(self, rect: QRectF) -> None:
        """Zoom and move so that a rectangle of the scene fills the view, without magnifying much."""
        if rect.isEmpty():
            self.set_view(1.0, QPointF(0.0, 0.0))
            return
        room = self.viewport().size()
        margin = min(FIT_MARGIN, FIT_MARGIN_SHARE * room.height())
        across = (room.width() - 2 * margin) / rect.width()
        down = (room.height() - 2 * margin) / rect.height()
        self.set_view(min(across, down, MAX_FIT_ZOOM), rect.center())

    def fit_rect(self, rect: QRectF) -> None:
        """Show a rectangle of the scene, also when the view gets another size, until a person moves or zooms."""
        self.show_rect(rect)
        self._since_moved.invalidate()
        self._fit_zoom = self.zoom

    @property
    def keeps_fit(self) -> bool:
        """Whether the view still shows what it was fitted to."""
        return self.zoom == self._fit_zoom and not self._since_moved.isValid()

    def follow(self, rect: QRectF) -> None:
        """Bring a rectangle of the scene into view, unless a person has just moved the view."""
        shown = self.mapToScene(self.viewport().rect()).boundingRect()
        was_moved = self._since_moved.isValid() and self._since_moved.elapsed() < FOLLOW_PAUSE_MS
        if not shown.contains(rect) and not was_moved and self._pan_from is None:
            self.ensureVisible(rect, 32, 32)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor; a wheel that turns sideways pans."""
        turn = event.angleDelta()
        if turn.y():
            self.set_zoom(self.zoom * WHEEL_FACTOR ** turn.y(), event.position().toPoint())
        else:
            self._scroll(QPoint(-turn.x() // 2, 0))
        self._since_moved.start()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan."""
        left_with_space = event.button() == Qt.MouseButton.LeftButton and self._space_is_down
        if event.button() == Qt.MouseButton.MiddleButton or left_with_space:
            self._pan_from = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan."""
        if self._pan_from is not None:
            here = event.position().toPoint()
            self._scroll(self._pan_from - here)
            self._pan_from, self._has_panned = here, True
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End panning."""
        if self._pan_from is not None:
            self._pan_from = None
            self._since_moved.start()
            self.viewport().unsetCursor()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Get ready to pan with Space."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_is_down, self._has_panned = True, False
        event.setAccepted(event.key() == Qt.Key.Key_Space)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let Space go; after panning with it, it means nothing else."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat() and self._space_is_down:
            self._space_is_down = False
            if not self._has_panned:
                self.run_requested.emit()
        event.setAccepted(event.key() == Qt.Key.Key_Space)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget Space: its release goes to somebody else."""
        self._space_is_down = False
        super().focusOutEvent(event)

    def _scroll(self, by: QPoint) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + by.x())
        down.setValue(down.value() + by.y())
