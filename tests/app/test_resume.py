"""A run that is saved anywhere and goes on in another process ends as if it had never been interrupted."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.files import SavedFile, read_file, write_file
from app.project import Project, View
from engine.compiled import COMPILED, is_available, load
from engine.continuation import load_run, save_run
from engine.experiment import REFERENCE, Experiment
from engine.gradient_use import apply_gradient, compute_gradient, redraw
from engine.trainer import Trainer
from tests.engine.samples import run_steps, state_of, trainer_of
from tests.engine.test_modes import noisy

ROOT = Path(__file__).parents[2]
POINTS, END = 50, 120
EXECUTORS = [
    REFERENCE,
    pytest.param(COMPILED, marks=pytest.mark.skipif(not is_available(), reason="numba has no wheel for every system")),
]


def trainer_on(executor: str, experiment: Experiment) -> Trainer:
    if executor == COMPILED:
        load()
    trainer = trainer_of(experiment)
    trainer.change_executor(executor)
    return trainer


def run_on(trainer: Trainer, step: int) -> None:
    if trainer.stepper.micro:
        trainer.finish_step()
    run_steps(trainer, step - trainer.stepper.step)


def end_of(trainer: Trainer) -> str:
    """Go to the end, and give the hash of all that decides what would come after it."""
    run_on(trainer, END)
    return hashlib.sha256(repr(state_of(trainer.stepper)).encode()).hexdigest()


def resume(executor: str, paths: list[str]) -> None:
    """Print the end of each stored run."""
    for path in paths:
        saved = read_file(path)
        assert saved.run is not None
        trainer = trainer_on(executor, saved.project.experiment)
        load_run(trainer, saved.run)
        sys.stdout.write(end_of(trainer) + "\n")


def ends_elsewhere(executor: str, paths: list[str]) -> list[str]:
    """Give the ends of stored runs that go on in another process."""
    code = "import sys; from tests.app.test_resume import resume; resume(sys.argv[1], sys.argv[2:])"
    answer = subprocess.run(
        [sys.executable, "-c", code, executor, *paths], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.stderr == ""
    return answer.stdout.split()


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_run_resumed_in_another_process_ends_equal_to_the_bit(executor: str, tmp_path: Path) -> None:
    experiment = noisy("adam")
    trainer = trainer_on(executor, experiment)
    draws = np.random.default_rng(5)
    count = trainer.stepper.micro_count
    points = sorted(
        zip(draws.integers(0, END, POINTS).tolist(), draws.integers(0, count, POINTS).tolist(), strict=True)
    )
    paths = []
    for number, (step, micro) in enumerate(points):
        if trainer.stepper.step < step:
            run_on(trainer, step)
        while trainer.stepper.micro < micro:
            trainer.micro_step()
        paths.append(str(tmp_path / f"{number}.bplab"))
        write_file(paths[-1], SavedFile(Project(experiment), View(), save_run(trainer)))
    assert ends_elsewhere(executor, paths) == [end_of(trainer)] * POINTS


@pytest.mark.parametrize("executor", EXECUTORS)
def test_so_does_one_whose_g_was_applied_again_or_whose_rows_were_redrawn(executor: str, tmp_path: Path) -> None:
    experiment, paths, ends = noisy("adam"), [], []
    trainer = trainer_on(executor, experiment)
    changes = (apply_gradient, apply_gradient, compute_gradient, redraw, redraw, compute_gradient, apply_gradient)
    for count in range(1, len(changes) + 1):
        trainer.reset()
        run_on(trainer, 7 * count)
        for change in changes[:count]:
            change(trainer)
        paths.append(str(tmp_path / f"{count}.bplab"))
        write_file(paths[-1], SavedFile(Project(experiment), View(), save_run(trainer)))
        ends.append(end_of(trainer))
    assert ends_elsewhere(executor, paths) == ends
