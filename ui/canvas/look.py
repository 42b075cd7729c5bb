"""What a card shows at the moment: the part that a run changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from engine.program import Phase
from ui.canvas.row_bars import RowBars
from ui.canvas.stage import Chip


@dataclass
class Look:
    """What a card shows at the moment, beside its layout.

    `frame` is the phase that the node is active in ("sample", "forward", …), "" for none. `reason` are the words of its
    problem, with the sign, at `reason_place`. `fits` are the input ports that the wire being drawn fits, None while
    none is drawn; "" stands for the output. `fan_out` tells how many uses of the
    output have handed δ back, and of how many.
    """

    frame: str = ""
    is_selected: bool = False
    is_hovered: bool = False
    reason: str = ""
    reason_place: QRectF = field(default_factory=QRectF)
    gradient: Chip = Chip.EMPTY
    update: Chip = Chip.EMPTY
    is_open: bool = False
    has_weights: bool = False
    is_pinned: bool = False
    breakpoints: frozenset[Phase] = frozenset()
    tiles: list[QImage] = field(default_factory=list)
    number: str = ""
    number_note: str = ""
    is_stale: bool = False
    bars: RowBars | None = None
    fits: frozenset[str] | None = None
    fan_out: tuple[int, int] | None = None
