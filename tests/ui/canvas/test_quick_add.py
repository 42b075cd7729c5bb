"""Nodes added by name: at a place, after the selected node, at the loose end of a wire, and into a wire."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QDragLeaveEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.graph import Edge
from tests.ui.canvas.lab import FEATURES, LOSS, SPARE, TARGET, A, B, Lab
from tests.ui.color_science import Triple, contrast
from tests.ui.conftest import WindowMaker
from ui.canvas.quick_add import QuickAdd
from ui.main_window import MainWindow
from ui.op_search import ops_to_add
from ui.theme import current

LEFT, NO_KEYS, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
EMPTY = QPoint(900, 430)
BEFORE = {FEATURES, A, B, LOSS, TARGET, SPARE}


def popup(lab: Lab) -> QuickAdd:
    assert lab.view.adding.popup is not None
    return lab.view.adding.popup


def shown(lab: Lab) -> list[str]:
    rows = popup(lab).list
    return [rows.item(row).text() for row in range(rows.count())]


def choose(lab: Lab, text: str) -> None:
    field = popup(lab).field
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def rgb(color: QColor) -> Triple:
    return color.redF(), color.greenF(), color.blueF()


def added(lab: Lab) -> int:
    (new,) = set(lab.graph.nodes) - BEFORE
    return new


# ---- at a place ------------------------------------------------------------------------------------------------------


def test_a_double_click_on_an_empty_place_adds_what_is_typed_there_as_one_step(lab: Lab) -> None:
    lab.double_click(EMPTY)
    assert shown(lab) == [op.label for op in ops_to_add()]
    choose(lab, "relu")
    assert lab.graph.nodes[added(lab)].op == "relu"
    assert lab.view.selected_nodes() == (added(lab),)
    assert lab.undo_labels == ["Add ReLU"]
    card = lab.view._scene.nodes_rect([added(lab)])
    assert card.contains(lab.view.mapToScene(EMPTY))
    assert lab.view.adding.popup is None


def test_arrows_choose_another_line_and_stay_within_the_list(lab: Lab) -> None:
    lab.double_click(EMPTY)
    field, rows = popup(lab).field, popup(lab).list
    QTest.keyClicks(field, "sq")
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert rows.currentItem().text() == "Square root"
    for _ in range(9):
        QTest.keyClick(field, Qt.Key.Key_Down)
    last = rows.currentItem().text()
    assert last == shown(lab)[-1] == "Mean squared error"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert lab.undo_labels == [f"Add {last}"]


def test_the_category_of_the_chosen_line_is_readable(lab: Lab) -> None:
    lab.double_click(EMPTY)
    rows = popup(lab).list
    image = rows.viewport().grab(rows.visualItemRect(rows.item(0)).adjusted(150, 6, -6, -6)).toImage()
    ground = rgb(QColor(current().colors.selection))
    colors = {rgb(image.pixelColor(x, y)) for x in range(image.width()) for y in range(image.height())}
    assert ground in colors
    assert max(contrast(color, ground) for color in colors) >= 4.5


def test_a_click_on_a_line_adds_it(lab: Lab) -> None:
    lab.double_click(EMPTY)
    rows = popup(lab).list
    QTest.mouseClick(rows.viewport(), LEFT, NO_KEYS, rows.visualItemRect(rows.item(4)).center())
    assert lab.undo_labels == ["Add Dense"]


def test_escape_and_a_press_on_the_canvas_close_the_list_and_add_nothing(lab: Lab) -> None:
    lab.double_click(EMPTY)
    QTest.keyClick(popup(lab).field, Qt.Key.Key_Escape)
    assert lab.view.adding.popup is None
    lab.double_click(EMPTY)
    lab.click(QPoint(20, 400))
    assert lab.view.adding.popup is None
    assert lab.undo_labels == []


def test_what_no_kind_is_called_adds_nothing(lab: Lab) -> None:
    lab.double_click(EMPTY)
    choose(lab, "zzz")
    assert shown(lab) == ["No kind of node is called that"]
    assert lab.undo_labels == []


def test_a_double_click_on_a_card_opens_nothing(lab: Lab) -> None:
    lab.double_click(lab.title(A))
    assert lab.view.adding.popup is None


def test_the_list_stays_within_the_window_at_its_corner(lab: Lab) -> None:
    lab.double_click(QPoint(lab.view.viewport().width() - 3, lab.view.viewport().height() - 3))
    assert lab.view.rect().contains(popup(lab).geometry())


def test_the_context_menu_adds_a_node_where_it_was_opened(lab: Lab) -> None:
    menu = lab.view.make_menu(EMPTY)
    next(action for action in menu.actions() if action.text() == "Add Node by Name…").trigger()
    choose(lab, "tanh")
    assert lab.view._scene.nodes_rect([added(lab)]).contains(lab.view.mapToScene(EMPTY))


def test_an_edit_from_elsewhere_closes_the_list(lab: Lab) -> None:
    lab.double_click(EMPTY)
    lab.view.select([SPARE])
    lab.view.delete_selection()
    assert lab.view.adding.popup is None


# ---- by key, in the window -------------------------------------------------------------------------------------------


@pytest.fixture
def moons(make_window: WindowMaker, qtbot: QtBot) -> MainWindow:
    window = make_window()
    window.files.open_example("two-moons")
    window.canvas.setFocus()
    qtbot.waitUntil(window.canvas.hasFocus)
    return window


def test_a_adds_after_the_selected_node_and_connects_them_in_one_step(moons: MainWindow) -> None:
    graph = moons.document.project.experiment.graph
    layer = next(id_ for id_ in graph.order() if graph.nodes[id_].op == "dense")
    moons.canvas.select([layer])
    QTest.keyClick(moons.canvas, Qt.Key.Key_A)
    popup = moons.canvas.adding.popup
    assert popup is not None
    assert popup.field.hasFocus()
    QTest.keyClicks(popup.field, "fc")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    new = moons.document.project.experiment.graph
    (id_,) = set(new.nodes) - set(graph.nodes)
    assert Edge(layer, id_, "in") in new.edges
    assert moons.document.undo_stack.count() == 1
    scene = moons.canvas._scene
    assert not any(scene.nodes_rect([id_]).intersects(scene.nodes_rect([other])) for other in graph.nodes)
    assert moons.canvas.hasFocus()
    moons.actions_["undo"].trigger()
    assert moons.document.project.experiment.graph == graph


def test_a_after_a_node_whose_output_does_not_fit_only_adds(moons: MainWindow) -> None:
    graph = moons.document.project.experiment.graph
    loss = next(id_ for id_, node in graph.nodes.items() if not node.kind.has_output)
    moons.canvas.select([loss])
    QTest.keyClick(moons.canvas, Qt.Key.Key_A)
    assert moons.canvas.adding.popup is not None
    QTest.keyClicks(moons.canvas.adding.popup.field, "tanh")
    QTest.keyClick(moons.canvas.adding.popup.field, Qt.Key.Key_Return)
    new = moons.document.project.experiment.graph
    assert new.edges == graph.edges
    assert len(new.nodes) == len(graph.nodes) + 1


def test_the_keyboard_comes_back_to_the_canvas_and_tab_closes_the_list(moons: MainWindow) -> None:
    QTest.keyClick(moons.canvas, Qt.Key.Key_A)
    assert moons.canvas.adding.popup is not None
    QTest.keyClick(moons.canvas.adding.popup.field, Qt.Key.Key_Escape)
    assert moons.canvas.hasFocus()
    QTest.keyClick(moons.canvas, Qt.Key.Key_A)
    QTest.keyClick(moons.canvas.adding.popup.field, Qt.Key.Key_Tab)
    assert moons.canvas.adding.popup is None


def test_enter_in_the_palette_adds_and_connects_to_the_selected_node(moons: MainWindow) -> None:
    graph = moons.document.project.experiment.graph
    layer = next(id_ for id_ in graph.order() if graph.nodes[id_].op == "dense")
    moons.canvas.select([layer])
    QTest.keyClicks(moons.palette_.search, "relu")
    QTest.keyClick(moons.palette_.search, Qt.Key.Key_Return)
    new = moons.document.project.experiment.graph
    (id_,) = set(new.nodes) - set(graph.nodes)
    assert Edge(layer, id_, "in") in new.edges
    assert moons.document.undo_stack.count() == 1


# ---- wires -----------------------------------------------------------------------------------------------------------


def test_a_wire_dropped_on_an_empty_place_offers_what_it_fits_and_connects_it_as_one_step(lab: Lab) -> None:
    lab.drag(lab.output(B), EMPTY)
    assert lab.view._scene.wire.isVisible(), "the wire stays while one chooses"
    assert "ReLU" in shown(lab)
    assert not {"Features", "Target", "Constant", "Parameter"} & set(shown(lab)), "these have no input"
    choose(lab, "mse")
    assert Edge(B, added(lab), "prediction") in lab.graph.edges
    assert lab.undo_labels == ["Add Mean squared error"]
    assert not lab.view._scene.wire.isVisible()
    lab.document.undo_stack.undo()
    assert set(lab.graph.nodes) == BEFORE


def test_a_wire_that_is_being_drawn_is_let_go_where_a_node_is_added_by_name(lab: Lab) -> None:
    lab.press(lab.output(B))
    lab.move(EMPTY)
    lab.view.quick_add()
    assert not lab.view._scene.wire.isVisible()
    lab.release(EMPTY)
    assert shown(lab) == [op.label for op in ops_to_add()]


def test_a_wire_dropped_from_an_input_offers_what_could_feed_it(lab: Lab) -> None:
    lab.drag(lab.input(SPARE), QPoint(40, 470))
    assert "Features" in shown(lab)
    assert "Mean squared error" not in shown(lab), "it has no output"
    choose(lab, "features")
    assert Edge(added(lab), SPARE, "in") in lab.graph.edges
    assert lab.undo_labels == ["Add Features"]


def test_a_wire_pulled_off_goes_to_the_new_node_or_stays_where_it_was(lab: Lab) -> None:
    before = lab.graph
    lab.drag(lab.input(LOSS, "target"), EMPTY)
    QTest.keyClick(popup(lab).field, Qt.Key.Key_Escape)
    assert lab.graph is before
    assert not lab.view.gesture.is_active
    lab.drag(lab.input(LOSS, "target"), EMPTY)
    choose(lab, "relu")
    assert lab.graph.inputs(LOSS, "target") == ()
    assert lab.graph.inputs(added(lab), "in") == (TARGET,)


def test_an_op_dropped_on_a_wire_is_put_into_it_as_one_step(lab: Lab) -> None:
    before = lab.graph
    middle = (lab.output(TARGET) + lab.input(LOSS, "target")) / 2
    assert lab.drop("relu", middle)
    assert lab.graph.inputs(added(lab), "in") == (TARGET,)
    assert lab.graph.inputs(LOSS, "target") == (added(lab),)
    assert Edge(TARGET, LOSS, "target") not in lab.graph.edges
    assert lab.undo_labels == ["Add ReLU"]
    lab.document.undo_stack.undo()
    assert lab.graph == before


def test_with_alt_an_op_dropped_on_a_wire_lies_beside_it(lab: Lab) -> None:
    before = lab.graph.edges
    middle = (lab.output(TARGET) + lab.input(LOSS, "target")) / 2
    assert lab.drop("relu", middle, modifiers=ALT)
    assert lab.graph.edges == before
    assert lab.undo_labels == ["Add ReLU"]


@pytest.mark.parametrize("op", ["dense", "features", "mean_squared_error"])
def test_what_does_not_fit_into_a_wire_leaves_it(lab: Lab, op: str) -> None:
    """A Dense of 8 units before the loss would give 8 columns against one."""
    before = lab.graph.edges
    middle = (lab.output(B) + lab.input(LOSS, "prediction")) / 2
    assert lab.drop(op, middle)
    assert lab.graph.edges == before
    assert lab.undo_labels == [f"Add {lab.graph.node(added(lab)).kind.label}"]


def test_a_node_put_into_a_wire_keeps_the_order_of_the_wires_there(lab: Lab) -> None:
    lab.drag(lab.output(FEATURES), lab.input(B))
    assert lab.graph.inputs(B, "in") == (A, FEATURES)
    new = lab.view._editor.add_into("relu", lab.view.mapToScene(EMPTY), Edge(A, B, "in"))
    assert lab.graph.inputs(B, "in") == (new, FEATURES)


def test_only_a_wire_that_the_dragged_op_fits_lights_up(lab: Lab) -> None:
    middle = (lab.output(B) + lab.input(LOSS, "prediction")) / 2
    calm = lab.view.grab().toImage()
    assert lab.drag_over("relu", middle)
    assert lab.view.grab().toImage() != calm
    QApplication.sendEvent(lab.view.viewport(), QDragLeaveEvent())
    assert lab.view.grab().toImage() == calm
    assert lab.drag_over("dense", middle)
    assert lab.view.grab().toImage() == calm
