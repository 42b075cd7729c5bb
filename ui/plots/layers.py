"""How a layer is drawn in every plot: its letter, its dash pattern and its tint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtGui import QPen

from app.translate import tr
from engine.graph import Node
from engine.program import Program
from ui.colors import SeriesStyle, series_style
from ui.plots.drawn import pen_of

WIDTH = 1.5


@dataclass(frozen=True)
class Layer:
    """A node with parameters: what it goes by and how it is drawn."""

    node: int
    title: str
    style: SeriesStyle

    def pen(self, width: float = WIDTH) -> QPen:
        """Make the pen of its curves."""
        return pen_of(self.style.color, self.style.dashes, width)


def layers_of(program: Program) -> Mapping[int, Layer]:
    """Give the layers of a program by node, in order."""
    layers = enumerate(map(program.graph.node, program.layers))
    return {node.id: Layer(node.id, _title(node), series_style(index)) for index, node in layers}


def _title(node: Node) -> str:
    """Give what a node is called. One without a letter is told from others of its kind by its number."""
    return node.name or tr("{kind} {number}", kind=tr(node.kind.label), number=node.id)
