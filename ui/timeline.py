"""The timeline under the plots: from where to where a run can go, where it stands, and the ways out of the past."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.errors import guarded
from app.runner import Runner
from app.translate import format_count, tr
from engine.snapshot import Snapshot
from ui.pill import FittingText, Progress
from ui.step_slider import StepSlider
from ui.theme import blended, current, number_font
from ui.transport import ActionTable

HEIGHT = 46
NARROWEST = 620
TINT = 0.16
"""How much of the warning color the banner has."""


class TimelineStrip(QWidget):
    """A track with a handle, the step in figures, and buttons. In the past it is the banner that says so.

    `actions` holds "resume" and "now". However often the handle moves, the run goes to one step for each frame.
    """

    hovered = Signal(object)
    """The step under the mouse, or None."""

    def __init__(self, actions: ActionTable, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._is_past = False
        self._wanted = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timer_timeout)
        self.setFixedHeight(HEIGHT)
        self.words = _Words()
        self.slider = StepSlider()
        self.place = QLabel()
        self.place.setFont(number_font(-1))
        self.place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.resume, self.now = _button(), _button()
        self.resume.setDefaultAction(actions["resume"])
        self.now.setDefaultAction(actions["now"])
        self.branches = _button()
        self.branches.setText(tr("Branches"))
        self.branches.setToolTip(tr("The other lines of this run: go to the end of one"))
        self.branches.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.branches.setStyleSheet("QToolButton { padding-right: 22px; }")
        self.branch_menu = QMenu(self)
        self.branches.setMenu(self.branch_menu)
        self._lay_out()
        self._make_room_for("10 000")
        self.slider.actionTriggered.connect(self._on_slider_action_triggered)
        self.slider.sliderPressed.connect(runner.pause)
        self.slider.hovered.connect(self.hovered)
        self.branch_menu.aboutToShow.connect(self._on_branch_menu_about_to_show)
        runner.figures_ready.connect(self.show_snapshot)
        runner.state_changed.connect(self._on_runner_state_changed)
        current().changed.connect(self.update)
        self.show_snapshot(runner.snapshot)

    @property
    def is_past(self) -> bool:
        """Whether it shows that the run stands in the past."""
        return self._is_past

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show where the run is, unless a person has just moved the handle elsewhere."""
        if self._timer.isActive():
            return
        self.slider.setEnabled(snapshot is not None)
        self.branches.setEnabled(snapshot is not None and bool(snapshot.track.lines))
        if snapshot is None:
            self.slider.show_track(0, 0, 0, ())
        else:
            track = snapshot.track
            self.slider.show_track(track.first, track.end, snapshot.step, snapshot.curves.events)
        self._show_words(snapshot)

    def show_crosshair(self, step: float | None) -> None:
        """Point at a step."""
        self.slider.show_crosshair(step)

    def minimumSizeHint(self) -> QSize:
        """Give the least size in which everything can be shown."""
        return QSize(NARROWEST, HEIGHT)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground: a banner in the past."""
        colors = current().colors
        with QPainter(self) as painter:
            ground = blended(colors.warning, colors.panel, TINT) if self._is_past else QColor(colors.panel)
            painter.fillRect(self.rect(), ground)
            line, height = (colors.warning, 2) if self._is_past else (colors.border, 1)
            painter.fillRect(0, 0, self.width(), height, QColor(line))

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self.words)
        column.addWidget(self.slider)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 2, 12, 0)
        row.setSpacing(6)
        row.addLayout(column, 1)
        row.addSpacing(6)
        row.addWidget(self.place)
        row.addSpacing(8)
        for button in (self.resume, self.now, self.branches):
            row.addWidget(button)

    def _show_words(self, snapshot: Snapshot | None) -> None:
        is_past = snapshot is not None and snapshot.track.is_past
        if is_past != self._is_past:
            self._is_past = is_past
            self.words.is_warning = is_past
            self.update()
        if snapshot is None:
            self.place.setText("")
            self.words.show_texts(tr("Timeline"))
            return
        end = format_count(snapshot.track.end)
        if not is_past:
            self._show_place(tr("step {step}", step=end), end)
            if snapshot.track.has_other_slots:
                self.words.show_texts(
                    tr("At the end of another line, with its settings: it goes on with those of now"),
                    tr("At the end of another line"),
                )
            else:
                self.words.show_texts(tr("Timeline: drag to go back to any step"), tr("Timeline"))
            return
        self._show_place(tr("step {done} of {count}", **Progress(snapshot.step, snapshot.track.end).counts), end)
        if self._runner.is_running:
            self.words.show_texts(
                tr("Replaying: the same steps once more, up to step {end}", end=end), tr("Replaying the same steps")
            )
        elif snapshot.track.has_other_slots:
            self.words.show_texts(
                tr("In the past, with the settings of then: Resume Here begins a branch with those of now"),
                tr("In the past, with the settings of then"),
                tr("In the past"),
            )
        else:
            self.words.show_texts(
                tr("In the past: Resume Here, or another setting, begins a branch"),
                tr("In the past: a change begins a branch"),
                tr("In the past"),
            )

    def _show_place(self, words: str, end: str) -> None:
        if len(end) > self._figures:
            self._make_room_for(end)
        if words != self.place.text():
            self.place.setText(words)

    def _make_room_for(self, end: str) -> None:
        """Keep room for numbers as long as this one: a fixed size spares the layout's work at every frame."""
        self._figures = len(end)
        widest = tr("step {done} of {count}", done=end, count=end)
        self.place.setFixedSize(QFontMetrics(self.place.font()).horizontalAdvance(widest) + 2, 20)

    def _on_slider_action_triggered(self, _action: int) -> None:
        # Only what a person does with the slider comes here, and its position is ahead of its value.
        self._wanted = self.slider.step
        # What the plots show under the mouse is another step by now.
        self.hovered.emit(None)
        if not self._timer.isActive():
            self._timer.start(0)

    def _on_timer_timeout(self) -> None:
        self._runner.go_to(self._wanted)

    def _on_runner_state_changed(self) -> None:
        self.show_snapshot(self._runner.snapshot)

    def _on_branch_menu_about_to_show(self) -> None:
        self.branch_menu.clear()
        snapshot = self._runner.snapshot
        for number, end, slots in () if snapshot is None else snapshot.track.lines:
            words = tr("Line {number} · to step {end} · {slots}", number=number + 1, end=end, slots=slots)
            action = self.branch_menu.addAction(words)
            action.triggered.connect(lambda _checked=False, number=number: self._runner.go_to_line(number))


class _Words(FittingText):
    """The line over the track: quiet, or in the color of words where it is the banner's."""

    def __init__(self) -> None:
        super().__init__(-1)
        self.is_warning = False
        self._may_be_bold = True
        self.setFixedHeight(17)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        colors = current().colors
        color = colors.text if self.is_warning else colors.dim
        self._paint_text(QPainter(self), color, Qt.AlignmentFlag.AlignLeft, self.is_warning)


def _button() -> QToolButton:
    button = QToolButton()
    button.setProperty("role", "filled")
    # A click leaves the focus, and with it the keys, where it is.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return button
