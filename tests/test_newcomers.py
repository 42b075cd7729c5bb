"""A new op, optimizer, gradient method or stop condition is one class: the window, files and runs take it as it is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from docs.reference import make_text
from engine.executor import Batch, Executor
from engine.experiment import Choice
from engine.gradients import GRADIENT_METHODS, Cost, GradientMethod
from engine.message import Message, message
from engine.ops import OPS
from engine.ops.base import Elementwise
from engine.ops.call import Array, Call
from engine.optimizers import OPTIMIZERS, Optimizer, Update
from engine.program import Program
from engine.setting import Setting
from engine.stopping import STOP_CONDITIONS, Progress, StopCondition
from engine.storage import Stored, read_document, write_document
from tests.ui.bench import Bench
from tests.ui.canvas.lab import LOSS, B, moons_graph
from tests.ui.gestures import choose
from ui.experiment_page import ExperimentPage
from ui.node_page import NodePage
from ui.palette import Palette
from ui.stop_section import StopSection
from ui.theme import install_theme

FACTOR = Setting("factor", 3.0, "Factor", "What it is multiplied with.")
NAME = "newcomer"


@pytest.fixture(autouse=True)
def _newcomers(qapp: QApplication) -> Iterator[None]:
    """Add one of each kind, and take them out again."""
    install_theme(qapp)

    class Cube(Elementwise):
        name = NAME
        label = "Newcomer op"
        category = "Math"
        summary = "Takes the third power."
        icon = "square"
        settings = (FACTOR,)
        forward_formula = "y = factor x³"
        backward_formula = "∂L/∂x = 3 factor x² ⊙ ∂L/∂y"

        def forward(self, c: Call) -> None:
            c.y[...] = float(str(self.values["factor"])) * c.x[0] ** 3

        def derivative(self, c: Call, out: Array) -> None:
            out[...] = 3.0 * float(str(self.values["factor"])) * c.x[0] ** 2

    class Halver(Optimizer):
        name = NAME
        label = "Newcomer optimizer"
        summary = "Goes against the factor times g, and keeps that."
        formula = "s = factor g,  Δw = −s / 100"
        settings = (FACTOR,)
        slots = ("s",)

        def update(self, u: Update, t: int) -> None:
            np.multiply(u.g, self.number("factor"), out=u.slots[0])
            np.multiply(u.slots[0], -0.01, out=u.delta)

    class Filler(GradientMethod):
        name = NAME
        label = "Newcomer method"
        summary = "Says that each number of g is the factor."
        settings = (FACTOR,)

        def count(self, program: Program) -> int:
            return len(program.parameters)

        def run(self, executor: Executor, batch: Batch, number: int) -> None:
            self.written(executor, batch, number)[0].fill(self.number("factor"))

        def written(self, executor: Executor, batch: Batch, number: int) -> tuple[Array, ...]:
            return (executor.program.gradient(executor.arena, executor.program.parameters[number]),)

        def words(self, program: Program, number: int, g: Array) -> Message:
            return message("Wrote the factor; no weight has changed")

        def phase_label(self, program: Program) -> Message:
            return message("writes one number everywhere")

        def cost(self, program: Program, rows: int) -> Cost:
            return Cost(0.0, 0)

    class Multiple(StopCondition):
        name = NAME
        label = "newcomer stop"
        summary = "Stops where the step is a multiple of the factor."
        settings = (FACTOR,)

        def holds(self, progress: Progress) -> bool | None:
            return progress.step % self.number("factor") == 0.0

        def words(self, progress: Progress) -> Message:
            return message("a multiple is reached")

    yield
    del OPS[NAME], OPTIMIZERS[NAME], GRADIENT_METHODS[NAME], STOP_CONDITIONS[NAME]


def shown(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.addWidget(widget)
    widget.resize(400, 900)
    with qtbot.waitExposed(widget):
        widget.show()


def assert_kept_in_files(bench: Bench) -> None:
    text = write_document(Stored(bench.experiment))
    assert f'"{NAME}"' in text
    assert read_document(text).experiment == bench.experiment


def test_an_op_can_be_found_set_stored_and_trained_with(qtbot: QtBot) -> None:
    palette = Palette()
    shown(qtbot, palette)
    palette.search.setFocus()
    QTest.keyClicks(palette.search, "newcomer")
    assert palette.list.first_match() == NAME
    graph, node = moons_graph().add(NAME)
    graph = graph.disconnect(edge for edge in graph.edges if edge.target == LOSS and edge.source == B)
    bench = Bench(qtbot, graph.connect(B, node, "in").connect(node, LOSS, "prediction"))
    page = NodePage(bench.document, (node,))
    page.show_project(bench.document.project)
    shown(qtbot, page)
    assert page.form is not None
    assert page.form.field("factor").value() == 3.0
    assert_kept_in_files(bench)
    before = bench.snapshot.train_loss
    for _ in range(30):
        bench.runner.step()
    assert bench.snapshot.train_loss < before
    b, y = (bench.snapshot.activation(id_) for id_ in (B, node))
    np.testing.assert_allclose(y, 3.0 * b**3)


def test_a_gradient_method_and_an_optimizer_take_their_slots(qtbot: QtBot) -> None:
    bench = Bench(qtbot)
    for box in (bench.bar.method, bench.bar.optimizer):
        choose(box.kind, NAME)
    assert (bench.experiment.method, bench.experiment.optimizer) == (Choice(NAME, {"factor": 3.0}),) * 2
    page = ExperimentPage(bench.document)
    page.show_project(bench.document.project)
    shown(qtbot, page)
    for section in (page.method, page.optimizer):
        form = section.form()
        assert form is not None
        assert form.field("factor").value() == 3.0
    assert_kept_in_files(bench)
    start = bench.snapshot
    bench.runner.step()
    end = bench.snapshot
    for parameter in end.program.parameters:
        assert (end.gradient(parameter) == 3.0).all()
        np.testing.assert_allclose(end.weights(parameter) - start.weights(parameter), -0.09)


def test_the_page_of_reference_has_all_of_them() -> None:
    text = make_text()
    assert text.count(f"In files `{NAME}`.") == 4
    assert text.count("| Factor `factor` | 3 |") == 4
    assert all(words in text for words in ("#### Newcomer op", "y = factor x³", "s = factor g,  Δw = −s / 100"))


def test_a_stop_condition_has_its_box_and_stops_runs(qtbot: QtBot) -> None:
    bench = Bench(qtbot)
    section = StopSection(bench.document)
    bench.document.changed.connect(lambda _old, new: section.show_project(new))
    section.show_project(bench.document.project)
    shown(qtbot, section)
    section.box(NAME).click()
    assert bench.experiment.stops == (Choice(NAME, {"factor": 3.0}),)
    assert section.form(NAME).isVisible()
    assert_kept_in_files(bench)
    words: list[str] = []
    bench.runner.message_posted.connect(lambda said, _is_warning: words.append(str(said)))
    bench.runner.run()
    qtbot.waitUntil(lambda: not bench.runner.is_running)
    assert bench.snapshot.step == 3
    assert any("a multiple is reached" in said for said in words)
