"""Breakpoints on nodes: a run of any speed pauses before them, and they go and come back with their nodes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.document import Document
from app.files import SavedFile, read_text, to_text
from app.project import Breakpoint, Project, View
from app.runner import Runner
from engine.experiment import Choice, Experiment
from engine.json_text import FileError
from engine.program import Phase
from tests.app.runs import edit, state, step_of, values
from tests.engine.samples import dense_graph, experiment_of, method, optimizer, trainer_of

A, B, TARGET, LOSS = 2, 3, 4, 5
FORWARD_A, BACKWARD_A, BACKWARD_B = (
    Breakpoint(A, Phase.FORWARD),
    Breakpoint(A, Phase.BACKWARD),
    Breakpoint(B, Phase.BACKWARD),
)


class Desk:
    """A runner on a 2-3-1 network, and what it says."""

    def __init__(self, experiment: Experiment | None = None) -> None:
        self.document = Document(Project(experiment or experiment_of(rule=optimizer("adam"))))
        self.runner = Runner(self.document)
        self.marks = self.runner.breakpoints
        self.told: list[str] = []
        self.runner.message_posted.connect(lambda words, _: self.told.append(str(words)))

    def run(self, qtbot: QtBot) -> tuple[int, str]:
        """Run until it pauses; give the step, and what comes next."""
        self.runner.run()
        assert self.runner.is_running
        qtbot.waitUntil(lambda: not self.runner.is_running)
        snapshot = self.runner.snapshot
        assert snapshot is not None
        return snapshot.step, f"{snapshot.next.phase.name} {snapshot.next.node}"


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


def test_the_samples_have_the_nodes_that_these_tests_are_about() -> None:
    nodes = dense_graph().nodes
    assert [nodes[id_].title for id_ in (A, B)] == ["A", "B"]
    assert nodes[LOSS].op == "binary_cross_entropy"


@pytest.mark.parametrize("speed", [None, 4000.0, 200.0])
def test_a_run_pauses_before_each_and_the_next_run_goes_on_to_the_next(
    desk: Desk, qtbot: QtBot, speed: float | None
) -> None:
    desk.runner.set_speed(speed)
    desk.marks.set([FORWARD_A, BACKWARD_A], True)
    seen = [desk.run(qtbot) for _ in range(5)]
    assert seen == [
        (0, f"FORWARD {A}"),
        (0, f"BACKWARD {A}"),
        (1, f"FORWARD {A}"),
        (1, f"BACKWARD {A}"),
        (2, f"FORWARD {A}"),
    ]
    assert desk.told[:2] == [
        "Paused before forward through A · 3 tanh (breakpoint)",
        "Paused before backward through A · 3 tanh (breakpoint)",
    ]
    assert str(desk.runner.words) == desk.told[-1]
    desk.runner.micro_step()
    assert desk.runner.words is None


def test_pauses_change_nothing_of_the_run(desk: Desk, qtbot: QtBot) -> None:
    desk.marks.set([FORWARD_A, BACKWARD_B, Breakpoint(LOSS, Phase.FORWARD)], True)
    for _ in range(7):
        desk.run(qtbot)
    desk.runner.step()
    trainer = trainer_of(desk.document.project.experiment)
    while trainer.stepper.step < step_of(desk.runner):
        trainer.finish_step()
    reached = state(desk.runner)
    assert values(reached) == {
        (p.node, p.name): tuple(trainer.program.weights(trainer.stepper.arena, p).ravel().tolist())
        for p in trainer.program.parameters
    }


def test_the_loss_has_words_of_its_own(desk: Desk, qtbot: QtBot) -> None:
    desk.marks.set([Breakpoint(LOSS, Phase.FORWARD)], True)
    assert desk.run(qtbot) == (0, f"LOSS {LOSS}")
    assert desk.told == ["Paused before the loss, Binary cross-entropy (breakpoint)"]


def test_a_method_of_many_passes_pauses_before_the_first_of_a_node(desk: Desk, qtbot: QtBot) -> None:
    edit(desk.document, method=method("finite-differences"))
    desk.marks.set([BACKWARD_B], True)
    assert [desk.run(qtbot)[0] for _ in range(2)] == [0, 1]
    snapshot = desk.runner.snapshot
    assert snapshot is not None
    # All nine numbers of A, and none of B's.
    assert (snapshot.passes_done, snapshot.passes) == (9, 13)
    assert desk.told[0] == "Paused before Finite differences, B · 1 identity (breakpoint)"


def test_one_that_no_step_comes_to_does_not_hold_up_a_run(desk: Desk, qtbot: QtBot) -> None:
    edit(desk.document, optimizer=optimizer("genetic-algorithm"), stops=(Choice("steps", {"count": 5}),))
    desk.marks.set([BACKWARD_A], True)
    assert desk.run(qtbot)[0] == 5
    edit(desk.document, optimizer=optimizer("sgd"))
    assert desk.run(qtbot) == (5, f"BACKWARD {A}")


def test_one_that_is_set_during_a_run_holds_at_once_and_one_that_is_cleared_no_more(desk: Desk, qtbot: QtBot) -> None:
    desk.runner.run()
    qtbot.waitUntil(lambda: step_of(desk.runner) > 3)
    desk.marks.set([FORWARD_A], True)
    qtbot.waitUntil(lambda: not desk.runner.is_running)
    assert desk.told == ["Paused before forward through A · 3 tanh (breakpoint)"]
    desk.marks.clear()
    before = step_of(desk.runner)
    desk.runner.run()
    qtbot.waitUntil(lambda: step_of(desk.runner) > before + 3)
    desk.runner.pause()
    assert len(desk.told) == 1


def test_a_replay_of_the_past_pauses_too(desk: Desk, qtbot: QtBot) -> None:
    for _ in range(4):
        desk.runner.step()
    desk.runner.go_to(2)
    desk.marks.set([BACKWARD_A], True)
    assert desk.run(qtbot) == (2, f"BACKWARD {A}")
    assert desk.runner.is_past
    assert desk.run(qtbot) == (3, f"BACKWARD {A}")
    assert desk.run(qtbot)[0] == 4
    assert not desk.runner.is_past


def test_they_go_with_their_node_and_come_back_with_undo_and_are_no_edit(desk: Desk) -> None:
    desk.marks.set([FORWARD_A, BACKWARD_B], True)
    assert desk.document.undo_stack.count() == 0
    assert not desk.document.is_modified
    changes: list[int] = []
    desk.marks.changed.connect(lambda: changes.append(len(desk.marks.present)))
    edit(desk.document, graph=desk.document.project.experiment.graph.remove([A]))
    assert list(desk.marks.listed) == [BACKWARD_B]
    desk.document.undo_stack.undo()
    assert list(desk.marks.listed) == [FORWARD_A, BACKWARD_B]
    assert changes == [1, 2]
    desk.document.load(desk.document.project, None)
    assert not desk.marks.listed


def test_another_node_with_the_number_of_one_that_is_gone_has_none(desk: Desk) -> None:
    graph = desk.document.project.experiment.graph
    one, id_ = graph.add("relu")
    edit(desk.document, graph=one)
    desk.marks.set([Breakpoint(id_, Phase.FORWARD)], True)
    desk.document.undo_stack.undo()
    other, again = graph.add("tanh")
    assert again == id_
    edit(desk.document, graph=other)
    assert not desk.marks.listed


def test_a_file_keeps_them_and_refuses_what_is_none() -> None:
    project = Project(experiment_of())
    saved = SavedFile(project, View(breakpoints=(FORWARD_A, BACKWARD_B)))
    text = to_text(saved)
    assert '{"node": 2, "before": "forward"}' in text
    assert read_text(text).view == saved.view
    assert '"breakpoints"' not in to_text(replace(saved, view=View()))
    for old, new, words in (
        ('"node": 3, "before"', '"node": 77, "before"', r"\$.view.breakpoints\[1\].node: there is no node 77"),
        ('"before": "backward"', '"before": "lunch"', r"\$.view.breakpoints\[1\].before"),
        ('"node": 3, "before": "backward"', '"node": 2, "before": "forward"', "stands here twice"),
        ('"before": "backward"', '"before": "backward", "if": 1', r"\$.view.breakpoints\[1\]"),
    ):
        assert old in text
        with pytest.raises(FileError, match=words):
            read_text(text.replace(old, new))
