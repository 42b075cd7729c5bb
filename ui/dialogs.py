"""The dialogs of the window: questions, the examples, and pages to read."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPlainTextEdit,
    QScrollArea,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.cli import VERSION
from app.examples import EXAMPLES
from app.files import SUFFIX
from app.translate import tr
from ui.icons import application_icon
from ui.shortcut_sheet import ShortcutSheet
from ui.theme import number_font, ui_font


class Answer(Enum):
    """What was answered to the question whether to save."""

    SAVE = auto()
    DISCARD = auto()
    CANCEL = auto()


def ask_to_save(parent: QWidget, title: str, words: str) -> Answer:
    """Ask whether to save before something goes away."""
    box = _message_box(parent, QMessageBox.Icon.Question, tr("Save {title} first?", title=title), words)
    save = box.addButton(tr("Save"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(tr("Don't Save"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    _exec(box)
    clicked = box.clickedButton()
    return Answer.SAVE if clicked is save else Answer.DISCARD if clicked is discard else Answer.CANCEL


def show_error(parent: QWidget, title: str, words: str) -> None:
    """Say in one message why something did not work."""
    box = _message_box(parent, QMessageBox.Icon.Warning, title, words)
    box.addButton(tr("Close"), QMessageBox.ButtonRole.AcceptRole)
    _exec(box)


def choose_file_to_open(parent: QWidget, folder: str) -> str:
    """Let a file be chosen; empty if none is."""
    return QFileDialog.getOpenFileName(parent, tr("Open"), folder, _file_filter())[0]


def choose_file_to_save(parent: QWidget, path: str) -> str:
    """Let a place to save be chosen; empty if none is."""
    chosen = QFileDialog.getSaveFileName(parent, tr("Save As"), path, _file_filter())[0]
    return chosen if not chosen or chosen.endswith(SUFFIX) else chosen + SUFFIX


def choose_example(parent: QWidget) -> str:
    """Show the shipped networks; give the key of the chosen one, empty if none is."""
    dialog = ExamplesDialog(parent)
    return dialog.chosen if _exec(dialog) == QDialog.DialogCode.Accepted else ""


_ROW_WIDTH = 490
_ROW_FRAME = 12
"""What the list itself needs around a row, in px."""


class ExamplesDialog(QDialog):
    """The shipped networks with a sentence on each; double-click or Open takes one, and typing finds one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Examples"))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Examples"))
        self.list.setSpacing(2)
        self.list.setItemDelegate(_FrameDelegate(self.list))
        for example in EXAMPLES:
            item = QListWidgetItem(tr(example.title), self.list)
            item.setData(Qt.ItemDataRole.UserRole, example.key)
            row = _ExampleRow(tr(example.title), tr(example.summary))
            item.setSizeHint(QSize(0, row.needed_height() + _ROW_FRAME))
            self.list.setItemWidget(item, row)
        self.list.setCurrentRow(0)
        self.list.itemDoubleClicked.connect(lambda _item: self.accept())
        buttons = QDialogButtonBox()
        open_ = buttons.addButton(tr("Open"), QDialogButtonBox.ButtonRole.AcceptRole)
        open_.setProperty("role", "primary")
        open_.setDefault(True)
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.list)
        column.addWidget(buttons)
        self.resize(560, 560)
        self.list.setFocus()

    @property
    def chosen(self) -> str:
        """The key of the current example."""
        return str(self.list.currentItem().data(Qt.ItemDataRole.UserRole))


