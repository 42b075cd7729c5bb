"""Forms made from settings: they show values silently and tell what a person changed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel
from pytestqt.qtbot import QtBot

from engine.clipping import CLIPPING_SETTINGS
from engine.ops.base import Op
from engine.ops.data import Features
from engine.ops.layers import Dense, Neuron
from engine.ops.values import Parameter
from engine.setting import Setting
from ui.batch_box import BatchBox
from ui.forms import CheckField, CheckList, ChoiceBox, Form
from ui.number_edit import NumberEdit
from ui.text_edit import TextEdit
from ui.theme import install_theme

VALUES = {"units": 8, "activation": "tanh", "bias": True, "initializer": "glorot-uniform"}
COLUMNS = (("x1", "x₁"), ("x2", "x₂"), ("x1^2", "x₁²"))


@pytest.fixture
def form(qtbot: QtBot, qapp: QApplication) -> Form:
    install_theme(qapp)
    form = Form(Dense.settings)
    form.show_values(VALUES)
    return shown(qtbot, form)


@pytest.fixture
def columns(qtbot: QtBot, qapp: QApplication) -> Form:
    install_theme(qapp)
    return shown(qtbot, Form(Features.settings, choices_for={"columns": COLUMNS}))


def shown(qtbot: QtBot, form: Form) -> Form:
    qtbot.addWidget(form)
    with qtbot.waitExposed(form):
        form.show()
    return form


def edits_of(form: Form) -> list[tuple[str, object]]:
    edits: list[tuple[str, object]] = []
    form.edited.connect(lambda name, value: edits.append((name, value)))
    return edits


def boxes(form: Form) -> dict[str, QCheckBox]:
    return {box.text(): box for box in form.field("columns").findChildren(QCheckBox)}


def test_each_setting_has_the_field_of_its_type(form: Form) -> None:
    kinds = {name: type(form.field(name)) for name in VALUES}
    assert kinds == {"units": NumberEdit, "activation": ChoiceBox, "bias": CheckField, "initializer": ChoiceBox}
    labels = {label.text() for label in form.findChildren(QLabel)}
    assert {"Units", "Activation", "Bias", "Initial weights"} <= labels
    for setting in Dense.settings:
        assert form.field(setting.name).toolTip() == setting.help
        assert form.field(setting.name).accessibleName() == setting.label


def test_showing_values_draws_them_and_tells_nobody(form: Form) -> None:
    edits = edits_of(form)
    form.show_values({"units": 3, "activation": "relu", "bias": False, "initializer": "zeros"})
    assert [form.field(name).value() for name in VALUES] == [3, "relu", False, "zeros"]
    assert edits == []


def test_values_that_differ_between_nodes_are_shown_as_neither(form: Form) -> None:
    edits = edits_of(form)
    form.show_values({})
    assert [form.field(name).value() for name in VALUES] == [None, None, None, None]
    bias = form.field("bias")
    assert isinstance(bias, QCheckBox)
    assert bias.checkState() is Qt.CheckState.PartiallyChecked
    QTest.keyClick(bias, Qt.Key.Key_Space)
    assert edits == [("bias", True)]


def test_a_click_on_a_check_box_tells_the_new_value(form: Form) -> None:
    edits = edits_of(form)
    bias = form.field("bias")
    QTest.mouseClick(bias, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(10, bias.height() // 2))
    assert edits == [("bias", False)]


def test_a_choice_made_with_the_keyboard_tells_its_value_not_its_words(form: Form) -> None:
    edits = edits_of(form)
    form.field("activation").setFocus()
    QTest.keyClick(form.field("activation"), Qt.Key.Key_Down)
    assert edits == [("activation", "sigmoid")]


def test_the_wheel_passes_over_a_choice_without_focus(form: Form) -> None:
    edits = edits_of(form)
    box = form.field("activation")
    form.field("units").setFocus()
    center = QPointF(box.rect().center())
    event = QWheelEvent(
        center,
        box.mapToGlobal(center),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, event)
    assert edits == []
    assert box.value() == "tanh"


def test_a_refused_number_shows_its_reason_in_the_form(form: Form) -> None:
    units = form.field("units")
    units.setFocus()
    QTest.keyClick(units, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(units, "0")
    QTest.keyClick(units, Qt.Key.Key_Return)
    reasons = [label.text() for label in form.findChildren(QLabel) if label.isVisible() and "●" in label.text()]
    assert reasons == ["● Units must be at least 1, not 0"]
    QTest.keyClick(units, Qt.Key.Key_Escape)
    assert not [label for label in form.findChildren(QLabel) if label.isVisible() and "●" in label.text()]


def test_columns_are_chosen_in_the_order_of_the_data_set(columns: Form) -> None:
    columns.show_values({"columns": ("x1^2",)})
    edits = edits_of(columns)
    QTest.keyClick(boxes(columns)["x₁"], Qt.Key.Key_Space)
    QTest.keyClick(boxes(columns)["x₁²"], Qt.Key.Key_Space)
    assert edits == [("columns", ("x1", "x1^2")), ("columns", ("x1",))]


def test_a_column_that_the_data_set_lost_can_be_taken_out(columns: Form) -> None:
    columns.show_values({"columns": ("x1", "petal")})
    edits = edits_of(columns)
    QTest.keyClick(boxes(columns)["petal (not in this data set)"], Qt.Key.Key_Space)
    assert edits == [("columns", ("x1",))]


def test_a_long_list_scrolls_instead_of_filling_the_panel(qtbot: QtBot, qapp: QApplication) -> None:
    install_theme(qapp)
    form = Form(Features.settings, choices_for={"columns": [(f"p{n}", f"pixel {n}") for n in range(64)]})
    shown(qtbot, form)
    field = form.field("columns")
    assert isinstance(field, CheckList)
    assert field.height() < 200
    assert field.verticalScrollBar().maximum() > 0


@pytest.fixture
def batch(qtbot: QtBot, qapp: QApplication) -> BatchBox:
    install_theme(qapp)
    box = BatchBox()
    box.show_batch(32, 240)
    qtbot.addWidget(box)
    with qtbot.waitExposed(box):
        box.show()
    box.setFocus()
    return box


def type_batch(box: BatchBox, text: str) -> None:
    QTest.keyClick(box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(box, text)


def test_the_batch_size_offers_one_some_and_all(batch: BatchBox) -> None:
    assert [batch.itemText(row) for row in range(batch.count())] == ["1", "32", "all"]
    assert batch.currentText() == "32"


@pytest.mark.parametrize(("text", "size"), [("1", 1), ("10", 10), ("240", 240), ("all", None), ("ALL", None)])
def test_a_typed_batch_size_commits_once(batch: BatchBox, text: str, size: int | None) -> None:
    edits: list[object] = []
    batch.edited.connect(edits.append)
    type_batch(batch, text)
    assert edits == []
    QTest.keyClick(batch, Qt.Key.Key_Return)
    assert edits == [size]
    assert batch.value() == size
    batch.clearFocus()
    assert edits == [size]


def test_a_three_is_not_completed_to_thirty_two(batch: BatchBox) -> None:
    edits: list[object] = []
    batch.edited.connect(edits.append)
    type_batch(batch, "3")
    batch.clearFocus()
    assert edits == [3]


@pytest.mark.parametrize("text", ["0", "241", "2.5", "some"])
def test_a_batch_size_that_cannot_be_stays_in_red(batch: BatchBox, text: str) -> None:
    edits: list[object] = []
    reasons: list[str] = []
    batch.edited.connect(edits.append)
    batch.refused.connect(reasons.append)
    type_batch(batch, text)
    QTest.keyClick(batch, Qt.Key.Key_Return)
    assert edits == []
    assert len(reasons) == 1
    assert (batch.currentText(), batch.property("role")) == (text, "error")
    QTest.keyClick(batch, Qt.Key.Key_Escape)
    assert (batch.currentText(), batch.property("role")) == ("32", "")


def test_showing_a_batch_size_tells_nobody(batch: BatchBox) -> None:
    edits: list[object] = []
    batch.edited.connect(edits.append)
    batch.show_batch(None, 240)
    assert batch.currentText() == "all"
    batch.show_batch(7, 240)
    assert batch.currentText() == "7"
    assert edits == []


def test_a_setting_that_depends_on_another_is_shown_while_that_one_is_not_at_its_default(
    qtbot: QtBot, qapp: QApplication
) -> None:
    install_theme(qapp)
    form = shown(qtbot, Form(CLIPPING_SETTINGS))
    limit = form.field("clip_limit")
    (label,) = (label for label in form.findChildren(QLabel) if label.buddy() is limit)
    short = []
    for kind, is_shown in (("none", False), ("norm", True), ("none", False), ("value", True)):
        form.show_values({"clipping": kind, "clip_limit": 1.0})
        assert (limit.isVisible(), label.isVisible()) == (is_shown, is_shown)
        short.append(form.sizeHint().height())
    assert short[0] == short[2] < short[1] == short[3]


@pytest.mark.parametrize("kind", [Dense, Neuron, Parameter])
def test_a_setting_that_depends_on_one_value_is_shown_while_the_other_has_it(
    qtbot: QtBot, qapp: QApplication, kind: type[Op]
) -> None:
    install_theme(qapp)
    form = shown(qtbot, Form(kind.settings))
    value = form.field("value")
    (label,) = (label for label in form.findChildren(QLabel) if label.buddy() is value)
    default = kind().values["initializer"]
    for initializer, is_shown in (("constant", True), ("he-normal", False), ("constant", True), (None, False)):
        form.show_values({**kind().values, "initializer": initializer})
        assert (value.isVisible(), label.isVisible()) == (is_shown, is_shown), initializer
    form.show_values(kind().values)
    assert value.isVisible() == (default == "constant")
    assert value.value() == 1.0


def test_the_reason_why_a_number_is_refused_goes_with_its_row(qtbot: QtBot, qapp: QApplication) -> None:
    install_theme(qapp)
    form = shown(qtbot, Form(CLIPPING_SETTINGS))
    form.show_values({"clipping": "norm", "clip_limit": 1.0})
    limit = form.field("clip_limit")
    QTest.keyClick(limit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(limit, "0")
    QTest.keyClick(limit, Qt.Key.Key_Return)
    (reason,) = (label for label in form.findChildren(QLabel) if label.text().startswith("●"))
    assert reason.isVisible()
    form.show_values({"clipping": "none", "clip_limit": 1.0})
    assert not reason.isVisible()


def test_a_free_text_is_typed_and_taken_on_enter(qtbot: QtBot, qapp: QApplication) -> None:
    install_theme(qapp)
    form = Form((Setting("formula", "a + b", "Formula"),))
    qtbot.addWidget(form)
    form.show_values({"formula": "a + b"})
    field = form.field("formula")
    assert isinstance(field, TextEdit)
    assert field.text() == "a + b"
    told: list[tuple[str, object]] = []
    form.edited.connect(lambda name, value: told.append((name, value)))
    field.setText("")
    QTest.keyClicks(field, "a * b")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert told == [("formula", "a * b")]
