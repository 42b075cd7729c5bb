"""The middle of the toolbar: what makes the run go, how fast, and where it is."""

from __future__ import annotations

import math
from typing import Protocol

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QPushButton, QVBoxLayout, QWidget

from app.pace import FAST
from app.runner import Runner
from app.translate import format_count, format_number, tr
from engine.snapshot import Snapshot
from ui.forms import show_tool_tip
from ui.icons import show_icon
from ui.speed_slider import SpeedSlider
from ui.theme import number_font, ui_font

HEIGHT = 46
ROOMY = 1104
"""Below this width, in px, the slider has no caption,"""
WIDE = 1060
"""below this one the slider is shorter and the words of both inits have no picture,"""
NARROW = 979
"""below this one they have only that, and other texts are shorter,"""
TIGHT = 880
"""and below this one the speed is told by the slider's tooltip alone."""
NARROWEST = 720

_SLIDER = 116
_SHORT_SLIDER = 86

SPEEDS: tuple[float | None, ...] = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, None)
"""The stops of the slider in micro-steps a second; None is as fast as possible."""


class ActionTable(Protocol):
    """Actions by name."""

    def __getitem__(self, name: str, /) -> QAction:
        """Give an action."""


class Transport(QWidget):
    """Buttons, speed and counters.

    `actions` holds "reset", "new-weights", "previous", "run", "step" and "micro-step".

    The actions do the work and say whether they can; "run" also pauses. The buttons' words and pictures are made here.
    """

    speed_changed = Signal(object)
    """A person chose a speed: micro-steps a second, None for as fast as possible."""

    def __init__(self, actions: ActionTable, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._micro_count = 1
        self._is_short = True
        self._is_past = self._skips = False
        self.setFixedHeight(HEIGHT)
        self.reset = ActionButton(actions["reset"], "reset")
        self.new_weights = ActionButton(actions["new-weights"], "new-init")
        self.previous = ActionButton(actions["previous"], "previous")
        self.run = ActionButton(actions["run"], "run", "primary")
        self.step = ActionButton(actions["step"], "step")
        self.micro_step = ActionButton(actions["micro-step"], "micro-step")
        self.speed = SpeedSlider()
        self.speed.setRange(0, len(SPEEDS) - 1)
        self.speed.setPageStep(1)
        # A click leaves the focus where it is, and with it the space bar, which runs and pauses.
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setFixedWidth(_SLIDER)
        self.speed.setAccessibleName(tr("Speed"))
        self._speed_caption = QLabel(tr("Speed"))
        self._speed_caption.setProperty("role", "dim")
        self.speed_label = QLabel()
        self.speed_label.setFont(ui_font(-1))
        widest = tr("{n} micro-steps/s", n="5 000")
        self.speed_label.setFixedWidth(QFontMetrics(ui_font(-1)).horizontalAdvance(widest) + 6)
        self.speed_note = QLabel(tr("animation skipped"))
        self.speed_note.setFont(ui_font(-2))
        self.speed_note.setProperty("role", "dim")
        self.place = _Counter(number_font(-1), tr("step {step} · epoch {epoch}", step="10 000 000", epoch="100 000"))
        self.place.setProperty("role", "dim")
        self.losses = _Counter(
            number_font(bold=True), tr("train {train} test {test}", train="0.000000", test="0.000000")
        )
        self.losses.setToolTip(tr("The loss over all training rows and over all test rows"))
        self._lay_out()
        self.speed.actionTriggered.connect(self._on_speed_action_triggered)
        runner.state_changed.connect(self._on_runner_state_changed)
        runner.figures_ready.connect(self.show_snapshot)
        self.show_speed(None)
        self.show_running(runner.is_running)
        self.show_snapshot(runner.snapshot)

    def show_running(self, is_running: bool) -> None:
        """Show what the run button will do."""
        words = tr("Replay") if self._runner.is_past else tr("Run")
        self.run.show_words(tr("Pause") if is_running else words, "pause" if is_running else "run")

    def show_speed(self, speed: float | None) -> None:
        """Show a speed, at the nearest stop of the slider."""
        if speed is None:
            self.speed.setValue(len(SPEEDS) - 1)
        else:
            gaps = [abs(math.log(stop / speed)) for stop in SPEEDS if stop is not None]
            self.speed.setValue(gaps.index(min(gaps)))
        self._show_speed_words(SPEEDS[self.speed.value()])

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show where the run is and its losses over both sets."""
        if snapshot is None:
            self.place.setText(tr("no network to run"))
            self.losses.setText(" ")
            self.micro_step.show_next("")
            return
        if (snapshot.micro_count, snapshot.is_step_short) != (self._micro_count, self._is_short):
            self._micro_count, self._is_short = snapshot.micro_count, snapshot.is_step_short
            self._show_speed_words(SPEEDS[self.speed.sliderPosition()])
        if snapshot.track.is_past != self._is_past:
            self._is_past = snapshot.track.is_past
            self.show_running(self._runner.is_running)
        step, epoch, end = map(format_count, (snapshot.step, snapshot.epoch, snapshot.track.end))
        place = tr("step {step} of {end}", step=step, end=end)
        self.place.setText(place if self._is_past else tr("step {step} · epoch {epoch}", step=step, epoch=epoch))
        train, test = _loss_text(snapshot.train_loss), _loss_text(snapshot.test_loss)
        self.losses.setText(tr("train {train} test {test}", train=train, test=test))
        self.micro_step.show_next(tr(snapshot.next.words))

    def minimumSizeHint(self) -> QSize:
        """Give the least size in which everything can still be shown."""
        return QSize(NARROWEST, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the texts where there is little room."""
        width = self.width()
        is_wide, is_narrow, is_tight = width >= WIDE, width < NARROW, width < TIGHT
        self._speed_caption.setVisible(width >= ROOMY)
        has_picture = is_wide or is_narrow
        self.reset.show_words("" if is_narrow else tr("Same init"), "reset", has_picture)
        self.new_weights.show_words("" if is_narrow else tr("New init"), "new-init", has_picture)
        self.speed_label.setVisible(not is_tight)
        self._show_speed_note()
        self.speed.setFixedWidth(_SLIDER if is_wide else _SHORT_SLIDER)
        self.micro_step.show_words(tr("Micro") if is_narrow else tr("Micro-step"), "micro-step")
        for button in (self.reset, self.new_weights, self.previous):
            button.setStyleSheet(f"QPushButton {{ padding: 5px {5 if is_narrow else 7}px; }}")
        # Else what is hidden or shorter now would be noticed one frame later.
        self._row.activate()
        super().resizeEvent(event)

    def _lay_out(self) -> None:
        self.step.show_words(tr("Step"), "step")
        self.micro_step.show_words(tr("Micro-step"), "micro-step")
        widths = []
        for words in (tr("Pause"), tr("Replay"), tr("Run")):
            self.run.show_words(words, "run")
            widths.append(self.run.sizeHint().width())
        self.run.setFixedWidth(max(widths))
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        # What does not fit is shortened in resizeEvent, so the present texts must not keep the window from shrinking.
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        row.addStretch(1)
        for widget in (self.reset, self.new_weights, self.previous, self.run, self.step, self.micro_step):
            row.addWidget(widget)
        row.addSpacing(10)
        row.addWidget(self._speed_caption)
        row.addWidget(self.speed)
        row.addLayout(_column(self.speed_label, self.speed_note))
        row.addStretch(1)
        row.addLayout(_column(self.place, self.losses))

    def _show_speed_words(self, speed: float | None) -> None:
        words = speed_words(speed, self._micro_count)
        self.speed_label.setText(words)
        tip = tr("Speed of a run: {speed}", speed=words)
        # Where a step takes long, even its single passes are seen at full speed.
        self._skips = self._is_short if speed is None else speed >= FAST
        if self._skips:
            tip = tr("{words}. Several micro-steps pass between two pictures: animation is skipped", words=tip)
        self.speed.setToolTip(tip)
        self._show_speed_note()

    def _show_speed_note(self) -> None:
        self.speed_note.setVisible(self._skips and self.width() >= TIGHT)

    def _on_speed_action_triggered(self, _action: int) -> None:
        # Only what a person does with the slider comes here, and its position is ahead of its value.
        speed = SPEEDS[self.speed.sliderPosition()]
        self._show_speed_words(speed)
        self.speed_changed.emit(speed)

    def _on_runner_state_changed(self) -> None:
        self.show_running(self._runner.is_running)


class ActionButton(QPushButton):
    """A button for an action, with a text and a picture of its own."""

    def __init__(self, action: QAction, picture: str, role: str = "filled") -> None:
        super().__init__()
        self._action = action
        self._picture = ""
        self._next = ""
        self._icon_role = "accent_text" if role == "primary" else "text"
        self.setObjectName(picture)
        self.setProperty("role", role)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_words("", picture)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._on_action_changed)
        self._on_action_changed()

    def show_words(self, words: str, picture: str, has_picture: bool = True) -> None:
        """Show a text beside a picture; without a text, the picture alone."""
        has_changed = bool(words) != bool(self.text())
        self.setText(words)
        self.setIconSize(QSize(16, 16) if has_picture else QSize(0, 0))
        if has_changed:
            self._on_action_changed()
        if picture != self._picture:
            self._picture = picture
            show_icon(self, picture, self._icon_role)

    def show_next(self, words: str) -> None:
        """Show in the tooltip what it will do next."""
        if words != self._next:
            self._next = words
            self._on_action_changed()

    def _on_action_changed(self) -> None:
        self.setEnabled(self._action.isEnabled())
        name, tip = self._action.text().replace("&", ""), self._action.toolTip()
        self.setAccessibleName(name)
        if not self.text():
            # Only the tooltip can say what the picture stands for.
            tip = tr("{action}\n{words}", action=name, words=tip)
        show_tool_tip(self, tr("{action}\nNext: {words}", action=tip, words=self._next) if self._next else tip)


def _column(*parts: QWidget) -> QVBoxLayout:
    """Put lines of text below each other, in the middle of the height."""
    column = QVBoxLayout()
    column.setSpacing(1)
    column.addStretch(1)
    for part in parts:
        column.addWidget(part)
    column.addStretch(1)
    return column


class _Counter(QLabel):
    """A line of figures of equal widths at the right edge, as wide from the start as it will ever be."""

    def __init__(self, font: QFont, widest: str) -> None:
        super().__init__()
        self.setFont(font)
        self.setMinimumWidth(QFontMetrics(font).horizontalAdvance(widest))
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def speed_words(speed: float | None, micro_count: int) -> str:
    """Say a speed in micro-steps a second, or in steps where a step or more fits into a second."""
    if speed is None:
        return tr("maximum")
    if speed < micro_count:
        return tr("{n} micro-steps/s", n=f"{speed:g}")
    steps = speed / micro_count
    return tr("{n} steps/s", n=f"{steps:.1f}" if steps < 10 else format_count(round(steps)))


def _loss_text(loss: float) -> str:
    return "—" if math.isnan(loss) else format_number(loss)
