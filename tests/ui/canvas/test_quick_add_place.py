"""Where the list of nodes to add stands while the window gets another size: at the place that the node will have."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WindowMaker
from ui.canvas.quick_add import QuickAdd
from ui.main_window import MainWindow


@pytest.fixture
def moons(make_window: WindowMaker, qtbot: QtBot) -> MainWindow:
    """A window with the two moons, the list of nodes opened with its key beside the middle layer."""
    window = make_window()
    window.files.open_example("two-moons")
    window.canvas.select([3])
    window.canvas.setFocus()
    qtbot.waitUntil(window.canvas.hasFocus)
    QTest.keyClick(window.canvas, Qt.Key.Key_A)
    return window


def popup(window: MainWindow) -> QuickAdd:
    assert window.canvas.adding.popup is not None
    return window.canvas.adding.popup


def card_side(window: MainWindow) -> QPoint:
    """Give where the selected card ends on the right, in the window."""
    canvas = window.canvas
    corner = canvas._scene.nodes_rect([3]).topRight()
    return canvas.viewport().mapTo(window, canvas.mapFromScene(corner))


def test_the_list_moves_with_the_canvas_and_adds_where_it_stands(moons: MainWindow) -> None:
    away = (popup(moons).pos() - card_side(moons)) / moons.canvas.zoom
    for size in (QSize(1200, 720), QSize(1600, 1000)):
        before = popup(moons).pos()
        moons.resize(size)
        assert popup(moons).isVisible()
        assert popup(moons).pos() != before
        moved = (popup(moons).pos() - card_side(moons)) / moons.canvas.zoom
        assert (moved - away).manhattanLength() <= 4
    QTest.keyClicks(popup(moons).field, "relu")
    QTest.keyClick(popup(moons).field, Qt.Key.Key_Return)
    (new,) = moons.canvas.selected_nodes()
    assert moons.document.project.experiment.graph.node(new).kind.name == "relu"


def test_the_list_stays_within_a_window_that_shrinks(moons: MainWindow) -> None:
    moons.resize(1040, 600)
    assert moons.rect().contains(popup(moons).geometry())
