"""The Maths tab: what the selected or active node computes, typeset, with the numbers of this moment."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from app.document import Document
from app.project import Watch
from app.runner import Runner
from app.translate import tr
from engine.explanation import explain, last_layer, takes_part
from engine.explanation_operands import operands_of
from engine.explanation_parts import Explanation, Focus, Matrices
from engine.explanation_trials import TrialLog
from engine.graph import Graph
from engine.program import Phase
from engine.snapshot import Snapshot
from ui.forms import show_tool_tip
from ui.maths.blocks import Block, formulas_html, given_html, update_html, work_html
from ui.maths.choosers import Choosers
from ui.maths.comparisons import Comparisons
from ui.maths.heading import Heading
from ui.maths.links import find_number, focus_on, is_number
from ui.maths.matrix_editor import MatrixEditor
from ui.maths.moments import Moments
from ui.maths.scroll_page import ScrollPage
from ui.maths.section import Shown, reveal
from ui.maths.watches import Watches
from ui.theme import current

REFRESH_MS = 300
"""While a run goes on by itself, the numbers change this far apart."""


class MathsPanel(ScrollPage):
    """Follows the selected node or, with none selected, the one that the last micro-step was about.

    `operands_chosen(operands)`: a number was clicked; the canvas shows what it was computed from.
    `node_requested(id)`: what is watched there is to be seen. `said(words)`: what a person has changed here.
    """

    operands_chosen = Signal(object)
    node_requested = Signal(int)
    said = Signal(str)

    def __init__(self, document: Document, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._selected: tuple[int, ...] = ()
        self._moments = Moments()
        self._trials = TrialLog()
        self._focus = Focus()
        self._node: int | None = None
        self._unfolded: set[str] = set()
        self._followed: tuple[int | None, int | None, Phase | None] = (None, None, None)
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._refresh)
        self.explanation: Explanation | None = None
        """What is shown; None where there are no numbers."""
        self.heading = Heading()
        self.watches = Watches()
        self.choosers = Choosers()
        self.works: list[Block] = []
        self.matrices: list[MatrixEditor] = []
        self.update_ = Block()
        self.comparisons = Comparisons(document)
        self._works_column, self._matrices_column = QVBoxLayout(), QVBoxLayout()
        self._works_column.setSpacing(6)
        self._matrices_column.setSpacing(14)
        page = QWidget()
        self.setWidget(page)
        column = self._column = QVBoxLayout(page)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(8)
        for widget in (self.heading, self.watches, self.choosers):
            column.addWidget(widget)
        self._body = QVBoxLayout()
        self._body.setSpacing(10)
        self._body.addLayout(self._works_column)
        self._body.addLayout(self._matrices_column)
        update_column = QVBoxLayout()
        update_column.addWidget(self.update_)
        update_column.addWidget(self.comparisons.optimizers)
        self._body.addLayout(update_column)
        column.addLayout(self._body)
        column.addWidget(self.comparisons)
        column.addStretch(1)
        self.setAccessibleName(tr("The mathematics of a node, with numbers"))
        self.watches.said.connect(self.said)
        self.watches.chosen.connect(self._on_watches_chosen)
        self.choosers.edited.connect(self._on_choosers_edited)
        self._follow_links(self.update_)
        runner.frame_ready.connect(self._on_runner_frame_ready)
        self.comparisons.optimizers.previewed.connect(self._refresh)
        for news in (runner.state_changed, document.changed, current().changed, self.watches.edited):
            news.connect(self._refresh)
        self._take(runner.snapshot)

    def show_selection(self, ids: Iterable[int]) -> None:
        """Follow the first of the selected nodes; with none, the active one."""
        self._selected = tuple(ids)
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Show the present moment: while the tab was hidden, nothing was drawn."""
        super().showEvent(event)
        self._refresh()

    def _on_runner_frame_ready(self, snapshot: Snapshot | None) -> None:
        self._take(snapshot)
        if not self.isVisible():
            if self._runner.is_running:  # What is computed unseen is about a moment that is over.
                self.comparisons.show_moment(None)
            return
        waits = REFRESH_MS - self._clock.elapsed() if self._clock.isValid() else 0
        if not self._runner.is_running or waits <= 0:
            self._refresh()
        elif not self._timer.isActive():
            self._timer.start(waits)

    def _on_choosers_edited(self) -> None:
        row, unit = self.choosers.row.value(), self.choosers.unit.value()
        self._focus = Focus(row - 1 if row else None, unit - 1, self._focus.source, self._focus.parameter)
        self._refresh()

    def _on_matrices_chosen(self, view: MatrixEditor, row: int, column: int) -> None:
        assert self.explanation is not None
        parameter = self.explanation.matrices[self.matrices.index(view)].parameter
        source = row if parameter.shape[0] > 1 else self._focus.source
        self._focus = Focus(self._focus.row, column, source, parameter.name)
        self._refresh()

    def _on_watches_chosen(self, watch: Watch) -> None:
        if watch.parameter:
            self._focus = Focus(self._focus.row, watch.column, watch.row, watch.parameter)
        if watch.node != self._node:
            self.node_requested.emit(watch.node)
        self._refresh()

    def _follow_links(self, block: Block) -> None:
        block.link_chosen.connect(self._on_block_link_chosen)
        block.link_hovered.connect(lambda link: show_tool_tip(block, self._hint(link)))

    def _on_block_link_chosen(self, link: str) -> None:
        found, snapshot = self.explanation, self._moments.now
        linked = None if found is None else find_number(found, link)
        if not is_number(link):
            self._unfolded ^= {link}
        elif found is not None and linked is not None and snapshot is not None:
            operands = operands_of(snapshot.program, linked.line, linked.address)
            if not linked.is_result:
                self._focus = focus_on(found, self._focus, operands)
            self.operands_chosen.emit(operands)
        self._refresh()

    def _hint(self, link: str) -> str:
        linked = None if self.explanation is None else find_number(self.explanation, link)
        return "" if linked is None else linked.hint()

    def _take(self, snapshot: Snapshot | None) -> None:
        self._moments.take(snapshot)
        if snapshot is not None:
            self._trials.note(snapshot)

    def _refresh(self) -> None:
        """Show the present moment, if anybody can see it."""
        if not self.isVisible():
            return
        self._timer.stop()
        self._clock.start()
        snapshot = self._moments.now
        if snapshot is not None and snapshot.program.graph.nodes.keys() != self._graph.nodes.keys():
            # The document is ahead of the run for a moment; the run's next frame is on its way.
            snapshot = None
        node = self._chosen_node(snapshot)
        if node != self._node:
            self._node, self._unfolded = node, set()
        self.explanation = None
        if snapshot is not None and node is not None and takes_part(snapshot.program, node):
            dataset = self._runner.dataset
            self.explanation = explain(snapshot, dataset, node, self._focus, self._moments.before)
        # In phase 5 the update comes first, then what it was made of.
        is_update = snapshot is not None and snapshot.phase is Phase.UPDATE
        self._body.setDirection(QBoxLayout.Direction.BottomToTop if is_update else QBoxLayout.Direction.TopToBottom)
        chosen = None if node is None else self._graph.nodes[node]
        self.watches.show_moment(snapshot, self._graph)
        self.heading.show_moment(chosen, snapshot, self.explanation, is_selected=node in self._selected)
        self._show_works(node)
        self.comparisons.show_moment(self._shown(snapshot))
        self._show_matrices(snapshot)
        self._show_update(snapshot)
        # Else texts that have grown lie over each other for a frame.
        self._column.activate()
        self._follow(snapshot)

    def _follow(self, snapshot: Snapshot | None) -> None:
        """Bring what the last micro-step did into view, once."""
        works = () if self.explanation is None else self.explanation.works
        active = next((k for k, work in enumerate(works) if work.is_active), None)
        place = (self._node, active, None if snapshot is None else snapshot.phase)
        if place == self._followed or self._runner.is_running:
            return
        self._followed = place
        # Whoever sets weights by hand goes on where the keyboard is.
        focused = next((view for view in self.matrices if view.hasFocus()), self.heading)
        # New texts have no place yet.
        target = focused if active is None else self.works[active]
        QTimer.singleShot(0, target, lambda: reveal(self, target, from_top=target is self.heading))

    @property
    def _graph(self) -> Graph:
        return self._document.project.experiment.graph

    def _chosen_node(self, snapshot: Snapshot | None) -> int | None:
        nodes = self._graph.nodes
        selected = next((id_ for id_ in self._selected if id_ in nodes), None)
        if selected is not None or snapshot is None:
            return selected
        last = snapshot.last
        if last is not None and last.node is not None:
            return last.node
        if last is not None and last.phase is Phase.SAMPLE and snapshot.program.data:
            return snapshot.program.data[0].value.node
        return last_layer(snapshot.program, self._node)

    def _show_works(self, node: int | None) -> None:
        found, colors = self.explanation, current().colors
        if found is None:
            self.choosers.hide()
            texts = [] if node is None else [formulas_html(self._graph.node(node), colors)]
        else:
            self.choosers.show_counts(self._focus.row, found.rows, self._focus.unit, found.units)
            texts = [work_html(work, k, self._unfolded, colors) for k, work in enumerate(found.works)]
            if not texts:
                given = given_html(found.inputs, found.inputs_mark, self._unfolded, colors)
                texts = [f"{formulas_html(self._graph.node(found.node), colors)}{given}"]
        while len(self.works) < len(texts):
            block = Block()
            self._follow_links(block)
            self.works.append(block)
            self._works_column.addWidget(block)
        for k, block in enumerate(self.works):
            block.setVisible(k < len(texts))
            block.show_html(texts[k] if k < len(texts) else "")

    def _show_matrices(self, snapshot: Snapshot | None) -> None:
        found, runner = () if self.explanation is None else self.explanation.matrices, self._runner
        while len(self.matrices) < len(found):
            view = MatrixEditor(self.watches, runner.pause, runner.change_weights, self.said.emit)
            view.chosen.connect(lambda row, column, view=view: self._on_matrices_chosen(view, row, column))
            self.matrices.append(view)
            self._matrices_column.addWidget(view)
        chosen, optimizers = self._chosen_matrices(), self.comparisons.optimizers
        is_moved = snapshot is not None and snapshot.phase is Phase.UPDATE and snapshot.has_changed_weights
        for view, matrices in zip(self.matrices, found, strict=False):
            cell = self._cell(matrices) if matrices is chosen else None
            drawn = optimizers.in_preview(matrices)
            view.show_matrices(drawn, cell, is_moved=is_moved, is_preview=optimizers.is_preview)
        for k, view in enumerate(self.matrices):
            view.setVisible(k < len(found))

    def _chosen_matrices(self) -> Matrices | None:
        found = () if self.explanation is None else self.explanation.matrices
        return next((m for m in found if m.parameter.name == self._focus.parameter), found[0] if found else None)

    def _shown(self, snapshot: Snapshot | None) -> Shown | None:
        """Give what is shown to those who answer questions about it."""
        found, chosen = self.explanation, self._chosen_matrices()
        if snapshot is None or found is None:
            return None
        return Shown(
            snapshot,
            self._moments.before,
            self._runner.dataset,
            found.node,
            self._focus,
            tuple(matrices.parameter for matrices in found.matrices),
            None if chosen is None else chosen.parameter,
            (0, 0) if chosen is None else self._cell(chosen),
            self._runner.is_running,
        )

    def _cell(self, matrices: Matrices) -> tuple[int, int]:
        rows, columns = matrices.parameter.shape
        return min(self._focus.source, rows - 1), min(self._focus.unit, columns - 1)

    def _show_update(self, snapshot: Snapshot | None) -> None:
        update = None if self.explanation is None else self.explanation.update
        self.update_.setVisible(update is not None)
        if update is not None and snapshot is not None:
            trials = self._trials.words(snapshot)
            self.update_.show_html(update_html(update, trials, self._unfolded, current().colors))
