"""Icons: our own one-color drawings, painted in a color of the theme. This is the only place that makes them.

`show_icon(action, "run")` is what widgets normally want: the icon stays right when the theme changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from resources import names, read_bytes
from ui.theme import colored_svg, current

SIZES = (16, 18, 20, 24)
"""The sizes, in device-independent pixels, that every icon is drawn at."""

_APPLICATION = "app"
_APPLICATION_SIZES = (16, 24, 32, 48, 64, 128, 256)


def icon_names() -> tuple[str, ...]:
    """List the names that `icon` knows."""
    found = (name.removesuffix(".svg") for name in names("icons", ".svg"))
    return tuple(name for name in found if name != _APPLICATION)


def icon(name: str, role: str = "text", on_role: str | None = None) -> QIcon:
    """Return the icon in a color role of the current theme, with its disabled look; `on_role` is for the checked state.

    Raises FileNotFoundError for an unknown name. The icon keeps its colors: make it anew when the theme changes.
    """
    colors = current().colors
    made = QIcon()
    looks = [
        (QIcon.Mode.Normal, QIcon.State.Off, role),
        (QIcon.Mode.Disabled, QIcon.State.Off, "disabled"),
    ]
    if on_role is not None:
        looks.append((QIcon.Mode.Normal, QIcon.State.On, on_role))
    for mode, state, color_role in looks:
        for ratio in {1.0, _screen_ratio()}:
            for drawn in _pixmaps(name, getattr(colors, color_role), SIZES, ratio):
                made.addPixmap(drawn, mode, state)
    return made


def pixmap(name: str, color: str, size: int, ratio: float | None = None) -> QPixmap:
    """Draw an icon `size` device-independent pixels wide in a "#RRGGBB" color, sharp on this screen."""
    return _pixmaps(name, color, (size,), _screen_ratio() if ratio is None else ratio)[0]


def application_icon() -> QIcon:
    """Return the icon of the program itself, which has colors of its own."""
    drawing = QSvgRenderer(read_bytes("icons", f"{_APPLICATION}.svg"))
    made = QIcon()
    for size in _APPLICATION_SIZES:
        made.addPixmap(_drawn(drawing, size, 1.0))
    return made


def show_icon(target: QAction | QAbstractButton, name: str, role: str = "text", on_role: str | None = None) -> None:
    """Give an action or a button its icon and keep it in the theme's colors; calling it again replaces the icon."""
    for old in target.findChildren(_ThemedIcon, options=Qt.FindChildOption.FindDirectChildrenOnly):
        old.setParent(None)
        old.deleteLater()
    _ThemedIcon(target, name, role, on_role)


class _ThemedIcon(QObject):
    """Lives and dies with its target, so that the theme never calls a deleted one."""

    def __init__(self, target: QAction | QAbstractButton, name: str, role: str, on_role: str | None) -> None:
        super().__init__(target)
        self._target = target
        self._look = (name, role, on_role)
        current().changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def _on_theme_changed(self) -> None:
        self._target.setIcon(icon(*self._look))


def _screen_ratio() -> float:
    """Give the pixels a device-independent pixel has on the densest screen."""
    app = QGuiApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0


def _pixmaps(name: str, color: str, sizes: Sequence[int], ratio: float) -> list[QPixmap]:
    """Draw an icon in several sizes, as far as it was not drawn before; it is read once for all of them."""
    found = []
    drawing: QSvgRenderer | None = None
    for size in sizes:
        key, drawn = f"icon {name} {color} {size} {ratio}", QPixmap()
        if not QPixmapCache.find(key, drawn):
            drawing = drawing or QSvgRenderer(colored_svg(name, color))
            drawn = _drawn(drawing, size, ratio)
            QPixmapCache.insert(key, drawn)
        found.append(drawn)
    return found


def _drawn(drawing: QSvgRenderer, size: int, ratio: float) -> QPixmap:
    drawn = QPixmap(QSize(size, size) * ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    drawing.render(painter, QRectF(0, 0, drawn.width(), drawn.height()))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn
