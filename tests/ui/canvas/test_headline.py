"""The strip above the canvas: numbers as the engine writes them, one next step for each method, no words cut off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetrics, QTextDocument
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.document import Document
from app.project import Project
from app.runner import Runner
from app.translate import format_number
from engine.gradients import GRADIENT_METHODS
from engine.message import message
from engine.optimizers import OPTIMIZERS, Search
from engine.program import Phase
from engine.snapshot import Snapshot
from engine.step_order import MicroStep
from tests.ui.canvas.lab import LOSS, POSITIONS, A, Lab, experiment, moons_graph
from ui.canvas.headline import HEIGHT, Headline
from ui.canvas.row_bars import row_bars
from ui.edits import change_graph, choose_method, choose_optimizer
from ui.theme import current, install_theme

SEARCHES = [name for name, kind in OPTIMIZERS.items() if issubclass(kind, Search)]


class Stage:
    """A headline of its own with a real run."""

    def __init__(self, headline: Headline) -> None:
        self.headline = headline
        self.document = Document(Project(experiment(moons_graph()), POSITIONS))
        self.runner = Runner(self.document)

    @property
    def snapshot(self) -> Snapshot:
        snapshot = self.runner.snapshot
        assert snapshot is not None
        return snapshot

    def show(self, snapshot: Snapshot | None = None) -> tuple[str, str]:
        """Show a moment; give the words as they are read, and what comes next."""
        graph = self.document.project.experiment.graph
        problems = self.runner.compilation.problems
        self.headline.show_moment(snapshot or self.runner.snapshot, problems, graph, is_calm=False)
        return self.read(), self.headline.next.text()

    def read(self) -> str:
        words = QTextDocument()
        words.setHtml(self.headline.words.text())
        return words.toPlainText()

    def show_step(self, step: MicroStep) -> str:
        return self.show(replace(self.snapshot, last=step))[0]

    def go_before(self, phase: Phase) -> None:
        """Go to where a micro-step of this phase comes next."""
        while self.snapshot.next.phase is not phase:
            self.runner.micro_step()


def open_stage(qtbot: QtBot, app: QApplication) -> Stage:
    """Show a headline as wide as a canvas."""
    install_theme(app)
    headline = Headline(current())
    qtbot.addWidget(headline)
    headline.resize(900, HEIGHT)
    with qtbot.waitExposed(headline):
        headline.show()
    return Stage(headline)


@pytest.fixture
def stage(qtbot: QtBot, qapp: QApplication) -> Stage:
    return open_stage(qtbot, qapp)


def test_numbers_are_written_as_the_template_says(stage: Stage) -> None:
    words = message(
        "Tried {candidate}: L = {loss:.4f}, {count:d} left", candidate=message("w & <b>"), loss=0.5, count=3
    )
    assert stage.show_step(MicroStep(Phase.UPDATE, None, words)) == "Tried w & <b>: L = 0.5000, 3 left"


def test_the_node_stands_out_and_its_name_is_no_html(stage: Stage) -> None:
    words = message("Forward through {node}: {loss:.2f} < 2", node="<i>A</i>", loss=1.0)
    assert stage.show_step(MicroStep(Phase.FORWARD, A, words)) == "Forward through <i>A</i>: 1.00 < 2"
    assert f'<b style="color:{current().colors.forward_text}">&lt;i&gt;A&lt;/i&gt;</b>' in stage.headline.words.text()


@pytest.mark.parametrize("method", [name for name in GRADIENT_METHODS if name != "none"])
def test_what_comes_next_in_phase_4_is_a_pass_of_the_method(stage: Stage, method: str) -> None:
    choose_method(stage.document, method)
    stage.go_before(Phase.BACKWARD)
    _, following = stage.show()
    assert following.startswith(f"Next: {GRADIENT_METHODS[method].label}")
    node = stage.snapshot.next.node
    assert node is None or following.endswith(f", {stage.snapshot.program.graph.nodes[node].full_words} →")


@pytest.mark.parametrize("optimizer", SEARCHES)
def test_candidates_are_counted_before_and_after(stage: Stage, optimizer: str) -> None:
    choose_optimizer(stage.document, optimizer)
    stage.go_before(Phase.UPDATE)
    count = stage.snapshot.passes
    for number in range(1, count + 1):
        _, following = stage.show()
        assert following == f"Next: try candidate {number} of {count} →"
        stage.runner.micro_step()
        words, following = stage.show()
        assert f"{number} of {count}: L = " in words
    assert following == "Next: update →"
    stage.runner.micro_step()
    words, following = stage.show()
    label = OPTIMIZERS[optimizer].label
    assert words.startswith((f"{label} went by the losses of its", f"None of the {count} candidates of {label} was"))
    assert following == "Next: draw 32 of 240 rows →"


@pytest.mark.parametrize("width", [420, 560, 700, 900, 1300])
def test_no_words_are_cut_without_a_sign_and_all_stand_in_the_tooltip(stage: Stage, width: int) -> None:
    headline = stage.headline
    headline.resize(width, HEIGHT)
    for method in GRADIENT_METHODS:
        choose_method(stage.document, method)
        for optimizer in ("sgd", "genetic-algorithm"):
            choose_optimizer(stage.document, optimizer)
            begun = stage.snapshot.step
            while stage.snapshot.step == begun:
                stage.runner.micro_step()
                words, following = stage.show()
                check_fit(headline, words, following)
                if width >= 900:
                    assert not words.endswith("…")
                    assert following != "Next →"


def test_a_long_sentence_gets_smaller_then_shortens_the_button_then_loses_its_end(stage: Stage) -> None:
    headline = stage.headline
    sizes = []
    for count in (5, 24, 34, 90):
        words = "word " * count
        read = stage.show_step(MicroStep(Phase.FORWARD, None, message("{words}", words=words)))
        check_fit(headline, read, headline.next.text())
        assert headline.toolTip() == words
        is_short = headline.next.text() == "Next →"
        sizes.append((headline.words.font().pixelSize(), is_short, read.endswith("…")))
    assert sizes == [(13, False, False), (12, False, False), (12, False, False), (12, True, True)]
    headline.resize(4000, HEIGHT)
    assert stage.read().strip() == ("word " * 90).strip()
    assert headline.next.text() == "Next: draw 32 of 240 rows →"


def test_a_problem_is_told_with_its_sign(stage: Stage) -> None:
    change_graph(stage.document, "cut", moons_graph().remove([A]))
    words, _ = stage.show()
    assert words.startswith("▲ ")
    assert not stage.headline.next.isVisible()


def check_fit(headline: Headline, read: str, following: str) -> None:
    """Check that what is shown has room: the words laid out as the label lays them out, and what comes next."""
    QApplication.sendPostedEvents()
    shown = QTextDocument()
    shown.setDefaultFont(headline.words.font())
    shown.setDocumentMargin(0)
    shown.setHtml(headline.words.text())
    shown.setTextWidth(headline.words.width())
    assert shown.size().height() <= HEIGHT, read
    assert shown.size().width() <= headline.words.width(), read
    plain = " ".join(headline.toolTip().split())
    assert plain == read.strip() or (read.endswith("…") and plain.startswith(read[:-1])), read
    assert QFontMetrics(headline.next.font()).horizontalAdvance(following) < headline.next.width()
    assert headline.next.geometry().right() < headline.width()


def test_a_fast_run_that_becomes_slow_is_shown_at_once(lab: Lab, qtbot: QtBot) -> None:
    lab.runner.set_speed(None)
    lab.runner.run()
    headline, card = lab.view.headline, lab.view._scene.nodes[LOSS]
    qtbot.waitUntil(lambda: "animation is skipped" in headline.words.text() and headline.next.isHidden())
    before = lab.runner.snapshot
    lab.runner.set_speed(0.05)
    qtbot.waitUntil(lambda: lab.runner.snapshot is not before)
    shown = lab.runner.snapshot
    assert shown is not None
    assert "animation is skipped" not in headline.words.text()
    assert not headline.next.isHidden()
    assert card.look.number == format_number(shown.loss or 0.0)
    assert card.look.bars == row_bars(shown)
