"""g of a node against central differences, over all steps h: computed when asked for, drawn as a curve."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from app.errors import guarded
from app.translate import tr
from engine.error_curve import ErrorCurve
from engine.present_batch import has_batch
from ui.forms import words_label
from ui.maths.error_curve import Curve, ErrorCurveView
from ui.maths.section import Section, Shown, Slices, WorkLine, is_same_question


class CheckSection(Section):
    """For a node with parameters and a drawn batch. The run itself is left alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Is g right?"), parent)
        self._shown: Shown | None = None
        self._curve: ErrorCurve | None = None
        self.words = words_label(role="")
        self.view = ErrorCurveView()
        self.note = words_label()
        self.work = WorkLine(tr("Check against finite differences"))
        for widget in (self.words, self.view, self.note, self.work):
            self.column.addWidget(widget)
        self._slices = Slices(self._show, self)
        self.work.start.clicked.connect(self._on_start_clicked)
        self.work.cancel.clicked.connect(self._on_cancel_clicked)
        self.hide()

    def show_moment(self, shown: Shown | None) -> None:
        """Offer the check where there is a batch; drop the last one when the run or the node has moved on."""
        if shown is None or not shown.parameters or not has_batch(shown.snapshot):
            self._forget()
            self._shown = None
            self.hide()
            return
        before, self._shown = self._shown, shown
        if self._curve is not None and not is_same_question(before, shown):
            self._forget()
        self._show()
        self.show()

    @guarded
    def _on_start_clicked(self) -> None:
        shown = self._shown
        assert shown is not None
        curve = self._curve = ErrorCurve(shown.snapshot, shown.earlier, shown.parameters)

        def advance() -> bool:
            curve.advance()
            return not curve.is_done

        self._slices.start(advance)
        self._show()

    def _on_cancel_clicked(self) -> None:
        self._forget()
        self._show()

    def _forget(self) -> None:
        self._slices.stop()
        self._curve = None

    def _show(self) -> None:
        shown, curve = self._shown, self._curve
        if shown is None:
            return
        is_done = curve is not None and curve.is_done
        for widget in (self.words, self.view, self.note):
            widget.setVisible(is_done)
        self.work.setVisible(not is_done)
        if curve is None:
            self.work.show_rest(is_enabled=not shown.is_running)
        elif not is_done:
            share = curve.done / curve.count
            words = tr(
                "{done} of {count} differences, about {seconds} s to go",
                done=curve.done,
                count=curve.count,
                seconds=self._slices.seconds_left(share),
            )
            self.work.show_work(share, words)
        else:
            words = " ".join(tr(message) for message in curve.words())
            self.words.setText(words)
            self.note.setText(
                tr(
                    "Largest error of (L(w + h) − L(w − h)) / 2h over {count} weights of this node, relative to the "
                    "size of g and L. With a large h it is not the slope yet; with a tiny h only rounding is left.",
                    count=len(curve.places),
                )
            )
            drawn = Curve(curve.errors, curve.kinks.astype(np.float64), curve.best)
            self.view.show_curve(drawn, words)
