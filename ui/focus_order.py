"""The order in which Tab goes through widgets: as they stand, however late they were made."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


def lead_focus(first: QWidget, root: QWidget) -> None:
    """Let Tab go on from a widget through the fields in the layouts of another, in their order there."""
    for field in _fields(root.layout()):
        QWidget.setTabOrder(first, field)
        first = field


def _fields(layout: QLayout | None) -> Iterator[QWidget]:
    for item in () if layout is None else map(layout.itemAt, range(layout.count())):
        assert item is not None
        widget = item.widget()
        if widget is None:
            yield from _fields(item.layout())
        elif widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield widget
        else:
            yield from _fields(widget.layout())
