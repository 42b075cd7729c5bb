#!/usr/bin/env python3
"""Set up Backprop Lab and start it, or check it. Needs nothing but Python 3.11 or newer.

The set-up makes `.venv` beside this file, once. A stamp in it, written last, says what was installed and for which
Python: while it holds, a start costs nothing and needs no network; where it does not, the set-up is done or repaired.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Backprop Lab needs Python 3.11 or newer, and this is Python {}.{} ({}).\n"
        "Start it with a newer one, for example: python3.12 run.py".format(*sys.version_info[:2], sys.executable)
    )

import contextlib
import ctypes
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sysconfig
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

USAGE = """\
usage: python3 run.py [FILE.bplab]          open the window
       python3 run.py test [PYTEST ARGS]    run every check: ruff, mypy, pytest
       python3 run.py soak [PYTEST ARGS]    search much longer for failing examples
       python3 run.py bench [--help, ...]   measure how fast training is, into docs/benchmarks.md
       python3 run.py --help                show this help
"""

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
# The stamp lies among the packages, so that it is lost when they are.
STAMP = Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)}), "backprop-lab-set-up.json")
LOCK = VENV / "set-up.lock"
CHECKED = ("app", "engine", "ui", "resources", "tests", "docs", "run.py")
INCOMPLETE = {"incomplete": "yes"}


class Library(NamedTuple):
    """A system library that Qt loads on Linux, and the packages that bring it."""

    soname: str
    apt: str
    dnf: str
    pacman: str


OFFSCREEN_LIBRARIES = (
    Library("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    Library("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
)
WINDOW_LIBRARIES = (
    *OFFSCREEN_LIBRARIES,
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
)


def say(words: str) -> None:
    """Print at once, so that the lines keep their order among those of the programs started here."""
    print(words, flush=True)


def call(*command: object, env: Mapping[str, str] | None = None) -> int:
    """Run a program in the repository root, its output passed through, and give its exit code."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env, check=False).returncode


# ---- what is to be installed -----------------------------------------------------------------------------------------


