"""What goes in and out of a node, in words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.project import Project
from app.translate import format_count, tr
from engine.compiler import Compilation
from engine.ops.base import Shape
from ui.pins import parameters_of
from ui.theme import number_font


class NodeFacts(QLabel):
    """What goes in and out of a node and how many parameters it has."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(number_font())
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def show_node(self, project: Project, compilation: Compilation, id_: int) -> None:
        """Show the facts of one node."""
        graph = project.experiment.graph
        node = graph.node(id_)
        lines = []
        for port in node.kind.ports:
            for source in graph.inputs(id_, port.name):
                shape, giver = _shape_words(compilation.shapes.get(source)), graph.node(source).words
                lines.append(tr("{port} {shape} from {node}", port=tr(port.label), shape=shape, node=giver))
            if not graph.inputs(id_, port.name):
                lines.append(tr("{port} — not connected", port=tr(port.label)))
        if node.kind.has_output:
            lines.append(tr("output {shape}", shape=_shape_words(compilation.shapes.get(id_))))
        own = parameters_of(compilation.program, (id_,))
        if own:
            lines.append(tr("{count} parameters", count=format_count(sum(parameter.size for parameter in own))))
        self.setText("\n".join(lines))


def _shape_words(shape: Shape | None) -> str:
    if shape is None:
        return "[?]"
    return tr("[{rows} × {columns}]", rows=tr("rows") if shape.rows is None else shape.rows, columns=shape.columns)
