"""The row of plots: how many are side by side, which, and that none is forgotten or cut off."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox, QToolButton
from pytestqt.qtbot import QtBot

from engine.snapshot import Snapshot
from ui.plots import PANELS, create_deck
from ui.plots.deck import MIN_HEIGHT, Deck
from ui.plots.export import csv_text, save
from ui.plots.loss import LossPanel
from ui.theme import current


def show(qtbot: QtBot, width: int, height: int, snapshot: Snapshot | None = None) -> Deck:
    deck = create_deck()
    qtbot.addWidget(deck)
    deck.resize(width, height)
    deck.show()
    deck.show_snapshot(snapshot)
    QApplication.sendPostedEvents()
    return deck


def places(deck: Deck) -> list[QRect]:
    """Give where the visible panels lie in the deck."""
    panels = [deck.panels[key] for key in deck.visible_keys]
    assert all(panel.isVisible() for panel in panels)
    return [QRect(panel.mapTo(deck, QPoint()), panel.size()) for panel in panels]


def loss_of(deck: Deck) -> LossPanel:
    panel = deck.panels["loss"]
    assert isinstance(panel, LossPanel)
    return panel


def test_every_plot_has_a_key_a_title_and_a_sentence_of_its_own() -> None:
    assert len({panel.key for panel in PANELS}) == len(PANELS) == 4
    assert len({panel.label for panel in PANELS}) == 4
    assert all(panel.help.endswith(".") for panel in PANELS)


def test_in_a_run_the_plots_are_drawn_one_after_another_and_at_its_end_at_once(
    qtbot: QtBot, moons_run: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    deck = show(qtbot, 1440, 230)
    drawn: list[str] = []
    for key, panel in deck.panels.items():
        monkeypatch.setattr(panel, "show_snapshot", lambda *_, key=key, **__: drawn.append(key))
    deck.show_snapshot(moons_run, is_running=True)
    assert drawn == []
    while not drawn:
        QApplication.processEvents()
    count = len(drawn)
    deck.show_snapshot(moons_run, is_running=True)
    qtbot.waitUntil(lambda: len(drawn) == 4 + count)
    assert drawn == [*deck.keys, *deck.keys[:count]], "those that have waited longest come first"
    drawn.clear()
    deck.show_snapshot(moons_run, is_running=True)
    deck.show_snapshot(moons_run)
    assert drawn == list(deck.keys)


@pytest.mark.parametrize(
    ("width", "height", "count"), [(1440, 230, 4), (1920, 300, 4), (1280, MIN_HEIGHT, 2), (800, 200, 1)]
)
def test_as_many_plots_as_there_is_room_for_stand_side_by_side(
    qtbot: QtBot, moons_run: Snapshot, width: int, height: int, count: int
) -> None:
    deck = show(qtbot, width, height, moons_run)
    found = places(deck)
    assert len(found) == count
    assert [panel.isVisible() for panel in deck.panels.values()].count(True) == count
    assert all(deck.rect().contains(place) for place in found)
    assert all(left.right() < right.left() for left, right in pairwise(found))
    widths = [place.width() for place in found]
    assert max(widths) - min(widths) <= 2


@pytest.mark.parametrize(("width", "height"), [(1440, 230), (1280, MIN_HEIGHT)])
def test_nothing_in_a_plot_is_cut_off(qtbot: QtBot, moons_run: Snapshot, width: int, height: int) -> None:
    deck = show(qtbot, width, height, moons_run)
    for key in deck.visible_keys:
        panel = deck.panels[key]
        words = [w for w in (*panel.findChildren(QLabel), *panel.findChildren(QToolButton)) if w.isVisible()]
        assert words
        for widget in words:
            assert panel.rect().contains(QRect(widget.mapTo(panel, QPoint()), widget.size()))
            if not (isinstance(widget, QLabel) and widget.wordWrap()):
                assert widget.width() >= widget.sizeHint().width()


def test_narrow_windows_offer_the_hidden_plots_in_the_titles(qtbot: QtBot, moons_run: Snapshot) -> None:
    deck = show(qtbot, 1280, 160, moons_run)
    assert deck.visible_keys == ("loss", "predictions")
    menu = deck.panels["predictions"].switch_menu
    assert [action.text() for action in menu.actions()] == ["Loss", "Gradient norm by layer", "Weights by layer"]
    menu.actions()[1].trigger()
    assert deck.visible_keys == ("loss", "gradients")
    assert deck.panels["gradients"].isVisible()
    assert deck.panels["gradients"].empty_text == ""
    assert not deck.panels["predictions"].isVisible()
    assert sorted(deck.keys) == sorted(deck.panels)


def test_choosing_a_visible_plot_swaps_the_two(qtbot: QtBot) -> None:
    deck = show(qtbot, 1280, 160)
    deck.panels["loss"].switch_menu.actions()[0].trigger()
    assert deck.visible_keys == ("predictions", "loss")
    left, right = places(deck)
    assert left.right() < right.left()


def test_in_a_wide_window_titles_are_plain(qtbot: QtBot) -> None:
    deck = show(qtbot, 1440, 230)
    assert all(not panel._switch.isVisible() and panel._title.isVisible() for panel in deck.panels.values())


def test_widening_the_window_shows_the_others_up_to_date(qtbot: QtBot, moons_run: Snapshot) -> None:
    deck = show(qtbot, 1280, 160, moons_run)
    deck.resize(1440, 230)
    assert len(places(deck)) == 4
    assert all(panel.empty_text == "" for panel in deck.panels.values())


def test_chosen_plots_are_shown_in_their_order(qtbot: QtBot) -> None:
    deck = show(qtbot, 1440, 230)
    deck.show_panels(["weights", "no such plot", "loss"])
    assert deck.keys == ("weights", "loss")
    assert deck.visible_keys == ("weights", "loss")
    assert len(places(deck)) == 2


def test_without_a_run_all_plots_are_empty(qtbot: QtBot, moons_run: Snapshot) -> None:
    deck = show(qtbot, 1440, 230, moons_run)
    deck.show_snapshot(None)
    assert all(panel.empty_text for panel in deck.panels.values())


def test_pointing_at_a_step_in_one_plot_points_at_it_in_all(qtbot: QtBot, moons_run: Snapshot) -> None:
    deck = show(qtbot, 1440, 230, moons_run)
    told: list[float | None] = []
    deck.hovered.connect(told.append)
    deck.panels["gradients"].hovered.emit(20.0)
    assert told == [20.0]
    assert loss_of(deck).legend.text().startswith("step 20")
    deck.show_crosshair(None)
    assert "step" not in loss_of(deck).legend.text()


def test_the_theme_reaches_every_plot(qtbot: QtBot, moons_run: Snapshot) -> None:
    deck = show(qtbot, 1440, 230, moons_run)
    light = deck.grab().toImage()
    current().set_mode("dark")
    dark = deck.grab().toImage()
    for place in places(deck):
        middle = place.center() + QPoint(0, 20)
        assert light.pixelColor(middle) != dark.pixelColor(middle)


# ---- saving ----------------------------------------------------------------------------------------------------------


def test_a_table_is_saved_where_the_user_says(
    qtbot: QtBot, moons_run: Snapshot, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{tmp_path}/loss.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (path, ""))
    panel = loss_of(show(qtbot, 1440, 230, moons_run))
    panel.data_action.trigger()
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert lines[0] == "series,step,value"
    assert float(lines[1].split(",")[2]) == moons_run.curves.batch_loss[0]
    assert len(lines) == len(panel.table())


def test_a_picture_is_saved_and_copied(
    qtbot: QtBot, moons_run: Snapshot, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{tmp_path}/loss.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (path, ""))
    panel = loss_of(show(qtbot, 1440, 230, moons_run))
    panel.picture_action.trigger()
    with open(path, "rb") as file:
        assert file.read(4) == b"\x89PNG"
    panel.copy_action.trigger()
    assert QGuiApplication.clipboard().image().size() == panel.size()


def test_a_file_that_cannot_be_written_is_said(
    qtbot: QtBot, moons_run: Snapshot, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (f"{tmp_path}/no/such/folder.csv", ""))
    monkeypatch.setattr(QMessageBox, "warning", lambda *arguments: told.append(arguments[2]))
    panel = loss_of(show(qtbot, 1440, 230, moons_run))
    panel.data_action.trigger()
    assert len(told) == 1
    assert "folder.csv could not be saved" in told[0]


def test_saving_replaces_the_whole_file(tmp_path: object) -> None:
    path = f"{tmp_path}/table.csv"
    save(path, b"a much longer text than the next one")
    save(path, csv_text([("a", "b"), ('with "quotes"', repr(np.pi))]).encode())
    with open(path, encoding="utf-8") as file:
        assert file.read() == f'a,b\n"with ""quotes""",{np.pi!r}\n'
