"""Travelling over a run: whatever the moves, the same place of the same line always holds the same numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import engine.timeline
from engine.compiled import is_available, load
from engine.continuation import continue_run
from engine.executors import EXECUTORS
from engine.experiment import Choice, Experiment
from engine.gradient_use import apply_gradient, compute_gradient, redraw
from tests.engine.samples import dense_graph, experiment_of, method, optimizer, run_steps, state_of, trainer_of

BUDGET = 2**19
"""So small that keyframes of a walk are thinned out, and old lines dropped."""
OPTIMIZERS = (
    optimizer("sgd", learning_rate=0.1),
    optimizer("sgd", learning_rate=0.02),
    optimizer("momentum"),
    optimizer("adam"),
    optimizer("adam", clipping="norm"),
    optimizer("random-search", candidates=3),
    optimizer("genetic-algorithm", population=5),
)
METHODS = (method("backpropagation"), method("forward-mode"), method("spsa"), method("none"))
GRAPHS = tuple(dense_graph((units,)) for units in (2, 3, 4))


if is_available():
    load()


class Walk:
    """A trainer that is moved at random, and the hash of every place that it has been to."""

    def __init__(self, seed: int) -> None:
        self.draws = np.random.default_rng(seed)
        self.trainer = trainer_of(experiment_of(GRAPHS[0], rule=OPTIMIZERS[0]))
        self.hashes: dict[tuple[int, int, int], str] = {}
        self.changes: dict[int, int] = {}
        """How many changes each line had when it was last seen."""
        self.compared = 0

    @property
    def moves(self) -> list[tuple[Callable[[], None], float]]:
        return [
            (self.back, 20.0),
            (self.micro_back, 5.0),
            (self.forward, 20.0),
            (self.micro_forward, 15.0),
            (self.scrub, 25.0),
            (self.to_end, 4.0),
            (self.resume, 2.0),
            (self.change_optimizer, 3.0),
            (self.change_method, 2.0),
            (self.pin, 1.0),
            (self.change_weights, 3.0),
            (self.change_executor, 2.0),
            (self.compute_gradient, 3.0),
            (self.apply_gradient, 5.0),
            (self.redraw, 3.0),
            (self.change_line, 1.5),
            (self.change_graph, 0.5),
        ]

    def walk(self, count: int) -> None:
        """Make so many moves, looking at the hash after each."""
        moves, weights = zip(*self.moves, strict=True)
        shares = np.array(weights) / sum(weights)
        self.look(self.trainer.timeline.number)
        for number in self.draws.choice(len(moves), size=count, p=shares):
            line = self.trainer.timeline.number
            moves[number]()
            self.look(line)

    def look(self, old: int) -> None:
        """Compare with what is known of this place, after a move from a line."""
        stepper, timeline = self.trainer.stepper, self.trainer.timeline
        assert timeline.size <= BUDGET
        line, changes = timeline.number, timeline.history._changes
        known_changes = self.changes.get(line)
        if known_changes is None:
            # A branch has the places of the line that it comes from, up to where it begins.
            known = {place: h for place, h in self.hashes.items() if place[0] == old and place[1] < stepper.step}
            self.hashes.update({(line, step, micro): h for (_, step, micro), h in known.items()})
        elif len(changes) > known_changes:
            # What is known of later places does not hold any more.
            self.hashes = {p: h for p, h in self.hashes.items() if p[0] != line or p[1] < changes[-1].step}
        self.changes[line] = len(changes)
        place = (line, stepper.step, stepper.micro)
        found = hashlib.sha256(repr((state_of(stepper), stepper.pipeline)).encode()).hexdigest()
        if place in self.hashes:
            assert found == self.hashes[place], place
            self.compared += 1
        self.hashes[place] = found

    def back(self) -> None:
        if self.trainer.timeline.can_go_back and self.trainer.stepper.step > self.trainer.timeline.history.first:
            self.trainer.previous_step()

    def micro_back(self) -> None:
        if self.trainer.stepper.step > self.trainer.timeline.history.first + 1:
            self.trainer.previous_micro_step()

    def forward(self) -> None:
        run_steps(self.trainer, int(self.draws.integers(1, 6)))

    def micro_forward(self) -> None:
        for _ in range(int(self.draws.integers(1, 4))):
            self.trainer.micro_step()

    def scrub(self) -> None:
        timeline = self.trainer.timeline
        self.trainer.go_to(int(self.draws.integers(timeline.history.first, timeline.end.step + 1)))

    def to_end(self) -> None:
        self.trainer.go_to_end()

    def resume(self) -> None:
        self.trainer.branch()

    def change_optimizer(self) -> None:
        rule = OPTIMIZERS[int(self.draws.integers(len(OPTIMIZERS)))]
        self.change_experiment(replace(self.trainer.experiment, optimizer=rule))

    def change_method(self) -> None:
        way = METHODS[int(self.draws.integers(len(METHODS)))]
        self.change_experiment(replace(self.trainer.experiment, method=way))

    def pin(self) -> None:
        parameter = self.trainer.program.parameters[0]
        pinned = frozenset({(parameter.node, parameter.name)} if self.draws.integers(2) else ())
        self.change_experiment(replace(self.trainer.experiment, pinned=pinned))

    def change_experiment(self, experiment: Experiment) -> None:
        self.trainer.change_pipeline(experiment)

    def change_weights(self) -> None:
        parameters = self.trainer.program.parameters
        parameter = parameters[int(self.draws.integers(len(parameters)))]
        self.trainer.change_weights(parameter, self.draws.normal(size=parameter.shape))

    def change_executor(self) -> None:
        self.trainer.change_executor(str(self.draws.choice(list(EXECUTORS))))

    def compute_gradient(self) -> None:
        compute_gradient(self.trainer)

    def apply_gradient(self) -> None:
        apply_gradient(self.trainer)

    def redraw(self) -> None:
        redraw(self.trainer)

    def change_line(self) -> None:
        others = self.trainer.timeline.others
        if others:
            self.trainer.go_to_line(others[int(self.draws.integers(len(others)))].number)

    def change_graph(self) -> None:
        old = self.trainer
        new = trainer_of(replace(old.experiment, graph=GRAPHS[int(self.draws.integers(len(GRAPHS)))]))
        continue_run(old, new)
        self.trainer, self.hashes, self.changes = new, {}, {}


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.timeline, "BUDGET_BYTES", BUDGET)
    monkeypatch.setattr(engine.timeline, "MAX_KEYFRAMES", 40)


@pytest.mark.usefixtures("budget")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_place_always_holds_the_same_numbers(seed: int) -> None:
    walk = Walk(seed)
    walk.walk(400)
    assert walk.compared > 100


@pytest.mark.soak
@pytest.mark.usefixtures("budget")
def test_ten_thousand_moves_find_the_same_numbers_at_the_same_place() -> None:
    walk = Walk(4)
    walk.walk(10_000)
    assert walk.compared > 2500


def test_a_change_of_weights_by_hand_is_done_again_at_its_step() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("adam")))
    run_steps(trainer, 5)
    parameter = trainer.program.parameters[0]
    values = np.full(parameter.shape, 0.25)
    trainer.micro_step()
    trainer.change_weights(parameter, values)
    assert (trainer.stepper.micro, trainer.snapshot().loss_step) == (0, 4)
    np.testing.assert_array_equal(trainer.snapshot().weights(parameter), values)
    run_steps(trainer, 5)
    state = state_of(trainer.stepper)
    trainer.go_to(3)
    run_steps(trainer, 7)
    assert state_of(trainer.stepper) == state
    trainer.go_to(5)
    np.testing.assert_array_equal(trainer.snapshot().weights(parameter), values)
    assert [(step, str(words)) for step, words in trainer.recorder.curves().events] == [(5, "W_A set by hand")]


def test_the_curves_jump_upright_where_weights_are_set_by_hand() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 50)
    parameter, before = trainer.program.parameters[0], trainer.snapshot()
    trainer.change_weights(parameter, np.full(parameter.shape, 2.0))
    after = trainer.snapshot()
    assert after.track.is_set_by_hand
    assert after.train_loss != before.train_loss
    curves = after.curves
    assert curves.test_step[-2:].tolist() == [50, 50]
    np.testing.assert_array_equal(curves.train[-2:], [before.train_loss, after.train_loss])
    np.testing.assert_array_equal(curves.test[-2:], [before.test_loss, after.test_loss])
    steps, values = curves.weights[parameter.title]
    assert steps[-2:].tolist() == [50, 50]
    moved = np.stack([before.weights(parameter), after.weights(parameter)])
    np.testing.assert_array_equal(values[-2:], moved.reshape(2, -1))
    run_steps(trainer, 1)
    assert not trainer.snapshot().track.is_set_by_hand
    trainer.go_to(50)
    assert trainer.snapshot().track.is_set_by_hand


def test_the_curves_of_a_run_that_has_not_begun_begin_at_the_weights_set_by_hand() -> None:
    trainer = trainer_of(experiment_of())
    for value in (2.0, 3.0):
        trainer.change_weights(trainer.program.parameters[0], np.full(trainer.program.parameters[0].shape, value))
    now = trainer.snapshot()
    assert now.curves.test_step.tolist() == [0]
    assert now.curves.train.tolist() == [now.train_loss]
    assert [step for step, _ in now.curves.events] == [0]


def test_a_graph_edit_in_the_past_leaves_the_old_line_as_a_ghost_and_begins_a_segment() -> None:
    old = trainer_of(experiment_of())
    run_steps(old, 30)
    curves = old.recorder.curves()
    old.go_to(12)
    weights = old.stepper.weights.copy()
    new = trainer_of(replace(old.experiment, graph=old.experiment.graph.set(2, {"activation": "relu"})))
    continue_run(old, new)
    np.testing.assert_array_equal(new.stepper.weights, weights)
    (ghost,) = new.timeline.ghosts
    np.testing.assert_array_equal(ghost.batch_loss, curves.batch_loss)
    assert new.recorder.curves().batch_step.tolist() == list(range(12))
    assert (new.timeline.history.first, new.timeline.can_go_back) == (12, False)


def test_lines_over_the_most_are_forgotten_the_oldest_first() -> None:
    trainer = trainer_of(experiment_of())
    for _ in range(engine.timeline.MAX_LINES + 3):
        run_steps(trainer, 2)
        trainer.previous_step()
        trainer.branch()
    assert [line.number for line in trainer.timeline.others] == list(range(3, engine.timeline.MAX_LINES + 3))
    assert len(trainer.timeline.ghosts) == engine.timeline.MAX_LINES


def test_a_run_in_the_past_stops_no_condition_and_ends_at_the_end_of_its_line() -> None:
    stops = (Choice("steps", {"count": 3}),)
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 10)
    trainer.change_pipeline(replace(trainer.experiment, stops=stops))
    trainer.go_to(2)
    assert trainer.advance(60.0)
    assert (trainer.stepper.step, trainer.timeline.is_past, trainer.take_stop()) == (10, False, None)


def test_doing_steps_again_records_nothing_twice() -> None:
    trainer = trainer_of(experiment_of())
    run_steps(trainer, 10)
    trainer.go_to(4)
    for _ in range(3):
        trainer.finish_step()
    run_steps(trainer, 5)
    assert trainer.recorder.curves().batch_step.tolist() == list(range(12))
