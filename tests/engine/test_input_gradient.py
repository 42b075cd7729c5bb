"""∂L/∂x against finite differences of the data, against the weights' own g, and with random draws held fast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from engine.compiler import compile_graph
from engine.experiment import Choice, Experiment
from engine.explanation_parts import Column, Focus
from engine.input_gradient import input_gradient, input_gradient_line, is_data_only
from engine.ops.call import Array
from engine.program import DataInput
from engine.reference import Reference
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.engine.moments import around_an_update, dropping, moments_of
from tests.engine.networks import chain
from tests.engine.samples import dense_graph, experiment_of, trainer_of
from tests.engine.strategies import Network, networks

FEATURES = 1


def entry_of(snapshot: Snapshot, node: int) -> DataInput:
    return next(entry for entry in snapshot.program.data if entry.value.node == node)


def by_differences(snapshot: Snapshot, entry: DataInput, h: float = 1e-5) -> Array:
    """Nudge each number of the drawn rows on a copy."""
    program, rows = snapshot.program, snapshot.rows
    copy = Reference(program)
    copy.arena[...] = snapshot.arena
    x = program.view(copy.arena, entry.value, rows)
    found = np.empty_like(x)
    for place in np.ndindex(x.shape):
        kept = x[place]
        x[place] = kept + h
        above = copy.forward(rows)
        x[place] = kept - h
        below = copy.forward(rows)
        x[place] = kept
        found[place] = (above - below) / (2.0 * h)
    return found


def gradients(trainer: Trainer, before: Snapshot, after: Snapshot, node: int) -> list[Array]:
    dataset = trainer.stepper.dataset
    return [input_gradient(before, dataset, node), input_gradient(after, dataset, node, before)]


@pytest.mark.parametrize("experiment", [experiment_of(), dropping()], ids=["plain", "dropout"])
def test_features_have_the_derivative_that_nudged_data_show(experiment: Experiment) -> None:
    trainer, before, after = moments_of(experiment)
    arena = trainer.stepper.arena.tobytes()
    expected = by_differences(before, entry_of(before, FEATURES))
    for found in gradients(trainer, before, after, FEATURES):
        assert found.shape == (before.rows, 2)
        np.testing.assert_allclose(found, expected, atol=1e-9)
    assert trainer.stepper.arena.tobytes() == arena


@pytest.mark.parametrize(("loss", "data"), [("mean_squared_error", "line"), ("softmax_cross_entropy", "iris")])
def test_targets_have_one_too(loss: str, data: str) -> None:
    graph = dense_graph((3,), loss, outputs=3 if data == "iris" else 1)
    choice = Choice(data, {"rows": 50} if data == "line" else {})
    trainer, before, after = moments_of(experiment_of(graph, choice))
    target = next(entry for entry in before.program.data if entry.columns is None)
    expected = by_differences(before, target)
    for found in gradients(trainer, before, after, target.value.node):
        np.testing.assert_allclose(found, expected, atol=1e-8)


def test_what_is_computed_of_data_alone_counts_too_and_what_weights_need_does_not() -> None:
    graph, x = dense_graph().add("features")
    graph, squared = chain(graph, x, [("square", {})])
    end = next(edge for edge in graph.edges if edge.source == FEATURES)
    graph = graph.disconnect([end]).connect(squared, end.target, end.port).remove([FEATURES])
    trainer, before, _ = moments_of(experiment_of(graph))
    program, dataset = before.program, trainer.stepper.dataset
    assert {node for node in graph.nodes if is_data_only(program, node)} == {
        x,
        squared,
        *(entry.value.node for entry in program.data if entry.columns is None),
    }
    values = program.view(before.arena, entry_of(before, x).value, before.rows)
    outer = input_gradient(before, dataset, squared)
    np.testing.assert_allclose(input_gradient(before, dataset, x), 2.0 * values * outer, rtol=1e-12)


def test_weights_and_data_of_a_product_share_one_sum() -> None:
    """Σ x ∂L/∂x = Σ W ∂L/∂W for z = x W: both are Σ z δ."""
    trainer, before, _ = moments_of(experiment_of())
    W = before.program.parameters[0]
    x = before.program.view(before.arena, entry_of(before, FEATURES).value, before.rows)
    by_data = float((x * input_gradient(before, trainer.stepper.dataset, FEATURES)).sum())
    assert by_data == pytest.approx(float((before.weights(W) * before.gradient(W)).sum()), rel=1e-12)


@settings(max_examples=15)
@given(networks(has_modes=True))
def test_any_network_moves_as_the_gradient_says_along_a_random_direction(network: Network) -> None:
    trainer = trainer_of(experiment_of(network.graph, batch_size=5), network.dataset)
    before, _ = around_an_update(trainer)
    program, rows, rng = before.program, before.rows, np.random.default_rng(network.seed)
    entry = next(entry for entry in program.data if entry.columns is not None)
    found = input_gradient(before, network.dataset, entry.value.node)
    direction = rng.normal(size=found.shape)
    copy = Reference(program)
    copy.arena[...] = before.arena
    x = program.view(copy.arena, entry.value, rows)
    kept, losses = x.copy(), []
    for h in (1e-6, -1e-6):
        np.copyto(x, kept + h * direction)
        with np.errstate(all="ignore"):
            losses.append(copy.forward(rows))
    slope = (losses[0] - losses[1]) / 2e-6
    scale = 1.0 + abs(losses[0]) + float(np.abs(found).sum())
    assert float((found * direction).sum()) == pytest.approx(slope, abs=1e-5 * scale)


def test_g_is_the_same_to_the_bit_where_the_sweep_goes_on_to_the_data() -> None:
    graph, trainer = dense_graph((3, 2)), trainer_of(experiment_of(dense_graph((3, 2))))
    before, _ = around_an_update(trainer)
    program, rows = before.program, before.rows
    wider = compile_graph(graph, trainer.stepper.dataset, program.rows, wants_data=True).program
    assert wider is not None
    assert len(wider.backward) == len(program.backward)
    assert {entry.value.index for entry in wider.data} <= set(wider.adjoints)
    assert not {entry.value.index for entry in wider.data} & set(program.adjoints)
    assert not {entry.value.index for entry in wider.data} & set(wider.tangents)
    copy = Reference(wider)
    wider.state(copy.arena)[...] = program.state(before.arena)
    for own, entry in zip(program.data, wider.data, strict=True):
        wider.view(copy.arena, entry.value, rows)[...] = program.view(before.arena, own.value, rows)
    assert copy.forward(rows) == before.loss
    copy.backward(rows)
    assert wider.region(copy.arena, 1).tobytes() == program.region(before.arena, 1).tobytes()


def test_the_line_is_of_the_chosen_row_or_the_mean() -> None:
    trainer, before, _ = moments_of(experiment_of())
    dataset = trainer.stepper.dataset
    found = input_gradient(before, dataset, FEATURES)
    for row, expected, name in ((2, found[2], "∂L/∂x = "), (None, found.mean(axis=0), "mean ∂L/∂x = ")):
        line = input_gradient_line(before, dataset, FEATURES, Focus(row=row), found)
        assert line.parts[0] == name
        column = line.parts[1]
        assert isinstance(column, Column)
        assert (column.values == expected).all()
