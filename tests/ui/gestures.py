"""What a person does with mouse and keyboard, sent as real events."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QPushButton, QWidget

from ui.canvas.node_item import NodeItem
from ui.canvas.scene import CanvasScene
from ui.forms import ChoiceBox
from ui.main_window import MainWindow
from ui.mime import OP_MIME

LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


def drop_op(window: MainWindow, op: str, x: float, y: float) -> int:
    """Drag an op from the palette to a scene point; give the new node's id."""
    canvas = window.canvas
    place = canvas.mapFromScene(QPointF(x, y))
    data = QMimeData()
    data.setData(OP_MIME, op.encode())
    QApplication.sendEvent(canvas.viewport(), QDragEnterEvent(place, COPY, data, LEFT, NO_KEYS))
    QApplication.sendEvent(canvas.viewport(), QDragMoveEvent(place, COPY, data, LEFT, NO_KEYS))
    QApplication.sendEvent(canvas.viewport(), QDropEvent(QPointF(place), COPY, data, LEFT, NO_KEYS))
    return max(window.document.project.experiment.graph.nodes)


def choose_tab(window: MainWindow, page: QWidget) -> None:
    """Click the tab of a page at the right."""
    bar = window.side.tabBar()
    QTest.mouseClick(bar, LEFT, NO_KEYS, bar.tabRect(window.side.indexOf(page)).center())


def output_place(window: MainWindow, node: int) -> QPoint:
    """Give the viewport point of a node's first output port."""
    return window.canvas.mapFromScene(node_item(window, node).output_points()[0])


def input_place(window: MainWindow, node: int, port: str) -> QPoint:
    """Give the viewport point of a node's input port."""
    return window.canvas.mapFromScene(node_item(window, node).input_points(port)[0])


def drag(window: MainWindow, start: QPoint, end: QPoint) -> None:
    """Press, move in a few steps and release on the canvas."""
    viewport = window.canvas.viewport()
    QTest.mousePress(viewport, LEFT, NO_KEYS, start)
    for part in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(viewport, start + (end - start) * part)
    QTest.mouseRelease(viewport, LEFT, NO_KEYS, end)


def wire(window: MainWindow, source: int, target: int, port: str) -> None:
    """Drag a wire from a node's output to a port."""
    drag(window, output_place(window, source), input_place(window, target, port))


def choose(box: ChoiceBox, value: object) -> None:
    """Choose an entry of a box with the keyboard."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.count()):
        if box.value() == value:
            return
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.value() == value


def answer_next_dialog(button: str) -> list[str]:
    """Press a button of the next modal dialog once it is open; its words are added to the list that is given back."""
    words: list[str] = []

    def press() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        if isinstance(dialog, QMessageBox):
            words.append(f"{dialog.text()} {dialog.informativeText()}")
        else:
            words.append(dialog.windowTitle())
        found = {b.text().replace("&", ""): b for b in dialog.findChildren(QPushButton)}
        QTest.mouseClick(found[button], LEFT)

    QTimer.singleShot(0, press)
    return words


def node_item(window: MainWindow, node: int) -> NodeItem:
    """Give the card of a node."""
    scene = window.canvas.scene()
    assert isinstance(scene, CanvasScene)
    return scene.nodes[node]
