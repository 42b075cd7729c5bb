"""The shipped examples load, lie tidily on the canvas, have right gradients and learn what they promise."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication

import resources
from app.examples import EXAMPLES, Example, load_example
from app.files import to_text
from engine.compiler import compile_graph
from engine.datasets import Dataset, make_dataset
from engine.gradcheck import check_gradient
from engine.ops.call import Array
from engine.program import Program
from engine.trainer import Trainer
from tests.data.make_examples import PROJECTS, make_text
from tests.engine.methods import EXACT, forward_mode, reverse_mode, spread_out, terms
from ui.canvas.card import make_card
from ui.canvas.geometry import GRID

LEARNED = {
    "one-neuron": (200, 0.05),
    "linear-regression": (200, 0.012),
    "valley": (1000, 0.001),
    "logistic-regression": (1000, 0.21),
    "xor": (500, 0.05),
    "xor-genetic": (150, 0.05),
    "circles": (200, 0.05),
    "two-moons": (500, 0.05),
    "spirals": (500, 0.05),
    "three-spirals": (1000, 0.05),
    "sine-regression": (1000, 0.01),
    "forward-mode": (500, 0.02),
    "weight-penalty": (1500, 0.2),
    "bumps-regression": (1000, 0.01),
    "iris": (200, 0.15),
    "digits": (450, 0.2),
    "two-branches": (400, 0.05),
    "skip-connection": (500, 0.05),
    "batch-norm": (200, 0.05),
}
"""After how many steps the loss is below which number, with the first seeds: on the test rows, where there are any."""
ACCURATE = {"iris": 0.9, "digits": 0.93}
"""Which part of the test rows is then told rightly."""
MOST_WEIGHTS = 3000
"""So many weights are looked at, of a larger network a part that is spread evenly."""
CLEARANCE = 24.0
COLUMN_GAP = 48.0

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)


def dataset_of(example: Example) -> Dataset:
    data = load_example(example.key).project.experiment.data
    return make_dataset(data.kind, data.settings)


def trainer_of(example: Example, seed: int = 1) -> Trainer:
    experiment = replace(load_example(example.key).project.experiment, seed=seed)
    dataset = dataset_of(example)
    program = compile_graph(experiment.graph, dataset, experiment.batch_size or len(dataset.train)).program
    assert isinstance(program, Program)
    return Trainer(experiment, dataset, program)


def train(trainer: Trainer, steps: int) -> None:
    for _ in range(steps):
        trainer.stepper.whole_step()


def loss_of(trainer: Trainer, split: str = "test") -> float:
    return trainer.evaluator.loss(trainer.stepper.state, split if trainer.program.data else "train")


def lowest_cross_entropy(x: Array, y: Array) -> float:
    """Find the least mean cross-entropy that one neuron can have, by Newton's method: the loss is convex."""
    inputs, w = np.column_stack([x, np.ones(len(x))]), np.zeros((x.shape[1] + 1, 1))
    for _ in range(30):
        p = 1.0 / (1.0 + np.exp(-inputs @ w))
        w -= np.linalg.solve(inputs.T @ (inputs * p * (1.0 - p)), inputs.T @ (p - y))
    z = inputs @ w
    return float(np.mean(np.logaddexp(0.0, z) - y * z))


# ---- the list and the files ------------------------------------------------------------------------------------------


def test_the_first_example_is_one_neuron_and_every_file_is_listed() -> None:
    assert EXAMPLES[0].key == "one-neuron"
    assert resources.names("examples") == tuple(sorted(example.file_name for example in EXAMPLES))
    assert [*PROJECTS] == [example.key for example in EXAMPLES]


def test_titles_and_summaries_tell_the_examples_apart() -> None:
    for words in ([example.title for example in EXAMPLES], [example.summary for example in EXAMPLES]):
        assert all(word.strip() == word != "" for word in words)
        assert len({word.casefold() for word in words}) == len(words)
    assert all(example.summary.endswith(".") for example in EXAMPLES)


@each_example
def test_the_file_is_what_the_script_makes_and_what_saving_it_again_gives(example: Example) -> None:
    text = resources.read_text("examples", example.file_name)
    assert text == make_text(example.key)
    assert text == to_text(load_example(example.key))


def test_an_unknown_example_names_those_there_are() -> None:
    with pytest.raises(FileNotFoundError, match=r"'perceptron\.bplab'; it has .*two-moons\.bplab"):
        load_example("perceptron")


