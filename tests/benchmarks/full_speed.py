"""`python -m tests.benchmarks.full_speed KEY`: a run at full speed in a window with four panels, beside one without.

It writes a line of JSON: the steps a second of both, how late a timer of 5 ms comes, and the frames a second.
"""

from __future__ import annotations

import json
import math
import os
import sys
from dataclasses import asdict, dataclass
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.files import SavedFile, write_file
from app.project import Project, View
from app.settings import UserSettings
from engine import compiled
from engine.compiler import compile_graph
from engine.datasets import make_dataset
from engine.experiment import REFERENCE, Experiment
from engine.trainer import Trainer
from tests.benchmarks.workloads import NETWORKS, experiment_of
from ui.main_window import MainWindow
from ui.theme import install_theme

EXECUTOR = compiled.COMPILED if compiled.is_available() else REFERENCE
BEAT_MS = 5
SETTLE_SECONDS = 2.0
RUN_SECONDS = 5.0


@dataclass(frozen=True)
class FullSpeed:
    """What was measured. `p99` and `idle_p99` are milliseconds between two beats of a timer of 5 ms."""

    steps: float
    headless: float
    p99: float
    idle_p99: float
    frames: float


def pass_time(seconds: float) -> None:
    """Let the event loop work for so long."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def heartbeat(seconds: float) -> float:
    """Give the time between two beats that one in a hundred exceeds, in milliseconds."""
    beats: list[float] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: beats.append(perf_counter()))
    timer.start(BEAT_MS)
    pass_time(seconds)
    timer.stop()
    apart = [(later - earlier) * 1000 for earlier, later in zip(beats, beats[1:], strict=False)]
    return quantiles(apart, n=100)[-1] if len(apart) > 1 else math.inf


def run_headless(experiment: Experiment, seconds: float) -> float:
    """Give the steps a second of a recorded run without a window."""
    dataset = make_dataset(experiment.data.kind, experiment.data.settings)
    program = compile_graph(experiment.graph, dataset, experiment.batch_size or len(dataset.train)).program
    assert program is not None
    trainer = Trainer(experiment, dataset, program)
    trainer.change_executor(EXECUTOR)
    trainer.advance(SETTLE_SECONDS)
    first, begun = trainer.stepper.step, perf_counter()
    trainer.advance(seconds)
    return (trainer.stepper.step - first) / (perf_counter() - begun)


def run_in_window(experiment: Experiment, folder: str) -> tuple[float, float, float, float]:
    """Give steps a second, the heartbeat's p99 in the run and before it, and frames a second."""
    window = MainWindow(UserSettings(os.path.join(folder, "settings.ini")))
    window.resize(1440, 900)
    window.load_plots()
    window.show()
    path = os.path.join(folder, "workload.bplab")
    write_file(path, SavedFile(Project(experiment), View()))
    assert window.files.open_path(path)
    window.canvas.arrange()
    window.canvas.fit()
    frames: list[float] = []
    window.runner.frame_ready.connect(lambda _: frames.append(perf_counter()))
    window.runner.has_slow_start = False
    window.runner.set_speed(None)
    window.runner.set_executor(EXECUTOR)
    pass_time(SETTLE_SECONDS)
    idle = heartbeat(SETTLE_SECONDS)
    window.runner.run()
    pass_time(SETTLE_SECONDS)
    frames.clear()
    first, begun = window.runner.place[0], perf_counter()
    p99 = heartbeat(RUN_SECONDS)
    taken = perf_counter() - begun
    steps = (window.runner.place[0] - first) / taken
    window.runner.pause()
    return steps, p99, idle, len(frames) / taken


def main(key: str) -> None:
    """Measure without a window, with it, and without again, so that a change of the machine's pace shows up less."""
    application = QApplication([])
    install_theme(application)
    experiment = experiment_of(NETWORKS[key])
    if EXECUTOR != REFERENCE:
        compiled.load()
    before = run_headless(experiment, RUN_SECONDS / 2)
    with TemporaryDirectory() as folder:
        steps, p99, idle, frames = run_in_window(experiment, folder)
    after = run_headless(experiment, RUN_SECONDS / 2)
    found = FullSpeed(steps, (before + after) / 2, p99, idle, frames)
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
    sys.stdout.flush()
    # The window would ask whether to save.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