class _FrameDelegate(QStyledItemDelegate):
    """Paints an item without its text, which is there to be found: the row over it has the words."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.text = ""


class _ExampleRow(QWidget):
    def __init__(self, title: str, summary: str) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 7, 10, 7)
        column.setSpacing(2)
        name, words = QLabel(title), QLabel(summary)
        name.setFont(ui_font(bold=True))
        words.setWordWrap(True)
        words.setFixedWidth(_ROW_WIDTH)
        words.setProperty("role", "dim")
        column.addWidget(name)
        column.addWidget(words)
        self._name, self._words, self._column = name, words, column

    def needed_height(self) -> int:
        """Give the height at which every line can be read."""
        for label in (self._name, self._words):
            label.ensurePolished()
        margins = self._column.contentsMargins()
        words = self._words.heightForWidth(_ROW_WIDTH)
        return self._name.sizeHint().height() + words + self._column.spacing() + margins.top() + margins.bottom()


IDEA = (
    (
        "Two different things",
        "Training a network is often called “backpropagation”. It is two things that meet once a step.",
    ),
    (
        "1 · A gradient method computes g",
        "Backpropagation is the chain rule run backwards over the graph (reverse-mode automatic differentiation). It "
        "tells how the loss would change with each weight. It changes no weight, and it works on any "
        "function that is put together from differentiable steps, not on networks alone.",
    ),
    (
        "2 · An optimizer uses g",
        "Stochastic gradient descent, momentum, RMSProp and Adam turn g into Δw and add it to the weights. They do "
        "not care where g came from.",
    ),
    (
        "Either can be swapped",
        "Choose finite differences in the first slot: the same g but for rounding, at the cost of two forward passes a "
        "weight. Choose "
        "another optimizer in the second slot: another way down with the same g. Choose “none” in one, and see what "
        "the other does.",
    ),
    (
        "Watch it happen",
        "Press Micro-step: sample, forward, loss, backward, update. The lock at the right of the bar opens in phase 5 "
        "only, and only if there are both a g and an optimizer.",
    ),
)


_PAGE_FRAME = QSize(28, 78)
"""What a page needs around what it shows: margins, and the row of its button."""


def show_idea(parent: QWidget) -> None:
    """Show what the program is about."""
    body = QWidget()
    column = QVBoxLayout(body)
    column.setSpacing(4)
    for title, words in IDEA:
        heading, text = QLabel(tr(title)), QLabel(tr(words))
        heading.setFont(ui_font(1, bold=True))
        text.setWordWrap(True)
        column.addWidget(heading)
        column.addWidget(text)
        column.addSpacing(10)
    column.addStretch(1)
    _show_page(parent, tr("Backpropagation and SGD"), body, QSize(560, 470))


def show_shortcuts(parent: QWidget) -> None:
    """Show all keys."""
    sheet = ShortcutSheet()
    sheet.ensurePolished()
    needed = sheet.sizeHint() + _PAGE_FRAME
    _show_page(parent, tr("Keyboard Shortcuts"), sheet, needed.boundedTo(parent.window().size()))


def show_text(parent: QWidget, title: str, text: str) -> None:
    """Show a text that can be copied."""
    body = QPlainTextEdit(text)
    body.setReadOnly(True)
    body.setFont(number_font())
    _show_page(parent, title, body, QSize(720, 420))


def show_about(parent: QWidget) -> None:
    """Show name and version."""
    body = QWidget()
    row = QHBoxLayout(body)
    picture = QLabel()
    picture.setPixmap(application_icon().pixmap(64, 64))
    row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    row.addSpacing(12)
    words = QLabel(
        tr(
            "<b>Backprop Lab {version}</b><p>See the gradient being computed, see the weights being changed: two slots "
            "on one pipeline.</p><p>MIT license. It uses Qt for Python, numpy, pyqtgraph and msgspec.</p>",
            version=VERSION,
        )
    )
    words.setWordWrap(True)
    row.addWidget(words, 1)
    _show_page(parent, tr("About Backprop Lab"), body, QSize(440, 210))


def _show_page(parent: QWidget, title: str, body: QWidget, size: QSize) -> None:
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    column = QVBoxLayout(dialog)
    if isinstance(body, QPlainTextEdit):
        column.addWidget(body)
    else:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(body)
        column.addWidget(area)
    buttons = QDialogButtonBox()
    buttons.addButton(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(buttons)
    dialog.resize(size)
    _exec(dialog)


def _message_box(parent: QWidget, icon: QMessageBox.Icon, title: str, words: str) -> QMessageBox:
    """Make a box without buttons; names of files are in its words, so that none of them is read as HTML."""
    box = QMessageBox(parent)
    box.setIcon(icon)
    box.setWindowTitle(tr("Backprop Lab"))
    box.setText(title)
    box.setInformativeText(words)
    box.setTextFormat(Qt.TextFormat.PlainText)
    return box


def _exec(dialog: QDialog) -> int:
    """Show a dialog until it is answered. It is then deleted, as its parent lives as long as the program."""
    try:
        return dialog.exec()
    finally:
        dialog.deleteLater()


def _file_filter() -> str:
    return tr("Backprop Lab networks (*{suffix})", suffix=SUFFIX)
