"""Clicks on numbers in the Maths tab, and what then flashes on the canvas."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.graph import Edge
from engine.program import Phase
from tests.ui.gestures import choose_tab
from tests.ui.links import click_link
from tests.ui.travels import shown
from ui.canvas.flash import Flash
from ui.main_window import MainWindow
from ui.maths.panel import MathsPanel

FEATURES, A, B = 1, 2, 3


@pytest.fixture
def moons(window: MainWindow) -> MainWindow:
    """A window with the two moons, the Maths tab in front, and layer B selected."""
    window.files.open_example("two-moons")
    choose_tab(window, window.side.maths)
    window.canvas.select([B])
    return window


def flash(window: MainWindow) -> Flash:
    return window.canvas._scene.flash


def roles(window: MainWindow) -> list[str]:
    return [shape.role for shape in flash(window).item.shapes]


def covers(window: MainWindow, point: QPointF, role: str) -> bool:
    """Tell whether an outline of a role goes around a point, or through it."""
    near = QPainterPath()
    near.addEllipse(point, 3.0, 3.0)
    return any(s.role == role and s.path.intersects(near) for s in flash(window).item.shapes)


def micro_steps_to(window: MainWindow, phase: Phase) -> None:
    """Do micro-steps to the last one of a phase."""
    while not (shown(window).phase is phase and shown(window).next.phase is not phase):
        QTest.keyClick(window.canvas, Qt.Key.Key_F6)


def link_of(maths: MathsPanel, work: int, side: str, name: str) -> str:
    """Give the link of the number of this name in a block."""
    assert maths.explanation is not None
    found = maths.explanation.works[work]
    for number, line in enumerate(found.forward_lines if side == "forward" else found.backward_lines):
        for part, piece in enumerate(line.parts):
            if isinstance(piece, str):
                continue
            for k in range(len(piece) if hasattr(piece, "__len__") else 1):
                for factor in range(2):
                    link = f"number:{work}{side}{number}:{part}:{k}:{factor}"
                    if name in maths._hint(link).splitlines() and link in maths.works[work].text():
                        return link
    raise AssertionError(name)


def tile_edge(window: MainWindow, node: int, unit: int) -> QPointF:
    item = window.canvas._scene.nodes[node]
    tile = item.card.tiles[unit].translated(item.pos())
    return QPointF(tile.left() - 3.0, tile.center().y())


def line_middle(window: MainWindow, edge: Edge, source: int, unit: int) -> QPointF:
    return window.canvas._scene.edges[edge].weight_path(source, unit).pointAtPercent(0.5)


def test_a_weight_flashes_its_line_and_chip_and_the_tab_follows_it(moons: MainWindow, qtbot: QtBot) -> None:
    maths = moons.side.maths
    micro_steps_to(moons, Phase.FORWARD)
    wanted = link_of(maths, 0, "forward", "W₃,₁")
    click_link(qtbot, maths, maths.works[0], lambda link: link == wanted)
    edge = Edge(A, B, "in")
    assert roles(moons) == ["accent", "accent"]
    assert covers(moons, line_middle(moons, edge, 2, 0), "accent")
    assert not covers(moons, line_middle(moons, edge, 0, 1), "accent")
    chip = moons.canvas._scene.nodes[B].card.chips[0].translated(moons.canvas._scene.nodes[B].pos())
    assert covers(moons, QPointF(chip.center().x(), chip.top() - 3.0), "accent")
    assert maths._focus.parameter == "W"
    assert maths._focus.source == 2
    assert "<i>W</i><sub>B</sub>[3,1]" in maths.update_.text()


def test_an_input_flashes_its_unit_and_a_sum_all_its_operands(moons: MainWindow, qtbot: QtBot) -> None:
    maths = moons.side.maths
    micro_steps_to(moons, Phase.FORWARD)
    wanted = link_of(maths, 0, "forward", "A₂")
    click_link(qtbot, maths, maths.works[0], lambda link: link == wanted)
    assert roles(moons) == ["forward"]
    assert covers(moons, tile_edge(moons, A, 1), "forward")
    assert not covers(moons, tile_edge(moons, A, 0), "forward")
    assert maths._focus.source == 0
    result = click_link(qtbot, maths, maths.works[0], lambda link: link.startswith("number:0forward0:3"))
    assert "computed from" in maths._hint(result)
    for unit in range(4):
        assert covers(moons, tile_edge(moons, A, unit), "forward")
        assert covers(moons, line_middle(moons, Edge(A, B, "in"), unit, 0), "accent")


def test_the_gradient_of_a_weight_flashes_values_and_ports_of_delta(moons: MainWindow, qtbot: QtBot) -> None:
    maths = moons.side.maths
    micro_steps_to(moons, Phase.BACKWARD)
    assert maths.explanation is not None
    line = maths.explanation.works[0].backward_lines[0]
    wanted = f"number:0backward0:{len(line.parts) - 1}:0:0"
    click_link(qtbot, maths, maths.works[0], lambda link: link == wanted)
    assert sorted(roles(moons)) == ["backward", "forward"]
    assert covers(moons, tile_edge(moons, A, 0), "forward")
    port = moons.canvas._scene.nodes[B].output_points()[0]
    assert covers(moons, port + QPointF(9.0, 0.0), "backward")


def test_the_update_flashes_chips_of_the_layer(moons: MainWindow, qtbot: QtBot) -> None:
    maths = moons.side.maths
    moons.runner.step()
    assert maths.explanation is not None
    assert maths.explanation.update is not None
    # Without the weights before, the lines of Adam hold what is known: step once more by micro-steps.
    QTest.keyClick(moons.canvas, Qt.Key.Key_F6)
    micro_steps_to(moons, Phase.UPDATE)
    lines = maths.explanation.update.lines
    moved = f"number:update{len(lines) - 1}:"
    click_link(qtbot, maths, maths.update_, lambda link: link.startswith(moved + "3"))
    assert "update" in roles(moons)
    item = moons.canvas._scene.nodes[B]
    chip = item.card.chips[2].translated(item.pos())
    assert covers(moons, QPointF(chip.center().x(), chip.top() - 3.0), "update")


def test_it_pulses_for_a_second_and_then_nothing_is_at_work(moons: MainWindow, qtbot: QtBot) -> None:
    maths = moons.side.maths
    micro_steps_to(moons, Phase.FORWARD)
    click_link(qtbot, maths, maths.works[0], lambda link: link.startswith("number:"))
    item = flash(moons).item
    assert item.isVisible()
    seen = []
    flash(moons)._timer.timeout.connect(lambda: seen.append(item.opacity()))
    qtbot.waitUntil(lambda: not flash(moons).is_on)
    pulses = [b for a, b, c in zip(seen, seen[1:], seen[2:], strict=False) if a < b >= c and b > 0.8]
    assert len(pulses) == 3
    assert not item.isVisible()
    assert item.shapes == ()


def test_where_the_desktop_has_no_animations_it_stands_still(
    moons: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    micro_steps_to(moons, Phase.FORWARD)
    monkeypatch.setattr("ui.canvas.flash._has_animations", lambda: False)
    seen = []
    flash(moons)._timer.timeout.connect(lambda: seen.append(flash(moons).item.opacity()))
    click_link(qtbot, moons.side.maths, moons.side.maths.works[0], lambda link: link.startswith("number:"))
    qtbot.waitUntil(lambda: not flash(moons).is_on)
    assert set(seen) == {1.0}


def test_an_edit_ends_it_and_enter_on_a_link_begins_it(moons: MainWindow) -> None:
    maths = moons.side.maths
    micro_steps_to(moons, Phase.FORWARD)
    maths.works[0].setFocus()
    QTest.keyClick(maths.works[0], Qt.Key.Key_Tab)
    QTest.keyClick(maths.works[0], Qt.Key.Key_Return)
    assert flash(moons).is_on
    moons.canvas.select([A])
    moons.actions_["delete"].trigger()
    assert not flash(moons).is_on
    assert not flash(moons).item.isVisible()
