"""∂L/∂x of the present batch for a data node, computed when asked for: its numbers, and for images a picture."""

from __future__ import annotations

from math import prod

from PySide6.QtWidgets import QWidget

from app.errors import guarded
from app.translate import tr
from engine.explanation_parts import Mark, State
from engine.input_gradient import input_gradient, input_gradient_line, is_data_only
from engine.message import EngineError
from engine.ops.call import Array
from engine.ops.data import Features
from engine.present_batch import batch_step, has_batch
from ui.forms import words_label
from ui.maths.blocks import Block
from ui.maths.lines import inks_of, line_html
from ui.maths.links import is_number
from ui.maths.section import Section, Shown, WorkLine, is_same_question
from ui.maths.sign_picture import SignPicture
from ui.theme import current

_KEY = "input gradient"


class InputGradientSection(Section):
    """For a node that gives data, or what is computed of data alone. The run itself is left alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("The gradient with respect to the data"), parent)
        self._shown: Shown | None = None
        self._gradient: Array | None = None
        self._unfolded: set[str] = set()
        self.line = Block()
        self.picture = SignPicture()
        self.words = words_label(
            tr(
                "No optimizer has a say in this: backpropagation gives the derivative with respect to anything that "
                "enters."
            )
        )
        self.work = WorkLine(tr("Compute ∂L/∂x"))
        for widget in (self.line, self.picture, self.words, self.work):
            self.column.addWidget(widget)
        self.line.link_chosen.connect(self._on_line_link_chosen)
        self.work.start.clicked.connect(self._on_start_clicked)
        self.hide()

    def show_moment(self, shown: Shown | None) -> None:
        """Offer it for data with drawn rows; drop the last one when the run or the node has moved on."""
        if shown is None or not has_batch(shown.snapshot) or not is_data_only(shown.snapshot.program, shown.node):
            self._gradient = self._shown = None
            self.hide()
            return
        before, self._shown = self._shown, shown
        if self._gradient is not None and not is_same_question(before, shown):
            self._gradient = None
        self._show()
        self.show()

    @guarded
    def _on_start_clicked(self) -> None:
        shown = self._shown
        assert shown is not None
        try:
            self._gradient = input_gradient(shown.snapshot, shown.dataset, shown.node, shown.earlier)
        except EngineError as error:
            self.work.show_rest(tr(error.message))
            return
        self._show()

    def _on_line_link_chosen(self, link: str) -> None:
        if not is_number(link):
            self._unfolded ^= {link}
            self._show()

    def _show(self) -> None:
        shown, gradient = self._shown, self._gradient
        if shown is None:
            return
        for widget in (self.line, self.words):
            widget.setVisible(gradient is not None)
        self.work.setVisible(gradient is None)
        self.picture.setVisible(gradient is not None and self._image_shape(gradient) is not None)
        if gradient is None:
            self.work.show_rest(is_enabled=not shown.is_running)
            return
        snapshot = shown.snapshot
        found = input_gradient_line(snapshot, shown.dataset, shown.node, shown.focus, gradient, shown.earlier)
        inks = inks_of(Mark(State.FRESH, batch_step(snapshot)), "backward", current().colors)
        self.line.show_html(line_html(found, _KEY, self._unfolded, inks))
        shape, row = self._image_shape(gradient), shown.focus.row
        if shape is not None:
            numbers = gradient.mean(axis=0) if row is None else gradient[min(row, len(gradient) - 1)]
            self.picture.show_numbers(numbers.reshape(shape))

    def _image_shape(self, gradient: Array) -> tuple[int, int] | None:
        """Give the shape of the picture that a row is; None where it is none."""
        assert self._shown is not None
        shape, graph = self._shown.dataset.image_shape, self._shown.snapshot.program.graph
        is_features = issubclass(graph.node(self._shown.node).kind, Features)
        return shape if shape is not None and is_features and prod(shape) == gradient.shape[1] else None
