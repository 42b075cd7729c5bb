"""The way from the pipeline bar and the Problems tab to the settings of a slot, and a g that is typed in there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from engine.message import grouped
from tests.ui.bench import commit
from tests.ui.canvas.lab import A
from ui.edits import change_graph, choose_method, choose_optimizer, set_optimizer
from ui.experiment_page import ChoiceSection, ExperimentPage
from ui.main_window import MainWindow
from ui.problems import ProblemCard
from ui.slot_problems import Slot
from ui.text_edit import TextEdit

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def lab(window: MainWindow) -> MainWindow:
    """Give the window with a network of two layers, A and B."""
    window.files.open_example("xor")
    return window


def section(window: MainWindow, slot: Slot) -> ChoiceSection:
    page = window.side.inspector.page
    assert isinstance(page, ExperimentPage)
    return page.sections[slot]


def is_in_view(window: MainWindow, slot: Slot) -> bool:
    """Tell whether the section's heading, choice and first settings can be seen."""
    inspector, part = window.side.inspector, section(window, slot)
    top = part.mapTo(inspector.viewport(), QPoint(0, 0)).y()
    return top >= 0 and QRect(0, top, 1, 100).bottom() <= inspector.viewport().height()


def card_buttons(window: MainWindow) -> list[QPushButton]:
    page = window.side.problems.widget()
    assert page is not None
    return [button for card in page.findChildren(ProblemCard) for button in card.findChildren(QPushButton)]


def problem_words(window: MainWindow) -> list[str]:
    page = window.side.problems.widget()
    assert page is not None
    return [label.text() for label in page.findChildren(QLabel)]


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize("selected", [(), (2,)])
def test_the_settings_button_of_a_slot_shows_its_settings(
    lab: MainWindow, qtbot: QtBot, slot: Slot, selected: tuple[int, ...]
) -> None:
    lab.resize(1280, 600)
    lab.canvas.select(selected)
    box = lab.pipeline.method if slot is Slot.METHOD else lab.pipeline.optimizer
    (button,) = box.findChildren(QToolButton)
    QTest.mouseClick(button, LEFT)
    assert lab.side.currentWidget() is lab.side.inspector
    qtbot.waitUntil(lambda: is_in_view(lab, slot))
    assert lab.focusWidget() is section(lab, slot).box


def test_without_a_method_the_problems_say_that_the_optimizer_needs_g(lab: MainWindow, qtbot: QtBot) -> None:
    choose_method(lab.document, "none")
    assert lab.side.tabText(lab.side.indexOf(lab.side.problems)) == "▲ 1"
    words = "Minibatch SGD needs g, and no method computes it"
    choose_optimizer(lab.document, "sgd")
    assert problem_words(lab) == ["The network can run.", "▲", words]
    lab.side.setCurrentIndex(1)
    (button,) = card_buttons(lab)
    assert button.text() == "Optimizer"
    QTest.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: lab.side.currentWidget() is lab.side.inspector and is_in_view(lab, Slot.OPTIMIZER))
    choose_optimizer(lab.document, "random-search")
    assert lab.side.tabText(lab.side.indexOf(lab.side.problems)) == "Problems", "nobody asks for g"
    choose_optimizer(lab.document, "none")
    assert lab.side.tabText(lab.side.indexOf(lab.side.problems)) == "Problems", "it is meant to do nothing"


def test_a_population_that_is_too_large_is_a_problem_of_the_optimizer(lab: MainWindow) -> None:
    choose_optimizer(lab.document, "genetic-algorithm")
    graph = lab.document.project.experiment.graph
    change_graph(lab.document, "wide", graph.set(A, {"units": 2000}))
    set_optimizer(lab.document, "population", 200)
    assert any(f"A population of {200} networks with {grouped(8001)} weights" in w for w in problem_words(lab))
    assert [button.text() for button in card_buttons(lab)] == ["Optimizer"]


def test_a_typed_g_that_does_not_fit_is_red_with_the_reason_and_esc_restores_it(lab: MainWindow) -> None:
    choose_method(lab.document, "typed")
    form = section(lab, Slot.METHOD).form()
    assert form is not None
    field = form.field("g")
    assert isinstance(field, TextEdit)
    (reason,) = (label for label in form.findChildren(QLabel) if label.property("role") == "error")
    assert not reason.isVisibleTo(form)
    edits = lab.document.undo_stack.count()
    commit(field, "W_A = 0.x")
    assert lab.document.project.experiment.method.settings["g"] == "1", "the text is not taken"
    assert lab.document.undo_stack.count() == edits
    assert (field.text(), field.property("role")) == ("W_A = 0.x", "error")
    assert reason.isVisibleTo(form)
    assert reason.text() == "● '0.x' is not a number at character 7"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), field.property("role")) == ("1", "")
    assert not reason.isVisibleTo(form)
    commit(field, "W_A = x")
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    QTest.keyClicks(field, "2")
    assert field.property("role") == "", "it fits while it is still being typed"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert lab.document.project.experiment.method.settings["g"] == "W_A = 2"


def test_a_typed_g_that_fits_no_more_says_so_at_the_field_and_in_the_problems(lab: MainWindow, qtbot: QtBot) -> None:
    choose_method(lab.document, "typed")
    form = section(lab, Slot.METHOD).form()
    assert form is not None
    field = form.field("g")
    assert isinstance(field, TextEdit)
    commit(field, "b_A = 1 2 3 4 5 6 7 8")
    assert field.reason() == ""
    graph = lab.document.project.experiment.graph
    change_graph(lab.document, "narrow", graph.set(A, {"units": 4}))
    QApplication.sendPostedEvents()
    words = "b_A has 4 numbers, not 8"
    assert (field.reason(), field.property("role")) == (words, "error")
    assert words in problem_words(lab)
    (button,) = card_buttons(lab)
    assert button.text() == "Gradient method"
    QTest.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: is_in_view(lab, Slot.METHOD))
    lab.document.undo_stack.undo()
    assert (field.reason(), field.property("role")) == ("", "")
    assert lab.side.tabText(lab.side.indexOf(lab.side.problems)) == "Problems"
