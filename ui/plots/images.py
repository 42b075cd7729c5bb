"""Predictions for images: a grid of test images, each with the class that the network names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPen

from app.errors import guarded
from app.translate import tr
from engine.dataset_kind import Array
from engine.datasets import Dataset
from engine.evaluation import Evaluator
from ui.colors import Colors
from ui.plots.field import class_shades, place
from ui.plots.rows import Labels, held_out, labels_of, predicted_classes
from ui.plots.views import PredictionView
from ui.theme import current, number_font

SIDE = 26
LABEL_HEIGHT = 15
MARGIN = 8
MIN_GAP = 8
MAX_IMAGES = 120


class ImagesView(PredictionView):
    """As many images as fit, always the same ones; a wrong answer is crossed, red, and has a frame."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(dataset)
        self._rows = held_out(dataset)[:MAX_IMAGES]
        self._labels = labels_of(dataset, self._rows)
        self.predicted: Labels = np.full(len(self._rows), -1)
        self._images: list[QImage] = []

    def show_predictions(self, evaluator: Evaluator, weights: Array) -> None:
        """Write the predicted classes under the images."""
        predicted = evaluator.predict(weights, self.dataset.x[self._rows])
        self.predicted = predicted_classes(predicted, len(self.dataset.class_names))
        self.update()

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors: ink is the color of words."""
        assert self.dataset.image_shape is not None
        ink = class_shades([colors.text], colors.canvas, strength=1.0)[0]
        pixels = ink[place(self.dataset.x[self._rows], 0.0, 1.0)]
        self._images = [_image(row.reshape(self.dataset.image_shape)) for row in pixels]
        self.update()

    def lead(self) -> str:
        """Say what the marks are."""
        return tr("under each test image: the answer; ✕ wrong")

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the images that fit."""
        across = max(1, (self.width() - 2 * MARGIN + MIN_GAP) // (SIDE + MIN_GAP))
        down = max(1, (self.height() - MARGIN) // (SIDE + LABEL_HEIGHT))
        gap_x = (self.width() - 2 * MARGIN - across * SIDE) / max(1, across - 1)
        height = (self.height() - MARGIN) / down
        fonts = number_font(-2), number_font(-2, bold=True)
        with QPainter(self) as painter:
            for index in range(min(across * down, len(self._images))):
                row, column = divmod(index, across)
                area = QRectF(MARGIN + column * (SIDE + gap_x), MARGIN / 2 + row * height, SIDE, SIDE)
                self._paint_image(painter, index, area, fonts)

    def _paint_image(self, painter: QPainter, index: int, area: QRectF, fonts: tuple[QFont, QFont]) -> None:
        colors = current().colors
        painter.drawImage(area, self._images[index])
        answer = int(self.predicted[index])
        is_right = answer == self._labels[index]
        painter.setPen(QPen(QColor(colors.border if is_right else colors.error), 1.0))
        painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5))
        name = tr(self.dataset.class_names[answer]) if answer >= 0 else "–"
        label = area.translated(0, SIDE + 1)
        label.setHeight(LABEL_HEIGHT)
        painter.setFont(fonts[0] if is_right else fonts[1])
        painter.setPen(QColor(colors.dim if is_right else colors.error))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, name)
        if not is_right:
            painter.setPen(QPen(QColor(colors.error), 1.5))
            x, y = area.right() - 4, label.center().y()
            painter.drawLine(QRectF(x, y - 2.5, 5, 5).topLeft(), QRectF(x, y - 2.5, 5, 5).bottomRight())
            painter.drawLine(QRectF(x, y - 2.5, 5, 5).topRight(), QRectF(x, y - 2.5, 5, 5).bottomLeft())


def _image(pixels: NDArray[np.uint32]) -> QImage:
    rows, columns = pixels.shape
    image = QImage(np.ascontiguousarray(pixels).data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
    return image.copy()
