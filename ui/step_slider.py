"""The track of the timeline: a slider over steps, with a tick for each event."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider, QWidget

from app.errors import guarded
from app.translate import format_count, tr
from engine.message import Message
from ui.forms import show_tool_tip
from ui.theme import current

EDGE = 8.0
"""From the widget's sides to the ends of the track, in px."""
GROOVE = 4.0
RADIUS = 6.5
TICK = 14.0
REACH = 5.0
"""How near to an event, in px, the tooltip has its words."""
PAGES = 20
LARGEST = 2**31 - 1
"""Qt's sliders count in 32 bits."""
_SINGLE_STEPS = {QSlider.SliderAction.SliderSingleStepAdd: 1, QSlider.SliderAction.SliderSingleStepSub: -1}

Event = tuple[int, Message]


class StepSlider(QSlider):
    """Goes to where it is pressed and follows the mouse; the keys and the wheel are those of every slider.

    Its values are the steps themselves, which screen readers say, as long as they fit; later they count from the first
    step, and in the longest runs each stands for several steps. `step` is always exact.
    """

    hovered = Signal(object)
    """The step under the mouse, or None when it has left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._events: tuple[Event, ...] = ()
        self._first = self._end = self._step = 0
        self._origin, self._stride = 0, 1
        self._pointed: float | None = None
        self._grip = 0.0
        self.setFixedHeight(24)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Timeline"))
        self.actionTriggered.connect(self._on_action_triggered)
        current().changed.connect(self.update)

    @property
    def step(self) -> int:
        """The step of the handle. While a person moves it, it is ahead of where the run stands."""
        return self._step

    def show_track(self, first: int, end: int, step: int, events: tuple[Event, ...]) -> None:
        """Show which steps there are, on which the run stands, and what was changed or happened where."""
        if (first, end) != (self._first, self._end):
            self._first, self._end = first, end
            self._origin = 0 if end <= LARGEST else first
            self._stride = max(1, -(-(end - self._origin) // LARGEST))
            self.setRange(self._value_of(first), self._value_of(end))
            self.setPageStep(max(1, (self.maximum() - self.minimum()) // PAGES))
        self._step = step
        self.setValue(self._value_of(step))
        if events != self._events:
            self._events = events
            self.update()

    def show_crosshair(self, step: float | None) -> None:
        """Point at a step."""
        if step != self._pointed:
            self._pointed = step
            self.update()

    def place_of(self, step: float) -> float:
        """Give where a step lies, in px from the left."""
        share = (step - self._first) / max(self._end - self._first, 1)
        return EDGE + share * (self.width() - 2 * EDGE)

    def step_at(self, place: float) -> int:
        """Give the step that lies nearest to a place."""
        share = (place - EDGE) / max(self.width() - 2 * EDGE, 1.0)
        return self._bounded(self._first + round(share * (self._end - self._first)))

    def words_at(self, place: float) -> str:
        """Say which step lies there, and what was changed or happened at it."""
        near = [event for event in self._events if abs(self.place_of(event[0]) - place) <= REACH]
        step = near[-1][0] if near else self.step_at(place)
        told = [tr(words) for at, words in near if at == step]
        return "\n".join([tr("step {step}", step=format_count(step)), *told])

    def event(self, event: QEvent) -> bool:
        """Say in the tooltip what is under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            show_tool_tip(self, self.words_at(event.pos().x()))
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there; the handle itself is gripped where it is."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        place, handle = event.position().x(), self.place_of(self._step)
        self._grip = place - handle if abs(place - handle) <= RADIUS else 0.0
        self.setSliderPosition(self._value_of(self.step_at(place - self._grip)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        place = event.position().x()
        self.hovered.emit(float(self.step_at(place)))
        if self.isSliderDown():
            self.setSliderPosition(self._value_of(self.step_at(place - self._grip)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the handle go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def leaveEvent(self, event: QEvent) -> None:
        """Notice when the mouse leaves."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the track, the events and the handle."""
        colors, middle = current().colors, self.height() / 2
        handle = self.place_of(self._step)
        accent = QColor(colors.accent if self.isEnabled() else colors.border_strong)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for color, end in ((QColor(colors.border_strong), self.width() - EDGE), (accent, handle)):
                painter.setBrush(color)
                groove = QRectF(EDGE, middle - GROOVE / 2, max(end - EDGE, 0.0), GROOVE)
                painter.drawRoundedRect(groove, GROOVE / 2, GROOVE / 2)
            for place in {round(self.place_of(step)) for step, _ in self._events}:
                painter.fillRect(QRectF(place - 1.0, middle - TICK / 2, 2.0, TICK), QColor(colors.warning))
            if self._pointed is not None and self._first <= self._pointed <= self._end:
                pointed = QRectF(self.place_of(self._pointed) - 0.5, 0.0, 1.0, self.height())
                painter.fillRect(pointed, QColor(colors.dim))
            painter.setPen(QPen(accent, 2.0))
            painter.setBrush(accent if self.hasFocus() else QColor(colors.panel))
            painter.drawEllipse(QPointF(handle, middle), RADIUS, RADIUS)

    def _bounded(self, step: int) -> int:
        return min(max(step, self._first), self._end)

    def _value_of(self, step: int) -> int:
        """Give the slider's own value for a step: rounded up, so that the end is always its maximum."""
        return -(-(step - self._origin) // self._stride)

    def _on_action_triggered(self, action: int) -> None:
        # Each way of moving the handle comes here; an arrow key means one step, however many a value stands for.
        moved = _SINGLE_STEPS.get(QSlider.SliderAction(action))
        position = self._origin + self.sliderPosition() * self._stride
        self._step = self._bounded(position if moved is None else self._step + moved)
