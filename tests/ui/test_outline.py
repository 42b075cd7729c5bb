"""The Outline tab: all that can be done to the graph's structure, by keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from engine.graph import Edge, Graph
from tests.ui.canvas.lab import FEATURES, LOSS, POSITIONS, SPARE, TARGET, A, B, experiment, moons_graph
from ui.edits import change_graph
from ui.outline import Outline
from ui.theme import install_theme


class Bench:
    """An outline with a real document."""

    def __init__(self, qtbot: QtBot) -> None:
        self.document = Document(Project(experiment(moons_graph()), POSITIONS))
        self.outline = Outline(self.document)
        self.outline.resize(300, 500)
        self.nodes: list[int] = []
        self.outline.node_requested.connect(self.nodes.append)
        qtbot.addWidget(self.outline)
        with qtbot.waitExposed(self.outline):
            self.outline.show()
        self.tree = self.outline.tree
        self.tree.setFocus()

    @property
    def graph(self) -> Graph:
        return self.document.project.experiment.graph

    def lines(self) -> dict[str, list[str]]:
        def under(parent: QModelIndex) -> list[QModelIndex]:
            return [self.tree.model().index(row, 0, parent) for row in range(self.tree.model().rowCount(parent))]

        return {str(line.data()): [str(child.data()) for child in under(line)] for line in under(QModelIndex())}

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.tree, key)

    def go_to(self, words: str) -> None:
        self.key(Qt.Key.Key_Home)
        while self.tree.currentIndex().data() != words:
            row = self.tree.currentIndex()
            self.key(Qt.Key.Key_Down)
            assert self.tree.currentIndex() != row


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Bench:
    install_theme(qapp)
    return Bench(qtbot)


def entries(menu: QMenu) -> dict[str, QAction]:
    """Give the actions of a menu and its branches by their words."""
    found: dict[str, QAction] = {}
    for action in menu.actions():
        branch = action.menu()
        if isinstance(branch, QMenu):
            found |= entries(branch)
        else:
            found[action.text()] = action
    return found


def test_it_mirrors_the_graph_in_the_order_of_computing(bench: Bench) -> None:
    assert bench.lines() == {
        "Features": [],
        "A · 4 tanh": ["inputs from Features"],
        "B · 1 identity": ["inputs from A · 4 tanh"],
        "Target": [],
        "Binary cross-entropy": ["prediction from B · 1 identity", "target from Target"],
        "ReLU": ["input: not connected"],
    }


def test_going_to_a_node_or_clicking_it_asks_for_it(bench: Bench) -> None:
    assert bench.nodes == []
    bench.go_to("A · 4 tanh")
    assert bench.nodes == [FEATURES, A]
    bench.key(Qt.Key.Key_Up)
    assert bench.nodes == [FEATURES, A, FEATURES]
    place = bench.tree.visualRect(bench.tree.model().index(1, 0)).center()
    QTest.mouseClick(bench.tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert bench.nodes == [FEATURES, A, FEATURES, A]


def test_showing_a_selection_tells_nobody(bench: Bench) -> None:
    bench.outline.show_selection((B,))
    assert bench.tree.marked_node() == B
    bench.outline.show_selection((A, B))
    assert bench.tree.marked_node() is None
    bench.outline.show_selection(())
    assert bench.nodes == []


def test_edits_elsewhere_are_followed_silently_and_keep_the_mark(bench: Bench) -> None:
    bench.outline.show_selection((B,))
    change_graph(bench.document, "units", bench.graph.set(A, {"units": 7}))
    assert "A · 7 tanh" in bench.lines()
    assert bench.tree.marked_node() == B
    change_graph(bench.document, "remove", bench.graph.remove([B]))
    assert bench.tree.marked_node() is None
    bench.document.undo_stack.undo()
    assert "B · 1 identity" in bench.lines()
    assert bench.nodes == []


def test_delete_removes_the_node_as_one_undo_step(bench: Bench) -> None:
    bench.go_to("ReLU")
    bench.key(Qt.Key.Key_Delete)
    assert SPARE not in bench.graph.nodes
    assert SPARE not in bench.document.project.positions
    assert bench.document.undo_stack.undoText() == "Delete ReLU"
    bench.document.undo_stack.undo()
    assert "ReLU" in bench.lines()
    assert bench.document.project.positions[SPARE] == POSITIONS[SPARE]


def test_delete_on_an_input_removes_the_wire_alone(bench: Bench) -> None:
    bench.go_to("target from Target")
    bench.outline.show_selection((LOSS,))
    bench.key(Qt.Key.Key_Delete)
    assert {TARGET, LOSS} <= set(bench.graph.nodes)
    assert Edge(TARGET, LOSS, "target") not in bench.graph.edges
    assert bench.document.undo_stack.undoText() == "Disconnect Target from Binary cross-entropy"


def test_adding_places_the_node_where_there_is_room_and_asks_for_it(bench: Bench) -> None:
    bench.outline.show_selection((A,))
    entries(bench.outline.add_menu())["Dense"].trigger()
    (new,) = set(bench.graph.nodes) - set(POSITIONS)
    assert bench.graph.node(new).name == "C"
    assert bench.nodes == [new]
    x, y = bench.document.project.positions[new]
    assert x > POSITIONS[A][0]
    assert all(abs(x - left) >= 200 or abs(y - top) >= 100 for left, top in POSITIONS.values())
    assert bench.document.undo_stack.undoText() == "Add Dense"


def test_connecting_offers_every_input_and_says_why_not(bench: Bench) -> None:
    bench.outline.show_selection((B,))
    found = entries(bench.outline.connect_menu())
    refused = {words for words, action in found.items() if not action.isEnabled()}
    assert refused == {"A · 4 tanh: inputs", "Binary cross-entropy: prediction"}
    assert "circle" in found["A · 4 tanh: inputs"].toolTip()
    found["ReLU: input"].trigger()
    assert Edge(B, SPARE, "in") in bench.graph.edges
    assert bench.document.undo_stack.undoText() == "Connect B to ReLU"


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
@pytest.mark.parametrize(("key", "words"), [(Qt.Key.Key_A, "Layers"), (Qt.Key.Key_C, "ReLU: input")])
def test_keys_open_the_menus(bench: Bench, key: Qt.Key, words: str) -> None:
    bench.outline.show_selection((A,))
    bench.key(key)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert words in [action.text() for action in menu.actions()]
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert QApplication.activePopupWidget() is None
    assert bench.document.undo_stack.count() == 0


def test_a_loss_feeds_nothing(bench: Bench) -> None:
    bench.outline.show_selection((LOSS,))
    assert not bench.outline.connect_to.isEnabled()
    assert bench.outline.remove.isEnabled()
    bench.outline.show_selection(())
    assert not bench.outline.remove.isEnabled()


def test_the_buttons_and_the_tree_have_names_for_screen_readers(bench: Bench) -> None:
    assert bench.tree.accessibleName() == "Nodes of the network and their inputs"
    assert [b.text() for b in (bench.outline.add, bench.outline.connect_to, bench.outline.remove)] == [
        "Add…",
        "Connect…",
        "Delete",
    ]
