"""What is typed and not taken yet: it is committed before it counts, and never ends up where it was not meant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.experiment import Experiment
from tests.ui.canvas.lab import POSITIONS, A, B, experiment, moons_graph
from tests.ui.gestures import choose
from ui.drafts import commit_drafts
from ui.edits import choose_optimizer, set_optimizer
from ui.experiment_page import ExperimentPage
from ui.inspector import Inspector
from ui.node_page import NodePage
from ui.number_edit import NumberEdit
from ui.pipeline import PipelineBar
from ui.theme import install_theme

CONTROL = Qt.KeyboardModifier.ControlModifier


class Bench(QWidget):
    """An inspector and a pipeline bar in one window, with Undo and Redo as the main window has them."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        self.document = Document(Project(experiment(moons_graph()), POSITIONS))
        self.runner = Runner(self.document)
        self.inspector = Inspector(self.document, self.runner)
        self.bar = PipelineBar(self.document, self.runner)
        row = QHBoxLayout(self)
        row.addWidget(self.inspector)
        row.addWidget(self.bar)
        stack = self.document.undo_stack
        QShortcut(QKeySequence("Ctrl+Z"), self, stack.undo)
        QShortcut(QKeySequence("Ctrl+Shift+Z"), self, stack.redo)
        self.resize(1500, 800)
        qtbot.addWidget(self)
        with qtbot.waitActive(self):
            self.show()
            self.activateWindow()

    @property
    def experiment(self) -> Experiment:
        return self.document.project.experiment

    @property
    def undo_labels(self) -> list[str]:
        stack = self.document.undo_stack
        return [stack.text(index) for index in range(stack.count())]

    def units(self) -> object:
        return self.experiment.graph.node(A).settings["units"]

    def node_page(self, *ids: int) -> NodePage:
        self.inspector.show_selection(ids)
        assert isinstance(self.inspector.page, NodePage)
        return self.inspector.page

    def units_field(self) -> NumberEdit:
        form = self.node_page(A).form
        assert form is not None
        field = form.field("units")
        assert isinstance(field, NumberEdit)
        return field

    def fields(self) -> dict[str, QWidget]:
        return {"number": self.units_field(), "batch": self.bar.data.batch, "name": self.node_page(A).name}


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Bench:
    install_theme(qapp)
    return Bench(qtbot)


def type_into(field: QWidget, text: str) -> None:
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(field, text)


def text_of(field: QWidget) -> str:
    line = field if isinstance(field, QLineEdit) else field.findChild(QLineEdit)
    assert line is not None
    return line.text()


DRAFTS = [("number", "7"), ("batch", "11"), ("name", "hidden")]


@pytest.mark.parametrize(("name", "text"), DRAFTS)
def test_what_is_being_typed_can_be_committed_before_it_counts(bench: Bench, name: str, text: str) -> None:
    type_into(bench.fields()[name], text)
    assert bench.undo_labels == []
    commit_drafts(bench)
    assert len(bench.undo_labels) == 1
    node = bench.experiment.graph.node(A)
    assert text in {str(node.settings["units"]), str(bench.experiment.batch_size), node.name}
    commit_drafts(bench)
    assert len(bench.undo_labels) == 1


@pytest.mark.parametrize(("name", "text"), DRAFTS)
def test_another_document_shows_its_own_values_in_place_of_drafts(bench: Bench, name: str, text: str) -> None:
    before = text_of(bench.fields()[name])
    type_into(bench.fields()[name], text)
    other = replace(bench.document.project, positions={})
    bench.document.load(other, None)
    assert text_of(bench.fields()[name]) == before
    commit_drafts(bench)
    assert bench.document.project == other
    assert bench.undo_labels == []


def test_what_was_refused_is_not_carried_into_another_document(bench: Bench) -> None:
    rate = bench.bar.optimizer.rate
    type_into(rate, "-1")
    QTest.keyClick(rate, Qt.Key.Key_Return)
    assert rate.reason()
    bench.document.load(bench.document.project, None)
    assert (rate.text(), rate.reason()) == ("0.1", "")


