"""Gets the compiled executor ready, while the window already works with the numpy one."""

from __future__ import annotations

import sys
from contextlib import suppress
from enum import Enum

from PySide6.QtCore import QObject, QProcess, Signal

from app.errors import guarded
from app.runner import Runner
from app.translate import tr
from app.worker import Worker
from engine.compiled import COMPILED, LoadError, is_available, is_built, load
from engine.interrupt import Interrupt

BUILD = ("-m", "engine.compiled.build")


class Kernels(Enum):
    """How far the compiled executor is."""

    ABSENT = "absent"
    COMPILING = "compiling"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class KernelLoader(QObject):
    """Compiles the kernels in a process of its own where they are not yet, and loads them on a thread.

    Both take long, and neither in the window's own time: importing the compiler alone takes a second, and compiling on
    a thread would hold up the window. Then the runner gets it. `reason` says why it has failed.
    """

    changed = Signal()

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.state = Kernels.ABSENT
        self.reason = ""
        self._process = QProcess(self)
        self._process.finished.connect(self._on_process_finished)
        self._process.errorOccurred.connect(self._on_process_error_occurred)
        self._worker = Worker(self)
        self._worker.finished.connect(self._on_worker_finished)

    @guarded
    def start(self) -> None:
        """Begin, where there is a compiler."""
        if self.state is not Kernels.ABSENT or not is_available():
            return
        if is_built():
            self._load()
            return
        self._become(Kernels.COMPILING)
        self._process.start(sys.executable, list(BUILD))

    def stop(self) -> None:
        """Give up what is not ready yet; what is compiled so far stays."""
        self._process.blockSignals(True)
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished()
        with suppress(LoadError):
            self._worker.wait()

    def _load(self) -> None:
        self._become(Kernels.LOADING)

        def work(_interrupt: Interrupt) -> None:
            load()

        self._worker.start(work)

    def _become(self, state: Kernels, reason: str = "") -> None:
        self.state, self.reason = state, reason
        self.changed.emit()

    @guarded
    def _on_process_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if code == 0 and status is QProcess.ExitStatus.NormalExit:
            self._load()
        else:
            lines = self._process.readAllStandardError().toStdString().strip().splitlines()
            self._become(Kernels.FAILED, lines[-1] if lines else tr("compiling ended with the code {code}", code=code))

    @guarded
    def _on_process_error_occurred(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._become(Kernels.FAILED, self._process.errorString())

    @guarded
    def _on_worker_finished(self) -> None:
        if not self._worker.is_done:
            return
        try:
            self._worker.wait()
        except LoadError as error:
            self._become(Kernels.FAILED, tr(error.message))
        else:
            self._become(Kernels.READY)
            self._runner.set_executor(COMPILED)
