"""The colors of the window, by what they mean, in both themes.

The five roles forward, backward, update, positive and negative were found by search: they stay apart for people with
any color vision deficiency (`tests/ui/test_theme.py`). Color is never alone: each has a second code, such as ▶ or ◀.
Every value is "#RRGGBB"; `QColor(colors.accent)` makes a color of it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Colors:
    """Every color role of one theme. Words are readable (contrast 4.5:1) on the surfaces of their kind."""

    # Surfaces.
    window: str  # behind the panels, and quiet boxes inside them
    panel: str
    canvas: str
    card: str  # a node on the canvas
    field: str  # what is typed in or chosen from
    fill: str  # buttons, palette entries, chips: words on it in `text`
    hover: str
    pressed: str
    selection: str
    # Lines.
    border: str
    border_strong: str
    grid: str
    # Words and the accent.
    text: str
    dim: str
    disabled: str
    accent: str
    accent_hover: str
    accent_pressed: str
    accent_text: str  # on the accent
    # The roles of training; `x_text` is for words on a surface, `on_x` for words on the role's own color.
    forward: str
    forward_text: str
    on_forward: str
    backward: str
    backward_text: str
    on_backward: str
    update: str  # lines and marks
    update_fg: str  # words on update_bg
    update_bg: str
    positive: str
    negative: str
    # State.
    error: str
    warning: str


LIGHT = Colors(
    window="#F4F5F7",
    panel="#FFFFFF",
    canvas="#FBFCFD",
    card="#FFFFFF",
    field="#FFFFFF",
    fill="#EEF1F5",
    hover="#E4E8EE",
    pressed="#D8DEE7",
    selection="#E1EAFC",
    border="#E1E4E9",
    border_strong="#C3CAD4",
    grid="#E9ECF1",
    text="#1B1F24",
    dim="#667085",
    disabled="#A7AFBC",
    accent="#2457D6",
    accent_hover="#1D4BBD",
    accent_pressed="#183F9F",
    accent_text="#FFFFFF",
    forward="#029DA9",
    forward_text="#017680",
    on_forward="#101418",
    backward="#830D5B",
    backward_text="#830D5B",
    on_backward="#FFFFFF",
    update="#4A3F00",
    update_fg="#4A3F00",
    update_bg="#FFE27A",
    positive="#093BEF",
    negative="#E66744",
    error="#B00020",
    warning="#8A5A00",
)

DARK = Colors(
    window="#16191D",
    panel="#1E2228",
    canvas="#121418",
    card="#22272E",
    field="#16191D",
    fill="#2A3038",
    hover="#343B45",
    pressed="#3E4651",
    selection="#2A3552",
    border="#2E343D",
    border_strong="#4A5361",
    grid="#22262D",
    text="#E6E8EB",
    dim="#8F99A8",
    disabled="#5B6472",
    accent="#6C8FFB",
    accent_hover="#86A3FC",
    accent_pressed="#5D82F4",
    accent_text="#121418",
    forward="#99FCFE",
    forward_text="#99FCFE",
    on_forward="#121418",
    backward="#F00792",
    backward_text="#FF5CB8",
    on_backward="#121418",
    update="#FDF14F",
    update_fg="#FDF14F",
    update_bg="#5A4F00",
    positive="#6C8FFB",
    negative="#D7A185",
    error="#FF6B6B",
    warning="#F2C14E",
)


@dataclass(frozen=True)
class SeriesStyle:
    """How a layer's line is drawn: its swatch color and its dash pattern (lengths in pen widths; empty is solid)."""

    color: str
    dashes: tuple[float, ...]


# Okabe and Ito's palette without black and yellow, which vanish on one of the canvases.
_TINTS = ("#56B4E9", "#009E73", "#CC79A7", "#E69F00", "#0072B2", "#D55E00")
_DASHES: tuple[tuple[float, ...], ...] = ((), (5, 3), (1, 3), (8, 3, 1, 3), (8, 3, 1, 3, 1, 3), (12, 4))


def series_style(index: int) -> SeriesStyle:
    """Give the line style of layer `index`; the first 36 differ, the first 6 in both color and dashes."""
    lap, place = divmod(index, len(_TINTS))
    return SeriesStyle(_TINTS[place], _DASHES[(place + lap) % len(_DASHES)])
