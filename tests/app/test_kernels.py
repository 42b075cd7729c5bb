"""The compiled executor is fetched while the window works, and its absence is no problem."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

import app.kernels
from app.document import Document
from app.kernels import KernelLoader, Kernels
from app.project import Project
from app.runner import Runner
from engine import compiled
from engine.executors import EXECUTORS
from engine.experiment import REFERENCE
from engine.message import message
from tests.engine.samples import experiment_of


@pytest.fixture
def runner(qapp: object) -> Runner:
    return Runner(Document(Project(experiment_of(), {})))


def executor_of(runner: Runner) -> str:
    assert runner.snapshot is not None
    return runner.snapshot.executor


def test_without_the_compiler_all_stays_as_it_is(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "find_spec", lambda name: None)
    loader = KernelLoader(runner)
    loader.start()
    assert (loader.state, executor_of(runner)) == (Kernels.ABSENT, REFERENCE)
    loader.stop()


def test_kernels_that_are_built_are_loaded_and_then_compute(runner: Runner, qtbot: QtBot) -> None:
    pytest.importorskip("numba")
    if not compiled.is_built():
        pytest.skip("the kernels are not compiled yet")
    loader = KernelLoader(runner)
    states: list[Kernels] = []
    loader.changed.connect(lambda: states.append(loader.state))
    loader.start()
    qtbot.waitUntil(lambda: loader.state is Kernels.READY, timeout=30_000)
    assert states == [Kernels.LOADING, Kernels.READY]
    assert executor_of(runner) == compiled.COMPILED
    assert compiled.COMPILED in EXECUTORS


def compile_with(code: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let a script stand for what compiles the kernels, and have none compiled yet."""
    script = folder / "compile.py"
    script.write_text(code, "utf-8")
    monkeypatch.setattr(compiled, "find_spec", lambda name: name)
    monkeypatch.setattr(compiled, "is_full", lambda: False)
    monkeypatch.setattr(app.kernels, "BUILD", (str(script),))


def test_kernels_that_cannot_be_compiled_leave_the_reason(
    runner: Runner, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    compile_with("import sys; sys.exit('first line\\nno room on the disk')", monkeypatch, tmp_path)
    loader = KernelLoader(runner)
    loader.start()
    assert loader.state is Kernels.COMPILING
    qtbot.waitUntil(lambda: loader.state is Kernels.FAILED)
    assert (loader.reason, executor_of(runner)) == ("no room on the disk", REFERENCE)


def test_closing_while_kernels_are_compiled_ends_that(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    compile_with("while True: pass", monkeypatch, tmp_path)
    loader = KernelLoader(runner)
    loader.start()
    loader.stop()
    assert executor_of(runner) == REFERENCE


def test_closing_while_kernels_are_loaded_in_vain_is_no_error(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise compiled.LoadError(message("no LLVM"))

    monkeypatch.setattr(compiled, "find_spec", lambda name: name)
    monkeypatch.setattr(compiled, "is_full", lambda: True)
    monkeypatch.setattr(app.kernels, "load", fail)
    loader = KernelLoader(runner)
    loader.start()
    loader.stop()
    QCoreApplication.processEvents()
    assert loader.state is Kernels.LOADING
    assert executor_of(runner) == REFERENCE
