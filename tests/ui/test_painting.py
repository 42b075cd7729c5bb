"""Painting: guarded everywhere, over before an exception is told of, and readable at every zoom and in longer words."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QRectF, QTranslator
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication, QGraphicsItem, QGraphicsScene, QStyledItemDelegate, QWidget
from pytestqt.qtbot import QtBot

import ui
from engine.datasets import make_dataset
from engine.graph import Graph
from ui.canvas.card import label_place, make_card, number_place
from ui.canvas.card_painter import CardPainter
from ui.canvas.look import Look
from ui.main_window import MainWindow
from ui.plots.base import Frame
from ui.theme import current, install_theme, number_font, ui_font

PAINTING = ("paintEvent", "paint", "drawBackground", "drawForeground")
CALLED_BY_QT = (QWidget, QGraphicsItem, QGraphicsScene, QStyledItemDelegate)


def painting_methods() -> Iterator[tuple[str, object]]:
    """Give the methods of ours that Qt calls to paint."""
    for info in pkgutil.walk_packages(ui.__path__, "ui."):
        for _, kind in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if kind.__module__ == info.name and issubclass(kind, CALLED_BY_QT):
                for name in PAINTING:
                    if name in vars(kind):
                        yield f"{kind.__module__}.{kind.__qualname__}.{name}", vars(kind)[name]


def test_everything_that_paints_is_guarded() -> None:
    methods = dict(painting_methods())
    assert len(methods) > 10
    assert [name for name, method in methods.items() if not hasattr(method, "__wrapped__")] == []


def fail(*_: object) -> None:
    """Break."""
    raise RuntimeError("broken on purpose")


def test_a_background_that_cannot_be_drawn_is_told_of_and_the_cards_are_drawn(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.files.open_example("xor")
    with qtbot.captureExceptions() as caught, monkeypatch.context() as patch:
        patch.setattr("ui.canvas.scene.QPen", fail)
        window.canvas.viewport().repaint()
    assert {str(value) for _, value, _ in caught} == {"broken on purpose"}


def test_a_painter_does_not_outlive_an_exception(
    qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_theme(qapp)
    frame = Frame()
    qtbot.addWidget(frame)
    active: list[bool] = []
    painters: list[QPainter] = []

    class BrokenPainter(QPainter):
        def drawRoundedRect(self, *_: object) -> None:
            painters.append(self)
            fail()

    def note(*_: object) -> None:
        active.append(painters[-1].isActive())

    with qtbot.captureExceptions(), monkeypatch.context() as patch:
        patch.setattr("ui.plots.base.QPainter", BrokenPainter)
        patch.setattr("app.errors.report_exception", note)
        frame.grab()
    assert active == [False]


def ink(image: QImage, place: QRectF) -> int:
    """Count the pixels that are not of the card's color."""
    back = image.pixel(int(place.center().x()), int(place.bottom()) - 2)
    xs, ys = range(int(place.left()), int(place.right())), range(int(place.top()), int(place.bottom()))
    return sum(image.pixel(x, y) != back for x in xs for y in ys)


@pytest.mark.parametrize("zoom", [0.25, 0.4, 0.59])
@pytest.mark.parametrize("op", ["dense", "relu", "target", "binary_cross_entropy"])
def test_a_card_shows_what_it_is_at_every_zoom(qapp: QApplication, op: str, zoom: float) -> None:
    install_theme(qapp)
    graph, node = Graph().add(op)
    card = make_card(graph.nodes[node], make_dataset("moons", {}))

    def picture() -> QImage:
        image = QImage(320, 160, QImage.Format.Format_RGB32)
        image.fill(0)
        with QPainter(image) as painter:
            painter.scale(zoom, zoom)
            CardPainter(current().colors).paint(painter, card, Look(), zoom)
        return image

    image = picture()
    # Between the ports of both sides, above any tiles.
    width, height = card.size.width() * zoom, card.size.height() * zoom
    top = 34.0 * zoom if card.tiles else height
    assert ink(image, QRectF(0.3 * width, 2.0, 0.4 * width, top - 3.0)) >= 8


class LongWords(QTranslator):
    """Every text with 40 % more characters."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        """Lengthen a text."""
        return source + "n" * round(0.4 * len(source))


@pytest.fixture
def _long_words() -> Iterator[None]:
    translator = LongWords()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


@pytest.mark.usefixtures("_long_words")
@pytest.mark.parametrize("op", ["binary_cross_entropy", "softmax_cross_entropy", "mean_squared_error"])
def test_on_a_loss_card_ports_and_number_have_room_in_longer_languages(qapp: QApplication, op: str) -> None:
    install_theme(qapp)
    graph, node = Graph().add(op)
    card = make_card(graph.nodes[node], make_dataset("moons", {}))
    number = number_place(card)
    assert number.width() >= QFontMetricsF(number_font(7, bold=True)).horizontalAdvance("-0.0000")
    for index, label in enumerate(card.labels):
        place = label_place(card, index)
        assert label.endswith("n")
        assert place.width() >= QFontMetricsF(ui_font(-2)).horizontalAdvance(label)
        assert place.right() < number.left()
    assert number.right() < card.size.width()
