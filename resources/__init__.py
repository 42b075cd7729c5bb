"""Files that ship with Backprop Lab: icons, themes, examples, data sets. This is the only code that opens them.

They are read through `importlib.resources`, so that they are found however the program was installed.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable


def names(folder: str, suffix: str = "") -> tuple[str, ...]:
    """List the files of a folder that end with `suffix`, sorted: `names("icons", ".svg")`.

    Raises FileNotFoundError when there is no such folder.
    """
    found = _entry(folder)
    if not found.is_dir():
        raise FileNotFoundError(f"resources has no folder {folder!r}")
    return tuple(sorted(item.name for item in found.iterdir() if item.is_file() and item.name.endswith(suffix)))


def read_bytes(folder: str, name: str) -> bytes:
    """Read a file. Raises FileNotFoundError, naming the files that there are, when it does not exist."""
    found = _entry(folder, name)
    if not found.is_file():
        present = ", ".join(names(folder)) or "nothing"
        raise FileNotFoundError(f"resources/{folder} has no file {name!r}; it has {present}")
    return found.read_bytes()


def read_text(folder: str, name: str) -> str:
    """Read a UTF-8 text file; its line ends become newlines. Raises FileNotFoundError as `read_bytes` does."""
    return read_bytes(folder, name).decode("utf-8").replace("\r\n", "\n")


def _entry(*parts: str) -> Traversable:
    for part in parts:
        if not part or part.startswith(".") or "/" in part or "\\" in part:
            raise FileNotFoundError(f"{part!r} is not the name of a resource")
    return _root().joinpath(*parts)


@cache
def _root() -> Traversable:
    return files(__name__)
