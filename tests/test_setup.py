"""The set-up: run.py's rules, the Qt that it installs, and the checks of tests/conftest.py."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).resolve().parent.parent


def start_python(*arguments: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run this Python in a process of its own."""
    env = {**os.environ, **variables}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment's folder for run.py, with a Python that can be started."""
    folder = tmp_path / ".venv"
    monkeypatch.setattr(run, "VENV", folder)
    monkeypatch.setattr(run, "PYTHON", folder / "bin" / "python")
    monkeypatch.setattr(run, "STAMP", folder / "lib" / "stamp.json")
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder


# ---- when the set-up is needed ---------------------------------------------------------------------------------------


def test_the_digest_changes_with_the_requirements_and_with_the_python() -> None:
    known = run.digest(["numpy>=2"], (3, 11))
    assert run.digest(["numpy>=2"], (3, 11)) == known
    assert run.digest(["numpy>=3"], (3, 11)) != known
    assert run.digest(["numpy>=2", "msgspec"], (3, 11)) != known
    assert run.digest(["numpy>=2"], (3, 12)) != known


def test_the_requirements_are_those_of_pyproject() -> None:
    needed = run.requirements(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8")))
    assert any(text.startswith("PySide6-Essentials") and "<6.12" in text for text in needed["app"])
    assert any(text.startswith("pytest>") for text in needed["dev"])


def test_no_set_up_is_needed_when_all_that_is_wanted_was_recorded(venv: Path) -> None:
    run.write_stamp({"app": "1", "dev": "2"})
    assert run.is_ready({"app": "1"})
    assert run.is_ready({"app": "1", "dev": "2"})
    assert not run.is_ready({"app": "3"})


def test_a_set_up_is_needed_after_an_interrupted_one(venv: Path) -> None:
    run.write_stamp(run.INCOMPLETE)
    assert not run.is_ready({"app": "1"})
    assert run.why_anew(run.Environment(sys.version_info[:2], True), run.read_stamp())


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_set_up_is_needed_when_the_stamp_is_unreadable(venv: Path, text: str) -> None:
    run.write_stamp({"app": "1"})
    run.STAMP.write_text(text, "utf-8")
    assert not run.is_ready({"app": "1"})


def test_a_set_up_is_needed_when_the_environment_lost_its_python(venv: Path) -> None:
    run.write_stamp({"app": "1"})
    run.PYTHON.unlink()
    run.PYTHON.symlink_to(venv / "gone")
    assert not run.is_ready({"app": "1"})
    assert run.inspect(run.PYTHON) is None
    assert run.why_anew(None, {}) == "it is broken"


def test_an_environment_of_another_python_is_made_anew_and_one_of_this_python_stays() -> None:
    assert "3.10" in run.why_anew(run.Environment((3, 10), True), {})
    assert run.why_anew(run.Environment(sys.version_info[:2], False), {}) == ""


def test_a_python_outside_of_any_environment_is_not_taken_for_one() -> None:
    assert run.inspect(Path(getattr(sys, "_base_executable", sys.executable))) is None


def test_pip_comes_from_outside_where_the_environment_has_none() -> None:
    assert run.pip_command(run.Environment((3, 11), False))[0] == sys.executable
    assert "--python" in run.pip_command(run.Environment((3, 11), False))
    assert run.pip_command(run.Environment((3, 11), True)) == [str(run.PYTHON), "-m", "pip"]


def test_a_python_that_can_install_nothing_is_told_what_it_lacks(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "has_module", lambda name: name == "venv")
    with pytest.raises(SystemExit, match="sudo apt install python3-venv"):
        run.make_environment()


# ---- system libraries ------------------------------------------------------------------------------------------------


def test_missing_libraries_are_found_by_loading_them() -> None:
    absent = run.missing(run.WINDOW_LIBRARIES, loads=lambda soname: soname not in {"libEGL.so.1", "libxcb-xkb.so.1"})
    assert [library.apt for library in absent] == ["libegl1", "libxcb-xkb1"]
    assert not run.can_load("libthat-does-not-exist.so.1")


def test_each_package_manager_is_given_its_own_names_once() -> None:
    shape_and_xkb = [library for library in run.WINDOW_LIBRARIES if library.dnf == "libxcb"]
    assert run.install_command(shape_and_xkb, "apt-get")[-2:] == ["libxcb-shape0", "libxcb-xkb1"]
    assert run.install_command(shape_and_xkb, "dnf") == ["dnf", "install", "--assumeyes", "libxcb"]
    assert run.install_command(shape_and_xkb, "pacman")[-1] == "libxcb"


# ---- the command line ------------------------------------------------------------------------------------------------


def test_run_can_be_read_by_an_older_python_so_that_it_can_say_so() -> None:
    ast.parse((ROOT / "run.py").read_text("utf-8"), feature_version=(3, 8))


def test_an_unknown_command_is_answered_with_the_usage() -> None:
    answer = start_python("run.py", "tset")
    assert answer.returncode == 2
    assert "tset" in answer.stderr
    assert run.USAGE in answer.stderr


def test_help_is_the_usage() -> None:
    answer = start_python("run.py", "--help")
    assert (answer.returncode, answer.stdout.strip()) == (0, run.USAGE.strip())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_without_a_screen_a_sentence_says_so() -> None:
    answer = start_python("run.py", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert answer.returncode == 1
    assert "no screen" in answer.stderr


def test_a_qt_platform_chosen_on_purpose_counts_as_a_screen() -> None:
    assert run.has_screen({"QT_QPA_PLATFORM": "offscreen"}, "linux")
    assert run.has_screen({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert not run.has_screen({}, "linux")
    assert run.has_screen({}, "darwin")


# ---- Qt, and the checks on every test --------------------------------------------------------------------------------


def test_qt_survives_many_void_calls() -> None:
    """PySide6 6.12.0 on Python before 3.12 aborted the process after some 5,000 of them."""
    code = (
        "from PySide6.QtCore import QObject\n"
        "thing = QObject()\n"
        "for number in range(20_000): thing.setObjectName(str(number))\n"
        "print(thing.objectName())"
    )
    answer = start_python("-c", code)
    assert (answer.returncode, answer.stdout.strip()) == (0, "19999"), answer.stderr


LEAKY_TESTS = """
import threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

kept = []

def test_timer(qapp):
    kept.append(QTimer(objectName="heartbeat"))
    kept[-1].start(1000)

def test_widget(qapp):
    kept.append(QWidget(objectName="forgotten"))

def test_thread():
    kept.append(threading.Event())
    threading.Thread(target=kept[-1].wait, name="straggler", daemon=True).start()

def test_tidy(qtbot):
    timer = QTimer()
    timer.start(1000)
    widget = QWidget()
    widget.itself = widget
    registered = QWidget()
    qtbot.addWidget(registered)
    registered.show()
    kept.append(registered)

def test_that_fails(qapp):
    widget = QWidget()
    assert not widget
"""


def test_a_test_that_leaves_something_behind_fails_and_names_it(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"), "utf-8")
    (tmp_path / "test_leaky.py").write_text(LEAKY_TESTS, "utf-8")
    report = tmp_path / "report.json"
    (tmp_path / "reporter.py").write_text(
        "import json, pathlib\n"
        "news = []\n"
        "def pytest_runtest_logreport(report):\n"
        "    if report.failed: news.append([report.nodeid.rpartition('::')[2], report.when, str(report.longrepr)])\n"
        f"def pytest_sessionfinish(): pathlib.Path({str(report)!r}).write_text(json.dumps(news))\n",
        "utf-8",
    )
    plugins = ("-p", "reporter", "-p", "no:cacheprovider")
    start_python("-m", "pytest", "-q", *plugins, "--rootdir", ".", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    news = {(name, when): words for name, when, words in json.loads(report.read_text("utf-8"))}
    assert set(news) == {
        ("test_timer", "teardown"),
        ("test_widget", "teardown"),
        ("test_thread", "teardown"),
        ("test_that_fails", "call"),
    }
    assert "'heartbeat' every 1000 ms" in news["test_timer", "teardown"]
    assert "'forgotten'" in news["test_widget", "teardown"]
    assert "'straggler'" in news["test_thread", "teardown"]
