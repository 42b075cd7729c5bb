"""Where things lie on the canvas: grid, wires, nearest ports and automatic layout. Pure functions on scene units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import cos, hypot, radians, sin
from typing import TypeVar

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from app.project import Position
from engine.graph import Graph

GRID = 8.0
PORT_RADIUS = 5.0
HIT_RADIUS = 12.0
SNAP_RADIUS = 14.0
MIN_ZOOM = 0.25
MAX_ZOOM = 3.0
COLUMN_GAP = 88.0
ROW_GAP = 32.0

Key = TypeVar("Key")


def snap(x: float, y: float, step: float = GRID) -> Position:
    """Give the nearest point of the grid."""
    return round(x / step) * step, round(y / step) * step


def clamp_zoom(zoom: float) -> float:
    """Give the zoom, kept between 25 % and 300 %."""
    return min(max(zoom, MIN_ZOOM), MAX_ZOOM)


def wire_path(start: QPointF, end: QPointF) -> QPainterPath:
    """Give the curve of a wire: it leaves to the right and arrives from the left, in a loop where it must go back."""
    dx = end.x() - start.x()
    reach = max(abs(dx) * 0.5, 24.0) if dx >= 0 else 40.0 + abs(dx) * 0.35
    path = QPainterPath(start)
    path.cubicTo(start + QPointF(reach, 0.0), end - QPointF(reach, 0.0), end)
    return path


def bundle_paths(starts: Sequence[QPointF], ends: Sequence[QPointF]) -> tuple[QPainterPath, QPainterPath]:
    """Give one wire between cards, and its trunk: strands of several ports meet in a knot, and part at the other."""
    start, end = _knot(starts, 1.0), _knot(ends, -1.0)
    trunk = wire_path(start, end)
    path = QPainterPath(trunk)
    if len(starts) > 1:
        for point in starts:
            path.addPath(_strand(point, start))
    if len(ends) > 1:
        for point in ends:
            path.addPath(_strand(end, point))
    return path, trunk


def _strand(start: QPointF, end: QPointF) -> QPainterPath:
    """Give a short strand between a port and a knot, level at both ends."""
    middle = (end.x() - start.x()) * 0.6
    path = QPainterPath(start)
    path.cubicTo(start + QPointF(middle, 0.0), end - QPointF(middle, 0.0), end)
    return path


def _knot(points: Sequence[QPointF], side: float) -> QPointF:
    if len(points) == 1:
        return points[0]
    reach = min(16.0 + 0.08 * (points[-1].y() - points[0].y()), 36.0)
    return QPointF(points[0].x() + side * reach, sum(p.y() for p in points) / len(points))


def arrow_head(path: QPainterPath, at: float, size: float, *, backward: bool = False) -> QPolygonF:
    """Give a triangle on a path, at a share of its length, that points along it or, with `backward`, against it."""
    tip, angle = path.pointAtPercent(at), radians(-path.angleAtPercent(at) + (180.0 if backward else 0.0))
    along, across = QPointF(cos(angle), sin(angle)), QPointF(-sin(angle), cos(angle))
    base, wing = tip - along * size * 0.7, across * size * 0.8
    return QPolygonF([tip + along * size, base + wing, base - wing])


def nearest(point: QPointF, places: Iterable[tuple[Key, QPointF]], radius: float) -> Key | None:
    """Give the key of the place nearest to a point, or None where none is within the radius."""
    best: Key | None = None
    for key, place in places:
        distance = hypot(place.x() - point.x(), place.y() - point.y())
        if distance <= radius:
            best, radius = key, distance
    return best


def free_place(rect: QRectF, taken: Sequence[QRectF]) -> QPointF:
    """Give the first corner at or below the rectangle's own where it would not lie on another rectangle."""
    place = QRectF(rect)
    while True:
        blocking = [other for other in taken if other.intersects(place)]
        if not blocking:
            return place.topLeft()
        bottom = max(other.bottom() for other in blocking)
        place.moveTop(snap(0.0, bottom + ROW_GAP)[1])


def layered_layout(graph: Graph, sizes: Mapping[int, tuple[float, float]]) -> dict[int, Position]:
    """Lay a graph out in columns, each node right of all that it depends on; give the top left corners.

    `sizes` are the (width, height) of the nodes. A source stands just left of its first reader; nodes without wires
    stand below the rest. Within a column, nodes are ordered by the mean height of their neighbors.
    """
    wired = {id_ for e in graph.edges for id_ in (e.source, e.target)}
    columns = _columns(graph, wired)
    _order_rows(graph, columns)
    places: dict[int, Position] = {}
    left = 0.0
    for column in columns:
        height = sum(sizes[id_][1] for id_ in column) + ROW_GAP * (len(column) - 1)
        top = -height / 2
        for id_ in column:
            places[id_] = snap(left, top)
            top += sizes[id_][1] + ROW_GAP
        left += max(sizes[id_][0] for id_ in column) + COLUMN_GAP
    top = max((places[id_][1] + sizes[id_][1] for id_ in places), default=-ROW_GAP) + ROW_GAP
    left = 0.0
    for id_ in (id_ for id_ in graph.nodes if id_ not in wired):
        places[id_] = snap(left, top)
        left += sizes[id_][0] + ROW_GAP
    return places


def _columns(graph: Graph, wired: set[int]) -> list[list[int]]:
    readers: dict[int, list[int]] = {}
    for edge in graph.edges:
        readers.setdefault(edge.source, []).append(edge.target)
    depth: dict[int, int] = {}
    for id_ in graph.order():
        depth[id_] = max((depth[e.source] + 1 for e in graph.edges if e.target == id_), default=0)
    has_input = {e.target for e in graph.edges}
    for id_, targets in readers.items():
        if id_ not in has_input:
            depth[id_] = max(min(depth[t] for t in targets) - 1, 0)
    columns: list[list[int]] = [[] for _ in range(max((depth[id_] for id_ in wired), default=-1) + 1)]
    for id_ in graph.order():
        if id_ in wired:
            columns[depth[id_]].append(id_)
    return [column for column in columns if column]


def _order_rows(graph: Graph, columns: list[list[int]]) -> None:
    """Sort each column by the mean row of the nodes before it, sources last, which keeps wires from crossing."""
    row: dict[int, float] = {}
    for column in columns:
        sources = {id_: [row[e.source] for e in graph.edges if e.target == id_ and e.source in row] for id_ in column}
        column.sort(key=lambda id_: (not sources[id_], sum(sources[id_]) / max(len(sources[id_]), 1)))
        for place, id_ in enumerate(column):
            row[id_] = place - (len(column) - 1) / 2
