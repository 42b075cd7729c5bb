"""Computing g and using it by the keys and the menu of the window: what is told, what moves and what stays."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.ui.gestures import LEFT
from tests.ui.travels import shown
from ui.edits import choose_method, choose_optimizer, set_batch_size
from ui.main_window import MainWindow

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def moons(window: MainWindow) -> MainWindow:
    """Give a window with an example after three steps of Adam, with the keys going to its canvas."""
    window.files.open_example("two-moons")
    for _ in range(3):
        window.actions_["step"].trigger()
    window.canvas.setFocus()
    return window


def told(window: MainWindow) -> str:
    words = QTextDocument()
    words.setHtml(window.canvas.headline.words.text())
    return words.toPlainText()


def chip(window: MainWindow) -> tuple[str, bool]:
    """Give what the chip of g says, and whether it is gray."""
    return window.pipeline.gradient.text().partition("at ")[2], window.pipeline.gradient.is_stale


def weights(window: MainWindow) -> bytes:
    return shown(window).state.tobytes()


def g_of(window: MainWindow) -> bytes:
    snapshot = shown(window)
    return b"".join(snapshot.gradient(p).tobytes() for p in snapshot.program.parameters)


def key(window: MainWindow, pressed: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window.canvas, pressed, modifiers)


def choose_in_menu(window: MainWindow, title: str, name: str) -> None:
    """Choose an action in a menu of the window, with the keyboard."""
    menu = next(a.menu() for a in window.menuBar().actions() if a.text().replace("&", "") == title)
    assert isinstance(menu, QMenu)
    menu.setActiveAction(window.actions_[name])
    QTest.keyClick(menu, Qt.Key.Key_Return)


def test_g_is_computed_and_no_weight_moves(moons: MainWindow) -> None:
    before = weights(moons)
    key(moons, Qt.Key.Key_F7)
    assert weights(moons) == before
    assert told(moons) == "Backward through A · 4 tanh: computed 25 of 25 numbers of g; no weight has changed"
    assert moons.canvas.headline.next.text() == "Next: update →"
    assert chip(moons) == ("w₃, batch 4", False)
    assert not moons.actions_["compute-gradient"].isEnabled()
    assert "the update" in moons.actions_["compute-gradient"].toolTip()


def test_a_computed_g_is_applied_and_then_the_same_g_again(moons: MainWindow) -> None:
    choose_in_menu(moons, "Train", "compute-gradient")
    g, before = g_of(moons), weights(moons)
    choose_in_menu(moons, "Train", "apply-gradient")
    once = weights(moons)
    assert once != before
    assert told(moons).startswith("Adam turned g into Δw and added it · same batch ")
    assert (shown(moons).step, g_of(moons)) == (4, g)
    key(moons, Qt.Key.Key_F8)
    assert weights(moons) not in (before, once)
    assert (shown(moons).step, g_of(moons), shown(moons).gradient_calls) == (4, g, 4)
    assert told(moons).startswith("Adam turned the same g into another Δw and added it; no gradient was computed")
    assert chip(moons) == ("w₃, batch 4", True)
    assert moons.transport.place.text().startswith("step 4 ")


def test_other_rows_are_drawn_at_the_same_weights_and_their_g_is_another(moons: MainWindow) -> None:
    key(moons, Qt.Key.Key_F7)
    before, first, g = weights(moons), shown(moons).batch, g_of(moons)
    key(moons, Qt.Key.Key_F7, SHIFT)
    assert weights(moons) == before
    assert not np.intersect1d(shown(moons).batch, first).size
    assert told(moons) == "Drew 32 other rows of 240 at the same weights, batch 5 of 8 of this epoch"
    key(moons, Qt.Key.Key_F7)
    assert weights(moons) == before
    assert g_of(moons) != g
    assert told(moons).startswith("Same weights, other rows: ‖g‖ ")


def test_another_method_for_the_same_step_is_compared_with_the_one_before(moons: MainWindow) -> None:
    key(moons, Qt.Key.Key_F7)
    before = weights(moons)
    choose_method(moons.document, "finite-differences")
    key(moons, Qt.Key.Key_F7)
    assert weights(moons) == before
    assert told(moons).startswith("Finite differences: g agrees with that of Backpropagation to ")
    assert told(moons).endswith("at 50 forward passes instead of 2")


@pytest.mark.parametrize(
    ("optimizer", "reasons"),
    [
        ("genetic-algorithm", ("Genetic algorithm needs no g, so a step computes none", "Genetic algorithm uses no g")),
        ("none", ("", "There is no optimizer that could use g")),
    ],
)
def test_what_cannot_be_done_says_why(moons: MainWindow, optimizer: str, reasons: tuple[str, str]) -> None:
    choose_optimizer(moons.document, optimizer)
    for name, reason in zip(("compute-gradient", "apply-gradient"), reasons, strict=True):
        action = moons.actions_[name]
        assert action.isEnabled() == (not reason)
        assert action.toolTip().startswith(reason)
    before = weights(moons), shown(moons).step
    key(moons, Qt.Key.Key_F8)
    assert (weights(moons), shown(moons).step) == before


def test_no_other_rows_can_be_drawn_where_each_batch_has_all(moons: MainWindow) -> None:
    set_batch_size(moons.document, None)
    assert not moons.actions_["redraw"].isEnabled()
    assert moons.actions_["redraw"].toolTip().startswith("Each batch holds all rows")


def test_before_the_first_step_there_is_no_g_to_apply(window: MainWindow) -> None:
    assert not any(window.actions_[name].isEnabled() for name in ("compute-gradient", "apply-gradient", "redraw"))
    window.files.open_example("two-moons")
    assert window.actions_["compute-gradient"].isEnabled()
    assert not window.actions_["apply-gradient"].isEnabled()
    assert window.actions_["apply-gradient"].toolTip().startswith("Compute g first")


def test_in_a_run_that_goes_on_it_pauses_first(moons: MainWindow, qtbot: QtBot) -> None:
    moons.runner.set_speed(None)
    moons.runner.step()
    assert moons.canvas.headline.next.isVisible()
    with qtbot.waitSignal(moons.runner.frame_ready):
        moons.actions_["run"].trigger()
    # A run too fast to be followed is called that at its first frame.
    assert not moons.canvas.headline.next.isVisible()
    key(moons, Qt.Key.Key_F7)
    assert not moons.runner.is_running
    assert moons.canvas.headline.next.text() == "Next: update →"
    assert shown(moons).gradient_step == shown(moons).step


def test_the_end_of_the_headline_does_the_next_micro_step_and_leaves_the_keys_to_the_canvas(moons: MainWindow) -> None:
    button = moons.canvas.headline.next
    assert button.text() == "Next: draw 32 of 240 rows →"
    QTest.mouseClick(button, LEFT)
    assert (shown(moons).step, shown(moons).micro) == (3, 1)
    assert told(moons).startswith("Drew 32 of 240 rows, batch 4 of 8 of this epoch")
    assert button.text() == "Next: forward A · 4 tanh →"
    QTest.mouseClick(button, LEFT)
    assert shown(moons).micro == 2
    assert moons.canvas.hasFocus()


def test_a_step_that_is_taken_back_takes_the_g_of_the_step_before_with_it(moons: MainWindow) -> None:
    moons.actions_["previous"].trigger()
    known = weights(moons)
    moons.actions_["now"].trigger()
    key(moons, Qt.Key.Key_F8)
    again = weights(moons)
    moons.actions_["previous"].trigger()
    assert weights(moons) == known
    moons.actions_["now"].trigger()
    assert weights(moons) == again
    assert told(moons).startswith("Adam turned the same g into another Δw")
