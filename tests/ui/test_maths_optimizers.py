"""The table of every optimizer's Δw in the Maths tab, with real clicks and keys; none of them is noticed by the run."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.optimizer_comparison import propose
from engine.program import Phase
from engine.reference import Reference
from engine.snapshot import Snapshot
from tests.ui.gestures import LEFT, NO_KEYS
from tests.ui.test_maths import Lab, text
from ui.maths import optimizer_comparison
from ui.maths.optimizer_comparison import OptimizerSection
from ui.maths.typesetting import number_text, short_number

A = 2
ADAGRAD, ADAM = 3, 7
"""Rows of the table; the example two-moons has Adam."""


@pytest.fixture
def lab(qtbot: QtBot, qapp: QApplication) -> Lab:
    """The two moons with the first layer selected, after two steps."""
    lab = Lab(qtbot, qapp, "two-moons")
    lab.maths.show_selection([A])
    lab.runner.step()
    lab.runner.step()
    return lab


def digest(lab: Lab) -> str:
    """Give the bytes of everything that the run has, and how many gradients it counts."""
    trainer = lab.runner._trainer
    assert trainer is not None
    stepper = trainer.stepper
    place = stepper.step, stepper.micro, stepper.gradient_calls, stepper.updates
    return hashlib.sha256(stepper.arena.tobytes()).hexdigest() + str(place)


def section(lab: Lab) -> OptimizerSection:
    return lab.maths.comparisons.optimizers


def click_row(lab: Lab, row: int) -> None:
    table = section(lab).table
    item = table.item(row, 1)
    assert item is not None
    QTest.mouseClick(table.viewport(), LEFT, NO_KEYS, table.visualItemRect(item).center())


def update_words(lab: Lab) -> str:
    """Give what the matrices say of Δw of the chosen weight."""
    return lab.maths.matrices[0].accessibleDescription().partition("Δw ")[2]


def loss_after(before: Snapshot, deltas: dict[str, np.ndarray]) -> float:
    copy = Reference(before.program)
    copy.arena[...] = before.arena
    for parameter in before.program.parameters:
        before.program.weights(copy.arena, parameter)[...] += deltas[parameter.title]
    return copy.forward(before.rows)


def test_the_table_stands_just_before_and_right_after_an_update_only(lab: Lab) -> None:
    assert section(lab).isVisible()
    for phase, is_there in ((Phase.FORWARD, False), (Phase.LOSS, False), (Phase.BACKWARD, True), (Phase.UPDATE, True)):
        lab.go_to(phase)
        assert section(lab).isVisible() == is_there
    lab.runner.micro_step()
    assert not section(lab).isVisible()


def test_it_shows_the_update_that_follows_and_the_loss_after_it(lab: Lab) -> None:
    before = lab.go_to(Phase.BACKWARD)
    said = section(lab).table.text_of(ADAM)
    assert (
        text(section(lab).place)
        == f"Δw of W_A[1,1]; the loss of the same batch before: {number_text(before.loss or 0.0)}"
    )
    after = lab.go_to(Phase.UPDATE)
    W = after.program.parameters[0]
    loss = loss_after(before, {p.title: after.update(p) for p in after.program.parameters})
    assert after.update_norm is not None
    expected = ("✓ Adam", short_number(after.update(W)[0, 0]), short_number(after.update_norm), number_text(loss))
    assert said == expected == section(lab).table.text_of(ADAM)
    g = before.gradient(W)[0, 0]
    sgd = section(lab).table.text_of(0)
    assert sgd[:2] == ("SGD", short_number(-0.1 * g))
    deltas = {p.title: -0.1 * before.gradient(p) for p in before.program.parameters}
    assert sgd[3] == number_text(loss_after(before, deltas))


def test_another_weight_has_another_column(lab: Lab) -> None:
    view = lab.maths.matrices[0]
    QTest.mouseClick(view, LEFT, NO_KEYS, view.cell_rect(1, 1, 2).center())
    assert text(section(lab).place).startswith("Δw of W_A[2,3];")
    W = lab.now.program.parameters[0]
    assert section(lab).table.text_of(ADAM)[1] == short_number(lab.now.update(W)[1, 2])


@pytest.mark.parametrize("phase", [Phase.BACKWARD, Phase.UPDATE])
def test_a_click_shows_an_optimizers_update_in_the_matrices_and_changes_nothing(lab: Lab, phase: Phase) -> None:
    lab.go_to(phase)
    numbers, own = digest(lab), update_words(lab)
    click_row(lab, ADAGRAD)
    W = lab.now.program.parameters[0]
    g = lab.now.gradient(W)[0, 0]
    assert float(update_words(lab)) == pytest.approx(-0.1 * np.sign(g), abs=1e-4)
    assert text(section(lab).words) == "Preview: the Δw of AdaGrad with η = 0.1 of this g; not applied"
    assert "Δw = −η g" in text(section(lab).formula)
    assert lab.maths.matrices[0]._remark == "Δw: preview, not applied"
    assert digest(lab) == numbers
    click_row(lab, ADAGRAD)
    assert update_words(lab) == own
    assert not section(lab).words.isVisible()
    assert lab.maths.matrices[0]._remark != "Δw: preview, not applied"


def test_the_one_that_was_applied_is_no_preview_and_the_one_that_comes_is(lab: Lab) -> None:
    click_row(lab, ADAM)
    assert text(section(lab).words) == "The Δw of Adam with η = 0.03 of this g: the one that was applied"
    assert not section(lab).is_preview
    lab.go_to(Phase.BACKWARD)
    click_row(lab, ADAM)
    assert text(section(lab).words) == "Preview: the Δw of Adam with η = 0.03 of this g; it comes next"
    said = update_words(lab)
    lab.runner.micro_step()
    assert update_words(lab) == said


def test_keys_pick_a_row_and_esc_ends_the_preview(lab: Lab) -> None:
    table = section(lab).table
    table.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(ADAGRAD):
        QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert text(section(lab).words).startswith("Preview: the Δw of AdaGrad")
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert section(lab).preview is None
    QTest.keyClick(table, Qt.Key.Key_Enter)
    assert section(lab).preview is not None
    QTest.mouseClick(section(lab).end, LEFT)
    assert section(lab).preview is None


def test_the_preview_ends_when_the_run_moves(lab: Lab) -> None:
    lab.go_to(Phase.BACKWARD)
    click_row(lab, ADAGRAD)
    lab.runner.micro_step()
    assert section(lab).preview is None
    W = lab.now.program.parameters[0]
    assert float(update_words(lab)) == pytest.approx(float(lab.now.update(W)[0, 0]), abs=1e-4)


def test_use_puts_it_into_the_slot_as_one_undo_step(lab: Lab) -> None:
    lab.go_to(Phase.BACKWARD)
    click_row(lab, 1)
    assert section(lab).use.text() == "Use Momentum"
    delta = list(propose(lab.now, None))[1].part(lab.now.program.parameters[0])
    QTest.mouseClick(section(lab).use, LEFT)
    assert lab.document.project.experiment.optimizer.kind == "momentum"
    assert section(lab).preview is None
    assert section(lab).table.text_of(1)[0] == "✓ Momentum"
    lab.runner.micro_step()
    assert lab.now.update(lab.now.program.parameters[0]).tobytes() == delta.tobytes()
    lab.document.undo_stack.undo()
    assert lab.document.project.experiment.optimizer.kind == "adam"


def test_after_an_exchange_the_update_that_was_made_stays_in_bold(lab: Lab) -> None:
    own = section(lab).table.text_of(ADAM)[1:]
    click_row(lab, 0)
    QTest.mouseClick(section(lab).use, LEFT)
    table = section(lab).table
    assert table.text_of(0)[0] == "✓ SGD"
    assert table.text_of(ADAM) == ("Adam", *own)
    made, slot = table.item(ADAM, 1), table.item(0, 1)
    assert made is not None
    assert slot is not None
    assert made.font().bold()
    assert not slot.font().bold()


def test_what_takes_long_is_computed_when_asked_for(lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.go_to(Phase.LOSS)
    shown = section(lab).table
    monkeypatch.setattr(optimizer_comparison, "AT_ONCE_SECONDS", 0.0)
    lab.go_to(Phase.BACKWARD)
    numbers = digest(lab)
    assert not shown.isVisible()
    assert section(lab).work.start.text() == "Compare the optimizers"
    QTest.mouseClick(section(lab).work.start, LEFT)
    qtbot.waitUntil(lambda: section(lab).work.start.isVisible())
    assert shown.isVisible()
    assert shown.text_of(0)[3] == "—"
    assert section(lab).work.start.text() == "Compute the losses"
    QTest.mouseClick(section(lab).work.start, LEFT)
    qtbot.waitUntil(lambda: not section(lab).work.isVisible())
    deltas = {p.title: -0.1 * lab.now.gradient(p) for p in lab.now.program.parameters}
    assert shown.text_of(0)[3] == number_text(loss_after(lab.now, deltas))
    assert digest(lab) == numbers


def test_a_run_that_goes_on_has_no_table(lab: Lab) -> None:
    click_row(lab, 0)
    lab.runner.set_speed(1.0)
    lab.runner.run()
    assert not section(lab).isVisible()
    assert section(lab).preview is None
    lab.runner.pause()


def test_a_search_has_none_as_there_is_no_g(qtbot: QtBot, qapp: QApplication) -> None:
    lab = Lab(qtbot, qapp, "xor-genetic")
    lab.runner.step()
    assert lab.maths.update_.isVisible()
    assert not section(lab).isVisible()


def test_the_table_fits_the_narrowest_panel(lab: Lab, qtbot: QtBot) -> None:
    lab.maths.resize(286, 700)
    table = section(lab).table
    qtbot.waitUntil(lambda: table.width() < 260)
    for row in range(table.rowCount()):
        for column in range(table.columnCount()):
            item = table.item(row, column)
            assert item is not None
            assert QFontMetrics(item.font()).horizontalAdvance(item.text()) < table.columnWidth(column)
    total = sum(table.columnWidth(column) for column in range(table.columnCount()))
    assert total <= table.viewport().width()
