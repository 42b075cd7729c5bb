"""The palette: every kind of node can be found, dragged and added, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidgetItem
from pytestqt.qtbot import QtBot

from engine.ops import OPS
from ui.mime import OP_MIME
from ui.op_search import CATEGORIES
from ui.palette import COMPACT_WIDTH, WIDTH, Palette
from ui.theme import install_theme

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def palette(qtbot: QtBot, qapp: QApplication) -> Palette:
    install_theme(qapp)
    palette = Palette()
    palette.resize(WIDTH, 800)
    qtbot.addWidget(palette)
    with qtbot.waitExposed(palette):
        palette.show()
    return palette


def shown(palette: Palette) -> list[str]:
    items = [palette.list.item(row) for row in range(palette.list.count())]
    return [item.text() for item in items if not item.isHidden()]


def item_of(palette: Palette, words: str) -> QListWidgetItem:
    (item,) = palette.list.findItems(words, Qt.MatchFlag.MatchExactly)
    return item


def place_of(palette: Palette, words: str) -> QPoint:
    return palette.list.visualItemRect(item_of(palette, words)).center()


def added(palette: Palette) -> list[str]:
    ops: list[str] = []
    palette.add_requested.connect(ops.append)
    return ops


def test_every_op_with_a_category_stands_under_its_heading(palette: Palette) -> None:
    expected = []
    for category in CATEGORIES:
        expected += [category, *(op.label for op in OPS.values() if op.category == category)]
    assert shown(palette) == expected
    assert {op.category for op in OPS.values() if op.category} == set(CATEGORIES)


def test_tooltips_say_what_a_kind_does(palette: Palette) -> None:
    words = item_of(palette, "Dense").toolTip()
    assert OPS["dense"].summary in words
    assert OPS["dense"].forward_formula in words


def test_search_leaves_what_matches_and_its_headings(palette: Palette) -> None:
    QTest.keyClicks(palette.search, "entropy")
    assert shown(palette) == ["Losses", "Binary cross-entropy", "Softmax cross-entropy"]
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert len(shown(palette)) == palette.list.count()


def test_enter_in_the_search_field_adds_the_first_match(palette: Palette) -> None:
    ops = added(palette)
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert ops == []
    QTest.keyClicks(palette.search, "softm")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert ops == ["softmax"]


def test_arrow_keys_lead_from_the_search_to_a_kind_and_enter_adds_it(palette: Palette) -> None:
    ops = added(palette)
    palette.search.setFocus()
    QTest.keyClicks(palette.search, "dense")
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.list.hasFocus()
    QTest.keyClick(palette.list, Qt.Key.Key_Return)
    assert ops == ["dense"]


def test_headings_are_passed_over_by_the_keyboard(palette: Palette) -> None:
    ops = added(palette)
    palette.list.setFocus()
    palette.list.setCurrentItem(item_of(palette, "Parameter"))
    QTest.keyClick(palette.list, Qt.Key.Key_Down)
    QTest.keyClick(palette.list, Qt.Key.Key_Return)
    assert ops == ["dense"]


def test_a_double_click_adds(palette: Palette) -> None:
    ops = added(palette)
    place = place_of(palette, "Neuron")
    QTest.mouseClick(palette.list.viewport(), LEFT, NO_KEYS, place)
    QTest.mouseDClick(palette.list.viewport(), LEFT, NO_KEYS, place)
    assert ops == ["neuron"]


@pytest.mark.parametrize("compact", [False, True])
def test_a_drag_carries_the_op_and_a_ghost(palette: Palette, monkeypatch: pytest.MonkeyPatch, compact: bool) -> None:
    palette.set_compact(compact)
    QApplication.sendPostedEvents()
    carried: list[tuple[bytes, bool]] = []

    def record(drag: QDrag, *_: object) -> Qt.DropAction:
        carried.append((bytes(drag.mimeData().data(OP_MIME).data()), drag.pixmap().isNull()))
        return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(QDrag, "exec", record)
    start = place_of(palette, "Dense")
    viewport = palette.list.viewport()
    QTest.mousePress(viewport, LEFT, NO_KEYS, start)
    for far in (10, 30, 60):
        QTest.mouseMove(viewport, start + QPoint(0, far))
    QTest.mouseRelease(viewport, LEFT, NO_KEYS, start + QPoint(0, 60))
    assert carried[:1] == [(b"dense", False)]


def test_the_rail_is_narrow_and_shows_every_kind_again(palette: Palette) -> None:
    QTest.keyClicks(palette.search, "tanh")
    palette.set_compact(True)
    assert palette.width() == COMPACT_WIDTH
    assert not palette.search.isVisible()
    assert len(shown(palette)) == palette.list.count()
    palette.set_compact(False)
    assert palette.width() == WIDTH
    assert palette.search.isVisible()
