"""The five phases in a picture without color: each is told from the others by its frame, badge and chips."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.program import Phase
from tests.ui.canvas.lab import FEATURES, LOSS, A, B, Lab
from ui.canvas.node_item import NodeItem
from ui.canvas.phase_marks import MAX_GROWTH, badge_place
from ui.theme import Mode, install_theme

Grey = NDArray[np.int64]

MARK = 45
"""A line is a mark where it is this far, of 255, from what is around it."""
PHASES = {"sample": FEATURES, "forward": B, "loss": LOSS, "backward": B, "update": A}
"""A node at work in each."""


@pytest.fixture(params=["light", "dark"])
def pictures(request: pytest.FixtureRequest, lab: Lab, qapp: QApplication) -> dict[str, Picture]:
    """Give a picture of the canvas at one micro-step of each phase, in either theme."""
    mode: Mode = request.param
    theme = install_theme(qapp)
    theme.set_mode(mode)
    try:
        lab.view.set_zoom(1.0)
        return {name: take(lab, name, node) for name, node in PHASES.items()}
    finally:
        theme.set_mode("system")


class Picture:
    """A grey picture of the viewport, and the card at work in it."""

    def __init__(self, image: QImage, item: NodeItem, lab: Lab) -> None:
        grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
        rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
        self.pixels: Grey = rows[:, : grey.width()].astype(np.int64)
        self.item = item
        self._view = lab.view

    def part(self, rect: QRectF) -> Grey:
        """Give the pixels of a rectangle in the card's coordinates."""
        place = self._view.mapFromScene(rect.translated(self.item.pos())).boundingRect()
        return self.pixels[place.top() : place.bottom(), place.left() : place.right()]


def take(lab: Lab, name: str, node: int) -> Picture:
    for _ in range(100):
        lab.runner.micro_step()
        snapshot = lab.runner.snapshot
        assert snapshot is not None
        assert snapshot.last is not None
        if snapshot.phase is Phase[name.upper()] and snapshot.last.node in (node, None):
            break
    QApplication.processEvents()
    return Picture(lab.view.viewport().grab().toImage(), lab.view._scene.nodes[node], lab)


