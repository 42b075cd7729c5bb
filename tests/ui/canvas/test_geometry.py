"""Grid, wires and layout, without any widget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from engine.graph import Graph, GraphError
from ui.canvas.geometry import (
    arrow_head,
    bundle_paths,
    clamp_zoom,
    free_place,
    layered_layout,
    nearest,
    snap,
    wire_path,
)

COORDINATE = st.integers(-2000, 2000).map(float)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    graph = Graph()
    for op in draw(st.lists(st.sampled_from(["features", "add", "tanh", "dense", "target"]), max_size=12)):
        graph, _ = graph.add(op)
    for source, target in draw(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=20)):
        try:
            graph = graph.connect(source, target, "in")
        except GraphError:
            continue
    return graph


@given(graphs())
def test_a_layout_covers_no_card_and_runs_from_left_to_right(graph: Graph) -> None:
    sizes = {id_: (80.0 + 17 * id_, 40.0 + 29 * (id_ % 5)) for id_ in graph.nodes}
    places = layered_layout(graph, sizes)
    assert set(places) == set(graph.nodes)
    rects = [QRectF(*places[id_], *sizes[id_]) for id_ in places]
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[i + 1 :])
    assert all(places[e.source][0] + sizes[e.source][0] < places[e.target][0] for e in graph.edges)
    assert all(x % 8 == y % 8 == 0 for x, y in places.values())


def test_a_target_stands_in_the_column_before_its_loss() -> None:
    graph, _ = Graph().add("features")
    for _ in range(3):
        graph, new = graph.add("dense")
        graph = graph.connect(new - 1, new, "in")
    graph, loss = graph.add("mean_squared_error")
    graph, target = graph.add("target")
    graph = graph.connect(4, loss, "prediction").connect(target, loss, "target")
    places = layered_layout(graph, dict.fromkeys(graph.nodes, (100.0, 60.0)))
    assert places[target][0] == places[4][0]
    assert places[target][1] > places[4][1]


@given(COORDINATE, COORDINATE)
def test_snapping_goes_to_the_nearest_grid_point_and_stays(x: float, y: float) -> None:
    snapped = snap(x, y)
    assert abs(snapped[0] - x) <= 4
    assert abs(snapped[1] - y) <= 4
    assert snap(*snapped) == snapped


@given(COORDINATE, COORDINATE, COORDINATE, COORDINATE)
def test_a_wire_leaves_to_the_right_and_arrives_from_the_left(x: float, y: float, u: float, v: float) -> None:
    path = wire_path(QPointF(x, y), QPointF(u, v))
    assert path.pointAtPercent(0.0) == QPointF(x, y)
    assert path.pointAtPercent(1.0) == QPointF(u, v)
    assert path.pointAtPercent(0.01).x() > x
    assert path.pointAtPercent(0.99).x() < u


def test_strands_of_several_ports_meet_in_a_knot() -> None:
    ports = [QPointF(0, y) for y in (0.0, 30.0, 60.0)]
    path, trunk = bundle_paths(ports, [QPointF(300, 30)])
    assert trunk.pointAtPercent(0.0).x() > 0
    assert trunk.pointAtPercent(0.0).y() == 30
    assert path.boundingRect().top() == 0
    assert path.boundingRect().bottom() == 60


def test_an_arrow_points_along_the_path_or_against_it() -> None:
    path = wire_path(QPointF(0, 0), QPointF(200, 0))
    along, against = arrow_head(path, 0.5, 6.0), arrow_head(path, 0.5, 6.0, backward=True)
    assert along.at(0).x() > along.at(1).x()
    assert against.at(0).x() < against.at(1).x()


def test_nearest_takes_the_closest_within_the_radius() -> None:
    places = [("a", QPointF(0, 0)), ("b", QPointF(10, 0))]
    assert nearest(QPointF(6, 0), places, 14.0) == "b"
    assert nearest(QPointF(4, 0), places, 14.0) == "a"
    assert nearest(QPointF(40, 0), places, 14.0) is None


@given(st.lists(st.tuples(COORDINATE, COORDINATE), max_size=10))
def test_a_free_place_is_free(corners: list[tuple[float, float]]) -> None:
    taken = [QRectF(x, y, 120, 80) for x, y in corners]
    place = QRectF(free_place(QRectF(0, 0, 100, 60), taken), QRectF(0, 0, 100, 60).size())
    assert not any(place.intersects(other) for other in taken)


@given(st.floats(0.001, 100.0))
def test_zoom_stays_between_25_and_300_percent(zoom: float) -> None:
    assert 0.25 <= clamp_zoom(zoom) <= 3.0
