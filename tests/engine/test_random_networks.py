"""Random networks with branches, merges, sharing and modes: what holds for every gradient and every step."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.experiment import Choice, Experiment, Pipeline
from engine.gradcheck import check_gradient
from engine.ops.call import Array
from engine.program import Phase
from engine.stepper import Stepper
from tests.engine.methods import EXACT, forward_mode, reverse_mode, spread_out, terms
from tests.engine.networks import executor_for, gradient, load_rows
from tests.engine.strategies import Network, networks

large_networks = networks(40, 5, has_modes=True)
any_networks = networks(has_modes=True)


def stepper_for(network: Network, method: str = "backpropagation", optimizer: str = "adam", batch: int = 4) -> Stepper:
    experiment = Experiment(network.graph, Choice("rows"), Choice(method), Choice(optimizer), batch_size=batch)
    return Stepper(experiment, network.dataset, executor_for(network.graph, network.dataset, batch).program)


def test_large_networks_are_of_5_to_40_nodes_and_have_all_that_makes_gradients_hard() -> None:
    sizes: list[int] = []
    found: set[str] = set()

    @given(large_networks)
    def look(network: Network) -> None:
        nodes, edges = network.graph.nodes, network.graph.edges
        sizes.append(len(nodes))
        found.update(node.op for node in nodes.values())
        found.update({"shared parameter"} if network.shared else ())
        found.update({"fan-out"} if len({edge.source for edge in edges}) < len(edges) else ())

    look()
    assert (min(sizes), max(sizes)) == (5, 40)
    assert sorted(sizes)[len(sizes) // 2] > 15
    assert found >= {
        "shared parameter",
        "fan-out",
        "batch_norm",
        "layer_norm",
        "dropout",
        "matmul",
        "multiply",
        "concat",
    }


@given(large_networks)
def test_backpropagation_agrees_with_finite_differences(network: Network) -> None:
    found = check_gradient(network.executor(5), 5, most=4)
    assert found.ok, found
    assert found.parameters
    assert found.kinks <= sum(parameter.compared for parameter in found.parameters)


@given(large_networks, st.integers(1, 5))
def test_backpropagation_agrees_with_forward_mode(network: Network, rows: int) -> None:
    executor = network.executor(5)
    load_rows(executor, network.dataset, np.arange(rows))
    every = spread_out(executor.program, executor.program.parameter_count)
    reverse = reverse_mode(executor, rows, every)
    bound = EXACT * terms(executor, rows)
    np.testing.assert_allclose(forward_mode(executor, rows, every), reverse, rtol=0.0, atol=bound)


@given(any_networks)
def test_computing_the_gradient_twice_gives_the_same_bits(network: Network) -> None:
    executor = network.executor(5)
    first = gradient(executor, 5)
    weights = executor.program.region(executor.arena, 0).tobytes()
    second = gradient(executor, 5)
    assert first[0] == second[0]
    assert {title: g.tobytes() for title, g in first[1].items()} == {t: g.tobytes() for t, g in second[1].items()}
    assert executor.program.region(executor.arena, 0).tobytes() == weights


@given(networks())
def test_the_gradient_of_a_batch_is_the_mean_of_its_rows(network: Network) -> None:
    executor = network.executor(5)
    loss, whole = gradient(executor, 5)
    each = []
    for row in range(5):
        load_rows(executor, network.dataset, [row])
        each.append(gradient(executor, 1))
    np.testing.assert_allclose(np.mean([one[0] for one in each]), loss, rtol=1e-12, atol=1e-14)
    for title, g in whole.items():
        mean = np.mean([one[1][title] for one in each], axis=0)
        np.testing.assert_allclose(mean, g, rtol=1e-10, atol=1e-12 * max(1.0, np.abs(g).max()))


@given(networks())
def test_a_short_batch_does_not_depend_on_the_room_for_more_rows(network: Network) -> None:
    exact, roomy = network.executor(3), executor_for(network.graph, network.dataset, 40)
    weights = roomy.program.region(roomy.arena, 0)
    weights[...] = exact.program.region(exact.arena, 0)
    load_rows(roomy, network.dataset, np.arange(40) % 5)
    gradient(roomy, 40)
    load_rows(roomy, network.dataset, np.arange(3))
    (loss, a), (roomy_loss, b) = gradient(exact, 3), gradient(roomy, 3)
    assert np.isclose(loss, roomy_loss, rtol=1e-12, atol=1e-14)
    for title in a:
        np.testing.assert_allclose(a[title], b[title], rtol=1e-10, atol=1e-13)


@given(any_networks, st.sampled_from(("backpropagation", "finite-differences", "none")))
def test_weights_change_in_phase_5_only(network: Network, method: str) -> None:
    stepper = stepper_for(network, method)
    for _ in range(2):
        while True:
            before = stepper.weights.copy()
            g = stepper.program.region(stepper.arena, 1).copy()
            stepper.micro_step()
            assert stepper.last is not None
            if stepper.last.phase is Phase.UPDATE:
                np.testing.assert_array_equal(stepper.program.region(stepper.arena, 1), g)
                delta = stepper.program.region(stepper.arena, 2)
                np.testing.assert_array_equal(stepper.weights, before + delta)
                assert delta.any() or not g.any()
                break
            assert stepper.weights.tobytes() == before.tobytes()
            if stepper.last.phase is not Phase.BACKWARD:
                np.testing.assert_array_equal(stepper.program.region(stepper.arena, 1), g)


@np.errstate(all="ignore")  # as the trainer does: some of these runs diverge, and must do so alike
@given(any_networks, st.sampled_from(("sgd", "momentum", "rmsprop", "adam")), st.integers(1, 7))
def test_stepping_and_running_give_the_same_bits(network: Network, optimizer: str, batch: int) -> None:
    running, stepping = (stepper_for(network, optimizer=optimizer, batch=batch) for _ in range(2))
    for step in range(1, 8):
        running.whole_step()
        while stepping.step < step:
            stepping.micro_step()
        assert repr(running.loss) == repr(stepping.loss)
        assert running.arena.tobytes() == stepping.arena.tobytes()


@given(any_networks)
def test_the_gradient_methods_agree(network: Network) -> None:
    regions: list[Array] = []
    for method in ("backpropagation", "finite-differences"):
        stepper = stepper_for(network, method, optimizer="none")
        # Biases begin at 0, where a unit of ReLU that sees nothing lies on its kink.
        stepper.weights[...] += 0.01 * (stepper.weights == 0.0)
        stepper.whole_step()
        regions.append(stepper.program.region(stepper.arena, 1).copy())
    a, n = regions
    found = check_gradient(stepper.executor, len(stepper.rows))
    assert found.kinks or np.abs(a - n).max() <= found.bound * found.scale


@settings(max_examples=10)
@given(any_networks, st.floats(1e-4, 1.0))
def test_the_first_step_of_adam_has_the_length_of_the_learning_rate(network: Network, rate: float) -> None:
    stepper = stepper_for(network)
    stepper.set_pipeline(Pipeline(Choice("backpropagation"), Choice("adam", {"learning_rate": rate})))
    stepper.whole_step()
    g, delta = (stepper.program.region(stepper.arena, number) for number in (1, 2))
    np.testing.assert_allclose(delta, -rate * g / (np.abs(g) + 1e-8), rtol=1e-10)
