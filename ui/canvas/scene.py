"""The scene: one item for each node and wire of the document's graph. It answers news and never edits the document."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsScene, QGraphicsSceneHelpEvent, QToolTip

from app.errors import guarded
from app.pace import FAST
from app.project import Position, Project
from app.runner import Runner
from app.translate import tr
from engine.arena_places import Operand
from engine.compiler import Compilation
from engine.datasets import Dataset, make_dataset
from engine.graph import Edge
from engine.ops.layers import Dense
from engine.snapshot import Snapshot
from ui.canvas.breakpoint_marks import mark_words
from ui.canvas.card import has_weight_lines, make_card, unit_count
from ui.canvas.card_painter import CardPainter
from ui.canvas.details import edge_details, node_details, port_details, sum_details
from ui.canvas.display import Display
from ui.canvas.edge_item import EdgeItem
from ui.canvas.flash import Flash
from ui.canvas.flash_shapes import shapes_of
from ui.canvas.geometry import free_place, layered_layout
from ui.canvas.node_item import NodeItem
from ui.canvas.wire_item import WireItem
from ui.theme import Theme

EXTENT = QRectF(-20000.0, -20000.0, 40000.0, 40000.0)
DOT_STEP = 32
_MIN_DOT_DISTANCE = 14.0


class CanvasScene(QGraphicsScene):
    """The items of a project. `nodes` and `edges` hold the items that there are."""

    def __init__(self, project: Project, runner: Runner, theme: Theme) -> None:
        super().__init__(EXTENT)
        self.nodes: dict[int, NodeItem] = {}
        self.edges: dict[Edge, EdgeItem] = {}
        self.display = Display(self.nodes, self.edges)
        self._project = project
        self._runner = runner
        self._theme = theme
        self._painter = CardPainter(theme.colors)
        self._dataset = _dataset_of(project)
        self.wire = WireItem(theme.colors)
        self.addItem(self.wire)
        self.flash = Flash(self, theme.colors)
        self._add(project.experiment.graph.nodes, project.experiment.graph.edges)
        self._prepare()
        self._show_present()

    @property
    def dataset(self) -> Dataset:
        """The data set of the project shown."""
        return self._dataset

    def sync(self, new: Project) -> None:
        """Show another project: add, remove, move and lay out anew only what differs."""
        self.flash.end()
        old, self._project = self._project, new
        before, graph = old.experiment, new.experiment.graph
        if new.experiment is before:
            self._move_all(old, new)
            return
        dataset, self._dataset = self._dataset, _dataset_of(new)
        for edge in set(self.edges) - set(graph.edges):
            self.removeItem(self.edges.pop(edge))
        for id_ in [id_ for id_ in self.nodes if id_ not in graph.nodes]:
            self.removeItem(self.nodes.pop(id_))
        for id_, item in self.nodes.items():
            is_same = graph.nodes[id_] is before.graph.nodes.get(id_) and self._dataset is dataset
            if not is_same and item.set_card(make_card(graph.nodes[id_], self._dataset)):
                self._place_wires(id_)
        self._move_all(old, new)
        self._add(
            [id_ for id_ in graph.nodes if id_ not in self.nodes], [e for e in graph.edges if e not in self.edges]
        )
        # The runner's present snapshot is still of the old project; that of the new one comes next.
        self._prepare()

    def show_theme(self) -> None:
        """Draw everything in the theme's present colors."""
        colors = self._theme.colors
        self._painter = CardPainter(colors)
        self.wire.set_colors(colors)
        self.flash.set_colors(colors)
        for node in self.nodes.values():
            node.set_painter(self._painter)
        for edge in self.edges.values():
            edge.set_colors(colors)
        self._prepare()
        self._show_present()
        self.update()

    def show_compilation(self, compilation: Compilation) -> None:
        """Show problems on their nodes, and on wires into wide layers how many columns meet how many units."""
        self.display.show_compilation(compilation)
        self.display.show_pins(self._project.experiment, compilation.program)
        graph = self._project.experiment.graph
        for edge, wire in self.edges.items():
            target, shape = graph.nodes[edge.target], compilation.shapes.get(edge.source)
            label = ""
            if shape is not None and not wire.line_count and issubclass(target.kind, Dense):
                label = tr("{columns} → {units}", columns=shape.columns, units=unit_count(target, self._dataset))
            wire.set_label(label)

    def show_breakpoints(self) -> None:
        """Show on every node before which pass a run pauses."""
        present = self._runner.breakpoints.present
        for id_, item in self.nodes.items():
            item.show_look(breakpoints=frozenset(mark.phase for mark in present if mark.node == id_))

    def show_snapshot(self, snapshot: Snapshot | None) -> bool:
        """Show a moment of the run; tells whether pictures were drawn."""
        rate = self._runner.speed
        is_slow = rate is not None and rate < FAST
        return self.display.show_snapshot(snapshot, is_running=self._runner.is_running, is_slow=is_slow)

    def flash_operands(self, operands: Iterable[Operand]) -> None:
        """Let what numbers belong to flash."""
        self.flash.show_shapes(shapes_of(operands, self.nodes, self.display))

    def positions(self) -> dict[int, Position]:
        """Give where every card lies, those that the project has no position for too."""
        return {id_: (item.x(), item.y()) for id_, item in self.nodes.items()}

    def sizes(self) -> dict[int, tuple[float, float]]:
        """Give every card's width and height."""
        return {id_: (item.card.size.width(), item.card.size.height()) for id_, item in self.nodes.items()}

    def nodes_rect(self, ids: Iterable[int] | None = None) -> QRectF:
        """Give the rectangle around cards, of all nodes by default; empty where there are none."""
        rect = QRectF()
        for id_ in self.nodes if ids is None else ids:
            item = self.nodes[id_]
            rect = rect.united(item.card.rect.translated(item.pos()))
        return rect

    def selected_nodes(self) -> tuple[int, ...]:
        """Give the ids of the selected nodes, sorted."""
        return tuple(sorted(id_ for id_, item in self.nodes.items() if item.isSelected()))

    def selected_edges(self) -> tuple[Edge, ...]:
        """Give the selected wires."""
        return tuple(edge for edge, item in self.edges.items() if item.isSelected())

    @guarded
    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw the canvas and its dots, wider apart when zoomed out."""
        rect = QRectF(rect)
        painter.fillRect(rect, QColor(self._theme.colors.canvas))
        step = DOT_STEP
        while step * painter.worldTransform().m11() < _MIN_DOT_DISTANCE:
            step *= 2
        painter.setPen(QPen(QColor(self._theme.colors.border), 1.6))
        left, top = int(rect.left() // step) * step, int(rect.top() // step) * step
        columns, rows = int(rect.width() // step) + 2, int(rect.height() // step) + 2
        painter.drawPoints([QPointF(left + i * step, top + j * step) for i in range(columns) for j in range(rows)])

    @guarded
    def helpEvent(self, event: QGraphicsSceneHelpEvent) -> None:
        """Tell about the port, node or wire under the mouse."""
        QToolTip.showText(event.screenPos(), self.details_at(event.scenePos()))

    def details_at(self, point: QPointF) -> str:
        """Give what the tooltip at a point says; empty where there is nothing."""
        graph, snapshot = self._project.experiment.graph, self._runner.snapshot
        item = self.itemAt(point, QTransform())
        if isinstance(item, NodeItem):
            found = item.sum_at(point)
            if found is not None:
                return sum_details(graph.nodes[item.id], *found)
            entry = item.input_at(point)
            if entry is not None:
                return port_details(graph.nodes[item.id], entry[0])
            if item.output_at(point) is not None:
                return port_details(graph.nodes[item.id], "")
            words = node_details(graph.nodes[item.id], self._project.experiment, self._runner.compilation, snapshot)
            return "<br>".join([words, *map(mark_words, sorted(item.look.breakpoints))])
        if isinstance(item, EdgeItem):
            return edge_details(item.edge, graph, self._runner.compilation, snapshot)
        return ""

    def _add(self, ids: Iterable[int], edges: Iterable[Edge]) -> None:
        graph = self._project.experiment.graph
        for id_ in ids:
            item = NodeItem(id_, make_card(graph.nodes[id_], self._dataset), self._painter, self._place_wires)
            self.nodes[id_] = item
            self.addItem(item)
        self._place_new(ids)
        for edge in edges:
            wire = EdgeItem(edge, self._theme.colors)
            self.edges[edge] = wire
            self._place_wire(wire)
            self.addItem(wire)

    def _place_new(self, ids: Iterable[int]) -> None:
        """Lay new cards where the project says; the others by the automatic layout, but not on top of any."""
        lost = [id_ for id_ in ids if id_ not in self._project.positions]
        for id_ in ids:
            if id_ not in lost:
                self.nodes[id_].setPos(*self._project.positions[id_])
        if lost:
            layout = layered_layout(self._project.experiment.graph, self.sizes())
            taken = [i.card.rect.translated(i.pos()) for id_, i in self.nodes.items() if id_ not in lost]
            for id_ in lost:
                item = self.nodes[id_]
                item.setPos(free_place(item.card.rect.translated(*layout[id_]), taken))
                taken.append(item.card.rect.translated(item.pos()))

    def _move_all(self, old: Project, new: Project) -> None:
        for id_, place in new.positions.items():
            if id_ in self.nodes and old.positions.get(id_) != place:
                self.nodes[id_].setPos(*place)

    def _place_wires(self, id_: int) -> None:
        for edge, wire in self.edges.items():
            if id_ in (edge.source, edge.target):
                self._place_wire(wire)

    def _place_wire(self, wire: EdgeItem) -> None:
        edge, graph = wire.edge, self._project.experiment.graph
        source, target = self.nodes[edge.source], self.nodes[edge.target]
        as_lines = has_weight_lines(graph.nodes[edge.source], graph.nodes[edge.target], self._dataset)
        wire.place(source.output_points(), target.input_points(edge.port), as_lines=as_lines)

    def _prepare(self) -> None:
        """Take up what snapshots are about now."""
        experiment = self._project.experiment
        self.display.prepare(experiment.graph, self._dataset, experiment.method, self._theme.colors)
        self.display.show_pins(experiment, self._runner.compilation.program)
        self.show_breakpoints()

    def _show_present(self) -> None:
        self.show_compilation(self._runner.compilation)
        self.show_snapshot(self._runner.snapshot)


def _dataset_of(project: Project) -> Dataset:
    data = project.experiment.data
    return make_dataset(data.kind, data.settings)
