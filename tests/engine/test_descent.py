"""Gradient descent on functions as people do it: a formula and an objective, run by the trainer; no data enter."""

from __future__ import annotations

import numpy as np
import pytest

from engine.experiment import Choice
from engine.graph import Graph
from engine.ops.call import Array
from engine.optimizers import OPTIMIZERS, Search, make_optimizer
from engine.trainer import Trainer
from tests.engine.samples import experiment_of, optimizer, run_steps, trainer_of
from tests.engine.updates import FUNCTIONS, Function, new_slots, update

FORMULAS = {
    "bowl": "10*(a + b)**2 + 0.1*(a - b - 1)**2",
    "rosenbrock": "(1 - a)**2 + 100*(b - a**2)**2",
    "himmelblau": "(a**2 + b - 11)**2 + (a + b**2 - 7)**2",
    "waves": "sin(3*a)*cos(2*b) + 0.1*(a**2 + b**2)",
    "beale": "(1.5 - a + a*b)**2 + (2.25 - a + a*b**2)**2 + (2.625 - a + a*b**3)**2",
    "booth": "(a + 2*b - 7)**2 + (2*a + b - 5)**2",
}
RULES = {
    "sgd": optimizer("sgd", learning_rate=0.001),
    "momentum": optimizer("momentum", learning_rate=0.0005),
    "adam": optimizer("adam"),
    "rprop": optimizer("rprop"),
    "genetic-algorithm": optimizer("genetic-algorithm"),
    "random-search": optimizer("random-search"),
}
"""One of each family; `test_optimizers_descent.py` has the rules of all the others."""
MOST_STEPS = 1500


def formula(graph: Graph, name: str) -> tuple[Graph, int]:
    """Add a function as a formula that starts where the function does."""
    a, b = FUNCTIONS[name].start
    return graph.add("expression", {"formula": FORMULAS[name], "start": f"a={a}, b={b}"})


def trainer_for(names: tuple[str, ...], rule: Choice, seed: int = 1) -> Trainer:
    """Make a run on the sum of functions, each of numbers of its own."""
    graph, total = Graph().add("add")
    for name in names:
        graph, node = formula(graph, name)
        graph = graph.connect(node, total, "in")
    graph, end = graph.add("objective")
    return trainer_of(experiment_of(graph.connect(total, end, "value"), rule=rule, batch_size=None, seed=seed))


def numbers(trainer: Trainer, region: int) -> Array:
    """Give all weights (0) or g (1), each function's a and b in its turn."""
    array = trainer.program.region(trainer.stepper.arena, region)
    return np.array([trainer.program.part(array, p).item() for p in trainer.program.parameters])


def slopes(w: Array) -> Array:
    pairs = zip(FUNCTIONS.values(), w.reshape(-1, 2).tolist(), strict=True)
    return np.array([part for function, (a, b) in pairs for part in function.slope(a, b)])


def share_left(function: type[Function], w: Array) -> float:
    """Give how much of the height above the least value is left."""
    a, b = w.tolist()
    return (function.value(a, b) - function.least) / (function.value(*function.start) - function.least)


def test_there_is_a_formula_of_rosenbrock_and_five_others() -> None:
    assert FORMULAS.keys() == FUNCTIONS.keys() >= {"rosenbrock"}
    assert len(FORMULAS) == 6


@pytest.mark.parametrize("kind", [kind for kind, rule in OPTIMIZERS.items() if rule.needs_gradient])
def test_the_trainer_follows_each_rule_with_the_gradients_by_hand(kind: str) -> None:
    trainer, rule = trainer_for(tuple(FORMULAS), optimizer(kind, **rate_of(kind))), make_optimizer(kind, rate_of(kind))
    w = numbers(trainer, 0)
    assert w.tolist() == [part for function in FUNCTIONS.values() for part in function.start]
    slots = new_slots(rule, w.size)
    for t in range(1, 41):
        g = slopes(w)
        w += update(rule, g, slots, t, w)
        run_steps(trainer, 1)
        np.testing.assert_allclose(numbers(trainer, 1), g, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(numbers(trainer, 0), w, rtol=1e-9, atol=1e-9)
    assert trainer.stepper.gradient_calls == 40
    assert trainer.stepper.updates == (0 if kind == "none" else 40)


def rate_of(kind: str) -> dict[str, float]:
    """Give a learning rate that suits the steepest of the functions, where the default does not."""
    return {"learning_rate": 0.0005} if kind in ("sgd", "momentum", "nesterov", "radam") else {}


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("kind", RULES)
def test_functions_are_descended(kind: str, name: str) -> None:
    trainer, function = trainer_for((name,), RULES[kind]), FUNCTIONS[name]
    while trainer.stepper.step < MOST_STEPS and share_left(function, numbers(trainer, 0)) > 0.02:
        assert trainer.advance(0.0)
    assert share_left(function, numbers(trainer, 0)) <= 0.02
    is_search = issubclass(OPTIMIZERS[kind], Search)
    assert trainer.stepper.gradient_calls == (0 if is_search else trainer.stepper.step)
    loss = trainer.evaluator.loss(trainer.stepper.state, "train")
    assert loss == pytest.approx(function.value(*numbers(trainer, 0).tolist()), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("kind", ["genetic-algorithm", "random-search"])
def test_searches_descend_the_valley_of_rosenbrock_with_other_seeds(kind: str, seed: int) -> None:
    trainer = trainer_for(("rosenbrock",), RULES[kind], seed)
    run_steps(trainer, 150)
    assert share_left(FUNCTIONS["rosenbrock"], numbers(trainer, 0)) < 0.02
