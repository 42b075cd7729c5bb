"""What the Maths tab computes when asked, with real clicks: gradient methods, the gradient check, ∂L/∂x.

The run does not notice any of it, and an answer goes when the run moves on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from engine.error_curve import STEPS, ErrorCurve, brief
from engine.input_gradient import input_gradient
from engine.program import Phase
from tests.ui.gestures import LEFT, choose_tab
from tests.ui.test_maths import Lab, text
from tests.ui.test_maths_optimizers import digest
from tests.ui.travels import shown
from ui.edits import choose_method
from ui.main_window import MainWindow
from ui.maths.comparisons import Comparisons
from ui.maths.section import Slices, WorkLine
from ui.maths.typesetting import number_text, short_number
from ui.theme import current, signed_color

FEATURES, A = 1, 2
METHODS = ["✓ Backpropagation", "Forward mode", "Finite differences", "SPSA"]


@pytest.fixture
def lab(qtbot: QtBot, qapp: QApplication) -> Lab:
    """The two moons with the first layer selected, just before the third update."""
    lab = Lab(qtbot, qapp, "two-moons")
    lab.maths.show_selection([A])
    lab.runner.step()
    lab.runner.step()
    lab.go_to(Phase.BACKWARD)
    return lab


def asked(lab: Lab) -> Comparisons:
    return lab.maths.comparisons


def press(button: QPushButton) -> None:
    QTest.mouseClick(button, LEFT)


def wait_for(qtbot: QtBot, slices: Slices) -> None:
    qtbot.waitUntil(lambda: not slices.is_at_work, timeout=20_000)


def is_resting(work: WorkLine) -> bool:
    return work.start.isVisible() and not work.bar.isVisible() and not work.cancel.isVisible()


# ---- gradient methods ------------------------------------------------------------------------------------------------


def test_every_method_is_compared_and_the_run_does_not_notice(lab: Lab, qtbot: QtBot) -> None:
    methods, numbers = asked(lab).methods, digest(lab)
    assert methods.isVisible()
    assert not methods.table.isVisible()
    assert text(methods.work.remark) == "It takes 79 forward passes on a copy."
    press(methods.work.start)
    wait_for(qtbot, methods._slices)
    rows = [methods.table.text_of(number) for number in range(4)]
    assert [row[0] for row in rows] == METHODS
    g = np.concatenate([lab.now.gradient(p).ravel() for p in lab.now.program.parameters])
    norm = short_number(float(np.sqrt((g * g).sum())))
    assert [row[1] for row in rows[:3]] == [norm] * 3
    assert rows[0][2] == "0"
    assert float(rows[1][2].replace("−", "-")) < 1e-14
    assert float(rows[2][2].replace("−", "-")) < 1e-9
    assert float(rows[3][2]) > 1e-3
    assert [row[3] for row in rows] == ["2", "25", "50", "2"]
    # The pipeline bar has the same unit, and the forward pass of phase 2 too: ≈ 3 fwd.
    unit = methods.table.horizontalHeaderItem(3)
    assert unit is not None
    assert (unit.text(), unit.toolTip().partition(",")[0]) == ("fwd", "What g alone costs")
    assert "“fwd” counts forward passes for g alone" in text(methods.note)
    assert all(float(row[4]) > 0.0 for row in rows)
    assert not methods.work.isVisible()
    assert digest(lab) == numbers
    assert lab.runner.snapshot is not None
    assert lab.runner.snapshot.gradient_calls == 3


def test_the_comparison_goes_when_the_run_moves_and_is_not_offered_before_phase_4(lab: Lab, qtbot: QtBot) -> None:
    methods = asked(lab).methods
    press(methods.work.start)
    wait_for(qtbot, methods._slices)
    lab.maths.show_selection([A + 1])
    assert methods.table.isVisible()
    lab.runner.micro_step()
    assert methods.isVisible()
    assert not methods.table.isVisible()
    assert is_resting(methods.work)
    lab.runner.micro_step()
    assert not methods.isVisible()


def test_a_long_comparison_goes_on_in_slices_and_can_be_canceled(qtbot: QtBot, qapp: QApplication) -> None:
    lab = Lab(qtbot, qapp, "digits")
    lab.maths.show_selection([A])
    lab.go_to(Phase.BACKWARD)
    methods, numbers = asked(lab).methods, digest(lab)
    press(methods.work.start)
    qtbot.waitUntil(lambda: methods.work.bar.value() > 0)
    assert 0 < methods.work.bar.value() < 1000
    assert "of 7 234 forward passes, about" in text(methods.work.remark)
    assert methods.table.text_of(0)[1] != "…"
    assert methods.table.text_of(3)[1] == "…"
    press(methods.work.cancel)
    assert not methods._slices.is_at_work
    assert is_resting(methods.work)
    assert not methods.table.isVisible()
    assert digest(lab) == numbers


def test_a_comparison_that_nobody_sees_ends_when_the_run_goes_on(qtbot: QtBot, qapp: QApplication) -> None:
    lab = Lab(qtbot, qapp, "digits")
    lab.maths.show_selection([A])
    lab.go_to(Phase.BACKWARD)
    methods = asked(lab).methods
    press(methods.work.start)
    lab.maths.hide()
    assert methods._slices.is_at_work, "it goes on behind another tab"
    lab.runner.set_speed(None)
    with qtbot.waitSignal(lab.runner.frame_ready):
        lab.runner.run()
    assert not methods._slices.is_at_work
    lab.runner.pause()
    lab.maths.show()
    assert not methods.table.isVisible()


def test_a_comparison_goes_on_behind_another_tab_and_ends_with_the_window(window: MainWindow, qtbot: QtBot) -> None:
    window.files.open_example("digits")
    choose_tab(window, window.side.maths)
    window.canvas.select([A])
    while shown(window).phase is not Phase.BACKWARD:
        window.runner.micro_step()
    methods = window.side.maths.comparisons.methods
    press(methods.work.start)
    choose_tab(window, window.side.problems)
    begun = methods.work.bar.value()
    qtbot.waitUntil(lambda: methods.work.bar.value() > begun)
    assert methods._slices.is_at_work
    window.close()
    qtbot.waitUntil(lambda: not methods._slices.is_at_work)
    assert methods.work.bar.value() < methods.work.bar.maximum()


# ---- the gradient check ----------------------------------------------------------------------------------------------


def test_the_check_says_how_well_g_agrees_and_draws_the_curve(lab: Lab, qtbot: QtBot) -> None:
    check, numbers = asked(lab).check, digest(lab)
    assert not check.view.isVisible()
    press(check.work.start)
    wait_for(qtbot, check._slices)
    curve = ErrorCurve(lab.now, None, lab.now.program.parameters[:2])
    while not curve.is_done:
        curve.advance()
    best = curve.best
    assert best is not None
    words = f"Backpropagation: g agrees to {brief(curve.errors[best])} at h = {brief(STEPS[best])}."
    assert text(check.words) == words
    assert check.view.accessibleDescription() == words
    assert "over 12 weights of this node" in text(check.note)
    assert check.view.isVisible()
    # The best point lies lower than both ends, and between them.
    ends, middle = (check.view.point_of(0), check.view.point_of(len(STEPS) - 1)), check.view.point_of(best)
    assert ends[1].x() < middle.x() < ends[0].x()
    assert middle.y() > max(end.y() for end in ends) + 50
    image = check.view.grab().toImage()
    assert image.pixelColor(ends[0].toPoint()).name() == current().colors.backward_text.lower()
    # Its place is known when all texts have theirs.
    qtbot.waitUntil(lambda: check.view.y() > check.words.y() + check.words.heightForWidth(check.words.width()))
    lab.maths.ensureWidgetVisible(check.view)
    QTest.mouseMove(check.view, QPoint(round(middle.x()), 60))
    qtbot.waitUntil(lambda: check.view.toolTip() != "")
    assert check.view.toolTip() == f"h = {brief(STEPS[best])}: error {brief(curve.errors[best])}"
    assert digest(lab) == numbers


def test_the_check_is_of_the_node_and_goes_with_it_and_with_the_run(lab: Lab, qtbot: QtBot) -> None:
    check = asked(lab).check
    moves: tuple[Callable[[], None], ...] = (lambda: lab.maths.show_selection([A + 1]), lab.runner.micro_step)
    for move in moves:
        press(check.work.start)
        wait_for(qtbot, check._slices)
        assert check.view.isVisible()
        move()
        assert not check.view.isVisible()
        assert is_resting(check.work)
    lab.maths.show_selection([FEATURES])
    assert not check.isVisible()


def test_an_estimate_is_found_out(lab: Lab, qtbot: QtBot) -> None:
    choose_method(lab.document, "spsa")
    lab.go_to(Phase.BACKWARD)
    press(asked(lab).check.work.start)
    wait_for(qtbot, asked(lab).check._slices)
    assert "it is not the exact derivative" in text(asked(lab).check.words)


# ---- the gradient with respect to the data ---------------------------------------------------------------------------


def test_a_data_node_offers_the_derivative_with_respect_to_its_rows(lab: Lab) -> None:
    inputs, numbers = asked(lab).inputs, digest(lab)
    assert not inputs.isVisible()
    lab.maths.show_selection([FEATURES])
    assert inputs.work.start.isVisible()
    assert inputs.work.start.text() == "Compute ∂L/∂x"
    press(inputs.work.start)
    found = input_gradient(lab.now, lab.runner.dataset, FEATURES)
    first, second = (number_text(float(value)) for value in found[0])
    assert text(inputs.line).strip() == f"∂L/∂x = [{first} {second}]"
    QTest.keyClick(lab.maths.choosers.row, Qt.Key.Key_Up)
    assert number_text(float(found[1, 0])) in text(inputs.line)
    assert text(inputs.words).startswith("No optimizer has a say in this: ")
    assert not inputs.picture.isVisible()
    assert digest(lab) == numbers
    lab.runner.micro_step()
    assert not inputs.line.isVisible()
    assert inputs.work.start.isVisible()


def test_of_images_it_is_a_picture_whose_colors_are_signs(qtbot: QtBot, qapp: QApplication) -> None:
    lab = Lab(qtbot, qapp, "digits")
    lab.maths.show_selection([FEATURES])
    lab.runner.step()
    inputs = asked(lab).inputs
    press(inputs.work.start)
    picture = inputs.picture
    assert picture.isVisible()
    assert lab.maths._moments.before is not None
    found = input_gradient(lab.now, lab.runner.dataset, FEATURES, lab.maths._moments.before)[0].reshape(8, 8)
    image, scale = picture.grab().toImage(), np.abs(found).max()
    checked = 0
    for place in np.ndindex(8, 8):
        value = float(found[place])
        if abs(value) < 0.5 * scale:
            continue
        color = image.pixelColor(picture.pixel_rect(*place).center())
        expected = signed_color(value, 1.0, current().colors)
        assert (color.redF() > color.blueF()) == (expected.redF() > expected.blueF()) == (value < 0)
        checked += 1
    assert checked > 1
    row, column = np.unravel_index(np.abs(found).argmax(), found.shape)
    assert f"row {row + 1}, column {column + 1}: " in picture.accessibleDescription()


def test_nothing_is_offered_before_rows_are_drawn_and_nothing_can_be_pressed_while_a_run_goes_on(
    qtbot: QtBot, qapp: QApplication
) -> None:
    lab = Lab(qtbot, qapp, "two-moons")
    for node in (FEATURES, A):
        lab.maths.show_selection([node])
        sections = (asked(lab).inputs, asked(lab).check, asked(lab).methods)
        assert not any(section.isVisible() for section in sections)
    lab.runner.step()
    lab.runner.set_speed(1.0)
    lab.runner.run()
    assert asked(lab).check.isVisible()
    assert not asked(lab).check.work.start.isEnabled()
    lab.runner.pause()
    assert asked(lab).check.work.start.isEnabled()


def test_labels_in_the_sections_keep_within_the_narrowest_panel(lab: Lab, qtbot: QtBot) -> None:
    lab.maths.resize(286, 700)
    for section in (asked(lab).methods, asked(lab).check):
        press(section.work.start)
        wait_for(qtbot, section._slices)
    qtbot.waitUntil(lambda: asked(lab).check.width() < 260)
    table = asked(lab).methods.table
    assert sum(table.columnWidth(column) for column in range(5)) <= table.viewport().width()
    for label in asked(lab).findChildren(QLabel):
        assert label.width() < 260 or not label.isVisible()