def test_undo_of_a_new_node_takes_its_draft_with_it(bench: Bench) -> None:
    graph, id_ = bench.experiment.graph.add("dense")
    bench.document.edit("Add", replace(bench.document.project, experiment=replace(bench.experiment, graph=graph)))
    before = bench.document.undo_stack.count()
    form = bench.node_page(id_).form
    assert form is not None
    type_into(form.field("units"), "9")
    bench.document.undo_stack.undo()
    assert isinstance(bench.inspector.page, ExperimentPage)
    assert id_ not in bench.experiment.graph.nodes
    assert (bench.document.undo_stack.count(), bench.document.undo_stack.canRedo()) == (before, True)


def test_undo_of_the_choice_of_an_optimizer_takes_the_draft_of_its_form_with_it(bench: Bench) -> None:
    choose_optimizer(bench.document, "adam")
    assert isinstance(bench.inspector.page, ExperimentPage)
    form = bench.inspector.page.optimizer.form()
    assert form is not None
    type_into(form.field("beta1"), "0.5")
    bench.document.undo_stack.undo()
    assert (bench.experiment.optimizer.kind, bench.document.undo_stack.canRedo()) == ("sgd", True)
    bench.document.undo_stack.redo()
    assert bench.experiment.optimizer.settings["beta1"] == 0.9


@pytest.mark.parametrize("earlier", ["none", "adam"])
def test_a_learning_rate_typed_for_one_optimizer_does_not_reach_another(bench: Bench, earlier: str) -> None:
    choose_optimizer(bench.document, earlier)
    choose_optimizer(bench.document, "momentum")
    set_optimizer(bench.document, "learning_rate", 0.001)
    bench.document.undo_stack.undo()
    type_into(bench.bar.optimizer.rate, "5")
    bench.document.undo_stack.undo()
    commit_drafts(bench)
    assert bench.experiment.optimizer.kind == earlier
    assert bench.experiment.optimizer.settings.get("learning_rate") != 5
    assert bench.document.undo_stack.canRedo()


def test_a_selection_made_elsewhere_does_not_put_a_draft_into_the_other_node(bench: Bench) -> None:
    type_into(bench.node_page(A).name, "other")
    bench.inspector.show_selection((B,))
    assert [bench.experiment.graph.node(id_).name for id_ in (A, B)] == ["A", "B"]


def test_a_loaded_node_of_another_kind_under_the_same_id_gets_its_own_page(bench: Bench) -> None:
    bench.units_field()
    relu, _ = moons_graph().remove(bench.experiment.graph.nodes).add("relu")
    other = replace(relu, nodes={A: replace(next(iter(relu.nodes.values())), id=A)})
    bench.document.load(Project(replace(bench.experiment, graph=other), {}), None)
    page = bench.inspector.page
    assert isinstance(page, NodePage)
    assert page.form is None
    assert "ReLU" in [label.text() for label in page.findChildren(QLabel)]


@pytest.mark.parametrize(("name", "text"), DRAFTS)
def test_after_enter_the_keys_of_undo_and_redo_go_to_the_document(bench: Bench, name: str, text: str) -> None:
    field = bench.fields()[name]
    old = text_of(field)
    type_into(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert len(bench.undo_labels) == 1
    QTest.keyClick(field, Qt.Key.Key_Z, CONTROL)
    assert not bench.document.undo_stack.canUndo()
    assert text_of(field) == old
    QTest.keyClick(field, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert bench.document.undo_stack.canUndo()
    assert text_of(field) == text


@pytest.mark.parametrize(("name", "text"), DRAFTS)
def test_while_something_is_typed_undo_takes_the_typing_back(bench: Bench, name: str, text: str) -> None:
    choose(bench.bar.data.kind, "circles")
    field = bench.fields()[name]
    old = text_of(field)
    type_into(field, text)
    for _ in range(4):
        if text_of(field) == old:
            break
        QTest.keyClick(field, Qt.Key.Key_Z, CONTROL)
    assert text_of(field) == old
    assert bench.experiment.data.kind == "circles"
