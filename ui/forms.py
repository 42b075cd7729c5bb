"""Forms made from setting declarations. They show values, and report what a person changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from app.errors import guarded
from app.translate import tr
from engine.setting import MAX_TEXT, Setting
from ui.number_edit import NumberEdit
from ui.text_edit import TextEdit

Choices = Sequence[tuple[str, str]]
"""What can be chosen: (value, words) pairs."""

LABEL_WIDTH = 94
"""The least width of the labels' column, in px, so that the fields of forms under each other stand in line."""

_LIST_HEIGHT = 156
_LIST_COLUMNS = 2
_LIST_MARGIN = 24


class ChoiceBox(QComboBox):
    """A drop-down list of choices, kept apart by their values. `edited` tells what a person chose."""

    edited = Signal(object)

    def __init__(self, choices: Choices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: object = None
        for value, words in choices:
            self.addItem(words, value)
        self.setCurrentIndex(-1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(2)
        self.setMaxVisibleItems(20)
        self.activated.connect(self._on_activated)

    def show_value(self, value: object) -> None:
        """Show a choice, or nothing for several different ones."""
        self._shown = value
        self.setCurrentIndex(self.findData(value))

    def value(self) -> object:
        """Give the choice that is shown."""
        return self._shown

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, with an ellipsis where the words do not fit."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width()
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showPopup(self) -> None:
        """Open the list, wide enough for its words where the box itself is not."""
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + _LIST_MARGIN)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the choice only when the box has the focus, so that scrolling past it changes nothing."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_activated(self, index: int) -> None:
        value = self.itemData(index)
        if value != self._shown:
            self._shown = value
            self.edited.emit(value)


class CheckField(QCheckBox):
    """A yes-or-no setting. `edited` tells what a person chose."""

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(self._on_clicked)

    def show_value(self, value: object) -> None:
        """Show yes or no, or neither for several different ones."""
        is_mixed = value is None
        self.setTristate(is_mixed)
        self.setCheckState(
            Qt.CheckState.PartiallyChecked if is_mixed else Qt.CheckState.Checked if value else Qt.CheckState.Unchecked
        )

    def value(self) -> object:
        """Give what is shown; None where it is neither."""
        return None if self.checkState() is Qt.CheckState.PartiallyChecked else self.isChecked()

    def _on_clicked(self) -> None:
        is_checked = self.checkState() is not Qt.CheckState.Unchecked
        self.show_value(is_checked)
        self.edited.emit(is_checked)


class CheckList(QScrollArea):
    """Any number of choices, each with its box. `edited` tells the chosen values, in the order of the choices."""

    edited = Signal(object)

    def __init__(self, choices: Choices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = tuple(choices)
        self._shown: tuple[str, ...] = ()
        self._boxes: dict[str, QCheckBox] = {}
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.show_value(())

    def show_value(self, value: object) -> None:
        """Show the chosen values. Those that can no longer be chosen are listed last, so that they can be taken out."""
        self._shown = tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()
        known = {key for key, _ in self._choices}
        gone = [(key, tr("{name} (not in this data set)", name=key)) for key in self._shown if key not in known]
        if list(self._boxes) != [key for key, _ in (*self._choices, *gone)]:
            self._make_boxes((*self._choices, *gone))
        for key, box in self._boxes.items():
            box.setChecked(key in self._shown)

    def value(self) -> object:
        """Give the chosen values."""
        return self._shown

    def _make_boxes(self, choices: Choices) -> None:
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(8, 6, 8, 6)
        grid.setSpacing(4)
        self._boxes = {}
        for index, (key, words) in enumerate(choices):
            box = QCheckBox(words)
            box.clicked.connect(self._on_box_clicked)
            self._boxes[key] = box
            grid.addWidget(box, *divmod(index, _LIST_COLUMNS))
        self.setWidget(inner)
        self.setFixedHeight(min(inner.sizeHint().height() + 2 * self.frameWidth(), _LIST_HEIGHT))

    def _on_box_clicked(self) -> None:
        self._shown = tuple(key for key, box in self._boxes.items() if box.isChecked())
        self.edited.emit(self._shown)


class Form(QWidget):
    """One row for each setting: its label, its field, and what is wrong with what was typed.

    A setting that depends on another has a row only while it has a meaning. `choices_for` gives the choices that are
    known only at run time, by the setting's name. `check_text` gives the reason against a text, by the setting's name.
    """

    edited = Signal(str, object)
    """A person gave a setting another value: its name and the value."""

    def __init__(
        self,
        settings: Sequence[Setting],
        parent: QWidget | None = None,
        choices_for: Mapping[str, Choices] | None = None,
        check_text: Callable[[str, str], str] | None = None,
    ) -> None:
        super().__init__(parent)
        self._check_text = check_text
        self._settings = {setting.name: setting for setting in settings}
        self._fields: dict[str, Field] = {}
        self._rows: dict[str, tuple[QWidget, ...]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)
        for setting in settings:
            self._add_row(setting, (choices_for or {}).get(setting.name))

    def show_values(self, values: Mapping[str, object]) -> None:
        """Show the settings' values; one that is not given is shown as several different ones."""
        for name, field in self._fields.items():
            value = values.get(name)
            if isinstance(field, NumberEdit):
                field.show_value(value if isinstance(value, int | float) else None)
            else:
                field.show_value(value)
            setting = self._settings[name]
            if setting.depends_on:
                other = values.get(setting.depends_on)
                default = self._settings[setting.depends_on].default
                self._show_row(name, other == setting.depends_value if setting.depends_value else other != default)

    def field(self, name: str) -> Field:
        """Give the field of a setting."""
        return self._fields[name]

    def _add_row(self, setting: Setting, choices: Choices | None) -> None:
        field = _make_field(setting, choices)
        name = setting.name
        self._fields[name] = field
        field.setObjectName(name)
        field.setAccessibleName(tr(setting.label))
        field.setAccessibleDescription(tr(setting.help))
        field.setToolTip(tr(setting.help))
        field.edited.connect(lambda value: self.edited.emit(name, value))
        label = QLabel(tr(setting.label))
        label.setBuddy(field)
        label.setToolTip(tr(setting.help))
        self._rows[name] = (label, field)
        row = self._grid.rowCount()
        if isinstance(field, CheckList):
            self._grid.addWidget(label, row, 0, 1, 2)
            self._grid.addWidget(field, row + 1, 0, 1, 2)
            self._grid.addWidget(words_label(tr(setting.help)), row + 2, 0, 1, 2)
            return
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(field, row, 1)
        if isinstance(field, TextEdit) and self._check_text is not None:
            field.check_with(partial(self._check_text, name))
        if isinstance(field, NumberEdit | TextEdit):
            reason = words_label(role="error")
            reason.hide()
            self._grid.addWidget(reason, row + 1, 0, 1, 2)
            field.refused.connect(lambda words: _show_reason(reason, words))
            self._rows[name] = (label, field, reason)

    def _show_row(self, name: str, is_shown: bool) -> None:
        label, field, *rest = self._rows[name]
        label.setVisible(is_shown)
        field.setVisible(is_shown)
        # A reason comes back with the next text that is refused.
        for widget in rest if not is_shown else ():
            widget.hide()


Field = ChoiceBox | CheckField | CheckList | NumberEdit | TextEdit


def _make_field(setting: Setting, choices: Choices | None) -> Field:
    if isinstance(setting.default, bool):
        return CheckField()
    if isinstance(setting.default, int | float):
        return NumberEdit(setting)
    if isinstance(setting.default, str) and not setting.choices:
        return TextEdit(tr(setting.label), MAX_TEXT)
    words = choices or [(choice, tr(setting.label_of(choice))) for choice in setting.choices]
    return CheckList(words) if isinstance(setting.default, tuple) else ChoiceBox(words)


def words_label(words: str = "", role: str = "dim") -> QLabel:
    """Make a label for running words in a role of the style sheet. Names in them are shown as they were typed."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label


def show_tool_tip(target: QWidget | QAction, words: str) -> None:
    """Show a tool tip in which names stand as they were typed; one that stands there already stays."""
    # Qt takes anything that looks like HTML for it.
    plain = "<span>{}</span>".format(escape(words).replace("\n", "<br>")) if "<" in words else words
    if target.toolTip() != plain:
        target.setToolTip(plain)


def _show_reason(label: QLabel, words: str) -> None:
    label.setText(tr("● {reason}", reason=words) if words else "")
    label.setVisible(bool(words))
