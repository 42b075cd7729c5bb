"""A section whose answer is computed piece by piece, when asked for, and dropped when the run moves on."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from PySide6.QtWidgets import QWidget

from app.errors import guarded
from ui.maths.section import Section, Shown, Slices, WorkLine


class Answer(Protocol):
    """What is computed, a piece at a time."""

    @property
    def is_done(self) -> bool:
        """Whether all is computed."""

    def advance(self) -> None:
        """Compute a piece."""


AnswerT = TypeVar("AnswerT", bound=Answer)


class Question(Section, Generic[AnswerT]):
    """The title and the line with the button. Subclasses say when it is offered, what computes it, and show it."""

    def __init__(self, title: str, start: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.work = WorkLine(start)
        self._shown: Shown | None = None
        self._answer: AnswerT | None = None
        self._slices = Slices(self._show, self)
        self.work.start.clicked.connect(self._on_start_clicked)
        self.work.cancel.clicked.connect(self._on_cancel_clicked)
        self.hide()

    def show_moment(self, shown: Shown | None) -> None:
        """Offer the question where it can be asked; drop the last answer when what it was about has moved on."""
        if shown is None or not self._is_offered(shown):
            self._forget()
            self._shown = None
            self.hide()
            return
        before, self._shown = self._shown, shown
        if self._answer is not None and (before is None or not self._is_same(before, shown)):
            self._forget()
        self._show()
        self.show()

    def _is_offered(self, shown: Shown) -> bool:
        """Tell whether the question makes sense at a moment."""
        raise NotImplementedError

    def _is_same(self, before: Shown, shown: Shown) -> bool:
        """Tell whether an answer of before still holds."""
        raise NotImplementedError

    def _ask(self, shown: Shown) -> AnswerT:
        """Give what computes the answer."""
        raise NotImplementedError

    def _show(self) -> None:
        """Show the question, how far its answer is, or the answer."""
        raise NotImplementedError

    @guarded
    def _on_start_clicked(self) -> None:
        assert self._shown is not None
        answer = self._answer = self._ask(self._shown)

        def advance() -> bool:
            answer.advance()
            return not answer.is_done

        self._slices.start(advance)
        self._show()

    def _on_cancel_clicked(self) -> None:
        self._forget()
        self._show()

    def _forget(self) -> None:
        self._slices.stop()
        self._answer = None
