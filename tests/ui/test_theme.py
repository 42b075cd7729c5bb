"""The theme: colors that everyone can tell apart, words that can be read, and a switch that reaches every widget."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QPushButton,
    QSpinBox,
    QStyle,
    QStyleOptionSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.color_science import DEFICIENCIES, Triple, ciede2000, contrast, lab, seen_with
from ui.theme import (
    DARK,
    LIGHT,
    Colors,
    Mode,
    Theme,
    current,
    install_theme,
    number_font,
    series_style,
    signed_color,
    ui_font,
)

BOTH = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
MODES = pytest.mark.parametrize("mode", ["light", "dark"])


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = install_theme(qapp)
    theme.set_mode("light")
    yield theme
    theme.set_mode("system")


def _triple(color: str) -> Triple:
    found = QColor(color)
    return found.redF(), found.greenF(), found.blueF()


# The pairs with which Sharma, Wu and Dalal (2005), table 1, check an implementation.
SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.0200), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, -1.1848, -84.8006), (50, 0, -82.7485), 1.0000),
    ((50, -0.9009, -85.5211), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, -1, 2), (50, 0, 0), 2.3669),
    ((50, 2.4900, -0.0010), (50, -2.4900, 0.0009), 7.1792),
    ((50, 2.4900, -0.0010), (50, -2.4900, 0.0011), 7.2195),
    ((50, -0.0010, 2.4900), (50, 0.0009, -2.4900), 4.8045),
    ((50, -0.0010, 2.4900), (50, 0.0011, -2.4900), 4.7461),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((50, 2.5, 0), (50, 3.1736, 0.5854), 1.0000),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((61.2901, 3.7196, -5.3901), (61.4292, 2.2480, -4.9620), 1.8731),
    ((35.0831, -44.1164, 3.7933), (35.0232, -40.0716, 1.5901), 1.8645),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((36.4612, 47.8580, 18.3852), (36.2715, 50.5065, 21.2231), 1.4146),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "expected"), SHARMA)
def test_color_difference_agrees_with_the_published_pairs(first: Triple, second: Triple, expected: float) -> None:
    assert ciede2000(first, second) == pytest.approx(expected, abs=5e-5)


def test_grey_looks_grey_and_red_and_green_come_together_with_red_green_deficiencies() -> None:
    red, green = _triple("#D03030"), _triple("#308030")
    for deficiency in DEFICIENCIES:
        assert ciede2000(lab(seen_with(deficiency, (0.5, 0.5, 0.5))), lab((0.5, 0.5, 0.5))) < 0.1
    for deficiency in ("protan", "deutan"):
        seen = ciede2000(lab(seen_with(deficiency, red)), lab(seen_with(deficiency, green)))
        assert seen < ciede2000(lab(red), lab(green)) / 2


@pytest.mark.parametrize(("colors", "least"), [(LIGHT, 18.5), (DARK, 20.5)], ids=["light", "dark"])
@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
def test_the_five_roles_stay_apart_for_everyone(colors: Colors, least: float, deficiency: str | None) -> None:
    for update in (colors.update, colors.update_bg):
        roles = [colors.forward, colors.backward, update, colors.positive, colors.negative]
        seen = [lab(seen_with(deficiency, _triple(c)) if deficiency else _triple(c)) for c in roles]
        assert min(ciede2000(a, b) for a, b in combinations(seen, 2)) >= least


@BOTH
def test_words_can_be_read_on_every_surface_that_carries_them(colors: Colors) -> None:
    surfaces = [colors.window, colors.panel, colors.canvas, colors.card, colors.field]
    words = [colors.text, colors.dim, colors.accent, colors.error, colors.warning]
    words += [colors.forward_text, colors.backward_text]
    pairs = [(word, surface) for word in words for surface in surfaces]
    pairs += [(colors.text, c) for c in (colors.fill, colors.hover, colors.pressed, colors.selection)]
    pairs += [(colors.accent_text, c) for c in (colors.accent, colors.accent_hover, colors.accent_pressed)]
    pairs += [
        (colors.error, colors.fill),
        (colors.on_forward, colors.forward),
        (colors.on_backward, colors.backward),
        (colors.update_fg, colors.update_bg),
    ]
    low = {pair: round(ratio, 2) for pair in pairs if (ratio := contrast(*map(_triple, pair))) < 4.5}
    assert not low


@BOTH
def test_digits_can_be_read_on_the_strongest_tint(colors: Colors) -> None:
    for value in (-1.0, 1.0):
        tint = signed_color(value, 1.0, colors)
        share, below, above = tint.alphaF(), _triple(colors.panel), _triple(tint.name())
        r, g, b = (share * a + (1 - share) * p for a, p in zip(above, below, strict=True))
        assert contrast(_triple(colors.text), (r, g, b)) >= 4.5


def test_a_number_s_color_shows_its_sign_and_size() -> None:
    small, large = signed_color(0.1, 2.0, LIGHT), signed_color(-5.0, 2.0, LIGHT, limit=1.0)
    assert small.name().upper() == LIGHT.positive
    assert small.alphaF() == pytest.approx(0.45 * 0.05, abs=1e-4)
    assert large.name().upper() == LIGHT.negative
    assert large.alphaF() == 1.0
    for value, scale in [(0.0, 1.0), (float("nan"), 1.0), (float("inf"), 1.0), (1.0, 0.0)]:
        assert signed_color(value, scale, LIGHT).alphaF() == 0.0


def test_six_layers_differ_in_color_and_in_dashes_and_36_in_one_of_them() -> None:
    six = [series_style(index) for index in range(6)]
    assert len({s.color for s in six}) == len({s.dashes for s in six}) == 6
    assert len({series_style(index) for index in range(36)}) == 36


def test_there_is_one_theme(theme: Theme, qapp: QApplication) -> None:
    assert install_theme(qapp) is theme
    assert current() is theme


def test_switching_recolors_the_application_and_says_so_once(theme: Theme, qapp: QApplication) -> None:
    told: list[bool] = []

    def hear() -> None:
        told.append(theme.is_dark)

    theme.changed.connect(hear)
    for mode, colors in (("dark", DARK), ("light", LIGHT)):
        told.clear()
        theme.set_mode("dark" if mode == "dark" else "light")
        assert told == [mode == "dark"]
        assert theme.mode == mode
        assert theme.colors is colors
        for role, expected in [
            (QPalette.ColorRole.Window, colors.panel),
            (QPalette.ColorRole.Base, colors.field),
            (QPalette.ColorRole.Text, colors.text),
            (QPalette.ColorRole.Highlight, colors.accent),
        ]:
            assert qapp.palette().color(QPalette.ColorGroup.Active, role).name().upper() == expected
        disabled = qapp.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        assert disabled.name().upper() == colors.disabled
    theme.set_mode("light")
    assert told == [False]
    theme.changed.disconnect(hear)


def test_it_follows_the_system_only_when_told_to(theme: Theme, qapp: QApplication) -> None:
    hints = qapp.styleHints()
    theme.set_mode("system")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.is_dark
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert not theme.is_dark
    theme.set_mode("light")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not theme.is_dark


def _picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


@MODES
def test_a_primary_button_is_drawn_in_the_accent(theme: Theme, qtbot: QtBot, mode: Mode) -> None:
    theme.set_mode(mode)
    button = QPushButton("Run")
    button.setProperty("role", "primary")
    qtbot.addWidget(button)
    button.resize(120, 32)
    assert _picture(button).pixelColor(20, 16).name().upper() == theme.colors.accent


@MODES
@pytest.mark.parametrize("kind", [QSpinBox, QDoubleSpinBox])
def test_spin_box_arrows_are_seen_and_can_be_clicked(
    theme: Theme, qtbot: QtBot, mode: Mode, kind: type[QSpinBox] | type[QDoubleSpinBox]
) -> None:
    theme.set_mode(mode)
    box = kind()
    qtbot.addWidget(box)
    box.setValue(5)
    box.show()
    option = QStyleOptionSpinBox()
    box.initStyleOption(option)
    picture = _picture(box)
    for control, value in (
        (QStyle.SubControl.SC_SpinBoxUp, 6),
        (QStyle.SubControl.SC_SpinBoxDown, 5),
    ):
        rect = box.style().subControlRect(QStyle.ComplexControl.CC_SpinBox, option, control, box)
        assert rect.width() >= 16
        assert rect.height() >= 12
        assert _marks(picture.copy(rect.adjusted(4, 2, -4, -2)), theme.colors.field) >= 8
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=rect.center())
        assert box.value() == value


@MODES
@pytest.mark.qt_log_ignore("does not support (raise|grabbing)")
def test_a_combo_box_shows_its_arrow_and_opens(theme: Theme, qtbot: QtBot, mode: Mode) -> None:
    theme.set_mode(mode)
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["Backpropagation", "Forward mode"])
    box.show()
    arrow = _picture(box).copy(box.width() - 20, 4, 16, box.height() - 8)
    assert _marks(arrow, theme.colors.field) >= 8
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(box.width() - 8, box.height() // 2))
    assert box.view().isVisible()
    box.hidePopup()


def _marks(picture: QImage, background: str) -> int:
    """Count the pixels that stand out from the background."""
    ground = _triple(background)
    points = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    return sum(contrast(_triple(picture.pixelColor(x, y).name()), ground) > 1.8 for x, y in points)


@MODES
@pytest.mark.parametrize("role", ["", "primary", "filled"])
@pytest.mark.parametrize("kind", [QPushButton, QToolButton])
def test_keyboard_focus_can_be_seen(
    theme: Theme, qtbot: QtBot, mode: Mode, role: str, kind: type[QPushButton] | type[QToolButton]
) -> None:
    theme.set_mode(mode)
    window = QWidget()
    qtbot.addWidget(window)
    first, second = kind(), kind()
    layout = QVBoxLayout(window)
    for button in (first, second):
        button.setText("Step")
        button.setProperty("role", role)
        layout.addWidget(button)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    first.setFocus()
    unfocused = _picture(second)
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert second.hasFocus()
    assert _picture(second) != unfocused


def test_figures_have_one_width_and_fonts_their_sizes(qapp: QApplication) -> None:
    for font in (number_font(), number_font(2, bold=True)):
        metrics = QFontMetricsF(font)
        assert len({round(metrics.horizontalAdvance(c), 3) for c in "0123456789+-.e"}) == 1
    assert ui_font().pixelSize() == 13
    assert ui_font(2, bold=True).pixelSize() == 15
    assert ui_font(2, bold=True).bold()
