"""The sentences of a step, with the numbers that the engine has found."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.translate import format_number
from engine.gradient_use import apply_gradient, compute_gradient, redraw
from engine.program import Phase
from tests.ui.canvas.test_headline import Stage, open_stage
from ui.edits import choose_method, choose_optimizer, set_batch_size


@pytest.fixture
def stage(qtbot: QtBot, qapp: QApplication) -> Stage:
    return open_stage(qtbot, qapp)


def step_through(stage: Stage) -> list[tuple[Phase, str, str]]:
    """Do a step by micro-steps; give the phase, the words and the button after each."""
    told = []
    begun = stage.snapshot.step
    while stage.snapshot.step == begun:
        stage.runner.micro_step()
        phase = stage.snapshot.phase
        assert phase is not None
        told.append((phase, *stage.show()))
    return told


def test_a_step_of_backpropagation_is_told_with_its_numbers(stage: Stage) -> None:
    stage.runner.step()
    told = step_through(stage)
    loss = format_number(stage.snapshot.loss or 0.0)
    after = format_number(stage.snapshot.batch_loss_after or 0.0)
    assert [words for _, words, _ in told] == [
        "Drew 32 of 240 rows, batch 2 of 8 of this epoch; g and Δw are still the last step's",
        "Forward through A · 4 tanh: u = x W; reads weights, changes none",
        "Forward through A · 4 tanh: z = u + b; reads weights, changes none",
        "Forward through A · 4 tanh: a = tanh z",
        "Forward through B · 1 identity: u = x W; reads weights, changes none",
        "Forward through B · 1 identity: z = u + b; reads weights, changes none",
        f"One number for 32 rows: {loss} (L = mean of log(1 + e^z) − y z)",
        "Backward through Binary cross-entropy: computed 0 of 17 numbers of g; no weight has changed",
        "Backward through B · 1 identity: computed 1 of 17 numbers of g; no weight has changed",
        "Backward through B · 1 identity: computed 5 of 17 numbers of g; no weight has changed",
        "Backward through A · 4 tanh: computed 5 of 17 numbers of g; no weight has changed",
        "Backward through A · 4 tanh: computed 9 of 17 numbers of g; no weight has changed",
        "Backward through A · 4 tanh: computed 17 of 17 numbers of g; no weight has changed",
        f"Minibatch SGD turned g into Δw and added it · same batch {loss} → {after}; the next step draws other rows",
    ]
    assert [following for _, _, following in told][-3:] == [
        "Next: Backpropagation, A · 4 tanh →",
        "Next: update →",
        "Next: draw 32 of 240 rows →",
    ]


@pytest.mark.parametrize("method", ["forward-mode", "finite-differences"])
def test_methods_that_go_weight_by_weight_tell_the_number_that_they_found(stage: Stage, method: str) -> None:
    choose_method(stage.document, method)
    found = [words for phase, words, _ in step_through(stage) if phase is Phase.BACKWARD]
    program, snapshot = stage.snapshot.program, stage.snapshot
    numbers = np.concatenate([snapshot.gradient(p).reshape(-1) for p in program.parameters])
    assert len(found) == len(numbers) == 17
    for count, (words, number) in enumerate(zip(found, numbers, strict=True), 1):
        end = f": its g is {format_number(float(number))}; {count} of 17 numbers of g, no weight has changed"
        assert words.endswith(end), words


def test_an_estimate_is_told_with_its_size(stage: Stage) -> None:
    choose_method(stage.document, "spsa")
    words = [words for phase, words, _ in step_through(stage) if phase is Phase.BACKWARD]
    norm = format_number(stage.snapshot.gradient_norm or 0.0)
    assert words == [
        f"Nudged all weights at once along a random direction, 1 of 1: a noisy estimate of g, ‖g‖ {norm}; "
        "no weight has changed"
    ]


def test_a_batch_of_all_rows_has_no_number_and_no_other_rows_come_next(stage: Stage) -> None:
    set_batch_size(stage.document, None)
    told = step_through(stage)
    assert told[0][1] == "Drew all 240 rows"
    assert told[-1][1].startswith("Gradient descent turned g into Δw and added it · same batch ")
    assert "other rows" not in told[-1][1]
    assert told[-1][2] == "Next: draw all 240 rows →"


def test_what_a_g_is_compared_with_is_told_and_fits(stage: Stage) -> None:
    choose_optimizer(stage.document, "adam")
    trainer = stage.runner._trainer
    assert trainer is not None
    compute_gradient(trainer)
    choose_method(stage.document, "finite-differences")
    compute_gradient(trainer)
    words, following = stage.show(trainer.snapshot())
    assert words.startswith("Finite differences: g agrees with that of Backpropagation to ")
    assert words.endswith(", at 34 forward passes instead of 2")
    assert following == "Next: update →"
    redraw(trainer)
    words, _ = stage.show(trainer.snapshot())
    assert words == "Drew 32 other rows of 240 at the same weights, batch 2 of 8 of this epoch"
    compute_gradient(trainer)
    words, _ = stage.show(trainer.snapshot())
    assert words.startswith("Same weights, other rows: ‖g‖ ")
    assert words.endswith(": g depends on the batch")
    apply_gradient(trainer)
    apply_gradient(trainer)
    words, _ = stage.show(trainer.snapshot())
    assert words.startswith(
        "Adam turned the same g into another Δw and added it; no gradient was computed · same batch "
    )
    assert words.endswith(" now")
