"""The stop conditions on the page of the experiment, and what the window says of a run that they end."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from engine.experiment import Choice
from engine.stopping import STOP_CONDITIONS
from tests.engine.samples import dense_graph, experiment_of
from ui.main_window import MainWindow
from ui.number_edit import NumberEdit
from ui.stop_section import StopSection
from ui.theme import install_theme


@pytest.fixture
def document(qapp: QApplication) -> Document:
    install_theme(qapp)
    return Document(Project(experiment_of()))


@pytest.fixture
def section(qtbot: QtBot, document: Document) -> StopSection:
    made = StopSection(document)
    made.resize(300, 700)
    qtbot.addWidget(made)
    document.changed.connect(lambda _old, new: made.show_project(new))
    made.show_project(document.project)
    with qtbot.waitExposed(made):
        made.show()
    return made


def stops(document: Document) -> tuple[Choice, ...]:
    return document.project.experiment.stops


def test_each_kind_has_a_box_that_adds_and_removes_it_as_one_undo_step(
    section: StopSection, document: Document
) -> None:
    for name, kind in STOP_CONDITIONS.items():
        box = section.box(name)
        assert not section.form(name).isVisible()
        box.click()
        assert stops(document) == (Choice(name, {s.name: s.default for s in kind.settings}),)
        assert section.form(name).isVisible()
        assert document.undo_stack.undoText() == f"Add stop condition {kind.label}"
        document.undo_stack.undo()
        assert not box.isChecked()
        document.undo_stack.redo()
        box.click()
        assert stops(document) == ()
        assert not section.form(name).isVisible()


def test_settings_are_edited_in_place_and_the_order_is_that_of_the_list(
    section: StopSection, document: Document
) -> None:
    section.box("plateau").click()
    section.box("steps").click()
    field = section.form("steps").field("count")
    assert isinstance(field, NumberEdit)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "250")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert [stop.kind for stop in stops(document)] == ["steps", "plateau"]
    assert stops(document)[0].settings == {"count": 250}


def test_what_is_typed_goes_when_its_condition_does(section: StopSection, document: Document) -> None:
    section.box("steps").click()
    field = section.form("steps").field("count")
    assert isinstance(field, NumberEdit)
    field.setFocus()
    QTest.keyClicks(field, "7")
    document.undo_stack.undo()
    assert stops(document) == ()
    assert document.undo_stack.count() == 1


def test_the_window_says_why_a_run_stopped_and_not_as_an_error(window: MainWindow, qtbot: QtBot) -> None:
    window.document.load(Project(experiment_of(stops=(Choice("steps", {"count": 12}),))), None)
    window.perform("run")
    qtbot.waitUntil(lambda: not window.runner.is_running)
    assert window.status.words == "Stopped: step 12 is reached"
    assert window.runner.place == (12, 0)
    assert "step 12" in window.transport.place.text()


def test_a_long_step_shows_how_far_it_is_and_can_be_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    window.document.load(Project(experiment_of(dense_graph((600,)), way="finite-differences")), None)
    assert not window.status.cancel.isVisible()
    window.perform("step")
    qtbot.waitUntil(lambda: window.status.cancel.isVisible() and window.status.progress.value() > 5)
    snapshot = window.runner.snapshot
    assert snapshot is not None
    assert window.status.progress.maximum() == snapshot.micro_count
    assert window.status.progress_words.text().endswith("micro-steps")
    QTest.mouseClick(window.status.cancel, Qt.MouseButton.LeftButton)
    assert not window.runner.is_running
    assert window.runner.place == (0, 0)
    assert not window.status.cancel.isVisible()


def test_a_short_step_shows_no_progress(window: MainWindow) -> None:
    window.document.load(Project(experiment_of()), None)
    for _ in range(5):
        window.perform("micro-step")
        assert not window.status.progress.isVisible()