@each_example
def test_it_begins_at_step_0_and_compiles_without_a_word(example: Example) -> None:
    saved, dataset = load_example(example.key), dataset_of(example)
    compilation = compile_graph(saved.project.experiment.graph, dataset, 32)
    assert compilation.program is not None
    assert compilation.problems == ()
    assert saved.run is None
    assert saved.project.experiment.seed == 1
    assert (dataset.task if compilation.program.data else "function") == example.category


# ---- on the canvas ---------------------------------------------------------------------------------------------------


@each_example
def test_cards_keep_apart_and_wires_run_to_the_right(example: Example, qapp: QApplication) -> None:
    project, dataset = load_example(example.key).project, dataset_of(example)
    graph = project.experiment.graph
    assert project.positions.keys() == graph.nodes.keys()
    assert all(x % GRID == y % GRID == 0.0 for x, y in project.positions.values())
    cards = {id_: make_card(node, dataset) for id_, node in graph.nodes.items()}
    rects = {id_: card.rect.translated(*project.positions[id_]) for id_, card in cards.items()}
    for (a, first), (b, second) in combinations(rects.items(), 2):
        around = QRectF(first).adjusted(-CLEARANCE, -CLEARANCE, CLEARANCE, CLEARANCE)
        assert not around.intersects(second), f"{graph.nodes[a].title} is too near to {graph.nodes[b].title}"
    for edge in graph.edges:
        gap = rects[edge.target].left() - rects[edge.source].right()
        assert gap >= COLUMN_GAP, f"{graph.nodes[edge.source].title} → {graph.nodes[edge.target].title}"


# ---- training --------------------------------------------------------------------------------------------------------


@each_example
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_learns(example: Example, seed: int) -> None:
    trainer, (steps, bound) = trainer_of(example, seed), LEARNED[example.key]
    assert loss_of(trainer) > 2.0 * bound
    train(trainer, steps)
    assert loss_of(trainer) < bound
    if example.key in ACCURATE:
        dataset = dataset_of(example)
        told = trainer.evaluator.predict(trainer.stepper.state, dataset.x[dataset.test]).argmax(axis=1)
        assert np.mean(told == dataset.y[dataset.test][:, 0]) > ACCURATE[example.key]


@each_example
def test_backpropagation_agrees_with_finite_differences_in_each_weight(example: Example) -> None:
    trainer = trainer_of(example)
    for steps in (1, 20):
        train(trainer, steps)
        check = check_gradient(trainer.stepper.executor, len(trainer.stepper.rows), MOST_WEIGHTS)
        assert check.ok, f"{check.error} after {trainer.stepper.step} steps"
        assert all(found.compared > 0.9 * min(found.parameter.size, MOST_WEIGHTS) for found in check.parameters)


@each_example
def test_backpropagation_agrees_with_forward_mode_in_each_weight(example: Example) -> None:
    trainer = trainer_of(example)
    executor, program = trainer.stepper.executor, trainer.program
    for steps in (1, 20, 200):
        train(trainer, steps)
        rows, chosen = len(trainer.stepper.rows), spread_out(program, MOST_WEIGHTS)
        reverse = reverse_mode(executor, rows, chosen)
        largest = max(float(np.abs(program.gradient(executor.arena, p)).max()) for p in program.parameters)
        # Near a minimum g is what is left of rows that cancel each other out, and so is the rounding.
        bound = EXACT * (largest if trainer.stepper.step < 100 else terms(executor, rows))
        np.testing.assert_allclose(forward_mode(executor, rows, chosen), reverse, rtol=0.0, atol=bound)


def test_linear_regression_ends_in_the_least_squares_line() -> None:
    example = next(example for example in EXAMPLES if example.key == "linear-regression")
    trainer, dataset = trainer_of(example), dataset_of(example)
    train(trainer, 400)
    x, y = dataset.x[dataset.train], dataset.y[dataset.train]
    slope, intercept = np.polyfit(x[:, 0], y[:, 0], 1)
    weight, bias = (trainer.program.weights(trainer.stepper.arena, p).item() for p in trainer.program.parameters)
    assert (weight, bias) == pytest.approx((slope, intercept), abs=1e-9)


def test_logistic_regression_comes_near_the_lowest_loss_that_a_line_can_have() -> None:
    example = next(example for example in EXAMPLES if example.key == "logistic-regression")
    trainer, dataset = trainer_of(example), dataset_of(example)
    train(trainer, 2000)
    lowest = lowest_cross_entropy(dataset.x[dataset.train], dataset.y[dataset.train])
    assert lowest <= loss_of(trainer, "train") <= 1.01 * lowest
