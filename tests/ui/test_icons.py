"""The icons: every drawing there is, in the colors of the theme, and kept in them."""

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QColor, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from resources import names, read_text
from ui.icons import application_icon, icon, icon_names, pixmap, show_icon
from ui.theme import Mode, Theme, install_theme

# fmt: off
NEEDED = [
    "new", "open", "save", "undo", "redo", "cut", "copy", "paste", "duplicate", "delete",
    "reset", "previous", "micro-step", "step", "run", "pause",
    "fit", "search", "zoom-in", "zoom-out", "settings", "theme", "gallery", "examples",
    "warning", "error", "info", "check", "plus", "lock", "lock-open",
    "features", "target", "data", "dense", "neuron", "identity", "tanh", "sigmoid", "relu", "softmax", "function",
    "add", "concat", "loss", "mean-squared-error", "cross-entropy",
]
# fmt: on


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = install_theme(qapp)
    theme.set_mode("light")
    yield theme
    theme.set_mode("system")


def _inked(picture: QImage) -> list[QColor]:
    points = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    return [color for x, y in points if (color := picture.pixelColor(x, y)).alpha() > 0]


def _image(found: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off) -> QImage:
    return found.pixmap(QSize(24, 24), mode, state).toImage()


def _solid(picture: QImage) -> set[str]:
    return {color.name().upper() for color in _inked(picture) if color.alpha() == 255}


def _is_all(picture: QImage, color: str) -> bool:
    """Tell whether all ink is of the color; where strokes overlap, rounding may shift a channel by one."""
    wanted = QColor(color)
    off = [
        max(abs(ink.red() - wanted.red()), abs(ink.green() - wanted.green()), abs(ink.blue() - wanted.blue()))
        for ink in _inked(picture)
        if ink.alpha() == 255
    ]
    return max(off, default=0) <= 1


def test_every_icon_needed_is_there() -> None:
    assert set(NEEDED) <= set(icon_names())


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_icon_shows_something_in_the_theme_s_color_and_nothing_at_its_rim(theme: Theme, mode: Mode) -> None:
    theme.set_mode(mode)
    for name in icon_names():
        picture = _image(icon(name))
        assert len(_inked(picture)) > 15, name
        assert _is_all(picture, theme.colors.text), name
        assert not _inked(picture.copy(0, 0, 24, 1)), name
        assert not _inked(picture.copy(0, 0, 1, 24)), name
        assert _is_all(_image(icon(name), QIcon.Mode.Disabled), theme.colors.disabled), name


@pytest.mark.parametrize("file", [name for name in names("icons", ".svg") if name != "app.svg"])
def test_every_drawing_is_one_color(file: str) -> None:
    svg = read_text("icons", file)
    colors = set(re.findall(r'(?:fill|stroke|color|stop-color)="([^"]*)"', svg))
    assert "currentColor" in colors
    assert colors <= {"currentColor", "none"}
    assert "style=" not in svg
    assert 'viewBox="0 0 24 24"' in svg


def test_an_icon_can_have_another_color_when_checked(theme: Theme) -> None:
    found = icon("theme", "dim", "accent")
    assert _solid(_image(found)) == {theme.colors.dim}
    assert _solid(_image(found, state=QIcon.State.On)) == {theme.colors.accent}


def test_pixmaps_are_sharp_on_dense_screens_and_drawn_once(theme: Theme) -> None:
    drawn = pixmap("run", "#112233", 20, 2.0)
    assert drawn.size() == QSize(40, 40)
    assert drawn.deviceIndependentSize().toSize() == QSize(20, 20)
    assert pixmap("run", "#112233", 20, 2.0).cacheKey() == drawn.cacheKey()
    assert _solid(drawn.toImage()) == {"#112233"}


def test_an_unknown_icon_is_an_error_that_names_it(theme: Theme) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        icon("no-such-icon")


def test_a_shown_icon_follows_the_theme_and_can_be_replaced(theme: Theme, qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    action = QAction(button)
    for target in (button, action):
        show_icon(target, "run")
        show_icon(target, "pause", "accent")
        theme.set_mode("dark")
        assert _image(target.icon()) == _image(icon("pause", "accent"))
        assert _solid(_image(target.icon())) == {theme.colors.accent}
        theme.set_mode("light")
        assert _solid(_image(target.icon())) == {theme.colors.accent}


def test_the_theme_forgets_a_target_that_is_gone(theme: Theme, qtbot: QtBot) -> None:
    action = QAction()
    show_icon(action, "run")
    with qtbot.waitSignal(action.destroyed):
        action.deleteLater()
    theme.set_mode("dark")


def test_the_application_icon_has_three_colors_of_training(theme: Theme) -> None:
    found = application_icon()
    assert QSize(16, 16) in found.availableSizes()
    assert QSize(256, 256) in found.availableSizes()
    assert len(_solid(QPixmap(found.pixmap(256, 256)).toImage())) > 3