def requirements(project: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give what each group needs, as pyproject.toml lists it: `app` to run, `dev` to check."""
    return {"app": project["project"]["dependencies"], "dev": project["dependency-groups"]["dev"]}


def digest(needed: Sequence[str], version: Sequence[int]) -> str:
    """Give a short text that differs when the requirements or the Python differ."""
    return hashlib.sha256(json.dumps([list(needed), list(version)]).encode()).hexdigest()


def read_stamp() -> dict[str, str]:
    """Give what the last set-up recorded: a digest for each installed group."""
    try:
        recorded = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return recorded if isinstance(recorded, dict) else {}


def write_stamp(recorded: Mapping[str, str]) -> None:
    """Record what is installed."""
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(json.dumps(recorded), "utf-8")


def is_ready(wanted: Mapping[str, str]) -> bool:
    """Whether the environment holds all that is wanted, by its stamp."""
    return os.access(PYTHON, os.X_OK) and wanted.items() <= read_stamp().items()


# ---- setting up ------------------------------------------------------------------------------------------------------


class Environment(NamedTuple):
    """What a virtual environment says of itself."""

    version: tuple[int, int]
    has_pip: bool


def inspect(python: Path) -> Environment | None:
    """Ask an environment's Python for its version and its pip; None where it does not work."""
    question = (
        "import importlib.util, os, sys, sysconfig;"
        "print(*sys.version_info[:2], int(importlib.util.find_spec('pip') is not None),"
        " int(sys.prefix != sys.base_prefix and os.path.isdir(sysconfig.get_path('purelib'))))"
    )
    try:
        answer = subprocess.run([str(python), "-c", question], capture_output=True, text=True, check=True).stdout
        major, minor, has_pip, is_whole = map(int, answer.split())
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Environment((major, minor), bool(has_pip)) if is_whole else None


def has_module(name: str) -> bool:
    """Whether this Python has a module."""
    return importlib.util.find_spec(name) is not None


def base_python() -> str:
    """Give the Python that makes the environment: this one, or the one below it where this is the environment's own."""
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    return str(getattr(sys, "_base_executable", sys.executable)) if inside else sys.executable


def make_environment() -> None:
    """Make the environment anew; without a pip of its own where Python came without ensurepip, as on a bare Debian."""
    if not (has_module("venv") and (has_module("ensurepip") or has_module("pip"))):
        sys.exit(
            f"This Python ({sys.executable}) has neither ensurepip nor pip, so nothing can be installed with it.\n"
            "Install one of them and run the same command again:\n"
            "  Debian, Ubuntu:  sudo apt install python3-venv\n"
            "  Fedora:          sudo dnf install python3-pip\n"
            "  others:          a Python from https://www.python.org/downloads/"
        )
    for entry in VENV.iterdir():
        if entry == LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    write_stamp(INCOMPLETE)
    if has_module("ensurepip") and call(base_python(), "-m", "venv", VENV) == 0:
        return
    if has_module("pip"):
        say("   ensurepip is missing here; pip will install from outside of the environment")
        if call(base_python(), "-m", "venv", "--without-pip", VENV) == 0:
            return
    sys.exit(f"The environment could not be made in {VENV}; the lines above say why.")


def pip_command(environment: Environment) -> list[str]:
    """Give the pip that installs into the environment: its own, or this Python's."""
    if environment.has_pip:
        return [str(PYTHON), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def why_anew(environment: Environment | None, recorded: Mapping[str, str]) -> str:
    """Say why the environment must be made anew, or give an empty text where it can stay."""
    if environment is None:
        return "it is broken" if STAMP.parent.exists() else "there is none yet"
    if recorded == INCOMPLETE:
        return "the last set-up did not finish"
    if environment.version != sys.version_info[:2]:
        return "it was made by Python {}.{} and this is {}.{}".format(*environment.version, *sys.version_info[:2])
    return ""


def set_up(needed: Sequence[str], wanted: Mapping[str, str]) -> None:
    """Bring the environment to what is wanted. The stamp says "incomplete" until all is done."""
    recorded, environment = read_stamp(), inspect(PYTHON)
    if reason := why_anew(environment, recorded):
        recorded = {}
        say(f"1. Making the Python environment .venv ({reason}) ...")
        make_environment()
        environment = inspect(PYTHON)
    if environment is None:
        sys.exit(f"The environment in {VENV} does not work; remove that folder and run the same command again.")
    say("2. Installing what Backprop Lab needs (from the network, the first time only) ...")
    write_stamp(INCOMPLETE)
    code = call(*pip_command(environment), "install", "--disable-pip-version-check", *needed)
    if code > 0:
        # pip undoes its own failures, so what was recorded before still holds.
        write_stamp(recorded)
    if code != 0:
        sys.exit("pip could not install it (the lines above say why). Run the same command again to continue.")
    write_stamp({**recorded, **wanted})
    say("3. The set-up is complete.")


def try_lock(handle: IO[str]) -> bool:
    """Take the lock on an open file unless another process has it; closing the file, or ending, gives it back."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep a second set-up waiting while one is at work in the same environment."""
    VENV.mkdir(exist_ok=True)
    with LOCK.open("w", encoding="utf-8") as handle:
        if not try_lock(handle):
            say("Another set-up of Backprop Lab is at work here; waiting for it ...")
            while not try_lock(handle):
                time.sleep(0.2)
        yield


def ensure(*groups: str, trusting: bool = False) -> None:
    """Make sure that the groups are installed. A trusting look costs nothing, but does not try the environment out."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        needed = requirements(tomllib.load(file))
    wanted = {group: digest(needed[group], sys.version_info[:2]) for group in groups}

    def holds() -> bool:
        return is_ready(wanted) and (trusting or inspect(PYTHON) is not None)

    if holds():
        return
    with one_at_a_time():
        if not holds():
            set_up([requirement for group in groups for requirement in needed[group]], wanted)


# ---- system libraries ------------------------------------------------------------------------------------------------


def can_load(soname: str) -> bool:
    """Whether the system's loader finds a library."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing(libraries: Sequence[Library], loads: Callable[[str], bool] = can_load) -> list[Library]:
    """Give the libraries that cannot be loaded."""
    return [library for library in libraries if not loads(library.soname)]


def install_command(libraries: Sequence[Library], manager: str) -> list[str]:
    """Give the command that installs the libraries with apt-get, dnf or pacman."""
    options = {
        "apt-get": ["install", "--yes", "--no-install-recommends"],
        "dnf": ["install", "--assumeyes"],
        "pacman": ["--sync", "--needed", "--noconfirm"],
    }[manager]
    packages = [getattr(library, manager.removesuffix("-get")) for library in libraries]
    return [manager, *options, *dict.fromkeys(packages)]


def ensure_libraries(libraries: Sequence[Library]) -> None:
    """On Linux, install the system libraries that Qt lacks where this process may, and otherwise say how to."""
    if sys.platform != "linux":
        return
    absent = missing(libraries)
    if not absent:
        return
    manager = next((name for name in ("apt-get", "dnf", "pacman") if shutil.which(name)), None)
    say("Qt needs system libraries that are missing: " + " ".join(library.soname for library in absent))
    if manager is None:
        say("Please install the packages of your system that bring them.")
        return
    command = install_command(absent, manager)
    if manager != "apt-get" or os.geteuid() != 0:
        say("Please install them with:\n  sudo " + shlex.join(command).replace("apt-get", "apt"))
        return
    say("Installing them, since this is root: " + shlex.join(command))
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    call("apt-get", "update", env=env)
    if call(*command, env=env) != 0:
        say("That failed (the lines above say why); going on without them.")


# ---- commands --------------------------------------------------------------------------------------------------------


def child_environment(**more: str) -> dict[str, str]:
    """Give the environment variables for a program of this repository, free of those meant for another Python."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def has_screen(variables: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a window can open: on Linux it needs a display, or a Qt platform chosen on purpose."""
    return platform != "linux" or any(variables.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def become(command: list[str]) -> NoReturn:
    """Turn this process into another program."""
    if os.name == "nt":
        # Windows' exec returns to the prompt at once, with the program still running behind it.
        sys.exit(call(*command, env=child_environment()))
    os.chdir(ROOT)
    os.execve(command[0], command, child_environment())


def start(files: Sequence[str]) -> NoReturn:
    """Open the window; this process becomes the program."""
    if not has_screen(os.environ):
        sys.exit(
            "There is no screen to open a window on: neither DISPLAY nor WAYLAND_DISPLAY is set.\n"
            "Start it from a desktop session (or through `ssh -X`). `python3 run.py test` needs no screen."
        )
    command = [str(PYTHON), "-m", "app", *(os.path.abspath(file) for file in files)]
    ensure_libraries(WINDOW_LIBRARIES)
    ensure("app", trusting=True)
    try:
        become(command)
    except OSError:
        ensure("app")
        become(command)


def build_kernels() -> None:
    """Compile what training runs on, the first time only, before several processes need it at once.

    Where that does not work, it says why; everything works without them, and tests of them are left out.
    """
    call(PYTHON, "-m", "engine.compiled.build", env=child_environment())


def test(arguments: Sequence[str]) -> int:
    """Run every check, also after one has failed; pytest comes last, so that its summary is the last line."""
    ensure_libraries(OFFSCREEN_LIBRARIES)
    ensure("app", "dev")
    build_kernels()
    checks = {
        "ruff": ["ruff", "check", *CHECKED],
        "mypy": ["mypy", *CHECKED],
        "pytest": ["pytest", "-n", "2", "--max-worker-restart=0", *arguments],
    }
    failed = []
    for name, command in checks.items():
        say(f"--- {name}")
        begin = time.perf_counter()
        code = call(PYTHON, "-m", *command, env=child_environment(QT_QPA_PLATFORM="offscreen"))
        if code != 0:
            failed.append(name)
        if name != "pytest":
            say(f"{name}: {'FAILED' if code else 'passed'} in {time.perf_counter() - begin:.1f} s")
    return 1 if failed else 0


def soak(arguments: Sequence[str]) -> int:
    """Run the searching tests with many more examples, drawn anew each time."""
    ensure_libraries(OFFSCREEN_LIBRARIES)
    ensure("app", "dev")
    build_kernels()
    env = child_environment(QT_QPA_PLATFORM="offscreen", BACKPROP_LAB_SOAK="1")
    command = ["-m", "pytest", "-n", "2", "--max-worker-restart=0", "-m", "soak or hypothesis", "--timeout=3600"]
    return call(PYTHON, *command, "-o", "faulthandler_timeout=0", *arguments, env=env)


def bench(arguments: Sequence[str]) -> int:
    """Measure the executors beside hand-written C and the libraries that are installed, and the window."""
    ensure_libraries(OFFSCREEN_LIBRARIES)
    ensure("app")
    build_kernels()
    return call(PYTHON, "-m", "tests.benchmarks.harness", *arguments, env=child_environment())


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for, and give the exit code."""
    first = arguments[0] if arguments else ""
    if first in ("-h", "--help"):
        say(USAGE)
        return 0
    if first == "test":
        return test(arguments[1:])
    if first == "soak":
        return soak(arguments[1:])
    if first == "bench":
        return bench(arguments[1:])
    if len(arguments) > 1 or (first and not first.endswith(".bplab") and not Path(first).is_file()):
        print(f"run.py does not know what to do with: {shlex.join(arguments)}\n\n{USAGE}", file=sys.stderr)
        return 2
    start(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. Run the same command again to continue.")
