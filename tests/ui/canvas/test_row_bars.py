"""The bars of the rows' losses on the loss card, against losses computed by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.examples import EXAMPLES, load_example
from app.project import Project
from engine.program import Phase
from engine.row_losses import binned, row_losses
from engine.snapshot import Snapshot
from tests.engine.samples import dataset_of, trainer_of
from tests.ui.canvas.lab import LOSS, POSITIONS, B, Lab, experiment, make_lab, moons_graph
from tests.ui.color_science import Triple, contrast
from ui.canvas.card import bars_place
from ui.canvas.row_bars import RowBars, bar_places, draw_bars
from ui.colors import DARK, LIGHT, Colors
from ui.theme import current

MakeLab = Callable[..., Lab]


def now(lab: Lab) -> Snapshot:
    assert lab.runner.snapshot is not None
    return lab.runner.snapshot


def step_to(lab: Lab, phase: Phase) -> Snapshot:
    while not (now(lab).phase is phase and now(lab).next.phase is not phase):
        lab.runner.micro_step()
    return now(lab)


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication) -> MakeLab:
    """Make a canvas with batches of so many rows."""

    def make(rows: int | None) -> Lab:
        lab = make_lab(qapp, Project(replace(experiment(moons_graph()), batch_size=rows), POSITIONS))
        qtbot.addWidget(lab.view, before_close_func=lambda _: lab.put_away())
        return lab

    return make


def by_hand(snapshot: Snapshot) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Compute the binary cross-entropy of each row from the logits and the targets."""
    z = snapshot.activation(B)[:, 0]
    y = snapshot.evaluator.dataset.y[snapshot.batch, 0]
    p = 1.0 / (1.0 + np.exp(-z))
    return np.asarray(-(y * np.log(p) + (1.0 - y) * np.log(1.0 - p)))


@pytest.mark.parametrize("key", [example.key for example in EXAMPLES])
def test_the_mean_of_the_rows_is_the_loss_of_the_batch(key: str) -> None:
    project = load_example(key).project
    trainer = trainer_of(project.experiment, dataset_of(project.experiment))
    seen = 0
    for _ in range(trainer.stepper.micro_count + 2):
        snapshot = trainer.snapshot()
        found = row_losses(snapshot)
        is_computed = snapshot.loss is not None and snapshot.phase is not Phase.SAMPLE
        if found is not None:
            assert snapshot.loss is not None
            assert is_computed
            assert found.shape == (snapshot.rows,)
            assert found.mean() + (snapshot.penalty or 0.0) == pytest.approx(snapshot.loss, rel=1e-12)
            seen += 1
        else:
            assert not is_computed or snapshot.program.data_loss.scratch[0].shape.rows is not None
        trainer.micro_step()
    assert (seen > 0) == (key != "valley"), "the valley has no rows"


def test_a_bar_for_each_row_and_the_mean_across(make: MakeLab) -> None:
    lab = make(12)
    item = lab.view._scene.nodes[LOSS]
    size = item.card.size
    assert item.look.bars is None
    snapshot = step_to(lab, Phase.LOSS)
    assert item.look.bars is not None
    assert item.look.bars.heights == pytest.approx(by_hand(snapshot))
    assert item.look.bars.mean == pytest.approx(snapshot.loss)
    assert not item.look.is_stale
    step_to(lab, Phase.UPDATE)
    assert item.look.bars.heights == pytest.approx(by_hand(snapshot)), "those of the weights before"
    assert item.look.is_stale
    lab.runner.micro_step()
    assert item.look.bars is None, "other rows are drawn"
    assert item.card.size == size


def test_many_rows_share_bars_evenly(make: MakeLab) -> None:
    lab = make(None)
    snapshot = step_to(lab, Phase.LOSS)
    bars = lab.view._scene.nodes[LOSS].look.bars
    assert bars is not None
    assert len(bars.heights) == 32
    losses = by_hand(snapshot)
    assert bars.mean == pytest.approx(losses.mean())
    first = -(-len(losses) // 32)
    assert bars.heights[0] == pytest.approx(losses[:first].mean())
    sizes = [len(group) for group in np.array_split(losses, 32)]
    assert max(sizes) - min(sizes) <= 1
    assert np.dot(bars.heights, sizes) / len(losses) == pytest.approx(losses.mean())


def test_bars_and_the_mean_are_drawn_to_one_scale_also_below_zero() -> None:
    place = QRectF(10.0, 20.0, 120.0, 30.0)
    rects, mean = bar_places(RowBars((2.0, -1.0, 0.0), 1.0 / 3.0), place)
    assert [rect.height() for rect in rects] == pytest.approx([20.0, 10.0, 0.0])
    assert rects[0].bottom() == rects[1].top() == pytest.approx(40.0)
    assert mean == pytest.approx(40.0 - 10.0 / 3.0)
    assert all(place.contains(rect) for rect in rects[:2])
    assert bar_places(RowBars((0.0, 0.0), 0.0), place)[1] == place.bottom()
    assert binned(np.arange(4.0), 8).tolist() == [0.0, 1.0, 2.0, 3.0]


def test_they_are_seen_on_the_card_and_grey_when_stale(make: MakeLab) -> None:
    lab = make(4)
    lab.view.set_zoom(1.0)
    item = lab.view._scene.nodes[LOSS]
    place = bars_place(item.card)

    def middle_of_first_bar() -> QColor:
        assert item.look.bars is not None
        bar = bar_places(item.look.bars, place)[0][0]
        point = lab.view.mapFromScene(bar.center() + item.pos())
        return lab.view.viewport().grab().toImage().pixelColor(point)

    def is_near(color: QColor, role: str) -> bool:
        other = QColor(role)
        return abs(color.hslHue() - other.hslHue()) < 20 and color.hslSaturation() > 60

    step_to(lab, Phase.LOSS)
    assert is_near(middle_of_first_bar(), current().colors.forward)
    step_to(lab, Phase.UPDATE)
    assert not is_near(middle_of_first_bar(), current().colors.forward)


@pytest.mark.parametrize("colors", [LIGHT, DARK])
@pytest.mark.parametrize("is_stale", [False, True])
def test_bars_stand_out_from_the_card_and_the_mean_from_the_bars(colors: Colors, is_stale: bool) -> None:
    image = QImage(140, 60, QImage.Format.Format_RGB32)
    image.fill(colors.card)
    painter = QPainter(image)
    draw_bars(painter, RowBars((1.0,) * 10, 0.5), QRectF(10.0, 10.0, 120.0, 40.0), colors, is_stale=is_stale)
    painter.end()

    def rgb(color: QColor) -> Triple:
        return color.redF(), color.greenF(), color.blueF()

    def above_card(y: int) -> float:
        return contrast(rgb(image.pixelColor(15, y)), rgb(QColor(colors.card)))

    assert above_card(15) >= 3.0
    line, edge = max(map(above_card, (29, 30))), max(min(map(above_card, ys)) for ys in ((27, 28), (31, 32)))
    assert line / edge >= 3.0


def test_numbers_that_are_not_finite_have_no_bars(make: MakeLab) -> None:
    lab = make(4)
    snapshot = step_to(lab, Phase.LOSS)
    arena = snapshot.arena.copy()
    share = snapshot.program.data_loss.scratch[0]
    snapshot.program.view(arena, share, snapshot.rows)[1, 0] = np.nan
    lab.view.show_snapshot(replace(snapshot, arena=arena))
    assert lab.view._scene.nodes[LOSS].look.bars is None
