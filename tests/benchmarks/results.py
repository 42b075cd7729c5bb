"""What was measured, and the tables that are made of it. Nothing here measures anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.benchmarks.peers import YARDSTICK, Peer

LOSS_TOLERANCE = 1e-6
"""Relative; rounding errors grow over the checked steps, most in deep networks."""
LOOSE_TOLERANCE = 0.02
"""For a library whose formulas differ a little from ours."""


@dataclass
class Cell:
    """A peer at a workload: microseconds a step, one for each round, or why there are none."""

    rounds: list[float] = field(default_factory=list)
    problem: str = ""

    @property
    def median(self) -> float | None:
        """The round in the middle."""
        return median(self.rounds) if self.rounds and not self.problem else None

    @property
    def best(self) -> float | None:
        """The fastest round."""
        return min(self.rounds) if self.rounds and not self.problem else None


Cells = Mapping[tuple[str, str], Cell]
"""By (peer, workload)."""


def loss_problem(peer: Peer, loss: float, expected: float) -> str:
    """Say what is wrong with the loss that a peer has reached, or give an empty text."""
    tolerance = LOSS_TOLERANCE if peer.is_exact else LOOSE_TOLERANCE
    # Written so that NaN is a problem too.
    if abs(loss - expected) <= tolerance * abs(expected):
        return ""
    return f"its loss is {loss:.9g} where reference has {expected:.9g}"


def ratio(cells: Cells, peer: str, workload: str, other: str = YARDSTICK) -> float | None:
    """Give how many times as long as another a peer takes, by their medians; None where one is missing."""
    return _quotient(*(cells.get((key, workload), Cell()).median for key in (peer, other)))


def best_ratio(cells: Cells, peer: str, workload: str, other: str = YARDSTICK) -> float | None:
    """Give the same by their best rounds, which say more on a machine that does other things too."""
    return _quotient(*(cells.get((key, workload), Cell()).best for key in (peer, other)))


def _quotient(own: float | None, other: float | None) -> float | None:
    return None if own is None or other is None else own / other


def number(value: float | None) -> str:
    """Write a number with three digits, a missing one as a dash."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def speed_table(cells: Cells, peers: Sequence[Peer], workloads: Sequence[str]) -> list[list[str]]:
    """Give rows of "median (best) ratio" for those peers that have done any of the workloads, the head first."""
    rows = [["µs a step: median (best) × hand-tuned C", *workloads]]
    for peer in peers:
        own = [cells.get((peer.key, workload), Cell()) for workload in workloads]
        if all(cell.median is None for cell in own):
            continue
        words = []
        for cell, workload in zip(own, workloads, strict=True):
            share = ratio(cells, peer.key, workload)
            times = f" ×{number(share)}" if share is not None and peer.key != YARDSTICK else ""
            words.append("–" if cell.median is None else f"{number(cell.median)} ({number(cell.best)}){times}")
        rows.append([peer.label, *words])
    return rows


def growth_table(cells: Cells, peers: Sequence[Peer], depths: Mapping[int, str]) -> list[list[str]]:
    """Give rows of medians by depth, with what one more layer costs: in the first half of them, and in the last."""
    counts = list(depths)
    middle = counts[len(counts) // 2]
    first, last = f"a layer, {counts[0]}–{middle}", f"a layer, {middle}–{counts[-1]}"
    rows = [["µs a step: median", *map(str, counts), first, last]]
    for peer in peers:
        medians = {depth: cells.get((peer.key, workload), Cell()).median for depth, workload in depths.items()}
        if all(value is None for value in medians.values()):
            continue
        slopes = [slope(medians, a, b) for a, b in ((counts[0], middle), (middle, counts[-1]))]
        rows.append([peer.label, *map(number, medians.values()), *map(number, slopes)])
    return rows


def slope(medians: Mapping[int, float | None], low: int, high: int) -> float | None:
    """Give what one more layer costs between two depths; None where one of them is missing or there is only one."""
    a, b = medians[low], medians[high]
    return None if a is None or b is None or low == high else (b - a) / (high - low)


def problem_lines(cells: Cells, peers: Sequence[Peer]) -> list[str]:
    """Say why peers are missing: once where it is the same for all workloads."""
    lines = []
    for peer in peers:
        reasons: dict[str, list[str]] = {}
        for (key, workload), cell in cells.items():
            if key == peer.key and cell.problem:
                reasons.setdefault(cell.problem, []).append(workload)
        for reason, workloads in reasons.items():
            is_everywhere = len(workloads) == sum(key == peer.key for key, _ in cells)
            places = "" if is_everywhere else f" ({', '.join(workloads)})"
            lines.append(f"{peer.label}{places}: {reason}")
    return lines


@dataclass(frozen=True)
class Bar:
    """One demand of the bar: `peer` takes at most `limit` times what `other` takes."""

    peer: str
    other: str
    workload: str
    limit: float


LIMITS = {"W1": 3.0, "W2": 2.0, "W3": 2.0, "W4": 2.0}
BARS = (
    *(Bar("compiled-1000", YARDSTICK, workload, limit) for workload, limit in LIMITS.items()),
    *(Bar("compiled-1000", "torch", workload, 1 / 200) for workload in ("W1", "W2")),
    *(Bar("compiled-1000", "jax", workload, 1.0) for workload in LIMITS),
    *(Bar("reference", "torch", workload, 1 / 15) for workload in ("W1", "W2")),
)


def bar_table(cells: Cells, labels: Mapping[str, str]) -> list[list[str]]:
    """Say of each demand on what was to be measured whether it is met, by the medians."""
    rows = [["demand", "wanted", "medians", "bests", "by medians"]]
    for bar in BARS:
        if not {bar.peer, bar.other} <= labels.keys() or (bar.peer, bar.workload) not in cells:
            continue
        found = ratio(cells, bar.peer, bar.workload, bar.other)
        words = "not measured" if found is None else "met" if found <= bar.limit else "missed"
        demand = f"{bar.workload}: {labels[bar.peer]} / {labels[bar.other]}"
        best = best_ratio(cells, bar.peer, bar.workload, bar.other)
        rows.append([demand, f"≤ {bar.limit:.3g}", number(found), number(best), words])
    return rows


def terminal(rows: Sequence[Sequence[str]]) -> str:
    """Set a table for a terminal."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "─" * len(lines[0]), *lines[1:]])


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Set a table for a Markdown file."""
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])
