"""Breakpoints in the window: set with keys and menus, seen on the card, told where they pause a run, kept in files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.project import Breakpoint
from engine.program import Phase
from tests.ui.gestures import node_item
from ui import dialogs
from ui.canvas.breakpoint_marks import RADIUS, mark_center
from ui.main_window import MainWindow
from ui.theme import current

A = 2
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def moons(window: MainWindow) -> MainWindow:
    window.files.open_example("two-moons")
    window.canvas.setFocus()
    return window


def letter(window: MainWindow, name: str) -> int:
    nodes = window.document.project.experiment.graph.nodes
    return next(id_ for id_, node in nodes.items() if node.name == name)


def color_at(window: MainWindow, node: int, phase: Phase) -> str:
    """Give the color that is painted at the edge of where a sign of the card is."""
    item = node_item(window, node)
    image = QImage(400, 400, QImage.Format.Format_RGB32)
    image.fill(current().colors.canvas)
    painter = QPainter(image)
    painter.translate(20, 20)
    item._painter.paint(painter, item.card, item.look, 1.0)
    painter.end()
    center = mark_center(item.card, phase)
    return image.pixelColor(round(center.x()) + 20, round(center.y()) + 23).name().upper()


def test_keys_set_and_clear_them_on_the_selection_and_the_card_shows_them(moons: MainWindow) -> None:
    a = letter(moons, "A")
    moons.canvas.select([a])
    colors = current().colors
    assert color_at(moons, a, Phase.FORWARD) not in (colors.forward, colors.backward)
    QTest.keyClick(moons.canvas, Qt.Key.Key_B)
    assert list(moons.runner.breakpoints.listed) == [Breakpoint(a, Phase.FORWARD)]
    assert color_at(moons, a, Phase.FORWARD) == colors.forward
    assert moons.actions_["break-forward"].isChecked()
    QTest.keyClick(moons.canvas, Qt.Key.Key_B, SHIFT)
    assert color_at(moons, a, Phase.BACKWARD) == colors.backward
    center = node_item(moons, a).sceneBoundingRect().center()
    words = moons.canvas._scene.details_at(center)
    assert "pauses before forward" in words
    assert "pauses before backward" in words
    for modifiers in (Qt.KeyboardModifier.NoModifier, SHIFT):
        QTest.keyClick(moons.canvas, Qt.Key.Key_B, modifiers)
    assert not moons.runner.breakpoints.listed
    assert not moons.actions_["break-forward"].isChecked()
    assert not moons.document.is_modified


def test_without_a_selection_and_on_data_there_is_nothing_to_set(moons: MainWindow) -> None:
    moons.canvas.select([])
    QTest.keyClick(moons.canvas, Qt.Key.Key_B)
    data = next(id_ for id_, node in moons.document.project.experiment.graph.nodes.items() if node.op == "features")
    moons.canvas.select([data])
    QTest.keyClick(moons.canvas, Qt.Key.Key_B)
    assert not moons.runner.breakpoints.listed
    assert not moons.actions_["run-to-here"].isEnabled()
    assert not moons.actions_["clear-breakpoints"].isEnabled()


def test_for_several_nodes_the_missing_ones_are_set_first(moons: MainWindow) -> None:
    a, b = letter(moons, "A"), letter(moons, "B")
    moons.runner.breakpoints.set([Breakpoint(a, Phase.FORWARD)], True)
    moons.canvas.select([a, b])
    action = moons.actions_["break-forward"]
    assert not action.isChecked()
    action.trigger()
    assert [mark.node for mark in moons.runner.breakpoints.listed] == [a, b]
    assert action.isChecked()
    action.trigger()
    assert not moons.runner.breakpoints.listed


def entries(menu: QMenu) -> dict[str, bool]:
    return {action.text(): action.isChecked() for action in menu.actions()}


def test_the_menu_of_a_node_has_them_and_run_to_here(moons: MainWindow, qtbot: QtBot) -> None:
    a = letter(moons, "A")
    moons.canvas.select([a])
    menu = moons.canvas.make_menu()
    found = {action.text(): action for action in menu.actions()}
    found["Pause before Backward"].trigger()
    assert entries(menu)["Pause before Backward"]
    assert not entries(menu)["Pause before Forward"]
    moons.runner.set_speed(None)
    found["Run to Here"].trigger()
    qtbot.waitUntil(lambda: not moons.runner.is_running)
    assert moons.status.words == "Paused before forward through A · 4 tanh"
    assert moons.runner.snapshot is not None
    assert (moons.runner.snapshot.next.node, moons.runner.snapshot.next.phase) == (a, Phase.FORWARD)
    menu.deleteLater()


def test_a_run_says_why_it_pauses_and_run_again_goes_on(moons: MainWindow, qtbot: QtBot) -> None:
    moons.runner.set_speed(None)
    moons.runner.breakpoints.set([Breakpoint(letter(moons, "A"), Phase.BACKWARD)], True)
    words = "Paused before backward through A · 4 tanh (breakpoint)"
    for step in range(2):
        moons.canvas.setFocus()
        QTest.keyClick(moons.canvas, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: not moons.runner.is_running)
        assert moons.runner.snapshot is not None
        assert moons.runner.snapshot.step == step
        assert moons.status.words == words
        assert moons.canvas.headline.words.text() == words
        assert moons.transport.run.text() == "Run"
    QTest.keyClick(moons.canvas, Qt.Key.Key_Right)
    assert moons.status.words == ""
    assert "Backward through" in moons.canvas.headline.words.text()


def test_they_are_saved_with_the_file_and_come_back(
    moons: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "marked.bplab")
    monkeypatch.setattr(dialogs, "choose_file_to_save", lambda *_: path)
    b = letter(moons, "B")
    moons.runner.breakpoints.set([Breakpoint(b, Phase.BACKWARD)], True)
    assert moons.files.save_as()
    moons.files.open_example("xor")
    assert not moons.runner.breakpoints.listed
    assert moons.files.open_path(path)
    assert list(moons.runner.breakpoints.listed) == [Breakpoint(b, Phase.BACKWARD)]
    assert color_at(moons, b, Phase.BACKWARD) == current().colors.backward
    moons.actions_["clear-breakpoints"].trigger()
    assert color_at(moons, b, Phase.BACKWARD) != current().colors.backward


def test_they_go_with_their_node_and_undo_brings_them_back(moons: MainWindow) -> None:
    a = letter(moons, "A")
    moons.canvas.select([a])
    QTest.keyClick(moons.canvas, Qt.Key.Key_B)
    QTest.keyClick(moons.canvas, Qt.Key.Key_Delete)
    assert not moons.runner.breakpoints.listed
    moons.actions_["undo"].trigger()
    assert list(moons.runner.breakpoints.listed) == [Breakpoint(a, Phase.FORWARD)]
    assert color_at(moons, a, Phase.FORWARD) == current().colors.forward


def test_the_signs_lie_clear_of_ports_and_within_what_is_redrawn(moons: MainWindow) -> None:
    for id_ in moons.document.project.experiment.graph.nodes:
        item = node_item(moons, id_)
        for phase in (Phase.FORWARD, Phase.BACKWARD):
            center = mark_center(item.card, phase)
            for places in item.card.inputs.values():
                for place in places:
                    assert QPoint(*map(round, (center - place).toTuple())).manhattanLength() > RADIUS + 5
            assert item.boundingRect().left() <= center.x() - RADIUS - 1
