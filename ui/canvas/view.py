"""The canvas: shows the document's graph and turns gestures into edits, each exactly one step of undo."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
    QTransform,
)
from PySide6.QtWidgets import QGraphicsView, QMenu

from app.document import Document
from app.errors import guarded
from app.project import Project
from app.runner import Runner
from app.translate import tr
from engine.arena_places import Operand
from engine.compiler import Compilation
from engine.snapshot import Snapshot
from ui.breakpoint_actions import BreakpointActions
from ui.canvas.adding import Adding
from ui.canvas.drops import WireDrop, welcome
from ui.canvas.editor import Editor
from ui.canvas.focus import FocusFrame
from ui.canvas.headline import HEIGHT, Headline
from ui.canvas.key_wiring import KeyWiring
from ui.canvas.keys import CanvasKeys
from ui.canvas.operations import Positions
from ui.canvas.scene import CanvasScene
from ui.canvas.selection import SelectableView
from ui.canvas.walking import Walking
from ui.canvas.wiring import LooseWire, WiringGesture
from ui.pins import PinAction
from ui.theme import Theme

_EDGE = 8
"""Free space around the headline."""


class CanvasView(SelectableView):
    """The view of a document's graph.

    What is drawn of a run comes in through `show_snapshot` and `show_compilation`; everything else follows from the
    document.
    """

    said = Signal(str)
    """Why nothing came of what was asked for by keyboard."""
    next_requested = Signal()
    """A person wants the next micro-step."""

    def __init__(self, document: Document, runner: Runner, theme: Theme) -> None:
        scene = CanvasScene(document.project, runner, theme)
        super().__init__(scene)
        self._editor = Editor(document, scene)
        self._before_move: Positions = {}
        self._document = document
        self._runner = runner
        self._theme = theme
        self._is_fitted = False
        self.gesture = WiringGesture(self._scene.nodes, self._scene.wire, self._editor.set_graph, self._offer_nodes)
        self.adding = Adding(self, scene, self._editor, self.gesture.cancel)
        self.key_wiring = KeyWiring(self, scene, self.gesture, self.said.emit)
        walking = Walking(self, scene, document)
        self._keys = CanvasKeys(self, self._editor, self.gesture, walking, self.key_wiring)
        self._wire_drop = WireDrop(scene, self._editor)
        self.headline = Headline(theme, self)
        self.headline.next_requested.connect(self.next_requested)
        self.pin = PinAction(document, runner, self.selection_changed, self)
        self.breakpoints = BreakpointActions(document, runner, self.selection_changed, self)
        self.setViewportMargins(0, HEIGHT + 2 * _EDGE, 0, 0)
        self.setDragMode(QGraphicsView.DragMode.RubberBandDrag)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for widget in (self, self.viewport()):
            widget.setAccessibleName(tr("Canvas"))
        FocusFrame(self, theme)
        self.headline.show_colors()
        self.show_compilation(runner.compilation)
        self.show_snapshot(runner.snapshot)
        document.changed.connect(self._on_document_changed)
        runner.breakpoints.changed.connect(scene.show_breakpoints)
        theme.changed.connect(self._on_theme_changed)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show a moment of the run."""
        has_drawn = self._scene.show_snapshot(snapshot)
        display = self._scene.display
        if has_drawn or not display.is_calm:
            graph, problems = self._document.project.experiment.graph, self._runner.compilation.problems
            words = self._runner.words
            self.headline.show_moment(snapshot, problems, graph, is_calm=display.is_calm, words=words)
        active = [id_ for id_ in display.stage.nodes if id_ in self._scene.nodes]
        if len(active) == 1 and self.isVisible():
            self.follow(self._scene.nodes_rect(active))

    def flash(self, operands: tuple[Operand, ...]) -> None:
        """Let what numbers belong to flash: units, weights and chips."""
        self._scene.flash_operands(operands)

    def show_compilation(self, compilation: Compilation) -> None:
        """Show problems on their nodes."""
        self._scene.show_compilation(compilation)

    def add_node(self, op_name: str, scene_pos: QPointF) -> int:
        """Add a node whose card is centered near a scene point, select it and give its id."""
        id_ = self._editor.add_node(op_name, scene_pos)
        self.select([id_])
        return id_

    def delete_selection(self) -> None:
        """Delete the selected nodes and wires."""
        self._editor.delete_selection()

    def duplicate_selection(self) -> None:
        """Copy the selected nodes with the wires among them, and select the copies."""
        nodes = self.selected_nodes()
        if nodes:
            self.select(self._editor.duplicate(nodes))

    def quick_add(self) -> None:
        """Let a node be added by its name, at the mouse; a wire that is being drawn is let go."""
        self.gesture.cancel()
        self.adding.open()

    def connect_selection(self) -> None:
        """Connect two selected nodes, or begin a wire at the selected one that keys then aim."""
        self.key_wiring.start(self._document.project.experiment.graph, self._editor.judge)

    def arrange(self) -> None:
        """Lay the graph out in columns."""
        self._editor.arrange()

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin or end a wire at a port; else select, move or pan."""
        self.adding.close()
        if event.button() == Qt.MouseButton.LeftButton:
            self._before_move = {}
        if event.button() == Qt.MouseButton.LeftButton and not self._space_is_down:
            graph = self._document.project.experiment.graph
            if self.gesture.press(self._scene_point(event), graph, self._editor.judge):
                return
        elif self.gesture.is_active and event.button() == Qt.MouseButton.RightButton:
            self.gesture.cancel()
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._before_move = self._scene.positions()
        super().mousePressEvent(event)

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the wire; else move, pan or select."""
        if self.gesture.is_active and self._pan_from is None:
            self.gesture.move(self._scene_point(event))
        else:
            super().mouseMoveEvent(event)

    @guarded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the wire, or the move of nodes: one edit."""
        if self.gesture.is_active and event.button() == Qt.MouseButton.LeftButton:
            self.gesture.release(self._scene_point(event))
            return
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            before, self._before_move = self._before_move, {}
            self._editor.commit_move(before)

    @guarded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On an empty place let a node be added; elsewhere treat the second press like the first."""
        place = event.position().toPoint()
        is_plain = event.button() == Qt.MouseButton.LeftButton and not self._space_is_down
        if is_plain and not self.gesture.is_active and self.itemAt(place) is None:
            self.adding.open(place)
        else:
            self.mousePressEvent(event)

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key means on the canvas."""
        if not self._keys.press(event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that mean something here from the window's shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._keys.keeps(event):
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab aims a wire that was begun by keyboard; else it goes on to the next part of the window."""
        if self.key_wiring.is_active:
            self.key_wiring.step(1 if is_next else -1)
            return True
        return super().focusNextPrevChild(is_next)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let a wire go that was aimed by keyboard."""
        super().focusOutEvent(event)
        self.key_wiring.cancel()

    @guarded
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with what is under the mouse."""
        item = self._scene.itemAt(self.mapToScene(event.pos()), QTransform())
        if item is not None and not item.isSelected():
            self._scene.clearSelection()
            item.setSelected(True)
        menu = self.make_menu(event.pos())
        menu.exec(event.globalPos())
        menu.deleteLater()

    def make_menu(self, at: QPoint | None = None) -> QMenu:
        """Make the context menu for the present selection; nodes are added at a point of the viewport."""
        menu = QMenu(self)
        menu.addAction(tr("Delete"), self.delete_selection).setEnabled(bool(self._scene.selectedItems()))
        menu.addAction(tr("Duplicate"), self.duplicate_selection).setEnabled(bool(self.selected_nodes()))
        menu.addAction(self.pin)
        menu.addSeparator()
        actions = self.breakpoints
        menu.addActions([actions.here, actions.forward, actions.backward, actions.clear])
        menu.addSeparator()
        menu.addAction(tr("Select All"), self.select_all)
        menu.addAction(tr("Add Node by Name…"), lambda: self.adding.open(at))
        menu.addAction(tr("Arrange"), self.arrange)
        menu.addAction(tr("Fit Network"), self.fit)
        return menu

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome an op from the palette."""
        welcome(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Welcome an op anywhere, and show the wire that it would be put into."""
        if welcome(event):
            self._wire_drop.show(event, self.mapToScene(event.position().toPoint()))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show no wire any longer."""
        self._wire_drop.clear()

    @guarded
    def dropEvent(self, event: QDropEvent) -> None:
        """Add the node where it was dropped: on a wire that it fits it is put into the wire, but not with Alt."""
        if welcome(event):
            self.select([self._wire_drop.drop(event, self.mapToScene(event.position().toPoint()))])
            self.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the headline across the top, the whole graph in view if it was, and the list of nodes at its place."""
        super().resizeEvent(event)
        if self.keeps_fit:
            self.fit()
        self.adding.follow()
        self.headline.setGeometry(_EDGE + 4, _EDGE, self.width() - 2 * _EDGE - 8, HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:
        """Show the whole graph at first."""
        super().showEvent(event)
        if not self._is_fitted:
            self._is_fitted = True
            self.fit()

    def _scene_point(self, event: QMouseEvent) -> QPointF:
        return self.mapToScene(event.position().toPoint())

    def _offer_nodes(self, wire: LooseWire, point: QPointF) -> None:
        if self.viewport().rect().contains(self.mapFromScene(point)):
            self.adding.open_for_wire(wire, point)
        else:
            self.gesture.cancel()

    def _on_document_changed(self, old: Project, new: Project) -> None:
        self.adding.close()
        self.gesture.cancel()
        # Of several selected nodes that go, one by one, nobody is to hear of those that are left for a moment.
        self._is_selecting = True
        self._scene.sync(new)
        self._is_selecting = False
        self._on_scene_selection_changed()

    def _on_theme_changed(self) -> None:
        self._scene.show_theme()
        self.headline.show_colors()
        self.show_snapshot(self._runner.snapshot)
