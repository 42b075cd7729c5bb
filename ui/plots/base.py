"""What every plot panel is: a title with its small buttons, a frame with the plot or words, and a context menu."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from app.errors import guarded
from app.translate import tr
from engine.snapshot import Snapshot
from ui.colors import Colors
from ui.plots.export import save_picture_as
from ui.plots.legend import Legend
from ui.theme import current, ui_font

HEADER_HEIGHT = 28
_SMALL_BUTTON = "QToolButton { padding: 1px 6px; min-height: 16px; font-size: 11px; }"


class Frame(QWidget):
    """The rounded sheet that a plot lies on; it shows the plot or, while there is nothing to draw, words."""

    def __init__(self) -> None:
        super().__init__()
        self._plot = QWidget()
        self._plot.setLayout(QVBoxLayout())
        self.plot_layout().setContentsMargins(0, 0, 0, 0)
        self.plot_layout().setSpacing(0)
        self._words = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._words.setProperty("role", "dim")
        self._words.setMargin(12)
        self._stack = QStackedLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.addLayout(self._stack)
        self._stack.addWidget(self._plot)
        self._stack.addWidget(self._words)

    def plot_layout(self) -> QVBoxLayout:
        """Give the layout of the plot, from top to bottom."""
        layout = self._plot.layout()
        assert isinstance(layout, QVBoxLayout)
        return layout

    @property
    def words(self) -> str:
        """The words shown instead of the plot, or none."""
        return self._words.text() if self._stack.currentWidget() is self._words else ""

    def show_words(self, words: str) -> None:
        """Show words instead of the plot, or with none the plot."""
        self._words.setText(words)
        self._stack.setCurrentWidget(self._words if words else self._plot)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sheet."""
        colors = current().colors
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(colors.border))
            painter.setBrush(QColor(colors.canvas))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 5.0, 5.0)


class Panel(QWidget):
    """A plot of a run. It shows snapshots and changes nothing."""

    key: ClassVar[str]
    """Its name in files."""
    label: ClassVar[str]
    """Its title, before translation."""
    help: ClassVar[str]
    """One sentence on what it shows, before translation."""

    hovered = Signal(object)
    """The step under the mouse, or None when it has left or the plot has no steps."""
    step_requested = Signal(object)
    """A click at this step."""

    def __init__(self) -> None:
        super().__init__()
        self._title = QLabel(tr(self.label))
        self._title.setFont(ui_font(-1, bold=True))
        self._title.setToolTip(tr(self.help))
        self._switch = QToolButton()
        self._switch.setText(tr(self.label))
        self._switch.setToolTip(tr("Show another plot here"))
        self._switch.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.switch_menu = QMenu(self)
        self._switch.setMenu(self.switch_menu)
        self._switch.setStyleSheet("QToolButton { font-weight: bold; font-size: 12px; padding: 1px 20px 1px 0px; }")
        self._switch.hide()
        self._header = QHBoxLayout()
        self._header.setContentsMargins(2, 0, 2, 0)
        self._header.setSpacing(2)
        self._header.addWidget(self._title)
        self._header.addWidget(self._switch)
        self._header.addStretch()
        bar = QWidget()
        bar.setLayout(self._header)
        bar.setFixedHeight(HEADER_HEIGHT)
        self.menu = QMenu(self)
        self.copy_action = self.menu.addAction(tr("Copy picture"))
        self.picture_action = self.menu.addAction(tr("Save picture…"))
        self.copy_action.triggered.connect(self._on_copy_action_triggered)
        self.picture_action.triggered.connect(self._on_picture_action_triggered)
        self.frame = Frame()
        self.legend = Legend()
        self.frame.plot_layout().addWidget(self.legend)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(self.frame, 1)

    @property
    def title(self) -> str:
        """What people call it."""
        return tr(self.label)

    @property
    def empty_text(self) -> str:
        """The words that stand where there is nothing to draw yet; none while there is a plot."""
        return self.frame.words

    def show_snapshot(self, snapshot: Snapshot, is_running: bool = False) -> None:
        """Draw a snapshot. While running, a panel that is slow to draw may pass over some."""
        raise NotImplementedError

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        self.legend.show_theme(colors)
        self.frame.update()

    def show_crosshair(self, step: float | None) -> None:
        """Point at a step, if the plot has steps."""

    def clear(self) -> None:
        """Forget the run and say what will be drawn here."""
        raise NotImplementedError

    def set_switchable(self, is_switchable: bool) -> None:
        """Make the title a button that opens `switch_menu`, or a plain title."""
        self._switch.setVisible(is_switchable)
        self._title.setVisible(not is_switchable)

    def add_button(self, text: str, tip: str, checkable: bool = False) -> QToolButton:
        """Add a small button at the right end of the title's line."""
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(checkable)
        button.setStyleSheet(_SMALL_BUTTON)
        self._header.addWidget(button)
        return button

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the context menu on all that is not a chart, which tells a right click from a right drag by itself."""
        self.open_menu(event.globalPos())

    def open_menu(self, position: QPoint) -> None:
        """Show the context menu at a global position."""
        self.menu.popup(position)

    def _on_copy_action_triggered(self) -> None:
        QGuiApplication.clipboard().setPixmap(self.grab())

    def _on_picture_action_triggered(self) -> None:
        save_picture_as(self, self.grab(), self.title)
