"""The parameters of nodes, each with its pin; and their buffers, which have none."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.document import Document
from app.translate import format_count, tr
from engine.experiment import Experiment
from engine.program import Parameter, Program
from ui.edits import set_pinned
from ui.experiment_page import section_label
from ui.forms import words_label
from ui.icons import show_icon
from ui.pins import are_pinned, parameters_of
from ui.theme import number_font

Group = tuple[Parameter, ...]
"""A parameter, or those of one name of several nodes, which are pinned together."""


class ParameterList(QWidget):
    """One line for each parameter: its name, shape, how many numbers it has, and its pin."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._groups: list[Group] = []
        self.pins: dict[str, PinButton] = {}
        """The buttons by the name of the parameter within its node."""
        self._names: list[QLabel] = []
        self._lines = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._heading = section_label(tr("Parameters"))
        self._buffers_heading = section_label(tr("Buffers"))
        self._buffers = QLabel()
        self._buffers.setTextFormat(Qt.TextFormat.PlainText)
        self._buffers.setFont(number_font())
        note = tr("They follow the batches in phase 5, also where all is pinned; the optimizer does not change them.")
        self._note = words_label(note)
        for widget in (self._heading, self._lines, self._buffers_heading, self._buffers, self._note):
            self._column.addWidget(widget)

    def show_nodes(self, experiment: Experiment, program: Program | None, ids: Collection[int]) -> None:
        """Show what nodes have, as far as it is known."""
        groups = _grouped(parameters_of(program, ids))
        if groups != self._groups:
            self._groups = groups
            self._make_lines()
        for name, button, group in zip(self._names, self.pins.values(), groups, strict=True):
            name.setText(_words(group, experiment))
            button.show_pinned(are_pinned(experiment, group))
        buffers = [b for b in program.buffers if b.node in ids] if program is not None and len(ids) == 1 else []
        shapes = [(b.name.replace("_", " "), b.value.shape) for b in buffers]
        lines = [tr("{name} [{rows} × {columns}]", name=tr(n), rows=s.rows, columns=s.columns) for n, s in shapes]
        self._buffers.setText("\n".join(lines))
        for widget in (self._heading, self._lines):
            widget.setVisible(bool(groups))
        for widget in (self._buffers_heading, self._buffers, self._note):
            widget.setVisible(bool(lines))

    def _make_lines(self) -> None:
        # The old line may be in the middle of telling about the very edit that ends it.
        self._column.removeWidget(self._lines)
        self._lines.hide()
        self._lines.deleteLater()
        self._lines = QWidget()
        self.pins, self._names = {}, []
        grid = QGridLayout(self._lines)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for row, group in enumerate(self._groups):
            count = QLabel(_count_words(sum(parameter.size for parameter in group)))
            count.setFont(number_font())
            button = PinButton(group)
            button.edited.connect(self._on_pin_edited)
            self.pins[group[0].name] = button
            name = words_label(role="")
            name.setFont(number_font())
            # A long name is cut off rather than the pin.
            name.setMinimumWidth(1)
            self._names.append(name)
            grid.addWidget(name, row, 0)
            grid.addWidget(count, row, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(button, row, 2)
        self._column.insertWidget(1, self._lines)

    def _on_pin_edited(self, group: Group, is_pinned: bool) -> None:
        set_pinned(self._document, group, is_pinned)


class PinButton(QToolButton):
    """Pins and unpins a group. `edited(group, is_pinned)` tells what a person wants."""

    edited = Signal(object, bool)

    def __init__(self, group: Group, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = group
        words = tr("A pinned parameter keeps its numbers: g is still computed, the update leaves it out")
        self.setCheckable(True)
        self.setAccessibleName(tr("Pin {name}", name=_title(group)))
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        show_icon(self, "pin-open", "dim")
        self.clicked.connect(self._on_clicked)

    def show_pinned(self, is_pinned: bool) -> None:
        """Show whether all of the group is pinned."""
        if is_pinned != self.isChecked():
            self.setChecked(is_pinned)
            show_icon(self, *(("pin", "text") if is_pinned else ("pin-open", "dim")))

    def _on_clicked(self, is_checked: bool) -> None:
        # What is shown follows the document.
        self.setChecked(not is_checked)
        self.edited.emit(self._group, is_checked)


def _grouped(parameters: Sequence[Parameter]) -> list[Group]:
    names = dict.fromkeys(parameter.name for parameter in parameters)
    return [tuple(p for p in parameters if p.name == name) for name in names]


def _title(group: Group) -> str:
    return group[0].title if len(group) == 1 else group[0].name


def _count_words(count: int) -> str:
    return tr("1 number") if count == 1 else tr("{count} numbers", count=format_count(count))


def _words(group: Group, experiment: Experiment) -> str:
    """Give the name and the shape; of several, how many they are, and how many are pinned where some are not."""
    first, count = group[0], len(group)
    pinned = sum((p.node, p.name) in experiment.pinned for p in group)
    if 0 < pinned < count:
        return tr("{name} of {count} nodes, {pinned} pinned", name=first.name, count=count, pinned=pinned)
    if count > 1:
        return tr("{name} of {count} nodes", name=first.name, count=count)
    rows, columns = first.shape
    return tr("{name} [{rows} × {columns}]", name=first.title, rows=rows, columns=columns)
