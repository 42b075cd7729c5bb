"""Windows for GUI tests: settings in a folder of their own, closed without questions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.errors import ErrorReporter
from app.settings import UserSettings
from ui.main_window import MainWindow
from ui.theme import install_theme

WindowMaker = Callable[..., MainWindow]


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> WindowMaker:
    """Make a shown main window with an empty canvas and its plots loaded."""
    install_theme(qapp)

    def make(reporter: ErrorReporter | None = None) -> MainWindow:
        settings = UserSettings(str(tmp_path / "settings.ini"))
        # Most tests are about a run that is under way.
        settings.slow_start = False
        window = MainWindow(settings, reporter)
        qtbot.addWidget(window, before_close_func=_forget_edits)
        window.resize(1440, 900)
        window.load_plots()
        with qtbot.waitExposed(window):
            window.show()
        return window

    return make


@pytest.fixture
def window(make_window: WindowMaker) -> MainWindow:
    """Give one such window."""
    return make_window()


def _forget_edits(window: MainWindow) -> None:
    window.runner.pause()
    window.document.load(window.document.project, None)
