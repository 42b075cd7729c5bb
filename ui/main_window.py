"""The main window: puts the parts together and carries out the actions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from app.document import Document
from app.errors import ErrorReporter, guarded
from app.kernels import KernelLoader
from app.project import View
from app.runner import Runner
from app.settings import UserSettings
from app.translate import tr
from engine.experiment import MAX_SEED
from engine.message import Message
from engine.snapshot import Snapshot
from ui import dialogs
from ui.action_table import RUN_ACTIONS, SMALL_STEPS
from ui.actions import Actions
from ui.canvas.drops import dropped_path
from ui.canvas.view import CanvasView
from ui.drafts import commit_drafts
from ui.edits import add_node, set_seed
from ui.executor_label import ExecutorLabel
from ui.fault_offer import FaultOffer
from ui.files import FileKeeper, new_project
from ui.menus import NodeMenu, fill_recent_menu
from ui.palette import Palette
from ui.pipeline import PipelineBar
from ui.plot_area import PlotArea
from ui.run_controls import RunControls
from ui.run_menu import RunMenu
from ui.side_panel import SidePanel
from ui.slot_problems import Slot
from ui.status_line import StatusLine
from ui.theme import current
from ui.timeline import TimelineStrip
from ui.transport import Transport
from ui.view_controls import ViewControls
from ui.workspace import Bars, Workspace, make_top


class MainWindow(QMainWindow):
    """One document in one window."""

    def __init__(self, settings: UserSettings, reporter: ErrorReporter | None = None) -> None:
        super().__init__()
        self.settings = settings
        self._reporter = reporter
        self.document = Document(new_project(), self)
        self.runner = Runner(self.document, self)
        self.canvas = CanvasView(self.document, self.runner, current())
        self.files = FileKeeper(self, self.document, self.runner, settings, self._view)
        self.actions_ = Actions(self, self.canvas, self)
        self._run_controls = RunControls(self.actions_, self.runner)
        self.palette_ = Palette()
        self.pipeline = PipelineBar(self.document, self.runner)
        self.transport = Transport(self.actions_, self.runner)
        self._run_menu = RunMenu(self.actions_, self.runner, settings, self.transport.run)
        self.side = SidePanel(self.document, self.runner)
        self.plots = PlotArea()
        self.timeline = TimelineStrip(self.actions_, self.runner)
        self.kernels = KernelLoader(self.runner, self)
        self.status = StatusLine(ExecutorLabel(self.runner, self.kernels))
        self._fault_offer = FaultOffer(self.runner, self.status)
        bars = Bars(self._make_top(), self.pipeline, self.timeline)
        self.workspace = Workspace(self, bars, self.palette_, self.canvas, self.side, self.plots)
        parts = {"show-palette": self.palette_, "show-side": self.side, "show-plots": self.plots}
        self._view_controls = ViewControls(self.actions_, self.canvas, self.workspace, parts, settings)
        self.setCentralWidget(self.workspace)
        self.setStatusBar(self.status)
        self._fill_menus()
        self._connect()
        self.setAcceptDrops(True)
        self.setMinimumSize(1040, 600)
        self.runner.set_speed(settings.speed)
        self.transport.show_speed(settings.speed)
        self._show_state()
        self._show_title()

    def perform(self, name: str) -> None:
        """Carry out the action of this name, on what has been typed so far."""
        commit_drafts(self)
        # The tip on the action has served, and what was said of a run no longer holds when it goes on.
        self.status.clearMessage()
        if name in RUN_ACTIONS and not self.runner.is_running:
            self.status.say("")
        if name in SMALL_STEPS:
            self.side.offer_maths()
        self._tasks()[name]()

    def load_plots(self) -> None:
        """Load the plots now rather than soon."""
        self.plots.load()

    def _tasks(self) -> dict[str, Callable[[], object]]:
        canvas = self.canvas
        return {
            "new": self.files.new,
            "open": self.files.open,
            "examples": self.files.choose_example,
            "save": self.files.save,
            "save-as": self.files.save_as,
            "quit": self.close,
            "undo": self.document.undo_stack.undo,
            "redo": self.document.undo_stack.redo,
            "duplicate": canvas.duplicate_selection,
            "delete": canvas.delete_selection,
            "select-all": canvas.select_all,
            "pin": canvas.pin.trigger,
            **{name: action.trigger for name, action in canvas.breakpoints.by_name.items()},
            **self._view_controls.tasks,
            "quick-add": canvas.quick_add,
            "connect": canvas.connect_selection,
            "arrange": canvas.arrange,
            "experiment": self._show_experiment,
            **self._run_controls.tasks,
            **self._run_menu.tasks,
            "new-weights": self._draw_new_weights,
            "idea": lambda: dialogs.show_idea(self),
            "shortcuts": lambda: dialogs.show_shortcuts(self),
            "errors": self._show_errors,
            "about": lambda: dialogs.show_about(self),
        }

    def _make_top(self) -> QWidget:
        buttons = [self.actions_[name] for name in ("new", "open", "save", "undo", "redo")]
        return make_top(buttons, self.actions_["examples"], self.transport)

    def _fill_menus(self) -> None:
        self._recent_menu, self._node_menu = QMenu(self), NodeMenu(self._add_node, self)
        self.actions_.fill(self.menuBar(), {"open-recent": self._recent_menu, "add-node": self._node_menu})
        self._recent_menu.aboutToShow.connect(self._fill_recent)
        self._fill_recent()

    def _connect(self) -> None:
        self.runner.frame_ready.connect(self._on_runner_frame_ready)
        self.runner.state_changed.connect(self._show_state)
        self.runner.problems_changed.connect(self.canvas.show_compilation)
        self.runner.message_posted.connect(self._on_runner_message_posted)
        self.document.loaded.connect(self._on_document_loaded)
        self.document.path_changed.connect(self._show_title)
        self.document.modified_changed.connect(self._show_title)
        self.actions_.follow_undo(self.document.undo_stack)
        for name, action in {"pin": self.canvas.pin, **self.canvas.breakpoints.by_name}.items():
            self.actions_.follow(name, action)
        self.canvas.selection_changed.connect(self.side.show_selection)
        self.canvas.run_requested.connect(self.actions_["run"].trigger)
        for teller in (self.canvas, self.files, self.side.maths):
            teller.said.connect(self.status.say)
        self.canvas.next_requested.connect(self.actions_["micro-step"].trigger)
        self.palette_.add_requested.connect(self._add_node)
        self.side.node_requested.connect(self._on_side_node_requested)
        self.side.maths.operands_chosen.connect(self.canvas.flash)
        self.pipeline.settings_requested.connect(self._show_slot)
        self.side.slot_requested.connect(self._show_slot)
        self.plots.step_requested.connect(self.runner.go_to)
        self._view_controls.layout_reset.connect(self._on_view_controls_layout_reset)
        self._view_controls.parts_changed.connect(self._on_view_controls_parts_changed)
        self.plots.hovered.connect(self.timeline.show_crosshair)
        self.timeline.hovered.connect(self.plots.show_crosshair)
        self.transport.speed_changed.connect(self._on_transport_speed_changed)
        self.files.view_loaded.connect(self._show_view)
        self.status.details_requested.connect(self._on_status_details_requested)
        self._fault_offer.node_requested.connect(self._on_fault_offer_node_requested)
        self._run_menu.begun.connect(lambda: self.status.say(""))
        self.pipeline.chosen.connect(self.canvas.setFocus)
        self.status.cancel_requested.connect(self.runner.cancel_step)
        if self._reporter is not None:
            self._reporter.reported.connect(self._on_reporter_reported)

    def _on_runner_frame_ready(self, snapshot: Snapshot | None) -> None:
        is_running = self.runner.is_running
        self._run_controls.show_state()
        self.canvas.show_snapshot(snapshot)
        self.plots.show_snapshot(snapshot, is_running)
        self.status.show_speed(snapshot, is_running, self.runner.speed)
        self.status.show_progress(snapshot)

    def _on_document_loaded(self) -> None:
        self.canvas.select(())
        self.status.say("")

    def _on_runner_message_posted(self, words: Message, is_problem: bool) -> None:
        self.status.say(tr(words), is_problem)

    def _on_reporter_reported(self, words: str) -> None:
        self.status.say(words, is_problem=True)

    def _on_side_node_requested(self, id_: int) -> None:
        self.canvas.select([id_])
        self.canvas.center_on_node(id_)

    def _on_status_details_requested(self) -> None:
        if not self._fault_offer.show_node():
            self._show_errors()

    def _on_fault_offer_node_requested(self, id_: int) -> None:
        self.side.setCurrentWidget(self.side.maths)
        self.canvas.select([id_])
        self.canvas.reveal(id_)

    def _on_transport_speed_changed(self, rate: float | None) -> None:
        self.runner.set_speed(rate)
        self.settings.speed = rate

    def _on_view_controls_layout_reset(self) -> None:
        self.plots.show_panels(View().panels)

    def _on_view_controls_parts_changed(self) -> None:
        self.plots.show_snapshot(self.runner.snapshot)

    def _show_state(self) -> None:
        self._run_controls.show_state()
        self.canvas.show_snapshot(self.runner.snapshot)

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.files.name}[*] — Backprop Lab")
        self.setWindowModified(self.document.is_modified)

    def _show_experiment(self) -> None:
        self.canvas.select(())
        self._view_controls.show_side()
        self.side.show_inspector()

    def _show_slot(self, slot: Slot) -> None:
        self._show_experiment()
        self.side.inspector.show_slot(slot)

    def _add_node(self, op: str) -> None:
        """Add a node beside the selected one and wire it to that; of several, beside the first."""
        selected = self.canvas.selected_nodes()
        id_ = add_node(self.document, op, next(iter(selected), None), connects=len(selected) == 1)
        self.canvas.select([id_])
        self.canvas.reveal(id_)

    def _draw_new_weights(self) -> None:
        set_seed(self.document, (self.document.project.experiment.seed + 1) % (MAX_SEED + 1))
        self.runner.reset()

    def _show_errors(self) -> None:
        details = self._reporter.details if self._reporter is not None else ""
        path = self._reporter.log_path if self._reporter is not None else None
        words = details or tr("No errors since the program was started.")
        dialogs.show_text(self, tr("Error Log"), f"{words}\n\n{tr('Log file: {path}', path=path)}" if path else words)

    def _fill_recent(self) -> None:
        fill_recent_menu(self._recent_menu, self.settings, self.files.open_path)

    def _view(self) -> View:
        center = self.canvas.center
        panels, watches = self.plots.keys or View().panels, self.side.maths.watches.watches
        return View(self.canvas.zoom, (center.x(), center.y()), panels, watches, self.runner.breakpoints.listed)

    def _show_view(self, view: View) -> None:
        self.plots.show_panels(view.panels)
        self.side.maths.watches.show_watches(view.watches)
        self.runner.breakpoints.show(view.breakpoints)
        if view.center is None:
            self.canvas.fit()
        else:
            self.canvas.set_view(view.zoom, QPointF(*view.center))
        self._show_title()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the parts to the new width."""
        super().resizeEvent(event)
        self._view_controls.fit_width()

    def showEvent(self, event: QShowEvent) -> None:
        """Load the plots once the window is there."""
        super().showEvent(event)
        self.plots.load_soon()
        QTimer.singleShot(0, self.canvas.setFocus)

    @guarded
    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask before anything is lost; where that fails, stay."""
        event.ignore()
        commit_drafts(self)
        if self.files.may_leave():
            self.runner.pause()
            self.kernels.stop()
            self.settings.window_geometry = bytes(self.saveGeometry().data())
            event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file of ours."""
        if dropped_path(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the dropped file."""
        if path := dropped_path(event):
            event.acceptProposedAction()
            self.files.open_path(path)
