"""What a node's card holds and where, in the card's own coordinates. Pure functions of node and data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF

from app.translate import tr
from engine.datasets import Dataset, column_label, columns
from engine.graph import Node
from engine.ops.data import Features, Target
from engine.ops.layers import Dense
from engine.ops.losses import Loss
from ui.theme import ui_font

MAX_UNIT_PORTS = 16
"""Up to so many units have ports and weight lines of their own."""
MAX_TILES = 8
"""So many units of a larger layer are shown."""

WIDTH = 112.0
PLAIN_WIDTH = 144.0
BODY_INSET = 20.0
"""The room of a port beside the words of a plain card."""
HEADER = 34.0
CHIP_HEIGHT = 18.0
PORT_INSET = 9.0
PAD = 12.0
MAX_TITLE_WIDTH = 216.0
MAX_BODY_WIDTH = 240.0
IMAGE_SIDE = 64.0
LABEL_LEFT = PORT_INSET + 11.0
LABEL_GAP = 8.0
NOTE_MARGIN = 4.0
BARS_HEIGHT = 24.0
BARS_GAP = 10.0
PIN_RADIUS = 8.0
REASON_SIZE = QSizeF(208.0, 46.0)


class CardKind(StrEnum):
    """The kinds of cards."""

    UNITS = "units"
    FEATURES = "features"
    TARGET = "target"
    LOSS = "loss"
    PLAIN = "plain"


@dataclass(frozen=True)
class Card:
    """The words of a card and the places of its parts.

    `inputs` and `outputs` are the ports' centers: one each, or one for each unit where `has_unit_ports`. `tiles` are
    the pictures of units or columns with their `labels`; `more` units have none. `chips` are w, g and Δw.
    """

    kind: CardKind
    size: QSizeF
    title: str
    caption: str
    body: str = ""
    inputs: Mapping[str, tuple[QPointF, ...]] = field(default_factory=dict)
    outputs: tuple[QPointF, ...] = ()
    has_unit_ports: bool = False
    tiles: tuple[QRectF, ...] = ()
    labels: tuple[str, ...] = ()
    more: int = 0
    chips: tuple[QRectF, ...] = ()

    @property
    def rect(self) -> QRectF:
        """The card's outline."""
        return QRectF(QPointF(0.0, 0.0), self.size)


def make_card(node: Node, dataset: Dataset) -> Card:
    """Lay out the card of a node."""
    title, caption = tr(node.title), tr(node.build().caption())
    start = Card(CardKind.PLAIN, QSizeF(), title, "" if caption == title else caption)
    for kind, lay_out in _LAYOUTS:
        if issubclass(node.kind, kind):
            return lay_out(start, node, dataset)
    return _plain(start, node)


def reason_place(card: Card, words: str) -> QRectF:
    """Give where the words of a problem stand: on a plain card if there is room, else below the card."""
    inside = body_place(card)
    below = QRectF(QPointF(2.0, card.size.height() + 6.0), REASON_SIZE)
    room = QRectF(inside.topLeft(), QSizeF(inside.width(), 1000.0))
    needed = QFontMetricsF(ui_font(-2)).boundingRect(room, int(Qt.TextFlag.TextWordWrap), words)
    return inside if card.kind is CardKind.PLAIN and needed.height() <= inside.height() else below


def body_place(card: Card) -> QRectF:
    """Give where the formula of a plain card stands, between the title and what is below."""
    bottom = card.chips[0].top() if card.chips else card.size.height()
    return QRectF(BODY_INSET, 28.0, card.size.width() - 2 * BODY_INSET, bottom - 31.0)


def pin_place(card: Card) -> QRectF:
    """Give where the sign of pinned parameters stands: on the upper right corner, where no card has anything."""
    side = 2 * PIN_RADIUS
    return QRectF(card.size.width() - side + 1.0, -5.0, side, side)


def label_place(card: Card, index: int) -> QRectF:
    """Give where the words of an input port of a loss card stand, beside the port."""
    port = tuple(card.inputs.values())[index][0]
    return QRectF(LABEL_LEFT, port.y() - 9.0, _label_width(card.labels), 18.0)


def number_place(card: Card) -> QRectF:
    """Give where the loss stands on its card, right of the words of the ports."""
    left = LABEL_LEFT + _label_width(card.labels) + LABEL_GAP
    return QRectF(left, label_place(card, 0).center().y() - 12.0, card.size.width() - left - PAD, 24.0)


