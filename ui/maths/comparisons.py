"""What the Maths tab computes when asked: other optimizers and methods on the same g and batch, checks, ∂L/∂x."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.document import Document
from ui.maths.gradient_check import CheckSection
from ui.maths.input_gradient import InputGradientSection
from ui.maths.method_comparison import MethodSection
from ui.maths.optimizer_comparison import OptimizerSection
from ui.maths.section import Shown


class Comparisons(QWidget):
    """All sections but that of the optimizers, which has its place below the update."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.optimizers = OptimizerSection(document)
        self.methods = MethodSection()
        self.check = CheckSection()
        self.inputs = InputGradientSection()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for section in (self.inputs, self.methods, self.check):
            column.addWidget(section)

    def show_moment(self, shown: Shown | None) -> None:
        """Show what can be asked of this moment, and drop answers that it has moved on from."""
        for section in (self.optimizers, self.inputs, self.methods, self.check):
            section.show_moment(shown)
