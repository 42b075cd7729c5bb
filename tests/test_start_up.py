"""What the window waits for when the program is started: no more than it needs to be drawn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def after_import(expression: str) -> list[str]:
    """Give the texts that an expression has in a fresh process that has imported the window."""
    code = f"import linecache, sys\nimport app.__main__\nprint(*{expression}, sep='\\n')"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


def test_no_source_is_read_for_the_modules_that_are_imported() -> None:
    ours = {ROOT / folder for folder in ("app", "engine", "ui", "resources")}
    assert [name for name in after_import("linecache.cache") if ours & set(Path(name).parents)] == []


def test_plots_kernels_and_the_reader_of_package_metadata_come_later() -> None:
    loaded = set(after_import("sys.modules"))
    assert {"PySide6.QtWidgets", "numpy", "ui.main_window"} <= loaded
    assert loaded & {"pyqtgraph", "ui.plots", "numba", "engine.compiled.kind", "importlib.metadata", "email"} == set()
