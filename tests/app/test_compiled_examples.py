"""The shipped examples on kernels: each step agrees with the reference, and is the same in any way it is done."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba", reason="without numba everything runs on the reference executor")

from app.examples import EXAMPLES, Example, load_example
from engine.compiled import COMPILED, load
from engine.compiler import compile_graph
from engine.datasets import make_dataset
from engine.ops.call import Array
from engine.stepper import Stepper
from engine.trainer import Trainer
from tests.benchmarks.problem import Network
from tests.benchmarks.workloads import NETWORKS, experiment_of

load()

STEPS = 4
AGREEMENT = 1e-12
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)


def trainer_of(example: Example | Network) -> Trainer:
    if isinstance(example, Example):
        experiment = load_example(example.key).project.experiment
    else:
        experiment = experiment_of(example)
    dataset = make_dataset(experiment.data.kind, experiment.data.settings)
    program = compile_graph(experiment.graph, dataset, experiment.batch_size or len(dataset.train)).program
    assert program is not None
    return Trainer(experiment, dataset, program)


def compiled(example: Example | Network) -> Trainer:
    trainer = trainer_of(example)
    trainer.change_executor(COMPILED)
    assert trainer.stepper.pipeline.executor == COMPILED, "each primitive has kernels"
    return trainer


def lasting(stepper: Stepper) -> dict[str, Array]:
    """Give all that a step leaves to the next, and the change it made."""
    return {"state": stepper.state, "change": stepper.program.region(stepper.arena, 2), **stepper.update_phase.memory}


def assert_agree(found: Array, expected: Array, words: str, factor: float = 1.0) -> None:
    atol = AGREEMENT * factor * max(1.0, float(np.abs(expected).max(initial=0.0)))
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=atol, err_msg=words)


@each_example
def test_every_micro_step_agrees_with_the_reference(example: Example) -> None:
    run, reference = compiled(example).stepper, trainer_of(example).stepper
    program = run.program
    for _ in range(STEPS * run.micro_count):
        for stepper in (run, reference):
            stepper.micro_step()
        for number, instruction in enumerate(program.instructions[: run.micro - 1]):
            values = [program.view(s.arena, instruction.output, len(run.rows)) for s in (run, reference)]
            assert_agree(values[0], values[1], f"instruction {number}")
        g = [program.region(s.arena, 1) for s in (run, reference)]
        # What is left of terms that cancel is noise, of which Adam would make whole steps.
        assert_agree(g[0], g[1], f"g in micro-step {run.micro}")
        np.copyto(g[1], g[0])
        expected = lasting(reference)
        for name, array in lasting(run).items():
            assert_agree(array, expected[name], f"{name} in micro-step {run.micro}")
            np.copyto(expected[name], array)


@pytest.mark.parametrize("example", [*EXAMPLES, NETWORKS["W1"], NETWORKS["W2"]], ids=lambda network: network.key)
@pytest.mark.parametrize("steps", [STEPS, pytest.param(1000, marks=pytest.mark.soak)])
def test_micro_steps_whole_steps_and_stretches_are_equal_to_the_bit(example: Example | Network, steps: int) -> None:
    walked, whole, run = (compiled(example) for _ in range(3))
    with np.errstate(all="ignore"):
        for _ in range(steps * walked.stepper.micro_count):
            walked.stepper.micro_step()
        for _ in range(steps):
            whole.stepper.whole_step()
    while run.stepper.step < steps:
        assert run.advance(60.0, steps)
    for other in (whole.stepper, run.stepper):
        assert (other.loss, other.penalty) == (walked.stepper.loss, walked.stepper.penalty)
        for name, array in lasting(other).items():
            np.testing.assert_array_equal(array, lasting(walked.stepper)[name], err_msg=name)


@each_example
def test_going_back_on_kernels_gives_the_same_weights(example: Example) -> None:
    trainer = compiled(example)
    weights = []
    for step in range(1, STEPS + 1):
        assert trainer.advance(60.0, step)
        weights.append(trainer.stepper.weights.copy())
    for step in (2, 1, 3):
        trainer.go_to(step)
        assert trainer.stepper.pipeline.executor == COMPILED
        np.testing.assert_array_equal(trainer.stepper.weights, weights[step - 1])


def test_a_switch_of_executors_is_kept_for_the_way_back() -> None:
    trainer = trainer_of(next(example for example in EXAMPLES if example.key == "xor"))
    states = {}
    for number, executor in enumerate((COMPILED, "reference", COMPILED)):
        trainer.change_executor(executor)
        for step in range(40 * number + 1, 40 * number + 41):
            assert trainer.advance(60.0, step)
            states[step] = (trainer.stepper.pipeline.executor, trainer.stepper.state.tobytes())
    assert [states[step][0] for step in (40, 80, 120)] == [COMPILED, "reference", COMPILED]
    for step in (100, 60, 41, 80, 20):
        trainer.go_to(step)
        assert trainer.stepper.state.tobytes() == states[step][1]
    assert trainer.advance(60.0)
    assert trainer.stepper.step == 120
    assert trainer.stepper.state.tobytes() == states[120][1]
    assert trainer.stepper.pipeline.executor == COMPILED


def test_an_executor_that_is_not_there_leaves_the_program_to_the_reference() -> None:
    trainer = trainer_of(EXAMPLES[0])
    before = trainer.stepper.pipeline
    trainer.change_executor("quantum")
    assert trainer.stepper.pipeline == before
    assert trainer.advance(60.0, 3)
