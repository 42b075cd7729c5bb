"""The canvas: shows the document's graph and turns gestures into edits, each exactly one step of undo."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
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
from engine.compiler import Compilation
from engine.snapshot import Snapshot
from ui.canvas.drops import dropped_op, welcome
from ui.canvas.editor import NUDGES, Editor
from ui.canvas.geometry import GRID
from ui.canvas.headline import HEIGHT, Headline
from ui.canvas.operations import Positions
from ui.canvas.scene import CanvasScene
from ui.canvas.selection import SelectableView
from ui.canvas.wiring import WiringGesture
from ui.pins import PinAction
from ui.theme import Theme

_KEYPAD = Qt.KeyboardModifier.KeypadModifier
_EDGE = 8
"""Free space around the headline."""


class CanvasView(SelectableView):
    """The view of a document's graph.

    What is drawn of a run comes in through `show_snapshot` and `show_compilation`; everything else follows from the
    document.
    """

    def __init__(self, document: Document, runner: Runner, theme: Theme) -> None:
        scene = CanvasScene(document.project, runner, theme)
        super().__init__(scene)
        self._editor = Editor(document, scene)
        self._before_move: Positions = {}
        self._document = document
        self._runner = runner
        self._theme = theme
        self._is_fitted = False
        self.gesture = WiringGesture(self._scene.nodes, self._scene.wire, self._editor.set_graph)
        self.headline = Headline(theme, self)
        self.pin = PinAction(document, runner, self.selection_changed, self)
        self.setViewportMargins(0, HEIGHT + 2 * _EDGE, 0, 0)
        self.setDragMode(QGraphicsView.DragMode.RubberBandDrag)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for widget in (self, self.viewport()):
            widget.setAccessibleName(tr("Canvas"))
        self._show_colors()
        self.show_compilation(runner.compilation)
        self.show_snapshot(runner.snapshot)
        document.changed.connect(self._on_document_changed)
        theme.changed.connect(self._on_theme_changed)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show a moment of the run."""
        has_drawn = self._scene.show_snapshot(snapshot)
        display = self._scene.display
        if has_drawn or not display.is_calm:
            graph, problems = self._document.project.experiment.graph, self._runner.compilation.problems
            self.headline.show_moment(snapshot, problems, graph, is_calm=display.is_calm)
        active = [id_ for id_ in display.stage.nodes if id_ in self._scene.nodes]
        if len(active) == 1 and self.isVisible():
            self.follow(self._scene.nodes_rect(active))

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

    def arrange(self) -> None:
        """Lay the graph out in columns."""
        self._editor.arrange()

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin or end a wire at a port; else select, move or pan."""
        experiment = self._document.project.experiment
        if event.button() == Qt.MouseButton.LeftButton:
            self._before_move = {}
        if event.button() == Qt.MouseButton.LeftButton and not self._space_is_down:
            rows = len(self._scene.dataset.train[: experiment.batch_size])
            if self.gesture.press(self._scene_point(event), experiment.graph, self._scene.dataset, rows):
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

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Treat the second press like the first."""
        self.mousePressEvent(event)

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nudge, delete, let a wire or the selection go."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            if self.gesture.is_active:
                self.gesture.cancel()
            else:
                self.select(())
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not event.modifiers() & ~_KEYPAD:
            self.delete_selection()
        elif self._is_nudge(event):
            step = 1.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else GRID
            dx, dy = NUDGES[Qt.Key(key)]
            self._editor.nudge(self.selected_nodes(), dx * step, dy * step)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that mean something here from the window's shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            ends_wire = event.key() == Qt.Key.Key_Escape and self.gesture.is_active
            if ends_wire or self._is_nudge(event):
                event.accept()
                return True
        return super().event(event)

    @guarded
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with what is under the mouse."""
        item = self._scene.itemAt(self.mapToScene(event.pos()), QTransform())
        if item is not None and not item.isSelected():
            self._scene.clearSelection()
            item.setSelected(True)
        menu = self.make_menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

    def make_menu(self) -> QMenu:
        """Make the context menu for the present selection."""
        menu = QMenu(self)
        menu.addAction(tr("Delete"), self.delete_selection).setEnabled(bool(self._scene.selectedItems()))
        menu.addAction(tr("Duplicate"), self.duplicate_selection).setEnabled(bool(self.selected_nodes()))
        menu.addAction(self.pin)
        menu.addSeparator()
        menu.addAction(tr("Select all"), self.select_all)
        menu.addAction(tr("Arrange"), self.arrange)
        menu.addAction(tr("Fit view"), self.fit)
        return menu

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome an op from the palette."""
        welcome(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Welcome an op anywhere."""
        welcome(event)

    @guarded
    def dropEvent(self, event: QDropEvent) -> None:
        """Add the node where it was dropped."""
        if welcome(event):
            self.add_node(dropped_op(event), self.mapToScene(event.position().toPoint()))
            self.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the headline across the top, and the whole graph in view if it was."""
        super().resizeEvent(event)
        if self.keeps_fit:
            self.fit()
        self.headline.setGeometry(_EDGE + 4, _EDGE, self.width() - 2 * _EDGE - 8, HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:
        """Show the whole graph at first."""
        super().showEvent(event)
        if not self._is_fitted:
            self._is_fitted = True
            self.fit()

    def _scene_point(self, event: QMouseEvent) -> QPointF:
        return self.mapToScene(event.position().toPoint())

    def _is_nudge(self, event: QKeyEvent) -> bool:
        allowed = Qt.KeyboardModifier.ShiftModifier | _KEYPAD
        return event.key() in NUDGES and not event.modifiers() & ~allowed and bool(self.selected_nodes())

    def _show_colors(self) -> None:
        self.setStyleSheet(f"CanvasView {{ background: {self._theme.colors.canvas}; border: none; }}")
        self.headline.show_colors()

    def _on_document_changed(self, old: Project, new: Project) -> None:
        self.gesture.cancel()
        self._scene.sync(new)
        self._on_scene_selection_changed()

    def _on_theme_changed(self) -> None:
        self._scene.show_theme()
        self._show_colors()
        self.show_snapshot(self._runner.snapshot)
