"""All that is registered appears in palette, forms, slots, files and docs, and no other module names any one of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Protocol

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from engine.experiment import Choice, Experiment
from engine.gradients import GRADIENT_METHODS
from engine.graph import Graph
from engine.ops import OPS
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULE_SETTINGS, SCHEDULES
from engine.setting import Setting, complete
from engine.stopping import STOP_CONDITIONS
from engine.storage import Stored, read_document, write_document
from tests.engine.documents import example
from tests.ui.bench import Bench
from tests.ui.gestures import choose
from ui.experiment_page import ExperimentPage
from ui.forms import ChoiceBox, Form
from ui.node_page import NodePage
from ui.palette import Palette
from ui.stop_section import StopSection
from ui.theme import install_theme

ROOT = Path(__file__).resolve().parent.parent


class Entry(Protocol):
    """What all that is registered has."""

    label: ClassVar[str]
    summary: ClassVar[str]


class Kind(Protocol):
    """What most of it has besides."""

    settings: ClassVar[tuple[Setting, ...]]


PALETTE = {name: op for name, op in OPS.items() if op.category}
REGISTRIES: dict[str, Mapping[str, type[Entry]]] = {
    "ops": PALETTE,
    "gradient methods": GRADIENT_METHODS,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "stop conditions": STOP_CONDITIONS,
}
each_registry = pytest.mark.parametrize("registry", REGISTRIES)


@pytest.fixture(autouse=True)
def _theme(qapp: QApplication) -> None:
    install_theme(qapp)


def default_of(kinds: Mapping[str, type[Kind]], name: str) -> Choice:
    return Choice(name, complete(kinds[name].settings, {}))


def assert_shows(form: Form | None, settings: tuple[Setting, ...]) -> None:
    """Look at a field for each setting, with its value."""
    for setting in settings:
        assert form is not None
        field = form.field(setting.name)
        assert field.accessibleName() == setting.label
        shown = field.value()
        assert setting.name == "columns" or shown == setting.default, setting.name


# ---- palette, forms and slots ----------------------------------------------------------------------------------------


@each_registry
def test_each_has_words_of_its_own(registry: str) -> None:
    labels = Counter(kind.label for kind in REGISTRIES[registry].values())
    assert all(count == 1 and label.strip() for label, count in labels.items())
    assert all(kind.summary.strip().endswith(".") for kind in REGISTRIES[registry].values())


def test_each_op_stands_in_the_palette_and_has_a_form(qtbot: QtBot) -> None:
    palette = Palette()
    qtbot.addWidget(palette)
    items = [palette.list.item(row) for row in range(palette.list.count())]
    shown = {item.data(Qt.ItemDataRole.UserRole): item.text() for item in items}
    assert {name: op.label for name, op in PALETTE.items()}.items() <= shown.items()
    for name, op in PALETTE.items():
        graph, node = Graph().add(name)
        document = Document(Project(replace(example(), graph=graph)))
        page = NodePage(document, (node,))
        qtbot.addWidget(page)
        page.show_project(document.project)
        assert_shows(page.form, op.settings)


def test_each_method_and_optimizer_can_be_put_into_its_slot_and_has_a_form(qtbot: QtBot) -> None:
    bench = Bench(qtbot)
    page = ExperimentPage(bench.document)
    qtbot.addWidget(page)
    for name, method in GRADIENT_METHODS.items():
        choose(bench.bar.method.kind, name)
        assert bench.experiment.method == default_of(GRADIENT_METHODS, name)
        assert bench.bar.method.kind.currentText() == method.label
        page.show_project(bench.document.project)
        assert_shows(page.method.form(), method.settings)
    for name, optimizer in OPTIMIZERS.items():
        choose(bench.bar.optimizer.kind, name)
        assert bench.experiment.optimizer == default_of(OPTIMIZERS, name)
        page.show_project(bench.document.project)
        assert_shows(page.optimizer.form(), optimizer.settings)
    labels = {bench.bar.optimizer.kind.itemText(row) for row in range(bench.bar.optimizer.kind.count())}
    # SGD goes by one of three names, as the batch is.
    assert labels - {"Minibatch SGD"} == {kind.label for kind in OPTIMIZERS.values()} - {"SGD"}


def test_each_schedule_can_be_chosen_for_each_optimizer_with_a_learning_rate(qtbot: QtBot) -> None:
    for optimizer in OPTIMIZERS.values():
        names = [setting.name for setting in optimizer.settings]
        assert ("learning_rate" in names) == ({s.name for s in SCHEDULE_SETTINGS} <= set(names))
    form = Form(SCHEDULE_SETTINGS)
    qtbot.addWidget(form)
    field = form.field("schedule")
    assert isinstance(field, ChoiceBox)
    for name, schedule in SCHEDULES.items():
        field.show_value(name)
        assert field.value() == name
        assert schedule.label in {field.itemText(row) for row in range(field.count())}


def test_each_stop_condition_has_a_box_and_a_form(qtbot: QtBot) -> None:
    document = Document(Project(example()))
    section = StopSection(document)
    qtbot.addWidget(section)
    for name, kind in STOP_CONDITIONS.items():
        assert section.box(name).text() == kind.label
        section.box(name).click()
        section.show_project(document.project)
        assert_shows(section.form(name), kind.settings)
    assert [stop.kind for stop in document.project.experiment.stops] == [*STOP_CONDITIONS]


# ---- files and docs --------------------------------------------------------------------------------------------------


def experiments() -> Iterator[Experiment]:
    """Give experiments in which each entry stands with its default settings."""
    graph = Graph()
    for name in PALETTE:
        graph, _ = graph.add(name)
    base = replace(example(), graph=graph, stops=tuple(default_of(STOP_CONDITIONS, name) for name in STOP_CONDITIONS))
    yield from (replace(base, method=default_of(GRADIENT_METHODS, name)) for name in GRADIENT_METHODS)
    for name, kind in OPTIMIZERS.items():
        yield replace(base, optimizer=default_of(OPTIMIZERS, name))
        if "schedule" in {setting.name for setting in kind.settings}:
            yield from (
                replace(base, optimizer=Choice(name, complete(kind.settings, {"schedule": schedule})))
                for schedule in SCHEDULES
            )


def test_each_is_stored_in_files_and_read_again() -> None:
    seen = set()
    for experiment in experiments():
        text = write_document(Stored(experiment))
        assert read_document(text).experiment == experiment
        seen |= set(re.findall(r'"([\w-]+)"', text))
    assert seen >= {name for registry in REGISTRIES.values() for name in registry}


@each_registry
def test_the_reference_has_a_heading_or_a_row_for_each(registry: str) -> None:
    text = (ROOT / "docs" / "reference.md").read_text("utf-8").replace(r"\|", "|")
    titles = {title.casefold() for title in re.findall(r"^(?:#+|\|) ([^|\n]+?)(?: \||$)", text, re.MULTILINE)}
    for name, kind in REGISTRIES[registry].items():
        assert kind.label.casefold() in titles, name
        assert kind.summary in text, name
