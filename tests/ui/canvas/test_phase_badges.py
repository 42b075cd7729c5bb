"""The badge of each phase stands out from the canvas, by its fill or by its edge."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from tests.ui.canvas.lab import Lab
from tests.ui.canvas.test_phases_in_grey import PHASES, take
from tests.ui.color_science import Triple, contrast
from ui.canvas.phase_marks import badge_place
from ui.theme import Mode, install_theme

LEAST = 3.0
"""What WCAG 2.1 (1.4.11) asks of graphics that tell something."""


def rgb(color: QColor) -> Triple:
    return color.redF(), color.greenF(), color.blueF()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("phase", PHASES)
def test_a_badge_stands_out_from_the_canvas(lab: Lab, qapp: QApplication, phase: str, mode: Mode) -> None:
    theme = install_theme(qapp)
    theme.set_mode(mode)
    try:
        lab.view.set_zoom(1.0)
        item = take(lab, phase, PHASES[phase]).item
        image = lab.view.viewport().grab().toImage()
        left = item.mapToScene(QPointF(badge_place(phase).left(), badge_place(phase).center().y()))
        place = lab.view.mapFromScene(left)
        # The outermost px only: what is written stands further inside.
        seen = [rgb(image.pixelColor(place.x() + x, place.y())) for x in range(-2, 4)]
        assert max(contrast(color, rgb(QColor(theme.colors.canvas))) for color in seen) >= LEAST
    finally:
        theme.set_mode("system")
