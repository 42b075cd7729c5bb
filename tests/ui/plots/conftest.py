"""The theme that every widget needs, and one finished run for the tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from engine.snapshot import Snapshot
from tests.ui.plots.runs import moons, train
from ui.theme import Theme, install_theme


@pytest.fixture(autouse=True)
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = install_theme(qapp)
    theme.set_mode("light")
    yield theme
    theme.set_mode("system")


@pytest.fixture(scope="session")
def moons_run() -> Snapshot:
    return train(moons(), 60).snapshot()


@pytest.fixture(scope="session")
def moons_start() -> Snapshot:
    return moons().snapshot()
