"""What the Maths tab is about: the node, the place in the run, and since when numbers in grey are stale."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.translate import format_count, tr
from engine.explanation_parts import Explanation, State
from engine.gradients import GRADIENT_METHODS
from engine.graph import Node
from engine.program import Phase
from engine.snapshot import Snapshot
from ui.forms import words_label
from ui.maths.lines import stale_words

_PHASES = {
    Phase.SAMPLE: "phase 1 Sample",
    Phase.FORWARD: "phase 2 Forward",
    Phase.LOSS: "phase 3 Loss",
    Phase.BACKWARD: "phase 4 Backward",
    Phase.UPDATE: "phase 5 Update",
}


class Heading(QWidget):
    """Three texts, the last of which is there only when something is stale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = words_label(role="title")
        self.place = words_label()
        self.staleness = words_label()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.title, self.place, self.staleness):
            column.addWidget(widget)

    def show_moment(
        self, node: Node | None, snapshot: Snapshot | None, explanation: Explanation | None, *, is_selected: bool
    ) -> None:
        """Say which node is explained, chosen by a person or the active one, and at which place of the run."""
        if node is None:
            self.title.setText(tr("Maths"))
            self.place.setText(tr("Select a node to see what it computes."))
            self.staleness.hide()
            return
        self.title.setText(tr(node.full_words))
        which = tr("the selected node") if is_selected else tr("the active node")
        self.place.setText(_place_words(which, snapshot, explanation))
        marks = () if explanation is None else tuple(work.forward for work in explanation.works)
        stale = next((mark for mark in marks if mark.state is State.STALE), None)
        self.staleness.setVisible(stale is not None)
        if stale is not None:
            self.staleness.setText(stale_words(stale.step))


def _place_words(which: str, snapshot: Snapshot | None, explanation: Explanation | None) -> str:
    if explanation is None or snapshot is None:
        return tr("{which}: there are no numbers, as it is not part of a network that can run", which=which)
    if snapshot.phase is None:
        return tr("{which} · nothing is computed yet", which=which)
    step = format_count(snapshot.step + (snapshot.micro > 0))
    words = tr("{which} · step {step}, {phase}", which=which, step=step, phase=tr(_PHASES[snapshot.phase]))
    if snapshot.phase is Phase.BACKWARD and snapshot.is_method_called:
        method = tr(GRADIENT_METHODS[snapshot.method].label)
        words = tr("{words}: {method} computes g, no weight changes", words=words, method=method)
    return words
