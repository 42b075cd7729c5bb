"""The look of the window: light or dark colors, palette, style sheet and fonts, applied to the whole application.

Widgets are drawn by the style sheet. What paints by itself reads `current().colors` then, and repaints on `changed`.
"""

from __future__ import annotations

import atexit
from dataclasses import asdict
from functools import cache
from math import isfinite
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from resources import read_text
from ui.colors import DARK, LIGHT, Colors, SeriesStyle, series_style

__all__ = [
    "DARK",
    "LIGHT",
    "Colors",
    "Mode",
    "SeriesStyle",
    "Theme",
    "blended",
    "colored_svg",
    "current",
    "install_theme",
    "number_font",
    "series_style",
    "signed_color",
    "ui_font",
]

Mode = Literal["system", "light", "dark"]

FONT_PX = 13

# The style sheet's pictures: its name for each, the icon it is made from, and the color role.
_PICTURES = {
    "up": ("chevron-up", "dim"),
    "down": ("chevron-down", "dim"),
    "left": ("chevron-left", "dim"),
    "right": ("chevron-right", "dim"),
    "up_hover": ("chevron-up", "text"),
    "down_hover": ("chevron-down", "text"),
    "up_disabled": ("chevron-up", "border_strong"),
    "down_disabled": ("chevron-down", "border_strong"),
    "check": ("check", "accent_text"),
    "menu_check": ("check", "accent"),
    "minus": ("minus", "accent_text"),
    "close": ("close", "dim"),
}


class Theme(QObject):
    """The theme of the application; it follows the system until `set_mode` says otherwise."""

    changed = Signal()
    """The colors are others now, and the application already shows them."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._hints = app.styleHints()
        self._pictures = QTemporaryDir()
        # Python may never collect the theme, whose folder would then stay behind.
        atexit.register(self._pictures.remove)
        self._mode: Mode = "system"
        self._system_is_dark = self._hints.colorScheme() == Qt.ColorScheme.Dark
        self._colors = self._chosen_colors()
        app.setStyle("Fusion")
        app.setFont(ui_font())
        self._apply()
        self._hints.colorSchemeChanged.connect(self._on_hints_color_scheme_changed)

    @property
    def colors(self) -> Colors:
        """The colors shown now."""
        return self._colors

    @property
    def mode(self) -> Mode:
        """What was asked for: the system's choice, light or dark."""
        return self._mode

    @property
    def is_dark(self) -> bool:
        """Whether the dark colors are shown."""
        return self._colors is DARK

    def set_mode(self, mode: Mode) -> None:
        """Follow the system, or stay light or dark."""
        self._mode = mode
        # Where the platform can, title bars and file dialogs come along; where it cannot, nothing happens.
        if mode == "system":
            self._hints.unsetColorScheme()
            self._system_is_dark = self._hints.colorScheme() == Qt.ColorScheme.Dark
        else:
            self._hints.setColorScheme(Qt.ColorScheme.Dark if mode == "dark" else Qt.ColorScheme.Light)
        self._refresh()

    def _on_hints_color_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        if self._mode == "system":
            self._system_is_dark = scheme == Qt.ColorScheme.Dark
            self._refresh()

    def _chosen_colors(self) -> Colors:
        dark = self._system_is_dark if self._mode == "system" else self._mode == "dark"
        return DARK if dark else LIGHT

    def _refresh(self) -> None:
        colors = self._chosen_colors()
        if colors is not self._colors:
            self._colors = colors
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        self._app.setPalette(_palette(self._colors))
        self._app.setStyleSheet(self._style_sheet())

    def _style_sheet(self) -> str:
        """Fill in the colors and pictures; the latter are written, since style sheets can only show files."""
        colors = asdict(self._colors)
        pictures = {}
        for key, (name, role) in _PICTURES.items():
            # A path is never reused for another picture: Qt keeps them by path.
            path = Path(self._pictures.filePath(f"{'dark' if self.is_dark else 'light'}-{key}.svg"))
            path.write_bytes(colored_svg(name, colors[role]))
            pictures[f"picture_{key}"] = f'url("{path.as_posix()}")'
        return Template(read_text("themes", "application.qss")).substitute(colors, **pictures)