def runs(profile: Grey, ground: int) -> list[int]:
    """Give how thick the lines are that a line of pixels crosses."""
    marked = np.abs(profile - ground) > MARK
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(np.int64), [0]])))
    return [int(b - a) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def frame_of(picture: Picture) -> tuple[float, int, float]:
    """Measure the frame below a card: how much of it is drawn, of how many lines, and how thick they are together."""
    card = picture.item.card.rect
    band = picture.part(QRectF(20.0, card.bottom() - 5.0, card.width() - 40.0, 24.0))
    ground = int(np.median(band[-2:]))
    crossed = [found for column in band.T if (found := runs(column, ground))]
    if not crossed:
        return 0.0, 0, 0.0
    lines = round(float(np.median([len(found) for found in crossed])))
    return len(crossed) / band.shape[1], lines, float(np.median([sum(found) for found in crossed]))


def badge_of(picture: Picture, name: str) -> NDArray[np.bool_]:
    """Give the shape of what is written in the first 16 px of a badge."""
    place = badge_place(name)
    part = picture.part(QRectF(place.x() + 3.0, place.y() + 2.0, 12.0 if name == "sample" else 10.0, 12.0))[:, :9]
    return np.asarray(np.abs(part - np.median(part)) > MARK)


def test_each_frame_has_its_own_pattern(pictures: dict[str, Picture]) -> None:
    frames = {name: frame_of(picture) for name, picture in pictures.items()}
    drawn, lines, thickness = frames["sample"]
    assert 0.3 < drawn < 0.85, "dotted"
    assert lines == 1
    for name in ("forward", "loss", "backward"):
        assert frames[name][0] == 1.0, "without gaps"
    assert frames["forward"][1] == frames["loss"][1] == 1
    assert frames["forward"][2] <= 3
    assert frames["loss"][2] >= frames["forward"][2] + 2
    assert frames["backward"][1] == 2, "a double line"
    assert frames["update"] == (0.0, 0, 0.0), "no card is at work"


def test_the_digits_of_the_badges_differ(pictures: dict[str, Picture]) -> None:
    shapes = {name: badge_of(picture, name) for name, picture in pictures.items()}
    for shape in shapes.values():
        assert shape.sum() >= 6, "something is written there, and readable"
    for one, other in combinations(shapes, 2):
        both, either = shapes[one] & shapes[other], shapes[one] | shapes[other]
        assert both.sum() < 0.75 * either.sum(), (one, other)


def test_only_in_phase_5_the_chip_of_the_update_has_a_double_ring(pictures: dict[str, Picture]) -> None:
    for name in ("forward", "backward", "update"):
        chip = pictures[name].item.card.chips[2]
        profile = pictures[name].part(QRectF(chip.center().x(), chip.top() - 7.0, 2.0, 10.0))[:, 0]
        lines = np.diff(profile)
        # Dark on bright or bright on dark: each line of a ring is a step there and a step back.
        steps = int((np.abs(lines) > MARK // 2).sum())
        assert (steps >= 3) == (name == "update"), (name, profile)


def test_only_backward_has_a_second_wire_below_the_first(lab: Lab) -> None:
    lab.view.set_zoom(1.0)
    counts = {}
    for name in ("loss", "backward"):
        picture = take(lab, name, LOSS)
        start, end = lab.view._scene.nodes[B].output_points()[0], picture.item.input_points("prediction")[0]
        middle = (start + end) / 2 - picture.item.pos()
        band = picture.part(QRectF(middle.x() - 24.0, middle.y() - 8.0, 2.0, 24.0))[:, 0]
        counts[name] = len(runs(band, int(np.median(band[:4]))))
    assert counts == {"loss": 1, "backward": 2}


@pytest.mark.parametrize("zoom", [0.62, 1.0, 2.0])
def test_marks_stay_inside_the_room_of_their_card_and_readable(lab: Lab, zoom: float) -> None:
    lab.view.set_zoom(zoom)
    picture = take(lab, "backward", B)
    item = picture.item
    place = badge_place("backward")
    growth = min(max(1.0 / zoom, 1.0), MAX_GROWTH)
    assert place.height() * growth * zoom >= 15.0, "of the size of words"
    grown = QRectF(place.x() * growth, place.y() * growth, place.width() * growth, place.height() * growth)
    assert item.boundingRect().contains(grown)
    assert grown.bottom() <= 11.0, "above the title"


def test_frames_differ_also_where_the_canvas_is_small(lab: Lab) -> None:
    lab.view.set_zoom(0.5)
    pictures = {name: take(lab, name, node) for name, node in PHASES.items()}
    frames = {name: frame_of(picture) for name, picture in pictures.items()}
    badge = pictures["update"].part(QRectF(-8.0, -18.0, 40.0, 28.0))
    assert (np.abs(badge - np.median(badge)) > MARK).sum() > 20, "of phase 5, the badge is all that there is"
    assert frames["sample"][0] < 0.9 <= frames["forward"][0]
    assert frames["loss"][2] > frames["forward"][2]
    assert frames["backward"][1] == 2
    assert frames["update"][1] == 0


@pytest.mark.parametrize(("zoom", "is_seen"), [(0.5, True), (0.3, False)])
def test_chips_and_the_loss_are_there_where_the_canvas_is_small(lab: Lab, zoom: float, is_seen: bool) -> None:
    lab.view.set_zoom(zoom)
    update = take(lab, "update", A)
    chips = update.part(update.item.card.chips[0].united(update.item.card.chips[2]))
    assert bool(np.ptp(chips) > 2 * MARK) is is_seen
    loss = Picture(lab.view.viewport().grab().toImage(), lab.view._scene.nodes[LOSS], lab)
    size = loss.item.card.size
    number = loss.part(QRectF(20.0, size.height() / 2 + 10.0, size.width() - 40.0, size.height() / 2 - 24.0))
    # Below, the title has the place of the number.
    assert np.ptp(number) > MARK or not is_seen
