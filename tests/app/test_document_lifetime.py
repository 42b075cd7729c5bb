"""Documents that are thrown away: in a process of its own, as a mistake here ends it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import gc
from dataclasses import replace
from PySide6.QtCore import QCoreApplication
from app.document import Document
from app.project import Project
from tests.engine.samples import experiment_of

application = QCoreApplication([])
gc.disable()
for round_ in range(50):
    document = Document(Project(experiment_of()))
    for seed in range(2, 6):
        project = document.project
        document.edit("seed", replace(project, experiment=replace(project.experiment, seed=seed)), merge="seed")
        document.edit("batch", replace(project, experiment=replace(project.experiment, batch_size=seed)))
    document.undo_stack.undo()
    document.cycle = [document]
    del document
    gc.collect()
print("alive")
"""


def test_documents_with_edits_can_be_collected_as_garbage() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=50)
    assert done.stdout.strip() == "alive", done.stderr
