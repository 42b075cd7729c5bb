"""The Maths tab with real events: whom it follows, what it shows, what can be chosen, and when it rests."""

from __future__ import annotations

import re
from html import unescape
from time import monotonic

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.document import Document
from app.examples import load_example
from app.runner import Runner
from engine.explanation_marks import gradient_mark, update_mark
from engine.explanation_parts import State
from engine.gradients import make_gradient_method
from engine.program import Phase
from engine.snapshot import Snapshot
from tests.ui.gestures import LEFT, NO_KEYS, choose_tab
from tests.ui.links import click_link, is_fold
from tests.ui.travels import shown
from ui.canvas.stage import Chip, make_stage
from ui.main_window import MainWindow
from ui.maths.panel import REFRESH_MS, MathsPanel
from ui.maths.typesetting import number_text
from ui.theme import Mode, current, install_theme

A, B = 2, 3
LAYERS = ["A · 4 tanh", "B · 2 tanh", "C · 1 identity"]
"""Nodes of the example two-moons."""
CHIPS = {State.PENDING: Chip.EMPTY, State.STALE: Chip.STALE, State.FRESH: Chip.FRESH}


class Lab:
    """The tab alone, around a real document and runner."""

    def __init__(self, qtbot: QtBot, app: QApplication, example: str) -> None:
        install_theme(app)
        self.document = Document(load_example(example).project)
        self.runner = Runner(self.document)
        self.maths = MathsPanel(self.document, self.runner)
        self.maths.resize(320, 700)
        qtbot.addWidget(self.maths)
        with qtbot.waitExposed(self.maths):
            self.maths.show()

    @property
    def now(self) -> Snapshot:
        assert self.runner.snapshot is not None
        return self.runner.snapshot

    def go_to(self, phase: Phase, node: int | None = None) -> Snapshot:
        """Do micro-steps up to the last one of a phase, or of a phase at a node."""
        for _ in range(100):
            self.runner.micro_step()
            now = self.now
            last, following = now.last, now.next
            if now.phase is not phase or last is None:
                continue
            if following.phase is not phase or (node is not None and following.node != node == last.node):
                return now
        raise AssertionError(phase)


@pytest.fixture
def lab(qtbot: QtBot, qapp: QApplication) -> Lab:
    """The two moons, with nothing selected."""
    return Lab(qtbot, qapp, "two-moons")


@pytest.fixture
def moons(window: MainWindow) -> MainWindow:
    """A window with the two moons, and the Maths tab in front."""
    window.files.open_example("two-moons")
    choose_tab(window, window.side.maths)
    assert window.side.maths.isVisible()
    return window


