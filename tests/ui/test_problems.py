"""The Problems tab: what is wrong, where, and a remedy that is one undo step."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.graph import Graph
from tests.ui.canvas.lab import LOSS, POSITIONS, SPARE, A, B, experiment, moons_graph
from ui.edits import change_graph
from ui.problems import ProblemCard, ProblemsPanel
from ui.theme import install_theme

LEFT = Qt.MouseButton.LeftButton


class Bench:
    """A problems panel with a real document and runner."""

    def __init__(self, qtbot: QtBot) -> None:
        self.document = Document(Project(experiment(moons_graph()), POSITIONS))
        self.runner = Runner(self.document)
        self.panel = ProblemsPanel(self.document, self.runner)
        self.panel.resize(300, 600)
        self.nodes: list[int] = []
        self.counts: list[int] = []
        self.panel.node_requested.connect(self.nodes.append)
        self.panel.count_changed.connect(self.counts.append)
        qtbot.addWidget(self.panel)
        with qtbot.waitExposed(self.panel):
            self.panel.show()

    @property
    def graph(self) -> Graph:
        return self.document.project.experiment.graph

    def change(self, graph: Graph) -> None:
        change_graph(self.document, "change", graph)

    @property
    def page(self) -> QWidget:
        page = self.panel.widget()
        assert page is not None
        return page

    def cards(self) -> list[ProblemCard]:
        return self.page.findChildren(ProblemCard)

    def words(self) -> list[str]:
        return [label.text() for label in self.page.findChildren(QLabel)]

    def button(self, words: str) -> QPushButton:
        (button,) = [b for b in self.page.findChildren(QPushButton) if b.text() == words]
        return button


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Bench:
    install_theme(qapp)
    return Bench(qtbot)


def test_a_warning_leaves_the_network_able_to_run(bench: Bench) -> None:
    assert bench.panel.count == 1
    assert bench.words()[0] == "The network can run."
    assert "▲" in bench.words()
    assert "●" not in bench.words()


def test_without_problems_it_says_so(bench: Bench) -> None:
    bench.change(bench.graph.remove([SPARE]))
    assert bench.words() == ["No problems: the network can run."]
    assert (bench.panel.count, bench.counts) == (0, [0])


def test_errors_stand_above_warnings_with_their_nodes(bench: Bench) -> None:
    bench.change(bench.graph.set(B, {"units": 3}))
    marks = [words for words in bench.words() if words in "●▲"]
    assert marks == ["●", "▲"]
    assert bench.words()[0] == "The network cannot run yet:"
    assert "Prediction and target differ: 3 and 1 values a row" in bench.words()
    assert bench.button("Binary cross-entropy").isVisible()


def test_a_fix_is_one_undo_step_and_takes_the_problem_away(bench: Bench) -> None:
    bench.change(bench.graph.set(B, {"units": 3}))
    steps = bench.document.undo_stack.count()
    QTest.mouseClick(bench.button("Set the units of B to 1"), LEFT)
    assert bench.graph.node(B).settings["units"] == 1
    assert bench.document.undo_stack.count() == steps + 1
    assert bench.document.undo_stack.undoText() == "Set the units of B to 1"
    assert bench.panel.count == 1
    bench.document.undo_stack.undo()
    assert bench.panel.count == 2


def test_a_name_or_a_click_anywhere_on_the_card_asks_for_the_node(bench: Bench) -> None:
    bench.change(bench.graph.set(B, {"units": 3}))
    QTest.keyClick(bench.button("Binary cross-entropy"), Qt.Key.Key_Space)
    card = bench.cards()[1]
    QTest.mouseClick(card, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(card.width() - 4, card.height() - 4))
    assert bench.nodes == [LOSS, SPARE]


def test_an_empty_canvas_has_a_problem_without_a_node(bench: Bench) -> None:
    bench.change(Graph())
    assert bench.panel.count == 1
    (card,) = bench.cards()
    assert card.findChildren(QPushButton) == []
    assert card.cursor().shape() is Qt.CursorShape.ArrowCursor


def test_showing_problems_edits_nothing_and_keeps_the_cards_of_equal_ones(bench: Bench) -> None:
    cards = bench.cards()
    bench.panel.show_compilation(bench.runner.compilation)
    bench.change(bench.graph.set(A, {"units": 5}))
    assert bench.cards() == cards
    assert bench.document.undo_stack.count() == 1
    assert bench.counts == []
