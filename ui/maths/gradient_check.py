"""g of a node against central differences, over all steps h: computed when asked for, drawn as a curve."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from app.translate import tr
from engine.error_curve import ErrorCurve
from engine.present_batch import has_batch
from ui.forms import words_label
from ui.maths.error_curve import Curve, ErrorCurveView
from ui.maths.question import Question
from ui.maths.section import Shown, is_same_question


class CheckSection(Question[ErrorCurve]):
    """For a node with parameters and a drawn batch. The run itself is left alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Is g right?"), tr("Check against finite differences"), parent)
        self.words = words_label(role="")
        self.view = ErrorCurveView()
        self.note = words_label()
        for widget in (self.words, self.view, self.note, self.work):
            self.column.addWidget(widget)

    def _is_offered(self, shown: Shown) -> bool:
        return bool(shown.parameters) and has_batch(shown.snapshot)

    def _is_same(self, before: Shown, shown: Shown) -> bool:
        return is_same_question(before, shown)

    def _ask(self, shown: Shown) -> ErrorCurve:
        return ErrorCurve(shown.snapshot, shown.earlier, shown.parameters)

    def _show(self) -> None:
        shown, curve = self._shown, self._answer
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
