"""Random graphs of single operations, plain values and formulas: what holds for every gradient."""

from __future__ import annotations

from hypothesis import assume, given

from engine.gradcheck import check_gradient
from tests.engine.networks import gradient
from tests.engine.operation_graphs import operation_graphs
from tests.engine.strategies import Network


@given(operation_graphs())
def test_backpropagation_agrees_with_finite_differences(network: Network) -> None:
    found = check_gradient(network.executor(5), 5, most=6)
    assert found.ok, found
    assert found.parameters


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
