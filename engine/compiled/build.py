"""Compile all kernels into their folder: `python -m engine.compiled.build`, in a process that nobody waits for."""

from __future__ import annotations

import sys
from time import perf_counter

from engine.compiled import LoadError, load
from engine.compiled.cache import folder, mark_full


def main() -> int:
    """Say in one line what was done, and give the exit code: 1 where kernels cannot be compiled here."""
    begun = perf_counter()
    try:
        load()
        mark_full()
    except (LoadError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Kernels are ready in {folder()}, after {perf_counter() - begun:.1f} s.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
