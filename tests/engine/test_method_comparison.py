"""All gradient methods on one batch: their g agree as their nature allows, and the run does not notice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.gradients import GRADIENT_METHODS, make_gradient_method
from engine.method_comparison import MethodComparison, MethodResult, comparison_cost
from engine.snapshot import Snapshot
from tests.engine.moments import dropping, moments_of
from tests.engine.samples import experiment_of, method, optimizer


def results(snapshot: Snapshot, earlier: Snapshot | None = None) -> dict[str, MethodResult]:
    comparison = MethodComparison(snapshot, earlier)
    assert [np.isnan(result.norm) for result in comparison.results] == [True] * 4
    calls = 0
    while not comparison.is_done:
        comparison.advance()
        calls += 1
        assert 0.0 < comparison.done <= comparison.total
    assert comparison.done == pytest.approx(comparison.total)
    assert comparison.total == comparison_cost(snapshot)[0]
    assert calls > 3
    return {result.kind: result for result in comparison.results}


@pytest.mark.parametrize("experiment", [experiment_of(), dropping()], ids=["plain", "dropout"])
def test_exact_methods_agree_and_an_estimate_does_not(experiment: Experiment) -> None:
    trainer, before, after = moments_of(experiment)
    stepper = trainer.stepper
    numbers = stepper.arena.tobytes(), stepper.gradient_calls, stepper.gradient_seconds
    for snapshot, earlier in ((before, None), (after, before)):
        found = results(snapshot, earlier)
        assert list(found) == ["backpropagation", "forward-mode", "finite-differences", "spsa"]
        assert found["backpropagation"].norm == before.gradient_norm
        assert found["backpropagation"].difference == 0.0
        assert found["backpropagation"].is_in_slot
        assert found["forward-mode"].difference < 1e-14
        assert 0.0 < found["finite-differences"].difference < 1e-9
        assert found["spsa"].difference > 1e-3
        count = before.program.parameter_count
        assert [r.forward_passes for r in found.values()] == [2, count, 2 * count, 2]
        assert all(result.seconds > 0.0 for result in found.values())
    assert numbers == (stepper.arena.tobytes(), stepper.gradient_calls, stepper.gradient_seconds)


@pytest.mark.parametrize("way", ["forward-mode", "finite-differences", "spsa"])
def test_each_gives_the_g_that_it_gives_in_the_slot(way: str) -> None:
    _, before, _ = moments_of(experiment_of(way=way))
    found = results(before)[way]
    assert found.is_in_slot
    assert found.norm == before.gradient_norm


def test_the_method_in_the_slot_has_its_settings() -> None:
    experiment = replace(experiment_of(), method=method("spsa", samples=20))
    _, before, _ = moments_of(experiment)
    assert results(before)["spsa"].forward_passes == 40
    assert make_gradient_method("spsa", {}).cost(before.program, 1).forward_passes == 2


def test_it_can_be_asked_with_a_search_in_the_slot_and_leaves_out_what_computes_nothing() -> None:
    _, before, _ = moments_of(experiment_of(rule=optimizer("random-search")))
    assert not {"typed", "none"} & set(results(before))
    assert {"typed", "none"} < set(GRADIENT_METHODS)
