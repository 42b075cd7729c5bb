"""The Outline tab: the graph as a tree, for the keyboard and for screen readers, which cannot see the canvas."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.document import Document
from app.project import Project
from app.translate import tr
from engine.graph import Edge, Graph, GraphError
from ui.edits import add_node, change_graph, node_words
from ui.forms import show_tool_tip
from ui.menus import fill_node_menu

_NODE = Qt.ItemDataRole.UserRole
_EDGE = Qt.ItemDataRole.UserRole + 1


class Outline(QWidget):
    """Nodes with what feeds them. A adds, C connects, Del deletes. It edits the document and follows it by itself."""

    node_requested = Signal(int)
    """A person chose this node."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.tree = _Tree()
        self.add = QPushButton(tr("Add…"))
        self.add.setToolTip(tr("Add a node (A)"))
        self.connect_to = QPushButton(tr("Connect…"))
        self.connect_to.setToolTip(tr("Draw a wire from this node (C)"))
        self.remove = QPushButton(tr("Delete"))
        self.remove.setToolTip(tr("Delete this node or wire (Del)"))
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.add, self.connect_to, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.tree, 1)
        column.addLayout(buttons)
        self.setFocusProxy(self.tree)
        self.tree.chosen.connect(self._on_tree_chosen)
        self.tree.add_requested.connect(self._on_add_clicked)
        self.tree.connect_requested.connect(self._on_connect_to_clicked)
        self.tree.remove_requested.connect(self._on_remove_clicked)
        self.add.clicked.connect(self._on_add_clicked)
        self.connect_to.clicked.connect(self._on_connect_to_clicked)
        self.remove.clicked.connect(self._on_remove_clicked)
        document.changed.connect(self._on_document_changed)
        self.show_graph(document.project.experiment.graph)

    def show_graph(self, graph: Graph) -> None:
        """Show the nodes in the order in which they are computed, each with what feeds it."""
        marked = self.tree.marked_node()
        self.tree.clear()
        for id_ in graph.order():
            self.tree.addTopLevelItem(_node_item(graph, id_))
        self.tree.expandAll()
        self.tree.mark(marked)
        self._show_buttons()

    def show_selection(self, ids: Iterable[int]) -> None:
        """Mark the selected node, unless the mark is on one of its inputs; several or none: nothing."""
        chosen = tuple(ids)
        node = chosen[0] if len(chosen) == 1 else None
        if node != self.tree.marked_node():
            self.tree.mark(node)
        self._show_buttons()

    def add_menu(self) -> QMenu:
        """Make the menu of all kinds of nodes."""
        menu = QMenu(self)
        fill_node_menu(menu, self._add)
        return menu

    def connect_menu(self) -> QMenu:
        """Make the menu of all inputs that the chosen node could feed; those that refuse it say why."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        graph, source = self._graph, self.tree.marked_node()
        for target in graph.nodes.values():
            if source is None or target.id == source:
                continue
            for port in target.kind.ports:
                words = tr("{node}: {port}", node=node_words(target), port=tr(port.label))
                action = menu.addAction(words.replace("&", "&&"))
                edge = Edge(source, target.id, port.name)
                action.triggered.connect(lambda _checked=False, edge=edge: self._connect(edge))
                try:
                    graph.connect(edge.source, edge.target, edge.port)
                except GraphError as error:
                    action.setEnabled(False)
                    show_tool_tip(action, tr(error.message))
        if menu.isEmpty():
            menu.addAction(tr("Choose a node first; there must be another one to connect to")).setEnabled(False)
        return menu

    def _add(self, op: str) -> None:
        id_ = add_node(self._document, op, near=self.tree.marked_node())
        self.show_selection((id_,))
        self.node_requested.emit(id_)

    @property
    def _graph(self) -> Graph:
        return self._document.project.experiment.graph

    def _connect(self, edge: Edge) -> None:
        graph = self._graph
        source, target = graph.node(edge.source).words, graph.node(edge.target).words
        words = tr("Connect {source} to {target}", source=source, target=target)
        change_graph(self._document, words, graph.connect(edge.source, edge.target, edge.port))

    def _show_buttons(self) -> None:
        marked = self.tree.marked_node()
        self.connect_to.setEnabled(marked is not None and self._graph.node(marked).kind.has_output)
        self.remove.setEnabled(marked is not None)

    def _on_document_changed(self, old: Project, new: Project) -> None:
        if new.experiment.graph is not old.experiment.graph:
            self.show_graph(new.experiment.graph)

    def _on_tree_chosen(self) -> None:
        marked = self.tree.marked_node()
        self._show_buttons()
        if marked is not None:
            self.node_requested.emit(marked)

    def _on_add_clicked(self) -> None:
        self._open(self.add_menu(), self.add)

    def _on_connect_to_clicked(self) -> None:
        if self.connect_to.isEnabled():
            self._open(self.connect_menu(), self.connect_to)

    def _on_remove_clicked(self) -> None:
        graph, node, edge = self._graph, self.tree.marked_node(), self.tree.marked_edge()
        if edge is not None:
            source, target = graph.node(edge.source).words, graph.node(edge.target).words
            words = tr("Disconnect {source} from {target}", source=source, target=target)
            change_graph(self._document, words, graph.disconnect([edge]))
        elif node is not None:
            change_graph(self._document, tr("Delete {what}", what=graph.node(node).words), graph.remove([node]))

    def _open(self, menu: QMenu, button: QPushButton) -> None:
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))


class _Tree(QTreeWidget):
    """The tree and its keys."""

    chosen = Signal()
    """A person marked another line, or clicked the same one again."""
    add_requested = Signal()
    connect_requested = Signal()
    remove_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(tr("Nodes of the network and their inputs"))
        self.clicked.connect(self.chosen)

    def marked_node(self) -> int | None:
        """Give the node of the marked line."""
        node = self._marked().data(_NODE)
        return node if isinstance(node, int) else None

    def marked_edge(self) -> Edge | None:
        """Give the wire that the marked line stands for."""
        edge = self._marked().data(_EDGE)
        return edge if isinstance(edge, Edge) else None

    def mark(self, node: int | None) -> None:
        """Mark the line of a node, or none."""
        lines = (self.model().index(row, 0) for row in range(self.topLevelItemCount()))
        index = next((line for line in lines if node is not None and line.data(_NODE) == node), QModelIndex())
        self.clearSelection()
        self.setCurrentIndex(index)

    def changeEvent(self, event: QEvent) -> None:
        """Measure the lines anew for another style; the tree itself keeps their old heights."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A adds, C connects, Del deletes."""
        if event.modifiers() == Qt.KeyboardModifier.NoModifier:
            wanted = {
                Qt.Key.Key_A: self.add_requested,
                Qt.Key.Key_C: self.connect_requested,
                Qt.Key.Key_Delete: self.remove_requested,
            }.get(Qt.Key(event.key()))
            if wanted is not None:
                wanted.emit()
                return
        before = self._marked()
        super().keyPressEvent(event)
        if self._marked() != before:
            self.chosen.emit()

    def _marked(self) -> QModelIndex:
        """Give the selected line; one that merely has the keyboard, as the first gets with the focus, is not chosen."""
        return next(iter(self.selectedIndexes()), QModelIndex())


def _node_item(graph: Graph, id_: int) -> QTreeWidgetItem:
    node = graph.node(id_)
    item = QTreeWidgetItem([node_words(node)])
    item.setData(0, _NODE, id_)
    item.setToolTip(0, tr(node.kind.summary))
    for port in node.kind.ports:
        sources = graph.inputs(id_, port.name)
        for source in sources:
            words = tr("{port} from {node}", port=tr(port.label), node=node_words(graph.node(source)))
            child = QTreeWidgetItem(item, [words])
            child.setData(0, _NODE, id_)
            child.setData(0, _EDGE, Edge(source, id_, port.name))
        if not sources:
            QTreeWidgetItem(item, [tr("{port}: not connected", port=tr(port.label))]).setData(0, _NODE, id_)
    return item
