"""The matrices of the Maths tab while a step goes on, in narrow and wide tabs: nothing shifts, nothing is cut off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.document import Document
from app.examples import load_example
from app.runner import Runner
from ui.maths.matrix_layout import MatrixLayout, part_words
from ui.maths.panel import MathsPanel
from ui.theme import install_theme, ui_font


@pytest.mark.parametrize("width", [250, 300, 320, 420, 700])
def test_no_matrix_moves_sideways_when_its_numbers_become_stale(qtbot: QtBot, qapp: QApplication, width: int) -> None:
    install_theme(qapp)
    document = Document(load_example("two-moons").project)
    runner = Runner(document)
    maths = MathsPanel(document, runner)
    maths.resize(width, 700)
    qtbot.addWidget(maths)
    runner.step()
    with qtbot.waitExposed(maths):
        maths.show()
    runner.micro_step()
    columns: set[tuple[int, ...]] = set()
    for _ in range(runner.snapshot.micro_count if runner.snapshot else 0):
        QApplication.processEvents()
        view = maths.matrices[0]
        rects = [view.cell_rect(block, 0, 0) for block in range(3)]
        if runner.snapshot is not None and view.accessibleName().startswith("W_A"):
            columns.add(tuple(rect.x() for rect in rects))
        runner.micro_step()
    assert len(columns) == 1


@pytest.mark.parametrize(
    ("shape", "chosen", "words"),
    [
        ((2, 12), (0, 0), "columns 1–4 of 12"),
        ((64, 3), (63, 0), "rows 57–64 of 64"),
        ((64, 32), (0, 31), "rows 1–8 of 64, columns 29–32 of 32"),
    ],
)
def test_what_is_left_out_is_said_in_words_that_have_room(
    qapp: QApplication, shape: tuple[int, int], chosen: tuple[int, int], words: str
) -> None:
    layout = MatrixLayout(shape, chosen, 250, 40)
    assert part_words(layout) == (f"{words}; arrow keys go on", words)
    assert QFontMetrics(ui_font(-3)).horizontalAdvance(words) <= layout.width
    assert layout.cell(0, *chosen) != QRect()
