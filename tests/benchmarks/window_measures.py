"""What needs a window, each in a process of its own, offscreen and in an empty home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from tests.benchmarks.results import number

ROOT = Path(__file__).resolve().parents[2]
STARTS = 5
FULL_SPEED = ("W2", "W3")
BARE = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint('{}', flush=True)"
# The usual screen of this platform is too narrow for the side panel. A path with a drive would end at its colon.
PLATFORM = "offscreen:configfile=tests/benchmarks/screen.json"
HOMES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")

Measures = list[tuple[str, str]]


class WindowError(Exception):
    """Why something could not be measured: the last line of what went wrong."""


def ask(*arguments: str) -> tuple[dict[str, Any], float]:
    """Start Python and give the first line that it writes, as JSON, and the seconds until it came."""
    with TemporaryDirectory() as home:
        env = {**os.environ, **dict.fromkeys(HOMES, home), "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": PLATFORM}
        # Where it is set, each start would compile every module anew, which no start but the first does for a person.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        begun = perf_counter()
        with subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            line = process.stdout.readline()
            taken = perf_counter() - begun
            errors = process.stderr.read().strip().splitlines()
    if not line:
        raise WindowError(errors[-1] if errors else f"it ended with exit code {process.returncode}")
    return json.loads(line), taken


def measure_start() -> Measures:
    """Measure from the start of the process to the drawn window, and to bare imports of the same libraries."""
    # The first start compiles the modules and fills the system's caches.
    modules = ask("-m", "tests.benchmarks.start_up")[0]["modules"]
    shown, imported = [], []
    for _ in range(STARTS):
        shown.append(ask("-m", "tests.benchmarks.start_up")[1])
        imported.append(ask("-c", BARE, *modules)[1])
    window, bare = median(shown), median(imported)
    return [
        ("start: window drawn", f"{window:.2f} s"),
        ("start: bare import of the same libraries", f"{bare:.2f} s"),
        ("start: the difference", f"{window - bare:.2f} s"),
    ]


def measure_full_speed(key: str) -> Measures:
    """Measure a run at full speed in the window, and without one."""
    found: Mapping[str, float] = ask("-m", "tests.benchmarks.full_speed", key)[0]
    share = found["steps"] / found["headless"]
    return [
        (f"{key}: steps a second at full speed, four panels", number(found["steps"])),
        (f"{key}: without a window, recorded", number(found["headless"])),
        (f"{key}: share of headless speed (wanted: 75 %)", f"{share:.0%}"),
        (f"{key}: event loop, p99 between beats of 5 ms (wanted: under 33 ms)", f"{found['p99']:.1f} ms"),
        (f"{key}: the same before the run", f"{found['idle_p99']:.1f} ms"),
        (f"{key}: frames a second (wanted: 30)", f"{found['frames']:.1f}"),
    ]


def measure_file() -> Measures:
    """Measure saving and opening."""
    found, _ = ask("-m", "tests.benchmarks.large_file")
    name = f"64-784-128-10 with its run, {found['megabytes']:.1f} MB"
    return [
        (f"saving {name}", f"{median(found['save']):.2f} s"),
        (f"opening {name}", f"{median(found['open']):.2f} s"),
    ]


def measure_all(say: Callable[[str], None]) -> Measures:
    """Measure everything; what cannot be measured says why."""
    tasks: dict[str, Callable[[], Measures]] = {
        "start-up": measure_start,
        **{f"full speed, {key}": partial(measure_full_speed, key) for key in FULL_SPEED},
        "a large file": measure_file,
    }
    measures: Measures = []
    for name, task in tasks.items():
        try:
            measures += task()
        except WindowError as error:
            measures.append((name, f"not measured: {error}"))
        say(f"   {name}")
    return measures
