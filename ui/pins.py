"""Pins: which parameters of nodes there are to pin, and the action that pins and unpins those of the selected nodes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QAction

from app.document import Document
from app.runner import Runner
from app.translate import tr
from engine.experiment import Experiment
from engine.graph import Node
from engine.program import Parameter, Program
from ui.edits import pin_words, set_pinned


def parameters_of(program: Program | None, ids: Collection[int]) -> tuple[Parameter, ...]:
    """Give the parameters of nodes, as far as they are known."""
    return () if program is None else tuple(p for p in program.parameters if p.node in ids)


def are_pinned(experiment: Experiment, parameters: Sequence[Parameter]) -> bool:
    """Tell whether there are parameters, all of them pinned."""
    return bool(parameters) and all((p.node, p.name) in experiment.pinned for p in parameters)


def pinned_titles(experiment: Experiment, node: Node, program: Program | None) -> tuple[str, ...]:
    """Give what a node's pinned parameters are called.

    Of a node that takes part, those that it has: pins of others, such as a bias that is turned off, wait for them.
    """
    pinned = experiment.pinned
    if program is not None and node.id in program.outputs:
        return tuple(p.title for p in parameters_of(program, (node.id,)) if (p.node, p.name) in pinned)
    return tuple(sorted(f"{name}_{node.title}" for id_, name in pinned if id_ == node.id))


class PinAction(QAction):
    """Pins the parameters of the selected nodes or, where all of them are pinned, unpins them; it says which.

    `selection_changed` gives the selected nodes.
    """

    def __init__(
        self, document: Document, runner: Runner, selection_changed: SignalInstance, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._ids: tuple[int, ...] = ()
        self._show_words()
        self.triggered.connect(self._on_triggered)
        selection_changed.connect(self._on_selection_changed)
        document.changed.connect(self._show_words)
        runner.problems_changed.connect(self._show_words)

    def _plan(self) -> tuple[tuple[Parameter, ...], bool]:
        """Give what would be changed, and whether it would be pinned: what is not pinned yet, else all is let go."""
        parameters = parameters_of(self._runner.compilation.program, self._ids)
        experiment = self._document.project.experiment
        if are_pinned(experiment, parameters):
            return parameters, False
        return tuple(p for p in parameters if (p.node, p.name) not in experiment.pinned), True

    def _show_words(self) -> None:
        parameters, is_pinned = self._plan()
        self.setEnabled(bool(parameters))
        words = pin_words(parameters, is_pinned) if parameters else tr("Pin Parameters")
        self.setText(words.replace("&", "&&"))

    def _on_selection_changed(self, ids: tuple[int, ...]) -> None:
        self._ids = ids
        self._show_words()

    def _on_triggered(self) -> None:
        set_pinned(self._document, *self._plan())
