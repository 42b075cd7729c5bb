"""Random graphs of single operations, plain values and formulas: what holds for every gradient."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given

from engine.gradcheck import check_gradient
from engine.ops import OPS
from tests.engine.methods import EXACT, forward_mode, reverse_mode, spread_out, terms
from tests.engine.networks import gradient
from tests.engine.operation_graphs import KINDS, operation_graphs
from tests.engine.strategies import Network


def test_graphs_are_of_5_to_40_nodes_and_any_op_can_be_in_them() -> None:
    sizes: list[int] = []
    found: set[str] = set()

    @given(operation_graphs())
    def look(network: Network) -> None:
        sizes.append(len(network.graph.nodes))
        found.update(node.op for node in network.graph.nodes.values())
        found.update({"shared parameter"} if network.shared else ())

    look()
    assert (min(sizes), max(sizes)) == (5, 40)
    assert sorted(sizes)[len(sizes) // 2] > 12
    # Which ones come up in so few graphs is a matter of chance, but most of them do.
    assert len(found & {op.name for op in KINDS}) > 0.8 * len(KINDS)
    assert found >= {"shared parameter", "features", "constant"}
    # Nothing but data and losses is left out.
    assert {op.name for op in KINDS} == {op.name for op in OPS.values() if op.category not in ("", "Data", "Losses")}


@given(operation_graphs())
def test_backpropagation_agrees_with_finite_differences(network: Network) -> None:
    found = check_gradient(network.executor(5), 5, most=6)
    assert found.ok, found
    assert found.parameters


@np.errstate(all="ignore")  # as the executors do
@given(operation_graphs())
def test_backpropagation_agrees_with_forward_mode(network: Network) -> None:
    executor = network.executor(5)
    every = spread_out(executor.program, executor.program.parameter_count)
    reverse = reverse_mode(executor, 5, every)
    assert np.isfinite(reverse).all()
    bound = EXACT * terms(executor, 5)
    np.testing.assert_allclose(forward_mode(executor, 5, every), reverse, rtol=0.0, atol=bound)


@given(operation_graphs())
def test_computing_the_gradient_twice_gives_the_same_bits(network: Network) -> None:
    executor = network.executor(5)
    first, second = gradient(executor, 5), gradient(executor, 5)
    assert first[0] == second[0]
    assert {title: g.tobytes() for title, g in first[1].items()} == {t: g.tobytes() for t, g in second[1].items()}


@given(operation_graphs())
def test_where_no_data_enter_the_rows_change_nothing(network: Network) -> None:
    executor = network.executor(5)
    assume(not executor.program.data)
    (loss, g), (same_loss, same_g) = gradient(executor, 5), gradient(executor, 1)
    assert loss == same_loss
    assert {title: one.tobytes() for title, one in g.items()} == {t: one.tobytes() for t, one in same_g.items()}
