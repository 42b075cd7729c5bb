"""Every visible string goes through the one translate function: under a pseudo-language each of them shows its mark."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QTabWidget,
    QToolButton,
    QWidget,
)

from app.translate import CONTEXT
from tests.ui.conftest import WindowMaker
from ui.dialogs import ExamplesDialog
from ui.main_window import MainWindow

MARK = "※"
WORD = re.compile(r"[A-Za-z]{3,}")
NAMES = ("Backprop Lab", "sin")
"""What is the same in every language."""


class PseudoLanguage(QTranslator):
    """Puts a mark before every text of ours."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        """Mark a text; those of Qt itself stay."""
        return f"{MARK}{source}" if context == CONTEXT else source


@pytest.fixture
def _pseudo_language() -> Iterator[None]:
    translator = PseudoLanguage()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def texts_of(widget: QWidget) -> list[str]:
    """Give the texts that a widget and its children show, tool tips among them."""
    found: list[str] = []
    for child in (widget, *widget.findChildren(QWidget)):
        found.append(child.toolTip())
        if isinstance(child, QLabel | QAbstractButton):
            found.append(child.text())
        elif isinstance(child, QLineEdit):
            found.append(child.placeholderText())
        elif isinstance(child, QComboBox):
            found += [child.itemText(k) for k in range(child.count())]
        elif isinstance(child, QTabWidget):
            found += [child.tabText(k) for k in range(child.count())]
        elif isinstance(child, QMenu):
            found.append(child.title())
        if not isinstance(child, QToolButton):
            found += [action.text() for action in child.actions()]
    # pyqtgraph's scene keeps a menu entry of its own that is never shown.
    found += [a.text() for a in widget.findChildren(QAction) if not type(a.parent()).__module__.startswith("pyqtgraph")]
    return found


def unmarked(texts: list[str]) -> set[str]:
    """Give the texts with words that did not go through the translate function."""
    plain = {re.sub(r"<[^>]*>", " ", text) for text in texts if MARK not in text}
    for name in NAMES:
        plain = {text.replace(name, "") for text in plain}
    return {text for text in plain if WORD.search(text)}


@pytest.mark.usefixtures("_pseudo_language")
def test_every_string_of_the_window_is_translated(make_window: WindowMaker) -> None:
    window: MainWindow = make_window()
    for example in ("one-neuron", "iris", "digits", "sine-regression"):
        window.files.open_example(example)
        window.runner.step()
        window.runner.micro_step()
        for ids in ((), (1,), (2,), (1, 2)):
            window.canvas.select(ids)
            for tab in range(window.side.count()):
                window.side.setCurrentIndex(tab)
            assert unmarked(texts_of(window)) == set(), (example, ids)


@pytest.mark.usefixtures("_pseudo_language")
def test_every_string_of_the_examples_is_translated(window: MainWindow) -> None:
    dialog = ExamplesDialog(window)
    assert unmarked(texts_of(dialog)) == set()
