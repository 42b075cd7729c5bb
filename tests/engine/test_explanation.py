"""Explanations of any network, optimizer and gradient method: true numbers, nothing empty, reasons that follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from engine.explanation import explain
from engine.explanation_parts import COMPUTED, Explanation, Focus, Number, State
from engine.explanation_trials import TrialLog
from engine.gradients import GRADIENT_METHODS
from engine.optimizers import OPTIMIZERS, Search
from engine.program import Phase
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.engine.explanations import check_line, lines_of
from tests.engine.moments import around_an_update
from tests.engine.operation_graphs import operation_graphs
from tests.engine.samples import dense_graph, experiment_of, optimizer, trainer_of
from tests.engine.strategies import Network

A = 2
"""The hidden layer of `dense_graph`."""
GRADIENT_FREE = [name for name, kind in OPTIMIZERS.items() if issubclass(kind, Search)]


def explained(
    trainer: Trainer, snapshot: Snapshot, earlier: Snapshot | None = None, focus: Focus | None = None
) -> Explanation:
    return explain(snapshot, trainer.stepper.dataset, A, focus, earlier)


@settings(max_examples=15)
@given(operation_graphs(most_nodes=15))
def test_any_operation_is_explained_with_true_numbers(network: Network) -> None:
    trainer = trainer_of(experiment_of(network.graph, batch_size=5), network.dataset)
    before, _ = around_an_update(trainer)
    for row in (1, None):
        focus = Focus(row=row, unit=1, source=1)
        for node in before.program.outputs:
            found = explain(before, network.dataset, node, focus)
            assert found.works or found.inputs or found.matrices
            for work in found.works:
                assert work.forward_lines
                assert work.forward_formula
                assert work.backward_formula
            for line in lines_of(found):
                check_line(line, (before.arena,))


@pytest.mark.parametrize("kind", [name for name in OPTIMIZERS if name not in GRADIENT_FREE and name != "none"])
def test_the_lines_of_every_optimizer_end_in_the_arenas_numbers(kind: str) -> None:
    trainer = trainer_of(experiment_of(rule=optimizer(kind)))
    for _ in range(3):
        before, after = around_an_update(trainer)
    found = explained(trainer, after, before, Focus(unit=1, source=1)).update
    assert found is not None
    assert found.title == "W_A[2,2]"
    *rule, moved = found.lines
    assert rule
    for line in found.lines:
        check_line(line, (before.arena, after.arena))
    parameter = after.program.parameters[0]
    for line, values in (*((line, after.update) for line in rule[-1:]), (moved, after.weights)):
        result = line.parts[-1]
        assert isinstance(result, Number)
        assert result.value == values(parameter)[1, 1]
    assert [slot.name for slot in found.slots] == list(OPTIMIZERS[kind].slots)
    for number, slot in enumerate(found.slots):
        assert slot.before is not None
        assert slot.after is not None
        for snapshot, shown in ((before, slot.before), (after, slot.after)):
            region = snapshot.program.slots(snapshot.arena, number + 1)[number]
            assert shown.value == snapshot.program.part(region, parameter)[1, 1]
    assert found.reasons


def test_without_the_moment_before_the_update_nothing_is_guessed() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("adam")))
    around_an_update(trainer)
    found = explained(trainer, trainer.snapshot()).update
    assert found is not None
    assert found.lines == ()
    assert all(slot.before is None for slot in found.slots)


def test_the_words_say_which_way_and_why() -> None:
    trainer = trainer_of(experiment_of(rule=optimizer("sgd", learning_rate=0.5)))
    before, after = around_an_update(trainer)
    found = explained(trainer, after, before).update
    assert found is not None
    g = after.gradient(after.program.parameters[0])[0, 0]
    words = " ".join(map(str, found.reasons))
    assert ("lower" if g > 0 else "higher") in words
    assert "the plain step down the gradient" in words
    assert f"{-0.5 * g:.4g}" in words


def test_a_pin_is_the_whole_reason() -> None:
    experiment = replace(experiment_of(), pinned=frozenset({(A, "W")}))
    trainer = trainer_of(experiment)
    before, after = around_an_update(trainer)
    found = explained(trainer, after, before)
    assert found.update is not None
    assert [str(words) for words in found.update.reasons] == ["It is pinned, so the update leaves it out: Δw = 0."]
    assert [matrices.is_pinned for matrices in found.matrices] == [True, False]


def test_clipping_is_told_and_its_line_is_right() -> None:
    rule = optimizer("sgd", clipping="value", clip_limit=1e-4)
    trainer = trainer_of(experiment_of(rule=rule))
    before, after = around_an_update(trainer)
    found = explained(trainer, after, before).update
    assert found is not None
    assert any("Clipping" in str(words) for words in found.reasons)
    clipped = found.lines[0].parts[-1]
    assert isinstance(clipped, Number)
    assert abs(clipped.value) == 1e-4


@pytest.mark.parametrize("way", [name for name, kind in GRADIENT_METHODS.items() if name != "typed"])
def test_only_the_backward_sweep_has_adjoints_and_g_is_shown_whatever_made_it(way: str) -> None:
    trainer = trainer_of(experiment_of(way=way))
    before, _ = around_an_update(trainer)
    found = explained(trainer, before)
    is_reverse = GRADIENT_METHODS[way].is_reverse
    assert {work.backward.state for work in found.works} == {State.FRESH if is_reverse else State.ABSENT}
    for matrices in found.matrices:
        assert matrices.gradient_mark.state is (State.PENDING if way == "none" else State.FRESH)


def test_what_is_not_computed_yet_has_no_numbers() -> None:
    trainer = trainer_of(experiment_of())
    around_an_update(trainer)
    for micro in range(trainer.stepper.micro_count - 1):
        trainer.micro_step()
        snapshot = trainer.snapshot()
        assert snapshot.micro == micro + 1
        states = [work.forward.state for work in explained(trainer, snapshot).works]
        done = sum(i.node == A for i in snapshot.program.instructions[:micro])
        assert states == [State.FRESH] * done + [State.PENDING] * (len(states) - done)


def test_the_last_micro_step_is_marked_where_it_was() -> None:
    trainer = trainer_of(experiment_of())
    marked = []
    for _ in range(trainer.stepper.micro_count - 1):
        trainer.micro_step()
        works = explained(trainer, trainer.snapshot()).works
        marked += [(trainer.stepper.last.phase, k) for k, w in enumerate(works) if w.is_active and trainer.stepper.last]
    forward = [(Phase.FORWARD, k) for k in range(3)]
    assert marked == forward + [(Phase.BACKWARD, k) for k in (2, 1, 0)]


def test_means_over_rows_are_means_of_the_arenas_columns() -> None:
    trainer = trainer_of(experiment_of())
    before, _ = around_an_update(trainer)
    found = explained(trainer, before, focus=Focus(row=None, unit=2))
    result = found.works[-1].forward_lines[-1].parts[-1]
    assert isinstance(result, Number)
    assert result.place == COMPUTED
    assert result.value == before.activation(A)[:, 2].mean()


@pytest.mark.parametrize("kind", GRADIENT_FREE)
def test_the_candidate_that_won_is_the_one_of_least_loss(kind: str) -> None:
    trainer = trainer_of(experiment_of(rule=optimizer(kind)))
    log = TrialLog()
    losses = np.zeros(0)
    while trainer.stepper.step == 0:
        losses = trainer.stepper.update_phase.losses.copy()
        log.note(trainer.snapshot())
        trainer.micro_step()
    (words,) = log.words(trainer.snapshot())
    assert f" {int(np.argmin(losses)) + 1} of" in str(words)
    assert f"{losses.min():.4g}" in str(words)
    assert explained(trainer, trainer.snapshot()).update is not None


def test_graphs_with_several_uses_say_what_adds_up() -> None:
    graph, x = dense_graph((3,)), A
    graph, add = graph.add("add")
    end = next(e for e in graph.edges if e.source == x)
    graph = graph.connect(x, add, "in")
    graph, square = graph.add("square")
    graph = graph.connect(x, square, "in").connect(square, add, "in").connect(add, end.target, end.port)
    trainer = trainer_of(experiment_of(graph))
    before, _ = around_an_update(trainer)
    notes = [
        str(line.note)
        for node in graph.nodes
        for line in lines_of(explain(before, trainer.stepper.dataset, node))
        if line.note is not None
    ]
    assert any(note.startswith("Σ of what its") for note in notes)
