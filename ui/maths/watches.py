"""Watches: numbers that are kept in sight, whatever node the Maths tab is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from math import nan

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.errors import guarded
from app.project import MAX_WATCHES, Watch
from app.translate import tr
from engine.explanation_marks import gradient_mark, update_mark
from engine.explanation_parts import Mark, State
from engine.gradients import GradientMethod, make_gradient_method
from engine.graph import Graph
from engine.norms import gradient_norm
from engine.program import Parameter
from engine.snapshot import Snapshot
from ui.forms import show_tool_tip
from ui.maths.typesetting import cell_text, weight_html
from ui.theme import number_font, show_role, ui_font

_COLUMNS = ("w", "g", "Δw")
_CLOSE_WIDTH = 22
_UNKNOWN = Mark(State.PENDING)


@dataclass(frozen=True)
class Reading:
    """What a row shows: what is watched, its w, g and Δw where there are such, and whether each is up to date."""

    title: str
    values: tuple[float | None, float | None, float | None]
    marks: tuple[Mark, Mark, Mark] = (_UNKNOWN, _UNKNOWN, _UNKNOWN)

    def text(self, number: int) -> str:
        """Give a number in words; a dash where it is not computed yet."""
        value = self.values[number]
        if value is None:
            return ""
        return cell_text(value) if self.marks[number].is_known else "—"


def read_watch(watch: Watch, snapshot: Snapshot, method: GradientMethod) -> Reading | None:
    """Read what is watched off a snapshot; None where its network has nothing of the kind."""
    program = snapshot.program
    own = [p for p in program.parameters if p.node == watch.node]
    gradient = gradient_mark(snapshot, watch.node, method)
    if own and not watch.parameter:
        norm = gradient_norm(program.region(snapshot.arena, 1)[program.layer_range(watch.node)])
        return Reading(norm_title(own[0]), (None, norm, None), (_UNKNOWN, gradient, _UNKNOWN))
    parameter = next((p for p in own if p.name == watch.parameter), None)
    if parameter is None or watch.row >= parameter.shape[0] or watch.column >= parameter.shape[1]:
        return None
    place = watch.row, watch.column
    arrays = (snapshot.weights(parameter), snapshot.gradient(parameter), snapshot.update(parameter))
    w, g, delta = (float(array[place]) for array in arrays)
    marks = (Mark(State.FRESH), gradient, update_mark(snapshot))
    return Reading(parameter.weight_title(*place), (w, g, delta), marks)


def norm_title(parameter: Parameter) -> str:
    """Give what the norm of the g of a parameter's layer is called: "‖g‖_A"."""
    return f"‖g‖_{parameter.title.partition('_')[2]}"


