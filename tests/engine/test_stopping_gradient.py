"""A run that stops where the norm of the gradient grows beyond a bound."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.experiment import Choice
from engine.stopping import Progress, StopWatch, make_stop_condition
from tests.engine.samples import line_experiment, trainer_of


def progress(step: int, norm: float) -> Progress:
    return Progress(step, 0, 1.0, 1.0, 1.0, lambda: norm)


def test_it_stops_once_each_time_and_its_words_show_that_it_is_above() -> None:
    watch = StopWatch([Choice("gradient-above", {"bound": 100.0})], progress(0, 1.0))
    norms = [99.0, 100.0, 100.00004, 250.0, 80.0, 300.5]
    found = [watch.check(progress(step, norm)) for step, norm in enumerate(norms, 1)]
    assert [None if words is None else str(words) for words in found] == [
        None,
        None,
        "Stopped: ‖g‖ over the training set, 100.00004, is above 100",
        None,
        None,
        "Stopped: ‖g‖ over the training set, 300.5, is above 100",
    ]


@pytest.mark.parametrize("norm", [math.nan, math.inf])
def test_what_is_not_finite_is_not_above_a_bound(norm: float) -> None:
    assert make_stop_condition("gradient-above", {"bound": 1e-3}).holds(progress(1, norm)) is False


def test_a_run_that_diverges_stops_while_all_is_finite() -> None:
    stop = Choice("gradient-above", {"bound": 50.0})
    trainer = trainer_of(replace(line_experiment(10.0, None), stops=(stop,)))
    trainer.advance(60.0)
    assert "is above 50" in str(trainer.take_stop())
    dataset = trainer.stepper.dataset
    x, y = dataset.x[dataset.train], dataset.y[dataset.train]
    parameters = {p.name: trainer.program.weights(trainer.stepper.arena, p) for p in trainer.program.parameters}
    error = x @ parameters["W"] + parameters["b"] - y
    g = np.concatenate([(2 * x.T @ error / len(x)).ravel(), (2 * error.mean(axis=0)).ravel()])
    assert np.linalg.norm(g) > 50.0
    assert trainer.stepper.is_finite
