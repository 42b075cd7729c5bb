"""`python -m tests.benchmarks.large_file`: opens and saves a large network with its run, in a window.

It writes a line of JSON: the seconds of each save and of each opening, and how many MB the file has.
"""

from __future__ import annotations

import json
import os
import sys
from tempfile import TemporaryDirectory
from time import perf_counter

from PySide6.QtWidgets import QApplication

from app.files import SavedFile, write_file
from app.project import Project, View
from app.settings import UserSettings
from tests.benchmarks.problem import Network
from tests.benchmarks.workloads import experiment_of
from ui.main_window import MainWindow
from ui.theme import install_theme

SIZES = (64, 784, 128, 10)
"""Our images have 64 pixels, so a layer of 784 units stands in for 784 inputs."""
STEPS = 5
TIMES = 3


def main() -> None:
    """Train for some steps, so that Adam has something to remember, and go to the file and back."""
    application = QApplication([])
    install_theme(application)
    network = Network("large", SIZES, "relu", "softmax_cross_entropy", "adam", 0.001, 64)
    saves, openings = [], []
    with TemporaryDirectory() as folder:
        window = MainWindow(UserSettings(os.path.join(folder, "settings.ini")))
        window.resize(1440, 900)
        window.load_plots()
        window.show()
        path = os.path.join(folder, "large.bplab")
        write_file(path, SavedFile(Project(experiment_of(network)), View()))
        assert window.files.open_path(path)
        for _ in range(TIMES):
            for _ in range(STEPS):
                window.runner.step()
            begun = perf_counter()
            assert window.files.save()
            saves.append(perf_counter() - begun)
            begun = perf_counter()
            assert window.files.open_path(path)
            openings.append(perf_counter() - begun)
        size = os.path.getsize(path) / 1e6
        assert window.runner.place[0] == TIMES * STEPS
    sys.stdout.write(json.dumps({"save": saves, "open": openings, "megabytes": size}) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
