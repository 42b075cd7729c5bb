"""The pipeline bar: both slots can be swapped, the phase in which the run is shows, and stale numbers look stale."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from engine.optimizers import OPTIMIZERS
from engine.program import Phase
from tests.ui.bench import Bench, commit
from tests.ui.canvas.lab import A
from tests.ui.color_science import Triple, contrast
from tests.ui.gestures import choose
from ui.edits import change_graph, choose_method, choose_optimizer, set_batch_size
from ui.slot_problems import Slot
from ui.theme import Mode, install_theme


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Bench:
    install_theme(qapp)
    return Bench(qtbot)


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


def test_since_when_the_weights_are_locked_is_said_only_where_it_is_known(bench: Bench) -> None:
    box, micro = bench.bar.weights, bench.snapshot
    box.show_snapshot(replace(micro, step=40))
    assert box.words.text() == "locked", "a run that was opened at step 40 does not know its last update"
    box.show_snapshot(micro)
    assert box.words.text() == "locked since the start"


def test_while_steps_fly_by_the_lock_is_open_where_the_weights_change(bench: Bench) -> None:
    box = bench.bar.weights
    closed = box._lock.pixmap().toImage()
    bench.runner.step()
    opened = box._lock.pixmap().toImage()
    assert closed != opened
    bench.runner.micro_step()
    assert box._lock.pixmap().toImage() == closed
    box.show_snapshot(bench.snapshot, is_flying=True)
    assert (box.words.text(), box._lock.pixmap().toImage()) == ("change once a step", opened)
    box.show_snapshot(replace(bench.snapshot, update_norm=0.0), is_flying=True)
    assert (box.words.text(), box._lock.pixmap().toImage()) == ("locked: Δw is 0", closed)


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
    asked: list[object] = []
    bench.bar.settings_requested.connect(asked.append)
    buttons = bench.bar.findChildren(QToolButton)
    assert len(buttons) == 2
    for button in buttons:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == [Slot.METHOD, Slot.OPTIMIZER]


def test_showing_edits_nothing(bench: Bench) -> None:
    before = bench.document.project
    bench.bar.show_project(before)
    bench.bar.show_snapshot(bench.runner.snapshot)
    bench.bar.show_snapshot(None)
    assert bench.document.project is before


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


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_pill_of_each_phase_stands_out_from_its_box_by_its_fill_or_its_edge(
    bench: Bench, qapp: QApplication, mode: Mode
) -> None:
    theme = install_theme(qapp)
    theme.set_mode(mode)
    try:
        for phase, pill in bench.pills.items():
            bench.go_to(phase)
            image, middle = pill.grab().toImage(), pill.height() // 2
            seen = [_rgb(image.pixelColor(x, middle)) for x in range(3)]
            assert max(contrast(color, _rgb(QColor(theme.colors.panel))) for color in seen) >= 3.0, phase
    finally:
        theme.set_mode("system")


def _rgb(color: QColor) -> Triple:
    return color.redF(), color.greenF(), color.blueF()
