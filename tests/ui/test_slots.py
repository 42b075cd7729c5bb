"""Both slots of the pipeline bar say what they do: not called, what is wrong, what a step costs, how far it is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.gradients import GRADIENT_METHODS
from engine.optimizers import OPTIMIZERS, Search
from engine.program import Phase
from tests.ui.bench import Bench, commit
from tests.ui.canvas.lab import LOSS, A, moons_graph
from ui.edits import change_graph, choose_method, choose_optimizer, set_method, set_optimizer
from ui.pill import Pill
from ui.theme import current, install_theme

SEARCHES = [name for name, kind in OPTIMIZERS.items() if issubclass(kind, Search)]


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Bench:
    install_theme(qapp)
    return Bench(qtbot)


def color_at(pill: Pill, part: float) -> QColor:
    """Give the color of a pill's lower edge, where there is no text, at a part of its width."""
    return QColor(pill.grab().toImage().pixel(QPoint(round(part * pill.width()), pill.height() - 2)))


@pytest.mark.parametrize("optimizer", SEARCHES)
@pytest.mark.parametrize("method", GRADIENT_METHODS)
def test_a_gradient_free_optimizer_calls_no_method_and_leaves_the_choice_as_it_is(
    bench: Bench, method: str, optimizer: str
) -> None:
    bar = bench.bar
    choose_method(bench.document, method)
    choose_optimizer(bench.document, optimizer)
    label = OPTIMIZERS[optimizer].label
    bench.runner.step()
    assert bar.method.kind.value() == method
    assert bar.method.is_idle
    assert bar.method.cost.text() == ""
    assert bar.method.backward.text() == "4 · not called"
    assert f"{label} needs no gradient — gradient method: not called" in bar.method.kind.toolTip()
    assert bar.gradient.text() == "no g not called"
    for tip in (bar.gradient.toolTip(), bar.method.backward.toolTip()):
        assert tip.endswith("\n0 gradients computed in this run")
    assert not bar.optimizer.rate.isVisible()
    bench.go_to(Phase.LOSS)
    assert not bar.optimizer.update_pill.text().startswith("▲")
    choose_optimizer(bench.document, "sgd")
    assert bar.optimizer.rate.isVisible()
    assert bar.method.is_idle == (method == "none")


def test_gradients_of_before_are_still_counted_when_none_is_computed_any_more(bench: Bench) -> None:
    for count, words in ((1, "1 gradient computed in this run"), (2, "2 gradients computed in this run")):
        bench.runner.step()
        assert bench.bar.gradient.toolTip().endswith(words)
        assert bench.snapshot.gradient_calls == count
    choose_optimizer(bench.document, "random-search")
    bench.runner.step()
    assert bench.bar.gradient.toolTip().endswith("2 gradients computed in this run")


def test_candidates_and_their_cost_stand_with_the_optimizer(bench: Bench) -> None:
    optimizer = bench.bar.optimizer
    choose_optimizer(bench.document, "genetic-algorithm")
    assert optimizer.update_pill.text() == "5 Update Δ — best of 50 candidates"
    assert optimizer.cost.text() == "≈ 51 fwd"
    macs = bench.snapshot.program.macs(32)
    assert optimizer.cost.toolTip().startswith("A step costs about 51 forward passes: one in phase 2, 50 for the cand")
    assert re.sub(r"\D", "", optimizer.cost.toolTip().splitlines()[1]) == str(51 * macs)
    set_optimizer(bench.document, "population", 120)
    assert optimizer.update_pill.text() == "5 Update Δ — best of 120 candidates"
    assert optimizer.cost.text() == "≈ 121 fwd"


def test_the_weights_stay_locked_while_candidates_are_tried(bench: Bench) -> None:
    choose_optimizer(bench.document, "random-search")
    set_optimizer(bench.document, "radius", 1e-3)
    bench.runner.step()
    assert bench.bar.weights.words.text() == "changed in step 1"
    bench.go_to(Phase.LOSS)
    bench.runner.micro_step()
    assert bench.lit() == [Phase.UPDATE]
    assert bench.bar.weights.words.text() == "locked since step 1"


