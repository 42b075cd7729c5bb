"""The application without widgets: document, runner, files, settings, command line."""

import builtins
import os

import PySide6.QtCore  # noqa: F401  here first, as it puts an import of its own in the place of Python's

# Before numpy is first imported. The matrices here are small: more threads of its linear algebra spend their time
# waiting for each other, and take the second core from the window (docs/decisions/0007).
for _name in ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# PySide's import reads the source of each module to learn whether it uses PySide, for
# `from __feature__ import …`. Nothing here does that, and without it the window is there earlier (docs/decisions/0016).
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
