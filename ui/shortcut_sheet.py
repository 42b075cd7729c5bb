"""The sheet of all keys, by menu, in columns that are seen at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from app.translate import tr
from ui.action_table import MENUS, MOUSE_AND_CANVAS_KEYS
from ui.actions import key_names
from ui.theme import ui_font

COLUMNS = 3
Row = tuple[Sequence[str], str]
"""What to press, in one or more ways, and what that does."""


class ShortcutSheet(QWidget):
    """Every key of the window under the menu where its action stands, and what mouse and canvas do beside."""

    def __init__(self) -> None:
        super().__init__()
        columns = QHBoxLayout(self)
        columns.setContentsMargins(8, 4, 8, 4)
        columns.setSpacing(28)
        for groups in _in_columns(_groups(), COLUMNS):
            columns.addLayout(_column(groups))


def _groups() -> list[tuple[str, list[Row]]]:
    groups: list[tuple[str, list[Row]]] = []
    for title, specs in MENUS:
        rows: list[Row] = [(key_names(spec), tr(spec.label)) for spec in specs if spec is not None and key_names(spec)]
        groups.append((tr(title).replace("&", ""), rows))
    groups.append((tr("Mouse and canvas"), [((tr(keys),), tr(words)) for keys, words in MOUSE_AND_CANVAS_KEYS]))
    return groups


def _in_columns(groups: Iterable[tuple[str, list[Row]]], count: int) -> list[list[tuple[str, list[Row]]]]:
    """Put each group into the column that is shortest by then, the longest groups first."""
    columns: list[list[tuple[str, list[Row]]]] = [[] for _ in range(count)]
    heights = [0] * count
    for title, rows in sorted(groups, key=lambda group: -len(group[1])):
        shortest = heights.index(min(heights))
        columns[shortest].append((title, rows))
        heights[shortest] += len(rows) + 2
    return columns


def _column(groups: Iterable[tuple[str, list[Row]]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(1, 1)
    for title, rows in groups:
        heading = QLabel(title)
        heading.setProperty("role", "section")
        heading.setContentsMargins(0, 12 if grid.count() else 0, 0, 3)
        grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
        for keys, words in rows:
            row = grid.rowCount()
            grid.addLayout(_caps(keys), row, 0)
            grid.addWidget(QLabel(words.rstrip("…")), row, 1, Qt.AlignmentFlag.AlignVCenter)
    grid.setRowStretch(grid.rowCount(), 1)
    return grid


def _caps(keys: Sequence[str]) -> QHBoxLayout:
    caps = QHBoxLayout()
    caps.setSpacing(4)
    for key in keys:
        cap = QLabel(key)
        cap.setProperty("role", "key")
        cap.setFont(ui_font(-1))
        caps.addWidget(cap)
    caps.addStretch(1)
    return caps
