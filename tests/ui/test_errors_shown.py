"""An exception anywhere is logged and shown, and the document can still be saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from app import errors
from app.files import read_file
from app.motor import Motor
from tests.ui.conftest import WindowMaker
from ui.canvas.card_painter import CardPainter
from ui.main_window import MainWindow


@pytest.fixture
def broken_window(make_window: WindowMaker, tmp_path: Path) -> Iterator[MainWindow]:
    """A window that is told of errors, with an example open."""
    reporter = errors.install(str(tmp_path / "log"))
    window = make_window(reporter)
    window.files.open_example("xor")
    yield window
    errors.uninstall()


def fail(*_: object) -> None:
    """Break."""
    raise RuntimeError("broken on purpose")


def break_step(window: MainWindow, patch: pytest.MonkeyPatch) -> None:
    """Break a slot that an action calls."""
    patch.setattr(window.runner, "step", fail)
    window.actions_["step"].trigger()


def break_card(window: MainWindow, patch: pytest.MonkeyPatch) -> None:
    """Break the painting of cards on the canvas."""
    patch.setattr(CardPainter, "paint", fail)
    window.canvas.viewport().repaint()


def break_pill(window: MainWindow, patch: pytest.MonkeyPatch) -> None:
    """Break the painting of a widget."""
    patch.setattr("ui.pipeline_parts.QPainter", fail)
    window.pipeline.grab()


def break_run(window: MainWindow, patch: pytest.MonkeyPatch) -> None:
    """Break the timer of the run: the run pauses rather than failing at every tick."""
    patch.setattr(Motor, "_do_slice", fail)
    window.actions_["run"].trigger()
    window.runner.findChildren(QTimer)[0].timeout.emit()
    assert not window.runner.is_running


@pytest.mark.parametrize("break_it", [break_step, break_card, break_pill, break_run])
def test_an_exception_is_logged_and_shown_and_the_document_can_be_saved(
    broken_window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    break_it: Callable[[MainWindow, pytest.MonkeyPatch], None],
) -> None:
    window = broken_window
    with qtbot.captureExceptions() as caught, monkeypatch.context() as patch:
        break_it(window, patch)
        assert "broken on purpose" in window.status.words
        path = tmp_path / "after.bplab"
        window.document.mark_saved(str(path))
        assert window.files.save()
    assert caught
    assert "broken on purpose" in (tmp_path / "log" / errors.LOG_NAME).read_text("utf-8")
    assert read_file(str(path)).project == window.document.project
