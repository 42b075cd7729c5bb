"""The document: one gate for every edit, and undo that leads back to equal projects."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication

import app.document
from app.document import MERGE_SECONDS, Document
from app.project import Project
from tests.app.projects import EDITS, Edit, edited, first_project

pytestmark = pytest.mark.usefixtures("qapp")


class Clock:
    """A time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(app.document, "monotonic", clock)
    return clock


@pytest.fixture
def document(qapp: QCoreApplication) -> Document:
    return Document(first_project())


def seeded(seed: int) -> Project:
    project = first_project()
    return replace(project, experiment=replace(project.experiment, seed=seed))


def heard(document: Document) -> list[tuple[Project, Project]]:
    """Give a list that fills with all news of the document."""
    news: list[tuple[Project, Project]] = []
    document.changed.connect(lambda old, new: news.append((old, new)))
    return news


@given(st.lists(st.one_of(EDITS, st.sampled_from(("undo", "redo"))), max_size=25))
def test_undo_and_redo_lead_through_equal_projects(actions: list[Edit | str]) -> None:
    document = Document(first_project())
    news = heard(document)
    past, future = [document.project], []
    for action in actions:
        if action == "undo":
            document.undo_stack.undo()
            if len(past) > 1:
                future.append(past.pop())
        elif action == "redo":
            document.undo_stack.redo()
            if future:
                past.append(future.pop())
        else:
            assert callable(action)
            project = edited(document.project, action)
            document.edit("edit", project)
            if project != past[-1]:
                past.append(project)
                future.clear()
        assert document.project == past[-1]
        assert (document.undo_stack.canUndo(), document.undo_stack.canRedo()) == (len(past) > 1, bool(future))
    for (_, new), (old, _) in zip(news, news[1:], strict=False):
        assert new is old
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.project == first_project()


def test_an_edit_that_changes_nothing_is_none(document: Document) -> None:
    news = heard(document)
    document.edit("nothing", first_project())
    assert document.undo_stack.count() == 0
    assert news == []


def test_every_change_is_told_with_what_was_and_what_is(document: Document) -> None:
    news, first = heard(document), document.project
    document.edit("Seed", seeded(2))
    document.undo_stack.undo()
    document.undo_stack.redo()
    document.load(seeded(3), None)
    seeds = [(old.experiment.seed, new.experiment.seed) for old, new in news]
    assert seeds == [(1, 2), (2, 1), (1, 2), (2, 3)]
    assert news[0][0] is first


def test_a_move_leaves_the_experiment_the_same_object_on_the_way_there_and_back(document: Document) -> None:
    experiment = document.project.experiment
    document.edit("Move", replace(document.project, positions={1: (5.0, 5.0)}))
    assert document.project.experiment is experiment
    document.undo_stack.undo()
    assert document.project.experiment is experiment
    document.undo_stack.redo()
    assert document.project.experiment is experiment


def test_the_label_is_what_undo_says(document: Document) -> None:
    document.edit("Change seed", seeded(2))
    assert document.undo_stack.undoText() == "Change seed"


def test_edits_of_one_field_in_quick_succession_are_one_step_of_undo(document: Document, clock: Clock) -> None:
    for seed in (2, 3, 4):
        document.edit("Seed", seeded(seed), merge="seed")
        clock.now += MERGE_SECONDS / 2
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.project == first_project()
    document.undo_stack.redo()
    assert document.project == seeded(4)


@pytest.mark.parametrize(
    ("first", "second", "pause"), [("seed", "seed", 1.1 * MERGE_SECONDS), ("seed", "rate", 0.0), (None, None, 0.0)]
)
def test_other_fields_later_edits_and_edits_without_a_field_stay_apart(
    document: Document, clock: Clock, first: str | None, second: str | None, pause: float
) -> None:
    document.edit("Seed", seeded(2), merge=first)
    clock.now += pause
    document.edit("Seed", seeded(3), merge=second)
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert document.project == seeded(2)


def test_a_field_changed_there_and_back_at_once_leaves_nothing_to_undo(document: Document) -> None:
    document.edit("Name", seeded(2), merge="other")
    document.edit("Seed", seeded(3), merge="seed")
    document.edit("Seed", seeded(2), merge="seed")
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.project == first_project()
    assert not document.is_modified


def test_edits_after_a_save_are_not_merged_into_what_was_saved(document: Document) -> None:
    document.edit("Seed", seeded(2), merge="seed")
    document.mark_saved("a.bplab")
    document.edit("Seed", seeded(3), merge="seed")
    assert document.is_modified
    document.undo_stack.undo()
    assert document.project == seeded(2)
    assert not document.is_modified


def test_modified_means_other_than_saved(document: Document) -> None:
    states: list[bool] = []
    document.modified_changed.connect(states.append)
    document.edit("Seed", seeded(2))
    document.mark_saved("a.bplab")
    document.edit("Seed", seeded(3))
    document.undo_stack.undo()
    assert states == [True, False, True, False]
    assert document.path == "a.bplab"


def test_loading_takes_another_project_with_nothing_to_undo(document: Document) -> None:
    document.edit("Seed", seeded(2))
    order: list[str] = []
    document.loaded.connect(lambda: order.append("loaded"))
    document.changed.connect(lambda: order.append("changed"))
    document.path_changed.connect(lambda: order.append("path"))
    document.load(seeded(5), "b.bplab", "Example")
    assert order == ["loaded", "changed", "path"]
    assert document.project == seeded(5)
    assert (document.path, document.title, document.is_modified) == ("b.bplab", "Example", False)
    assert not document.undo_stack.canUndo()
