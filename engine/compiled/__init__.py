"""The compiled executor: the same programs on kernels that numba compiles.

Importing this package does not import numba, which takes a second; `load` does. The first time on a machine kernels are
compiled, which takes half a minute and holds up other threads: run `python -m engine.compiled.build` in a process of
its own before.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from engine.compiled.cache import is_full
from engine.executors import EXECUTORS
from engine.message import EngineError, message

__all__ = ["COMPILED", "LoadError", "is_available", "is_built", "load"]

COMPILED = "compiled"
"""The name of the executor, once it is loaded."""


class LoadError(EngineError):
    """The compiled executor cannot be had on this machine, and why; everything works without it."""


def is_available() -> bool:
    """Tell whether numba is installed."""
    return find_spec("numba") is not None


def is_built() -> bool:
    """Tell whether all kernels are compiled, so that `load` takes a moment only."""
    return is_available() and is_full()


def load() -> None:
    """Put the compiled executor into EXECUTORS, with its kernels loaded, or compiled where they are not built.

    Can be called from any thread, and again at no cost. Raises LoadError where numba is missing or does not work.
    """
    if COMPILED in EXECUTORS:
        return
    if not is_available():
        raise LoadError(message("numba is not installed"))
    try:
        kind = import_module("engine.compiled.kind")
        kind.warm_up()
    except Exception as error:  # whatever is wrong with numba, LLVM or the kernels' folder: there is another executor
        raise LoadError(message("the kernels cannot be loaded: {reason}", reason=str(error))) from error
    EXECUTORS[COMPILED] = kind.KIND
