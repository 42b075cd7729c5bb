"""The page of the Node tab for one node, or for several of one kind."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.document import Document
from app.project import Project
from app.translate import tr
from engine.compiler import Compilation
from engine.datasets import column_label, columns, make_dataset
from engine.graph import MAX_NAME, GraphError, Node
from engine.ops.data import Features, Target
from engine.setting import SettingValue
from ui.drafts import discard_drafts
from ui.edits import change_graph, setting_label
from ui.experiment_page import DataSection, section_label
from ui.forms import LABEL_WIDTH, Choices, Form, words_label
from ui.node_facts import NodeFacts
from ui.parameter_list import ParameterList
from ui.text_edit import TextEdit
from ui.theme import number_font, show_role


class NodePage(QWidget):
    """One node, or several of one kind: what it is, its settings, its shapes."""

    def __init__(self, document: Document, ids: Sequence[int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._ids = tuple(ids)
        kind = self._first.kind
        self._kind = kind
        self._choices: dict[str, Choices] = {}
        self._form: Form | None = None
        self._title = words_label(role="title")
        summary = words_label(tr(kind.summary))
        self.name = TextEdit(tr("Name"), MAX_NAME)
        self.name.setPlaceholderText(tr("a letter or a word"))
        self._name_reason = words_label(role="error")
        self._name_reason.hide()
        self._form_place = QVBoxLayout()
        self._facts = NodeFacts()
        self.parameters = ParameterList(document)
        for label in (self._title, self._facts):
            # A long name does not widen the page.
            label.setMinimumWidth(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 14, 16, 16)
        self._column.setSpacing(8)
        self._column.addWidget(self._title)
        self._column.addWidget(summary)
        self._add_name_row()
        self._column.addLayout(self._form_place)
        self._column.addWidget(self.parameters)
        self._formulas = [
            self._add_formula(title) if formula else None
            for title, formula in zip((tr("Forward"), tr("Backward")), self._first.build().formulas(), strict=True)
        ]
        shapes = section_label(tr("Shapes"))
        for widget in (shapes, self._facts):
            self._column.addWidget(widget)
            widget.setVisible(len(ids) == 1)
        self.data: DataSection | None = None
        if issubclass(kind, Features | Target):
            self.data = DataSection(document)
            self._column.addWidget(self.data)
        self._column.addStretch(1)
        self.name.edited.connect(self._on_name_edited)
        self.name.textEdited.connect(self._on_name_text_edited)

    @property
    def form(self) -> Form | None:
        """The form of the settings; None if there are none."""
        return self._form

    def show_project(self, project: Project) -> None:
        """Show the nodes' settings in this project."""
        nodes = [project.experiment.graph.node(id_) for id_ in self._ids]
        self._show_form(project)
        kind = tr(self._kind.label)
        if len(nodes) == 1:
            named = tr("{name} · {kind}", name=nodes[0].name, kind=kind)
            self._title.setText(named if nodes[0].name else kind)
            self.name.show_value(nodes[0].name)
        else:
            self._title.setText(tr("{count} nodes · {kind}", count=len(nodes), kind=kind))
        self._show_formulas(nodes)
        if self._form:
            self._form.show_values(_common(nodes))
        if self.data:
            self.data.show_project(project)

    def show_compilation(self, compilation: Compilation) -> None:
        """Show the shapes and the parameters, as far as they are known."""
        self.parameters.show_nodes(self._document.project.experiment, compilation.program, self._ids)
        if len(self._ids) == 1:
            self._facts.show_node(self._document.project, compilation, self._ids[0])

    @property
    def _first(self) -> Node:
        return self._document.project.experiment.graph.node(self._ids[0])

    def _add_name_row(self) -> None:
        row = QGridLayout()
        row.setHorizontalSpacing(10)
        row.setColumnMinimumWidth(0, LABEL_WIDTH)
        row.setColumnStretch(1, 1)
        label = QLabel(tr("Name"))
        label.setBuddy(self.name)
        row.addWidget(label, 0, 0)
        row.addWidget(self.name, 0, 1)
        row.addWidget(self._name_reason, 1, 0, 1, 2)
        self._column.addLayout(row)
        for widget in (label, self.name):
            widget.setVisible(len(self._ids) == 1)

    def _add_formula(self, title: str) -> QLabel:
        words = QLabel()
        words.setFont(number_font())
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._column.addWidget(section_label(title))
        self._column.addWidget(words)
        return words

    def _show_formulas(self, nodes: Sequence[Node]) -> None:
        """Show the formulas with the nodes' settings; those of the kind where the nodes differ."""
        found = {node.build().formulas() for node in nodes}
        shown = found.pop() if len(found) == 1 else (self._kind.forward_formula, self._kind.backward_formula)
        for label, formula in zip(self._formulas, shown, strict=True):
            if label is not None:
                label.setText(tr(formula).replace(",  ", "\n"))

    def _show_form(self, project: Project) -> None:
        choices: dict[str, Choices] = {}
        if issubclass(self._kind, Features):
            data = project.experiment.data
            dataset = make_dataset(data.kind, data.settings)
            choices = {"columns": tuple((key, tr(column_label(dataset, key))) for key in columns(dataset))}
        if not self._kind.settings or (self._form and choices == self._choices):
            return
        if self._form:
            discard_drafts(self._form)
            self._form_place.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
        self._choices = choices
        self._form = Form(self._kind.settings, choices_for=choices)
        self._form.edited.connect(self._on_form_edited)
        self._form_place.addWidget(self._form)

    def _on_form_edited(self, name: str, value: SettingValue) -> None:
        graph = self._document.project.experiment.graph
        for id_ in self._ids:
            graph = graph.set(id_, {name: value})
        owner = tr(self._first.words) if len(self._ids) == 1 else tr("{count} nodes", count=len(self._ids))
        label = setting_label(self._kind.settings, name, owner)
        change_graph(self._document, label, graph, (self._ids, name))

    def _on_name_edited(self, name: str) -> None:
        try:
            graph = self._document.project.experiment.graph.rename(self._ids[0], name)
        except GraphError as error:
            self._show_name_reason(tr(error.message))
            return
        self._show_name_reason("")
        change_graph(self._document, tr("Rename {node}", node=self._first.words), graph)

    def _on_name_text_edited(self, _text: str) -> None:
        self._show_name_reason("")

    def _show_name_reason(self, reason: str) -> None:
        self._name_reason.setText(tr("● {reason}", reason=reason))
        self._name_reason.setVisible(bool(reason))
        show_role(self.name, "error" if reason else "")


def _common(nodes: Sequence[Node]) -> dict[str, SettingValue]:
    first, *others = nodes
    return {name: value for name, value in first.settings.items() if all(n.settings[name] == value for n in others)}