def bars_place(card: Card) -> QRectF:
    """Give where the bars of the rows stand at the bottom of a loss card; empty on one that has no room for them."""
    if len(card.inputs) < 2:
        return QRectF()
    return QRectF(PAD, card.size.height() - BARS_HEIGHT - BARS_GAP, card.size.width() - 2 * PAD, BARS_HEIGHT)


def feature_columns(node: Node, dataset: Dataset) -> tuple[str, ...]:
    """Give the keys of the columns that a Features node lets in."""
    chosen = node.settings["columns"]
    assert isinstance(chosen, tuple)
    return chosen or columns(dataset)[: dataset.x.shape[1]]


def unit_count(node: Node, dataset: Dataset) -> int | None:
    """Give how many columns leave a node that may have unit ports, None for all other nodes."""
    if issubclass(node.kind, Features):
        return len(feature_columns(node, dataset))
    op = node.build()
    return op.units if isinstance(op, Dense) else None


def has_weight_lines(source: Node, target: Node, dataset: Dataset) -> bool:
    """Tell whether a wire between the nodes is drawn as one line for each weight."""
    counts = unit_count(source, dataset), unit_count(target, dataset)
    return issubclass(target.kind, Dense) and all(n is not None and n <= MAX_UNIT_PORTS for n in counts)


def _features(card: Card, node: Node, dataset: Dataset) -> Card:
    keys = feature_columns(node, dataset)
    known = columns(dataset)
    labels = tuple(tr(column_label(dataset, key)) if key in known else key for key in keys)
    if dataset.image_shape is not None or len(labels) > MAX_UNIT_PORTS:
        side = IMAGE_SIDE if dataset.image_shape is not None else 0.0
        width = _width(card)
        size = QSizeF(width, HEADER + side + 34.0)
        image = QRectF((width - side) / 2, HEADER + 2.0, side, side)
        return replace(
            card,
            kind=CardKind.FEATURES,
            size=size,
            body=tr("{count} columns", count=len(labels)),
            tiles=(image,) if side else (),
            outputs=(QPointF(width - PORT_INSET, size.height() / 2),),
        )
    side, pitch = _tile_size(len(labels))
    words = QFontMetricsF(ui_font(-1))
    label_width = max((words.horizontalAdvance(label) for label in labels), default=0.0)
    width = _width(card, PAD + label_width + 10.0 + side + 26.0)
    tiles = tuple(QRectF(width - 26.0 - side, HEADER + k * pitch, side, side) for k in range(len(labels)))
    return replace(
        card,
        kind=CardKind.FEATURES,
        size=QSizeF(width, HEADER + max(len(labels), 1) * pitch + 6.0),
        tiles=tiles,
        labels=labels,
        outputs=tuple(QPointF(width - PORT_INSET, tile.center().y()) for tile in tiles),
        has_unit_ports=True,
    )


