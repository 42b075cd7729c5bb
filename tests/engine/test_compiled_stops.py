"""Stop conditions end a run in stretches where they end a run step by step, for the same reason."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Timer

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba", reason="only the compiled executor does steps in stretches")

from engine.compiled import COMPILED, load
from engine.executors import EXECUTORS, LossLimit
from engine.experiment import Choice
from engine.interrupt import Interrupt
from engine.trainer import Trainer
from tests.engine.samples import experiment_of, optimizer, state_of, trainer_of

load()

Stops = tuple[Choice, ...]
Stop = tuple[int, str]


def batch_loss(bound: float) -> Choice:
    return Choice("loss-below", {"of": "batch", "bound": bound})


def run_of(stops: Stops, batch_size: int | None, executor: str = COMPILED) -> Trainer:
    """Make a run whose batches' losses go up and down around 0.7, on kernels."""
    trainer = trainer_of(experiment_of(rule=optimizer("adam"), batch_size=batch_size, stops=stops))
    trainer.change_executor(executor)
    return trainer


def in_stretches(trainer: Trainer, until: int) -> list[Stop]:
    """Run on after each stop up to a step; give the stops."""
    found: list[Stop] = []
    while trainer.stepper.step < until:
        assert trainer.advance(60.0, until)
        words = trainer.take_stop()
        if words is not None:
            found.append((trainer.stepper.step, str(words)))
    return found


def step_by_step(trainer: Trainer, until: int) -> list[Stop]:
    found: list[Stop] = []
    while trainer.stepper.step < until:
        trainer.finish_step()
        words = trainer.take_stop()
        if words is not None:
            found.append((trainer.stepper.step, str(words)))
    return found


def stops_of(loss: float | None, steps: int | None, epochs: int | None, others: Sequence[Choice]) -> Stops:
    counted = {"steps": steps, "epochs": epochs}
    chosen = [Choice(kind, {"count": count}) for kind, count in counted.items() if count is not None]
    return (*chosen, *([] if loss is None else [batch_loss(loss)]), *others)


WHOLE_SETS = (
    (),
    (Choice("plateau", {"share": 0.05, "steps": 30}),),
    (Choice("gradient-norm", {"bound": 0.05}),),
    (Choice("gradient-above", {"bound": 0.1}),),
)
any_stops = st.builds(
    stops_of,
    st.none() | st.sampled_from((0.3, 0.5, 0.6, 0.65)),
    st.none() | st.integers(1, 200),
    st.none() | st.integers(1, 60),
    st.sampled_from(WHOLE_SETS),
)


@given(any_stops, st.sampled_from((1, 7, 16, None)))
def test_a_run_in_stretches_stops_where_one_of_single_steps_does(stops: Stops, batch_size: int | None) -> None:
    whole, single = run_of(stops, batch_size), run_of(stops, batch_size)
    assert in_stretches(whole, 200) == step_by_step(single, 200)
    assert state_of(whole.stepper) == state_of(single.stepper)


def test_a_loss_that_goes_up_and_down_stops_a_run_each_time_it_comes_below_the_bound() -> None:
    whole, single = run_of((batch_loss(0.55),), 7), run_of((batch_loss(0.55),), 7)
    stops = in_stretches(whole, 300)
    assert stops == step_by_step(single, 300)
    assert len(stops) > 5


def test_the_loss_of_the_training_set_is_looked_at_where_it_is_recorded() -> None:
    stops = (Choice("loss-below", {"of": "train", "bound": 0.3}),)
    whole, single = run_of(stops, 16), run_of(stops, 16)
    assert in_stretches(whole, 2000) == step_by_step(single, 2000) != []


def test_a_run_with_conditions_is_done_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("single steps take a hundred times as long")

    trainer = run_of(stops_of(1e-12, 10**9, 10**8, [Choice("gradient-norm", {"bound": 1e-300})]), 16)
    monkeypatch.setattr(trainer.stepper, "whole_step", refuse)
    assert trainer.advance(60.0, 5000)
    assert trainer.stepper.step == 5000
    assert trainer.take_stop() is None


@pytest.mark.parametrize(("epochs", "step"), [(1, 3), (4, 12)])
def test_an_epoch_ends_with_its_last_short_batch(epochs: int, step: int) -> None:
    trainer = run_of(stops_of(None, None, epochs, ()), 16)
    assert in_stretches(trainer, step + 1) == [(step, f"Stopped: epoch {epochs} is reached")]


def test_a_loop_ends_with_the_first_loss_that_comes_below_the_limit() -> None:
    trainer, free = run_of((), 7), run_of((), 7)
    loop, free_loop = (EXECUTORS[COMPILED].loop(t.stepper) for t in (trainer, free))
    assert loop is not None
    assert free_loop is not None
    losses = free_loop.run(200).losses.tolist()
    bound = sorted(losses)[40]
    first = next(k for k, loss in enumerate(losses) if loss < bound)
    assert loop.run(200, LossLimit(bound)).losses.tolist() == losses[: first + 1]
    left = losses[first + 1 :]
    again = next(k for k, loss in enumerate(left) if loss < bound and ([losses[first], *left])[k] >= bound)
    assert loop.run(200, LossLimit(bound, is_below=True)).losses.tolist() == left[: again + 1]


def test_an_interrupt_from_another_thread_ends_it_after_the_step_that_is_being_done() -> None:
    stepper, whole = run_of((), 7).stepper, run_of((), 7).stepper
    loop, other = EXECUTORS[COMPILED].loop(stepper), EXECUTORS[COMPILED].loop(whole)
    assert loop is not None
    assert other is not None
    interrupt = Interrupt()
    timer = Timer(0.02, interrupt.set)
    timer.start()
    # Some seconds' worth of steps.
    done = len(loop.run(2_000_000, interrupt=interrupt).losses)
    timer.join()
    assert interrupt.is_set
    assert 1 <= done < 2_000_000
    assert stepper.step == done
    other.run(done)
    assert np.array_equal(stepper.arena, whole.arena)
    assert len(loop.run(100, interrupt=interrupt).losses) == 1
    interrupt.clear()
    assert len(loop.run(100, interrupt=interrupt).losses) == 100
