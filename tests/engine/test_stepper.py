"""What a step is: each row once an epoch, five phases, weights that change in the last one only."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.experiment import Choice, Pipeline
from engine.gradcheck import check_gradient
from engine.keyframe import restore_keyframe, take_keyframe
from engine.ops.call import Array
from engine.program import Phase
from engine.stepper import Stepper
from tests.engine.networks import make_rows
from tests.engine.samples import (
    LINE,
    XOR,
    dense_graph,
    experiment_of,
    method,
    optimizer,
    state_of,
    stepper_of,
)

CLASSES = dense_graph((4,), "softmax_cross_entropy", 3, "relu")
IRIS = Choice("iris")
FIT = dense_graph((5, 3), "mean_squared_error")


def memory_of(stepper: Stepper) -> list[Array]:
    """Give the arrays that the optimizer keeps."""
    return list(stepper.update_phase.memory.values())


def fingerprint(array: Array) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


def with_rows(train: int, batch_size: int | None, seed: int) -> Stepper:
    """Make a stepper for a data set of so many training rows."""
    count = train
    while count - count // 5 < train:
        count += 1
    x = np.linspace(-1.0, 1.0, 2 * count).reshape(count, 2)
    experiment = experiment_of(batch_size=batch_size, seed=seed)
    return stepper_of(experiment, make_rows(x, np.arange(count)[:, np.newaxis] % 2, 2))


def epoch_of(stepper: Stepper) -> list[list[int]]:
    """Run to the end of the epoch and give its batches."""
    epoch, batches = stepper.epoch, []
    while stepper.epoch == epoch:
        stepper.whole_step()
        batches.append(stepper.rows.tolist())
        assert len(batches) <= len(stepper.dataset.train)
    return batches


@given(st.integers(4, 60), st.one_of(st.none(), st.integers(1, 70)), st.integers(0, 2**32 - 1))
def test_every_training_row_comes_exactly_once_an_epoch(train: int, batch_size: int | None, seed: int) -> None:
    stepper = with_rows(train, batch_size, seed)
    rows = stepper.dataset.train.tolist()
    for epoch in range(3):
        assert (stepper.epoch, stepper.row) == (epoch, 0)
        batches = epoch_of(stepper)
        assert sorted(row for batch in batches for row in batch) == sorted(rows)
        sizes = [len(batch) for batch in batches]
        assert set(sizes[:-1]) <= {stepper.sampler.batch_rows}
        assert 1 <= sizes[-1] <= stepper.sampler.batch_rows


def test_the_last_batch_is_short_where_the_rows_do_not_divide() -> None:
    assert [len(batch) for batch in epoch_of(with_rows(40, 16, 1))] == [16, 16, 8]
    assert [len(batch) for batch in epoch_of(with_rows(40, None, 1))] == [40]
    assert [len(batch) for batch in epoch_of(with_rows(40, 99, 1))] == [40]


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    first, again, other = with_rows(40, 16, 1), with_rows(40, 16, 1), with_rows(40, 16, 2)
    epochs = [epoch_of(first) for _ in range(3)]
    assert epochs == [epoch_of(again) for _ in range(3)]
    assert epochs[0] != epochs[1] != epochs[2]
    assert epoch_of(other) != epochs[0]


def test_the_batch_size_changes_how_an_epoch_is_cut_and_not_its_order() -> None:
    small, large = epoch_of(with_rows(40, 7, 1)), epoch_of(with_rows(40, 16, 1))
    assert sum(small, []) == sum(large, [])


def test_initial_weights_are_a_function_of_the_seed_and_the_node() -> None:
    one, same, other = (stepper_of(experiment_of(seed=seed)) for seed in (1, 1, 2))
    assert one.weights.tobytes() == same.weights.tobytes()
    assert one.weights.tobytes() != other.weights.tobytes()
    wider = stepper_of(experiment_of(dense_graph((3, 5))))
    first = one.program.parameters[0]
    np.testing.assert_array_equal(
        one.program.weights(one.arena, first), wider.program.weights(wider.arena, wider.program.parameters[0])
    )


@pytest.mark.parametrize("way", ["backpropagation", "finite-differences", "none"])
@pytest.mark.parametrize("kind", ["sgd", "adam", "none"])
def test_a_step_goes_through_its_phases_in_order_and_only_the_last_one_changes_weights(way: str, kind: str) -> None:
    stepper = stepper_of(experiment_of(rule=optimizer(kind), way=way))
    for step in range(4):
        phases, weights, slots = [], fingerprint(stepper.weights), [fingerprint(slot) for slot in memory_of(stepper)]
        for number in range(stepper.micro_count):
            expected = stepper.announce(stepper.micro)
            g = fingerprint(stepper.program.region(stepper.arena, 1))
            assert (stepper.micro, stepper.step) == (number, step)
            stepper.micro_step()
            assert stepper.last is not None
            assert (stepper.last.phase, stepper.last.node) == (expected.phase, expected.node)
            phase = expected.phase
            phases.append(phase)
            assert str(expected.words)
            assert str(stepper.last.words)
            if phase is not Phase.UPDATE:
                assert fingerprint(stepper.weights) == weights
                assert [fingerprint(slot) for slot in memory_of(stepper)] == slots
            if phase is not Phase.BACKWARD:
                assert fingerprint(stepper.program.region(stepper.arena, 1)) == g
        assert phases == sorted(phases)
        assert phases.count(Phase.SAMPLE) == phases.count(Phase.LOSS) == phases.count(Phase.UPDATE) == 1
        assert (Phase.BACKWARD in phases) == (way != "none")
        moved = fingerprint(stepper.weights) != weights
        assert moved == (kind != "none" and way != "none")
        assert (stepper.micro, stepper.step) == (0, step + 1)


def test_each_number_says_at_which_step_it_was_computed() -> None:
    stepper = stepper_of(experiment_of())
    assert (stepper.loss_step, stepper.gradient_step, stepper.update_step) == (None, None, None)
    stepper.whole_step()
    assert (stepper.loss_step, stepper.gradient_step, stepper.update_step) == (0, 0, 0)
    while stepper.last is None or stepper.last.phase is not Phase.LOSS:
        stepper.micro_step()
    assert (stepper.loss_step, stepper.gradient_step, stepper.update_step) == (1, 0, 0)


NETS = {
    "xor": (dense_graph((3,)), XOR),
    "classes": (CLASSES, IRIS),
    "fit": (FIT, LINE),
}


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("kind", ["sgd", "momentum", "rmsprop", "adam"])
@pytest.mark.parametrize(("way", "steps"), [("backpropagation", 120), ("finite-differences", 4), ("none", 3)])
def test_micro_steps_and_whole_steps_agree_to_the_bit(net: str, kind: str, way: str, steps: int) -> None:
    graph, data = NETS[net]
    running, stepping = (stepper_of(experiment_of(graph, data, optimizer(kind), way, batch_size=13)) for _ in range(2))
    for step in range(1, steps + 1):
        running.whole_step()
        while stepping.step < step:
            stepping.micro_step()
        assert state_of(running) == state_of(stepping)
        assert running.loss == stepping.loss
        assert running.rows.tolist() == stepping.rows.tolist()
    assert running.arena.tobytes() == stepping.arena.tobytes()


def test_finite_differences_leave_all_but_g_as_it_was_and_agree_with_backpropagation() -> None:
    exact, nudging = (
        stepper_of(experiment_of(dense_graph((4, 3)), way=way)) for way in ("backpropagation", "finite-differences")
    )
    for stepper in (exact, nudging):
        while stepper.describe(stepper.micro).phase is not Phase.BACKWARD:
            stepper.micro_step()
    before, g = nudging.arena.copy(), nudging.program.region(nudging.arena, 1)
    for _ in range(nudging.method.count(nudging.program)):
        nudging.micro_step()
    after = nudging.arena.copy()
    start, end = nudging.program.parameter_span, 2 * nudging.program.parameter_span
    after[start:end] = before[start:end]
    assert after.tobytes() == before.tobytes()
    for _ in exact.program.backward:
        exact.micro_step()
    a = exact.program.region(exact.arena, 1)
    assert nudging.loss is not None
    assert a.any()
    assert np.abs(a - g).max() <= 1e-7 * max(np.abs(a).max(), abs(nudging.loss))
    assert check_gradient(exact.executor, len(exact.rows)).ok


def test_another_gradient_method_begins_the_step_anew_without_a_gradient() -> None:
    stepper = stepper_of(experiment_of())
    stepper.whole_step()
    stepper.micro_step()
    weights = fingerprint(stepper.weights)
    stepper.set_pipeline(Pipeline(method("none"), optimizer("sgd")))
    assert stepper.micro == 0
    assert not stepper.program.region(stepper.arena, 1).any()
    stepper.whole_step()
    assert fingerprint(stepper.weights) == weights
    assert stepper.gradient_step is None


def test_another_kind_of_optimizer_begins_with_empty_slots_and_other_settings_do_not() -> None:
    stepper = stepper_of(experiment_of(rule=optimizer("adam")))
    for _ in range(3):
        stepper.whole_step()
    slots = [slot.copy() for slot in memory_of(stepper)]
    stepper.set_pipeline(Pipeline(method("backpropagation"), optimizer("adam", learning_rate=0.001)))
    assert stepper.updates == 3
    assert all(a.tobytes() == b.tobytes() and a.any() for a, b in zip(slots, memory_of(stepper), strict=True))
    stepper.set_pipeline(Pipeline(method("backpropagation"), optimizer("momentum")))
    assert stepper.updates == 0
    assert not any(slot.any() for slot in memory_of(stepper))


@given(st.integers(0, 5), st.sampled_from((np.inf, -np.inf, np.nan)), st.data())
def test_every_number_that_is_not_finite_is_seen(region: int, value: float, data: st.DataObject) -> None:
    stepper = stepper_of(experiment_of(rule=optimizer("adam")))
    stepper.whole_step()
    assert stepper.is_finite
    numbers = stepper.program.region(stepper.arena, min(region, 4))
    numbers[data.draw(st.integers(0, len(numbers) - 1))] = value
    assert not stepper.is_finite


def test_numbers_whose_sum_overflows_are_still_finite() -> None:
    stepper = stepper_of(experiment_of())
    stepper.weights[:4] = 1.7e308
    assert stepper.is_finite


@settings(max_examples=10)
@given(st.integers(0, 30), st.integers(1, 12))
def test_a_saved_state_goes_on_as_if_nothing_had_happened(until: int, more: int) -> None:
    stepper = stepper_of(experiment_of(rule=optimizer("adam")))
    for _ in range(until):
        stepper.whole_step()
    frame, states = take_keyframe(stepper), []
    for _ in range(more):
        stepper.whole_step()
        states.append(state_of(stepper))
    restore_keyframe(stepper, frame, stepper.pipeline)
    assert (stepper.micro, stepper.loss, stepper.last) == (0, None, None)
    for state in states:
        stepper.whole_step()
        assert state_of(stepper) == state
    assert all(a[0] + 1 == b[0] for a, b in pairwise(states))