_theme: Theme | None = None


def install_theme(app: QApplication) -> Theme:
    """Give the application its look, once; called by the composition root. Later calls return the same theme."""
    global _theme
    if _theme is None:
        _theme = Theme(app)
    return _theme


def current() -> Theme:
    """Return the installed theme."""
    if _theme is None:
        raise RuntimeError("no theme yet: call install_theme(app) before making widgets")
    return _theme


def show_role(widget: QWidget, role: str) -> None:
    """Give a widget another role of the style sheet, and the looks of it; "" for none."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def colored_svg(name: str, color: str) -> bytes:
    """Give the icon `name` in one color."""
    return _drawing(name).replace("currentColor", color).encode()


@cache
def _drawing(name: str) -> str:
    return read_text("icons", f"{name}.svg")


def ui_font(size_delta: int = 0, *, bold: bool = False) -> QFont:
    """Return the system's font for words, 13 px high plus `size_delta`."""
    return _sized(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont), size_delta, bold)


def number_font(size_delta: int = 0, *, bold: bool = False) -> QFont:
    """Return a font whose characters all have one width, so that numbers align and do not shift."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    # Windows names Courier as its fixed font; better ones come with it. Missing families are passed over.
    font.setFamilies(["Cascadia Mono", "Consolas", "Menlo", "DejaVu Sans Mono", font.family()])
    font.setStyleHint(QFont.StyleHint.Monospace)
    return _sized(font, size_delta - 1, bold)


def _sized(font: QFont, size_delta: int, bold: bool) -> QFont:
    font.setPixelSize(FONT_PX + size_delta)
    font.setBold(bold)
    return font


def signed_color(value: float, scale: float, colors: Colors, *, limit: float = 0.45) -> QColor:
    """Return the color of a number: hue is its sign, opacity its size, `limit` at `scale` and beyond.

    The default limit keeps digits on top readable; lines and images may use 1. Zero and what is not finite are clear.
    """
    color = QColor(colors.negative if value < 0 else colors.positive)
    share = min(abs(value) / scale, 1.0) if isfinite(value) and scale > 0 else 0.0
    color.setAlphaF(limit * share)
    return color


def blended(color: str, behind: str, share: float) -> QColor:
    """Mix a color into the one behind it: a faint line that stays faint where it runs over itself."""
    front, back = QColor(color), QColor(behind)
    pairs = ((front.redF(), back.redF()), (front.greenF(), back.greenF()), (front.blueF(), back.blueF()))
    red, green, blue = (share * a + (1.0 - share) * b for a, b in pairs)
    return QColor.fromRgbF(red, green, blue)


def _palette(colors: Colors) -> QPalette:
    role = QPalette.ColorRole
    everywhere = {
        role.Window: colors.panel,
        role.WindowText: colors.text,
        role.Base: colors.field,
        role.AlternateBase: colors.window,
        role.Text: colors.text,
        role.PlaceholderText: colors.dim,
        role.Button: colors.fill,
        role.ButtonText: colors.text,
        role.BrightText: colors.error,
        role.ToolTipBase: colors.panel,
        role.ToolTipText: colors.text,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.accent_text,
        role.Accent: colors.accent,
        role.Link: colors.accent,
        role.LinkVisited: colors.accent,
        role.Light: colors.panel,
        role.Midlight: colors.fill,
        role.Mid: colors.border,
        role.Dark: colors.border_strong,
        role.Shadow: colors.border_strong,
    }
    disabled = {
        role.WindowText: colors.disabled,
        role.Text: colors.disabled,
        role.ButtonText: colors.disabled,
        role.PlaceholderText: colors.disabled,
        role.ToolTipText: colors.disabled,
        role.Link: colors.disabled,
        role.LinkVisited: colors.disabled,
        role.Highlight: colors.border_strong,
        role.HighlightedText: colors.text,
        role.Accent: colors.border_strong,
    }
    palette = QPalette()
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive, QPalette.ColorGroup.Disabled):
        chosen = everywhere | disabled if group == QPalette.ColorGroup.Disabled else everywhere
        for name, color in chosen.items():
            palette.setColor(group, name, QColor(color))
    return palette
