"""The L1 and L2 terms of a loss: what they add to it and to g, and which parameters they count for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from engine.compiler import compile_graph
from engine.continuation import load_run, save_run
from engine.gradcheck import check_gradient
from engine.graph import Graph
from engine.ops import OPS
from engine.ops.call import Array
from engine.ops.losses import Loss
from engine.ops.penalties import PENALTIES, TotalLoss, WeightPenalty
from engine.optimizers import make_optimizer
from engine.optimizers.base import Update
from engine.reference import Reference
from engine.setting import SettingError
from tests.engine.networks import chain, close, draw_weights, executor_for, gradient, load_rows, make_rows
from tests.engine.samples import dense_graph, experiment_of, method, trainer_of

RNG = np.random.default_rng(6)
X = RNG.normal(size=(12, 2))
NUMBERS = make_rows(X, RNG.normal(size=(12, 1)))
CLASSES = make_rows(X, np.arange(12)[:, None] % 2, class_count=2)
LOSSES = {name: op for name, op in OPS.items() if issubclass(op, Loss)}
COMBINATIONS = [values for values in product((0.0, 0.3), (0.0, 0.7)) if any(values)]
each_loss = pytest.mark.parametrize("name", LOSSES)
each_combination = pytest.mark.parametrize(("l1", "l2"), COMBINATIONS)


def network(l1: float = 0.0, l2: float = 0.0) -> Graph:
    """Make a network whose loss many kinds of parameters lead to: weights, biases, gains, shifts, a Parameter."""
    graph, x = Graph().add("features")
    last: dict[str, object] = {"activation": "identity"}
    graph, end = chain(graph, x, [("dense", {"units": 3}), ("layer_norm", {}), ("neuron", last)])
    graph, w = graph.add("parameter")
    graph, scaled = graph.add("multiply")
    graph = graph.connect(end, scaled, "in").connect(w, scaled, "in")
    return close(graph, scaled, "mean_squared_error", {"l1": l1, "l2": l2})


def prepared(graph: Graph, seed: int = 1) -> Reference:
    """Draw weights and load a batch."""
    executor = executor_for(graph, NUMBERS, 8)
    draw_weights(executor, seed)
    load_rows(executor, NUMBERS, np.arange(8))
    return executor


def weights_of(executor: Reference) -> dict[str, Array]:
    return {p.title: executor.program.weights(executor.arena, p).copy() for p in executor.program.parameters}


def is_penalized(title: str) -> bool:
    return title.startswith("W_")


@each_combination
def test_they_add_to_the_loss_and_to_g_what_their_formulas_say(l1: float, l2: float) -> None:
    plain, executor = prepared(network()), prepared(network(l1, l2))
    (data_loss, data_g), (loss, g) = gradient(plain, 8), gradient(executor, 8)
    weights = weights_of(executor)
    assert set(weights) == {"W_A", "b_A", "gain_B", "shift_B", "W_C", "b_C", "W_D"}
    penalty = sum(
        l1 * float(np.abs(w).sum()) + 0.5 * l2 * float((w * w).sum()) for t, w in weights.items() if is_penalized(t)
    )
    assert loss == pytest.approx(data_loss + penalty, rel=1e-14)
    for title, w in weights.items():
        term = (l1 * np.sign(w) + l2 * w) * is_penalized(title)
        np.testing.assert_allclose(g[title], data_g[title] + term, rtol=1e-13, atol=1e-15, err_msg=title)


@each_combination
def test_the_gradient_check_counts_them_in(l1: float, l2: float) -> None:
    found = check_gradient(prepared(network(l1, l2)), 8)
    assert found.ok, found
    assert found.kinks == 0


def test_a_weight_at_0_is_at_the_kink_of_l1_and_not_of_l2() -> None:
    for l1, l2, kinks in ((0.3, 0.0, 1), (0.0, 0.3, 0)):
        executor = prepared(network(l1, l2))
        (parameter,) = (p for p in executor.program.parameters if p.title == "W_D")
        executor.program.weights(executor.arena, parameter).fill(0.0)
        found = check_gradient(executor, 8)
        assert found.ok
        assert found.kinks == kinks
        assert gradient(executor, 8)[1]["W_D"] == gradient_without_penalty(executor)


def gradient_without_penalty(executor: Reference) -> Array:
    """Give ∂L/∂W_D of the data loss at the executor's weights."""
    plain = prepared(network())
    np.copyto(plain.program.state(plain.arena), executor.program.state(executor.arena))
    return gradient(plain, 8)[1]["W_D"]


@each_combination
def test_the_parts_of_the_loss_can_be_told_apart(l1: float, l2: float) -> None:
    executor = prepared(network(l1, l2))
    program = executor.program
    loss, _ = gradient(executor, 8)
    assert program.penalty is not None
    parts = [program.view(executor.arena, value, 8)[0, 0] for value in (program.data_loss.output, program.penalty)]
    assert loss == sum(parts)
    assert parts[0] == gradient(prepared(network()), 8)[0]
    assert [instruction.op.name for instruction in program.instructions[-2:]] == ["weight_penalty", "total_loss"]


