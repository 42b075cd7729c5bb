"""Makes the pictures of the README, so that they never age: `PYTHONPATH=. .venv/bin/python docs/screenshots.py`.

Each shows the two-moons example after some training, in the middle of the backward phase of its next step, with the
Maths tab open.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.settings import UserSettings
from engine.program import Phase
from ui.main_window import MainWindow
from ui.theme import Mode, install_theme

IMAGES = Path(__file__).parent / "images"
STEPS = 640
BACKWARD_MICRO_STEPS = 4
PICTURES: tuple[tuple[Mode, str], ...] = (("light", "main-window.png"), ("dark", "main-window-dark.png"))


def wait(milliseconds: int) -> None:
    """Let the window draw itself."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def train(window: MainWindow) -> None:
    """Train, then step into the backward phase."""
    runner = window.runner
    for _ in range(STEPS):
        runner.step()
    while runner.snapshot is not None and runner.snapshot.phase is not Phase.BACKWARD:
        runner.micro_step()
    for _ in range(BACKWARD_MICRO_STEPS - 1):
        runner.micro_step()


def main() -> None:
    """Write all pictures."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    theme = install_theme(app)
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(UserSettings(str(Path(folder, "settings.ini"))))
        window.resize(1440, 900)
        window.show()
        window.load_plots()
        window.files.open_example("two-moons")
        train(window)
        window.side.setCurrentIndex(0)
        for mode, name in PICTURES:
            theme.set_mode(mode)
            window.canvas.fit()
            wait(500)
            window.grab().save(str(IMAGES / name))
        window.close()


if __name__ == "__main__":
    main()