def _units(card: Card, node: Node, dataset: Dataset) -> Card:
    count = unit_count(node, dataset) or 1
    width = _width(card)
    if count <= MAX_UNIT_PORTS:
        side, pitch = _tile_size(count)
        tiles = tuple(QRectF((width - side) / 2, HEADER + k * pitch, side, side) for k in range(count))
        bottom = HEADER + count * pitch
        ports = tuple(tile.center().y() for tile in tiles)
    else:
        side, pitch = 30.0, 36.0
        left = (width - side - pitch) / 2
        tiles = tuple(QRectF(left + (k % 2) * pitch, HEADER + (k // 2) * pitch, side, side) for k in range(MAX_TILES))
        bottom = HEADER + MAX_TILES / 2 * pitch + 16.0
        ports = (HEADER + MAX_TILES / 4 * pitch,)
    return replace(
        card,
        kind=CardKind.UNITS,
        size=QSizeF(width, bottom + CHIP_HEIGHT + 13.0),
        inputs={port.name: tuple(QPointF(PORT_INSET, y) for y in ports) for port in node.kind.ports},
        outputs=tuple(QPointF(width - PORT_INSET, y) for y in ports),
        has_unit_ports=count <= MAX_UNIT_PORTS,
        tiles=tiles,
        more=count - len(tiles),
        body=tr("+ {count} more", count=count - len(tiles)) if count > len(tiles) else "",
        chips=_chips(width, bottom + 4.0),
    )


def _target(card: Card, node: Node, dataset: Dataset) -> Card:
    classes = len(dataset.class_names)
    if not classes:
        outputs = dataset.y.shape[1]
        body = tr("number") if outputs == 1 else tr("{count} numbers", count=outputs)
    elif classes == 2 and node.settings["encoding"] != "one-hot":
        body = tr("0 / 1")
    else:
        body = tr("{count} classes", count=classes)
    card = replace(card, kind=CardKind.TARGET, caption="y", body=body)
    size = QSizeF(_width(card), 58.0)
    return replace(card, size=size, outputs=(QPointF(size.width() - PORT_INSET, size.height() / 2 + 2.0),))


def _loss(card: Card, node: Node, dataset: Dataset) -> Card:
    words = QFontMetricsF(ui_font(0, bold=True))
    labels = tuple(tr(port.label) for port in node.kind.ports)
    note = QFontMetricsF(ui_font(-2)).horizontalAdvance(tr("mean of {count} rows", count=9999)) + NOTE_MARGIN
    least = _label_width(labels) + LABEL_LEFT + LABEL_GAP + note + PAD
    width = _rounded(max(176.0, least, min(words.horizontalAdvance(card.title) + 2 * PAD, MAX_TITLE_WIDTH)))
    top = HEADER + (30.0 if card.caption else 14.0)
    inputs = {port.name: (QPointF(PORT_INSET, top + k * 26.0),) for k, port in enumerate(node.kind.ports)}
    # What has no target is no mean over rows that are compared with something, but often one number.
    bars = BARS_HEIGHT + BARS_GAP if len(inputs) > 1 else 0.0
    size = QSizeF(width, top + 26.0 * (len(inputs) - 1) + 22.0 + bars)
    return replace(card, kind=CardKind.LOSS, size=size, inputs=inputs, labels=labels)


def _plain(card: Card, node: Node) -> Card:
    body = tr(node.build().formula())
    ports = node.kind.ports
    words = QFontMetricsF(ui_font(-1)).horizontalAdvance(body) + 2 * BODY_INSET
    width = _width(card, max(PLAIN_WIDTH, min(words, MAX_BODY_WIDTH)))
    bottom = 62.0 + 20.0 * max(len(ports) - 1, 0)
    chips = _chips(width, bottom - 4.0) if node.kind.lettered else ()
    size = QSizeF(width, bottom + (CHIP_HEIGHT + 5.0 if chips else 0.0))
    middle = bottom / 2 + 1.0
    inputs = {
        port.name: (QPointF(PORT_INSET, middle + (k - (len(ports) - 1) / 2) * 26.0),) for k, port in enumerate(ports)
    }
    outputs = (QPointF(width - PORT_INSET, middle),) if node.kind.has_output else ()
    return replace(card, size=size, body=body, inputs=inputs, outputs=outputs, chips=chips)


def _chips(width: float, top: float) -> tuple[QRectF, ...]:
    """Place w, g and Δw side by side, as wide as on the narrowest card."""
    step = (min(width, WIDTH) - 2 * 8.0 + 4.0) / 3
    left = (width - 3 * step + 4.0) / 2
    return tuple(QRectF(left + k * step, top, step - 4.0, CHIP_HEIGHT) for k in range(3))


def _label_width(labels: Sequence[str]) -> float:
    words = QFontMetricsF(ui_font(-2))
    return max((words.horizontalAdvance(label) for label in labels), default=0.0) + 2.0


def _tile_size(count: int) -> tuple[float, float]:
    """Give the side of a tile and the distance from one to the next."""
    if count <= 4:
        return 40.0, 50.0
    return (28.0, 34.0) if count <= MAX_TILES else (15.0, 18.0)


def _width(card: Card, content: float = 0.0) -> float:
    bold, words = QFontMetricsF(ui_font(0, bold=True)), QFontMetricsF(ui_font(-1))
    title = bold.horizontalAdvance(card.title) + 6.0 + words.horizontalAdvance(card.caption) + 2 * PAD
    return _rounded(max(WIDTH, content, min(title, MAX_TITLE_WIDTH)))


def _rounded(width: float) -> float:
    return -(-width // 8) * 8


_LAYOUTS: tuple[tuple[type, Callable[[Card, Node, Dataset], Card]], ...] = (
    (Features, _features),
    (Dense, _units),
    (Target, _target),
    (Loss, _loss),
)
