"""What the legends say at a step: where the run stands the same numbers as its window, elsewhere how near they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.translate import format_number
from engine.datasets import make_dataset
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.engine.samples import method, optimizer
from tests.ui.plots.histories import show
from tests.ui.plots.runs import make_trainer, moons, train
from ui.gradient_chip import GradientChip
from ui.plots.gradients import GradientsPanel
from ui.plots.history import HistoryPanel
from ui.plots.loss import LossPanel

LONG = 5000
"""So many steps that the recorded numbers are means of two steps each."""


@pytest.fixture(scope="module")
def long_run() -> Trainer:
    """Give a run of one layer at full speed."""
    trainer = make_trainer(make_dataset("moons", {}), [(1, "identity")], "binary_cross_entropy")
    trainer.advance(60.0, until=LONG)
    assert trainer.stepper.step == LONG
    return trainer


def losses_of(snapshot: Snapshot) -> str:
    return f"train {format_number(snapshot.train_loss)}   test {format_number(snapshot.test_loss)}"


def gradients(qtbot: QtBot, snapshot: Snapshot) -> GradientsPanel:
    panel = show(qtbot, GradientsPanel(), snapshot)
    assert isinstance(panel, GradientsPanel)
    return panel


def gaps(panel: GradientsPanel, node: int) -> list[float]:
    """Give the steps before which the faint curve is broken."""
    x, y = panel.raw_curves[node].points()
    steps: list[float] = x[np.isnan(y)].tolist()
    return steps


# ---- where the run stands --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [LONG, 4321, 3000])
def test_the_losses_read_there_are_those_of_the_transport_and_the_pipeline(
    qtbot: QtBot, long_run: Trainer, step: int
) -> None:
    long_run.go_to(step)
    snapshot = long_run.snapshot()
    assert snapshot.loss is not None
    panel = show(qtbot, LossPanel(), snapshot)
    assert panel.legend.text() == losses_of(snapshot)
    panel.show_crosshair(step + 0.3)
    lead = f"step {step:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    assert panel.legend.text() == f"{lead}   batch {format_number(snapshot.loss)}   {losses_of(snapshot)}"


@pytest.mark.parametrize("step", [LONG, 4321])
def test_the_norm_of_the_only_layer_is_the_norm_of_g(qtbot: QtBot, long_run: Trainer, step: int) -> None:
    long_run.go_to(step)
    snapshot = long_run.snapshot()
    chip = GradientChip()
    qtbot.addWidget(chip)
    chip.show_snapshot(snapshot)
    norm = chip.text().split()[1]
    panel = gradients(qtbot, snapshot)
    recorded = snapshot.curves.gradient_norms[2][1]
    assert norm not in {format_number(value) for value in recorded[-3:]}, "the recorded ones are means"
    assert panel.legend.text() == f"A {norm}"
    panel.show_crosshair(float(step))
    assert panel.legend.text().endswith(f"   A {norm}")
    assert panel.legend.text().startswith("step")
    panel.show_snapshot(snapshot, is_running=True)
    panel.show_crosshair(None)
    assert panel.legend.text() == f"A {norm}", "while it runs too"


def test_the_layers_norms_make_up_the_norm_of_g(qtbot: QtBot, moons_run: Snapshot) -> None:
    norms = [float(entry.split(" ")[1]) for entry in gradients(qtbot, moons_run).legend.text().split("   ")]
    assert moons_run.gradient_norm is not None
    assert sum(norm**2 for norm in norms) ** 0.5 == pytest.approx(moons_run.gradient_norm, rel=1e-3)


# ---- elsewhere -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [LossPanel, GradientsPanel])
def test_a_number_that_is_not_of_this_very_step_is_said_to_be_near_it(
    kind: type[HistoryPanel], qtbot: QtBot, long_run: Trainer
) -> None:
    long_run.go_to(LONG)
    panel = show(qtbot, kind(), long_run.snapshot())
    panel.show_crosshair(450.0)
    assert panel.legend.text().startswith("near step 450 ")


def test_a_recorded_step_is_called_by_its_name(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, LossPanel(), moons_run)
    recorded = int(moons_run.curves.test_step[-2])
    assert 20 <= recorded < 58
    for step, lead in ((recorded, "step"), (recorded + 1, "near step"), (7, "step")):
        panel.show_crosshair(float(step))
        assert panel.legend.text().startswith(f"{lead} {step}   ")


def test_in_a_run_nothing_is_known_of_the_present_step_but_what_is_recorded(qtbot: QtBot, moons_run: Snapshot) -> None:
    panel = show(qtbot, LossPanel(), moons_run)
    panel.show_crosshair(60.0)
    assert panel.legend.text().startswith("step 60 ")
    panel.show_snapshot(moons_run, is_running=True)
    assert panel.legend.text().startswith("near step 60 ")


# ---- steps without a g -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("without", ["genetic-algorithm", "none"])
def test_where_no_g_is_computed_the_curve_breaks_and_there_is_no_number(qtbot: QtBot, without: str) -> None:
    trainer = train(moons(), 20)
    before = trainer.experiment
    if without == "none":
        trainer.change_pipeline(replace(before, method=method("none")))
    else:
        trainer.change_pipeline(replace(before, optimizer=optimizer(without, population=4)))
    panel = gradients(qtbot, train(trainer, 40).snapshot())
    assert panel.legend.text() == "A –   B –   C –"
    assert gaps(panel, 2) == []
    trainer.change_pipeline(before)
    panel.show_snapshot(train(trainer, 10).snapshot())
    assert gaps(panel, 2) == [60.0]
    assert np.isnan(panel.curves[2].points()[1]).any()
    assert "–" not in panel.legend.text()
    assert len(panel.dots.points()[0]) == 0
    panel.show_crosshair(40.0)
    assert panel.legend.text() == "near step 40   A –   B –   C –"
    panel.show_crosshair(12.0)
    assert panel.legend.text().startswith(f"step 12   A {trainer.recorder.curves().gradient_norms[2][1][12]:.4f}")
    assert not panel._bad_marks.item.isVisible()
    assert "nan" not in str(panel.table())


def test_one_step_is_one_point(qtbot: QtBot) -> None:
    panel = gradients(qtbot, train(moons(), 1).snapshot())
    x, y = panel.dots.points()
    assert x.tolist() == [0.0, 0.0, 0.0]
    norms = [norms[0] for _, norms in train(moons(), 1).snapshot().curves.gradient_norms.values()]
    assert 10.0**y == pytest.approx(norms)
    one = panel.chart.grab().toImage()
    panel.dots.clear()
    assert panel.chart.grab().toImage() != one, "it is to be seen"
    panel.show_snapshot(train(moons(), 2).snapshot())
    assert not panel.dots.item.isVisible()
    panel.clear()
    assert panel.empty_text
