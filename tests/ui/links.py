"""Clicking links in the Maths tab with the mouse."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.gestures import LEFT, NO_KEYS
from ui.maths.blocks import Block
from ui.maths.links import is_number
from ui.maths.panel import MathsPanel


def is_fold(link: str) -> bool:
    """Tell whether a link folds or unfolds a sum."""
    return not is_number(link)


def click_link(qtbot: QtBot, maths: MathsPanel, block: Block, is_wanted: Callable[[str], bool]) -> str:
    """Scroll to a block, move the mouse over it until it is on a link that is wanted, and click; give the link."""
    found = [""]
    qtbot.waitUntil(lambda: block.height() >= block.heightForWidth(block.width()))
    maths.verticalScrollBar().setValue(block.y())
    note = found.append
    block.linkHovered.connect(note)
    try:
        for y in range(4, block.height(), 8):
            for x in range(4, block.width(), 6):
                QTest.mouseMove(block, QPoint(x, y))
                QApplication.processEvents()
                if is_wanted(found[-1]) and found[-1]:
                    QTest.mouseClick(block, LEFT, NO_KEYS, QPoint(x, y))
                    return found[-1]
    finally:
        block.linkHovered.disconnect(note)
    raise AssertionError("no link")
