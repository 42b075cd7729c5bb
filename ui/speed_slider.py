"""A slider that goes to where it is pressed, and follows the mouse from there."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget


class SpeedSlider(QSlider):
    """Horizontal. Qt's own moves by a page at a time where it is pressed beside its handle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the handle there, unless the handle itself is pressed, and grip it."""
        if event.button() is Qt.MouseButton.LeftButton and not self.handle_rect().contains(event.position().toPoint()):
            width = self.handle_rect().width()
            place, room = round(event.position().x() - width / 2), self.width() - width
            self.setSliderPosition(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), place, room))
        super().mousePressEvent(event)

    def handle_rect(self) -> QRect:
        """Give where the handle is."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = QStyle.SubControl.SC_SliderHandle
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, handle, self)
