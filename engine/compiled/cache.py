"""Where compiled kernels are kept between two starts. Knows no numba."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from shutil import rmtree
from time import time

from engine.message import EngineError, message

USER_FOLDER = "backprop-lab"
PREFIX = "kernels-"
UNUSED_SECONDS = 30 * 24 * 3600
FULL = "complete"
"""A file of this name lies in a folder into which all kernels were compiled."""


@cache
def folder() -> Path:
    """Give the folder for these kernels, by a digest of what they are made of, so that no stale one is ever loaded.

    numba itself looks at a kernel's own file only, not at those of the functions in it. The folder is below the one
    that NUMBA_CACHE_DIR names or, without it, beside the sources, or in the person's folder for such things where that
    is not writable. Raises EngineError where none is.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    places = [Path(chosen)] if chosen else [Path(__file__).parent / "__pycache__", _user_folder()]
    for place in places:
        path = place / f"{PREFIX}{_digest()}"
        if _is_writable(path):
            return path
    names = ", ".join(map(str, places))
    raise EngineError(message("no folder for compiled kernels is writable: {folders}", folders=names))


def is_full() -> bool:
    """Tell whether all kernels are there, so that loading them takes a moment only."""
    try:
        return (folder() / FULL).exists()
    except (EngineError, ImportError):
        return False


def mark_full() -> None:
    """Note that all kernels are there, and remove those of other versions that nobody has used for long."""
    (folder() / FULL).touch()
    for other in folder().parent.glob(f"{PREFIX}*"):
        # Whether a folder is writable is tried at each start, which changes its time.
        with suppress(OSError):  # another process may be at it
            if time() - other.stat().st_mtime > UNUSED_SECONDS:
                rmtree(other, ignore_errors=True)


def _digest() -> str:
    """Digest the sources, and what compiles them."""
    own = Path(__file__).parent
    engine = own.parent
    sources = [*own.glob("*.py"), *(engine / "ops").glob("*.py"), engine / "program.py", engine / "rng.py"]
    # By name, as an import statement up there would delay the window, which is there before kernels are asked for.
    numba = import_module("importlib.metadata").version("numba")
    digest = hashlib.sha256(f"{sys.implementation.cache_tag} numba {numba}".encode())
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _user_folder() -> Path:
    home = Path("~").expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / USER_FOLDER


def _is_writable(path: Path) -> bool:
    """Make the folder, if need be, and tell whether files can be made in it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f"writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True
