"""A node on the canvas: keeps its card and look, redraws when one of them changed, and tells when Qt moved it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsSceneHoverEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from app.errors import guarded
from ui.canvas.card import Card, pin_place, reason_place
from ui.canvas.card_painter import CardPainter
from ui.canvas.geometry import HIT_RADIUS, nearest
from ui.canvas.look import Look
from ui.canvas.phase_marks import CORNER, MARGIN, sum_place


class NodeItem(QGraphicsItem):
    """The card of one node. `moved` is called with the node's id whenever the card lies elsewhere."""

    def __init__(self, id_: int, card: Card, painter: CardPainter, moved: Callable[[int], None]) -> None:
        super().__init__()
        self.id = id_
        self.card = card
        self.look = Look()
        self._painter = painter
        self._moved = moved
        self.setFlags(
            QGraphicsItem.GraphicsItemFlag.ItemIsMovable
            | QGraphicsItem.GraphicsItemFlag.ItemIsSelectable
            | QGraphicsItem.GraphicsItemFlag.ItemSendsGeometryChanges
        )
        self.setAcceptHoverEvents(True)
        self.setZValue(1.0)

    def set_card(self, card: Card) -> bool:
        """Take another layout; tell whether it was another one."""
        if card == self.card:
            return False
        self.prepareGeometryChange()
        self.card = card
        self.look.tiles = []
        self._place_reason()
        self.update()
        return True

    def set_painter(self, painter: CardPainter) -> None:
        """Draw in another theme's colors."""
        self._painter = painter
        self.update()

    def show_look(self, **values: object) -> None:
        """Change some fields of the look; the card is redrawn only if one of them is new."""
        changed = [name for name, value in values.items() if getattr(self.look, name) != value]
        if not changed:
            return
        if {"reason", "fan_out"} & set(changed):
            self.prepareGeometryChange()
        for name in changed:
            setattr(self.look, name, values[name])
        if "reason" in changed:
            self._place_reason()
        self.update()

    def output_points(self) -> tuple[QPointF, ...]:
        """Give the places of the output ports in the scene."""
        return tuple(self.pos() + point for point in self.card.outputs)

    def input_points(self, port: str) -> tuple[QPointF, ...]:
        """Give the places of a port's circles in the scene."""
        return tuple(self.pos() + point for point in self.card.inputs[port])

    def input_at(self, point: QPointF, radius: float = HIT_RADIUS) -> tuple[str, float] | None:
        """Give the input port within a radius of a scene point, and how far it is."""
        local = point - self.pos()
        places = [(name, place) for name, circles in self.card.inputs.items() for place in circles]
        found = nearest(local, places, radius)
        if found is None:
            return None
        return found, min(_distance(local, place) for place in self.card.inputs[found])

    def output_at(self, point: QPointF, radius: float = HIT_RADIUS) -> float | None:
        """Give how far a scene point is from the output, None beyond the radius; between unit ports is on it, too."""
        if not self.card.outputs:
            return None
        local = point - self.pos()
        top, bottom = self.card.outputs[0], self.card.outputs[-1]
        if abs(local.x() - top.x()) <= radius and top.y() <= local.y() <= bottom.y():
            return abs(local.x() - top.x())
        distance = min(_distance(local, place) for place in self.card.outputs)
        return distance if distance <= radius else None

    def sum_at(self, point: QPointF) -> tuple[int, int] | None:
        """Give what Σ tells, where a scene point is on it."""
        return self.look.fan_out if self.look.fan_out and sum_place(self.card).contains(point - self.pos()) else None

    def boundingRect(self) -> QRectF:
        """Give the card with its frame and the words below it."""
        rect = self.card.rect.united(self.look.reason_place)
        return rect.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def shape(self) -> QPainterPath:
        """Give what the mouse hits: the card with its pin and its Σ."""
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addRoundedRect(self.card.rect, CORNER, CORNER)
        if self.look.is_pinned:
            path.addEllipse(pin_place(self.card))
        if self.look.fan_out:
            path.addEllipse(sum_place(self.card))
        return path

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the card."""
        self.look.is_selected = self.isSelected()
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        self._painter.paint(painter, self.card, self.look, zoom)

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: object) -> object:
        """Tell that the card was moved."""
        if change == QGraphicsItem.GraphicsItemChange.ItemPositionHasChanged:
            self._moved(self.id)
        return super().itemChange(change, value)

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Brighten the border."""
        self.show_look(is_hovered=True)

    def hoverMoveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Show where a wire can begin."""
        at_port = self.input_at(event.scenePos()) or self.output_at(event.scenePos()) is not None
        self.setCursor(Qt.CursorShape.CrossCursor if at_port else Qt.CursorShape.ArrowCursor)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Calm the border."""
        self.show_look(is_hovered=False)

    def _place_reason(self) -> None:
        reason = self.look.reason
        self.look.reason_place = reason_place(self.card, reason) if reason else QRectF()


def _distance(one: QPointF, other: QPointF) -> float:
    difference = one - other
    return float(QPointF.dotProduct(difference, difference) ** 0.5)
