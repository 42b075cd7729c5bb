"""Colored areas: shades from end to end, and boundary lines where the numbers cross."""

import math

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsScene

from ui.plots.field import SHADES, FieldItem, class_shades, crossings, place, shades


def test_shades_go_from_low_through_the_middle_to_high() -> None:
    found = shades("#FF0000", "#FFFFFF", "#0000FF", strength=1.0)
    assert (hex(found[0]), hex(found[-1])) == ("0xffff0000", "0xff0000ff")
    middle = QColor(int(found[SHADES // 2]))
    assert min(middle.red(), middle.green(), middle.blue()) > 250


def test_the_strength_leaves_room_for_points_of_the_full_color() -> None:
    assert QColor(int(shades("#000000", "#FFFFFF", "#000000", strength=0.5)[0])).red() == pytest.approx(128, abs=1)


def test_each_class_has_shades_of_its_own() -> None:
    found = class_shades(["#FF0000", "#00FF00"], "#FFFFFF", strength=1.0)
    assert found.shape == (2, SHADES)
    assert [hex(color) for color in found[:, -1]] == ["0xffff0000", "0xff00ff00"]
    assert (found[:, 0] == 0xFFFFFFFF).all()


def test_values_find_their_shade_and_nan_the_middle() -> None:
    found = place(np.array([-9.0, 0.0, 0.5, 1.0, math.inf, math.nan]), 0.0, 1.0)
    assert found.tolist() == [0, 0, SHADES // 2, SHADES - 1, SHADES - 1, SHADES // 2]


def test_the_boundary_of_a_plane_is_where_it_crosses() -> None:
    x, y = np.linspace(-1, 1, 20), np.linspace(-2, 2, 30)
    field = x + 0.5 * y[:, np.newaxis]
    found_x, found_y = crossings(field, 0.1, x, y)
    assert len(found_x) > 40
    assert len(found_x) % 2 == 0
    assert found_x + 0.5 * found_y == pytest.approx(0.1, abs=1e-12)


def test_the_boundary_of_a_circle_has_its_length() -> None:
    x = np.linspace(-1, 1, 101)
    found_x, found_y = crossings(x**2 + x[:, np.newaxis] ** 2, 0.49, x, x)
    pieces = np.hypot(found_x[1::2] - found_x[::2], found_y[1::2] - found_y[::2])
    assert pieces.sum() == pytest.approx(2 * math.pi * 0.7, rel=1e-3)


def test_there_is_no_boundary_where_nothing_crosses_or_is_not_finite() -> None:
    x = np.linspace(0, 1, 5)
    assert len(crossings(np.ones((5, 5)), 0.5, x, x)[0]) == 0
    assert len(crossings(np.full((5, 5), math.nan), 0.5, x, x)[0]) == 0


def test_the_image_covers_its_ranges_with_the_first_row_lowest(qapp: object) -> None:
    item = FieldItem()
    item.show_pixels(np.array([[0xFFFF0000, 0xFF00FF00], [0xFF0000FF, 0xFFFFFFFF]], dtype=np.uint32), (0, 1), (0, 1))
    assert item.boundingRect().getCoords() == (-0.5, -0.5, 1.5, 1.5)
    scene = QGraphicsScene()
    scene.addItem(item)
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    scene.render(painter)
    painter.end()
    # A scene's y axis points down, so that the first row is on top here; a chart turns it over.
    corners = [image.pixelColor(i, j).name() for i, j in ((2, 2), (37, 2), (2, 37), (37, 37))]
    assert corners == ["#ff0000", "#00ff00", "#0000ff", "#ffffff"]
