"""Errors that nobody expected: they go to the log file and the status bar, and the program goes on.

`install` once at the start; `guarded` around paint events and slots, where an exception would reach Qt;
`report_exception` where code goes on after one. Expected errors, such as a file that cannot be read, are not for here:
whoever asked for the file shows their words.
"""

from __future__ import annotations

import atexit
import inspect
import logging
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import wraps
from logging.handlers import RotatingFileHandler
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import ParamSpec

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QStandardPaths,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

from app.translate import tr
from engine.message import EngineError

LOG_NAME = "backprop-lab.log"
LOG_BYTES = 2**20
LOG_COUNT = 3
SECONDS_BETWEEN = 0.5
"""The same error at the same place is reported once in this time; a failing paint would fail sixty times a second."""

P = ParamSpec("P")
Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]

_LOG = logging.getLogger("backprop-lab")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Limiter:
    """Lets one event of a kind through in a time, and counts those that it holds back."""

    def __init__(self, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last: dict[Hashable, tuple[float, int]] = {}

    def admit(self, kind: Hashable) -> int | None:
        """Give how many were held back since the last one that passed, or None where this one is held back, too."""
        now = self._clock()
        time, held_back = self._last.get(kind, (-self._seconds, 0))
        if now - time < self._seconds:
            self._last[kind] = time, held_back + 1
            return None
        self._last[kind] = now, 0
        return held_back


class ErrorReporter(QObject):
    """Tells of errors: `reported(words)` for the status bar, `details` for those who want to know.

    The signal may come from any thread, so connect it to methods of QObjects, which Qt calls in their own.
    """

    reported = Signal(str)

    def __init__(self, log_path: Path | None = None, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self.log_path = log_path
        """The log file; None where none could be made."""
        self._limiter = Limiter(SECONDS_BETWEEN, clock)
        self._recent: deque[str] = deque(maxlen=20)

    @property
    def details(self) -> str:
        """The last errors with their tracebacks, the newest first."""
        return "\n".join(reversed(self._recent))

    def report(self, where: str, error: BaseException) -> bool:
        """Log and tell of an error; False where the same one was told of a moment ago."""
        frames = traceback.extract_tb(error.__traceback__)
        line = (frames[-1].filename, frames[-1].lineno) if frames else None
        held_back = self._limiter.admit((where, type(error), line))
        if held_back is None:
            return False
        text = "".join(traceback.format_exception(error))
        repeated = f" ({held_back} more times before)" if held_back else ""
        _LOG.error("%s%s\n%s", where, repeated, text)
        self._recent.append(f"{datetime.now():%Y-%m-%d %H:%M:%S}  {where}{repeated}\n{text}")
        reason = tr(error.message) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
        self.reported.emit(tr("Something went wrong in {where}: {reason}", where=where, reason=reason[:300]))
        return True


class _Installation:
    """The hooks while they are in place, and what was there before. Each passes on to the one before it."""

    def __init__(self, reporter: ErrorReporter, handler: logging.Handler | None) -> None:
        self.reporter = reporter
        self._handler = handler
        self.hook_before: Hook = sys.excepthook
        self._thread_hook_before = threading.excepthook
        if handler is not None:
            _LOG.addHandler(handler)
        _LOG.setLevel(logging.INFO)
        # Bound methods are made anew each time they are asked for; `remove` has to know them again.
        self.hook: Hook = self._on_uncaught
        self._thread_hook = self._on_thread_uncaught
        sys.excepthook = self.hook
        threading.excepthook = self._thread_hook
        self._qt_handler = self._on_qt_message
        self._qt_handler_before = qInstallMessageHandler(self._qt_handler)

    def remove(self) -> None:
        """Put back what was there, unless somebody has put something else over it."""
        if sys.excepthook is self.hook:
            sys.excepthook = self.hook_before
        if threading.excepthook is self._thread_hook:
            threading.excepthook = self._thread_hook_before
        present = qInstallMessageHandler(self._qt_handler_before)
        if present is not self._qt_handler:
            qInstallMessageHandler(present)
        _LOG.setLevel(logging.NOTSET)
        if self._handler is not None:
            _LOG.removeHandler(self._handler)
            self._handler.close()

    def _on_uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        told = isinstance(error, Exception) and self.reporter.report(tr("the program"), error)
        if told or not isinstance(error, Exception) or self.hook_before is not sys.__excepthook__:
            self.hook_before(kind, error, trace)

    def _on_thread_uncaught(self, arguments: threading.ExceptHookArgs) -> None:
        if isinstance(arguments.exc_value, Exception):
            name = arguments.thread.name if arguments.thread is not None else "?"
            self.reporter.report(tr("the thread {name}", name=name), arguments.exc_value)
        self._thread_hook_before(arguments)

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        _LOG.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", text)
        if callable(self._qt_handler_before):
            self._qt_handler_before(kind, context, text)
        elif sys.stderr is not None:
            sys.stderr.write(f"{text}\n")


_installation: _Installation | None = None


def default_log_folder() -> str:
    """Give the folder of the log file: the system's place for what an application keeps on this machine."""
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)


def install(app_log_folder: str) -> ErrorReporter:
    """Report from now on whatever nobody catches, in any thread, and what Qt has to say, to a log file in this folder.

    Each hook also calls the one that it takes the place of. Where no log file can be made, there is none.
    """
    global _installation
    uninstall()
    handler: logging.Handler | None = None
    path: Path | None = Path(app_log_folder, LOG_NAME)
    try:
        Path(app_log_folder).mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(Path(app_log_folder, LOG_NAME), "a", LOG_BYTES, LOG_COUNT, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    except OSError as error:
        path = None
        _LOG.warning("there is no log file: %s", error)
    _installation = _Installation(ErrorReporter(path), handler)
    # Qt may speak after the interpreter is gone.
    atexit.register(uninstall)
    return _installation.reporter


def uninstall() -> None:
    """Put back the hooks that were there before `install`; without one, do nothing."""
    global _installation
    if _installation is not None:
        _installation.remove()
        _installation = None
        atexit.unregister(uninstall)


def report_exception(where: str, error: BaseException) -> None:
    """Report an error that was caught so that the program can go on; `where` says what failed, in a few words.

    It also goes to `sys.excepthook`, so that a console, a debugger or a test sees it.
    """
    installed = _installation
    told = installed is None or installed.reporter.report(where, error)
    hook: Hook = sys.excepthook
    if installed is not None and hook is installed.hook:
        hook = installed.hook_before
    # A console is spared the flood; whoever has put in a hook of their own hears of every error.
    if told or hook is not sys.__excepthook__:
        hook(type(error), error, error.__traceback__)


def guarded(function: Callable[P, None]) -> Callable[P, None]:
    """Make a function that Qt calls report its exceptions and return, for paint events and slots.

    Like a slot of Qt, it may be given more positional arguments than it takes; the last ones are dropped.
    """
    kinds = [parameter.kind for parameter in inspect.signature(function).parameters.values()]
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    call: Callable[..., None] = function
    limit = None if inspect.Parameter.VAR_POSITIONAL in kinds else sum(kind in positional for kind in kinds)

    @wraps(function)
    def guard(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            call(*args[:limit], **kwargs)
        except Exception as error:
            report_exception(function.__qualname__, error)

    return guard
