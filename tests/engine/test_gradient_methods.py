"""What holds for every gradient method: passes are the whole, and nothing but g is written. And what each one gives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.executor import Batch
from engine.gradcheck import check_gradient
from engine.gradients import GRADIENT_METHODS, SPSA, FiniteDifferences, GradientMethod, NoGradient, make_gradient_method
from engine.graph import Graph
from engine.message import EngineError
from engine.ops.call import Array
from engine.program import Program
from engine.reference import Reference
from tests.engine.networks import close, executor_for, gradient, make_rows, set_batch
from tests.engine.operation_graphs import operation_graphs
from tests.engine.samples import dense_graph
from tests.engine.strategies import Network, networks

SETTINGS: dict[str, dict[str, object]] = {"spsa": {"samples": 3}, "typed": {"g": "-0.25"}}
"""Settings with which a method does more than with its own."""

each_method = pytest.mark.parametrize("name", GRADIENT_METHODS)
any_network = st.one_of(networks(8), operation_graphs(8))

ROWS = 5
BATCH = Batch(ROWS, seed=7, step=3)


def made(name: str) -> GradientMethod:
    return make_gradient_method(name, SETTINGS.get(name, {}))


def ready(network: Network) -> Reference:
    """Set the network up behind its forward pass."""
    executor = network.executor(ROWS)
    executor.forward(ROWS)
    return executor


def small() -> Reference:
    """Set up a 2-3-1 network behind its forward pass: W_A 2 × 3, b_A, W_B 3 × 1, b_B."""
    rng = np.random.default_rng(4)
    dataset = make_rows(rng.normal(size=(ROWS, 2)), rng.integers(2, size=(ROWS, 1)), 2)
    return ready(Network(dense_graph(), dataset, 4))


def quadratic(columns: int, bias: bool = True) -> tuple[Reference, Array]:
    """Set up a linear regression, whose loss is quadratic in its weights; give it with its gradient."""
    rng = np.random.default_rng(columns)
    x, y = rng.normal(size=(ROWS, columns)), rng.normal(size=(ROWS, 1))
    executor = executor_for(dense_graph((), "mean_squared_error").set(2, {"bias": bias}), make_rows(x, y), ROWS)
    set_batch(executor, x, y)
    _, g = gradient(executor, ROWS)
    return executor, np.concatenate([part.ravel() for part in g.values()])


def g_of(executor: Reference) -> Array:
    """Give g with no padding."""
    program = executor.program
    return np.concatenate([program.gradient(executor.arena, p).ravel() for p in program.parameters])


def untouchable(executor: Reference) -> dict[str, bytes]:
    """Give what no gradient method may change: weights, buffers, Δw, slots, data and all values."""
    program, arena = executor.program, executor.arena
    slots = b"".join(program.region(arena, number).tobytes() for number in range(2, 7))
    values = [entry.value for entry in program.data] + [i.output for i in program.instructions]
    return {
        "state": program.state(arena).tobytes(),
        "slots": slots,
        **{f"value {value.index}": program.view(arena, value, ROWS).tobytes() for value in values},
    }


def own_places(program: Program) -> Array:
    """Tell of each number of a region whether it is a weight's; the others are padding."""
    own = np.zeros(program.parameter_span)
    for parameter in program.parameters:
        program.part(own, parameter).fill(1.0)
    return own


@each_method
@settings(max_examples=10)
@given(network=any_network)
def test_passes_in_sequence_are_the_whole_to_the_bit(name: str, network: Network) -> None:
    whole, cut = ready(network), ready(network)
    made(name).compute(whole, BATCH)
    method = made(name)
    for number in range(method.count(cut.program)):
        method.run(cut, BATCH, number)
    assert cut.arena.tobytes() == whole.arena.tobytes()


@each_method
@settings(max_examples=10)
@given(network=any_network)
def test_nothing_but_g_changes_and_its_padding_stays_0(name: str, network: Network) -> None:
    executor = ready(network)
    loss, before = executor.forward(ROWS), untouchable(executor)
    made(name).compute(executor, BATCH)
    assert untouchable(executor) == before
    g = executor.program.region(executor.arena, 1)
    assert not g[own_places(executor.program) == 0.0].any()
    assert executor.forward(ROWS) == loss
    assert untouchable(executor) == before


@each_method
@settings(max_examples=6)
@given(network=any_network)
def test_a_pass_tells_what_it_has_written(name: str, network: Network) -> None:
    executor, method = ready(network), made(name)
    arena = executor.arena
    g = executor.program.region(arena, 1)
    ever = np.zeros(len(g))
    for number in range(method.count(executor.program)):
        method.run(executor, BATCH, number)
        after = arena.copy()
        arena.fill(0.0)
        for array in method.written(executor, BATCH, number):
            array.fill(1.0)
        told = g.copy()
        np.copyto(arena, after)
        g.fill(np.nan)
        method.run(executor, BATCH, number)
        changed = ~np.isnan(g)
        assert not changed[told == 0.0].any()
        ever = np.maximum(ever, told)
        np.copyto(arena, after)
    if method.count(executor.program):
        assert ever[own_places(executor.program) == 1.0].all()


@each_method
def test_the_next_gradient_is_of_the_new_weights_and_rows(name: str) -> None:
    used, fresh = small(), small()
    made(name).compute(used, BATCH)
    for executor in (used, fresh):
        executor.program.region(executor.arena, 0)[:] *= 1.5
        set_batch(executor, np.eye(ROWS)[:, :2], np.ones((ROWS, 1)))
        executor.forward(ROWS)
        made(name).compute(executor, BATCH)
    assert g_of(used).tobytes() == g_of(fresh).tobytes()


