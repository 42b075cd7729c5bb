"""Recorded series: bounded at any length, means that are right, and clean cuts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.message import message
from engine.recording import MAX_EVENTS, MAX_TRAJECTORIES, WEIGHT_POINTS, Recorder, Samples, Series, quantiles
from tests.engine.samples import dense_graph, experiment_of, run_steps, trainer_of

POINTS = 8
steps_apart = st.sampled_from((1, 3, 10))


def filled(count: int, apart: int = 1) -> Series:
    """Make a series whose value at each step is the step."""
    series = Series(POINTS)
    for step in range(0, count * apart, apart):
        series.append(step, float(step))
    return series


@given(st.integers(0, 200), steps_apart)
def test_a_series_keeps_to_its_room_and_each_point_is_the_mean_of_its_steps(count: int, apart: int) -> None:
    steps, means = filled(count, apart).curve()
    assert len(steps) == len(means) <= POINTS
    np.testing.assert_allclose(means, steps)
    if count > POINTS:
        assert len(steps) >= POINTS // 2
    if count:
        assert means[0] <= steps[-1] <= (count - 1) * apart


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=150))
def test_every_value_counts_once_in_the_means(values: list[float]) -> None:
    series = Series(POINTS)
    for step, value in enumerate(values):
        series.append(step, value)
    steps, means = series.curve()
    stride = 1
    while stride * POINTS < len(values):
        stride *= 2
    buckets = [values[i : i + stride] for i in range(0, len(values), stride)]
    np.testing.assert_allclose(means, [np.mean(bucket) for bucket in buckets], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(steps, [i * stride + (len(b) - 1) / 2 for i, b in enumerate(buckets)])


@given(st.lists(st.integers(1, 90), min_size=1, max_size=6), st.integers(0, 30), st.integers(0, 200))
def test_stretches_of_steps_are_what_their_steps_are_one_by_one(stretches: list[int], begun: int, cut: int) -> None:
    one_by_one, together = filled(begun), filled(begun)
    # Not contiguous, as the norms of a layer among those of all layers are not.
    values = np.random.default_rng(cut).normal(size=(begun + sum(stretches), 2))[:, 1]
    first = begun
    for number, count in enumerate(stretches):
        together.extend(first, values[first : first + count])
        for step in range(first, first + count):
            one_by_one.append(step, values[step])
        first += count
        if number == len(stretches) // 2:
            together.cut(cut)
            one_by_one.cut(cut)
        for found, expected in zip(together.curve(), one_by_one.curve(), strict=True):
            np.testing.assert_array_equal(found, expected)


@given(st.integers(1, 120), st.integers(0, 1300), steps_apart)
def test_after_a_cut_nothing_of_later_steps_is_left(count: int, cut: int, apart: int) -> None:
    series = filled(count, apart)
    whole_steps, _ = series.curve()
    series.cut(cut)
    steps, means = series.curve()
    np.testing.assert_allclose(means, steps)
    assert (steps < cut).all()
    stride = 1
    while stride * POINTS < count:
        stride *= 2
    last_steps = [(min(start + stride, count) - 1) * apart for start in range(0, count, stride)]
    np.testing.assert_array_equal(steps, whole_steps[: sum(last < cut for last in last_steps)])
    for step in range(cut, cut + 50 * apart, apart):
        series.append(step, float(step))
    steps, means = series.curve()
    assert len(steps) <= POINTS
    np.testing.assert_allclose(means, steps)
    assert (np.diff(steps) > 0).all()


def test_a_cut_within_a_point_drops_that_point() -> None:
    series = filled(32, apart=10)
    assert series.curve()[0].tolist() == [15.0, 55.0, 95.0, 135.0, 175.0, 215.0, 255.0, 295.0]
    series.cut(100)
    assert series.curve()[0].tolist() == [15.0, 55.0]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_spoils_its_own_point_only(value: float) -> None:
    series = filled(20)
    series.append(20, value)
    for step in range(21, 60):
        series.append(step, 1.0)
    _, means = series.curve()
    assert np.isfinite(means).sum() == len(means) - 1
    series.cut(20)
    assert np.isfinite(series.curve()[1]).all()


@given(st.integers(0, 3000), st.integers(0, 50))
def test_samples_keep_to_their_room_and_hold_the_rows_of_their_steps(count: int, start: int) -> None:
    samples = Samples(2, POINTS)
    row = np.zeros(2)
    for step in range(start, start + count):
        if samples.wants(step):
            row[:] = (step, -step)
            samples.append(step, row)
    steps, rows = samples.curve()
    assert rows.shape == (len(steps), 2)
    assert len(steps) <= POINTS
    assert count == 0 or len(steps) >= min(count, POINTS // 2) - 1
    np.testing.assert_array_equal(rows[:, 0], steps)
    np.testing.assert_array_equal(rows[:, 1], -steps)
    assert (np.diff(steps) > 0).all()
    cut = start + count // 2
    samples.cut(cut)
    assert samples.curve()[0].tolist() == [step for step in steps if step < cut]


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40))
def test_quantiles_agree_with_numpy(values: list[float]) -> None:
    array = np.array(values)
    np.testing.assert_allclose(quantiles(array), np.quantile(array, [0, 0.25, 0.5, 0.75, 1]), rtol=1e-12, atol=1e-6)


def test_the_curves_of_a_run_are_its_numbers() -> None:
    trainer = trainer_of(experiment_of())
    losses, norms, weights = [], [], [trainer.stepper.weights.copy()]
    for _ in range(33):
        run_steps(trainer, 1)
        g = [trainer.program.gradient(trainer.stepper.arena, p) for p in trainer.program.parameters]
        losses.append(trainer.stepper.loss)
        norms.append(np.sqrt((g[0] ** 2).sum() + (g[1] ** 2).sum()))
        weights.append(trainer.stepper.weights.copy())
    curves = trainer.recorder.curves()
    assert curves.batch_step.tolist() == list(range(33))
    assert curves.batch_loss.tolist() == losses
    steps, of_layer = curves.gradient_norms[2]
    assert steps.tolist() == list(range(33))
    np.testing.assert_allclose(of_layer, norms)
    steps, path = curves.weights["W_A"]
    first = trainer.program.parameters[0]
    assert steps.tolist() == list(range(34))
    np.testing.assert_array_equal(path, np.array(weights)[:, first.offset : first.offset + first.size])
    steps, spread = curves.weight_quantiles[2]
    np.testing.assert_array_equal(spread[:, 4] >= path.max(axis=1), True)
    assert curves.test_step.tolist() == [*range(21), *range(22, 33, 2)]
    for step, train, test in zip(curves.test_step, curves.train, curves.test, strict=True):
        at = weights[int(step)]
        assert train == trainer.evaluator.loss(at, "train")
        assert test == trainer.evaluator.loss(at, "test")


def test_memory_is_bounded_over_a_long_run() -> None:
    program = trainer_of(experiment_of()).program
    recorder, arena = Recorder(), np.zeros(program.size)
    recorder.follow(program)
    for step in range(20_000):
        recorder.record_step(step, 1.0, {2: 1.0})
        recorder.record_weights(step, program, arena)
    curves = recorder.curves()
    assert 2048 <= len(curves.batch_step) <= 4096
    assert WEIGHT_POINTS // 2 <= len(curves.weights["W_A"][0]) <= WEIGHT_POINTS
    assert WEIGHT_POINTS // 2 <= len(curves.weight_quantiles[2][0]) <= WEIGHT_POINTS
    assert curves.batch_step[-1] == pytest.approx(20_000, abs=8)


def test_of_many_weights_only_their_spread_is_followed() -> None:
    large = trainer_of(experiment_of(dense_graph((MAX_TRAJECTORIES,))))
    run_steps(large, 2)
    curves = large.recorder.curves()
    assert curves.weights == {}
    assert curves.weight_quantiles[2][1].shape == (3, 5)


def test_layers_without_a_name_are_followed_one_by_one() -> None:
    graph = dense_graph((2, 4)).rename(2, "").rename(3, "")
    trainer = trainer_of(experiment_of(graph))
    run_steps(trainer, 3)
    shapes = {title: rows.shape for title, (_, rows) in trainer.recorder.curves().weights.items()}
    assert shapes["W_Dense 2"] == (4, 4)
    assert shapes["W_Dense 3"] == (4, 8)


def test_events_are_noted_once_and_forgotten_where_the_run_goes_back() -> None:
    recorder = Recorder()
    for step in (3, 3, 7):
        recorder.record_event(step, message("changed"))
    assert [step for step, _ in recorder.curves().events] == [3, 7]
    recorder.cut(5)
    assert [step for step, _ in recorder.curves().events] == [3]


def test_of_very_many_events_the_latest_are_kept() -> None:
    recorder = Recorder()
    for step in range(MAX_EVENTS + 5):
        recorder.record_event(step, message("η {rate}", rate=step))
    steps = [step for step, _ in recorder.curves().events]
    assert steps == list(range(5, MAX_EVENTS + 5))
