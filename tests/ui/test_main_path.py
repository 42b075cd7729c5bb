"""The main path: a network is drawn, trained, saved, opened again and trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.files import read_file
from engine.snapshot import Snapshot
from tests.ui.conftest import WindowMaker
from tests.ui.gestures import choose, drop_op, wire
from ui import dialogs
from ui.edits import set_seed
from ui.forms import ChoiceBox
from ui.main_window import MainWindow
from ui.node_page import NodePage
from ui.number_edit import NumberEdit


def draw_network(window: MainWindow) -> None:
    """Drag in Features, Dense 8 tanh, Dense 1, Target and cross-entropy, and wire them."""
    features = drop_op(window, "features", -420, -160)
    hidden = drop_op(window, "dense", -160, -160)
    output = drop_op(window, "dense", 110, -160)
    target = drop_op(window, "target", 110, 260)
    loss = drop_op(window, "binary_cross_entropy", 380, 0)
    window.canvas.fit()
    wire(window, features, hidden, "in")
    wire(window, hidden, output, "in")
    wire(window, output, loss, "prediction")
    wire(window, target, loss, "target")
    graph = window.document.project.experiment.graph
    assert {(e.source, e.target) for e in graph.edges} == {
        (features, hidden),
        (hidden, output),
        (output, loss),
        (target, loss),
    }
    window.canvas.select([output])
    page = window.side.inspector.page
    assert isinstance(page, NodePage)
    assert page.form is not None
    form = page.form
    units, activation = form.field("units"), form.field("activation")
    assert isinstance(units, NumberEdit)
    assert isinstance(activation, ChoiceBox)
    units.stepBy(-7)
    choose(activation, "identity")


def snapshot_of(window: MainWindow) -> Snapshot:
    """Give the run's present moment."""
    assert window.runner.snapshot is not None
    return window.runner.snapshot


def test_a_network_is_drawn_trained_saved_and_opened_again(
    make_window: WindowMaker, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    draw_network(window)
    choose(window.pipeline.data.kind, "xor")
    assert window.runner.compilation.problems == ()
    assert window.transport.run.text() == "Run"
    window.actions_["run"].trigger()
    assert window.transport.run.text() == "Pause"
    qtbot.waitUntil(lambda: snapshot_of(window).test_loss < 0.05, timeout=30_000)
    window.actions_["run"].trigger()
    path = tmp_path / "mine.bplab"
    monkeypatch.setattr(dialogs, "choose_file_to_save", lambda *_: str(path))
    window.actions_["save-as"].trigger()
    assert window.windowTitle() == "mine.bplab[*] — Backprop Lab"
    assert not window.isWindowModified()

    again = make_window()
    assert again.files.open_path(str(path))
    assert again.document.project == window.document.project
    before, after = snapshot_of(window), snapshot_of(again)
    assert after.step == before.step > 0
    assert np.array_equal(after.state, before.state)
    assert (after.loss, after.train_loss, after.test_loss) == (before.loss, before.train_loss, before.test_loss)
    assert again.transport.losses.text() == window.transport.losses.text()
    for one in (window, again):
        for _ in range(30):
            one.actions_["step"].trigger()
    assert snapshot_of(again).step == before.step + 30
    assert np.array_equal(snapshot_of(again).state, snapshot_of(window).state)


def test_default_settings_learn_xor_on_ten_seeds(make_window: WindowMaker, qtbot: QtBot) -> None:
    window = make_window()
    draw_network(window)
    choose(window.pipeline.data.kind, "xor")
    window.runner.set_speed(None)
    for seed in range(1, 11):
        set_seed(window.document, seed)
        window.actions_["reset"].trigger()
        assert snapshot_of(window).test_loss > 0.3
        window.actions_["run"].trigger()
        qtbot.waitUntil(lambda: snapshot_of(window).test_loss < 0.05, timeout=20_000)
        window.actions_["run"].trigger()


def test_a_run_saved_in_the_middle_of_a_step_goes_on_there(make_window: WindowMaker, tmp_path: Path) -> None:
    window = make_window()
    window.files.open_example("two-moons")
    for _ in range(25):
        window.runner.step()
    for _ in range(8):
        window.runner.micro_step()
    window.document.mark_saved(str(tmp_path / "middle.bplab"))
    assert window.files.save()
    again = make_window()
    again.files.open_path(str(tmp_path / "middle.bplab"))
    before, after = snapshot_of(window), snapshot_of(again)
    assert after.micro == 8
    assert np.array_equal(after.state, before.state)
    assert after.loss == before.loss
    assert np.array_equal(after.activation(3), before.activation(3))
    assert again.canvas.headline.words.text() == window.canvas.headline.words.text()
    assert read_file(str(tmp_path / "middle.bplab")).project == window.document.project
