"""Closing asks for what would be lost, and only for that."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QCloseEvent

from tests.ui.gestures import answer_next_dialog, drop_op
from ui.main_window import MainWindow


def test_closing_with_edits_asks_and_cancel_stays(window: MainWindow) -> None:
    drop_op(window, "dense", 0, 0)
    for button, closes in (("Cancel", False), ("Don't Save", True)):
        asked = answer_next_dialog(button)
        event = QCloseEvent()
        window.closeEvent(event)
        assert event.isAccepted() is closes
        assert "Untitled" in asked[0]


def test_closing_a_trained_example_never_asks(window: MainWindow) -> None:
    window.files.open_example("one-neuron")
    window.runner.step()
    event = QCloseEvent()
    window.closeEvent(event)
    assert event.isAccepted()


def test_closing_asks_whether_to_keep_the_run_of_an_own_file(window: MainWindow, tmp_path: Path) -> None:
    window.files.open_example("one-neuron")
    window.document.mark_saved(str(tmp_path / "own.bplab"))
    assert window.files.save()
    window.runner.step()
    asked = answer_next_dialog("Save")
    event = QCloseEvent()
    window.closeEvent(event)
    assert event.isAccepted()
    assert "step 1" in asked[0]
    assert '"step": 1' in (tmp_path / "own.bplab").read_text("utf-8")


def test_closing_asks_for_a_branch_that_is_as_long_as_the_run_in_the_file(window: MainWindow, tmp_path: Path) -> None:
    window.files.open_example("one-neuron")
    window.document.mark_saved(str(tmp_path / "own.bplab"))
    for _ in range(3):
        window.runner.step()
    assert window.files.save()
    assert window.files.may_leave()
    window.runner.go_to(1)
    assert window.files.may_leave(), "the end of the line is in the file"
    assert window.files.save()
    assert "step 3" in window.status.words
    window.runner.branch()
    for _ in range(2):
        window.runner.step()
    asked = answer_next_dialog("Cancel")
    assert not window.files.may_leave()
    assert "step 3" in asked[0]


def test_closing_asks_for_a_g_that_was_applied_again_since_the_run_was_saved(
    window: MainWindow, tmp_path: Path
) -> None:
    window.files.open_example("one-neuron")
    window.document.mark_saved(str(tmp_path / "own.bplab"))
    window.runner.step()
    assert window.files.save()
    assert window.files.may_leave()
    window.actions_["apply-gradient"].trigger()
    asked = answer_next_dialog("Save")
    assert window.files.may_leave()
    assert "step 1" in asked[0]
    assert window.files.may_leave()
