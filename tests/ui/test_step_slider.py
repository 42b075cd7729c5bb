"""The track of the timeline at steps that Qt's own slider cannot count to."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.gestures import LEFT, NO_KEYS
from ui.plot_area import PlotArea
from ui.plots import create_deck
from ui.step_slider import LARGEST, StepSlider
from ui.theme import install_theme

LATE = 2**31
Key = Qt.Key


@pytest.fixture
def slider(qtbot: QtBot, qapp: QApplication) -> StepSlider:
    install_theme(qapp)
    slider = StepSlider()
    slider.resize(600, slider.height())
    qtbot.addWidget(slider)
    with qtbot.waitExposed(slider):
        slider.show()
    slider.setFocus()
    return slider


def press_keys(slider: StepSlider, *keys: Qt.Key) -> list[int]:
    """Press keys one after the other and give the step after each, as whoever listens for actions finds it."""
    found: list[int] = []
    slider.actionTriggered.connect(lambda _action: found.append(slider.step))
    for key in keys:
        QTest.keyClick(slider, key)
    return found


def test_while_steps_fit_the_values_that_screen_readers_say_are_the_steps(slider: StepSlider) -> None:
    slider.show_track(7, 40, 12, ())
    assert (slider.minimum(), slider.maximum(), slider.value(), slider.step) == (7, 40, 12, 12)
    slider.show_track(7, LARGEST, LARGEST - 1, ())
    assert (slider.minimum(), slider.maximum(), slider.value()) == (7, LARGEST, LARGEST - 1)


@pytest.mark.parametrize("first", [LATE, LATE - 20, 0, 1, 2**40], ids=str)
@pytest.mark.parametrize("beyond", [LATE + 5, 2**33 + 1, 2**53], ids=str)
def test_steps_beyond_32_bits_are_exact_for_the_keys(slider: StepSlider, first: int, beyond: int) -> None:
    end = first + beyond
    slider.show_track(first, end, end, ())
    assert slider.step == end
    keys = (Key.Key_Left, Key.Key_Left, Key.Key_Right, Key.Key_Home, Key.Key_Left, Key.Key_Right, Key.Key_End)
    assert press_keys(slider, *keys) == [end - 1, end - 2, end - 1, first, first, first + 1, end]
    slider.show_track(first, end, first + 3, ())
    assert slider.step == first + 3
    assert press_keys(slider, Key.Key_Right, Key.Key_Right) == [first + 4, first + 5]


def test_a_short_track_that_begins_late_is_exact_for_the_mouse(slider: StepSlider) -> None:
    slider.show_track(LATE - 5, LATE + 5, LATE + 5, ())
    for step in (LATE - 5, LATE - 1, LATE, LATE + 1, LATE + 5):
        QTest.mouseClick(slider, LEFT, NO_KEYS, QPoint(round(slider.place_of(step)), slider.height() // 2))
        assert slider.step == step


def test_the_mouse_goes_to_any_part_of_a_long_track(slider: StepSlider) -> None:
    end = 3 * LATE
    slider.show_track(0, end, end, ())
    for share in (0.0, 0.25, 0.9, 1.0):
        QTest.mouseClick(slider, LEFT, NO_KEYS, QPoint(round(slider.place_of(share * end)), slider.height() // 2))
        assert slider.step == pytest.approx(share * end, abs=end / 500)
    assert slider.step == end
    assert QPointF(slider.place_of(end), 0.0).x() > slider.place_of(0)


def test_the_handle_is_painted_where_the_step_is(slider: StepSlider) -> None:
    slider.show_track(0, 3 * LATE, 0, ())
    start = slider.grab().toImage()
    slider.show_track(0, 3 * LATE, 2 * LATE, ())
    later = slider.grab().toImage()
    assert start != later
    slider.show_track(0, 300, 200, ())
    assert slider.grab().toImage() == later


def test_a_click_in_a_plot_tells_steps_beyond_32_bits(qtbot: QtBot, qapp: QApplication) -> None:
    install_theme(qapp)
    area, told = PlotArea(), list[object]()
    qtbot.addWidget(area)
    area.load()
    area.step_requested.connect(told.append)
    deck = create_deck()
    qtbot.addWidget(deck)
    for signal in (area.step_requested, deck.step_requested, *(p.step_requested for p in deck.panels.values())):
        signal.connect(told.append)
        signal.emit(LATE + 5)
    assert set(told) == {LATE + 5}
