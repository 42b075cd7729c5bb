"""The whole report, for a terminal and as docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tests.benchmarks.peer import CHECKED_STEPS
from tests.benchmarks.peers import Peer
from tests.benchmarks.problem import Network
from tests.benchmarks.results import (
    Cells,
    bar_table,
    growth_table,
    markdown,
    problem_lines,
    speed_table,
    terminal,
)
from tests.benchmarks.workloads import DEPTHS, MAIN, growing

INTRODUCTION = """\
# Benchmarks

Written by `python3 run.py bench`; run it again rather than edit this. Times say something about this machine on this
day, ratios more. The test suite never looks at a time.
"""
EXPLANATION = f"""\
A step is sample, forward, loss, backward and update, in float64, on one core. Each peer is a process of its own, and
rounds go round the peers. All peers take the same rows, orders and first weights, made by the engine, and none is timed
before its loss after {CHECKED_STEPS} steps is that of `reference`. The engine draws each epoch's order within the time;
the others have the first 1,000 steps' rows ready and take them again and again. `compiled` with 1,000 steps a call
gives each step's loss, the norm of each layer's gradient, and whether all numbers are finite; the C programs and the
libraries record nothing. "reference" alone does not either; "recording" is a run as the window has it, with curves, the
way back and, on `compiled`, two stop conditions.
The hand-tuned C is compiled for its network's batch size and layer sizes; the plain C for its batch size only.
"""


@dataclass(frozen=True)
class Report:
    """What was measured, where and how."""

    cells: Cells
    peers: Sequence[Peer]
    measures: Sequence[tuple[str, str]]
    """What needs a window: words and value."""
    machine: Sequence[str]
    load: str
    rounds: int
    seconds: float

    def _tables(self) -> list[tuple[str, list[list[str]]]]:
        measured = {workload for _, workload in self.cells}
        main = [network.key for network in MAIN if network.key in measured]
        depths = {depth: growing(depth).key for depth in DEPTHS if growing(depth).key in measured}
        labels = {peer.key: peer.label for peer in self.peers}
        tables = [("A training step", speed_table(self.cells, self.peers, main))] if main else []
        if len(depths) > 1:
            tables.append(("Growth over hidden layers of 8 units", growth_table(self.cells, self.peers, depths)))
        bars = bar_table(self.cells, labels)
        if len(bars) > 1:
            tables.append(("The bar", bars))
        if self.measures:
            tables.append(("The window", [["what", "measured"], *map(list, self.measures)]))
        return tables

    def for_terminal(self) -> str:
        """Give the tables in plain text."""
        parts = [f"{title}\n{terminal(rows)}" for title, rows in self._tables()]
        if lines := problem_lines(self.cells, self.peers):
            parts.append("Not measured\n" + "\n".join(lines))
        return "\n\n".join(parts)

    def for_file(self) -> str:
        """Give the file."""
        about = [*self.machine, f"{date.today()}; {self.rounds} rounds of {self.seconds:g} s; {self.load}"]
        parts = [INTRODUCTION, _bullets(about), _bullets(map(_describe, MAIN)), EXPLANATION]
        parts += [f"## {title}\n\n{markdown(rows)}" for title, rows in self._tables()]
        parts.append("What was tried where a demand is missed: [decision 13](decisions/0013-kernels.md).")
        if lines := problem_lines(self.cells, self.peers):
            parts.append(f"## Not measured\n\n{_bullets(lines)}")
        return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _describe(network: Network) -> str:
    sizes, loss = "-".join(map(str, network.sizes)), network.loss.replace("_", " ")
    return f"{network.key}: {sizes} {network.activation}, {loss}, batch {network.batch}, {network.optimizer}"
