"""`python -m tests.benchmarks.start_up`: starts the program, and says when its window has drawn itself.

It writes a line of JSON then, with the libraries imported so far.
"""

from __future__ import annotations

import json
import os
import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent

from app.cli import Options
from ui import application
from ui.main_window import MainWindow

LIBRARIES = ("PySide6", "numpy", "msgspec", "pyqtgraph", "numba")


class AnnouncingWindow(MainWindow):
    """The window; when it has drawn itself the process says so and ends."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        # Its children are drawn after it, before the next event.
        QTimer.singleShot(0, announce)


def announce() -> None:
    """Say what has been imported, and end without asking anything."""
    modules = [name for name in sys.modules if name.split(".")[0] in LIBRARIES and name.count(".") <= 1]
    sys.stdout.write(json.dumps({"modules": sorted(modules)}) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    # Without unittest.mock, whose own imports would be counted with the program's.
    vars(application)["MainWindow"] = AnnouncingWindow
    application.run(Options())
