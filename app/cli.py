"""The command line: which file to open, and how."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from app.settings import THEME
from app.translate import tr

DISTRIBUTION = "backprop-lab"
VERSION = "0.1.0"
"""That of pyproject.toml; a constant, as looking it up among the installed packages delays the window."""


@dataclass(frozen=True)
class Options:
    """What was asked for. `file` and `theme` are None where nothing was; a theme given holds for this time only."""

    file: str | None = None
    theme: str | None = None


def parse(arguments: Sequence[str]) -> Options:
    """Read the arguments, without the program's name.

    Prints and raises SystemExit, with code 0 for --help and --version, and 2 for what it does not understand.
    """
    parser = argparse.ArgumentParser(
        prog=DISTRIBUTION,
        description=tr("Build a small neural network, step through its training, and see what computes gradients."),
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help=tr("a .bplab file to open"))
    parser.add_argument("--theme", choices=THEME.choices, help=tr("the colors of the window, for this time only"))
    parser.add_argument("--version", action="version", version=f"Backprop Lab {VERSION}")
    found = parser.parse_args(arguments)
    return Options(found.file, found.theme)