def test_a_typed_g_that_does_not_fit_says_why_and_a_corrected_one_works(bench: Bench) -> None:
    bar = bench.bar
    choose_method(bench.document, "typed")
    set_method(bench.document, "g", "W_Q = 0.1")
    assert bar.method.backward.text() == "▲ there is no parameter W_Q here"
    assert bar.optimizer.update_pill.text().startswith("▲ Minibatch SGD needs g")
    assert bar.gradient.text() == "no g not called"
    choose_optimizer(bench.document, "random-search")
    assert bar.method.backward.text() == "4 · not called", "nobody asks for that g"
    choose_optimizer(bench.document, "sgd")
    set_method(bench.document, "g", "W_A = 0.1")
    assert bar.method.backward.text().startswith("4 · g as typed in")
    assert bar.optimizer.update_pill.text().startswith("5 Update Δ")
    bench.go_to(Phase.BACKWARD)
    assert bench.lit() == [Phase.BACKWARD]
    assert bar.gradient.text().startswith("‖g‖ 0.28")


def test_a_population_that_is_too_large_says_so(bench: Bench) -> None:
    choose_optimizer(bench.document, "genetic-algorithm")
    change_graph(bench.document, "wide", bench.experiment.graph.set(A, {"units": 2000}))
    set_optimizer(bench.document, "population", 200)
    pill = bench.bar.optimizer.update_pill
    assert pill.text().startswith("▲ A population of 200")
    assert pill.toolTip().endswith("is the most")
    assert bench.bar.optimizer.cost.text() == ""
    bench.document.undo_stack.undo()
    assert pill.text().startswith("5 Update Δ")


def test_with_every_parameter_pinned_the_weights_stay(bench: Bench) -> None:
    document = bench.document
    parameters = bench.snapshot.program.parameters
    pinned = frozenset((p.node, p.name) for p in parameters)
    for names, words in ((pinned, "5 w stays — every parameter is pinned"), (pinned - {(A, "W")}, "5 Update Δ — the")):
        experiment = replace(bench.experiment, pinned=names)
        document.edit("pin", replace(document.project, experiment=experiment))
        assert bench.bar.optimizer.update_pill.text().startswith(words)


def test_what_a_step_costs_is_told_in_passes_multiply_adds_and_time(bench: Bench) -> None:
    cost = bench.bar.method.cost
    macs = bench.snapshot.program.macs(32)
    assert cost.toolTip().startswith("A step costs about 3 forward passes: one in phase 2, 2 for g\n")
    assert re.sub(r"\D", "", cost.toolTip().splitlines()[1]) == str(3 * macs)
    assert "took" not in cost.toolTip()
    bench.go_to(Phase.BACKWARD)
    taken = re.search(r"\nthis g took ([\d.]+) ms$", cost.toolTip())
    assert taken is not None
    assert float(taken[1]) == pytest.approx(bench.snapshot.gradient_seconds * 1e3, rel=0.01)
    assert len(taken[1].replace(".", "").lstrip("0")) <= 3
    choose_method(bench.document, "finite-differences")
    assert "took" not in cost.toolTip(), "there is no g of this method yet"
    assert cost.toolTip().startswith("A step costs about 35 forward passes: one in phase 2, 34 for g\n")


def test_a_short_step_shows_no_progress(bench: Bench) -> None:
    choose_method(bench.document, "finite-differences")
    bench.go_to(Phase.LOSS)
    bench.runner.micro_step()
    assert bench.bar.method.backward.filled_part == 1.0
    assert bench.bar.method.backward.text().startswith("4 · 34 nudged")


