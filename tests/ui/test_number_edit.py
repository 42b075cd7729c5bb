"""Numbers as people write them, and the field that takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.message import EngineError
from engine.setting import Setting
from ui.number_edit import NumberEdit, number_text, parse_number, stepped
from ui.theme import install_theme

UNITS = Setting("units", 8, "Units", minimum=1, maximum=4096)
RATE = Setting("rate", 0.1, "Learning rate", minimum=0.0, maximum=10.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8", 8.0),
        (" 0.5 ", 0.5),
        ("0,5", 0.5),
        (".25", 0.25),
        ("3.", 3.0),
        ("1e-3", 0.001),
        ("1E3", 1000.0),
        ("2/3", 2 / 3),
        ("1 284", 1284.0),
        ("1\N{NARROW NO-BREAK SPACE}284", 1284.0),
        ("\N{MINUS SIGN}4", -4.0),
        ("-1/4", -0.25),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize("text", ["", "x", "1,000.5", "1/0", "1/2/3", "nan", "inf", "1e", "--1", "0x10"])
def test_what_is_no_number_is_refused_with_words(text: str) -> None:
    with pytest.raises(EngineError):
        parse_number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_reads_as_the_same_number(value: float) -> None:
    assert parse_number(number_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *[(8, "8"), (0.03, "0.03"), (1e-8, "1e-8"), (1.0, "1"), (1e22, "1e22"), (99000.0, "99000")],
        *[(1e6, "1e6"), (-2.5e5, "-2.5e5"), (123456, "123456"), (1e12, "1e12"), (100000.5, "100000.5")],
    ],
)
def test_numbers_are_written_short(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "steps", "result"),
    [
        (0.08, 1, 0.09),
        (0.09, 1, 0.1),
        (0.1, 1, 0.2),
        (0.1, -1, 0.09),
        (0.2, -1, 0.1),
        (0.0, 1, 0.01),
        (0.0, -1, -0.01),
        (-0.1, 1, -0.09),
        (1e-8, 2, 3e-8),
        (0.05, 10, 0.6),
    ],
)
def test_a_step_goes_up_or_down_in_the_leading_digit(value: float, steps: int, result: float) -> None:
    assert stepped(value, steps) == result


@given(st.floats(min_value=1e-9, max_value=1e9), st.integers(min_value=-30, max_value=30))
def test_steps_go_in_their_direction_and_never_across_zero(value: float, steps: int) -> None:
    result = stepped(value, steps)
    assert result > 0
    assert (result - value) * steps >= 0


class Bench:
    """A whole-number and a decimal field, each with what it told."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QWidget()
        column = QVBoxLayout(self.window)
        self.units, self.rate = NumberEdit(UNITS), NumberEdit(RATE)
        self.edits: list[object] = []
        for field in (self.units, self.rate):
            column.addWidget(field)
            field.edited.connect(self.edits.append)
        self.units.show_value(8)
        self.rate.show_value(0.1)
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.units.setFocus()

    def type(self, field: NumberEdit, text: str) -> None:
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)

    def click(self, field: NumberEdit, part: QStyle.SubControl) -> None:
        option = QStyleOptionSpinBox()
        field.initStyleOption(option)
        place = field.style().subControlRect(QStyle.ComplexControl.CC_SpinBox, option, part, field)
        QTest.mouseClick(field, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place.center())


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Bench:
    install_theme(qapp)
    return Bench(qtbot)


def turn_wheel(field: QWidget) -> None:
    center = QPointF(field.rect().center())
    event = QWheelEvent(
        center,
        field.mapToGlobal(center),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, event)


def test_showing_a_value_tells_nobody(bench: Bench) -> None:
    bench.units.show_value(12)
    bench.units.show_value(None)
    assert bench.edits == []
    assert bench.units.text() == ""


