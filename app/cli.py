"""The command line: which file to open, and how."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tomllib import load

from app.settings import THEME
from app.translate import tr

DISTRIBUTION = "backprop-lab"


@dataclass(frozen=True)
class Options:
    """What was asked for. `file` and `theme` are None where nothing was; a theme given holds for this time only."""

    file: str | None = None
    theme: str | None = None


def app_version() -> str:
    """Give the version: that of the installed package or, in a source tree, what its pyproject.toml says."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        with Path(__file__).parent.parent.joinpath("pyproject.toml").open("rb") as file:
            return str(load(file)["project"]["version"])


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
    parser.add_argument("--version", action="version", version=f"Backprop Lab {app_version()}")
    found = parser.parse_args(arguments)
    return Options(found.file, found.theme)
