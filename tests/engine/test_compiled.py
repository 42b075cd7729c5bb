"""The compiled executor against the reference: every primitive, random networks, whole and short batches, NaN and ∞."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.executor import Batch, Executor
from engine.ops.activations import Tanh
from engine.ops.base import Shape, Value
from engine.ops.call import Array
from engine.reference import Reference
from tests.engine.calls import PRIMITIVES, Case, cases
from tests.engine.instructions import trial_of
from tests.engine.networks import load_rows
from tests.engine.operation_graphs import operation_graphs
from tests.engine.strategies import Network, networks

pytest.importorskip("numba", reason="without numba programs run on the reference executor")

from engine.compiled.executor import Compiled  # noqa: E402
from engine.compiled.kernels import KERNELS  # noqa: E402
from engine.compiled.opcodes import OPCODES  # noqa: E402
from engine.compiled.tape import missing  # noqa: E402

AGREEMENT = 1e-12
"""How far apart executors may be, relative to the largest number of an array."""
TANGENTS = 3
"""For about so many weights of each parameter a sweep of tangents is compared."""
ROOMS = (0, 3, 20)
"""For so many more rows than a case has its program has room, in turns."""
each_primitive = pytest.mark.parametrize("name", PRIMITIVES)


def largest(array: Array) -> float:
    """Give the size of the largest finite number."""
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))


def assert_agree(found: Array, expected: Array, scale: float, words: str) -> None:
    """Compare two arrays relative to their largest finite number, or to a scale that is larger.

    What is not finite has to be where it is expected, but a sum with ∞ in it may be NaN: kernels sum over spare lanes
    too, which hold row 0 with an adjoint of 0.
    """
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(np.isfinite(found), finite, err_msg=words)
    assert np.isnan(found[np.isnan(expected)]).all(), words
    atol = AGREEMENT * max(scale, largest(expected))
    np.testing.assert_allclose(found[finite], expected[finite], rtol=0.0, atol=atol, err_msg=words)


def assert_executors_agree(
    compiled: Compiled, reference: Reference, rows: int, words: str, *, is_single: bool = False
) -> None:
    """Compare all values, adjoints and gradients, tangents for some weights of each parameter, and the buffers.

    In a network, terms cancel: what is left of them is compared on the scale of the largest.
    """
    program = reference.program
    values = [value for i in program.instructions for value in (i.output, *i.scratch)]
    parameters = [parameter.value for parameter in program.parameters]
    with np.errstate(all="ignore"):
        losses = compiled.forward(rows), reference.forward(rows)
        pairs = [tuple(program.view(e.arena, value, rows) for e in (compiled, reference)) for value in values]
        top = 0.0 if is_single else max(largest(b) for _, b in pairs)
        assert_agree(np.array(losses[0]), np.array(losses[1]), top, f"{words}: loss")
        for value, (a, b) in zip(values, pairs, strict=True):
            assert_agree(a, b, top, f"{words}: {value.op.name} {value.name}")
        compiled.backward(rows)
        reference.backward(rows)
        moved = [value for value in (*values, *parameters) if value.index in program.adjoints]
        pairs = [tuple(adjoint(e, value, rows) for e in (compiled, reference)) for value in moved]
        steep = 0.0 if is_single else max(largest(b) for _, b in pairs) * max(1.0, top)
        for value, (a, b) in zip(moved, pairs, strict=True):
            assert_agree(a, b, steep, f"{words}: adjoint of {value.op.name} {value.name}")
        for parameter in program.parameters:
            for number in range(0, parameter.size, -(-parameter.size // TANGENTS)):
                a, b = (np.array(e.tangent(rows, parameter, number)) for e in (compiled, reference))
                scale = largest(program.gradient(reference.arena, parameter))
                assert_agree(a, b, max(scale, steep), f"{words}: tangent of {parameter.title}")
        compiled.update_buffers(rows)
        reference.update_buffers(rows)
    a, b = (program.buffer_region(e.arena) for e in (compiled, reference))
    assert_agree(a, b, 0.0, f"{words}: buffers")


def adjoint(executor: Executor, value: Value, rows: int) -> Array:
    found = executor.program.adjoint(executor.arena, value, rows)
    assert found is not None
    return found


def compare(case: Case, room: int, seed: int, spoil: float | None = None) -> None:
    inputs, gy = case.draw(seed)
    if spoil is not None and inputs:
        inputs[0][0, 0] = spoil
    trial = trial_of(case, room, inputs, gy)
    executors = Compiled(trial.program), Reference(trial.program)
    with np.errstate(all="ignore"):
        for executor in executors:
            trial.prepare(executor)
    assert_executors_agree(*executors, trial.rows, f"{case} with room for {room} more, {spoil}", is_single=True)


def test_every_primitive_has_kernels_and_an_opcode() -> None:
    assert set(KERNELS) == set(OPCODES) == set(PRIMITIVES)


@each_primitive
def test_a_primitive_agrees_with_the_reference(name: str) -> None:
    for number, case in enumerate(cases(name)):
        compare(case, ROOMS[number % len(ROOMS)], number)


@pytest.mark.parametrize("rows", [10, 40])
def test_products_of_matrices_of_all_widths_agree_with_the_reference(rows: int) -> None:
    for ins in (1, 2, 3, 4, 5, 51):
        for outs in (1, 2, 3, 4, 6, 53):
            case = Case(PRIMITIVES["matmul"](), (Shape(ins), Shape(outs, rows=ins)), rows)
            compare(case, 0, ins * outs)


@each_primitive
@pytest.mark.parametrize("spoil", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_where_the_reference_has_it(name: str, spoil: float) -> None:
    for number, case in enumerate(cases(name)):
        if number % 13 == 0:
            compare(case, 3, number, spoil)


@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid", "softplus", "elu", "silu", "gelu"])
def test_own_functions_keep_their_digits_from_tiny_to_large_numbers(name: str) -> None:
    sizes = np.concatenate([np.geomspace(1e-300, 1e-3, 200), np.linspace(1e-3, 30.0, 2000)])
    x = np.concatenate([-sizes, [0.0], sizes])[:, None]
    trial = trial_of(Case(PRIMITIVES[name](), (Shape(1),), len(x)), 0, [x], np.ones_like(x))
    outputs = []
    for executor in (Compiled(trial.program), Reference(trial.program)):
        trial.prepare(executor)
        executor.forward(len(x))
        outputs.append(trial.program.view(executor.arena, trial.program.instructions[1].output, len(x)))
    np.testing.assert_allclose(outputs[0], outputs[1], rtol=3e-15, atol=1e-300)


def pair(network: Network, room: int, rows: int) -> tuple[Compiled, Reference]:
    """Give both executors of a network with the same weights and rows, a batch of `rows` in a program for `room`."""
    reference = network.executor(room)
    compiled = Compiled(reference.program)
    compiled.program.state(compiled.arena)[...] = reference.program.state(reference.arena)
    for executor in (compiled, reference):
        prepare(executor, network, rows)
    return compiled, reference


def prepare(executor: Executor, network: Network, rows: int) -> None:
    load_rows(executor, network.dataset, np.arange(rows) % len(network.dataset.x))
    executor.draw(Batch(rows, network.seed, 1))


@given(networks(40, 5, has_modes=True), st.integers(1, 5))
def test_random_networks_agree_with_the_reference(network: Network, rows: int) -> None:
    assert_executors_agree(*pair(network, 5, rows), rows, "network")


@given(operation_graphs(), st.integers(1, 5))
def test_random_graphs_of_operations_agree_with_the_reference(network: Network, rows: int) -> None:
    assert_executors_agree(*pair(network, 5, rows), rows, "graph")


@given(networks(has_modes=True), st.integers(1, 20))
def test_micro_steps_equal_whole_passes_to_the_bit(network: Network, rows: int) -> None:
    whole, _ = pair(network, 20, rows)
    steps, _ = pair(network, 20, rows)
    loss = whole.forward(rows)
    whole.backward(rows)
    for number in range(len(steps.program.instructions)):
        steps.forward_step(rows, number)
    for number in range(len(steps.program.backward)):
        steps.backward_step(rows, number)
    assert repr(loss) == repr(float(steps.program.view(steps.arena, steps.program.loss, rows)[0, 0]))
    assert whole.arena.tobytes() == steps.arena.tobytes()


@given(networks(has_modes=True), st.integers(1, 5))
def test_a_batch_does_not_depend_on_the_rows_before_it(network: Network, rows: int) -> None:
    fresh, _ = pair(network, 20, rows)
    used, _ = pair(network, 20, 20)
    used.forward(20)
    used.backward(20)
    prepare(used, network, rows)
    for executor in (fresh, used):
        executor.forward(rows)
        executor.backward(rows)
    program = fresh.program
    for number in (0, 1):
        assert program.region(fresh.arena, number).tobytes() == program.region(used.arena, number).tobytes()


@given(networks(), st.integers(1, 5))
def test_a_probe_is_a_copy_that_computes_the_same(network: Network, rows: int) -> None:
    executor, _ = pair(network, 5, rows)
    loss = executor.forward(rows)
    kept = executor.arena.copy()
    probe = executor.probe(refresh=True)
    assert probe.forward(rows) == loss
    probe.program.region(probe.arena, 0)[...] += 1.0
    probe.forward(rows)
    assert executor.arena.tobytes() == kept.tobytes()
    assert executor.probe(refresh=True).forward(rows) == loss


def test_a_primitive_without_kernels_is_named() -> None:
    class Strange(Tanh):
        name = ""

    numbers = np.zeros((3, 2))
    known, strange = (trial_of(Case(op, (Shape(2),), 3), 0, [numbers], numbers) for op in (Tanh(), Strange()))
    assert missing(known.program) == ()
    assert missing(strange.program) == (Strange.name,)
