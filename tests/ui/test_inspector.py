"""The Node tab: it shows what is selected, edits the document as single undo steps, and follows it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.datasets import DATASETS
from engine.experiment import Experiment
from engine.optimizers import OPTIMIZERS
from tests.ui.canvas.lab import FEATURES, LOSS, POSITIONS, SPARE, TARGET, A, B, experiment, moons_graph
from ui.edits import change_graph
from ui.experiment_page import ExperimentPage
from ui.forms import ChoiceBox
from ui.inspector import Inspector
from ui.maths.typesetting import formula_html
from ui.node_page import NodePage
from ui.number_edit import NumberEdit
from ui.theme import install_theme


class Bench:
    """An inspector with a real document and runner."""

    def __init__(self, qtbot: QtBot) -> None:
        self.document = Document(Project(experiment(moons_graph()), POSITIONS))
        self.runner = Runner(self.document)
        self.inspector = Inspector(self.document, self.runner)
        self.inspector.resize(320, 900)
        qtbot.addWidget(self.inspector)
        with qtbot.waitExposed(self.inspector):
            self.inspector.show()

    @property
    def experiment(self) -> Experiment:
        return self.document.project.experiment

    @property
    def undo_labels(self) -> list[str]:
        stack = self.document.undo_stack
        return [stack.text(index) for index in range(stack.count())]

    def node_page(self, *ids: int) -> NodePage:
        self.inspector.show_selection(ids)
        assert isinstance(self.inspector.page, NodePage)
        return self.inspector.page

    def experiment_page(self) -> ExperimentPage:
        assert isinstance(self.inspector.page, ExperimentPage)
        return self.inspector.page

    def words(self) -> str:
        labels = self.inspector.page.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisibleTo(self.inspector))


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Bench:
    install_theme(qapp)
    return Bench(qtbot)


def commit(field: QWidget, text: str) -> None:
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def choose(box: QWidget, value: object) -> None:
    assert isinstance(box, ChoiceBox)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    while box.value() != value:
        before = box.value()
        QTest.keyClick(box, Qt.Key.Key_Down)
        assert box.value() != before


def test_a_node_is_shown_with_its_letter_summary_formulas_and_shapes(bench: Bench) -> None:
    bench.node_page(A)
    words = bench.words()
    kind = bench.experiment.graph.node(A).kind
    for part in ("A · Dense", kind.summary, kind.forward_formula, "inputs [rows × 2] from Features", "12 parameters"):
        assert part in words
    assert "output [rows × 4]" in words
    assert "W_A [2 × 4]" in words


def test_typing_units_edits_the_graph_and_undo_restores_what_is_shown(bench: Bench) -> None:
    form = bench.node_page(A).form
    assert form is not None
    commit(form.field("units"), "6")
    assert bench.experiment.graph.node(A).settings["units"] == 6
    assert bench.undo_labels == ["Change Units of A"]
    assert "output [rows × 6]" in bench.words()
    bench.document.undo_stack.undo()
    assert form.field("units").value() == 4
    assert "output [rows × 4]" in bench.words()


def test_stepping_a_number_is_one_undo_step(bench: Bench) -> None:
    form = bench.node_page(A).form
    assert form is not None
    units = form.field("units")
    units.setFocus()
    for _ in range(3):
        QTest.keyClick(units, Qt.Key.Key_Down)
    assert bench.experiment.graph.node(A).settings["units"] == 1
    assert bench.undo_labels == ["Change Units of A"]


def test_what_a_setting_refuses_edits_nothing(bench: Bench) -> None:
    form = bench.node_page(A).form
    assert form is not None
    commit(form.field("units"), "0")
    assert bench.undo_labels == []
    assert "Units must be at least 1, not 0" in bench.words()


def test_several_nodes_of_one_kind_change_together_in_one_step(bench: Bench) -> None:
    form = bench.node_page(A, B).form
    assert form is not None
    assert (form.field("units").value(), form.field("bias").value()) == (None, True)
    choose(form.field("activation"), "relu")
    graph = bench.experiment.graph
    assert [graph.node(id_).settings["activation"] for id_ in (A, B)] == ["relu", "relu"]
    assert [graph.node(id_).settings["units"] for id_ in (A, B)] == [4, 1]
    while bench.document.undo_stack.canUndo():
        bench.document.undo_stack.undo()
    assert form.field("activation").value() is None


def test_nodes_of_several_kinds_are_listed(bench: Bench) -> None:
    bench.inspector.show_selection((A, LOSS))
    assert "2 nodes" in bench.words()
    assert "A · 4 tanh" in bench.words()


def test_renaming_keeps_names_apart(bench: Bench) -> None:
    page = bench.node_page(A)
    commit(page.name, "B")
    assert bench.experiment.graph.node(A).name == "A"
    assert "another node is called B already" in bench.words()
    QTest.keyClick(page.name, Qt.Key.Key_Escape)
    assert page.name.text() == "A"
    assert "another node" not in bench.words()
    commit(page.name, "hidden")
    assert bench.experiment.graph.node(A).name == "hidden"
    assert bench.undo_labels == ["Rename A"]
    assert "hidden · Dense" in bench.words()


def test_columns_come_from_the_data_set_and_go_with_it(bench: Bench) -> None:
    page = bench.node_page(FEATURES)
    assert page.form is not None
    assert page.data is not None
    labels = [box.text() for box in page.form.field("columns").findChildren(QCheckBox)]
    assert labels[:3] == ["x₁", "x₂", "x₁²"]
    change_graph(bench.document, "columns", bench.experiment.graph.set(FEATURES, {"columns": ("x1", "x1^2")}))
    choose(page.data.box, "line")
    assert bench.experiment.data.kind == "line"
    assert bench.experiment.graph.node(FEATURES).settings["columns"] == ()
    labels = [box.text() for box in page.form.field("columns").findChildren(QCheckBox)]
    assert labels == ["x", "x²", "sin x"]


def test_target_shows_the_data_set_too(bench: Bench) -> None:
    data = bench.node_page(TARGET).data
    assert data is not None
    assert data.box.value() == "moons"
    assert "240 rows to train on, 60 to test; inputs: 2" in bench.words()


def test_another_data_set_begins_with_its_defaults(bench: Bench) -> None:
    page = bench.experiment_page()
    form = page.data.form()
    assert form is not None
    commit(form.field("noise"), "0,2")
    assert bench.experiment.data.settings["noise"] == 0.2
    choose(page.data.box, "circles")
    expected = {setting.name: setting.default for setting in DATASETS["circles"].settings}
    assert bench.experiment.data.settings == expected
    form = page.data.form()
    assert form is not None
    assert {name: form.field(name).value() for name in expected} == expected


def test_another_optimizer_begins_with_its_defaults_and_shows_its_formula(bench: Bench) -> None:
    page = bench.experiment_page()
    form = page.optimizer.form()
    assert form is not None
    commit(form.field("learning_rate"), "1/4")
    assert bench.experiment.optimizer.settings["learning_rate"] == 0.25
    choose(page.optimizer.box, "adam")
    expected = {setting.name: setting.default for setting in OPTIMIZERS["adam"].settings}
    assert bench.experiment.optimizer.settings == expected
    assert all(formula_html(line) in bench.words() for line in OPTIMIZERS["adam"].formula.split("\n"))
    while bench.document.undo_stack.canUndo():
        bench.document.undo_stack.undo()
    form = page.optimizer.form()
    assert form is not None
    assert page.optimizer.box.value() == "sgd"
    assert form.field("learning_rate").value() == 0.1


def test_a_schedule_brings_its_numbers_and_its_formula(bench: Bench) -> None:
    form = bench.experiment_page().optimizer.form()
    assert form is not None
    numbers = [form.field(name) for name in ("schedule_steps", "schedule_factor")]
    assert not any(field.isVisible() for field in numbers)
    choose(form.field("schedule"), "cosine")
    assert all(field.isVisible() for field in numbers)
    commit(numbers[0], "50")
    assert bench.experiment.optimizer.settings["schedule_steps"] == 50
    assert formula_html("ηₜ = η (γ + (1 − γ) cos²(π min(x, 1) / 2))") in bench.words()
    bench.document.undo_stack.undo()
    bench.document.undo_stack.undo()
    assert not any(field.isVisible() for field in numbers)
    assert formula_html("ηₜ") not in bench.words()


def test_method_batch_and_seed_are_edited_in_the_experiment(bench: Bench) -> None:
    page = bench.experiment_page()
    choose(page.method.box, "finite-differences")
    form = page.method.form()
    assert form is not None
    commit(form.field("h"), "1e-4")
    commit(page.batch, "all")
    commit(page.seed.field("seed"), "7")
    assert bench.experiment.method.kind == "finite-differences"
    assert bench.experiment.method.settings == {"h": 1e-4}
    assert (bench.experiment.batch_size, bench.experiment.seed) == (None, 7)
    choose(page.method.box, "none")
    assert page.method.form() is None


def test_a_refused_batch_size_says_why(bench: Bench) -> None:
    commit(bench.experiment_page().batch, "9999")
    assert "a whole number from 1 to 240, or “all”, is needed" in bench.words()
    assert bench.undo_labels == []


def test_showing_edits_nothing(bench: Bench) -> None:
    for ids in ((A,), (A, B), (FEATURES,), (TARGET,), (LOSS,), (SPARE,), (A, LOSS), ()):
        bench.inspector.show_selection(ids)
        bench.inspector.show_compilation(bench.runner.compilation)
    assert bench.undo_labels == []


def test_when_the_shown_node_goes_the_experiment_is_shown(bench: Bench) -> None:
    bench.node_page(A)
    change_graph(bench.document, "remove", bench.experiment.graph.remove([A]))
    assert bench.experiment_page().optimizer.box.value() == "sgd"


def test_a_draft_is_kept_while_something_else_changes(bench: Bench) -> None:
    form = bench.node_page(A).form
    assert form is not None
    units = form.field("units")
    assert isinstance(units, NumberEdit)
    units.setFocus()
    QTest.keyClick(units, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(units, "12")
    change_graph(bench.document, "other", bench.experiment.graph.set(B, {"bias": False}))
    assert units.text() == "12"
