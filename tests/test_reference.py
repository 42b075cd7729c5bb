"""The page of reference is what its script makes now, and leaves nothing out."""

from __future__ import annotations

import re
from typing import ClassVar, Protocol

from docs.reference import FILE, make_text
from engine.datasets import DATASETS
from engine.gradients import GRADIENT_METHODS
from engine.ops import OPS
from engine.optimizers import OPTIMIZERS
from engine.setting import Setting
from engine.stopping import STOP_CONDITIONS


class Kind(Protocol):
    """What nodes, methods, optimizers and stop conditions have in common."""

    name: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]]


def test_the_page_is_what_the_script_makes() -> None:
    assert FILE.read_text("utf-8") == make_text(), "run docs/reference.py"


def test_everything_that_can_be_chosen_stands_there_with_its_formulas_and_settings() -> None:
    text = make_text()
    nodes = [op for op in OPS.values() if op.category]
    kinds: list[type[Kind]] = [*nodes, *GRADIENT_METHODS.values(), *OPTIMIZERS.values(), *STOP_CONDITIONS.values()]
    for kind in kinds:
        assert f"In files `{kind.name}`." in text
        for setting in kind.settings:
            assert f"| {setting.label} `{setting.name}` |" in text, kind.name
    for op in nodes:
        assert all(f"{formula}\n" in text for formula in (op.forward_formula, op.backward_formula))
    for optimizer in OPTIMIZERS.values():
        assert f"```text\n{optimizer.formula}\n```" in text
    assert all(f"In files `{key}`." in text for key in DATASETS)


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    tables = [part.splitlines() for part in make_text().split("\n\n") if part.startswith("|")]
    assert len(tables) > 50
    for table in tables:
        assert len({row.replace(r"\|", "").count("|") for row in table}) == 1, table[0]


def test_every_link_leads_to_one_heading() -> None:
    text = make_text()
    anchors = [heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]
    for link in set(re.findall(r"\]\(#(.*?)\)", text)):
        assert anchors.count(link) == 1, link
