"""Where on the canvas a number is: the tile or port of a unit, a weight's line, a layer's chip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from engine.arena_places import Kind, Operand
from ui.canvas.card import CardKind
from ui.canvas.display import Display
from ui.canvas.flash import Shape
from ui.canvas.geometry import PORT_RADIUS
from ui.canvas.node_item import NodeItem
from ui.canvas.phase_marks import CORNER

_ROLES = {
    Kind.WEIGHT: "accent",
    Kind.GRADIENT: "backward",
    Kind.CLIPPED: "backward",
    Kind.ADJOINT: "backward",
    Kind.UPDATE: "update",
    Kind.SLOT: "update",
}
_CHIPS = {
    Kind.WEIGHT: 0,
    Kind.GRADIENT: 1,
    Kind.CLIPPED: 1,
    Kind.UPDATE: 2,
    Kind.SLOT: 2,
}
_RING = 3.0
_PORT_RING = PORT_RADIUS + 4.0


def shapes_of(operands: Iterable[Operand], nodes: Mapping[int, NodeItem], display: Display) -> list[Shape]:
    """Give the outlines of operands, each place once; those of nodes that are not on the canvas are left out."""
    found: dict[tuple[object, ...], Shape] = {}
    for operand in operands:
        item = nodes.get(operand.node)
        if item is None:
            continue
        role = _ROLES.get(operand.kind, "forward")
        if operand.parameter:
            paths = _parameter(operand, item, display)
        elif operand.kind is Kind.ADJOINT:
            paths = {("port", operand.node, operand.unit): _port(item, operand.unit)}
        else:
            paths = {("unit", operand.node, operand.unit): _unit(item, operand.unit)}
        for place, path in paths.items():
            found.setdefault((role, *place), Shape(path, role))
    return list(found.values())


def _parameter(operand: Operand, item: NodeItem, display: Display) -> dict[tuple[object, ...], QPainterPath]:
    """Give a weight's line, or its unit where no wire stands for it, and the layer's chip."""
    node, unit = operand.node, operand.column
    wires = display.wires_of(operand.parameter, node, operand.row)
    paths: dict[tuple[object, ...], QPainterPath] = {
        ("wire", wire.edge, source if wire.line_count else 0, unit if wire.line_count else 0): wire.weight_path(
            source, unit
        )
        for wire, source in wires
    }
    chips = item.card.chips
    number = _CHIPS.get(operand.kind, 0)
    if not wires:
        paths["unit", node, unit] = _unit(item, unit)
    if chips:
        paths["chip", node, number] = _rounded(chips[number], item.pos(), _RING, chips[number].height())
    return paths


def _unit(item: NodeItem, unit: int | None) -> QPainterPath:
    """Give a ring around the tile of a unit; around the whole card where it has none."""
    card = item.card
    is_picture = card.kind is CardKind.FEATURES and not card.has_unit_ports
    number = 0 if is_picture else unit
    if number is not None and number < len(card.tiles):
        return _rounded(card.tiles[number], item.pos(), _RING, 6.0)
    return _rounded(card.rect, item.pos(), _RING, CORNER)


def _port(item: NodeItem, unit: int | None) -> QPainterPath:
    """Give a ring around the output port of a unit, or of the node; around the card where it has none."""
    ports = item.output_points()
    if not ports:
        return _rounded(item.card.rect, item.pos(), _RING, CORNER)
    path = QPainterPath()
    chosen = ports if unit is None else ports[unit : unit + 1] if item.card.has_unit_ports else ports[:1]
    for port in chosen:
        path.addEllipse(port, _PORT_RING, _PORT_RING)
    return path


def _rounded(rect: QRectF, offset: QPointF, margin: float, radius: float) -> QPainterPath:
    path = QPainterPath()
    ring = rect.translated(offset).adjusted(-margin, -margin, margin, margin)
    path.addRoundedRect(ring, min(radius, ring.height() / 2), min(radius, ring.height() / 2))
    return path
