"""What every optimizer would make of one g: the run's own to the bit, the others by formulas written down here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.ops.call import Array
from engine.optimizer_comparison import Proposal, can_compare, losses_after, propose
from engine.optimizers import OPTIMIZERS
from engine.reference import Reference
from engine.snapshot import Snapshot
from tests.engine.moments import dropping, moments_of
from tests.engine.samples import experiment_of, optimizer

WITH_GRADIENT = [name for name, kind in OPTIMIZERS.items() if kind.needs_gradient and name != "none"]
A = 2


def sign_step(rate: float, g: Array, w: Array) -> Array:
    """Give what Adam and its kin do at t = 1: both means are g itself, so that only its sign is left."""
    return -rate * g / (np.abs(g) + 1e-8)


FIRST: dict[str, Callable[[Array, Array], Array]] = {
    "sgd": lambda g, w: -0.1 * g,
    "momentum": lambda g, w: -0.05 * g,
    "nesterov": lambda g, w: -0.05 * 1.9 * g,
    "adagrad": lambda g, w: -0.1 * g / (np.abs(g) + 1e-10),
    "rmsprop": lambda g, w: -0.01 * g / (np.sqrt(0.01 * g * g) + 1e-8),
    "adadelta": lambda g, w: -g * np.sqrt(1e-6) / np.sqrt(0.1 * g * g + 1e-6),
    "rprop": lambda g, w: -0.01 * np.sign(g),
    "adam": lambda g, w: sign_step(0.03, g, w),
    "adamw": lambda g, w: sign_step(0.03, g, w) - 0.03 * 0.01 * w,
    "amsgrad": lambda g, w: sign_step(0.03, g, w),
    "adamax": lambda g, w: -0.03 * g / (np.abs(g) + 1e-8),
    "nadam": lambda g, w: -0.03 * nadam_mean() * g / (np.abs(g) + 1e-8),
    "radam": lambda g, w: -0.03 * g,
    "lion": lambda g, w: -0.003 * (np.sign(g) + 0.01 * w),
}
"""Δw of the first update of each, with the defaults."""


def nadam_mean() -> float:
    """Give NAdam's m̂ / g at t = 1."""
    now, then = (0.9 * (1.0 - 0.5 * math.pow(0.96, t * 0.004)) for t in (1, 2))
    return (1.0 - now) / (1.0 - now) + then * 0.1 / (1.0 - now * then)


def by_kind(snapshot: Snapshot, earlier: Snapshot | None) -> dict[str, Proposal]:
    assert can_compare(snapshot)
    return {proposal.choice.kind: proposal for proposal in propose(snapshot, earlier)}


@pytest.mark.parametrize("kind", WITH_GRADIENT)
def test_the_runs_own_is_the_update_that_follows_to_the_bit(kind: str) -> None:
    _, before, after = moments_of(experiment_of(rule=optimizer(kind)))
    made = after.program.region(after.arena, 2)
    for snapshot, earlier in ((before, None), (after, before), (after, None)):
        found = by_kind(snapshot, earlier)
        assert list(found) == WITH_GRADIENT
        assert [k for k, proposal in found.items() if proposal.is_own] == [kind]
        assert found[kind].is_in_slot
        assert found[kind].delta.tobytes() == made.tobytes()
        assert found[kind].norm == after.update_norm


@pytest.mark.parametrize("kind", WITH_GRADIENT)
def test_the_others_begin_with_their_defaults(kind: str) -> None:
    own = "sgd" if kind != "sgd" else "adam"
    _, before, after = moments_of(experiment_of(rule=optimizer(own, learning_rate=0.2)))
    parameter = before.program.parameters[0]
    g, w = before.gradient(parameter), before.weights(parameter)
    for snapshot, earlier in ((before, None), (after, before)):
        found = by_kind(snapshot, earlier)[kind]
        assert not found.is_own
        np.testing.assert_allclose(found.part(parameter), FIRST[kind](g, w), rtol=1e-9)
        assert found.at(parameter, 1, 2) == found.part(parameter)[1, 2]
        everything = np.concatenate([found.part(p).ravel() for p in before.program.parameters])
        assert found.norm == pytest.approx(float(np.sqrt((everything**2).sum())))


