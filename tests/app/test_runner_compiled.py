"""A run on the compiled executor: it computes on a thread of its own, and nothing else can be told of it."""

from __future__ import annotations

import gc
import threading

import pytest
from pytestqt.qtbot import QtBot

pytest.importorskip("numba")

from app.document import Document
from app.project import Breakpoint, Project
from app.runner import Runner
from engine.compiled import COMPILED, load
from engine.continuation import save_run
from engine.experiment import Choice
from engine.gradients import ForwardMode
from engine.program import Phase
from engine.trainer import Trainer
from tests.app.runs import Frames, edit, state, step_of, values
from tests.engine.samples import dense_graph, experiment_of, optimizer, trainer_of

load()

Setup = tuple[Document, Runner]
SLOW = optimizer("sgd", learning_rate=1e-4)


@pytest.fixture
def setup(qapp: object) -> Setup:
    document = Document(Project(experiment_of(dense_graph((8,)), rule=SLOW), {}))
    runner = Runner(document)
    runner.set_executor(COMPILED)
    return document, runner


def test_a_run_computes_on_another_thread_and_leaves_what_the_engine_alone_leaves(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    frames = Frames(runner)
    runner.run()
    qtbot.waitUntil(lambda: len(frames.times) > 5)
    runner.pause()
    assert not any(thread.name == "training" for thread in threading.enumerate())
    assert gc.isenabled()
    assert frames.steps() == sorted(frames.steps())
    steps = step_of(runner)
    assert steps > 100
    trainer = trainer_of(document.project.experiment)
    trainer.change_executor(COMPILED)
    while trainer.stepper.step < steps:
        trainer.advance(60.0, steps)
    assert values(state(runner)) == values(save_run(trainer))


def wait_for_frames(qtbot: QtBot, frames: Frames, count: int = 3) -> None:
    wanted = len(frames.times) + count
    qtbot.waitUntil(lambda: len(frames.times) >= wanted)


def test_edits_speeds_and_saving_while_it_computes_lose_nothing(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    frames = Frames(runner)
    runner.run()
    wait_for_frames(qtbot, frames)
    for rate in (0.01, 0.02):
        edit(document, optimizer=optimizer("sgd", learning_rate=rate))
        assert state(runner).step <= step_of(runner)
        wait_for_frames(qtbot, frames)
    edit(document, graph=document.project.experiment.graph.set(2, {"units": 5}))
    wait_for_frames(qtbot, frames)
    assert runner.is_running
    for speed in (1000.0, None):
        runner.set_speed(speed)
        wait_for_frames(qtbot, frames)
    runner.pause()
    assert runner.snapshot is not None
    assert runner.snapshot.executor == COMPILED
    words = [str(words) for _, words in runner.snapshot.curves.events]
    assert words == ["SGD: Learning rate 0.01", "SGD: Learning rate 0.02"]
    assert frames.steps() == sorted(frames.steps())


def test_a_stop_condition_ends_it_and_a_value_that_is_not_finite_too(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    edit(document, stops=(Choice("steps", {"count": 5000}),))
    with qtbot.waitSignal(runner.message_posted) as stopped:
        runner.run()
    assert not runner.is_running
    assert str(stopped.args[0]).startswith("Stopped: step 5")
    assert step_of(runner) == 5000
    graph = dense_graph((), "mean_squared_error")
    edit(document, graph=graph, stops=(), optimizer=optimizer("sgd", learning_rate=1e6))
    with qtbot.waitSignal(runner.message_posted) as failed:
        runner.run()
    assert failed.args[1] is True
    assert "non-finite" in str(failed.args[0])
    assert not runner.is_running


def test_what_has_no_call_of_many_steps_runs_on_the_gui_thread(setup: Setup, qtbot: QtBot) -> None:
    document, runner = setup
    edit(document, method=Choice(ForwardMode.name))
    runner.run()
    qtbot.waitUntil(lambda: step_of(runner) > 5)
    edit(document, method=Choice("backpropagation"))
    seen = step_of(runner)
    qtbot.waitUntil(lambda: step_of(runner) > seen + 100)
    runner.pause()


def fail(*_: object) -> bool:
    raise MemoryError("too much")


def test_an_error_on_the_other_thread_stops_the_run_and_is_reported(
    setup: Setup, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, runner = setup
    monkeypatch.setattr(Trainer, "advance", fail)
    with qtbot.captureExceptions() as caught:
        runner.run()
        qtbot.waitUntil(lambda: not runner.is_running)
    assert [str(error) for _, error, _ in caught] == ["too much"]
    assert gc.isenabled()


def test_an_error_that_is_noticed_by_an_edit_stops_the_run_and_the_edit_holds(
    setup: Setup, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, runner = setup
    with qtbot.captureExceptions() as caught, monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", fail)
        runner.run()
        edit(document, optimizer=optimizer("momentum"))
    assert [str(error) for _, error, _ in caught] == ["too much"]
    assert not runner.is_running
    assert gc.isenabled()
    assert runner.snapshot is not None
    assert runner.snapshot.pipeline.optimizer.kind == "momentum"


def test_the_first_call_of_a_run_is_one_step_as_nobody_knows_how_long_it_takes() -> None:
    trainer = trainer_of(experiment_of())
    trainer.change_executor(COMPILED)
    trainer.advance(0.0)
    assert trainer.stepper.step == 1


def test_a_step_that_has_begun_is_finished_before_another_executor_takes_over() -> None:
    trainer = trainer_of(experiment_of())
    for _ in range(4):
        trainer.micro_step()
    trainer.change_executor(COMPILED)
    assert trainer.stepper.micro == 4
    trainer.finish_step()
    trainer.micro_step()
    assert trainer.stepper.pipeline.executor == COMPILED


def test_replay_ends_at_the_end_of_the_past(setup: Setup, qtbot: QtBot) -> None:
    _, runner = setup
    frames = Frames(runner)
    runner.run()
    qtbot.waitUntil(lambda: len(frames.times) > 3)
    runner.pause()
    end, weights = step_of(runner), values(state(runner))
    runner.go_to(end // 3)
    assert runner.is_past
    runner.run()
    qtbot.waitUntil(lambda: not runner.is_running)
    assert (runner.is_past, step_of(runner), values(state(runner))) == (False, end, weights)


def test_a_network_that_is_edited_keeps_the_executor(setup: Setup) -> None:
    document, runner = setup
    edit(document, graph=dense_graph((3,)))
    assert runner.snapshot is not None
    assert runner.snapshot.executor == COMPILED
    edit(document, batch_size=7)
    assert runner.snapshot.executor == COMPILED


@pytest.mark.parametrize("speed", [None, 3000.0])
def test_it_pauses_exactly_at_a_breakpoint_and_after_so_many_steps(
    setup: Setup, qtbot: QtBot, speed: float | None
) -> None:
    _, runner = setup
    runner.set_speed(speed)
    runner.run_steps(333)
    qtbot.waitUntil(lambda: not runner.is_running)
    assert (state(runner).step, state(runner).micro) == (333, 0)
    runner.breakpoints.set([Breakpoint(2, Phase.BACKWARD)], True)
    for step in (333, 334):
        runner.run()
        qtbot.waitUntil(lambda: not runner.is_running)
        assert runner.snapshot is not None
        assert (runner.snapshot.step, runner.snapshot.next.node) == (step, 2)
        assert runner.snapshot.next.phase is Phase.BACKWARD
    runner.breakpoints.clear()
    runner.run_steps(66)
    qtbot.waitUntil(lambda: not runner.is_running)
    assert (state(runner).step, state(runner).micro) == (400, 0)
