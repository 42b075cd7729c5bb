"""The grid of losses around the present weights."""

from __future__ import annotations

import numpy as np
import pytest

from engine.landscape import Landscape, weight_direction
from tests.engine.samples import experiment_of, trainer_of
from tests.engine.test_no_data import bowl, trainer_for

ACROSS = np.linspace(-2.0, 2.0, 5)
UP = np.linspace(-1.0, 1.0, 3)


def test_the_grid_of_a_function_is_the_function() -> None:
    trainer = trainer_for(bowl())
    state = trainer.stepper.state
    x, y = (float(trainer.program.weights(trainer.stepper.arena, p)[0, 0]) for p in trainer.program.parameters)
    u, v = (weight_direction(trainer.program, number) for number in (0, 1))
    grid = Landscape(trainer.evaluator, state, u, v, ACROSS, UP)
    grid.advance(60.0)
    expected = (x + ACROSS - 3.0) ** 2 + 2.0 * (y + UP[:, np.newaxis] + 1.0) ** 2
    np.testing.assert_allclose(grid.losses, expected, rtol=1e-13)


def test_it_can_be_computed_in_slices_and_leaves_the_run_alone() -> None:
    trainer = trainer_of(experiment_of())
    before = trainer.stepper.arena.tobytes()
    state, count = trainer.stepper.state, trainer.program.parameter_count
    u, v = weight_direction(trainer.program, 3), weight_direction(trainer.program, count - 1)
    whole, sliced = (Landscape(trainer.evaluator, state, u, v, ACROSS, UP, "test") for _ in range(2))
    whole.advance(60.0)
    slices = 0
    while not sliced.is_done:
        assert np.isnan(sliced.losses).sum() == sliced.losses.size - slices
        sliced.advance(0.0)
        slices += 1
    assert slices == 15
    assert whole.losses.tobytes() == sliced.losses.tobytes()
    assert whole.losses[1, 2] == trainer.evaluator.loss(state, "test")
    assert trainer.stepper.arena.tobytes() == before


def test_there_is_no_direction_beyond_the_last_weight() -> None:
    trainer = trainer_of(experiment_of())
    with pytest.raises(IndexError):
        weight_direction(trainer.program, trainer.program.parameter_count)
