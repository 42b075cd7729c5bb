"""The window under the hands of a person: keys, widths, closing, other documents, and words that look like HTML."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from engine.experiment import MAX_SEED
from engine.snapshot import Snapshot
from tests.ui.gestures import answer_next_dialog
from ui import dialogs
from ui.canvas.card_painter import TEXT_ZOOM
from ui.edits import set_seed
from ui.main_window import MainWindow

SPACE = Qt.Key.Key_Space

# ---- closing, and another document -----------------------------------------------------------------------------------


def test_a_window_that_cannot_close_in_order_stays_open(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise RuntimeError("broken on purpose")

    with qtbot.captureExceptions() as caught, monkeypatch.context() as patch:
        patch.setattr(window.files, "may_leave", fail)
        assert not window.close()
    assert [str(value) for _, value, _ in caught] == ["broken on purpose"]
    assert window.isVisible()
    assert window.close()


def test_another_document_begins_without_selection_and_without_words_about_the_last(window: MainWindow) -> None:
    window.files.open_example("xor")
    window.canvas.select([2])
    window.status.say("Saved something.bplab")
    window.files.open_example("spirals")
    assert window.canvas.selected_nodes() == ()
    assert window.side.tabText(window.side.indexOf(window.side.inspector)) == "Experiment"
    assert window.status.words == ""


def test_after_the_largest_seed_new_weights_begin_at_0(window: MainWindow) -> None:
    window.files.open_example("xor")
    set_seed(window.document, MAX_SEED)
    window.actions_["new-weights"].trigger()
    assert window.document.project.experiment.seed == 0
    assert window.runner.snapshot is not None
    assert window.runner.snapshot.step == 0


# ---- keys ------------------------------------------------------------------------------------------------------------


def test_space_runs_from_nowhere_but_the_canvas(window: MainWindow) -> None:
    window.files.open_example("xor")
    window.side.setCurrentWidget(window.side.outline)
    tree, field = window.side.outline.findChild(QAbstractItemView), window.findChild(QLineEdit)
    assert tree is not None
    assert field is not None
    for widget in (tree, field, window.side.tabBar(), window.transport.speed, window):
        QTest.keyClick(widget, SPACE)
        assert not window.runner.is_running, widget
    QTest.keyClick(window.canvas, SPACE)
    assert window.runner.is_running


def test_space_pressed_elsewhere_and_let_go_on_the_canvas_does_nothing(window: MainWindow) -> None:
    window.files.open_example("xor")
    QTest.keyRelease(window.canvas, SPACE)
    assert not window.runner.is_running


def test_a_canvas_that_loses_the_focus_forgets_space(window: MainWindow) -> None:
    window.files.open_example("xor")
    window.canvas.select(())
    QTest.keyPress(window.canvas, SPACE)
    QApplication.sendEvent(window.canvas, QFocusEvent(QEvent.Type.FocusOut))
    QTest.keyRelease(window.side, SPACE)
    assert not window.runner.is_running
    before = window.canvas.center
    viewport = window.canvas.viewport()
    start = viewport.rect().topLeft() + viewport.rect().center() / 8
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(viewport, start * 2)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start * 2)
    assert window.canvas.center == before, "a drag selects and pans no more"


def test_a_key_held_down_repeats_steps_but_not_run_new_and_reset(window: MainWindow) -> None:
    repeating = {name for name, action in window.actions_.items() if action.autoRepeat()}
    assert {"step", "micro-step", "previous", "previous-micro-step", "undo", "redo"} <= repeating
    assert repeating.isdisjoint({"run", "new", "open", "save", "reset", "new-weights", "delete"})
    on_canvas = {action.text(): action.autoRepeat() for action in window.canvas.actions()}
    assert on_canvas["Micro-step"]
    assert not on_canvas["Same init"]


# ---- the parts at each width -----------------------------------------------------------------------------------------


def test_a_hidden_side_panel_stays_hidden_at_every_width(window: MainWindow) -> None:
    window.actions_["show-side"].trigger()
    for width in (1200, 1040, 1300, 1440):
        window.resize(width, 800)
        assert window.side.isHidden()
        assert not window.actions_["show-side"].isChecked()
    window.actions_["reset-layout"].trigger()
    assert window.side.isVisible()


def test_the_side_panel_makes_room_in_a_narrow_window_and_comes_back(window: MainWindow) -> None:
    window.resize(1040, 640)
    assert window.side.isHidden()
    assert not window.actions_["show-side"].isChecked()
    window.resize(1440, 900)
    assert window.side.isVisible()
    window.resize(1040, 640)
    window.actions_["show-side"].trigger()
    assert window.side.isVisible()
    window.actions_["reset-layout"].trigger()
    assert window.actions_["show-side"].isChecked() is window.side.isVisible()


def test_the_window_gets_no_smaller_than_its_parts_allow(window: MainWindow) -> None:
    window.resize(400, 300)
    assert (window.width(), window.height()) == (1040, 600)


def test_in_a_small_window_the_first_network_can_be_read(window: MainWindow) -> None:
    window.resize(1040, 620)
    window.files.open_example("one-neuron")
    window.canvas.fit()
    assert window.canvas.zoom >= TEXT_ZOOM


# ---- frames of a run -------------------------------------------------------------------------------------------------


def drawn_by_plots(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note the step of each frame that the plots draw."""
    steps: list[int] = []

    def note(snapshot: Snapshot | None, is_running: bool = False) -> None:
        assert snapshot is not None
        steps.append(snapshot.step * snapshot.micro_count + snapshot.micro)

    monkeypatch.setattr(window.plots, "show_snapshot", note)
    return steps