def text(label: QLabel) -> str:
    """Give what a person reads."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", label.text().replace("</p>", " "))))


def words(maths: MathsPanel) -> str:
    """Give all that is read below the boxes."""
    return " ".join(text(block) for block in (*maths.works, maths.update_) if block.isVisibleTo(maths))


# ---- in the window ---------------------------------------------------------------------------------------------------


def test_keys_step_it_and_the_selection_holds_it(moons: MainWindow) -> None:
    maths = moons.side.maths
    titles = []
    for _ in range(shown(moons).micro_count):
        QTest.keyClick(moons.canvas, Qt.Key.Key_F6)
        titles.append(maths.heading.title.text())
    assert list(dict.fromkeys(titles[:10])) == ["Features", *LAYERS, "Binary cross-entropy"]
    assert list(dict.fromkeys(titles[10:])) == ["Binary cross-entropy", *LAYERS[::-1]]
    moons.canvas.select([B])
    assert maths.heading.title.text() == LAYERS[1]
    assert "the selected node" in maths.heading.place.text()
    QTest.keyClick(moons.canvas, Qt.Key.Key_F6)
    assert maths.heading.title.text() == LAYERS[1]
    assert "not computed yet" in words(maths)
    moons.canvas.select([])
    assert "the active node" in maths.heading.place.text()


def test_what_is_added_deleted_and_brought_back_leaves_it_in_order(moons: MainWindow) -> None:
    maths = moons.side.maths
    moons._add_node("tanh")
    assert maths.heading.title.text() == "tanh"
    assert "a = tanh z" in text(maths.works[0])
    assert "no numbers" in maths.heading.place.text()
    assert not maths.choosers.isVisible()
    assert not maths.update_.isVisible()
    moons.canvas.select([A])
    moons.runner.step()
    moons.actions_["delete"].trigger()
    assert maths.heading.title.text() == "Maths"
    moons.actions_["undo"].trigger()
    moons.canvas.select([A])
    assert maths.heading.title.text() == LAYERS[0]


def test_nothing_is_drawn_while_it_is_hidden(moons: MainWindow) -> None:
    maths = moons.side.maths
    moons.side.setCurrentWidget(moons.side.outline)
    before = maths.explanation
    moons.runner.step()
    assert maths.explanation is before
    moons.side.setCurrentWidget(maths)
    assert maths.explanation is not None
    assert (maths.explanation.matrices[0].weights == shown(moons).weights(shown(moons).program.parameters[0])).all()


# ---- the tab alone ---------------------------------------------------------------------------------------------------


def test_forward_and_backward_numbers_are_those_of_the_chosen_row_and_unit(lab: Lab) -> None:
    maths = lab.maths
    now = lab.go_to(Phase.BACKWARD, B)
    activation = now.activation(B)
    assert number_text(activation[0, 0]) in text(maths.works[2])
    for _ in range(2):
        QTest.keyClick(maths.choosers.row, Qt.Key.Key_Up)
    QTest.keyClick(maths.choosers.unit, Qt.Key.Key_Up)
    assert maths.choosers.row.text() == "row 3 of 32"
    assert maths.choosers.unit.text() == "unit 2 of 2"
    tanh = next(i for i in now.program.instructions if i.op.name == "tanh" and i.node == B)
    z = now.program.view(now.arena, tanh.inputs[0], now.rows)
    given, result = number_text(float(z[2, 1])), number_text(activation[2, 1])
    assert f"a2 = tanh {given if given[0] != '−' else f'({given})'} = {result}" in text(maths.works[2])
    W = next(p for p in now.program.parameters if p.title == "W_B")
    assert "∂L/∂W1,2 = " in text(maths.works[0])
    assert f"= {number_text(now.gradient(W)[0, 1])}" in text(maths.works[0])


def test_the_row_below_the_first_is_the_mean(lab: Lab) -> None:
    maths = lab.maths
    now = lab.go_to(Phase.FORWARD, A)
    QTest.keyClick(maths.choosers.row, Qt.Key.Key_Down)
    assert maths.choosers.row.text() == "mean over rows"
    assert f"a1 = {number_text(float(now.activation(A)[:, 0].mean()))}" in text(maths.works[2])


def test_a_long_sum_unfolds_and_folds_by_a_click(lab: Lab, qtbot: QtBot) -> None:
    lab.go_to(Phase.BACKWARD, A)
    block = lab.maths.works[0]
    assert "… 29 more terms, together" in text(block)
    click_link(qtbot, lab.maths, block, is_fold)
    assert "more terms" not in text(block)
    assert text(block).count("·") >= 32
    click_link(qtbot, lab.maths, block, is_fold)
    assert "… 29 more terms, together" in text(block)


def test_a_click_on_a_cell_makes_the_tab_follow_that_weight(lab: Lab) -> None:
    maths = lab.maths
    lab.maths.show_selection([A])
    now = lab.go_to(Phase.UPDATE)
    assert now.micro == 0
    view = maths.matrices[0]
    QTest.mouseClick(view, LEFT, NO_KEYS, view.cell_rect(1, 1, 2).center())
    assert "WA[2,3]" in text(maths.update_)
    W = now.program.parameters[0]
    assert f"= {number_text(now.update(W)[1, 2])}" in text(maths.update_)
    assert maths.choosers.unit.value() == 3
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert "WA[2,4]" in text(maths.update_)
    bias = maths.matrices[1]
    QTest.mouseClick(bias, LEFT, NO_KEYS, bias.cell_rect(0, 0, 0).center())
    assert "bA[1]" in text(maths.update_)


def test_phase_5_shows_the_optimizers_lines_its_slots_and_why(lab: Lab) -> None:
    maths = lab.maths
    lab.maths.show_selection([A])
    before = lab.go_to(Phase.BACKWARD)
    assert "in phase 5" in text(maths.update_)
    assert "Why did this weight move?" not in text(maths.update_)
    after = lab.go_to(Phase.UPDATE)
    shown_words = text(maths.update_)
    m = after.program.slots(after.arena, 1)[0][after.program.parameters[0].offset]
    for part in ("Adam, for WA[1,1]", "Why did this weight move?", f"m = {number_text(0.0)} → {number_text(float(m))}"):
        assert part in shown_words
    g = before.gradient(before.program.parameters[0])[0, 0]
    assert f"g is {g:.4g}".replace("-", "−") in shown_words
    assert maths.update_.y() < maths.works[0].y()
    assert "they belong to the weights after step 0, batch 1" in maths.heading.staleness.text()
    assert maths.heading.staleness.isVisible()


def test_g_and_updates_stand_as_the_chips_on_the_canvas_do(lab: Lab) -> None:
    pipeline = lab.now.pipeline
    method = make_gradient_method(pipeline.method.kind, pipeline.method.settings)
    for _ in range(2 * lab.now.micro_count + 3):
        now = lab.now
        stage = make_stage(now, method)
        for node in now.program.layers:
            assert CHIPS[gradient_mark(now, node, method).state] is stage.gradient_chip(node)
        assert CHIPS[update_mark(now).state] is stage.update_chip
        lab.runner.micro_step()


def test_a_run_at_speed_is_followed_a_few_times_a_second_and_exactly_when_paused(lab: Lab, qtbot: QtBot) -> None:
    maths = lab.maths
    lab.maths.show_selection([A])
    seen: list[str] = []
    frames: list[Snapshot] = []

    def note(snapshot: Snapshot) -> None:
        frames.append(snapshot)
        if not seen or seen[-1] != maths.update_.text():
            seen.append(maths.update_.text())

    lab.runner.set_speed(None)
    lab.runner.frame_ready.connect(note)
    begun = monotonic()
    lab.runner.run()
    qtbot.waitUntil(lambda: len(frames) > 4 and len(seen) > 2, timeout=60_000)
    # The first moment at once, then one each time; Qt's timers may be a twentieth early.
    assert (len(seen) - 1) * REFRESH_MS * 0.95 <= (monotonic() - begun) * 1000
    lab.runner.pause()
    now = lab.now
    assert maths.explanation is not None
    W = now.program.parameters[0]
    assert (maths.explanation.matrices[0].update == now.update(W)).all()
    assert REFRESH_MS >= 200


def test_both_themes_have_their_own_colors(lab: Lab) -> None:
    lab.maths.show_selection([A])
    modes: tuple[Mode, ...] = ("light", "dark")
    try:
        for mode in modes:
            current().set_mode(mode)
            assert current().colors.backward_text in lab.maths.works[0].text()
    finally:
        current().set_mode("system")


def test_a_search_shows_who_won_and_that_no_gradient_was_needed(qtbot: QtBot, qapp: QApplication) -> None:
    lab = Lab(qtbot, qapp, "xor-genetic")
    for _ in range(lab.now.micro_count):
        lab.runner.micro_step()
    found = text(lab.maths.update_)
    assert "Of all 50, member" in found
    assert "no g was needed" in found


@pytest.mark.parametrize("key", ["one-neuron", "linear-regression", "batch-norm", "valley"])
def test_an_example_is_shown_on_every_micro_step_without_a_blank(qtbot: QtBot, qapp: QApplication, key: str) -> None:
    lab = Lab(qtbot, qapp, key)
    for _ in range(lab.now.micro_count + 1):
        lab.runner.micro_step()
        assert lab.maths.explanation is not None
        assert words(lab.maths)
