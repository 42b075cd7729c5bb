"""Every micro-step of every example, by key: what changes when, and that every number on screen is the arena's."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.examples import EXAMPLES
from app.translate import format_number
from engine.explanation_parts import COMPUTED, Number
from engine.ops.call import Array
from engine.program import Phase
from engine.snapshot import Snapshot
from tests.engine.explanations import lines_of, numbers_of
from tests.ui.gestures import choose_tab
from ui.canvas.details import edge_details
from ui.canvas.stage import Chip
from ui.main_window import MainWindow
from ui.maths.typesetting import number_text, plain_number

LONGER = ("xor", "xor-genetic", "valley")
"""The examples that are walked for two steps, so that what is left of the first one is seen in the second."""


def digest(array: Array) -> str:
    return sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


@dataclass
class Walk:
    """A window, and what is known of the run independently of what it shows."""

    window: MainWindow
    weights: str = ""
    gradient: str = ""
    loss: float | None = None
    norm: float | None = None
    checked: dict[Phase, int] = field(default_factory=dict)

    @property
    def now(self) -> Snapshot:
        assert self.window.runner.snapshot is not None
        return self.window.runner.snapshot

    def region(self, number: int) -> Array:
        return self.now.program.region(self.now.arena, number)

    def micro_step(self) -> None:
        """Press the key, and check what may have changed: weights in the update alone, g nowhere but in phase 4."""
        self.weights, self.gradient = digest(self.region(0)), digest(self.region(1))
        QTest.keyClick(self.window.canvas, Qt.Key.Key_F6)
        now = self.now
        assert now.last is not None
        phase, is_update = now.last.phase, now.micro == 0
        self.checked[phase] = self.checked.get(phase, 0) + 1
        if not is_update:
            assert digest(self.region(0)) == self.weights, now.last
        elif now.has_changed_weights:
            assert digest(self.region(0)) != self.weights
        if phase is not Phase.BACKWARD:
            assert digest(self.region(1)) == self.gradient, now.last
        program = now.program
        if phase is Phase.LOSS and now.next.phase is not Phase.LOSS:
            self.loss = float(program.view(now.arena, program.loss, len(now.batch))[0, 0])
        if phase is Phase.BACKWARD and now.next.phase is not Phase.BACKWARD:
            self.norm = math.sqrt(sum(float((now.gradient(p) ** 2).sum()) for p in program.parameters))

    def check_bar(self) -> None:
        """The pipeline bar: the loss, ‖g‖ and the lock."""
        bar, now = self.window.pipeline, self.now
        shown = "—" if self.loss is None else format_number(self.loss)
        assert bar.evaluate.loss.text() == f"L = {shown}"
        assert bar.gradient.text().startswith(self.gradient_words())
        is_open = now.micro == 0 and now.has_changed_weights
        assert bar.weights.words.text().startswith("changed in step" if is_open else "locked")

    def gradient_words(self) -> str:
        now = self.now
        if not now.is_method_called:
            return "no g"
        is_making = now.phase is Phase.BACKWARD and now.next.phase is Phase.BACKWARD
        return "‖g‖ …" if is_making else "‖g‖ —" if self.norm is None else f"‖g‖ {format_number(self.norm)}"

    def check_headline(self, final: Array) -> None:
        """The sentence: rows drawn, the loss, how many numbers of g are as they will be, the loss before the update."""
        now, program = self.now, self.now.program
        label = self.window.canvas.headline.words
        words = unescape(re.sub(r"<[^>]*>", "", label.text())).replace("\N{NARROW NO-BREAK SPACE}", "")
        assert now.last is not None
        if now.last.phase is Phase.SAMPLE and program.data:
            count = f"{len(now.batch)} of {now.train_rows}"
            assert words.startswith(
                f"Drew {'all ' + str(now.train_rows) if len(now.batch) == now.train_rows else count} rows"
            )
        if now.last.phase is Phase.LOSS and now.next.phase is not Phase.LOSS and self.loss is not None:
            assert format_number(self.loss) in words
        counted = re.search(r"computed (\d+) of (\d+) numbers of g", words)
        if counted is not None:
            g = self.region(1)
            there = [p for p in program.parameters if np.array_equal(program.part(g, p), program.part(final, p))]
            # A part that is 0 in the end looks as if it were there from the first.
            least = sum(p.size for p in there if program.part(final, p).any())
            assert least <= int(counted[1]) <= sum(p.size for p in there)
            assert int(counted[2]) == sum(p.size for p in program.parameters)
        if now.micro == 0 and now.has_changed_weights and now.is_method_called:
            assert f"same batch {format_number(self.loss or 0.0)}" in words

    def check_cards(self, final: Array) -> None:
        """The chips say fresh only of what is as it will be when the phase is over; the loss card has the loss."""
        now, program = self.now, self.now.program
        for node, item in self.window.canvas._scene.nodes.items():
            if node in program.layers and item.look.gradient is Chip.FRESH:
                own = program.layer_range(node)
                assert now.phase in (Phase.BACKWARD, Phase.UPDATE)
                np.testing.assert_array_equal(self.region(1)[own], final[own])
            if node in program.layers and item.look.update is Chip.FRESH:
                assert now.micro == 0
                assert now.last is not None
                assert now.last.phase is Phase.UPDATE
            if node == program.loss.node:
                assert item.look.number == ("—" if self.loss is None else format_number(self.loss))

    def check_tooltips(self) -> None:
        """What a wire carries, and the size of δ."""
        now, graph = self.now, self.now.program.graph
        for edge in graph.edges:
            words = unescape(edge_details(edge, graph, self.window.runner.compilation, now))
            if edge.source in now.program.outputs and len(now.batch):
                values = now.activation(edge.source)
                for number in (values.min(), values.mean(), values.max()):
                    assert format_number(float(number)) in words
            delta = re.search(r"‖δ‖ (\S+)", words)
            if delta is not None:
                found = now.program.adjoint(now.arena, now.program.outputs[edge.source], now.rows)
                assert found is not None
                assert delta[1] == format_number(math.sqrt(float((found**2).sum())))

    def check_maths(self) -> None:
        """Every number of a line lies in the arena where it says, and is written out in the tab."""
        maths, arenas = self.window.side.maths, [self.now.arena]
        found = maths.explanation
        assert found is not None
        if maths._moments.before is not None:
            arenas.append(maths._moments.before.arena)
        blocks = " ".join(unescape(block.text()) for block in maths.works)
        for line in lines_of(found):
            for number in numbers_of(line):
                if number.place != COMPUTED:
                    # Between two steps w of before the update is w − Δw, which is the same but for its last bit.
                    known = [float(arena[number.place]) for arena in arenas]
                    assert any(number.value == pytest.approx(value, rel=1e-12, abs=1e-15) for value in known)
            last = line.parts[-1]
            if isinstance(last, Number):
                shown = plain_number(last.value) if last.place == COMPUTED else number_text(last.value)
                assert shown in blocks


@pytest.mark.parametrize("key", [example.key for example in EXAMPLES])
def test_what_is_shown_is_the_arenas_and_weights_change_in_the_update_alone(window: MainWindow, key: str) -> None:
    window.files.open_example(key)
    window.runner.reset()
    choose_tab(window, window.side.maths)
    walk = Walk(window)
    steps = 2 if key in LONGER else 1
    for _ in range(steps):
        finals = gradient_of_the_step(window)
        for _ in range(walk.now.micro_count):
            walk.micro_step()
            walk.check_bar()
            walk.check_headline(finals)
            walk.check_cards(finals)
            walk.check_tooltips()
            walk.check_maths()
    assert walk.now.step == steps
    phases = {Phase.SAMPLE, Phase.FORWARD, Phase.LOSS, Phase.UPDATE}
    assert walk.checked.keys() == (phases | {Phase.BACKWARD} if walk.now.is_method_called else phases)


def gradient_of_the_step(window: MainWindow) -> Array:
    """Look ahead: give the g that the coming step will have, and come back."""
    runner = window.runner
    assert runner.snapshot is not None
    step = runner.snapshot.step
    runner.step()
    program = runner.snapshot.program
    found = program.region(runner.snapshot.arena, 1).copy()
    runner.go_to(step)
    runner.branch()
    return found