class Watches(QWidget):
    """The rows. `edited`: one has come or gone; `chosen(watch)`: a person wants to see what is watched.

    `said(words)`: what has come or gone, as the rows may be out of sight.
    """

    edited = Signal()
    chosen = Signal(object)
    said = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._watches: tuple[Watch, ...] = ()
        self._titles: dict[Watch, str] = {}
        self.rows: dict[Watch, WatchRow] = {}
        title = QLabel(tr("Watches"))
        title.setProperty("role", "section")
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, _CLOSE_WIDTH, 0)
        head.setSpacing(0)
        head.addWidget(title, 1)
        for letter in _COLUMNS:
            head.addWidget(_number_label(letter))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 4)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self.hide()

    @property
    def watches(self) -> tuple[Watch, ...]:
        """All that is watched, also what the network does not have at the moment."""
        return self._watches

    def show_watches(self, watches: Iterable[Watch]) -> None:
        """Watch these in place of all others."""
        self._watches = tuple(watches)
        self._titles = {}
        self.edited.emit()

    def show_moment(self, snapshot: Snapshot | None, graph: Graph) -> None:
        """Show the numbers of a moment; without one, those of what is in the graph are not known."""
        found: dict[Watch, Reading] = {}
        if snapshot is not None and self._watches:
            chosen = snapshot.pipeline.method
            method = make_gradient_method(chosen.kind, chosen.settings)
            readings = ((watch, read_watch(watch, snapshot, method)) for watch in self._watches)
            found = {watch: reading for watch, reading in readings if reading is not None}
            self._titles.update({watch: reading.title for watch, reading in found.items()})
        elif snapshot is None:
            # Only those that were seen before have a name.
            known = [watch for watch in self._titles if watch.node in graph.nodes and watch in self._watches]
            found = {w: Reading(self._titles[w], (nan, nan, nan) if w.parameter else (None, nan, None)) for w in known}
        for watch in [watch for watch in self.rows if watch not in found]:
            row = self.rows.pop(watch)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {watch: self.rows.get(watch) or self._make_row(watch) for watch in found}
        for place, (watch, reading) in enumerate(found.items()):
            row = self.rows[watch]
            if self._column.indexOf(row) != place + 1:
                self._column.insertWidget(place + 1, row)
            row.show_reading(reading)
        self.setVisible(bool(found))

    def toggle(self, watch: Watch, name: str) -> None:
        """Begin to watch what is called so, or stop, and say it; beyond the most, nothing is added."""
        if watch in self._watches:
            self._watches = tuple(other for other in self._watches if other != watch)
            words = tr("No longer watching {name}", name=name)
        elif self.has_room:
            # What the network does not have any more makes room first.
            kept = self._watches if len(self._watches) < MAX_WATCHES else tuple(self.rows)
            self._watches = (*kept, watch)
            words = tr("Watching {name}: its numbers stand at the top of the Maths tab", name=name)
        else:
            words = _most_words()
        self.edited.emit()
        self.said.emit(words)

    @property
    def has_room(self) -> bool:
        """Whether another one can be watched."""
        return len(self._watches) < MAX_WATCHES or len(self.rows) < MAX_WATCHES

    def make_menu(self, parameter: Parameter, row: int, column: int, parent: QWidget) -> QMenu:
        """Offer to watch a weight, and its layer's ‖g‖."""
        menu = QMenu(parent)
        offers = (
            (parameter.weight_title(row, column), Watch(parameter.node, parameter.name, row, column)),
            (norm_title(parameter), Watch(parameter.node)),
        )
        for name, watch in offers:
            is_watched = watch in self._watches
            words = tr("Stop watching {name}", name=name) if is_watched else tr("Watch {name}", name=name)
            action = menu.addAction(words.replace("&", "&&"), partial(self.toggle, watch, name))
            action.setEnabled(is_watched or self.has_room)
        if not self.has_room:
            menu.addAction(_most_words()).setEnabled(False)
        return menu

    def _make_row(self, watch: Watch) -> WatchRow:
        row = WatchRow(self)
        row.chosen.connect(partial(self.chosen.emit, watch))
        row.removed.connect(lambda: self.toggle(watch, self._titles[watch]))
        return row


class WatchRow(QWidget):
    """A name, three numbers and a button. `chosen`: a click or Enter; `removed`: the button or Delete."""

    chosen = Signal()
    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading: Reading | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.name = QLabel()
        self.name.setTextFormat(Qt.TextFormat.RichText)
        self.name.setFont(ui_font(-1))
        # A long name does not widen the tab.
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.numbers = tuple(_number_label("") for _ in _COLUMNS)
        self.close_button = QToolButton()
        self.close_button.setText("×")
        self.close_button.setFixedSize(_CLOSE_WIDTH, 20)
        self.close_button.setStyleSheet("QToolButton { padding: 0px; min-height: 0px; }")
        self.close_button.clicked.connect(self.removed)
        line = QGridLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.setColumnStretch(0, 1)
        for column, widget in enumerate((self.name, *self.numbers, self.close_button)):
            line.addWidget(widget, 0, column)

    def show_reading(self, reading: Reading) -> None:
        """Show other numbers; those that are stale, or not known, in grey."""
        if reading == self._reading:
            return
        self._reading = reading
        if self.name.text() != weight_html(reading.title):
            self.name.setText(weight_html(reading.title))
            self.close_button.setAccessibleName(tr("Stop watching {name}", name=reading.title))
            show_tool_tip(self.close_button, tr("Stop watching {name}", name=reading.title))
        for number, label in enumerate(self.numbers):
            label.setText(reading.text(number))
            role = "" if reading.marks[number].state is State.FRESH else "dim"
            if label.property("role") != role:
                show_role(label, role)
        texts = [reading.text(number) or "—" for number in range(len(_COLUMNS))]
        words = tr("{name}: w {w}, g {g}, Δw {delta}", name=reading.title, w=texts[0], g=texts[1], delta=texts[2])
        self.setAccessibleName(words)
        show_tool_tip(self, tr("{numbers}\nClick to see how it is computed", numbers=words))

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for what is watched."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit()

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for it, or stop watching, with a key."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)


def _most_words() -> str:
    return tr("{count} watches are the most", count=MAX_WATCHES)


def _number_label(words: str) -> QLabel:
    label = QLabel(words)
    label.setFont(number_font(-2))
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    label.setFixedWidth(QFontMetrics(number_font(-2)).horizontalAdvance("−0.0000") + 6)
    label.setProperty("role", "dim")
    return label
