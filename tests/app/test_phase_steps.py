"""Steps by phases, forth and back, now and in the past: exact, and in slices where a phase is long."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.experiment import Choice, Experiment
from engine.program import Phase
from engine.timeline import MAX_REDONE_PASSES
from tests.app.runs import edit, values
from tests.engine.samples import dense_graph, experiment_of, method, optimizer, trainer_of

REVERSE = experiment_of(rule=optimizer("adam"))
PHASES = [Phase.SAMPLE, Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE]


def runner_of(experiment: Experiment) -> tuple[Document, Runner]:
    document = Document(Project(experiment))
    return document, Runner(document)


def place(runner: Runner) -> tuple[int, int]:
    snapshot = runner.snapshot
    assert snapshot is not None
    return snapshot.step, snapshot.micro


def ends_of_phases(experiment: Experiment) -> list[tuple[int, int]]:
    """Give where the phases of the first step end, from what its micro-steps say of themselves."""
    stepper = trainer_of(experiment).stepper
    count = stepper.micro_count
    phases = [stepper.describe(number).phase for number in range(count)]
    ends = [n + 1 for n in range(count) if n + 1 == count or phases[n + 1] is not phases[n]]
    return [(0, end) if end < count else (1, 0) for end in ends]


@pytest.mark.parametrize(
    "experiment",
    [
        REVERSE,
        experiment_of(way="finite-differences"),
        experiment_of(way="spsa"),
        experiment_of(rule=optimizer("genetic-algorithm")),
        experiment_of(way="none"),
    ],
    ids=["backpropagation", "finite differences", "spsa", "genetic algorithm", "no method"],
)
def test_the_phases_of_two_steps_there_and_back(experiment: Experiment, qtbot: QtBot) -> None:
    _, runner = runner_of(experiment)
    ends = ends_of_phases(experiment)
    expected = [*ends, *((step + 1, micro) for step, micro in ends)]
    seen, numbers = [], [runner.snapshot.arena.tobytes() if runner.snapshot else b""]
    for _ in expected:
        runner.next_phase()
        assert runner.snapshot is not None
        seen.append(place(runner))
        numbers.append(runner.snapshot.arena.tobytes())
    assert seen == expected
    for number in range(len(expected) - 1, -1, -1):
        runner.previous_phase()
        assert runner.snapshot is not None
        assert place(runner) == ([(0, 0), *expected])[number]
        if place(runner)[1]:
            # At the beginning of a step, what the step before has left may be there or not.
            assert runner.snapshot.arena.tobytes() == numbers[number]
    assert not runner.can_go_back
    runner.previous_phase()
    assert place(runner) == (0, 0)


def test_a_phase_that_has_begun_is_finished_and_one_in_the_middle_goes_back_to_its_beginning(qtbot: QtBot) -> None:
    _, runner = runner_of(REVERSE)
    (_, first), (_, forward), *_ = ends_of_phases(REVERSE)
    runner.micro_step()
    runner.micro_step()
    assert first < place(runner)[1] < forward
    runner.previous_phase()
    assert place(runner) == (0, first)
    runner.micro_step()
    runner.next_phase()
    assert place(runner) == (0, forward)
    assert runner.snapshot is not None
    assert runner.snapshot.phase is Phase.FORWARD


def test_in_the_past_phases_go_through_the_same_numbers_and_change_nothing(qtbot: QtBot) -> None:
    _, runner = runner_of(REVERSE)
    for _ in range(6):
        runner.step()
    assert runner.snapshot is not None
    end = runner.snapshot.state.tobytes()
    runner.go_to(3)
    for phase in PHASES:
        runner.next_phase()
        assert runner.snapshot is not None
        assert runner.snapshot.phase is phase
    assert place(runner) == (4, 0)
    assert runner.is_past
    runner.previous_phase()
    assert place(runner) == (3, ends_of_phases(REVERSE)[3][1])
    runner.go_to_end()
    assert place(runner) == (6, 0)
    assert runner.snapshot is not None
    assert runner.snapshot.state.tobytes() == end


def test_a_phase_back_goes_by_the_slots_of_then(qtbot: QtBot) -> None:
    document, runner = runner_of(REVERSE)
    runner.step()
    edit(document, method=method("finite-differences"))
    runner.previous_phase()
    assert place(runner) == (0, ends_of_phases(REVERSE)[3][1])


def long_experiment() -> Experiment:
    return experiment_of(dense_graph((30, 60)), way="finite-differences")


def test_a_long_phase_goes_in_slices_and_can_be_paused(qtbot: QtBot) -> None:
    _, runner = runner_of(long_experiment())
    ends = ends_of_phases(long_experiment())
    assert ends[3][1] > MAX_REDONE_PASSES
    for end in ends[:3]:
        runner.next_phase()
        qtbot.waitUntil(lambda: not runner.is_running)
        assert place(runner) == end
    runner.next_phase()
    assert runner.is_running
    qtbot.waitUntil(lambda: place(runner)[1] > ends[2][1] + 20)
    runner.pause()
    assert ends[2] < place(runner) < ends[3]
    runner.next_phase()
    qtbot.waitUntil(lambda: not runner.is_running, timeout=30_000)
    assert place(runner) == ends[3]
    assert runner.snapshot is not None
    g = [runner.snapshot.gradient(p).copy() for p in runner.snapshot.program.parameters]
    runner.next_phase()
    qtbot.waitUntil(lambda: not runner.is_running)
    assert place(runner) == (1, 0)
    runner.previous_phase()
    assert runner.is_running
    qtbot.waitUntil(lambda: not runner.is_running, timeout=30_000)
    assert place(runner) == ends[3]
    assert runner.snapshot is not None
    again = [runner.snapshot.gradient(p) for p in runner.snapshot.program.parameters]
    assert all((one == other).all() for one, other in zip(g, again, strict=True))


def test_stepping_by_phases_is_a_step(qtbot: QtBot) -> None:
    _, by_phases = runner_of(REVERSE)
    _, by_steps = runner_of(REVERSE)
    for _ in range(3):
        by_steps.step()
        for _ in PHASES:
            by_phases.next_phase()
    states = by_phases.save_state(), by_steps.save_state()
    assert states[0] is not None
    assert states[1] is not None
    assert states[0] == states[1]
    assert values(states[0]) == values(states[1])


def test_a_phase_ends_where_a_value_becomes_non_finite_and_says_so(qtbot: QtBot) -> None:
    graph = dense_graph((3, 3), "mean_squared_error", activation="identity")
    layer = {"initializer": "constant", "value": 1e200}
    _, runner = runner_of(experiment_of(graph.set(2, layer).set(3, layer)))
    told: list[str] = []
    runner.message_posted.connect(lambda words, is_problem: told.append(str(words)) if is_problem else None)
    runner.next_phase()
    runner.next_phase()
    assert runner.snapshot is not None
    assert runner.snapshot.phase is Phase.FORWARD
    assert len(told) == 1
    assert "phase 2 Forward, B" in told[0]


def test_at_the_end_of_another_line_a_step_that_the_slots_of_now_make_long_goes_on_in_slices(qtbot: QtBot) -> None:
    document, runner = runner_of(REVERSE)
    runner.step()
    runner.go_to(0)
    edit(document, method=Choice("spsa", {"samples": 3000}))
    runner.micro_step()
    runner.go_to_line(0)
    runner.step()
    assert (runner.is_running, place(runner)[0]) == (True, 1)
    qtbot.waitUntil(lambda: not runner.is_running)
    assert place(runner) == (2, 0)
    assert runner.snapshot is not None
    assert runner.snapshot.method == "spsa"
