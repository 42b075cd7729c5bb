"""Which machine, and which versions: a number of a benchmark means nothing without them."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks.c_library import find_compiler

PACKAGES = ("numpy", "numba", "PySide6-Essentials", "pyqtgraph", "msgspec")
BUSY = 0.5


def processor() -> str:
    """Name the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def compiler() -> str:
    """Name the C compiler."""
    path = find_compiler()
    if path is None:
        return "none"
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return answer.stdout.partition("\n")[0] or path


def load() -> str:
    """Say how busy the machine is with other things."""
    if sys.platform == "win32":
        return "load before: unknown"
    average = os.getloadavg()[0]
    words = f"load before: {average:.1f}"
    return f"{words} (the machine did other things too, so all numbers are rough)" if average > BUSY else words


def _package(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"no {name}"


def describe(libraries: dict[str, str]) -> list[str]:
    """Give lines about machine and versions; `libraries` are those of the peers, by name."""
    others = [f"{name} {found}" for name, found in libraries.items() if found and name not in PACKAGES]
    return [
        f"{processor()}, {os.cpu_count()} cores; {platform.system()} on {platform.machine()}",
        f"Python {platform.python_version()}, {', '.join(map(_package, PACKAGES))}",
        f"C: {compiler()}{'; ' if others else ''}{', '.join(others)}",
    ]
