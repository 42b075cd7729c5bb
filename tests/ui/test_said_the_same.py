"""What two parts of the window show of one thing is the same: formulas follow settings, SGD goes by its batches."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel

from engine.ops.layers import Dense, Neuron
from tests.ui.conftest import WindowMaker
from ui.canvas.details import node_details
from ui.edits import change_graph, choose_optimizer, set_batch_size
from ui.experiment_page import ExperimentPage
from ui.main_window import MainWindow
from ui.node_page import NodePage

WITH_BIAS, WITHOUT = "a = f(x W + b)", "a = f(x W)"


@pytest.fixture
def moons(make_window: WindowMaker) -> MainWindow:
    window = make_window()
    window.files.open_example("two-moons")
    return window


def first_layer(window: MainWindow) -> int:
    graph = window.document.project.experiment.graph
    return next(id_ for id_ in graph.order() if issubclass(graph.nodes[id_].kind, Dense))


def words(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.side.currentWidget().findChildren(QLabel) if label.isVisible())


@pytest.mark.parametrize("kind", [Dense, Neuron])
def test_a_layer_without_bias_has_formulas_without_b(kind: type[Dense]) -> None:
    assert kind().formulas() == (kind.forward_formula, kind.backward_formula)
    forward, backward = kind({"bias": False}).formulas()
    assert forward == WITHOUT
    assert "b" not in backward
    assert "∂L/∂W = xᵀ δ" in backward


def test_switching_the_bias_off_takes_b_out_of_the_node_s_formulas(moons: MainWindow) -> None:
    layer = first_layer(moons)
    moons.canvas.select([layer])
    moons.side.setCurrentWidget(moons.side.inspector)
    page = moons.side.inspector.page
    assert isinstance(page, NodePage)
    assert WITH_BIAS in words(moons)
    assert page.form is not None
    box = page.form.field("bias")
    assert isinstance(box, QCheckBox)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert WITHOUT in words(moons)
    assert "∂L/∂b" not in words(moons)
    experiment = moons.document.project.experiment
    tip = node_details(experiment.graph.node(layer), experiment, moons.runner.compilation, None)
    assert f"▶ {WITHOUT}<br>" in tip
    moons.document.undo_stack.undo()
    assert WITH_BIAS in words(moons)


def test_layers_that_differ_show_the_formulas_of_their_kind(moons: MainWindow) -> None:
    graph = moons.document.project.experiment.graph
    layers = [id_ for id_ in graph.order() if graph.nodes[id_].kind is Dense][:2]
    change_graph(moons.document, "Bias", graph.set(layers[0], {"bias": False}))
    moons.side.setCurrentWidget(moons.side.inspector)
    moons.canvas.select(layers)
    assert WITH_BIAS in words(moons)


@pytest.mark.parametrize(("size", "name"), [(None, "Gradient descent"), (32, "Minibatch SGD"), (1, "SGD")])
def test_bar_and_panel_call_sgd_by_the_same_name(moons: MainWindow, size: int | None, name: str) -> None:
    moons.actions_["experiment"].trigger()
    page = moons.side.inspector.page
    assert isinstance(page, ExperimentPage)
    choose_optimizer(moons.document, "sgd")
    set_batch_size(moons.document, size)
    assert moons.pipeline.optimizer.kind.currentText() == name
    assert page.optimizer.box.currentText() == name