@pytest.mark.parametrize("name", ["forward-mode", "finite-differences"])
def test_a_pass_calls_its_weight_what_it_is_called_everywhere(name: str) -> None:
    program, method = small().program, made(name)
    said = [str(method.words(program, number, np.zeros(program.parameter_span))) for number in range(13)]
    titles = [title for parameter in program.parameters for title in parameter.weight_titles()]
    assert (titles[5], titles[7], titles[12]) == ("W_A[2,3]", "b_A[2]", "b_B")
    assert all(f" {title} " in words for title, words in zip(titles, said, strict=True))


@each_method
def test_each_pass_says_that_no_weight_has_changed(name: str) -> None:
    program, method = small().program, made(name)
    for number in range(method.count(program)):
        assert "no weight has changed" in str(method.words(program, number, np.zeros(program.parameter_span)))
        assert method.node(program, number) in {None, *program.graph.nodes}
    assert method.label
    assert method.summary.endswith(".")
    assert "{" not in str(method.phase_label(program))
    assert 0 <= method.cost(program, 1).macs <= method.cost(program, ROWS).macs


@each_method
def test_a_program_without_weights_has_no_pass(name: str) -> None:
    graph = close(*Graph().add("features"), "mean_squared_error")
    executor = executor_for(graph, make_rows([[1.0]] * ROWS, [[0.5]] * ROWS), ROWS)
    method = made(name)
    assert method.count(executor.program) == 0
    method.compute(executor, BATCH)
    assert "{" not in str(method.phase_label(executor.program))
    assert method.cost(executor.program, ROWS).macs >= 0


@pytest.mark.parametrize("name", ["finite-differences", "spsa"])
def test_a_nudging_method_costs_the_forward_passes_that_it_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    executor, method, done = small(), made(name), []
    plain = Reference.forward

    def counted(self: Reference, rows: int) -> float:
        done.append(self)
        return plain(self, rows)

    monkeypatch.setattr(Reference, "forward", counted)
    method.compute(executor, BATCH)
    cost = method.cost(executor.program, ROWS)
    assert len(done) == cost.forward_passes
    assert cost.macs == len(done) * executor.program.macs(ROWS)
    assert executor not in done


def test_none_has_no_pass() -> None:
    executor = small()
    arena = executor.arena.tobytes()
    NoGradient().compute(executor, BATCH)
    assert NoGradient().count(executor.program) == 0
    assert executor.arena.tobytes() == arena


@given(networks(8))
def test_finite_differences_agree_with_backpropagation(network: Network) -> None:
    executor = ready(network)
    weights = executor.program.region(executor.arena, 0)
    # Biases begin at 0, where a unit of ReLU that sees nothing lies on its kink.
    weights[weights == 0.0] = 0.01
    gradient(executor, ROWS)
    g = g_of(executor)
    found = check_gradient(executor, ROWS)
    FiniteDifferences().compute(executor, BATCH)
    assert found.kinks or np.abs(g - g_of(executor)).max() <= found.bound * found.scale


def estimates(executor: Reference, batches: range, given: Mapping[str, object]) -> Array:
    """Give SPSA's g at several steps, [steps, weights]."""
    found = []
    for step in batches:
        SPSA(given).compute(executor, Batch(ROWS, seed=11, step=step))
        found.append(g_of(executor))
    return np.array(found)


@pytest.mark.parametrize(("samples", "steps"), [(1, 2000), (4, 600)])
def test_spsa_is_the_gradient_on_average_and_noisy_as_theory_says(samples: int, steps: int) -> None:
    executor, g = quadratic(4)
    found = estimates(executor, range(steps), {"samples": samples})
    # ĝᵢ = gᵢ + Σ gⱼ ΔⱼΔᵢ over the others, each term of mean 0 and variance gⱼ².
    variance = (np.sum(g**2) - g**2) / samples
    assert (np.abs(found.mean(axis=0) - g) <= 4.0 * np.sqrt(variance / len(found))).all()
    assert found.var(axis=0) == pytest.approx(variance, rel=0.2)


def test_spsa_is_exact_for_one_weight() -> None:
    executor, g = quadratic(1, bias=False)
    assert estimates(executor, range(5), {}) == pytest.approx(np.broadcast_to(g, (5, 1)), rel=1e-9)


def test_spsa_is_a_function_of_seed_and_step() -> None:
    executor, _ = quadratic(6)
    first, again, other = (estimates(executor, steps, {}) for steps in (range(8), range(8), range(8, 16)))
    assert first.tobytes() == again.tobytes()
    assert len(np.unique(first.round(9), axis=0)) > 1
    assert first.tobytes() != other.tobytes()
    SPSA().compute(executor, Batch(ROWS, seed=12, step=0))
    seeds = {tuple(np.sign(g_of(executor)))}
    for seed in range(13, 20):
        SPSA().compute(executor, Batch(ROWS, seed=seed, step=0))
        seeds.add(tuple(np.sign(g_of(executor))))
    assert len(seeds) > 1


def test_spsa_averages_different_directions_and_starts_anew_each_time() -> None:
    executor, g = quadratic(6)
    executor.program.region(executor.arena, 1).fill(np.nan)
    many = estimates(executor, range(1), {"samples": 2000})[0]
    assert np.linalg.norm(many - g) <= 0.15 * np.linalg.norm(g)
    words = str(SPSA({"samples": 2000}).words(executor.program, 1, np.array([3.0, 4.0])))
    assert "2 of 2000: a noisy estimate of g, ‖g‖ 5.0;" in words


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(EngineError, match="there is no gradient method called 'magic'"):
        make_gradient_method("magic", {})
