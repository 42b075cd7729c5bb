"""Says in the status bar what computes."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from app.kernels import KernelLoader, Kernels
from app.runner import Runner
from app.translate import tr
from engine.compiled import COMPILED
from engine.executors import EXECUTORS
from engine.snapshot import Snapshot
from ui.forms import show_tool_tip


class ExecutorLabel(QLabel):
    """The executor of the run. The tooltip says why it is that one."""

    def __init__(self, runner: Runner, kernels: KernelLoader) -> None:
        super().__init__()
        self.setProperty("role", "dim")
        self._kernels = kernels
        self._snapshot: Snapshot | None = None
        self._shown: tuple[object, ...] = ()
        runner.figures_ready.connect(self.show_snapshot)
        kernels.changed.connect(self._show)
        self.show_snapshot(runner.snapshot)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show what computes the run of a snapshot."""
        self._snapshot = snapshot
        shown = (None, None) if snapshot is None else (snapshot.executor, snapshot.program)
        if shown != self._shown:
            self._shown = shown
            self._show()

    def _show(self) -> None:
        words, tip = self._texts()
        self.setText(words)
        show_tool_tip(self, tip)

    def _texts(self) -> tuple[str, str]:
        """Give the words and the tooltip."""
        if self._snapshot is not None and self._snapshot.executor == COMPILED:
            return tr("executor: compiled"), tr("Many steps in one call of compiled code, in 64-bit floating point")
        with_numpy = tr("Computes each instruction with numpy, in 64-bit floating point")
        state = self._kernels.state
        if state is Kernels.COMPILING:
            words = tr("executor: reference (numpy) · compiling a faster one…")
            return words, tr("{what}. A faster executor is being compiled, once, and then takes over", what=with_numpy)
        if state is Kernels.FAILED:
            return tr("executor: reference (numpy)"), tr(
                "{what}. The compiled one is not available: {reason}", what=with_numpy, reason=self._kernels.reason
            )
        if self._snapshot is not None and state is Kernels.READY:
            missing = ", ".join(EXECUTORS[COMPILED].missing(self._snapshot.program))
            if not missing:
                return tr("executor: reference (numpy)"), tr("{what}, as it did then", what=with_numpy)
            words = tr("executor: reference (numpy), for {ops}", ops=missing)
            return words, tr("{what}. The compiled one does not know: {ops}", what=with_numpy, ops=missing)
        return tr("executor: reference (numpy)"), with_numpy
