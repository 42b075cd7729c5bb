"""A function descended without a data set: it is typed in, runs, and no part of the window speaks of rows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from ui.edits import change_graph
from ui.main_window import MainWindow
from ui.node_page import NodePage
from ui.text_edit import TextEdit


def test_a_typed_function_is_minimized_without_data(window: MainWindow) -> None:
    formula = window.canvas.add_node("expression", QPointF(0, 0))
    goal = window.canvas.add_node("objective", QPointF(300, 0))
    graph = window.document.project.experiment.graph
    change_graph(window.document, "wire", graph.connect(formula, goal, "value"))
    window.canvas.select([formula])
    page = window.side.inspector.page
    assert isinstance(page, NodePage)
    assert page.form is not None
    field = page.form.field("formula")
    assert isinstance(field, TextEdit)
    field.selectAll()
    QTest.keyClicks(field, "(x - 2)**2 + 1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.runner.can_run
    for _ in range(400):
        window.runner.step()
    snapshot = window.runner.snapshot
    assert snapshot is not None
    assert abs(snapshot.train_loss - 1.0) < 1e-3
    assert "nothing to draw" in window.pipeline.data.sample.text()
    window.actions_["undo"].trigger()
    assert page.form.field("formula").value() != "(x - 2)**2 + 1"
