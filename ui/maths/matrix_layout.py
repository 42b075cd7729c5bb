"""Where the cells of w, g and Δw stand: beside each other where there is room, else below each other."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize

from app.translate import tr

MOST = 8
"""So many rows and columns are shown at most; of a larger matrix a part around the chosen cell."""
CELL = QSize(50, 20)
HEAD = 22
"""The height of the line with the parameter's name."""
NAMES = 16
"""The height of the line with the columns' names."""
GAP = 8
BLOCKS = 3


@dataclass(frozen=True)
class MatrixLayout:
    """The places for a parameter of this shape in this width, with room for labels at the left."""

    shape: tuple[int, int]
    chosen: tuple[int, int]
    width: int
    labels: int

    @property
    def rows(self) -> range:
        """The rows that are shown."""
        return _part(self.shape[0], MOST, self.chosen[0])

    @property
    def columns(self) -> range:
        """The columns that are shown."""
        room = (self.width - self.labels) // CELL.width()
        return _part(self.shape[1], max(1, min(MOST, room)), self.chosen[1])

    @property
    def is_beside(self) -> bool:
        """Whether the three stand beside each other."""
        return self.labels + BLOCKS * self._across + (BLOCKS - 1) * GAP <= self.width

    @property
    def is_list(self) -> bool:
        """Whether they are one row each, below one line of names."""
        return self.shape[0] == 1 and not self.is_beside

    @property
    def is_part(self) -> bool:
        """Whether rows or columns are left out."""
        return (len(self.rows), len(self.columns)) != self.shape

    @property
    def height(self) -> int:
        """The height of all, with a line at the end where a part is left out."""
        down = len(self.rows) * CELL.height()
        if self.is_beside:
            body = NAMES + down
        else:
            body = NAMES + BLOCKS * down if self.is_list else BLOCKS * (NAMES + down) + (BLOCKS - 1) * GAP
        return HEAD + body + (NAMES if self.is_part else 0) + 2

    def corner(self, block: int) -> QPoint:
        """Give the top left of a matrix's cells."""
        top, down = HEAD + NAMES, len(self.rows) * CELL.height()
        if self.is_beside:
            return QPoint(self.labels + block * (self._across + GAP), top)
        return QPoint(self.labels, top + block * (down if self.is_list else down + NAMES + GAP))

    def area(self, block: int) -> QRect:
        """Give where all cells of a matrix are."""
        return QRect(self.corner(block), QSize(self._across, len(self.rows) * CELL.height()))

    def cell(self, block: int, row: int, column: int) -> QRect:
        """Give where a cell is; empty for one that is left out."""
        if row not in self.rows or column not in self.columns:
            return QRect()
        across, down = self.columns.index(column), self.rows.index(row)
        return QRect(self.corner(block) + QPoint(across * CELL.width(), down * CELL.height()), CELL)

    def cell_at(self, point: QPoint) -> tuple[int, int] | None:
        """Give the row and column of the cell at a point."""
        for block in range(BLOCKS):
            place = point - self.corner(block)
            row, column = place.y() // CELL.height(), place.x() // CELL.width()
            if 0 <= row < len(self.rows) and 0 <= column < len(self.columns):
                return self.rows[row], self.columns[column]
        return None

    @property
    def _across(self) -> int:
        return len(self.columns) * CELL.width()


def part_words(layout: MatrixLayout) -> tuple[str, str]:
    """Say which part of a matrix is shown, and how to get to the rest; then the same in fewer words."""
    (rows, columns), parts = layout.shape, []
    if len(layout.rows) < rows:
        first, last = layout.rows[0] + 1, layout.rows[-1] + 1
        parts.append(tr("rows {first}–{last} of {count}", first=first, last=last, count=rows))
    if len(layout.columns) < columns:
        first, last = layout.columns[0] + 1, layout.columns[-1] + 1
        parts.append(tr("columns {first}–{last} of {count}", first=first, last=last, count=columns))
    words = ", ".join(parts)
    return tr("{part}; arrow keys go on", part=words), words


def _part(count: int, room: int, chosen: int) -> range:
    """Give neighboring numbers, as many as have room, with the chosen one as near to the middle as it can be."""
    start = min(max(chosen - room // 2, 0), max(count - room, 0))
    return range(start, min(start + room, count))
