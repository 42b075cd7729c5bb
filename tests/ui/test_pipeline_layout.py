"""The pipeline bar at every width: nothing is clipped, nothing overlaps, nothing moves while values change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel, QStyle, QStyleOptionComboBox, QWidget
from pytestqt.qtbot import QtBot

from engine.gradients import GRADIENT_METHODS
from engine.optimizers import OPTIMIZERS
from engine.program import Phase
from tests.ui.bench import Bench
from tests.ui.canvas.lab import LOSS, moons_graph
from ui.edits import change_graph, choose_data, choose_method, choose_optimizer, set_method
from ui.pill import FittingText
from ui.pipeline import HEIGHT, NARROWEST, ROOMY, TIGHT, WIDE, PipelineBar
from ui.theme import Mode, install_theme, ui_font

WIDTHS = (NARROWEST, TIGHT, 1280, WIDE, 1440, ROOMY, 1920)
PAIRS = [(method, optimizer) for method in GRADIENT_METHODS for optimizer in ("sgd", "genetic-algorithm")]
PAIRS += [("backpropagation", optimizer) for optimizer in OPTIMIZERS] + [("none", "adam"), ("none", "none")]


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Iterator[Bench]:
    """A bar whose loss has penalties; the theme may be switched."""
    theme = install_theme(qapp)
    before = theme.mode
    yield Bench(qtbot, moons_graph().set(LOSS, {"l2": 0.01}))
    theme.set_mode(before)


def boxes(bar: PipelineBar) -> list[QWidget]:
    return [bar.data, bar.evaluate, bar.method, bar.gradient, bar.optimizer, bar.weights]


def check_fit(bar: PipelineBar) -> None:
    """Check that every text has room; one that was cut has all its words in the tooltip."""
    for one, next_ in pairwise(boxes(bar)):
        assert one.geometry().right() + 8 < next_.geometry().left()
    assert bar.weights.geometry().right() <= bar.width() - 12
    assert bar.data.geometry().left() == 12
    for label in bar.findChildren(QLabel):
        if label.isVisible() and label.text():
            assert QFontMetrics(label.font()).horizontalAdvance(label.text()) <= label.width(), label.text()
    for shown in bar.findChildren(FittingText):
        text, size = shown._fitting()
        font = ui_font(size, bold=shown._may_be_bold)
        assert QFontMetrics(font).horizontalAdvance(text) <= shown.width() - 2 * shown._margin, text
        assert shown.toolTip().startswith(shown._texts[0])
        if text.endswith("…"):
            assert text.startswith("▲"), "only reasons, which hold what was typed, have no short form"
    place = bar.gradient._fitting()
    assert not place.endswith("…")
    assert QFontMetrics(ui_font(-3)).horizontalAdvance(place) <= bar.gradient.width() - 8


@pytest.mark.parametrize(("width", "mode"), [*((w, "light") for w in WIDTHS), (NARROWEST, "dark"), (1280, "dark")])
def test_every_method_with_every_optimizer_has_room_for_its_words(
    bench: Bench, qapp: QApplication, width: int, mode: Mode
) -> None:
    install_theme(qapp).set_mode(mode)
    bench.bar.resize(width, HEIGHT)
    bench.runner.step()
    for method, optimizer in PAIRS:
        choose_method(bench.document, method)
        choose_optimizer(bench.document, optimizer)
        QApplication.sendPostedEvents()
        bench.runner.step()
        check_fit(bench.bar)
    choose_optimizer(bench.document, "sgd")
    for method in GRADIENT_METHODS.keys() - {"none"}:
        choose_method(bench.document, method)
        for phase in Phase:
            bench.go_to(phase)
            check_fit(bench.bar)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_reason_longer_than_its_place_is_cut_and_stands_in_the_tooltip(bench: Bench, width: int) -> None:
    bench.bar.resize(width, HEIGHT)
    choose_method(bench.document, "typed")
    set_method(bench.document, "g", "the_name_of_a_parameter_that_is_nowhere_in_this_network = 1")
    pill = bench.bar.method.backward
    check_fit(bench.bar)
    assert pill.text().startswith("▲ there is")
    assert pill.toolTip() == "▲ there is no parameter the_name_of_a_parameter_that_is_nowhere_in_this_network here"


@pytest.mark.parametrize("optimizer", ["sgd", "genetic-algorithm"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_while_values_change(bench: Bench, width: int, optimizer: str) -> None:
    bench.bar.resize(width, HEIGHT)
    choose_optimizer(bench.document, optimizer)
    QApplication.sendPostedEvents()

    def places() -> list[tuple[int, int]]:
        widgets = bench.bar.findChildren(QWidget)
        return [(w.mapTo(bench.bar, w.rect().topLeft()).x(), w.width()) for w in widgets if w.isVisible()]

    before = places()
    for _ in range(70):
        bench.runner.micro_step()
        QApplication.sendPostedEvents()
        assert places() == before
    assert bench.snapshot.step >= 1
    choose_data(bench.document, "xor")
    choose_optimizer(bench.document, "random-search" if optimizer != "sgd" else "rmsprop")
    choose_method(bench.document, "finite-differences")
    QApplication.sendPostedEvents()
    assert places() == before


@pytest.mark.parametrize("width", WIDTHS)
def test_swapping_the_optimizer_moves_no_box_and_no_field(bench: Bench, width: int) -> None:
    bench.bar.resize(width, HEIGHT)

    def places() -> list[tuple[int, int]]:
        parts = (*boxes(bench.bar), bench.bar.method.kind, bench.bar.optimizer.kind)
        return [(part.x(), part.width()) for part in parts]

    before = places()
    for optimizer in OPTIMIZERS:
        choose_optimizer(bench.document, optimizer)
        QApplication.sendPostedEvents()
        assert places() == before, optimizer


@pytest.mark.parametrize("width", WIDTHS)
def test_every_choice_and_every_field_has_room_in_its_box(bench: Bench, width: int) -> None:
    bench.bar.resize(width, HEIGHT)
    bar = bench.bar
    for box in (bar.data.kind, bar.method.kind, bar.optimizer.kind):
        option = QStyleOptionComboBox()
        box.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, box).width()
        widths = {box.itemText(k): box.fontMetrics().horizontalAdvance(box.itemText(k)) for k in range(box.count())}
        assert {words: needed for words, needed in widths.items() if needed > room} == {}
    for frame in boxes(bar):
        for part in frame.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if part.isVisible():
                assert frame.rect().adjusted(1, 1, -1, -1).contains(part.geometry()), part


def test_captions_are_written_out_where_there_is_room(bench: Bench) -> None:
    bench.bar.resize(WIDE, HEIGHT)
    assert bench.bar.method.caption.text() == "GRADIENT METHOD"
    bench.bar.resize(WIDE - 1, HEIGHT)
    assert bench.bar.method.caption.text() == "GRADIENT"


def test_penalties_take_the_place_of_a_caption_only_where_there_is_no_room_for_both(bench: Bench) -> None:
    evaluate = bench.bar.evaluate
    for width, has_caption in ((ROOMY, True), (ROOMY - 1, False)):
        bench.bar.resize(width, HEIGHT)
        QApplication.sendPostedEvents()
        assert (evaluate.caption.isVisible(), evaluate.penalty.isVisible()) == (has_caption, True)
    change_graph(bench.document, "no penalty", moons_graph())
    assert (evaluate.caption.isVisible(), evaluate.penalty.isVisible()) == (True, False)


@pytest.mark.parametrize("width", WIDTHS)
def test_very_large_losses_have_room(bench: Bench, width: int) -> None:
    bench.bar.resize(width, HEIGHT)
    bench.go_to(Phase.LOSS)
    losses = {0.0458: "0.0458", -1234.5: "-1234.5", 1.24e156: "1.2e+156", -4.6e7: "-4.6e+07", -8.6e299: "-9e+299"}
    for loss, text in losses.items():
        bench.bar.evaluate.show_snapshot(replace(bench.snapshot, loss=loss, penalty=abs(loss)))
        QApplication.sendPostedEvents()
        assert bench.bar.evaluate.loss.text() == f"L = {text}"
        check_fit(bench.bar)
    assert bench.bar.evaluate.penalty.text() == "P = 9e+299"
    assert "-8.6e+299 = -1.7e+300 of the data + 8.6e+299 of the penalties" in bench.bar.evaluate.loss.toolTip()