def test_pins_hold_and_clipping_is_the_slots_own() -> None:
    rule = optimizer("sgd", learning_rate=0.5, clipping="norm", clip_limit=1e-3)
    experiment = replace(experiment_of(rule=rule), pinned=frozenset({(A, "W")}))
    _, before, _ = moments_of(experiment)
    found = by_kind(before, None)
    pinned, free = before.program.parameters[0], before.program.parameters[1:]
    for proposal in found.values():
        assert not proposal.part(pinned).any()
    g = np.concatenate([before.gradient(p).ravel() for p in free])
    own = np.concatenate([found["sgd"].part(p).ravel() for p in free])
    np.testing.assert_allclose(own, -0.5 * g * min(1.0, 1e-3 / float(np.linalg.norm(g))), rtol=1e-9)
    momentum = np.concatenate([found["momentum"].part(p).ravel() for p in free])
    np.testing.assert_allclose(momentum, -0.05 * g, rtol=1e-9)


@pytest.mark.parametrize("experiment", [experiment_of(), dropping()], ids=["plain", "dropout"])
def test_the_losses_are_those_of_the_same_rows_and_draws(experiment: Experiment) -> None:
    trainer, before, after = moments_of(experiment)
    arenas = before.arena.tobytes(), after.arena.tobytes(), trainer.stepper.arena.tobytes()
    for snapshot, earlier in ((before, None), (after, before)):
        proposals = tuple(propose(snapshot, earlier))
        losses = list(losses_after(snapshot, earlier, proposals))
        for proposal, loss in zip(proposals, losses, strict=True):
            copy = Reference(before.program)
            copy.arena[...] = before.arena
            for parameter in before.program.parameters:
                before.program.weights(copy.arena, parameter)[...] += proposal.part(parameter)
            assert copy.forward(before.rows) == loss
        assert len(set(losses)) > len(losses) / 2
    assert arenas == (before.arena.tobytes(), after.arena.tobytes(), trainer.stepper.arena.tobytes())


def test_after_an_exchange_the_update_that_was_made_is_still_its_makers() -> None:
    experiment = experiment_of(rule=optimizer("momentum"))
    trainer, before, after = moments_of(experiment)
    trainer.change_pipeline(replace(experiment, optimizer=optimizer("adam", learning_rate=0.5)))
    found = by_kind(trainer.snapshot(), before)
    assert [k for k, proposal in found.items() if proposal.is_own] == ["momentum"]
    assert [k for k, proposal in found.items() if proposal.is_in_slot] == ["adam"]
    assert found["momentum"].delta.tobytes() == after.program.region(after.arena, 2).tobytes()
    parameter = before.program.parameters[0]
    expected = sign_step(0.5, before.gradient(parameter), before.weights(parameter))
    np.testing.assert_allclose(found["adam"].part(parameter), expected, rtol=1e-9)


def test_there_is_nothing_to_compare_without_a_g_of_this_batch() -> None:
    trainer, _, after = moments_of(experiment_of())
    assert can_compare(after)
    while trainer.stepper.micro < trainer.stepper.micro_count - 2:
        trainer.micro_step()
        assert not can_compare(trainer.snapshot())
    _, before, after = moments_of(experiment_of(rule=optimizer("random-search")))
    assert not can_compare(before)
    assert not can_compare(after)


def test_no_optimizer_is_listed_where_it_stands_in_the_slot() -> None:
    _, before, after = moments_of(experiment_of(rule=optimizer("none")))
    for snapshot, earlier in ((before, None), (after, before)):
        found = by_kind(snapshot, earlier)
        assert list(found) == ["none", *WITH_GRADIENT]
        assert found["none"].norm == 0.0
