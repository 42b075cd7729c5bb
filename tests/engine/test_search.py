"""The optimizers without a gradient: what they try, what they choose, and where they get."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.executor import Batch
from engine.experiment import Choice
from engine.ops.call import Array
from engine.optimizers import OPTIMIZERS, GeneticAlgorithm, RandomSearch, Search, Trial
from engine.optimizers.genetic import CROSSOVERS, MAX_NUMBERS
from tests.engine.networks import executor_for, make_rows
from tests.engine.samples import (
    XOR,
    dense_graph,
    experiment_of,
    optimizer,
    run_steps,
    state_of,
    stepper_of,
    trainer_of,
)

SEARCHES = {kind: rule for kind, rule in OPTIMIZERS.items() if issubclass(rule, Search)}
each_search = pytest.mark.parametrize("kind", SEARCHES)
each_crossover = pytest.mark.parametrize("kind", CROSSOVERS)
seeds = st.integers(0, 2**32 - 1)

Loss = Callable[[Array], float]


def valley(w: Array) -> float:
    """An ill-conditioned quadratic with its minimum 0 at (1, 2, 3, …)."""
    return float((np.geomspace(1.0, 20.0, w.size) * (w - np.arange(1.0, w.size + 1)) ** 2).sum())


class Run:
    """A search at work on a function of a few weights, with arrays of its own."""

    def __init__(self, search: Search, loss: Loss = valley, size: int = 4, seed: int = 1) -> None:
        self.search, self.loss, self.seed = search, loss, seed
        self.w, self.delta = np.zeros(size), np.full(size, np.nan)
        self.memory = tuple(np.zeros(size) for _ in search.memory)
        self.losses = np.full(search.passes, np.inf)
        self.t = 0

    def tried(self) -> Array:
        """Try the candidates of the next step, and give them."""
        self.t += 1
        trial = self.trial()
        candidates = np.full((self.search.passes, self.w.size), np.nan)
        for number, candidate in enumerate(candidates):
            self.search.candidate(trial, number, candidate)
            loss = self.loss(candidate)
            self.losses[number] = loss if math.isfinite(loss) else math.inf
        return candidates

    def choose(self) -> None:
        """Take the step."""
        before = self.w.copy()
        self.delta.fill(np.nan)
        self.search.choose(self.trial())
        np.testing.assert_array_equal(self.w, before)
        self.w += self.delta

    def step(self, count: int = 1) -> Run:
        """Do steps."""
        for _ in range(count):
            self.tried()
            self.choose()
        return self

    def trial(self) -> Trial:
        batch = Batch(1, self.seed, self.t - 1)
        return Trial(self.w, self.memory, self.losses, self.delta, batch, self.t, self.loss(self.w))

    def numbers(self) -> bytes:
        return b"".join(array.tobytes() for array in (self.w, self.delta, *self.memory))


def genetic(**settings: object) -> GeneticAlgorithm:
    return GeneticAlgorithm({"population": 10, **settings})


@each_search
def test_a_search_needs_no_gradient_and_is_a_function_of_the_seed(kind: str) -> None:
    search = SEARCHES[kind]()
    assert not search.needs_gradient
    assert len(set(search.memory)) == len(search.memory)
    runs = [Run(SEARCHES[kind](), seed=seed).step(6).numbers() for seed in (5, 5, 6)]
    assert runs[0] == runs[1] != runs[2]


@each_search
def test_a_candidate_can_be_asked_for_again_in_any_order(kind: str) -> None:
    run = Run(SEARCHES[kind]()).step(2)
    candidates, again = run.tried(), np.empty(4)
    for number in (3, 0, 7):
        run.search.candidate(run.trial(), number, again)
        assert again.tobytes() == candidates[number].tobytes()


@each_search
@given(seed=seeds)
def test_on_a_fixed_batch_the_loss_never_rises(kind: str, seed: int) -> None:
    run = Run(SEARCHES[kind](), seed=seed)
    loss = valley(run.w)
    for _ in range(8):
        run.step()
        # w + Δw rounds, so that w may miss the best member by the last bit.
        assert valley(run.w) <= loss * (1.0 + 1e-12)
        loss = valley(run.w)


@each_search
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_search_comes_down_a_quadratic(kind: str, seed: int) -> None:
    run = Run(SEARCHES[kind](), seed=seed)
    assert valley(run.w) > 300.0
    assert valley(run.step(150).w) < 0.1


@each_search
@given(seed=seeds, share=st.floats(0.05, 1.0))
def test_losses_that_are_not_finite_are_survived_and_never_chosen(kind: str, seed: int, share: float) -> None:
    def torn(w: Array) -> float:
        # Where w has moved, much of it is forbidden ground.
        return math.nan if w.any() and math.sin(1e4 * float(w.sum())) < 2.0 * share - 1.0 else valley(w)

    run = Run(SEARCHES[kind](), torn, seed=seed)
    for _ in range(4):
        run.tried()
        run.choose()
        assert np.isfinite(run.w).all()
        assert np.isfinite(run.memory).all()
        assert math.isfinite(run.losses.min()) or not run.delta.any()


def test_a_search_says_how_each_candidate_did() -> None:
    losses = np.array([0.5, 0.28112, 0.31234, np.inf])
    words = [str(genetic().pass_words(losses, number)) for number in range(4)]
    assert words[2] == "Tried member 3 of 10: L = 0.3123, the least so far 0.2811. No weight has changed."
    assert "L = 0.5, the least so far 0.5." in words[0]
    assert words[3] == "Tried member 4 of 10: its L is not a finite number. No weight has changed."
    assert str(RandomSearch().pass_words(losses, 0)).startswith("Tried candidate 1 of 10: L = 0.5,")


def test_the_first_population_lies_around_w() -> None:
    run = Run(GeneticAlgorithm({"population": 200, "spread": 0.25}), size=50)
    run.w += 3.0
    members = run.tried()
    np.testing.assert_array_equal(members[0], run.w)
    assert members[1:].mean() == pytest.approx(3.0, abs=0.02)
    assert members[1:].std() == pytest.approx(0.25, rel=0.05)


@given(seed=seeds, elites=st.integers(1, 9), steps=st.integers(1, 4))
def test_the_best_go_on_as_they_are(seed: int, elites: int, steps: int) -> None:
    run = Run(genetic(elites=elites), seed=seed).step(steps - 1)
    members, before = run.tried(), run.w.copy()
    best = np.argsort(run.losses, kind="stable")
    run.choose()
    np.testing.assert_array_equal(run.delta, members[best[0]] - before)
    np.testing.assert_array_equal(run.memory[:elites], members[best[:elites]])


def test_one_child_a_generation_is_the_least() -> None:
    run = Run(genetic(elites=199, mutation_rate=1.0))
    members = run.tried()
    order = np.argsort(run.losses)
    run.choose()
    np.testing.assert_array_equal(run.memory[:9], members[order[:9]])
    assert not (members == run.memory[9]).all(axis=1).any()


def test_weights_changed_by_hand_take_part() -> None:
    run = Run(genetic()).step(3)
    run.w[:] = np.arange(1.0, 5.0)
    np.testing.assert_array_equal(run.tried()[0], run.w)
    run.choose()
    assert not run.delta.any()
    np.testing.assert_array_equal(run.memory[0], run.w)


@each_crossover
def test_without_mutation_and_crossover_children_are_copies(kind: str) -> None:
    run = Run(genetic(crossover=kind, crossover_rate=0.0, mutation_rate=0.0))
    members = run.tried()
    run.choose()
    assert all((members == child).all(axis=1).any() for child in run.memory)


def test_so_many_numbers_mutate_and_so_far() -> None:
    settings = {"population": 200, "spread": 0.0, "mutation_rate": 0.3, "mutation_size": 0.2, "elites": 1}
    run = Run(GeneticAlgorithm(settings), size=100).step()
    moved = np.array(run.memory[1:])[np.array(run.memory[1:]) != 0.0]
    assert moved.size / (199 * 100) == pytest.approx(0.3, rel=0.05)
    assert moved.std() == pytest.approx(0.2, rel=0.05)
    assert moved.mean() == pytest.approx(0.0, abs=0.01)


def test_where_no_member_has_a_loss_w_stays() -> None:
    run = Run(genetic(spread=0.1), lambda w: math.nan)
    run.w += 5.0
    run.tried()
    run.choose()
    assert not run.delta.any()
    assert np.isfinite(np.array(run.memory)).all()


def test_a_population_of_too_many_numbers_is_refused_in_words() -> None:
    dataset = make_rows(np.zeros((10, 784)), np.zeros((10, 10)))
    program = executor_for(dense_graph((128,), "mean_squared_error", 10), dataset, 8).program
    words = "A population of 50 networks with 101 770 weights each is too large: 500 000 numbers is the most"
    problem = GeneticAlgorithm().problem(program)
    assert str(problem).replace("\N{NARROW NO-BREAK SPACE}", " ") == words
    most = MAX_NUMBERS // program.parameter_span
    assert GeneticAlgorithm({"population": most}).problem(program) is None
    assert GeneticAlgorithm({"population": most + 1}).problem(program) is not None
    assert RandomSearch({"candidates": 200}).problem(program) is None


@given(seed=seeds, radius=st.floats(1e-3, 10.0))
def test_random_search_goes_to_its_best_candidate_or_stays(seed: int, radius: float) -> None:
    run = Run(RandomSearch({"radius": radius}), seed=seed)
    for _ in range(4):
        loss, candidates = valley(run.w), run.tried()
        run.choose()
        best = candidates[np.argmin(run.losses)]
        np.testing.assert_array_equal(run.w, best if valley(best) < loss else run.w - run.delta)
        assert valley(run.w) == min(loss, run.losses.min())


def test_candidates_of_random_search_lie_at_its_radius_around_w() -> None:
    run = Run(RandomSearch({"candidates": 200, "radius": 0.4}), size=50)
    run.w += 2.0
    steps = run.tried() - 2.0
    assert steps.std() == pytest.approx(0.4, rel=0.03)
    assert steps.mean() == pytest.approx(0.0, abs=0.02)
    assert len(np.unique(steps)) == steps.size


@each_search
def test_a_search_in_micro_steps_is_the_one_at_full_speed_and_is_replayed_to_the_bit(kind: str) -> None:
    trainer = trainer_of(experiment_of(rule=optimizer(kind), way="none"))
    slow = stepper_of(experiment_of(rule=optimizer(kind), way="none"))
    states = [state_of(trainer.stepper)]
    for _ in range(5):
        run_steps(trainer, 1)
        states.append(state_of(trainer.stepper))
        while slow.step < trainer.stepper.step:
            slow.micro_step()
        assert state_of(slow) == states[-1]
    assert len(set(states)) == 6
    for step in (4, 1, 0):
        trainer.go_to(step)
        assert state_of(trainer.stepper) == states[step]
        run_steps(trainer, 1)
        assert state_of(trainer.stepper) == states[step + 1]


@pytest.mark.parametrize("rule", [optimizer("genetic-algorithm"), optimizer("random-search", candidates=2)])
def test_a_step_in_which_nothing_is_better_says_that_no_weight_has_changed(rule: Choice) -> None:
    trainer = trainer_of(experiment_of(rule=rule, way="none"))
    seen = set()
    for _ in range(40):
        before = trainer.stepper.weights.copy()
        trainer.finish_step()
        snapshot = trainer.snapshot()
        has_changed = not np.array_equal(trainer.stepper.weights, before)
        assert snapshot.last is not None
        assert snapshot.has_changed_weights is has_changed
        assert ("no weight has changed" in str(snapshot.last.words)) is not has_changed
        seen.add(has_changed)
    assert seen == {True, False}


@each_search
@pytest.mark.parametrize("seed", [1, 2])
def test_a_search_trains_a_network_on_xor_without_a_gradient(kind: str, seed: int) -> None:
    stepper = stepper_of(experiment_of(dense_graph((8,)), XOR, optimizer(kind), "none", None, seed))
    losses: list[float] = []
    for _ in range(160):
        stepper.whole_step()
        assert stepper.loss is not None
        losses.append(stepper.loss)
    assert losses[0] > 0.3
    assert losses[-1] < 0.05
    assert not stepper.program.region(stepper.arena, 1).any()
