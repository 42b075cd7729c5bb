"""The Maths tab is laid out before it is painted: texts that have grown never lie over each other."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.document import Document
from app.examples import load_example
from app.runner import Runner
from ui.maths.panel import MathsPanel
from ui.theme import install_theme


class Paints(QObject):
    """Counts how often labels are painted, and how often without room for all their lines."""

    def __init__(self) -> None:
        super().__init__()
        self.count = self.cut = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count and let pass."""
        if event.type() is QEvent.Type.Paint and isinstance(watched, QLabel):
            self.count += 1
            self.cut += watched.height() < watched.heightForWidth(watched.width())
        return False


def test_no_text_is_painted_without_room_for_its_lines(qtbot: QtBot, qapp: QApplication) -> None:
    install_theme(qapp)
    document = Document(load_example("two-moons").project)
    runner = Runner(document)
    maths = MathsPanel(document, runner)
    maths.resize(320, 700)
    qtbot.addWidget(maths)
    with qtbot.waitExposed(maths):
        maths.show()
    paints = Paints()
    for _ in range(2 * (runner.snapshot.micro_count if runner.snapshot else 0)):
        for block in maths.works:
            block.removeEventFilter(paints)
            block.installEventFilter(paints)
        runner.micro_step()
        QApplication.processEvents()
    assert paints.count > 20
    assert paints.cut == 0
