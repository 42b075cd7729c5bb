"""Runs that wait: for their network to be mended, or for a long step to be over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app import files
from app.document import Document
from app.files import SavedFile, TooLargeError, read_file, write_file
from app.project import Project, View
from app.runner import Runner
from engine.experiment import Experiment
from tests.app.runs import edit, state, step_of, values
from tests.engine.samples import dense_graph, experiment_of, optimizer


def setup_of(experiment: Experiment) -> tuple[Document, Runner]:
    """Make a document and its runner."""
    document = Document(Project(experiment_of()))
    runner = Runner(document)
    document.load(Project(experiment), None)
    return document, runner


@pytest.fixture
def trained(qapp: object) -> Iterator[tuple[Document, Runner]]:
    """A network trained for ten steps with Adam."""
    document, runner = setup_of(experiment_of(rule=optimizer("adam")))
    for _ in range(10):
        runner.step()
    yield document, runner
    runner.pause()


def test_a_run_is_saved_while_its_network_is_broken_and_goes_on_when_it_is_mended(
    trained: tuple[Document, Runner], tmp_path: Path
) -> None:
    document, runner = trained
    whole, before = document.project, state(runner)
    wire = next(e for e in whole.experiment.graph.edges if e.port == "target")
    edit(document, graph=whole.experiment.graph.disconnect([wire]))
    assert not runner.can_run
    assert runner.place == (10, 0)
    path = str(tmp_path / "broken.bplab")
    write_file(path, SavedFile(document.project, View(), runner.save_state()))

    saved = read_file(path)
    other, runner2 = setup_of(saved.project.experiment)
    assert saved.run is not None
    runner2.load_state(saved.run)
    assert runner2.place == (10, 0)
    assert runner2.save_state() == saved.run
    edit(other, graph=whole.experiment.graph)
    assert runner2.can_run
    assert state(runner2) == before
    document.undo_stack.undo()
    runner.step()
    runner2.step()
    assert values(state(runner2)) == values(state(runner))


def test_slots_of_another_optimizer_do_not_come_back_with_a_node(trained: tuple[Document, Runner]) -> None:
    document, runner = trained
    whole = document.project.experiment.graph
    edit(document, graph=whole.remove([2]))
    edit(document, optimizer=optimizer("rmsprop"))
    edit(document, graph=whole)
    assert all(set(slot) == {0.0} for array in state(runner).parameters for slot in array.slots.values())
    runner.step()
    assert step_of(runner) == 11


def test_a_long_step_goes_on_in_slices_and_can_be_paused(qtbot: QtBot) -> None:
    _, runner = setup_of(experiment_of(dense_graph((60,)), way="finite-differences"))
    runner.step()
    assert runner.is_running
    runner.pause()
    assert runner.place[0] == 0
    runner.step()
    qtbot.waitUntil(lambda: not runner.is_running)
    assert runner.place == (1, 0)


def test_undo_of_a_seed_before_the_first_step_draws_the_old_weights_again(qapp: object) -> None:
    document, runner = setup_of(experiment_of(seed=1))
    before = values(state(runner))
    edit(document, seed=2)
    assert values(state(runner)) != before
    document.undo_stack.undo()
    assert values(state(runner)) == before


def test_an_error_while_a_network_is_prepared_leaves_the_run_waiting(
    trained: tuple[Document, Runner], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, runner = trained
    before = values(state(runner))
    with monkeypatch.context() as patch, qtbot.captureExceptions() as caught:
        patch.setattr("app.training.Trainer", lambda *_: (_ for _ in ()).throw(MemoryError("too much")))
        edit(document, batch_size=8)
    assert len(caught) == 1
    assert not runner.can_run
    assert values(state(runner)) == before
    document.undo_stack.undo()
    assert runner.can_run
    assert runner.place == (10, 0)
    assert np.isfinite(list(values(state(runner)).values())[0]).all()


def test_what_could_not_be_opened_again_is_not_written(
    trained: tuple[Document, Runner], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, runner = trained
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    path = tmp_path / "large.bplab"
    path.write_text("old")
    with pytest.raises(TooLargeError, match="would be larger than"):
        write_file(str(path), SavedFile(document.project, View(), runner.save_state()))
    assert path.read_text() == "old"
