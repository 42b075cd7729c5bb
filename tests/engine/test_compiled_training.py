"""Chunks of whole steps on kernels leave what as many whole steps of a Stepper leave, whatever is in its slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")

from engine.compiled import COMPILED, load
from engine.compiled.executor import Compiled
from engine.compiled.rules import is_missing
from engine.datasets import Dataset
from engine.executors import EXECUTORS, StepLoop
from engine.experiment import Choice, Experiment, Pipeline
from engine.graph import Graph
from engine.ops.call import Array
from engine.optimizers import OPTIMIZERS
from engine.program import MAX_SLOTS
from engine.setting import SettingValue
from engine.stepper import Stepper
from tests.engine.networks import chain, close, make_rows
from tests.engine.samples import dense_graph, experiment_of, line_experiment, method, optimizer, stepper_of

USING_GRADIENTS = [kind for kind, optimizer_ in OPTIMIZERS.items() if optimizer_.needs_gradient]
CLIPPED = [kind for kind in USING_GRADIENTS if "clipping" in optimizer(kind).settings]
SCHEDULED: Sequence[dict[str, SettingValue]] = (
    {"schedule": "constant", "warm_up": 5},
    {"schedule": "step", "schedule_steps": 3, "schedule_factor": 0.5},
    {"schedule": "exponential", "schedule_steps": 10},
    {"schedule": "inverse-time", "schedule_steps": 10, "warm_up": 3},
    {"schedule": "cosine", "schedule_steps": 12, "schedule_factor": 0.2},
)
load()

Layers = list[tuple[str, dict[str, object]]]
NORMALIZED: Layers = [("batch_norm", {}), ("dropout", {})]
IRIS = Choice("iris")
NUMBERS = np.random.default_rng(3)
DRAWN = make_rows(NUMBERS.normal(size=(25, 3)), NUMBERS.normal(size=(25, 2)))
"""20 training rows."""


def compiled(experiment: Experiment, dataset: Dataset | None = None) -> Stepper:
    """Make a stepper that runs on kernels."""
    stepper = stepper_of(experiment, dataset)
    stepper.set_pipeline(replace(stepper.pipeline, executor=COMPILED))
    assert isinstance(stepper.executor, Compiled)
    return stepper


def loop_of(stepper: Stepper) -> StepLoop:
    """Give what does many steps of it."""
    loop = EXECUTORS[COMPILED].loop(stepper)
    assert loop is not None
    return loop


def regions(stepper: Stepper) -> dict[str, Array]:
    """Give all that lasts by name, and beside it all values and adjoints."""
    program, arena = stepper.program, stepper.arena
    found = {name: program.region(arena, number) for number, name in enumerate(("w", "g", "change"))}
    found |= dict(stepper.update_phase.memory)
    found["buffers"] = program.buffer_region(arena)
    for instruction in program.instructions:
        rows, index = len(stepper.rows), instruction.output.index
        found[f"value {index}"] = program.view(arena, instruction.output, rows)
        adjoint = program.adjoint(arena, instruction.output, rows)
        if adjoint is not None:
            found[f"adjoint {index}"] = adjoint
    return found


def counters(stepper: Stepper) -> dict[str, object]:
    names = "step updates epoch row gradient_calls loss_step loss_rows gradient_step update_step micro batch penalty"
    return {name: getattr(stepper, name) for name in names.split()} | {"rows": stepper.rows.tolist()}


def assert_equal_steps(experiment: Experiment, dataset: Dataset | None = None, steps: int = 8) -> None:
    """Do each step three times from equal numbers: in a loop, as a whole step, and on the reference executor.

    All that the first two leave is equal to the bit, and the third agrees to 1e-12.
    """
    run, whole, own = compiled(experiment, dataset), compiled(experiment, dataset), stepper_of(experiment, dataset)
    loop = loop_of(run)
    for _ in range(steps):
        done = loop.run(1)
        with np.errstate(all="ignore"):
            whole.whole_step()
            own.whole_step()
        assert done.is_finite
        assert counters(run) == counters(whole) == counters(own)
        assert done.losses.tolist() == [run.loss] == [whole.loss]
        assert run.arena.tobytes() == whole.arena.tobytes()
        assert done.losses[0] == pytest.approx(own.loss, rel=1e-12, abs=1e-300)
        expected = regions(own)
        for name, array in regions(run).items():
            np.testing.assert_allclose(
                array, expected[name], rtol=0.0, atol=1e-12 * np.abs(expected[name]).max(initial=0.0), err_msg=name
            )
        norms = [np.linalg.norm(g) for g in layer_gradients(own)]
        np.testing.assert_allclose(done.norms[0], norms, rtol=1e-12)
        np.copyto(own.arena, run.arena)


def layer_gradients(stepper: Stepper) -> list[Array]:
    program = stepper.program
    return [
        np.concatenate([program.gradient(stepper.arena, p).ravel() for p in program.parameters if p.node == node])
        for node in program.layers
    ]


def varied(kind: str) -> dict[str, SettingValue]:
    """Give other values for an optimizer's own numbers than it begins with, so that none can be taken for another."""
    own = [s for s in OPTIMIZERS[kind].settings if isinstance(s.default, float) and s.name != "clip_limit"]
    own = [s for s in own if not s.name.startswith("schedule")]
    return {s.name: float(str(s.default)) * (0.95 - 0.01 * number) for number, s in enumerate(own)}


