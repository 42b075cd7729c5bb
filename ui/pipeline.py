"""The pipeline bar: data → evaluate → gradient method → g → optimizer → weights. Settings and phase display at once."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLayout, QWidget

from app.document import Document
from app.errors import guarded
from app.project import Project
from app.runner import Runner
from app.translate import tr
from engine.compiler import Compilation
from engine.experiment import REFERENCE, Pipeline
from engine.snapshot import Snapshot
from ui.drafts import discard_drafts
from ui.gradient_chip import GradientChip
from ui.method_box import MethodBox
from ui.mouse_choice import MouseChoice
from ui.optimizer_box import OptimizerBox
from ui.pill import Progress
from ui.pipeline_boxes import DataBox, EvaluateBox, WeightsBox
from ui.pipeline_parts import paint_arrow
from ui.slot_problems import Slot
from ui.theme import current

HEIGHT = 72
ROOMY = 1600
"""From this width on, in px, the loss and its penalties have room beside their caption,"""
WIDE = 1420
"""and from this one the captions are written out."""
MEDIUM = 1280
"""Below this width, in px, the costs and the settings buttons are left out,"""
TIGHT = 1240
"""and below this one the captions of the slots: what is chosen there still says what they are."""
NARROWEST = 1040

_WIDTHS = (
    (248, 244, 0, 114, 0, 150),
    (248, 166, 0, 110, 0, 150),
    (212, 162, 0, 96, 0, 118),
    (212, 162, 0, 92, 0, 118),
)
"""The widths of the stops when roomy, wide, medium and tight, with room for every choice; both slots share the rest,"""
_SHARES = ((19, 17), (19, 17), (24, 25), (2, 3))
"""in these proportions."""

_FIELDS = """
QComboBox, QAbstractSpinBox { min-height: 18px; padding: 1px 4px 1px 6px; font-size: 12px; }
QComboBox { padding-right: 1px; }
QComboBox[role="dim"] { color: palette(placeholder-text); }
QComboBox::drop-down { width: 18px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button, QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow {
    width: 0; height: 0; border: none; image: none;
}
"""
"""Lower and narrower than in forms: the bar has little room, and keys and wheel step a number as well."""


class PipelineBar(QWidget):
    """Both slots of a step and what stands around them.

    It edits the document, and follows document and runner by itself. `settings_requested(Slot)`: a person wants to see
    all settings of a slot. `chosen`: something was chosen with the mouse in one of its lists.
    """

    settings_requested = Signal(object)
    chosen = Signal()

    def __init__(self, document: Document, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._snapshot: Snapshot | None = None
        self._shown_then: Pipeline | None = None
        self.setFixedHeight(HEIGHT)
        self.setStyleSheet(_FIELDS)
        self.data = DataBox(document)
        self.evaluate = EvaluateBox()
        self.method = MethodBox(document)
        self.gradient = GradientChip()
        self.optimizer = OptimizerBox(document)
        self.weights = WeightsBox()
        self._stops = (self.data, self.evaluate, self.method, self.gradient, self.optimizer, self.weights)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 7, 12, 7)
        self._row.setSpacing(10)
        # What does not fit is shortened in resizeEvent, so the present texts must not keep the window from shrinking.
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        for stop in self._stops:
            self._row.addWidget(stop)
        document.loaded.connect(self._on_document_loaded)
        document.changed.connect(self._on_document_changed)
        runner.figures_ready.connect(self.show_snapshot)
        runner.problems_changed.connect(self._on_runner_problems_changed)
        current().changed.connect(self._on_theme_changed)
        self.method.settings_requested.connect(lambda: self.settings_requested.emit(Slot.METHOD))
        self.optimizer.settings_requested.connect(lambda: self.settings_requested.emit(Slot.OPTIMIZER))
        for box in self.findChildren(QComboBox):
            MouseChoice(box).made.connect(self.chosen)
        self.show_project(document.project)
        self.show_snapshot(runner.snapshot)

    def show_project(self, project: Project) -> None:
        """Show what stands in the slots; in the past what stood there then, and that cannot be changed."""
        experiment, then = project.experiment, self._then(self._runner.snapshot)
        if then is not None:
            experiment = replace(experiment, method=then.method, optimizer=then.optimizer, pinned=then.pinned)
        for slot in (self.method, self.optimizer):
            slot.show_past(then is not None)
        self._shown_then = then
        train_rows = len(self._runner.dataset.train)
        program = self._runner.compilation.program
        self.data.show_experiment(experiment, train_rows, has_data=program is None or bool(program.data))
        self.method.show_experiment(experiment, program)
        self.optimizer.show_experiment(experiment, train_rows, program)
        self.evaluate.show_program(program)
        self.update()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show where the run is, the loss, g and the lock."""
        is_flying, progress = self._is_flying(snapshot), self._progress(snapshot)
        self._snapshot = snapshot
        if self._then(snapshot) != self._shown_then:
            self.show_project(self._document.project)
        phase = None if snapshot is None or is_flying else snapshot.phase
        for box in (self.data, self.evaluate):
            box.show_phase(phase)
        for slot in (self.method, self.optimizer):
            slot.show_phase(phase, progress)
        self.method.show_snapshot(snapshot)
        self.evaluate.show_snapshot(snapshot)
        self.gradient.show_snapshot(snapshot)
        self.weights.show_snapshot(snapshot, is_flying=is_flying)

    def minimumSizeHint(self) -> QSize:
        """Give the least size in which everything can still be shown."""
        return QSize(NARROWEST, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Write the captions out where there is room, and leave out what can be missed where there is little."""
        is_wide, is_tight = self.width() >= WIDE, self.width() < TIGHT
        room = sum(self.width() < least for least in (ROOMY, WIDE, TIGHT))
        self.method.show_caption(tr("Gradient method") if is_wide else tr("Gradient"))
        self.data.caption.setVisible(is_wide)
        for stop, width in zip(self._stops, _WIDTHS[room], strict=True):
            if width:
                stop.setFixedWidth(width)
        for slot, share in zip((self.method, self.optimizer), _SHARES[room], strict=True):
            slot.show_words(has_caption=not is_tight, has_extras=self.width() >= MEDIUM)
            self._row.setStretchFactor(slot, share)
        # The row was laid out before all this; what is hidden since would otherwise be noticed one frame later.
        self._row.activate()
        super().resizeEvent(event)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the arrows between the boxes."""
        colors = current().colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Without a g nothing goes that way.
        quiet, is_idle = colors.border_strong, self.method.is_idle
        way = (quiet, quiet, quiet) if is_idle else (colors.backward, colors.backward, colors.update)
        roles = (quiet, *way, colors.update)
        for left, right, color in zip(self._stops[:-1], self._stops[1:], roles, strict=True):
            paint_arrow(painter, left.geometry().right() + 2, right.geometry().left() - 1, HEIGHT / 2, color)

    def _then(self, snapshot: Snapshot | None) -> Pipeline | None:
        """Give what is in the slots in the past, where that is another than what the document holds."""
        if snapshot is None or not snapshot.track.has_other_slots:
            return None
        return replace(snapshot.pipeline, executor=REFERENCE)

    def _is_flying(self, now: Snapshot | None) -> bool:
        """Tell whether whole steps pass between frames, so that no single phase can be shown."""
        before = self._snapshot
        if before is None or now is None or not self._runner.is_running:
            return False
        done = (now.step - before.step) * now.micro_count + now.micro - before.micro
        return done >= now.micro_count

    def _progress(self, now: Snapshot | None) -> Progress | None:
        """Give how far a step is that stays in one phase for so long that it can be watched."""
        if now is None or now.is_step_short or not 0 < now.passes_done <= now.passes:
            return None
        before = self._snapshot
        stays = not self._runner.is_running or (before is not None and before.step == now.step)
        return Progress(now.passes_done, now.passes) if stays else None

    def _on_document_loaded(self) -> None:
        discard_drafts(self)

    def _on_document_changed(self, _old: Project, new: Project) -> None:
        self.show_project(new)

    def _on_runner_problems_changed(self, _compilation: Compilation) -> None:
        self.show_project(self._document.project)

    def _on_theme_changed(self) -> None:
        for box in (self.data, self.evaluate, self.method, self.optimizer, self.weights):
            box.show_theme()
        self.weights.show_snapshot(self._snapshot)
        self.update()
