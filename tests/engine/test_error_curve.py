"""The U-curve of the gradient check: least in the middle, growing to both sides, honest about kinks and wrong g."""

from __future__ import annotations

import numpy as np
import pytest

from engine.error_curve import MOST_WEIGHTS, STEPS, ErrorCurve, brief
from engine.gradcheck import check_gradient
from engine.snapshot import Snapshot
from tests.engine.moments import moments_of
from tests.engine.samples import dense_graph, experiment_of, line_experiment, trainer_of


def curve(snapshot: Snapshot, earlier: Snapshot | None = None) -> ErrorCurve:
    found = ErrorCurve(snapshot, earlier, snapshot.program.parameters)
    while not found.is_done:
        found.advance()
    return found


def test_a_smooth_network_has_its_least_error_in_the_middle() -> None:
    trainer, before, after = moments_of(experiment_of())
    arena = trainer.stepper.arena.tobytes()
    for snapshot, earlier in ((before, None), (after, before)):
        found = curve(snapshot, earlier)
        best = found.best
        assert best is not None
        assert 1e-7 < STEPS[best] < 1e-4
        assert found.agrees
        # Truncation falls with h², rounding grows with 1/h.
        left, right = np.log10(found.errors[-8:]), np.log10(found.errors[:6])
        h = np.log10(STEPS)
        assert np.polyfit(h[:6], right, 1)[0] == pytest.approx(2.0, abs=0.2)
        assert np.polyfit(h[-8:], left, 1)[0] == pytest.approx(-1.0, abs=0.4)
        assert str(found.words()[0]) == (
            f"Backpropagation: g agrees to {brief(found.errors[best])} at h = {brief(STEPS[best])}."
        )
        assert len(found.words()) == 1
    assert trainer.stepper.arena.tobytes() == arena


def test_errors_are_on_the_scale_of_the_gradient_check() -> None:
    trainer, before, _ = moments_of(experiment_of())
    trainer.go_to(2, trainer.stepper.micro_count - 1)
    found = check_gradient(trainer.stepper.executor, before.rows)
    shown = curve(before)
    assert shown.scale == found.scale
    # The check's own h, 6e-6, lies between two of the curve's.
    near = shown.errors[np.abs(np.log10(STEPS / 6e-6)) < 0.5]
    assert found.error < 20.0 * near.max()


def test_a_kink_between_the_points_is_counted_and_left_out() -> None:
    _, before, _ = moments_of(experiment_of(dense_graph((4,), activation="relu")))
    found = curve(before)
    assert found.kinks[0] > 0
    assert found.kinks[-1] == 0
    assert found.agrees
    assert "Kinks: at h = 1e-1, " in str(found.words()[1])


def test_a_parabola_has_no_truncation() -> None:
    _, before, _ = moments_of(line_experiment(0.1))
    found = curve(before)
    assert found.best is not None
    assert found.errors[0] < 1e-12 < found.errors[-1]
    assert "The loss is a parabola in each of these weights" in str(found.words()[1])


@pytest.mark.parametrize(("way", "agrees"), [("spsa", False), ("forward-mode", True)])
def test_the_g_of_the_run_is_checked_whatever_made_it(way: str, agrees: bool) -> None:
    _, before, _ = moments_of(experiment_of(way=way))
    found = curve(before)
    assert found.agrees is agrees
    words = str(found.words()[0])
    assert ("it is not the exact derivative" in words) is not agrees


def test_before_phase_4_it_is_backpropagations_on_the_copy() -> None:
    trainer = trainer_of(experiment_of(way="spsa"))
    for _ in range(3):
        trainer.micro_step()
    found = curve(trainer.snapshot())
    assert str(found.words()[0]).startswith("Backpropagation")
    assert found.agrees


def test_many_weights_are_spread_evenly() -> None:
    _, before, _ = moments_of(experiment_of(dense_graph((40,))))
    places = ErrorCurve(before, None, before.program.parameters).places
    assert len(places) == MOST_WEIGHTS == len(set(places))
    owners = {p.title for p in before.program.parameters for k in places if p.offset <= k < p.offset + p.size}
    assert owners == {"W_A", "b_A", "W_B"} | ({"b_B"} & owners)


def test_powers_are_short() -> None:
    assert [brief(value) for value in (3.04e-11, 1e-1, 0.0, float("inf"))] == ["3e-11", "1e-1", "0", "inf"]
