"""Names that people gave are shown as they were typed, whatever they look like; and sentences around them translate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from app.translate import CONTEXT
from tests.ui.canvas.lab import LOSS, POSITIONS, A, B, experiment, moons_graph
from ui.edits import node_words
from ui.side_panel import SidePanel
from ui.theme import install_theme

NAME = "<h1>x&y</h1>"


class Bench:
    """The side panel over a network with a node of such a name that does not fit the loss."""

    def __init__(self, qtbot: QtBot) -> None:
        graph = moons_graph().rename(B, NAME).set(B, {"units": 3})
        self.document = Document(Project(replace(experiment(moons_graph()), graph=graph), POSITIONS))
        self.runner = Runner(self.document)
        self.side = SidePanel(self.document, self.runner)
        self.side.resize(400, 800)
        qtbot.addWidget(self.side)
        with qtbot.waitExposed(self.side):
            self.side.show()


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Bench:
    install_theme(qapp)
    return Bench(qtbot)


class OtherLanguage(QTranslator):
    """Puts the name after the rest."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        """Translate the one sentence; all others stay."""
        return "{caption} ({name})" if (context, source) == (CONTEXT, "{name} · {caption}") else source


@pytest.fixture
def other_language() -> Iterator[None]:
    translator = OtherLanguage()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def shown(widget: QWidget) -> str:
    """Give the words that a person reads in the labels of a widget."""
    reader = QTextEdit()
    lines = []
    for label in widget.findChildren(QLabel):
        is_rich = label.textFormat() is not Qt.TextFormat.PlainText and "<" in label.text()
        (reader.setHtml if is_rich else reader.setPlainText)(label.text())
        lines.append(reader.toPlainText())
    return "\n".join(lines)


def test_the_page_of_a_node_shows_its_name_as_typed(bench: Bench) -> None:
    bench.side.show_selection((B,))
    assert f"{NAME} · Dense" in shown(bench.side.inspector)
    bench.side.show_selection((LOSS,))
    assert f"from {NAME}" in shown(bench.side.inspector)
    bench.side.show_selection((B, LOSS))
    assert f"{NAME} · 3 identity" in shown(bench.side.inspector)


def test_a_refused_name_is_shown_as_typed(bench: Bench) -> None:
    bench.side.show_selection((A,))
    (name,) = [edit for edit in bench.side.inspector.findChildren(QWidget) if edit.accessibleName() == "Name"]
    name.setFocus()
    QTest.keyClick(name, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(name, NAME)
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert f"another node is called {NAME} already" in shown(bench.side.inspector)


def test_the_problems_show_a_name_as_typed(bench: Bench) -> None:
    assert bench.side.problems.count > 0
    # In a button's text a doubled & stands for one.
    texts = [button.text().replace("&&", "\0").replace("&", "").replace("\0", "&") for button in buttons(bench)]
    assert any(NAME in text for text in texts)


def test_the_menu_of_connections_shows_a_name_as_typed(bench: Bench) -> None:
    bench.side.outline.show_selection((A,))
    texts = [action.text().replace("&&", "&") for action in bench.side.outline.connect_menu().actions()]
    assert f"{NAME} · 3 identity: inputs" in texts
    bench.side.outline.show_selection((LOSS,))
    tips = [action.toolTip() for action in bench.side.outline.connect_menu().actions()]
    assert not [tip for tip in tips if "<h1>" in tip]


def test_a_language_may_turn_around_what_a_node_is_called_in_lists(bench: Bench, other_language: None) -> None:
    graph = bench.document.project.experiment.graph
    assert node_words(graph.node(A)) == "4 tanh (A)"
    assert node_words(graph.node(LOSS)) == "Binary cross-entropy"


def test_the_parts_are_named_for_screen_readers(bench: Bench) -> None:
    assert bench.side.accessibleName()
    bench.side.show_selection(())
    (line,) = [
        edit for edit in bench.side.inspector.findChildren(QWidget) if edit.inherits("QLineEdit") and is_batch(edit)
    ]
    assert line.accessibleName() == "Batch size"


def is_batch(edit: QWidget) -> bool:
    parent = edit.parentWidget()
    return parent is not None and parent.accessibleName() == "Batch size"


def buttons(bench: Bench) -> list[QPushButton]:
    return bench.side.problems.findChildren(QPushButton)