def test_a_long_phase_4_fills_its_pill_from_the_left(bench: Bench) -> None:
    pill = bench.bar.method.backward
    change_graph(bench.document, "wide", bench.experiment.graph.set(A, {"units": 100}))
    choose_method(bench.document, "finite-differences")
    count = bench.snapshot.program.parameter_count
    assert pill.text().startswith(f"4 · {2 * count} nudged")
    bench.go_to(Phase.LOSS)
    for _ in range(count // 2):
        bench.runner.micro_step()
    assert pill.filled_part == (count // 2) / count
    assert pill.text() == f"4 · Finite differences: {count // 2} of {count}"
    assert pill.toolTip() == f"{pill.text()}\n4 · {2 * count} nudged forward passes — compute g, change no weight"
    filled, empty = QColor(current().colors.backward), QColor(current().colors.fill)
    assert [color_at(pill, part) for part in (0.1, 0.45, 0.55, 0.9)] == [filled, filled, empty, empty]
    for _ in range(count - count // 2):
        bench.runner.micro_step()
    assert pill.filled_part == 1.0
    bench.runner.micro_step()
    assert pill.filled_part == 0.0
    assert pill.text().startswith(f"4 · {2 * count} nudged")


def test_many_candidates_fill_the_pill_of_phase_5(bench: Bench) -> None:
    pill = bench.bar.optimizer.update_pill
    change_graph(bench.document, "wide", bench.experiment.graph.set(A, {"units": 600}))
    choose_optimizer(bench.document, "genetic-algorithm")
    set_optimizer(bench.document, "population", 200)
    bench.go_to(Phase.LOSS)
    for done in range(1, 4):
        bench.runner.micro_step()
        assert pill.filled_part == done / 200
        # Figure spaces keep the place of the missing digits.
        assert pill.text() == f"5 ·   {done} of 200 candidates tried".replace(
            "·   ", "· \N{FIGURE SPACE}\N{FIGURE SPACE}"
        )
    assert bench.bar.method.backward.filled_part == 0.0


def test_the_progress_of_a_run_shows_while_it_stays_in_the_phase(bench: Bench, qtbot: QtBot) -> None:
    pill = bench.bar.method.backward
    change_graph(bench.document, "wide", bench.experiment.graph.set(A, {"units": 500}))
    choose_method(bench.document, "finite-differences")
    seen: set[float] = set()
    bench.runner.frame_ready.connect(lambda _snapshot: seen.add(pill.filled_part))
    bench.runner.set_speed(None)
    bench.runner.run()
    qtbot.waitUntil(lambda: len([part for part in seen if 0.0 < part < 1.0]) >= 3)
    assert bench.lit() == [Phase.BACKWARD]
    bench.runner.pause()


def test_penalties_are_told_apart_from_the_loss_of_the_data(bench: Bench) -> None:
    evaluate = bench.bar.evaluate
    bench.go_to(Phase.LOSS)
    assert not evaluate.penalty.isVisible()
    assert evaluate.loss.toolTip() == "The loss of this batch"
    change_graph(bench.document, "penalty", moons_graph().set(LOSS, {"l1": 0.01, "l2": 0.1}))
    bench.runner.reset()
    assert (evaluate.penalty.isVisible(), evaluate.penalty.text()) == (True, "P = —")
    bench.go_to(Phase.LOSS)
    snapshot = bench.snapshot
    weights = [snapshot.weights(p) for p in snapshot.program.parameters if p.name == "W"]
    penalty = sum(0.01 * abs(w).sum() + 0.05 * (w * w).sum() for w in weights)
    numbers = [float(text) for text in re.findall(r"\d\.\d+", evaluate.loss.toolTip())]
    assert numbers == pytest.approx([snapshot.loss, snapshot.loss - penalty, penalty], abs=1e-4)
    assert evaluate.loss.toolTip().endswith("of the penalties")
    assert evaluate.penalty.text() == f"P = {numbers[2]:.4f}"
    assert evaluate.penalty.isEnabled()
    bench.go_to(Phase.UPDATE)
    assert not evaluate.penalty.isEnabled()
    assert evaluate.penalty.text() == f"P = {numbers[2]:.4f}", "that of the loss that is shown"


def test_a_large_learning_rate_can_be_read_whole_in_its_field(bench: Bench) -> None:
    rate = bench.bar.optimizer.rate
    commit(rate, "1000000")
    assert bench.experiment.optimizer.settings["learning_rate"] == 1e6
    line = rate.lineEdit()
    assert line.text() == "1e6"
    assert line.fontMetrics().horizontalAdvance(line.text()) < line.width()


def test_the_lock_says_less_where_the_step_s_number_has_no_room(bench: Bench) -> None:
    words = bench.bar.weights.words
    bench.runner.step()
    for width, text in ((140, "changed in step 1"), (86, "changed in 1"), (60, "changed")):
        words.setFixedWidth(width)
        assert words.text() == text
        assert words.toolTip() == "changed in step 1"
