"""Weights as text, as spreadsheets and programs write tables: pure functions."""

from __future__ import annotations

import re

import numpy as np

from engine.message import EngineError, message
from engine.ops.call import Array
from ui.number_edit import number_text, parse_number

_BRACKETS = str.maketrans("[](){}", "      ")
_LIST_SIGNS = frozenset(".[](){}")
_GAP = re.compile(r"\s*[\t;]\s*|,?\s+")


def table_text(values: Array) -> str:
    """Write [rows, columns] so that reading it gives the same numbers: tabs between them, a line for each row."""
    return "\n".join("\t".join(map(number_text, row)) for row in values.tolist())


def read_table(text: str) -> Array:
    """Read [rows, columns] as table_text, spreadsheets and Python write them.

    0,5 is a half in a text without points and brackets.

    Raises EngineError where there is something else than numbers, or rows of different lengths.
    """
    lines = re.sub(r"\]\s*,", "\n", text).translate(_BRACKETS).splitlines()
    has_lists = not _LIST_SIGNS.isdisjoint(text)
    rows = [[parse_number(cell) for cell in _cells(line.strip(" ,"), has_lists)] for line in lines if line.strip(" ,")]
    if not rows:
        raise EngineError(message("There are no numbers to paste"))
    if len({len(row) for row in rows}) > 1:
        raise EngineError(message("The rows to paste have different lengths"))
    values = np.array(rows, np.float64)
    if not np.isfinite(values).all():
        raise EngineError(message("Only finite numbers can be pasted"))
    return values


def _cells(line: str, has_lists: bool) -> list[str]:
    cells = _GAP.split(line)
    # Without gaps, commas stand between numbers if they cannot be decimal ones.
    return line.split(",") if len(cells) == 1 and (has_lists or line.count(",") > 1) else cells