def test_without_them_nothing_is_added() -> None:
    program = prepared(network()).program
    assert program.penalty is None
    assert not any(isinstance(instruction.op, WeightPenalty | TotalLoss) for instruction in program.instructions)
    graph, x = Graph().add("features", {"columns": ("f0",)})
    weightless = compile_graph(close(graph, x, "mean_squared_error", {"l2": 1.0}), NUMBERS, 8).program
    assert weightless is not None
    assert weightless.penalty is None


def test_only_weights_that_lead_to_the_loss_count() -> None:
    graph = network(0.1, 0.1)
    graph, aside = graph.add("dense")
    executor = prepared(graph.connect(1, aside, "in"))
    (instruction,) = (i for i in executor.program.instructions if isinstance(i.op, WeightPenalty))
    owners = {(value.node, value.name) for value in instruction.inputs}
    assert owners == {(p.node, "W") for p in executor.program.parameters if is_penalized(p.title)}
    assert aside not in {node for node, _ in owners}


@each_loss
def test_every_loss_has_them_and_adds_them(name: str) -> None:
    def losses(settings: Mapping[str, object]) -> tuple[float, Array]:
        graph, x = Graph().add("features")
        units = 2 if name == "softmax_cross_entropy" else 1
        layer: tuple[str, dict[str, object]] = ("dense", {"units": units, "activation": "identity"})
        if name == "objective":
            graph, end = chain(graph, x, [layer])
            graph, loss = graph.add(name, settings)
            graph = graph.connect(end, loss, "value")
        else:
            graph = close(*chain(graph, x, [layer]), name, settings)
        if name == "softmax_cross_entropy":
            target = next(id_ for id_, node in graph.nodes.items() if node.op == "target")
            graph = graph.set(target, {"encoding": "one-hot"})
        data = CLASSES if name in ("binary_cross_entropy", "softmax_cross_entropy", "hinge") else NUMBERS
        executor = executor_for(graph, data, 8)
        draw_weights(executor, 2)
        load_rows(executor, data, np.arange(8))
        return gradient(executor, 8)[0], weights_of(executor)["W_A"]

    assert LOSSES[name].settings[-2:] == PENALTIES
    (data_loss, w), (loss, _) = losses({}), losses({"l1": 0.2, "l2": 0.6})
    assert loss == pytest.approx(data_loss + 0.2 * np.abs(w).sum() + 0.3 * (w * w).sum(), rel=1e-14)


@each_loss
@pytest.mark.parametrize("setting", [setting.name for setting in PENALTIES])
def test_a_negative_penalty_is_refused(name: str, setting: str) -> None:
    with pytest.raises(SettingError, match="must be at least 0"):
        LOSSES[name]({setting: -0.1})


def test_l2_is_pytorch_s_coupled_weight_decay() -> None:
    """Ten steps of SGD on the loss with λ₂, and on g + λ₂ w as torch.optim.SGD(weight_decay=λ₂) makes it."""
    decay, rate = 0.7, 0.1
    penalized, plain = prepared(network(l2=decay)), prepared(network())
    sgd = make_optimizer("sgd", {"learning_rate": rate})
    for step in range(10):
        gradient(penalized, 8)
        program, arena = penalized.program, penalized.arena
        w, g, delta = (program.region(arena, number) for number in range(3))
        sgd.update(Update(w, g, (), delta), step + 1)
        w += delta
        _, g_plain = gradient(plain, 8)
        for parameter in plain.program.parameters:
            weights = plain.program.weights(plain.arena, parameter)
            weights -= rate * (g_plain[parameter.title] + decay * is_penalized(parameter.title) * weights)
    ours, theirs = weights_of(penalized), weights_of(plain)
    for title, values in ours.items():
        np.testing.assert_allclose(values, theirs[title], rtol=1e-12, atol=1e-14, err_msg=title)


def test_a_run_from_a_file_knows_no_penalty_before_its_next_loss() -> None:
    graph = dense_graph()
    experiment = experiment_of(graph.set(max(graph.nodes), {"l2": 0.5}))
    trainer, other = trainer_of(experiment), trainer_of(experiment)
    trainer.finish_step()
    trainer.micro_step()
    penalty = trainer.snapshot().penalty
    assert penalty is not None
    assert penalty > 0.0
    load_run(other, save_run(trainer))
    assert (other.snapshot().loss, other.snapshot().penalty) == (trainer.snapshot().loss, None)
    other.finish_step()
    trainer.finish_step()
    assert other.snapshot().penalty == trainer.snapshot().penalty != penalty


def test_a_change_of_the_method_within_a_step_forgets_the_loss_of_that_step() -> None:
    experiment = experiment_of()
    trainer = trainer_of(experiment)
    trainer.finish_step()
    while trainer.snapshot().loss_step == 0:
        trainer.micro_step()
    trainer.change_pipeline(replace(experiment, method=method("forward-mode")))
    snapshot = trainer.snapshot()
    assert (snapshot.micro, snapshot.loss, snapshot.loss_step) == (0, None, None)