def deep(layers: Layers) -> Graph:
    graph, x = Graph().add("features")
    dense: tuple[str, dict[str, object]] = ("dense", {"units": 5, "activation": "tanh"})
    graph, end = chain(graph, x, [dense, *layers, ("dense", {"units": 2, "activation": "identity"})])
    return close(graph, end, "mean_squared_error")


def objective(formula: str) -> Graph:
    graph, node = Graph().add("expression", {"formula": formula, "start": ""})
    graph, end = graph.add("objective")
    return graph.connect(node, end, "value")


def test_every_optimizer_that_uses_gradients_has_a_kernel() -> None:
    assert [kind for kind in OPTIMIZERS if is_missing(kind)] == [k for k in OPTIMIZERS if k not in USING_GRADIENTS]


@pytest.mark.parametrize("kind", USING_GRADIENTS)
def test_a_chunk_of_one_step_is_the_steppers_own_step(kind: str) -> None:
    assert_equal_steps(experiment_of(rule=optimizer(kind)))
    assert_equal_steps(experiment_of(rule=optimizer(kind, **varied(kind))))


@pytest.mark.parametrize("clipping", ["norm", "value"])
@pytest.mark.parametrize("kind", CLIPPED)
def test_clipping(kind: str, clipping: str) -> None:
    rule = optimizer(kind, clipping=clipping, clip_limit=0.01)
    assert_equal_steps(experiment_of(rule=rule), steps=4)
    assert_equal_steps(pinned(experiment_of(rule=rule)), steps=4)


@pytest.mark.parametrize("schedule", SCHEDULED, ids=str)
def test_schedules(schedule: dict[str, SettingValue]) -> None:
    assert_equal_steps(experiment_of(rule=optimizer("adam", **schedule)), steps=20)
    whole, single = (compiled(experiment_of(rule=optimizer("adam", **schedule))) for _ in range(2))
    loop_of(whole).run(20)
    steps = loop_of(single)
    for _ in range(20):
        steps.run(1)
    assert whole.arena.tobytes() == single.arena.tobytes()


def pinned(experiment: Experiment, pins: Sequence[tuple[int, str]] = ((2, "b"), (3, "W"))) -> Experiment:
    return Experiment(**{**vars(experiment), "pinned": frozenset(pins)})


@pytest.mark.parametrize("kind", ["sgd", "adam", "adamax"])
def test_pins(kind: str) -> None:
    assert_equal_steps(pinned(experiment_of(rule=optimizer(kind))))
    every = pinned(experiment_of(rule=optimizer(kind)), [(2, "W"), (2, "b"), (3, "W"), (3, "b")])
    assert_equal_steps(every)
    stepper = compiled(every)
    before = stepper.weights.copy()
    loop_of(stepper).run(50)
    np.testing.assert_array_equal(stepper.weights, before)
    assert (stepper.updates, stepper.update_step, stepper.gradient_calls) == (0, None, 50)


@pytest.mark.parametrize("batch_size", [1, 3, 16, 17, 39, None])
def test_batches_of_any_size_over_several_epochs(batch_size: int | None) -> None:
    assert_equal_steps(experiment_of(batch_size=batch_size), steps=45 if batch_size == 1 else 15)
    classes = experiment_of(dense_graph((4,), "softmax_cross_entropy", 3, "relu"), IRIS, batch_size=batch_size)
    assert_equal_steps(classes)


@pytest.mark.parametrize(
    "layers",
    [[("dropout", {"rate": 0.3})], [("batch_norm", {})], [("batch_norm", {}), ("dropout", {}), ("layer_norm", {})]],
    ids=["dropout", "batch norm", "all"],
)
def test_layers_with_randomness_and_buffers(layers: Layers) -> None:
    assert_equal_steps(experiment_of(deep(layers), rule=optimizer("adam"), batch_size=7), DRAWN)


