"""The pipeline bar: both slots can be swapped, the phase in which the run is shows, and stale numbers look stale."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QStyle, QStyleOptionComboBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.experiment import Experiment
from engine.gradients import GRADIENT_METHODS
from engine.optimizers import OPTIMIZERS
from engine.program import Phase
from tests.ui.canvas.lab import POSITIONS, A, experiment, moons_graph
from tests.ui.gestures import choose
from ui.edits import change_graph, choose_data, choose_method, choose_optimizer, set_batch_size
from ui.pill import Pill
from ui.pipeline import HEIGHT, NARROWEST, TIGHT, WIDE, PipelineBar
from ui.theme import install_theme

WIDTHS = (NARROWEST, TIGHT, 1280, WIDE, 1440, 1920)


class Bench:
    """A pipeline bar with a real document and runner."""

    def __init__(self, qtbot: QtBot) -> None:
        self.document = Document(Project(experiment(moons_graph()), POSITIONS))
        self.runner = Runner(self.document)
        self.bar = PipelineBar(self.document, self.runner)
        self.bar.resize(1440, HEIGHT)
        qtbot.addWidget(self.bar)
        with qtbot.waitExposed(self.bar):
            self.bar.show()

    @property
    def experiment(self) -> Experiment:
        return self.document.project.experiment

    @property
    def pills(self) -> dict[Phase, Pill]:
        bar = self.bar
        return {
            Phase.SAMPLE: bar.data.sample,
            Phase.FORWARD: bar.evaluate.forward,
            Phase.LOSS: bar.evaluate.compare,
            Phase.BACKWARD: bar.method.backward,
            Phase.UPDATE: bar.optimizer.update_pill,
        }

    def lit(self) -> list[Phase]:
        return [phase for phase, pill in self.pills.items() if pill.is_active]

    def go_to(self, phase: Phase) -> None:
        for _ in range(100):
            self.runner.micro_step()
            snapshot = self.runner.snapshot
            assert snapshot is not None
            if snapshot.phase is phase and snapshot.next.phase is not phase:
                return
        raise AssertionError(phase)


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Bench:
    install_theme(qapp)
    return Bench(qtbot)


def commit(field: QWidget, text: str) -> None:
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_it_shows_what_stands_in_the_slots(bench: Bench) -> None:
    bar = bench.bar
    shown = (bar.data.kind.value(), bar.data.batch.value(), bar.method.kind.value(), bar.optimizer.kind.value())
    assert shown == ("moons", 32, "backpropagation", "sgd")
    assert bar.optimizer.rate.value() == 0.1
    assert bar.data.sample.text() == "1 Sample — draws 32 of 240 rows"
    assert bar.weights.count.text() == "17"
    assert bench.document.undo_stack.count() == 0


def test_swapping_a_slot_is_one_undo_step_that_changes_nothing_else(bench: Bench) -> None:
    before = bench.experiment
    choose(bench.bar.optimizer.kind, "adam")
    after = bench.experiment
    assert after.optimizer.kind == "adam"
    assert after.optimizer.settings == {setting.name: setting.default for setting in OPTIMIZERS["adam"].settings}
    assert (after.graph, after.data, after.method) == (before.graph, before.data, before.method)
    while bench.document.undo_stack.canUndo():
        bench.document.undo_stack.undo()
    assert bench.experiment == before
    assert bench.bar.optimizer.kind.value() == "sgd"
    assert bench.bar.optimizer.rate.value() == 0.1


def test_the_learning_rate_is_edited_in_place(bench: Bench) -> None:
    commit(bench.bar.optimizer.rate, "3e-2")
    assert bench.experiment.optimizer.settings["learning_rate"] == 0.03
    assert bench.document.undo_stack.undoText() == "Change Learning rate of SGD"
    commit(bench.bar.optimizer.rate, "-1")
    assert bench.experiment.optimizer.settings["learning_rate"] == 0.03
    assert "at least" in bench.bar.optimizer.rate.toolTip()


def test_data_and_batch_are_edited_in_place(bench: Bench) -> None:
    choose(bench.bar.data.kind, "xor")
    commit(bench.bar.data.batch, "5")
    assert (bench.experiment.data.kind, bench.experiment.batch_size) == ("xor", 5)
    assert bench.bar.data.sample.text() == "1 Sample — draws 5 of 160 rows"


@pytest.mark.parametrize(
    ("size", "words"), [(None, "Gradient descent"), (32, "Minibatch SGD"), (2, "Minibatch SGD"), (1, "SGD")]
)
def test_the_one_rule_is_named_by_its_batch(bench: Bench, size: int | None, words: str) -> None:
    set_batch_size(bench.document, size)
    assert bench.bar.optimizer.kind.currentText() == words


def test_the_pill_of_the_phase_is_lit_and_no_other(bench: Bench) -> None:
    assert bench.lit() == []
    for phase in Phase:
        bench.go_to(phase)
        assert bench.lit() == [phase]


def test_backward_says_that_it_changes_no_weight_and_what_it_costs(bench: Bench) -> None:
    assert bench.bar.method.backward.text() == "4 ◀ Backward — computes g, changes no weight"
    assert bench.bar.method.cost.text() == "≈ 3 fwd"
    choose_method(bench.document, "finite-differences")
    assert bench.bar.method.backward.text().startswith("4 · 34 nudged forward passes")
    assert "◀" not in bench.bar.method.backward.text()
    assert bench.bar.method.cost.text() == "≈ 35 fwd"


def test_without_a_method_the_optimizer_has_nothing_to_work_with(bench: Bench) -> None:
    choose_method(bench.document, "none")
    assert "not called" in bench.bar.method.backward.text()
    assert bench.bar.optimizer.update_pill.text().startswith("▲ Minibatch SGD needs g")
    choose_optimizer(bench.document, "none")
    assert bench.bar.optimizer.update_pill.text().startswith("5 w stays")
    assert not bench.bar.optimizer.rate.isVisible()
    choose_optimizer(bench.document, "adam")
    choose_method(bench.document, "backpropagation")
    assert bench.bar.optimizer.update_pill.text() == "5 Update Δ — the only place w changes"
    assert bench.bar.optimizer.rate.isVisible()


def test_the_loss_belongs_to_its_weights_and_turns_gray_after_them(bench: Bench) -> None:
    loss = bench.bar.evaluate.loss
    assert (loss.text(), loss.isEnabled()) == ("L = —", False)
    bench.go_to(Phase.LOSS)
    assert loss.text() != "L = —"
    assert loss.isEnabled()
    bench.go_to(Phase.UPDATE)
    assert not loss.isEnabled()


def test_g_says_which_weights_and_batch_it_is_of_and_turns_gray_after_them(bench: Bench) -> None:
    chip = bench.bar.gradient
    assert chip.text() == "‖g‖ — not computed"
    bench.runner.step()
    bench.go_to(Phase.BACKWARD)
    assert chip.text().endswith("w₁, batch 2")
    assert not chip.is_stale
    assert "17 numbers" in chip.toolTip()
    bench.go_to(Phase.UPDATE)
    assert chip.is_stale
    assert "moved on" in chip.toolTip()


def test_the_lock_opens_in_phase_5_only(bench: Bench) -> None:
    words = bench.bar.weights.words
    assert words.text() == "locked since the start"
    bench.go_to(Phase.UPDATE)
    assert words.text() == "changed in step 1"
    for phase in (Phase.SAMPLE, Phase.FORWARD, Phase.LOSS, Phase.BACKWARD):
        bench.go_to(phase)
        assert words.text() == "locked since step 1"


def test_a_network_with_a_problem_shows_no_numbers(bench: Bench) -> None:
    bench.runner.step()
    change_graph(bench.document, "remove", bench.experiment.graph.remove([A]))
    assert bench.bar.evaluate.loss.text() == "L = —"
    assert bench.bar.gradient.text() == "‖g‖ — not computed"
    assert bench.bar.weights.count.text() == ""
    assert bench.lit() == []
    bench.document.undo_stack.undo()
    assert bench.bar.weights.count.text() == "17"
    assert bench.bar.method.cost.text() == "≈ 3 fwd"


def test_both_settings_buttons_ask_for_the_settings(bench: Bench) -> None:
    asked: list[bool] = []
    bench.bar.settings_requested.connect(lambda: asked.append(True))
    buttons = bench.bar.findChildren(QToolButton)
    assert len(buttons) == 2
    for button in buttons:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(asked) == 2


def test_showing_edits_nothing(bench: Bench) -> None:
    before = bench.document.project
    bench.bar.show_project(before)
    bench.bar.show_snapshot(bench.runner.snapshot)
    bench.bar.show_snapshot(None)
    assert bench.document.project is before


def boxes(bar: PipelineBar) -> list[QWidget]:
    return [bar.data, bar.evaluate, bar.method, bar.gradient, bar.optimizer, bar.weights]


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_clipped_and_nothing_overlaps(bench: Bench, width: int) -> None:
    bench.bar.resize(width, HEIGHT)
    bench.runner.step()
    for method in GRADIENT_METHODS:
        choose_method(bench.document, method)
        QApplication.sendPostedEvents()
        for one, next_ in zip(boxes(bench.bar), boxes(bench.bar)[1:], strict=False):
            assert one.geometry().right() + 8 < next_.geometry().left()
        assert bench.bar.weights.geometry().right() <= width - 12
        assert bench.bar.data.geometry().left() == 12
        for label in bench.bar.findChildren(QLabel):
            if label.isVisible() and label.text():
                assert QFontMetrics(label.font()).horizontalAdvance(label.text()) <= label.width(), label.text()
        assert not [pill.text() for pill in bench.pills.values() if pill.text().endswith("…")]


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_while_values_change(bench: Bench, width: int) -> None:
    bench.bar.resize(width, HEIGHT)
    QApplication.sendPostedEvents()

    def places() -> list[tuple[int, int]]:
        widgets = bench.bar.findChildren(QWidget)
        return [(w.mapTo(bench.bar, w.rect().topLeft()).x(), w.width()) for w in widgets if w.isVisible()]

    before = places()
    for _ in range(30):
        bench.runner.micro_step()
        QApplication.sendPostedEvents()
        assert places() == before
    choose_data(bench.document, "digits")
    choose_optimizer(bench.document, "rmsprop")
    choose_method(bench.document, "finite-differences")
    QApplication.sendPostedEvents()
    assert places() == before


@pytest.mark.parametrize("width", WIDTHS)
def test_every_choice_and_every_field_has_room_in_its_box(bench: Bench, width: int) -> None:
    bench.bar.resize(width, HEIGHT)
    bar = bench.bar
    for box in (bar.data.kind, bar.method.kind, bar.optimizer.kind):
        option = QStyleOptionComboBox()
        box.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, box).width()
        widths = {box.itemText(k): box.fontMetrics().horizontalAdvance(box.itemText(k)) for k in range(box.count())}
        assert {words: needed for words, needed in widths.items() if needed > room} == {}
    for frame in boxes(bar):
        for part in frame.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if part.isVisible():
                assert frame.rect().adjusted(1, 1, -1, -1).contains(part.geometry()), part


def test_captions_are_written_out_where_there_is_room(bench: Bench) -> None:
    bench.bar.resize(WIDE, HEIGHT)
    assert bench.bar.method.caption.text() == "GRADIENT METHOD"
    bench.bar.resize(WIDE - 1, HEIGHT)
    assert bench.bar.method.caption.text() == "GRADIENT"


def test_while_whole_steps_pass_between_frames_no_phase_is_lit(bench: Bench, qtbot: QtBot) -> None:
    steps: list[int] = []
    bench.runner.frame_ready.connect(lambda snapshot: steps.append(snapshot.step))
    bench.runner.set_speed(None)
    bench.runner.run()
    qtbot.waitUntil(lambda: len(steps) >= 3)
    assert steps[-1] > steps[-2] + 1
    assert bench.lit() == []
    bench.runner.pause()
    assert bench.lit() == [Phase.UPDATE]
