"""`python -m app [FILE]`: the composition root, and the only module here that knows the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from app.cli import parse
from ui.application import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the program. Gives the exit code of the process."""
    return run(parse(sys.argv[1:] if arguments is None else arguments))


if __name__ == "__main__":
    sys.exit(main())
