"""Places where a run is easily hurt: edits in the middle of a step, searches with pins, stops, numbers that are not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.continuation import continue_run, load_run, save_run
from engine.experiment import Choice, Experiment
from engine.graph import Graph
from engine.message import EngineError
from engine.run_state import SavedArray
from engine.step_order import MicroStep
from engine.trainer import Trainer
from tests.engine.networks import chain, close
from tests.engine.samples import LINE, dense_graph, experiment_of, optimizer, run_steps, state_of, trainer_of

HUGE = optimizer("genetic-algorithm", population=200)
"""Too many numbers for a network with two layers of 60."""


def objective_of(formula: str, start: str, rule: Choice) -> Trainer:
    graph, node = Graph().add("expression", {"formula": formula, "start": start})
    graph, end = graph.add("objective")
    return trainer_of(experiment_of(graph.connect(node, end, "value"), rule=rule))


@pytest.mark.parametrize("way", ["backpropagation", "forward-mode", "spsa"])
def test_an_optimizer_that_cannot_work_here_leaves_the_step_where_it_can_be_saved(way: str) -> None:
    trainer = trainer_of(experiment_of(dense_graph((60, 60)), rule=optimizer("adam"), way=way))
    while trainer.stepper.micro < trainer.stepper.micro_count - 1:
        trainer.micro_step()
    trainer.change_pipeline(replace(trainer.experiment, optimizer=HUGE))
    assert trainer.stepper.update_phase.problem is not None
    assert trainer.stepper.micro < trainer.stepper.micro_count
    assert trainer.snapshot().gradient_norm is None
    again = trainer_of(trainer.experiment)
    load_run(again, save_run(trainer))
    assert save_run(again) == save_run(trainer)
    before = trainer.stepper.weights.tobytes()
    trainer.finish_step()
    assert trainer.stepper.weights.tobytes() == before


@pytest.mark.parametrize("crossover", ["uniform", "one-point", "blend"])
def test_members_hold_pinned_weights_and_nothing_between_the_parameters(crossover: str) -> None:
    rule = optimizer("genetic-algorithm", population=20, crossover=crossover)
    trainer = trainer_of(replace(experiment_of(dense_graph((5,)), rule=rule), pinned=frozenset({(2, "W")})))
    run_steps(trainer, 100)
    program, memory = trainer.program, trainer.stepper.update_phase.memory
    pinned = next(p for p in program.parameters if (p.node, p.name) == (2, "W"))
    between = np.ones(program.parameter_span, np.bool_)
    for parameter in program.parameters:
        between[parameter.offset : parameter.offset + parameter.size] = False
    for member in memory.values():
        np.testing.assert_array_equal(program.part(member, pinned), program.weights(trainer.stepper.arena, pinned))
        assert not member[between].any()


def test_where_everything_is_pinned_a_search_tries_nothing() -> None:
    experiment = experiment_of(rule=optimizer("genetic-algorithm"))
    every = frozenset((p.node, p.name) for p in trainer_of(experiment).program.parameters)
    trainer = trainer_of(replace(experiment, pinned=every))
    assert trainer.stepper.update_phase.passes == 0
    assert "every parameter is pinned" in str(trainer.stepper.describe(trainer.stepper.micro_count - 1).words)


def test_a_stop_within_one_slice_leaves_the_update_as_the_last_micro_step() -> None:
    trainer = trainer_of(experiment_of(stops=(Choice("steps", {"count": 5}),)))
    assert trainer.advance(60.0)
    assert trainer.stepper.step == 5
    assert trainer.stepper.last == trainer.stepper.describe(trainer.stepper.micro_count - 1)
    assert str(trainer.take_stop()) == "Stopped: step 5 is reached"
    assert trainer.take_stop() is None


def test_a_stop_does_not_come_again_after_saving_and_loading() -> None:
    experiment = experiment_of(stops=(Choice("loss-below", {"of": "batch", "bound": 100.0}),))
    trainer = trainer_of(experiment)
    trainer.finish_step()
    assert trainer.take_stop() is not None
    loaded = trainer_of(experiment)
    load_run(loaded, save_run(trainer))
    for each in (trainer, loaded):
        each.finish_step()
        assert each.take_stop() is None


def test_the_gradient_norm_that_stops_a_run_is_that_of_what_is_free() -> None:
    line = experiment_of(
        dense_graph((), "mean_squared_error"), LINE, optimizer("sgd", learning_rate=0.3), batch_size=None
    )
    node = line.graph.order()[1] if line.graph.nodes[line.graph.order()[1]].op == "dense" else 2
    experiment = replace(line, pinned=frozenset({(node, "W")}), stops=(Choice("gradient-norm", {"bound": 1e-6}),))
    trainer = trainer_of(experiment)
    for _ in range(400):
        trainer.finish_step()
        if (words := trainer.take_stop()) is not None:
            break
    assert words is not None
    assert "‖g‖" in str(words)


# ---- words for what is not finite ------------------------------------------------------------------------------------


def test_a_value_that_an_objective_does_not_have_is_not_blamed_on_the_learning_rate() -> None:
    for rule in ("sgd", "random-search", "none"):
        trainer = objective_of("log(w)", "w=-1", optimizer(rule))
        trainer.advance(0.0)
        words = str(trainer.find_non_finite())
        assert words.startswith("Step 1, phase 2 Forward"), words
        assert "learning rate" not in words
        assert "very large" not in words


def test_a_learning_rate_that_is_too_large_is_named() -> None:
    trainer = objective_of("(w - 1) ** 4", "w=3", optimizer("sgd", learning_rate=10.0))
    while trainer.advance(0.0):
        assert trainer.stepper.step < 1000
    assert "The learning rate is probably too large" in str(trainer.find_non_finite())


def test_a_running_statistic_that_overflows_is_named() -> None:
    graph, x = Graph().add("features")
    layers: list[tuple[str, dict[str, object]]] = [
        ("dense", {"units": 2, "activation": "identity", "initializer": "constant", "value": 1e200}),
        ("batch_norm", {}),
        ("dense", {"units": 1, "activation": "identity"}),
    ]
    graph, end = chain(graph, x, layers)
    trainer = trainer_of(experiment_of(close(graph, end, "binary_cross_entropy"), rule=optimizer("none")))
    trainer.advance(0.0)
    words = str(trainer.find_non_finite())
    assert "learning rate" not in words
    assert "too large" in words


# ---- after edits and from files --------------------------------------------------------------------------------------


def test_a_population_begins_anew_where_a_part_of_the_networks_was_gone() -> None:
    rule = optimizer("genetic-algorithm", population=6)

    def edited(old: Trainer, experiment: Experiment) -> Trainer:
        new = trainer_of(experiment)
        continue_run(old, new)
        return new

    whole = experiment_of(dense_graph((3, 2)), rule=rule)
    trainer = trainer_of(whole)
    run_steps(trainer, 5)
    narrow = edited(trainer, replace(whole, graph=dense_graph((3,))))
    run_steps(narrow, 5)
    back = edited(narrow, whole)
    assert back.stepper.updates == 0
    run_steps(back, 1)
    spread = np.std([member.copy() for member in back.stepper.update_phase.memory.values()], axis=0)
    parameters = [back.program.part(spread, p) for p in back.program.parameters]
    assert all(part.min() > 0.0 for part in parameters if part.size > 4)


def test_a_stored_variance_below_0_is_refused_in_words() -> None:
    graph, x = Graph().add("features")
    graph, end = chain(graph, x, [("batch_norm", {}), ("dense", {"units": 1, "activation": "identity"})])
    experiment = experiment_of(close(graph, end, "binary_cross_entropy"))
    trainer = trainer_of(experiment)
    run_steps(trainer, 3)
    state = save_run(trainer)
    bad = [
        SavedArray(b.node, b.name, b.shape, (-5.0,) * len(b.values) if b.name == "running_variance" else b.values)
        for b in state.buffers
    ]
    with pytest.raises(EngineError, match="running_variance of B? ?.*must be at least 0"):
        load_run(trainer_of(experiment), replace(state, buffers=tuple(bad)))


def test_titles_of_parameters_differ_whatever_the_nodes_are_called() -> None:
    graph = dense_graph((3,))
    a, b = (id_ for id_, node in graph.nodes.items() if node.op == "dense")
    graph = graph.rename(a, "").rename(b, f"Dense {a}")
    titles = [p.title for p in trainer_of(experiment_of(graph)).program.parameters]
    assert len(set(titles)) == len(titles) == 4


def test_pins_of_what_is_not_there_are_no_event() -> None:
    trainer = trainer_of(experiment_of())
    trainer.change_pipeline(replace(trainer.experiment, pinned=frozenset({(77, "W")})))
    assert trainer.snapshot().curves.events == ()


def test_a_memory_that_is_not_finite_pauses_the_run() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("genetic-algorithm")))
    run_steps(trainer, 2)
    assert trainer.stepper.is_finite
    *_, last = trainer.stepper.update_phase.memory.values()
    last[0] = np.inf
    assert not trainer.stepper.is_finite


@pytest.mark.parametrize("way", ["finite-differences", "forward-mode", "spsa"])
def test_a_run_of_long_steps_describes_only_the_pass_that_it_ends_with(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"samples": 5000} if way == "spsa" else {}
    experiment = replace(experiment_of(dense_graph((40, 40))), method=Choice(way, settings))
    trainer, other = trainer_of(experiment), trainer_of(experiment)
    assert not trainer.stepper.is_short
    described: list[int] = []
    describe = trainer.stepper.describe

    def counted(number: int) -> MicroStep:
        described.append(number)
        return describe(number)

    monkeypatch.setattr(trainer.stepper, "describe", counted)
    while trainer.stepper.micro < 100:
        trainer.advance(0.01)
        assert described[-1] == trainer.stepper.micro - 1
    calls, passes = len(described), trainer.stepper.micro
    for _ in range(passes):
        other.micro_step()
    assert trainer.stepper.last == other.stepper.last
    trainer.advance(60.0, until=1)
    assert (trainer.stepper.step, len(described)) == (1, calls + 1)
    other.finish_step()
    assert trainer.stepper.last == other.stepper.last
    assert np.array_equal(trainer.stepper.state, other.stepper.state)


def test_a_plateau_begins_anew_with_weights_set_by_hand() -> None:
    stops = (Choice("plateau", {"share": 0.05, "steps": 15}),)
    trainer = trainer_of(experiment_of(rule=optimizer("sgd", learning_rate=1e-9), stops=stops))
    run_steps(trainer, 12)
    parameter = trainer.program.parameters[-2]
    loss = trainer.observer.losses[0]
    trainer.change_weights(parameter, np.full(parameter.shape, 9.0))
    assert trainer.observer.losses[0] > loss
    run_steps(trainer, 8)
    assert trainer.take_stop() is None
    run_steps(trainer, 30)
    words = trainer.take_stop()
    assert words is not None
    assert "in 15 steps" in str(words)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_weight_that_is_not_finite_is_refused_and_nothing_changes(value: float) -> None:
    trainer = trainer_of(experiment_of())
    before = state_of(trainer.stepper)
    parameter = trainer.program.parameters[0]
    with pytest.raises(ValueError, match="finite"):
        trainer.change_weights(parameter, np.full(parameter.shape, value))
    assert state_of(trainer.stepper) == before
    assert trainer.snapshot().curves.events == ()
