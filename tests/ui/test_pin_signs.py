"""The sign on the card of a node with pinned parameters: legible, in nobody's way, and true."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.canvas.lab import POSITIONS, A, B
from tests.ui.color_science import Triple, contrast
from tests.ui.desk import Desk, click, make_desk
from ui.canvas.card import pin_place
from ui.canvas.stage import Chip
from ui.edits import change_graph
from ui.theme import Mode, Theme, install_theme


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = install_theme(qapp)
    yield theme
    theme.set_mode("system")


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> Desk:
    return make_desk(qtbot, qapp)


def picture(desk: Desk) -> QImage:
    """Draw the canvas at 100 % around A."""
    area = QRect(int(POSITIONS[A][0]) - 40, int(POSITIONS[A][1]) - 40, 200, 320)
    image = QImage(area.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    desk.view._scene.render(painter, image.rect(), area)
    painter.end()
    return image


def rgb(color: QColor) -> Triple:
    return color.redF(), color.greenF(), color.blueF()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_sign_on_a_card_is_legible_and_moves_nothing(desk: Desk, theme: Theme, mode: Mode) -> None:
    theme.set_mode(mode)
    card, without = desk.card(A).card, picture(desk)
    click(desk.parameters(A).pins["b"])
    desk.view.select(())
    assert desk.card(A).card is card
    after = picture(desk)
    place = pin_place(card).translated(QPointF(40.0, 40.0)).toAlignedRect().adjusted(-1, -1, 1, 1)
    size = after.size()
    points = [(x, y) for x in range(size.width()) for y in range(size.height())]
    different = [(x, y) for x, y in points if after.pixel(x, y) != without.pixel(x, y)]
    assert different
    assert all(place.contains(x, y) for x, y in different)
    fill = rgb(QColor(theme.colors.fill))
    assert sum(contrast(rgb(after.pixelColor(x, y)), fill) > 7 for x, y in different) > 15
    desk.document.undo_stack.undo()
    assert picture(desk) == without


def test_the_tool_tip_of_a_card_names_what_is_pinned(desk: Desk) -> None:
    click(desk.parameters(A).pins["b"])
    item = desk.card(A)
    for place in (pin_place(item.card).center(), pin_place(item.card).topLeft() + QPointF(8.0, 1.0), QPointF(56, 14)):
        assert "Pinned, so that no update changes it: b_A" in desk.view._scene.details_at(item.pos() + place)
    assert "Pinned" not in desk.view._scene.details_at(desk.card(B).pos() + QPointF(56.0, 14.0))


def test_a_card_with_all_pinned_shows_no_update(desk: Desk) -> None:
    desk.view.select([A])
    desk.view.pin.trigger()
    click(desk.parameters(B).pins["W"])
    desk.runner.step()
    a, b = desk.card(A).look, desk.card(B).look
    assert (a.is_open, a.update, a.gradient) == (False, Chip.EMPTY, Chip.FRESH)
    assert (b.is_open, b.update, b.is_pinned) == (True, Chip.FRESH, True)


def test_a_pin_of_a_bias_that_is_turned_off_shows_no_sign(desk: Desk) -> None:
    click(desk.parameters(A).pins["b"])
    change_graph(desk.document, "no bias", desk.graph.set(A, {"bias": False}))
    assert not desk.card(A).look.is_pinned
    assert list(desk.parameters(A).pins) == ["W"]
    assert desk.changed_by(2) == {"W_A", "W_B", "b_B"}
    change_graph(desk.document, "bias", desk.graph.set(A, {"bias": True}))
    assert desk.card(A).look.is_pinned
