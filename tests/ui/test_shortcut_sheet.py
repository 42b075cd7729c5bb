"""The sheet of all keys: complete, and seen at once in a small window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from ui.action_table import MENUS, MOUSE_AND_CANVAS_KEYS, SPECS
from ui.actions import key_names, key_words
from ui.main_window import MainWindow
from ui.shortcut_sheet import ShortcutSheet

Seen = list[tuple[QSize, tuple[int, int]]]


@pytest.fixture
def opened(window: MainWindow, qtbot: QtBot) -> Seen:
    """Press ? on the canvas of a small window; give how large the dialog was, and how far the sheet could scroll."""
    window.resize(1280, 690)
    found: Seen = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        (area,) = dialog.findChildren(QScrollArea)
        assert isinstance(area.widget(), ShortcutSheet)
        found.append((dialog.size(), (area.horizontalScrollBar().maximum(), area.verticalScrollBar().maximum())))
        dialog.reject()

    window.canvas.setFocus()
    QTimer.singleShot(0, look)
    QTest.keyClick(window.canvas, Qt.Key.Key_Question)
    qtbot.waitUntil(lambda: bool(found))
    return found


def test_the_question_mark_opens_it_and_all_of_it_is_seen_in_a_small_window(opened: Seen) -> None:
    ((size, scroll),) = opened
    assert scroll == (0, 0)
    assert size.width() <= 1280
    assert size.height() <= 690


def test_every_key_stands_there_under_its_menu(qtbot: QtBot, window: MainWindow) -> None:
    sheet = ShortcutSheet()
    qtbot.addWidget(sheet)
    words = [label.text() for label in sheet.findChildren(QLabel)]
    for spec in SPECS:
        for key in key_names(spec):
            assert key in words, spec.name
        assert not key_names(spec) or spec.label.rstrip("…") in words
    for title, _ in MENUS:
        assert title.replace("&", "") in words
    for keys, what in MOUSE_AND_CANVAS_KEYS:
        assert {keys, what} <= set(words)


def test_a_comma_that_is_a_key_is_one_key() -> None:
    settings = next(spec for spec in SPECS if spec.name == "experiment")
    assert key_names(settings) == ("Ctrl+,",)
    assert key_words(settings) == "Ctrl+,"