def test_in_a_slow_run_canvas_and_plots_draw_every_frame(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.files.open_example("xor")
    window.runner.set_speed(10.0)
    frames: list[object] = []
    steps = drawn_by_plots(window, monkeypatch)
    window.actions_["run"].trigger()
    window.runner.frame_ready.connect(frames.append)
    qtbot.waitUntil(lambda: len(frames) >= 4)
    window.runner.pause()
    assert len(steps) >= 4


# ---- dialogs and words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["idea", "shortcuts", "errors", "about", "examples"])
def test_a_dialog_is_gone_once_it_is_answered(window: MainWindow, name: str) -> None:
    answer_next_dialog("Cancel" if name == "examples" else "Close")
    window.actions_[name].trigger()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert window.findChildren(QDialog) == []


def test_names_of_files_are_not_read_as_html_and_boxes_are_gone_once_answered(window: MainWindow) -> None:
    formats: list[Qt.TextFormat] = []

    def look() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        words = [label for label in box.findChildren(QLabel) if "<b>" in label.text()]
        formats.extend(label.textFormat() for label in words)
        box.findChildren(QPushButton)[0].click()

    for show in (dialogs.ask_to_save, dialogs.show_error):
        QTimer.singleShot(0, look)
        show(window, "<b>a</b>.bplab", "the reason is <b>bold</b>")
    assert formats == [Qt.TextFormat.PlainText] * 4
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert window.findChildren(QDialog) == []
    window.status.say("Saved <b>a</b>.bplab")
    (label,) = (label for label in window.status.findChildren(QLabel) if "<b>" in label.text())
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_all_canvases_have_names_for_screen_readers(window: MainWindow) -> None:
    window.files.open_example("xor")
    window.runner.step()
    views = [view for view in window.findChildren(QGraphicsView) if view.isVisible()]
    assert len(views) >= 4
    assert all(view.accessibleName() and view.viewport().accessibleName() for view in views)


def test_qt_speaks_the_language_of_the_program(tmp_path: Path) -> None:
    code = """
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication
import ui.application
from app.cli import parse
QLocale.setDefault(QLocale("de_DE"))
QApplication.exec = lambda *_: print(QCoreApplication.translate("QPlatformTheme", "Cancel")) or 0
ui.application.run(parse([]))
"""
    root = Path(__file__).resolve().parents[2]
    homes = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA")}
    environment = {**os.environ, **homes, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "Cancel"


def test_a_fitted_network_stays_fitted_when_the_window_changes_until_a_person_zooms(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.files.open_example("spirals")
    wide = window.canvas.zoom
    window.resize(1100, 700)
    qtbot.waitUntil(lambda: window.canvas.zoom < wide)
    small = window.canvas.width()
    window.canvas.set_zoom(1.5)
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: window.canvas.width() > small)
    assert window.canvas.zoom == 1.5
