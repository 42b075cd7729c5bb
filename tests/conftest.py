"""What every test gets: a home of its own, quiet Qt, seeded searches, and a check that nothing is left behind."""

from __future__ import annotations

import functools
import gc
import os
import shutil
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QStandardPaths, QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

settings.register_profile(
    "suite",
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "soak", max_examples=5000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("soak" if os.environ.get("BACKPROP_LAB_SOAK") else "suite")

# Qt makes and keeps these for itself.
QT_OWN_WIDGETS = {"QTipLabel"}


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home, so that no test reads or writes the settings and files of the person who runs it."""
    path = tmp_path_factory.mktemp("home")
    runtime = tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
            patch.setenv(name, str(path))
        for name, folder in {"CONFIG": ".config", "DATA": ".local/share", "STATE": ".local/state"}.items():
            patch.setenv(f"XDG_{name}_HOME", str(path / folder))
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        QStandardPaths.setTestModeEnabled(True)
        yield path
        QStandardPaths.setTestModeEnabled(False)


@pytest.fixture(autouse=True)
def _empty_home(home: Path) -> Iterator[None]:
    """What one test saves, the next one does not find."""
    yield
    for entry in home.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink()


@pytest.fixture(scope="session")
def started() -> Iterator[weakref.WeakSet[QTimer | QThread]]:
    """Every timer and thread of Qt that Python has started and that still exists."""
    objects: weakref.WeakSet[QTimer | QThread] = weakref.WeakSet()

    def recording(start: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(start)
        def start_and_record(self: QTimer | QThread, *arguments: Any, **named: Any) -> None:
            objects.add(self)
            start(self, *arguments, **named)

        return start_and_record

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QTimer, "start", recording(QTimer.start))
        patch.setattr(QThread, "start", recording(QThread.start))
        yield objects


def _at_work(started: weakref.WeakSet[QTimer | QThread]) -> list[QObject | threading.Thread]:
    """Give the timers that tick, the threads that run and the top-level widgets that exist."""
    own: list[QTimer | QThread] = [thing for thing in started if isValid(thing)]
    ticking = [timer for timer in own if isinstance(timer, QTimer) and timer.isActive()]
    running = [thread for thread in own if isinstance(thread, QThread) and thread.isRunning()]
    # Python makes a dummy for each foreign thread that ran Python code, and keeps it when that thread is gone.
    threads = [thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)]
    widgets = QApplication.topLevelWidgets() if isinstance(QCoreApplication.instance(), QApplication) else []
    windows = [widget for widget in widgets if widget.metaObject().className() not in QT_OWN_WIDGETS]
    return [*ticking, *running, *threads, *windows]


def _describe(thing: QObject | threading.Thread) -> str:
    if isinstance(thing, threading.Thread):
        return f"thread {thing.name!r}"
    kind = "timer" if isinstance(thing, QTimer) else "thread" if isinstance(thing, QThread) else "widget"
    name = f" {thing.objectName()!r}" if thing.objectName() else ""
    owner = thing.parent()
    parent = f" of {owner.metaObject().className()}" if owner else ""
    detail = f" every {thing.interval()} ms" if isinstance(thing, QTimer) else ""
    return f"{kind} {thing.metaObject().className()}{name}{parent}{detail}"


def _put_away(thing: QObject | threading.Thread) -> None:
    """Stop or close it, so that only the test that left it fails."""
    if isinstance(thing, QTimer):
        thing.stop()
    elif isinstance(thing, QThread):
        thing.quit()
        thing.wait(1000)
    elif isinstance(thing, QWidget):
        thing.close()
        thing.deleteLater()


@pytest.fixture(autouse=True)
def _nothing_left_behind(
    request: pytest.FixtureRequest, home: Path, started: weakref.WeakSet[QTimer | QThread]
) -> Iterator[None]:
    """Fail a test that leaves a timer, a thread or a top-level widget, and name it.

    pytest-qt closes the widgets given to `qtbot.addWidget` before fixtures are torn down, and this fixture, the first
    one made, is torn down last: what is still there now belongs to nobody.
    """
    before, failures = _at_work(started), request.session.testsfailed
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    left = [thing for thing in _at_work(started) if thing not in before]
    if left:
        # It may only wait for the garbage collector, in a reference cycle.
        left.clear()
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        left = [thing for thing in _at_work(started) if thing not in before]
    words = ", ".join(map(_describe, left))
    for thing in left:
        _put_away(thing)
    # The traceback of a failed test keeps its widgets alive: one failure is news enough.
    if left and request.session.testsfailed == failures:
        pytest.fail(f"left behind: {words}", pytrace=False)
