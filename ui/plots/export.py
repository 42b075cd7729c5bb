"""Saving what a plot shows: a picture or a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QSaveFile
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.translate import tr


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Write rows as comma-separated values."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def png_bytes(picture: QPixmap) -> bytes:
    """Write a picture as PNG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(buffer.data().data())


def save(path: str, content: bytes) -> None:
    """Write a file whole or not at all. Raises OSError with the reason."""
    file = QSaveFile(path)
    if not file.open(QIODevice.OpenModeFlag.WriteOnly) or file.write(content) != len(content) or not file.commit():
        raise OSError(file.errorString())


def save_picture_as(parent: QWidget, picture: QPixmap, title: str) -> None:
    """Ask where to save a picture, and save it."""
    _save_as(parent, png_bytes(picture), tr("Save picture"), f"{title}.png", tr("PNG picture (*.png)"))


def save_data_as(parent: QWidget, rows: Sequence[Sequence[str]], title: str) -> None:
    """Ask where to save a table, and save it."""
    _save_as(parent, csv_text(rows).encode(), tr("Save data"), f"{title}.csv", tr("Comma-separated values (*.csv)"))


def _save_as(parent: QWidget, content: bytes, caption: str, name: str, kinds: str) -> None:
    path, _ = QFileDialog.getSaveFileName(parent, caption, str(Path.home() / name), kinds)
    if not path:
        return
    try:
        save(path, content)
    except OSError as error:
        QMessageBox.warning(parent, caption, tr("{path} could not be saved: {reason}", path=path, reason=str(error)))
