"""A canvas with a real document and runner, and a hand that sends it real events."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.document import Document
from app.project import Project
from app.runner import Runner
from engine.datasets import DATASETS
from engine.experiment import Choice, Experiment
from engine.gradients import GRADIENT_METHODS
from engine.graph import Graph
from engine.optimizers import OPTIMIZERS
from engine.setting import complete
from ui.canvas.view import CanvasView
from ui.mime import OP_MIME
from ui.theme import install_theme

NO_KEYS = Qt.KeyboardModifier.NoModifier
FEATURES, A, B, LOSS, TARGET, SPARE = 1, 2, 3, 4, 5, 6
POSITIONS = {
    FEATURES: (0.0, 80.0),
    A: (200.0, 40.0),
    B: (400.0, 80.0),
    LOSS: (600.0, 80.0),
    TARGET: (400.0, 240.0),
    SPARE: (0.0, 320.0),
}


def moons_graph() -> Graph:
    """Features → A (4 tanh) → B (1 identity) → loss ← target, and a spare ReLU with no wires."""
    graph, _ = Graph().add("features")
    graph, _ = graph.add("dense", {"units": 4, "activation": "tanh"})
    graph, _ = graph.add("dense", {"units": 1, "activation": "identity"})
    graph, _ = graph.add("binary_cross_entropy")
    graph, _ = graph.add("target")
    graph, _ = graph.add("relu")
    graph = graph.connect(FEATURES, A, "in").connect(A, B, "in")
    return graph.connect(B, LOSS, "prediction").connect(TARGET, LOSS, "target")


def experiment(graph: Graph, data: str = "moons", method: str = "backpropagation") -> Experiment:
    """An experiment with default settings."""
    return Experiment(
        graph,
        Choice(data, complete(DATASETS[data].settings, {})),
        Choice(method, complete(GRADIENT_METHODS[method].settings, {})),
        Choice("sgd", complete(OPTIMIZERS["sgd"].settings, {})),
    )


@dataclass
class Lab:
    """The canvas under test."""

    document: Document
    runner: Runner
    view: CanvasView

    @property
    def graph(self) -> Graph:
        return self.document.project.experiment.graph

    @property
    def undo_labels(self) -> list[str]:
        stack = self.document.undo_stack
        return [stack.text(k) for k in range(stack.count())]

    def put_away(self) -> None:
        self.runner.pause()
        self.document.load(self.document.project, None)

    def output(self, id_: int, unit: int = 0) -> QPoint:
        return self.view.mapFromScene(self.view._scene.nodes[id_].output_points()[unit])

    def input(self, id_: int, port: str = "in", unit: int = 0) -> QPoint:
        return self.view.mapFromScene(self.view._scene.nodes[id_].input_points(port)[unit])

    def title(self, id_: int) -> QPoint:
        """A point of the card where there is no port."""
        item = self.view._scene.nodes[id_]
        return self.view.mapFromScene(item.pos() + QPointF(item.card.size.width() / 2, 14.0))

    def position(self, id_: int) -> tuple[float, float]:
        item = self.view._scene.nodes[id_]
        return item.x(), item.y()

    def press(self, at: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        self._mouse(QEvent.Type.MouseButtonPress, at, button, button)

    def move(self, at: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        self._mouse(QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, button)

    def release(self, at: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        self._mouse(QEvent.Type.MouseButtonRelease, at, button, Qt.MouseButton.NoButton)

    def click(self, at: QPoint) -> None:
        self.press(at)
        self.release(at)

    def double_click(self, at: QPoint) -> None:
        self.click(at)
        self._mouse(QEvent.Type.MouseButtonDblClick, at, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton)
        self.release(at)

    def drag(self, start: QPoint, end: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        self.press(start, button)
        self.move((start + end) / 2, button)
        self.move(end, button)
        self.release(end, button)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(self.view, QKeyEvent(kind, key, modifiers))

    def press_space(self) -> None:
        QApplication.sendEvent(
            self.view, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
        )

    def wheel(self, at: QPoint, turn: int) -> None:
        place = QPointF(at)
        event = QWheelEvent(
            place,
            QPointF(self.view.viewport().mapToGlobal(at)),
            QPoint(),
            QPoint(0, turn),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.view.viewport(), event)

    def drop(self, op: str, at: QPoint, mime: str = OP_MIME, modifiers: Qt.KeyboardModifier = NO_KEYS) -> bool:
        """Drag data in and drop it; tell whether it was welcome."""
        is_welcome = self.drag_over(op, at, mime, modifiers)
        if is_welcome:
            copy, left, data = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, _carried(op, mime)
            QApplication.sendEvent(self.view.viewport(), QDropEvent(QPointF(at), copy, data, left, modifiers))
        return is_welcome

    def drag_over(self, op: str, at: QPoint, mime: str = OP_MIME, modifiers: Qt.KeyboardModifier = NO_KEYS) -> bool:
        """Drag data in and hold it there; tell whether it is welcome."""
        copy, left, data = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, _carried(op, mime)
        enter = QDragEnterEvent(at, copy, data, left, modifiers)
        QApplication.sendEvent(self.view.viewport(), enter)
        move = QDragMoveEvent(at, copy, data, left, modifiers)
        QApplication.sendEvent(self.view.viewport(), move)
        return enter.isAccepted() and move.isAccepted()

    def _mouse(self, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        viewport = self.view.viewport()
        event = QMouseEvent(
            kind,
            QPointF(at),
            QPointF(viewport.mapToGlobal(at)),
            button,
            buttons,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(viewport, event)


def _carried(op: str, mime: str) -> QMimeData:
    data = QMimeData()
    data.setData(mime, op.encode())
    return data


def make_lab(app: QApplication, project: Project) -> Lab:
    """Wire document, runner and canvas together as the window does."""
    document = Document(project)
    runner = Runner(document)
    view = CanvasView(document, runner, install_theme(app))
    runner.frame_ready.connect(view.show_snapshot)
    runner.problems_changed.connect(view.show_compilation)
    view.resize(1000, 560)
    view.show()
    return Lab(document, runner, view)
