"""Pictures of units: what each one answers over the plane of inputs, along a line of inputs, or on average.

All are small images whose hue is the sign of a number and whose strength is its size, relative to the unit's largest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from engine.datasets import Dataset, columns, feature_matrix
from engine.graph import Node
from engine.ops.call import Array
from engine.ops.data import Features
from engine.ops.layers import Dense
from engine.snapshot import Snapshot
from ui.canvas.card import Card, feature_columns
from ui.colors import Colors

MAP_SIDE = 20
AREA_SIDE = 40
_LEVELS = 127

Pixels = NDArray[np.uint32]


class TileSource:
    """Makes the pictures for one data set in the colors of one theme."""

    def __init__(self, dataset: Dataset, colors: Colors) -> None:
        self._dataset = dataset
        self._table = color_table(colors)
        self._grid = _grid(dataset)

    def features(self, node: Node, card: Card, row: int = 0) -> list[QImage]:
        """Draw the columns that a Features node lets in: over the inputs, as histograms, or one row as an image."""
        dataset = self._dataset
        if dataset.image_shape is not None:
            return [self._image(dataset.x[row])] if card.tiles else []
        keys = feature_columns(node, dataset)
        if not card.tiles or any(key not in columns(dataset) for key in keys):
            return []
        if self._grid is None:
            values = feature_matrix(dataset, dataset.x, keys).T
            counts = [np.histogram(column, bins=AREA_SIDE // 3)[0].astype(np.float64) for column in values]
            return [self._area(np.resize(np.repeat(c, 3), AREA_SIDE), low=0.0) for c in counts]
        return self._responses(feature_matrix(dataset, self._grid, keys))

    def units(self, nodes: Sequence[Node], cards: Mapping[int, Card], snapshot: Snapshot) -> dict[int, list[QImage]]:
        """Draw the shown units of the layers among the nodes that the snapshot knows, at the snapshot's weights."""
        layers = [n for n in nodes if issubclass(n.kind, Dense) and n.id in snapshot.program.outputs]
        found: dict[int, list[QImage]] = {}
        if self._dataset.image_shape is not None:
            readers = [n for n in layers if _reads_pixels(n, snapshot, self._dataset)]
            found = {n.id: self._incoming(n, cards[n.id], snapshot) for n in readers}
        rest = [n for n in layers if n.id not in found]
        if self._grid is not None and rest:
            values = snapshot.evaluator.responses(snapshot.state, self._grid, [n.id for n in rest])
            return found | {n.id: self._responses(values[n.id][:, : len(cards[n.id].tiles)]) for n in rest}
        for node in rest:
            means = snapshot.activation(node.id).mean(axis=0)
            found[node.id] = [self._bar(m, float(np.abs(means).max())) for m in means[: len(cards[node.id].tiles)]]
        return found

    def _responses(self, values: Array) -> list[QImage]:
        """Draw each column of values over the grid: a map for two inputs, a curve for one."""
        if len(self._dataset.domain) == 1:
            return [self._area(column) for column in values.T]
        scale = np.abs(values).max(axis=0, keepdims=True)
        pixels = self._colored(values / np.where(scale > 0.0, scale, 1.0)).T.reshape(-1, MAP_SIDE, MAP_SIDE)
        return [_picture(p) for p in pixels]

    def _incoming(self, node: Node, card: Card, snapshot: Snapshot) -> list[QImage]:
        weights = next(p for p in snapshot.program.parameters if p.node == node.id and p.name == "W")
        return [self._image(column) for column in snapshot.weights(weights).T[: len(card.tiles)]]

    def _image(self, values: Array) -> QImage:
        assert self._dataset.image_shape is not None
        scale = float(np.abs(values).max())
        return _picture(self._colored(values / (scale or 1.0)).reshape(self._dataset.image_shape))

    def _area(self, values: Array, low: float | None = None) -> QImage:
        """Draw the area between a line of numbers and zero, which lies in the middle, or at the bottom with `low` 0."""
        scale = float(np.abs(values).max()) or 1.0
        height = np.nan_to_num(values / scale, posinf=1.0, neginf=-1.0)
        if low is None:
            y = np.linspace(1.0, -1.0, AREA_SIDE)[:, None]
            above = np.clip((height - y) * AREA_SIDE / 2, 0.0, 1.0)
            below = np.clip((y - height) * AREA_SIDE / 2, 0.0, 1.0)
            cover = np.where(y >= 0.0, above, -below)
        else:
            cover = np.clip((height - np.linspace(1.0, 0.0, AREA_SIDE)[:, None]) * AREA_SIDE, 0.0, 1.0)
        return _picture(self._colored(cover))

    def _bar(self, value: float, scale: float) -> QImage:
        line = np.zeros(AREA_SIDE)
        line[AREA_SIDE // 3 : -(AREA_SIDE // 3)] = value
        cover = np.linspace(1.0, -1.0, AREA_SIDE)[:, None]
        share = line / (scale or 1.0)
        inside = (cover * np.sign(share) >= 0.0) & (np.abs(cover) <= np.abs(share)) & (share != 0.0)
        return _picture(self._colored(np.where(inside, np.sign(share), 0.0)))

    def _colored(self, values: Array) -> Pixels:
        """Give the pixels for numbers between −1 and 1; what is not a number is neutral."""
        levels = np.clip(np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0) * _LEVELS
        pixels: Pixels = self._table[levels.astype(np.intp) + _LEVELS]
        return pixels


def color_table(colors: Colors) -> Pixels:
    """Give 255 pixels from the negative role over the canvas's own color to the positive role."""
    neutral = _rgb(colors.canvas)
    share = np.linspace(0.0, 1.0, _LEVELS + 1)[:, None]
    below = (neutral + (_rgb(colors.negative) - neutral) * share)[:0:-1]
    above = neutral + (_rgb(colors.positive) - neutral) * share
    rgb = np.concatenate([below, above]).round().astype(np.uint32)
    return (np.uint32(0xFF000000) | (rgb[:, 0] << 16) | (rgb[:, 1] << 8) | rgb[:, 2]).astype(np.uint32)


def _rgb(color: str) -> Array:
    c = QColor(color)
    return np.array([c.red(), c.green(), c.blue()], dtype=np.float64)


def _grid(dataset: Dataset) -> Array | None:
    """Give raw inputs for maps, first row top left, or for curves; None where there are more than two features."""
    if len(dataset.domain) == 1:
        return np.linspace(*dataset.domain[0], AREA_SIDE)[:, None]
    if len(dataset.domain) != 2:
        return None
    across, up = (np.linspace(low, high, MAP_SIDE) for low, high in dataset.domain)
    return np.stack([np.tile(across, MAP_SIDE), np.repeat(up[::-1], MAP_SIDE)], axis=1)


def _reads_pixels(node: Node, snapshot: Snapshot, dataset: Dataset) -> bool:
    """Tell whether a layer's weights lie on the pixels: its one input is a Features node with all of them."""
    graph = snapshot.program.graph
    sources = [graph.nodes[e.source] for e in graph.edges if e.target == node.id]
    return (
        len(sources) == 1
        and issubclass(sources[0].kind, Features)
        and len(feature_columns(sources[0], dataset)) == len(dataset.domain)
    )


def _picture(pixels: Pixels) -> QImage:
    height, width = pixels.shape
    data = np.ascontiguousarray(pixels)
    return QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
