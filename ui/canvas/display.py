"""Puts snapshots and problems onto the items of the canvas, and decides what is worth a redraw."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QElapsedTimer

from app.translate import format_number, sentence, tr
from engine.compiler import Compilation
from engine.datasets import Dataset
from engine.experiment import Choice, Experiment
from engine.gradients import GradientMethod, make_gradient_method
from engine.graph import Edge, Graph
from engine.ops.data import Features
from engine.ops.losses import Loss
from engine.program import Parameter, Phase, Program
from engine.snapshot import Snapshot
from ui.canvas.edge_item import EdgeItem
from ui.canvas.node_item import NodeItem
from ui.canvas.row_bars import row_bars
from ui.canvas.stage import Chip, Stage, Wire, make_stage
from ui.canvas.tiles import TileSource
from ui.colors import Colors
from ui.pins import are_pinned, parameters_of, pinned_titles

PICTURE_MS = 100
"""While a run goes on by itself, tiles and weight lines are redrawn this far apart, and in a fast one everything."""
_FRAMES = {
    Phase.SAMPLE: "sample",
    Phase.FORWARD: "forward",
    Phase.LOSS: "loss",
    Phase.BACKWARD: "backward",
    Phase.UPDATE: "update",
}


class Display:
    """Shows runs on the given items, which the scene adds to and takes from."""

    def __init__(self, nodes: Mapping[int, NodeItem], edges: Mapping[Edge, EdgeItem]) -> None:
        self._nodes = nodes
        self._edges = edges
        self._graph = Graph()
        self._tiles: TileSource | None = None
        self._method: GradientMethod | None = None
        self._program: Program | None = None
        self._weights: dict[Edge, tuple[Parameter, slice]] = {}
        self._seen: Snapshot | None = None
        self._is_calm = False
        self._shows_rows = False
        self._held: frozenset[int] = frozenset()
        self._clock = QElapsedTimer()
        self.stage = Stage()

    def prepare(self, graph: Graph, dataset: Dataset, method: Choice, colors: Colors) -> None:
        """Take what the following snapshots are about."""
        self._graph = graph
        self._tiles = TileSource(dataset, colors)
        self._method = make_gradient_method(method.kind, method.settings)
        self._program = None
        self._shows_rows = dataset.image_shape is not None
        self._clock.invalidate()
        self._show_features(0)

    def show_compilation(self, compilation: Compilation) -> None:
        """Show on every node its first problem, errors before warnings."""
        problems = sorted(compilation.problems, key=lambda p: p.is_warning)
        for id_, item in self._nodes.items():
            found = next((p for p in problems if p.node == id_), None)
            item.show_look(reason="" if found is None else f"▲ {sentence(found.words)}")

    def show_pins(self, experiment: Experiment, program: Program | None) -> None:
        """Show a pin on the nodes that have pinned parameters; where all are, no update is shown."""
        for id_, item in self._nodes.items():
            item.show_look(is_pinned=bool(pinned_titles(experiment, self._graph.nodes[id_], program)))
        self._held = frozenset(id_ for id_ in self._nodes if are_pinned(experiment, parameters_of(program, (id_,))))

    def show_snapshot(self, snapshot: Snapshot | None, *, is_running: bool, is_slow: bool = False) -> bool:
        """Show a moment of a run: in a fast run everything every PICTURE_MS, else pictures alone as seldom as that.

        One that becomes slow is shown at once, as the next moment may be seconds away, and one that becomes fast, as
        other things are said of it. Tells whether pictures were drawn, which takes much of a frame's time.
        """
        assert self._method is not None
        was_calm = self._is_calm
        if snapshot is not self._seen or not is_running:
            is_next = snapshot is not None and snapshot.is_next_to(self._seen)
            self._is_calm = is_running and not (is_slow or is_next)
        self._seen = snapshot
        if snapshot is None:
            self.stage = Stage()
            self._show_stage(None)
            self._show_weights(None)
            for item in self._nodes.values():
                if item.card.chips:
                    item.show_look(tiles=[])
            return False
        if snapshot.program is not self._program:
            self._program = snapshot.program
            self._weights = _weight_blocks(snapshot.program)
            self._clock.invalidate()
        is_due = not is_running or not self._clock.isValid() or self._clock.elapsed() >= PICTURE_MS
        is_due = is_due or was_calm != self._is_calm
        if self._is_calm and not is_due:
            return False
        stage = make_stage(snapshot, self._method)
        if self._is_calm:
            stage = Stage(has_gradient=stage.has_gradient, has_update=stage.has_update)
        self.stage = stage
        self._show_stage(snapshot)
        if is_due:
            self._clock.start()
            self._show_weights(snapshot)
            self._show_tiles(snapshot)
            return True
        return False

    def wires_of(self, parameter: str, node: int, row: int) -> list[tuple[EdgeItem, int]]:
        """Give the wire that stands for a row of a layer's W, and which of the wire's source units the row is for."""
        blocks = ((edge, block) for edge, (p, block) in self._weights.items() if (p.name, p.node) == (parameter, node))
        return [(self._edges[edge], row - block.start) for edge, block in blocks if block.start <= row < block.stop]

    @property
    def is_calm(self) -> bool:
        """Whether a run is so fast that single micro-steps are not shown."""
        return self._is_calm

    def _show_stage(self, snapshot: Snapshot | None) -> None:
        stage = self.stage
        frame = "" if stage.phase is None else _FRAMES[stage.phase]
        if frame == "backward" and self._method is not None and not self._method.is_reverse:
            frame = "gradient"
        for id_, item in self._nodes.items():
            takes_part = snapshot is not None and id_ in snapshot.program.outputs
            changes = bool(item.card.chips) and takes_part and id_ not in self._held
            # In phase 5 no node is at work: all weights are changed at once.
            is_lit = id_ in stage.nodes or (changes and stage.phase is Phase.UPDATE and stage.is_updated)
            item.show_look(frame=frame if is_lit else "", fan_out=stage.sums.get(id_))
            if item.card.chips:
                item.show_look(
                    has_weights=takes_part,
                    gradient=stage.gradient_chip(id_) if takes_part else Chip.EMPTY,
                    update=stage.update_chip if changes else Chip.EMPTY,
                    is_open=stage.is_open and changes,
                )
            elif issubclass(self._graph.nodes[id_].kind, Loss):
                self._show_loss(item, snapshot)
        for edge, wire in self._edges.items():
            ends: Wire = (edge.source, edge.target)
            wire.show_flow(forward=ends in stage.forward, backward=ends in stage.backward)

    def _show_loss(self, item: NodeItem, snapshot: Snapshot | None) -> None:
        if snapshot is None or snapshot.loss is None or snapshot.program.loss.node != item.id:
            item.show_look(number="—", number_note="", is_stale=True, bars=None)
            return
        is_stale = not self._is_calm and snapshot.loss_step != snapshot.step
        has_rows = bool(snapshot.program.data)
        note = tr("mean of {count} rows", count=snapshot.loss_rows) if has_rows else ""
        if snapshot.penalty is not None:
            note = tr("with penalty {penalty}", penalty=format_number(snapshot.penalty))
        item.show_look(number=format_number(snapshot.loss), number_note=note, is_stale=is_stale)

    def _show_weights(self, snapshot: Snapshot | None) -> None:
        for edge, wire in self._edges.items():
            if not wire.line_count:
                continue
            if snapshot is None or edge not in self._weights:
                wire.show_weights(None)
            else:
                parameter, rows = self._weights[edge]
                wire.show_weights(snapshot.weights(parameter)[rows])

    def _show_tiles(self, snapshot: Snapshot) -> None:
        assert self._tiles is not None
        nodes = [self._graph.nodes[id_] for id_ in self._nodes if id_ in snapshot.program.graph.nodes]
        pictures = self._tiles.units(nodes, {id_: item.card for id_, item in self._nodes.items()}, snapshot)
        for id_, images in pictures.items():
            self._nodes[id_].show_look(tiles=images)
        loss = self._nodes.get(snapshot.program.loss.node)
        if loss is not None:
            loss.show_look(bars=row_bars(snapshot))
        if self._shows_rows and len(snapshot.batch):
            self._show_features(int(snapshot.batch[0]))

    def _show_features(self, row: int) -> None:
        """Show the pictures of data nodes; only those of images change, with the row."""
        assert self._tiles is not None
        for id_, item in self._nodes.items():
            node = self._graph.nodes[id_]
            if issubclass(node.kind, Features):
                item.show_look(tiles=self._tiles.features(node, item.card, row))


def _weight_blocks(program: Program) -> dict[Edge, tuple[Parameter, slice]]:
    """Give for each wire into a layer the rows of W that its source's columns are multiplied with."""
    matrices = {p.node: p for p in program.parameters if p.name == "W"}
    blocks: dict[Edge, tuple[Parameter, slice]] = {}
    filled: dict[int, int] = {}
    for edge in program.graph.edges:
        if edge.target in matrices and edge.source in program.outputs:
            start = filled.get(edge.target, 0)
            filled[edge.target] = start + program.outputs[edge.source].shape.columns
            blocks[edge] = matrices[edge.target], slice(start, filled[edge.target])
    return blocks
