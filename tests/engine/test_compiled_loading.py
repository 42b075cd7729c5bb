"""How the compiled executor is loaded: with numba and without, from its folder, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.compiled import cache, is_available, is_built
from engine.message import EngineError

ROOT = Path(__file__).parents[2]
needs_numba = pytest.mark.skipif(not is_available(), reason="numba has no wheel for every system")


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run some code in a fresh process."""
    env = {**os.environ, **variables}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


TRAIN = """
from dataclasses import replace
from tests.engine.samples import experiment_of, trainer_of
trainer = trainer_of(experiment_of())
trainer.change_executor("compiled")
assert trainer.advance(60.0, 50)
print(trainer.stepper.pipeline.executor, trainer.stepper.step)
"""
WITHOUT = "import sys; sys.modules['numba'] = None\n"
LOAD = """
from engine.compiled import LoadError, load
try:
    load()
except LoadError as error:
    print(error)
"""


@needs_numba
def test_after_loading_a_run_is_computed_by_kernels() -> None:
    answer = run(LOAD + "load()\n" + TRAIN)
    assert (answer.stdout, answer.stderr) == ("compiled 50\n", "")


def test_before_loading_a_run_is_computed_by_the_reference() -> None:
    assert run(TRAIN).stdout == "reference 50\n"


def test_without_numba_loading_says_so_and_a_run_is_computed_by_the_reference() -> None:
    answer = run(WITHOUT + LOAD + TRAIN)
    assert (answer.stdout, answer.stderr) == ("numba is not installed\nreference 50\n", "")


def test_a_numba_that_does_not_work_is_an_error_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "numba.py").write_text("raise OSError('a library is missing')\n")
    answer = run(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + LOAD + TRAIN)
    words = "a library is missing" if is_available() else ""
    assert words in answer.stdout
    assert answer.stdout.endswith("\nreference 50\n")


@needs_numba
def test_building_fills_the_folder_and_says_so_in_a_line() -> None:
    command = [sys.executable, "-m", "engine.compiled.build"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.count("\n") == 1
    assert str(cache.folder()) in answer.stdout
    assert is_built()


def test_building_without_numba_fails_with_a_reason() -> None:
    answer = run(WITHOUT + "from engine.compiled.build import main\nsys.exit(main())")
    assert (answer.returncode, answer.stdout, answer.stderr) == (1, "", "numba is not installed\n")


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Sources whose folder cannot be written, and a home."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    sources = tmp_path / "installed" / "engine" / "compiled"
    sources.mkdir(parents=True)
    # A file in the way of the folder: root, too, cannot write there.
    (sources / "__pycache__").write_text("")
    monkeypatch.setattr(cache, "__file__", str(sources / "cache.py"))
    (sources.parent / "rng.py").write_text("")
    (sources.parent / "program.py").write_text("")
    home = tmp_path / "home"
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    cache.folder.cache_clear()
    yield sources, home
    cache.folder.cache_clear()


@needs_numba
def test_an_installation_that_cannot_be_written_has_its_kernels_in_the_home(places: tuple[Path, Path]) -> None:
    _, home = places
    found = cache.folder()
    assert home in found.parents
    assert found.is_dir()
    assert not cache.is_full()
    cache.mark_full()
    assert cache.is_full()


@needs_numba
def test_where_nothing_can_be_written_there_is_no_folder(places: tuple[Path, Path]) -> None:
    _, home = places
    home.write_text("")
    with pytest.raises(EngineError, match="no folder for compiled kernels is writable"):
        cache.folder()
    assert not cache.is_full()


@needs_numba
def test_another_source_has_another_folder(places: tuple[Path, Path]) -> None:
    sources, _ = places
    before = cache.folder()
    (sources / "kernels_new.py").write_text("LIMIT = 1\n")
    cache.folder.cache_clear()
    between = cache.folder()
    (sources / "kernels_new.py").write_text("LIMIT = 2\n")
    cache.folder.cache_clear()
    assert len({before, between, cache.folder()}) == 3


@needs_numba
def test_folders_that_nobody_uses_are_removed_after_a_while(places: tuple[Path, Path]) -> None:
    own = cache.folder()
    old, other, foreign = (own.parent / name for name in ("kernels-old", "kernels-other", "something"))
    for path in (old, other, foreign):
        path.mkdir()
    for path in (old, foreign):
        os.utime(path, (0, 0))
    cache.mark_full()
    assert [path.exists() for path in (own, old, other, foreign)] == [True, False, True, True]
