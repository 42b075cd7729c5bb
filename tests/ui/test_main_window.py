"""The window as a whole: every action works, errors are shown, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu
from pytestqt.qtbot import QtBot

from app.examples import EXAMPLES, Example
from app.project import Breakpoint
from engine.program import Phase
from tests.ui.gestures import answer_next_dialog, choose, drop_op, node_item
from ui import dialogs
from ui.action_table import SPECS
from ui.canvas.card_painter import TEXT_ZOOM
from ui.edits import set_optimizer
from ui.main_window import MainWindow
from ui.node_page import NodePage
from ui.number_edit import NumberEdit
from ui.theme import current

POPUPS = ("run-steps", "run-to-step")
PAGES = ("idea", "shortcuts", "errors", "about")
FILE_DIALOGS = ("open", "save", "save-as", "examples")
SUBMENUS = ("open-recent", "add-node")


def project_of(window: MainWindow) -> object:
    """Give what undo covers."""
    return window.document.project


def test_no_two_actions_share_a_key() -> None:
    for keys in (
        [key for spec in SPECS for key in spec.keys],
        [key for spec in SPECS for key in (*spec.keys, *spec.canvas_keys)],
    ):
        normal = [QKeySequence(key).toString() for key in keys]
        assert len(normal) == len(set(normal))


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_and_close(window: MainWindow, name: str) -> None:
    opened = answer_next_dialog("Close")
    window.actions_[name].trigger()
    assert len(opened) == 1


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
def test_every_other_action_works_on_an_example(window: MainWindow) -> None:
    for name in [spec.name for spec in SPECS if spec.name not in (*PAGES, *FILE_DIALOGS, *SUBMENUS, "quit")]:
        window.document.undo_stack.setClean()
        window.files.open_example("xor")
        window.runner.step()
        window.canvas.select([2])
        window.runner.breakpoints.set([Breakpoint(3, Phase.FORWARD)], True)
        action = window.actions_[name]
        assert action.isEnabled() is (name not in ("undo", "redo", "now", "resume")), name
        action.trigger()
        popup = QApplication.activePopupWidget()
        assert (popup is not None) is (name in POPUPS), name
        if popup is not None:
            popup.close()
        window.runner.pause()
        assert window.status.words == "", name


def test_every_entry_of_the_menus_is_an_action_or_a_menu(window: MainWindow) -> None:
    entries: list[QAction] = []
    for top in window.menuBar().actions():
        menu = top.menu()
        assert isinstance(menu, QMenu)
        assert top.text()
        entries += [entry for entry in menu.actions() if not entry.isSeparator()]
    assert len(entries) == len(SPECS)
    assert all(entry.text() for entry in entries)


def test_nodes_are_added_from_the_menu_and_the_palette(window: MainWindow) -> None:
    menu = window._node_menu
    menu.aboutToShow.emit()
    layers = next(action.menu() for action in menu.actions() if action.text() == "Layers")
    assert isinstance(layers, QMenu)
    next(action for action in layers.actions() if action.text() == "Dense").trigger()
    window.palette_.add_requested.emit("neuron")
    graph = window.document.project.experiment.graph
    assert [graph.nodes[id_].op for id_ in sorted(graph.nodes)] == ["dense", "neuron"]
    assert window.canvas.selected_nodes() == (2,)
    one, other = (node_item(window, id_) for id_ in (1, 2))
    assert not one.card.rect.translated(one.pos()).intersects(other.card.rect.translated(other.pos()))


def test_every_example_opens_and_steps(window: MainWindow) -> None:
    for example in EXAMPLES:
        window.files.open_example(example.key)
        window.actions_["step"].trigger()
        window.actions_["micro-step"].trigger()
        snapshot = window.runner.snapshot
        assert snapshot is not None
        assert (snapshot.step, snapshot.micro) == (1, 1), example.key
        assert window.canvas.headline.words.text().startswith(("Drew ", "Sample: no data"))
        assert example.title in window.windowTitle()
        assert not window.isWindowModified()


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "ends in the middle"), ('{"format": "backprop-lab", "version": 99}', "version"), ("[]", "object")],
)
def test_a_bad_file_is_explained_and_the_document_stays(
    window: MainWindow, tmp_path: Path, content: str, words: str
) -> None:
    drop_op(window, "dense", 0, 0)
    before = project_of(window)
    path = tmp_path / "bad.bplab"
    path.write_text(content, "utf-8")
    shown = answer_next_dialog("Close")
    assert not window.files.open_path(str(path))
    assert "bad.bplab cannot be opened" in shown[0]
    assert words.lower() in shown[0].lower()
    assert project_of(window) is before
    assert window.document.undo_stack.canUndo()


def test_a_failed_save_says_why_and_leaves_the_document_modified(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_op(window, "dense", 0, 0)
    monkeypatch.setattr(dialogs, "choose_file_to_save", lambda *_: str(tmp_path / "missing" / "a.bplab"))
    shown = answer_next_dialog("Close")
    assert not window.files.save()
    assert "a.bplab was not saved" in shown[0]
    assert window.isWindowModified()


def test_dropping_a_file_on_the_window_opens_it(window: MainWindow, tmp_path: Path) -> None:
    window.files.open_example("xor")
    path = tmp_path / "dropped.bplab"
    window.document.mark_saved(str(path))
    window.files.save()
    window.files.new()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place, copy, left = QPoint(300, 300), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, copy, data, left, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(place), copy, data, left, none))
    assert window.document.path == str(path)
    assert window.settings.recent_files[0] == str(path)
    assert len(window.document.project.experiment.graph.nodes) == 5


def test_a_learning_rate_of_a_million_pauses_at_the_last_finite_state(window: MainWindow, qtbot: QtBot) -> None:
    window.files.open_example("linear-regression")
    set_optimizer(window.document, "learning_rate", 1e6)
    window.runner.set_speed(None)
    window.actions_["run"].trigger()
    qtbot.waitUntil(lambda: not window.runner.is_running, timeout=10_000)
    snapshot = window.runner.snapshot
    assert snapshot is not None
    assert "non-finite" in window.status.words
    assert f"Step {snapshot.step + 1}" in window.status.words
    assert "phase" in window.status.words
    assert np.isfinite(snapshot.state).all()
    assert len(snapshot.curves.batch_loss) == snapshot.step > 0


def test_an_edit_during_a_run_carries_the_weights_over(window: MainWindow, qtbot: QtBot) -> None:
    window.files.open_example("xor")
    window.runner.set_speed(None)
    window.actions_["run"].trigger()
    qtbot.waitUntil(lambda: window.runner.snapshot is not None and window.runner.snapshot.step > 50)
    window.canvas.select([2])
    page = window.side.inspector.page
    assert isinstance(page, NodePage)
    assert page.form is not None
    units = page.form.field("units")
    assert isinstance(units, NumberEdit)
    units.stepBy(1)
    assert window.runner.is_running
    snapshot = window.runner.snapshot
    assert snapshot is not None
    assert snapshot.step > 50
    assert snapshot.program.parameters[0].shape == (2, 9)


def test_a_problem_pauses_the_run_and_undo_brings_it_back(window: MainWindow) -> None:
    window.files.open_example("xor")
    for _ in range(20):
        window.runner.step()
    weights = window.runner.snapshot.state if window.runner.snapshot else None
    window.actions_["run"].trigger()
    window.runner.pause()
    step = window.runner.snapshot.step if window.runner.snapshot else 0
    window.canvas.select([2])
    window.actions_["delete"].trigger()
    assert not window.runner.can_run
    assert not window.actions_["run"].isEnabled()
    assert "Problems (" in window.side.tabToolTip(window.side.indexOf(window.side.problems))
    window.actions_["undo"].trigger()
    assert window.actions_["run"].isEnabled()
    assert window.runner.snapshot is not None
    assert window.runner.snapshot.step == step
    assert weights is not None
    assert np.array_equal(window.runner.snapshot.state, weights)


def test_space_runs_and_pauses(window: MainWindow) -> None:
    window.files.open_example("xor")
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Space)
    assert window.runner.is_running
    QTest.keyClick(window.canvas, Qt.Key.Key_Space)
    assert not window.runner.is_running


def test_the_theme_switch_is_remembered(window: MainWindow) -> None:
    window.actions_["theme-dark"].trigger()
    assert current().is_dark
    assert window.settings.theme == "dark"
    window.actions_["theme-light"].trigger()
    assert not current().is_dark


def test_swapping_a_slot_swaps_nothing_else(window: MainWindow) -> None:
    window.files.open_example("xor")
    for _ in range(5):
        window.runner.step()
    before = window.runner.snapshot
    choose(window.pipeline.method.kind, "forward-mode")
    after = window.runner.snapshot
    assert before is not None
    assert after is not None
    assert after.step == before.step
    assert np.array_equal(after.state, before.state)
    window.actions_["undo"].trigger()
    assert window.document.project.experiment.method.kind == "backpropagation"


def test_dialogs_are_dialogs_of_the_window(window: MainWindow) -> None:
    dialog = dialogs.ExamplesDialog(window)
    assert isinstance(dialog, QDialog)
    assert dialog.list.count() == len(EXAMPLES) >= 8
    assert dialog.chosen == EXAMPLES[0].key


def test_typing_finds_an_example_and_enter_opens_it(window: MainWindow, qtbot: QtBot) -> None:
    dialog = dialogs.ExamplesDialog(window)
    with qtbot.waitActive(dialog):
        dialog.show()
    field = dialog.focusWidget()
    assert field is dialog.list
    QTest.keyClicks(field, "two sp")
    assert dialog.chosen == "spirals"
    assert dialog.list.currentItem().text() == "Two spirals"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_the_words_of_an_example_s_cards_can_be_read_when_it_opens(window: MainWindow, example: Example) -> None:
    window.files.open_example(example.key)
    assert window.canvas.zoom >= TEXT_ZOOM + 0.05
