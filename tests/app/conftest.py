"""What the tests of errors share: hooks that are gone afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest
from PySide6.QtCore import QCoreApplication

from app.errors import ErrorReporter, install, uninstall
from tests.app.failing import Heard


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """What comes out at the other end, in place of a console."""
    heard: Heard = []

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        heard.append(error)

    monkeypatch.setattr(sys, "excepthook", hook)
    return heard


@pytest.fixture
def reporter(heard: Heard, tmp_path: Path, qapp: QCoreApplication) -> Iterator[ErrorReporter]:
    yield install(str(tmp_path / "log"))
    uninstall()
