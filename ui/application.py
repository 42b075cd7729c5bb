"""Starts the program: application, theme, errors, settings, window."""

from __future__ import annotations

import sys

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app import errors
from app.cli import Options
from app.settings import UserSettings, default_path
from ui.files import FIRST_EXAMPLE
from ui.icons import application_icon
from ui.main_window import MainWindow
from ui.theme import Mode, install_theme

FIRST_SIZE = QSize(1440, 900)
KERNELS_MS = 800
"""So long after the window's first picture the compiled executor is fetched: when the plots are there."""
FRAME = 60
"""What the system draws around a window takes less than this, in px."""
MODES: dict[str, Mode] = {"system": "system", "light": "light", "dark": "dark"}


def run(options: Options) -> int:
    """Show the window and go on until it is closed. Gives the exit code of the process."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("backprop-lab")
    app.setApplicationDisplayName("Backprop Lab")
    app.setDesktopFileName("backprop-lab")
    reporter = errors.install(errors.default_log_folder())
    settings = UserSettings(default_path())
    theme = install_theme(app)
    theme.set_mode(MODES[options.theme or settings.theme])
    app.setWindowIcon(application_icon())
    window = MainWindow(settings, reporter)
    _place(window, settings)
    if options.file is None or not window.files.open_path(options.file):
        window.files.open_example(FIRST_EXAMPLE)
    window.show()
    QTimer.singleShot(KERNELS_MS, window.kernels.start)
    return app.exec()


def _place(window: MainWindow, settings: UserSettings) -> None:
    """Put the window where it was the last time; the first time it fills a screen that has no room around it."""
    if window.restoreGeometry(QByteArray(settings.window_geometry)):
        return
    room = window.screen().availableSize() - FIRST_SIZE
    if min(room.width(), room.height()) < FRAME:
        window.setWindowState(Qt.WindowState.WindowMaximized)
    else:
        window.resize(FIRST_SIZE)