def test_typing_commits_once_on_enter(bench: Bench) -> None:
    bench.type(bench.units, "128")
    assert bench.edits == []
    QTest.keyClick(bench.units, Qt.Key.Key_Return)
    assert bench.edits == [128]
    assert isinstance(bench.edits[0], int)


def test_a_double_click_selects_the_whole_number_so_that_typing_takes_its_place(bench: Bench) -> None:
    line = bench.rate.lineEdit()
    for x in (8, 16):
        place = QPoint(x, line.rect().center().y())
        bench.rate.show_value(0.25)
        bench.rate.setFocus()
        QTest.mouseClick(line, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        QTest.mouseDClick(line, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        assert line.selectedText() == "0.25"
        QTest.keyClicks(bench.rate, "0.5")
        QTest.keyClick(bench.rate, Qt.Key.Key_Return)
        assert bench.rate.text() == "0.5"


def test_typing_commits_when_the_focus_leaves(bench: Bench) -> None:
    bench.type(bench.rate, "2/4")
    bench.units.setFocus()
    assert bench.edits == [0.5]
    assert bench.rate.text() == "0.5"


def test_the_same_number_written_otherwise_is_no_edit(bench: Bench) -> None:
    bench.type(bench.rate, "1e-1")
    QTest.keyClick(bench.rate, Qt.Key.Key_Return)
    assert bench.edits == []
    assert bench.rate.text() == "0.1"


def test_escape_restores_a_draft_and_only_then_is_taken(bench: Bench) -> None:
    bench.type(bench.units, "77")
    QTest.keyClick(bench.units, Qt.Key.Key_Escape)
    assert bench.units.text() == "8"
    bench.rate.setFocus()
    assert bench.edits == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0", "Units must be at least 1, not 0"),
        ("9000", "Units must be at most 4\N{NARROW NO-BREAK SPACE}096, not 9\N{NARROW NO-BREAK SPACE}000"),
        ("2.5", "Units: a whole number is needed, not 2.5"),
        ("many", "“many” is not a number"),
    ],
)
def test_what_the_setting_refuses_stays_in_red_with_the_reason(bench: Bench, text: str, reason: str) -> None:
    reasons: list[str] = []
    bench.units.refused.connect(reasons.append)
    bench.type(bench.units, text)
    QTest.keyClick(bench.units, Qt.Key.Key_Return)
    assert (bench.units.text(), bench.units.reason(), bench.units.property("role")) == (text, reason, "error")
    assert bench.edits == []
    bench.rate.setFocus()
    assert bench.units.text() == text
    bench.type(bench.units, "9")
    assert reasons == [reason, ""]
    QTest.keyClick(bench.units, Qt.Key.Key_Return)
    assert bench.edits == [9]


def test_clicks_on_the_buttons_step_and_commit_at_once(bench: Bench) -> None:
    for _ in range(7):
        bench.click(bench.units, QStyle.SubControl.SC_SpinBoxDown)
    assert bench.edits == [7, 6, 5, 4, 3, 2, 1]
    bench.click(bench.units, QStyle.SubControl.SC_SpinBoxDown)
    assert bench.units.value() == 1
    bench.click(bench.rate, QStyle.SubControl.SC_SpinBoxUp)
    assert bench.edits[-1] == 0.2


def test_arrow_keys_step_from_what_is_typed(bench: Bench) -> None:
    bench.type(bench.units, "20")
    QTest.keyClick(bench.units, Qt.Key.Key_Up)
    assert bench.edits == [21]


def test_the_wheel_steps_only_where_the_focus_is(bench: Bench) -> None:
    turn_wheel(bench.rate)
    assert bench.edits == []
    turn_wheel(bench.units)
    assert bench.edits == [9]


def test_a_draft_outlives_news_of_the_old_value_but_not_of_a_new_one(bench: Bench) -> None:
    bench.type(bench.units, "55")
    bench.units.show_value(8)
    assert bench.units.text() == "55"
    bench.units.show_value(3)
    assert bench.units.text() == "3"
