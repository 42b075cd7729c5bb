"""Weights that are set by hand in the Maths tab, with real events: typed, pasted, in the past, and taken back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from engine.compiled import COMPILED, load
from engine.ops.call import Array
from engine.program import Parameter
from engine.trainer import Trainer
from tests.ui.gestures import LEFT, NO_KEYS, choose_tab
from tests.ui.travels import shown
from ui.main_window import MainWindow
from ui.maths.matrix_editor import MatrixEditor
from ui.number_edit import number_text

A, B = 2, 3
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def moons(window: MainWindow) -> MainWindow:
    """The two moons after three steps, the Maths tab in front, and layer A selected: W_A is 2 × 4."""
    window.files.open_example("two-moons")
    choose_tab(window, window.side.maths)
    window.canvas.select([A])
    for _ in range(3):
        window.runner.step()
    return window


def editor(window: MainWindow, number: int = 0) -> MatrixEditor:
    return window.side.maths.matrices[number]


def weights(window: MainWindow, number: int = 0) -> Array:
    now = shown(window)
    return now.weights([p for p in now.program.parameters if p.node == A][number]).copy()


def choose(window: MainWindow, row: int, column: int, number: int = 0) -> MatrixEditor:
    view = editor(window, number)
    QTest.mouseClick(view, LEFT, NO_KEYS, view.cell_rect(0, row, column).center())
    return view


def set_weight(window: MainWindow, row: int, column: int, text: str) -> None:
    """Choose a weight, type a number over it and press Enter."""
    view = choose(window, row, column)
    QTest.keyClick(view, Qt.Key.Key_Return)
    QTest.keyClicks(view.field, text)
    QTest.keyClick(view.field, Qt.Key.Key_Return)


def paste(window: MainWindow, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    QTest.keyClick(editor(window), Qt.Key.Key_V, CONTROL)


def test_a_double_click_opens_a_field_with_all_digits_and_enter_sets_the_weight(moons: MainWindow) -> None:
    before, losses = weights(moons), shown(moons).train_loss
    view = editor(moons)
    place = view.cell_rect(0, 1, 2).center()
    QTest.mouseClick(view, LEFT, NO_KEYS, place)
    QTest.mouseDClick(view, LEFT, NO_KEYS, place)
    assert view.field.isVisible()
    assert float(view.field.text()) == before[1, 2]
    QTest.keyClicks(view.field, "2/4")
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    after = weights(moons)
    assert after[1, 2] == 0.5
    before[1, 2] = 0.5
    np.testing.assert_array_equal(after, before)
    assert shown(moons).train_loss != losses
    assert moons.status.words.startswith("W_A[2,3] set by hand: ")
    assert moons.status.words.endswith(" → 0.5")
    assert not view.field.isVisible()
    assert moons.focusWidget() is view
    assert [(step, str(words)) for step, words in shown(moons).curves.events] == [(3, "W_A set by hand")]
    assert "set by hand" not in moons.document.undo_stack.undoText(), "weights belong to the run"


def test_a_digit_on_a_chosen_weight_begins_to_type_and_escape_takes_it_back(moons: MainWindow) -> None:
    before = weights(moons)
    view = choose(moons, 0, 1)
    QTest.keyClicks(view, "7")
    assert view.field.text() == "7"
    QTest.keyClicks(view.field, "5")
    QTest.keyClick(view.field, Qt.Key.Key_Escape)
    assert not view.field.isVisible()
    np.testing.assert_array_equal(weights(moons), before)
    QTest.keyClicks(view, "-")
    QTest.keyClicks(view.field, "1.5")
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    assert weights(moons)[0, 1] == -1.5


def test_what_is_no_number_is_refused_and_goes_when_it_is_left(moons: MainWindow) -> None:
    before = weights(moons)
    view = choose(moons, 0, 0)
    QTest.keyClick(view, Qt.Key.Key_Return)
    QTest.keyClicks(view.field, "much")
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    assert view.field.isVisible()
    assert moons.status.words == "“much” is not a number"
    view.field.selectAll()
    QTest.keyClick(view.field, Qt.Key.Key_Backspace)
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    assert moons.status.words == "A number is missing"
    moons.canvas.setFocus()
    assert not view.field.isVisible()
    np.testing.assert_array_equal(weights(moons), before)


def test_leaving_the_field_takes_the_number_and_another_node_forgets_it(moons: MainWindow) -> None:
    view = choose(moons, 0, 0)
    QTest.keyClicks(view, "4")
    moons.canvas.setFocus()
    assert weights(moons)[0, 0] == 4.0
    QTest.keyClicks(choose(moons, 0, 0), "9")
    moons.canvas.select([B])
    assert not view.field.isVisible()
    moons.canvas.select([A])
    assert weights(moons)[0, 0] == 4.0


def test_the_matrix_stays_in_view(moons: MainWindow) -> None:
    moons.resize(1280, 720)
    maths, view = moons.side.maths, editor(moons)
    maths.verticalScrollBar().setValue(view.y() + 20)
    set_weight(moons, 1, 1, "1")
    QApplication.processEvents()
    top = view.mapTo(maths.viewport(), view.cell_rect(0, 1, 1).topLeft()).y()
    assert 0 <= top < maths.viewport().height()


def test_within_a_step_the_step_begins_anew(moons: MainWindow) -> None:
    for _ in range(6):
        moons.runner.micro_step()
    set_weight(moons, 0, 0, "1")
    now = shown(moons)
    assert (now.step, now.micro, now.gradient_norm) == (3, 0, None)


def test_in_the_past_it_begins_a_branch_and_the_old_line_stays(moons: MainWindow) -> None:
    end = weights(moons)
    moons.runner.go_to(1)
    set_weight(moons, 0, 0, "1")
    assert shown(moons).track.is_past is False
    assert [(number, step) for number, step, _ in shown(moons).track.lines] == [(0, 3)]
    moons.runner.go_to_line(0)
    np.testing.assert_array_equal(weights(moons), end)


def test_headline_and_lock_say_that_the_weights_were_set_by_hand_until_the_next_update(moons: MainWindow) -> None:
    set_weight(moons, 0, 0, "1")
    assert moons.pipeline.weights.words.text() == "locked, set by hand"
    assert moons.canvas.headline.words.text() == (
        "The weights before step 4, as set by hand; nothing is computed for it yet."
    )
    moons.runner.micro_step()
    assert moons.pipeline.weights.words.text() == "locked, set by hand"
    moons.runner.step()
    assert moons.pipeline.weights.words.text() == "changed in step 4"


def test_stepping_back_and_resuming_there_takes_it_back(moons: MainWindow) -> None:
    before = weights(moons)
    set_weight(moons, 0, 0, "1")
    moons.runner.previous()
    moons.runner.branch()
    moons.runner.step()
    np.testing.assert_array_equal(weights(moons), before)


def test_a_run_that_goes_on_pauses(moons: MainWindow) -> None:
    moons.runner.set_speed(1.0)
    moons.runner.run()
    set_weight(moons, 0, 0, "1")
    assert not moons.runner.is_running
    assert weights(moons)[0, 0] == 1.0


def test_what_was_not_typed_over_stays_as_the_run_had_it_last(moons: MainWindow, qtbot: QtBot) -> None:
    moons.runner.set_speed(None)
    moons.runner.run()
    qtbot.waitUntil(lambda: shown(moons).step > 500)
    view = choose(moons, 0, 0)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert not moons.runner.is_running
    now = weights(moons)
    QTest.keyClicks(view.field, "1")
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    now[0, 0] = 1.0
    np.testing.assert_array_equal(weights(moons), now)


def test_undo_takes_back_what_was_set_last_but_no_step_and_no_edit_of_the_document(moons: MainWindow) -> None:
    before = weights(moons)
    set_weight(moons, 0, 0, "1")
    paste(moons, "1 2 3 4\n5 6 7 8")
    for _ in range(2):
        QTest.keyClick(editor(moons), Qt.Key.Key_Z, CONTROL)
    np.testing.assert_array_equal(weights(moons), before)
    assert moons.status.words == "W_A is as it was before it was set by hand"
    moons.canvas.pin.trigger()
    edits = moons.document.undo_stack.index()
    moons.canvas.pin.trigger()
    set_weight(moons, 0, 0, "1")
    moons.runner.step()
    QTest.keyClick(editor(moons), Qt.Key.Key_Z, CONTROL)
    assert moons.document.undo_stack.index() == edits, "after a step the key is the document's"


def test_in_a_fast_run_the_other_weights_stay_what_they_have_become(
    moons: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    learned: list[Array] = []

    def change(trainer: Trainer, parameter: Parameter, values: Array) -> None:
        learned.append(trainer.program.weights(trainer.stepper.arena, parameter).copy())
        own(trainer, parameter, values)

    own = Trainer.change_weights
    monkeypatch.setattr(Trainer, "change_weights", change)
    load()
    moons.runner.set_executor(COMPILED)
    moons.runner.set_speed(None)
    moons.runner.run()
    qtbot.waitUntil(lambda: moons.runner.place[0] > 1000)
    view = choose(moons, 0, 1)
    QTest.keyClicks(view, "9")
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    expected = learned[0].copy()
    assert moons.status.words == f"W_A[1,2] set by hand: {number_text(float(expected[0, 1]))} → 9"
    expected[0, 1] = 9.0
    np.testing.assert_array_equal(weights(moons), expected)


def test_a_table_is_copied_and_pasted_as_a_whole_or_in_part(moons: MainWindow) -> None:
    before = weights(moons)
    view = choose(moons, 1, 3)
    QTest.keyClick(view, Qt.Key.Key_C, CONTROL)
    copied = QGuiApplication.clipboard().text()
    assert [len(line.split("\t")) for line in copied.splitlines()] == [4, 4]
    paste(moons, "1 2 3 4\n5 6 7 8")
    assert weights(moons).tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert moons.status.words == "8 numbers of W_A set by hand"
    paste(moons, copied)
    np.testing.assert_array_equal(weights(moons), before)
    choose(moons, 0, 1)
    paste(moons, "10\t20\n30\t40")
    assert weights(moons)[:, 1:3].tolist() == [[10, 20], [30, 40]]
    np.testing.assert_array_equal(weights(moons)[:, [0, 3]], before[:, [0, 3]])


def test_what_does_not_fit_is_not_pasted(moons: MainWindow) -> None:
    before = weights(moons)
    choose(moons, 1, 2)
    for text, words in (
        ("1 2 3", "1 × 3 numbers have no room from W_A[2,3] on"),
        ("1\n2", "2 × 1 numbers have no room from W_A[2,3] on"),
        ("one", "“one” is not a number"),
        (" ", "There are no numbers to paste"),
    ):
        paste(moons, text)
        assert moons.status.words == words
    np.testing.assert_array_equal(weights(moons), before)


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
def test_the_menu_of_a_number_offers_all_of_it(moons: MainWindow) -> None:
    view = editor(moons, 1)
    place = view.cell_rect(0, 0, 2).center()
    QApplication.sendEvent(view, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    change, copy, into, *_ = menu.actions()
    assert [action.text() for action in (change, copy, into)] == ["Change w…", "Copy w as a Table", "Paste into w"]
    QTest.mouseClick(menu, LEFT, NO_KEYS, menu.actionGeometry(change).center())
    assert view.field.accessibleName() == "b_A[3]"
    QTest.keyClicks(view.field, "0.25")
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    assert weights(moons, 1).tolist()[0][2] == 0.25


def test_the_tooltip_of_a_number_tells_how_to_change_it(moons: MainWindow, qtbot: QtBot) -> None:
    view = editor(moons)
    moons.side.maths.ensureWidgetVisible(view)
    QTest.mouseMove(view, view.cell_rect(0, 0, 0).center())
    qtbot.waitUntil(lambda: view.toolTip().endswith("\nDouble-click: type another w"))
