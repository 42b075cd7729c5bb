"""The legend: all in one line, and what is left out when it is narrow."""

from PySide6.QtGui import QPen
from pytestqt.qtbot import QtBot

from ui.plots.drawn import pen_of
from ui.plots.legend import Entry, Legend
from ui.theme import current


def make_legend(qtbot: QtBot, width: int, count: int) -> Legend:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show_theme(current().colors)
    legend.resize(width, legend.height())
    legend.show_entries([Entry(f"layer {k}", pen_of("#000000"), f"0.{k:04d}") for k in range(count)], "step 12")
    return legend


def test_the_text_has_the_words_the_names_and_the_values(qtbot: QtBot) -> None:
    legend = make_legend(qtbot, 400, 2)
    assert legend.text() == "step 12   layer 0 0.0000   layer 1 0.0001"
    assert legend.toolTip() == legend.text()


def test_values_go_first_and_then_the_last_curves_when_it_is_narrow(qtbot: QtBot) -> None:
    fits = make_legend(qtbot, 600, 3)._fitting(500)
    assert [(entry.label, entry.value) for entry in fits][:1] == [("layer 0", "0.0000")]
    narrow = make_legend(qtbot, 600, 3)._fitting(240)
    assert [(entry.label, entry.value) for entry in narrow] == [("layer 0", ""), ("layer 1", ""), ("layer 2", "")]
    narrower = make_legend(qtbot, 600, 3)._fitting(120)
    assert [entry.label for entry in narrower] == ["layer 0", "…"]
    assert make_legend(qtbot, 600, 3)._fitting(5) == []


def test_while_values_are_read_the_samples_go_first(qtbot: QtBot) -> None:
    legend = make_legend(qtbot, 600, 3)
    legend.show_entries(legend._entries, "step 12", is_reading=True)
    assert [(entry.sample, entry.value) for entry in legend._fitting(310)] == [
        (None, "0.0000"),
        (None, "0.0001"),
        (None, "0.0002"),
    ]


def test_it_paints_at_any_width(qtbot: QtBot) -> None:
    blank = make_legend(qtbot, 300, 0)
    blank.show_entries(())
    for width in (1, 30, 300):
        legend = make_legend(qtbot, width, 4)
        picture = legend.grab().toImage()
        blank.resize(width, blank.height())
        assert width < 30 or picture != blank.grab().toImage()
    assert isinstance(pen_of("#000000"), QPen)
