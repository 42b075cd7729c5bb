"""What can be done with breakpoints, and with a run, on the selected nodes."""

from __future__ import annotations

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QAction

from app.document import Document
from app.errors import guarded
from app.project import Breakpoint
from app.runner import Runner
from app.translate import tr
from engine.program import Phase


class BreakpointActions(QObject):
    """Pause before forward, pause before backward, run to here: for the nodes that `selection_changed` gives.

    Both pauses are checked where all of these nodes have them. Data nodes have none: no pass comes to them.
    """

    def __init__(
        self, document: Document, runner: Runner, selection_changed: SignalInstance, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._runner = document, runner
        self._ids: tuple[int, ...] = ()
        self.forward = QAction(tr("Pause before Forward"), self)
        self.backward = QAction(tr("Pause before Backward"), self)
        self.here = QAction(tr("Run to Here"), self)
        self.clear = QAction(tr("Clear All Breakpoints"), self)
        self._phases = {Phase.FORWARD: self.forward, Phase.BACKWARD: self.backward}
        for action in self._phases.values():
            action.setCheckable(True)
        self.forward.triggered.connect(lambda is_set: self._set(Phase.FORWARD, is_set))
        self.backward.triggered.connect(lambda is_set: self._set(Phase.BACKWARD, is_set))
        self.here.triggered.connect(self._on_here_triggered)
        self.clear.triggered.connect(runner.breakpoints.clear)
        selection_changed.connect(self._on_selection_changed)
        document.changed.connect(self._show)
        runner.breakpoints.changed.connect(self._show)
        runner.problems_changed.connect(self._show)
        self._show()

    @property
    def by_name(self) -> dict[str, QAction]:
        """The actions by the names of those of the window that do the same."""
        return {
            "run-to-here": self.here,
            "break-forward": self.forward,
            "break-backward": self.backward,
            "clear-breakpoints": self.clear,
        }

    def _marks(self, phase: Phase) -> tuple[Breakpoint, ...]:
        nodes, program = self._document.project.experiment.graph.nodes, self._runner.compilation.program
        passed = {id_ for id_, node in nodes.items() if node.kind.ports}
        if program is not None:
            passed |= {instruction.node for instruction in program.instructions}
        return tuple(Breakpoint(id_, phase) for id_ in self._ids if id_ in passed and id_ in nodes)

    def _show(self) -> None:
        present = self._runner.breakpoints.present
        for phase, action in self._phases.items():
            marks = self._marks(phase)
            action.setEnabled(bool(marks))
            action.setChecked(bool(marks) and present.issuperset(marks))
        self.here.setEnabled(self._here() is not None)
        self.clear.setEnabled(bool(present))

    def _here(self) -> int | None:
        """Give the one selected node that a pass comes to."""
        program = self._runner.compilation.program
        if program is None or len(self._ids) != 1:
            return None
        return next((i.node for i in program.instructions if i.node == self._ids[0]), None)

    def _set(self, phase: Phase, is_set: bool) -> None:
        self._runner.breakpoints.set(self._marks(phase), is_set)
        # Where nothing has changed, Qt has checked or unchecked the action all the same.
        self._show()

    def _on_selection_changed(self, ids: tuple[int, ...]) -> None:
        self._ids = ids
        self._show()

    @guarded
    def _on_here_triggered(self, _checked: bool = False) -> None:
        node = self._here()
        if node is not None:
            self._runner.run_to_node(node)