def test_without_data_each_step_is_an_epoch() -> None:
    bowl = objective("(x-3)**2 + 2*(y+1)**2")
    assert_equal_steps(experiment_of(bowl, rule=optimizer("sgd", learning_rate=0.05)))
    stepper = compiled(experiment_of(bowl, rule=optimizer("sgd", learning_rate=0.1)))
    done = loop_of(stepper).run(40)
    assert (stepper.step, stepper.epoch, stepper.row) == (40, 40, 0)
    weights = [float(stepper.program.weights(stepper.arena, p)[0, 0]) for p in stepper.program.parameters]
    assert weights == pytest.approx([3.0 * (1 - 0.8**40), -(1 - 0.6**40)], rel=1e-12)
    assert done.losses[:2] == pytest.approx([11.0, 9.0 * 0.64 + 2.0 * 0.36])


@pytest.mark.parametrize("kind", ["none", "momentum", "adam", "rprop"])
def test_chunks_of_any_length_are_equal_to_the_bit(kind: str) -> None:
    experiment = experiment_of(deep(NORMALIZED), rule=optimizer(kind), batch_size=6)
    whole, cut = compiled(experiment, DRAWN), compiled(experiment, DRAWN)
    expected = loop_of(whole).run(30)
    training = loop_of(cut)
    parts = [training.run(count) for count in (7, 3, 20)]
    assert counters(whole) == counters(cut)
    assert whole.arena.tobytes() == cut.arena.tobytes()
    np.testing.assert_array_equal(np.concatenate([part.losses for part in parts]), expected.losses)
    np.testing.assert_array_equal(np.concatenate([part.norms for part in parts]), expected.norms)


@pytest.mark.parametrize("rule", [optimizer("adam"), optimizer("lion", clipping="norm", clip_limit=0.1)], ids=str)
def test_micro_steps_are_equal_to_the_bit(rule: Choice) -> None:
    experiment = pinned(experiment_of(deep(NORMALIZED), rule=rule, batch_size=6), [(2, "b")])
    run, walked = compiled(experiment, DRAWN), compiled(experiment, DRAWN)
    loop_of(run).run(12)
    for _ in range(12 * walked.micro_count):
        walked.micro_step()
    assert counters(run) == counters(walked)
    assert run.arena.tobytes() == walked.arena.tobytes()


def test_a_run_stops_at_the_first_step_that_is_not_finite() -> None:
    experiment = line_experiment(learning_rate=1e9)
    whole, single, own = compiled(experiment), compiled(experiment), stepper_of(experiment)
    done = loop_of(whole).run(1000)
    training, count = loop_of(single), 1
    while training.run(1).is_finite:
        count += 1
    with np.errstate(all="ignore"):
        while own.is_finite:
            own.whole_step()
    assert not done.is_finite
    assert 2 < len(done.losses) == len(done.norms) == whole.step == count == own.step < 1000
    assert np.isfinite(done.losses[:-1]).all()


def test_large_numbers_that_are_finite_do_not_stop_a_run() -> None:
    stepper = compiled(experiment_of(rule=optimizer("sgd", learning_rate=0.0)))
    stepper.weights[0], stepper.weights[1] = 1.7e308, 1.7e308
    stepper.weights[2:] = 0.0
    done = loop_of(stepper).run(20)
    assert done.is_finite
    assert len(done.losses) == 20


def test_slots_that_overflow_stop_a_run() -> None:
    stepper = compiled(experiment_of(objective("1e154*x"), rule=optimizer("adagrad")))
    done = loop_of(stepper).run(10)
    assert len(done.losses) == 2
    assert np.isfinite([done.losses, done.norms[:, 0]]).all()
    assert not done.is_finite


def test_numbers_that_no_step_writes_count_too_if_they_are_of_the_run() -> None:
    stepper = compiled(experiment_of(rule=optimizer("none")))
    stepper.program.slots(stepper.arena, MAX_SLOTS)[0].fill(np.nan)
    assert loop_of(stepper).run(5).is_finite, "without an optimizer there are no slots"
    stepper.program.region(stepper.arena, 2)[0] = np.nan
    assert len(loop_of(stepper).run(5).losses) == 1
    assert not stepper.is_finite


def test_a_gradient_whose_squares_overflow_is_clipped_by_its_norm() -> None:
    stepper = compiled(experiment_of(rule=optimizer("sgd", learning_rate=1.0, clipping="norm", clip_limit=5.0)))
    g = stepper.program.region(stepper.arena, 1)
    g[0], g[1] = 3e200, -4e200
    stepper.update_phase.apply(stepper.batch, 0.0, 1)
    change = stepper.program.region(stepper.arena, 2)
    np.testing.assert_allclose(change[:3], [-3.0, 4.0, 0.0], rtol=1e-12)
    assert g[0] == 3e200


def test_a_program_may_have_what_no_loop_can_do() -> None:
    stepper = compiled(experiment_of())
    for kind, way in (("random-search", "backpropagation"), ("sgd", "finite-differences"), ("sgd", "none")):
        stepper.set_pipeline(Pipeline(method(way), optimizer(kind), executor=COMPILED))
        assert EXECUTORS[COMPILED].loop(stepper) is None
